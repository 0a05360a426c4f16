"""One SQLite connection as we want it: WAL, every commit fsynced, foreign keys on, each setting read back.

I/O. Imported under `server/storage/` only.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from server.errors import StorageError

BUSY_TIMEOUT_MS = 5_000  # another process (a backup, datasette, verify) holds a lock for milliseconds, never seconds
WAL_PAGES = (
    4_000  # 16 MB of log before a checkpoint: at 1,000 (the default) a busy minute checkpoints every few commits
)
WAL_KEPT_BYTES = 64 * 1024 * 1024  # what a burst may leave of the log file on the disk
CACHE_KIB = 16 * 1024
STATEMENTS = 256  # prepared statements kept per connection: more than there are queries

# Builds differ in their defaults, and one that silently ran with synchronous=NORMAL would lose acknowledged edits in
# a power cut.
_DEMANDED: tuple[tuple[str, str | int], ...] = (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1))

Factory = type[sqlite3.Connection]


def connect(path: Path, *, reader: bool = False, factory: Factory = sqlite3.Connection) -> sqlite3.Connection:
    """A connection whose durability settings have been set and read back. Raises StorageError."""
    try:
        # Closed on another thread than it was made on; never used by two at once.
        conn = sqlite3.connect(
            path,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
            factory=factory,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
    except sqlite3.Error as error:
        raise storage_error("open", error) from error
    try:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("PRAGMA foreign_keys=ON")
        conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        conn.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        conn.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
        conn.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        if reader:
            conn.execute("PRAGMA query_only=ON")
        for pragma, wanted in _DEMANDED:
            found = conn.execute(f"PRAGMA {pragma}").fetchone()[0]
            if found != wanted:
                raise StorageError(
                    "storage-unsafe",
                    f"SQLite runs with {pragma}={found}, not {wanted}",
                    "use a local disk: WAL does not work on a network file system",
                )
    except sqlite3.Error as error:
        conn.close()
        raise storage_error("open", error) from error
    except StorageError:
        conn.close()
        raise
    return conn


def storage_error(doing: str, error: sqlite3.Error) -> StorageError:
    """A foreign error as ours. SQLite's message can quote a constraint's column but no value; its name is enough."""
    name: str = getattr(error, "sqlite_errorname", None) or type(error).__name__
    code, hint = _CODES.get("_".join(name.split("_")[:2]), ("storage-failed", ""))
    return StorageError(code, f"could not {doing}: {name}", hint)


_CODES = {
    "SQLITE_FULL": ("disk-full", "make room on the disk that holds data/; the server goes on by itself"),
    "SQLITE_IOERR": ("disk-failed", "the disk refused a read or write: look at the kernel's log"),
    "SQLITE_CORRUPT": ("storage-damaged", "stop, copy data/, and run `rescue-sheet verify`"),
    "SQLITE_NOTADB": ("storage-damaged", "stop, copy data/, and run `rescue-sheet verify`"),
    "SQLITE_CANTOPEN": ("storage-unreachable", "check that data/ exists and may be written"),
    "SQLITE_READONLY": ("storage-readonly", "check that data/ may be written"),
    "SQLITE_BUSY": ("storage-busy", "another program holds the database"),
    "SQLITE_CONSTRAINT": ("storage-conflict", ""),
}
