"""One process at a time on a data folder: whoever holds rows in memory must be the only writer of rows.

I/O. Imported by `server.cli`. The kernel lets go of the lock when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from server.errors import StorageError

LOCK = "lock"


class Lock:
    """Held while a `with` block runs. Raises StorageError `data-in-use` when another process holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._file: int | None = None

    def __enter__(self) -> Lock:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                "storage-unreachable", f"the data folder cannot be used: {error.strerror}", "set SHEET_DATA"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            self._file = None
            raise StorageError(
                "data-in-use",
                "another rescue-sheet process is using this data folder",
                "stop it first, or do it in the app: 管理 has imports, invitations and protection",
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
