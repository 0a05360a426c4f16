"""The child process a foreign file is parsed in: 512 MB, 20 s of CPU, and then it is dead, not the server.

I/O: starts a process. Imported by `run`. Run as `python -m server.imports.fence NAME` it is the child.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import msgspec

from schema.errors import SheetError
from server.imports.book import Book
from server.imports.errors import ImportFailed

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_MEMORY_BYTES = 512 * 1024 * 1024
MAX_CPU_S = 20
MAX_WALL_S = 60  # a busy machine may need longer than its CPU time
_FAILED = 3

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class _Failure(msgspec.Struct):
    code: str
    message: str
    hint: str


def open_book(data: bytes, name: str) -> Book:
    """`data` as plain cells. Raises ImportFailed; blocks for seconds: call it from a thread."""
    if not data.strip():
        raise ImportFailed("file-empty", "the file is empty", "")
    if len(data) > MAX_FILE_BYTES:
        raise ImportFailed(
            "file-too-large",
            f"the file has {len(data) / 1e6:.0f} MB, more than {MAX_FILE_BYTES / 1e6:.0f} MB",
            "remove pictures, or split it",
        )
    name = display_name(name)
    room = Path(__file__).resolve().parents[2]
    paths = [str(room), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "server.imports.fence", name],
            input=data,
            capture_output=True,
            timeout=MAX_WALL_S,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_heavy() from None
    if done.returncode == 0:
        return msgspec.msgpack.decode(done.stdout, type=Book)
    if done.returncode == _FAILED:
        failure = msgspec.msgpack.decode(done.stdout, type=_Failure)
        raise ImportFailed(failure.code, failure.message, failure.hint)
    raise _too_heavy()


def _too_heavy() -> ImportFailed:
    return ImportFailed(
        "file-too-heavy",
        f"reading the file takes more than {MAX_CPU_S} s or {MAX_MEMORY_BYTES // 1024**2} MB",
        "copy the rows to a new file, or save the sheet as CSV",
    )


def display_name(name: str) -> str:
    """A file's name as provenance: no folder, no control characters, at most 80 of them."""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1]).strip()[-80:] or "file"


def parse(data: bytes, name: str) -> Book:
    """What the child does: choose the reader by the first bytes, not by the name."""
    from server.imports.delimited import read_delimited
    from server.imports.reading import read_xlsx

    if data.startswith(b"PK"):
        return read_xlsx(data, name)
    if data.startswith(_OLD_EXCEL):
        raise ImportFailed(
            "file-old-excel",
            "this is an old Excel file (.xls), or an .xlsx protected by a password",
            "open it, and save it as .xlsx without a password, or as CSV",
        )
    if data[:5] in (b"%PDF-", b"\x89PNG\r") or data[:3] == b"\xff\xd8\xff":
        raise ImportFailed("file-not-a-table", "this is a document or picture", "XLSX and CSV can be read")
    return read_delimited(data, name)


def _child() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write to disk
    data = sys.stdin.buffer.read()
    try:
        answer: object = parse(data, sys.argv[1])
        code = 0
    except SheetError as error:
        answer, code = _Failure(error.code, error.message, error.hint), _FAILED
    except MemoryError:
        too_heavy = _too_heavy()
        answer, code = _Failure(too_heavy.code, too_heavy.message, too_heavy.hint), _FAILED
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    return code


if __name__ == "__main__":
    sys.exit(_child())
