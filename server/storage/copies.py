"""Backup and restore: copies made by SQLite's backup API, and proved equal before anybody relies on them.

I/O. Imported by `sqlite.py` and `server/cli.py`. A live file is never copied byte by byte.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from server.clock import Clock
from server.errors import StorageError
from server.storage import erasing, journal
from server.storage.connection import connect, storage_error
from server.storage.erasing import Tools
from server.storage.journal import JOURNAL
from server.storage.migrations import migrate
from server.storage.verify import log_digest

EPOCH_CHARS = 12


@dataclass(frozen=True, slots=True)
class Proof:
    """What a copy holds: the same digest on both sides."""

    path: Path
    log_digest: str
    entries: int
    epoch: str


def backup(source: Path, target: Path) -> Proof:
    """A consistent copy of a store that may be in use. Raises StorageError; a file that is there is never written
    over.
    """
    if target.exists():
        raise StorageError("backup-exists", "the backup file exists already", "name another one")
    part = _part(target)
    conn = connect(source)
    try:
        # One read transaction around the copy and the digest: both see the same commit, whatever is written meanwhile.
        conn.execute("BEGIN")
        digest = log_digest(conn)
        _copy(conn, part)
    except sqlite3.Error as error:
        raise storage_error("back up", error) from error
    finally:
        conn.close()
    proof = _prove(part, digest)
    _settle(part, target)
    return Proof(target, *proof)


def restore(source: Path, target: Path, *, clock: Clock) -> Proof:
    """A store made from a backup, under a new epoch. Raises StorageError where one is there already, or the copy
    differs.
    """
    if not source.exists():
        raise StorageError("backup-missing", "there is no such backup")
    if target.exists() or _wal(target).exists():
        raise StorageError(
            "storage-exists", "there is a database already", "move it away first; nothing is overwritten"
        )
    part = _part(target)
    try:
        conn = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise storage_error("read the backup", error) from error
    try:
        conn.execute("BEGIN")
        digest = log_digest(conn)
        _copy(conn, part)
    except sqlite3.Error as error:
        raise storage_error("read the backup", error) from error
    finally:
        conn.close()
    found, entries, _ = _prove(part, digest)
    made = connect(part)
    try:
        migrate(made)
        epoch = clock.random62(EPOCH_CHARS)
        made.execute("UPDATE server SET value = ? WHERE name = 'epoch'", (epoch,))
        # What was erased since the backup was made never reaches this disk again (rule ER6).
        erasing.replay_journal(made, journal.read(target.with_name(JOURNAL)), tools=Tools(clock))
        erasing.scour(made)
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise storage_error("restore", error) from error
    finally:
        made.close()
    _settle(part, target)
    return Proof(target, found, entries, epoch)


def _copy(conn: sqlite3.Connection, part: Path) -> None:
    made = sqlite3.connect(part, isolation_level=None)
    try:
        conn.backup(made)
    finally:
        made.close()


def _prove(part: Path, digest: str) -> tuple[str, int, str]:
    """(digest, entries, epoch) of a copy. Raises StorageError `copy-differs` unless it is whole and its log the
    same.
    """
    conn = connect(part)
    try:
        [(health,)] = conn.execute("PRAGMA integrity_check(1)").fetchall()
        found = log_digest(conn)
        if health != "ok" or found != digest:
            raise StorageError("copy-differs", "the copy is not what was copied", "look at both disks; copy again")
        entries = conn.execute("SELECT count(*) FROM entries").fetchone()[0]
        epoch = conn.execute("SELECT value FROM server WHERE name = 'epoch'").fetchone()[0]
        conn.execute("PRAGMA journal_mode=DELETE")  # one plain file, readable from a read-only medium
    except sqlite3.Error as error:
        raise storage_error("prove the copy", error) from error
    finally:
        conn.close()
    return found, entries, epoch


def _part(target: Path) -> Path:
    """The name under which a copy is made; what a broken attempt left there is removed."""
    part = target.with_name(target.name + ".part")
    for left in (part, _wal(part), part.with_name(part.name + "-shm")):
        left.unlink(missing_ok=True)
    return part


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _settle(part: Path, target: Path) -> None:
    """On the disk under its own name, or not there at all."""
    with part.open("rb") as copied:
        os.fsync(copied.fileno())
    part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
