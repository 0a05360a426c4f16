"""What runs behind the fence: a task comes in on standard input, a plan or a failure goes out on standard output.

I/O: its two pipes. Started by `fence` as `python -m server.imports.child`; its limits are set before the first foreign byte is read.
"""

from __future__ import annotations

import resource
import sys

import msgspec

from schema.errors import SheetError
from server.imports.book import Book
from server.imports.errors import ImportFailed
from server.imports.plan import ImportPlan

MAX_MEMORY_BYTES = 512 * 1024 * 1024
MAX_CPU_S = 20  # for reading, and as much again for planning: 20,000 rows need 8 s of each
FAILED = 3

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Task(msgspec.Struct, array_like=True):
    """One file to plan."""

    name: str
    key: str
    given: dict[str, dict[str, object] | None]
    data: bytes


class Failure(msgspec.Struct, array_like=True):
    """An ImportFailed on its way through the pipe."""

    code: str
    message: str
    hint: str


def too_heavy() -> ImportFailed:
    return ImportFailed(
        "file-too-heavy",
        f"reading the file takes more than {MAX_CPU_S} s or {MAX_MEMORY_BYTES // 1024**2} MB",
        "copy the rows to a new file, or save the sheet as CSV",
    )


def read_book(data: bytes, name: str) -> Book:
    """A file as plain cells, by its first bytes, not by its name. Raises ImportFailed."""
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
        raise ImportFailed("file-not-a-table", "this is a document or a picture", "XLSX and CSV can be read")
    return read_delimited(data, name)


def _plan(task: Task) -> ImportPlan:
    from server.imports.run import plan_book

    book = read_book(task.data, task.name)
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + MAX_CPU_S, 2 * MAX_CPU_S + 5))
    return plan_book(book, key=task.key, given=task.given)


def main() -> int:
    """Plan one file under limits; the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, 2 * MAX_CPU_S + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write to a disk
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold names and telephones
    try:
        task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
        out = msgspec.msgpack.encode(_plan(task))
        code = 0
    except SheetError as error:
        out, code = msgspec.msgpack.encode(Failure(error.code, error.message, error.hint)), FAILED
    except (MemoryError, RecursionError):
        heavy = too_heavy()
        out, code = msgspec.msgpack.encode(Failure(heavy.code, heavy.message, heavy.hint)), FAILED
    sys.stdout.buffer.write(out)
    return code


if __name__ == "__main__":
    sys.exit(main())
