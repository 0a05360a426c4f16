"""The journal of erasures: a file beside the database that outlives any restore. Ids only, one line each, never rewritten.

I/O. Imported under `server/storage/`. Rule ER6: a line is on the disk before the erasure is committed, so that neither a
crash nor an older backup brings back what somebody was told is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from server.errors import StorageError

JOURNAL = "erasures.jsonl"


class Line(msgspec.Struct, frozen=True):
    """One erasure: of a row, or of a workbook with every row it held."""

    workbook: str
    at_ms: int
    rows: list[tuple[str, str]]  # (sheet, row)
    whole: bool = False
    all: bool = False  # the workbook itself: rows that no line names too


_decoder = msgspec.json.Decoder(Line)


def append(path: Path, line: Line) -> None:
    """Add a line and wait for the disk. Raises StorageError; a torn line is made good by the newline of the next."""
    try:
        fresh = not path.exists()
        torn = not fresh and not _ends_whole(path)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            data = (b"\n" if torn else b"") + msgspec.json.encode(line) + b"\n"
            if os.write(file, data) != len(data):
                raise StorageError("disk-full", "the journal of erasures took only a part", "make room and ask again")
            os.fsync(file)
        finally:
            os.close(file)
        if fresh:
            _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            "journal-failed", f"the journal of erasures cannot be written: {error.strerror}", f"look at {path.name}"
        ) from error


def read(path: Path) -> Iterable[Line]:
    """Every whole line. Raises StorageError for one that is damaged, unless it is the last: that one was never answered."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError("journal-failed", f"{path.name} cannot be read: {error.strerror}") from error
    found: list[Line] = []
    for number, text in enumerate(lines, 1):
        if not text:
            continue
        try:
            found.append(_decoder.decode(text))
        except msgspec.MsgspecError:
            if number < len(lines) and not _is_torn(text):
                raise StorageError(
                    "journal-damaged",
                    f"line {number} of {path.name} is no erasure",
                    "restore the file from a copy: without it what was erased would be served again",
                ) from None
    return found


def _is_torn(text: bytes) -> bool:
    """A beginning of a line that a crash cut off: it lacks its end, and nobody was answered."""
    return text.startswith(b'{"workbook"') and not text.endswith(b"}")


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
