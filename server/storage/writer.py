"""The one writer: a thread that turns whatever waits into one transaction and one fsync.

I/O. Imported by `server/storage/sqlite.py`. Callers are coroutines; what became of their jobs comes back once per
group.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from server.errors import StorageError
from server.storage.commit import Batch, Projected, RowKey
from server.storage.connection import storage_error
from server.storage.contract import RowChange

logger = logging.getLogger(__name__)

MAX_WAITING = 20_000  # jobs: a second of the fastest measured rate; more would only be slower answers and more memory
MAX_GROUP = 2_000  # jobs in one transaction: some 50 ms of work, so that no caller waits much longer than its own share

Act = Callable[[sqlite3.Connection], Any]


@dataclass(frozen=True, slots=True)
class Alone:
    """An act that is no part of a transaction: SQLite writes a file anew only outside of any."""

    act: Act


@dataclass(slots=True)
class Job:
    """Changes of rows, or one act, and the future that hears what became of it."""

    work: Sequence[RowChange] | Act | Alone
    done: asyncio.Future[Any]


class Kept:
    """What the tables hold of rows written lately, as long as nobody else writes: see `Batch`."""

    def __init__(self) -> None:
        self.rows: dict[RowKey, Projected] = {}
        self._version = -1

    def check(self, conn: sqlite3.Connection) -> None:
        """Forget everything where another connection has committed since. Inside a transaction."""
        version = conn.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self.rows.clear()
            self._version = version


class Writer:
    """Owns the writing connection; runs until closed. A failed transaction fails those in it and nobody after."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._conn: sqlite3.Connection | None = connect()
        self._waiting: deque[Job] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._kept = Kept()
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Sequence[RowChange] | Act | Alone) -> asyncio.Future[Any]:
        """Queue a job; its future is done when it is durable or failed. Raises StorageError when too much waits."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        with self._wake:
            if self._closing:
                raise StorageError("storage-closed", "the store is closed")
            if len(self._waiting) >= MAX_WAITING:
                raise StorageError("storage-busy", "too much waits to be written", "the disk is slower than the load")
            self._waiting.append(Job(work, future))
            self._wake.notify()
        return future

    def close(self) -> None:
        """Write what waits, then end the thread and the connection."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def forget_rows(self) -> None:
        """For an act that writes rows itself, while it runs."""
        self._kept.rows.clear()

    # -- the writer's thread

    def _run(self) -> None:
        while group := self._take():
            _deliver(group, self._write(group))
        if self._conn is not None:
            self._conn.close()

    def _take(self) -> list[Job]:
        """Whatever waits, in order, up to what has to be done alone; empty only when closing."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            group: list[Job] = []
            while self._waiting and len(group) < MAX_GROUP:
                if group and (isinstance(self._waiting[0].work, Alone) or isinstance(group[0].work, Alone)):
                    break
                group.append(self._waiting.popleft())
            return group

    def _write(self, group: list[Job]) -> list[Any]:
        """One result or StorageError per job (per change, in a job of changes)."""
        try:
            conn = self._conn = self._conn or self._connect()
        except StorageError as error:
            return [_failed(job, error) for job in group]
        try:
            if isinstance(group[0].work, Alone):
                return [group[0].work.act(conn)]
            try:
                return _transact(conn, group, self._kept, guarded=False)
            except (sqlite3.IntegrityError, StorageError):
                # Somebody's change does not fit the tables. Whose, only savepoints tell; they cost time, so not before.
                conn.execute("ROLLBACK")
                self._kept.rows.clear()
                return _transact(conn, group, self._kept, guarded=True)
        except sqlite3.Error as error:
            failure = storage_error("commit", error)
            logger.error("commit of %d jobs failed: %s", len(group), failure)
            self._drop_connection()
            return [_failed(job, failure) for job in group]
        except BaseException:
            logger.exception("commit of %d jobs failed", len(group))
            self._drop_connection()
            return [_failed(job, StorageError("storage-failed", "the writer failed", "see the log")) for job in group]

    def _drop_connection(self) -> None:
        """After a failed transaction nothing of the connection is trusted; closing it rolls back."""
        conn, self._conn = self._conn, None
        self._kept.rows.clear()
        try:
            if conn is not None:
                conn.close()
        except sqlite3.Error as error:
            logger.error("the failed connection did not close: %s", type(error).__name__)


def _transact(conn: sqlite3.Connection, group: list[Job], kept: Kept, *, guarded: bool) -> list[Any]:
    results: list[Any] = []
    conn.execute("BEGIN IMMEDIATE")
    kept.check(conn)
    batch = Batch(conn, kept.rows)
    for job in group:
        if callable(job.work):
            batch.write()
            results.append(_act(conn, job.work))
            batch = Batch(conn, kept.rows)
        elif isinstance(job.work, Alone):
            raise AssertionError("what is done alone comes alone")
        elif guarded:
            outcome: list[Any] = []
            for change in job.work:
                outcome.append(_guarded(conn, change))
            results.append(outcome)
        else:
            results.append([batch.add(change) for change in job.work])
    batch.write()
    conn.execute("COMMIT")
    return results


def _guarded(conn: sqlite3.Connection, change: RowChange) -> object:
    """One change in its own savepoint: a Receipt, or the StorageError that undid it alone."""
    conn.execute("SAVEPOINT change")
    try:
        batch = Batch(conn)
        result = batch.add(change)
        batch.write()
    except (sqlite3.IntegrityError, StorageError) as error:
        conn.execute("ROLLBACK TO change")
        result = _ours("write a change", error)
    conn.execute("RELEASE change")
    return result


def _act(conn: sqlite3.Connection, act: Act) -> Any:
    conn.execute("SAVEPOINT act")
    try:
        result = act(conn)
    except (sqlite3.IntegrityError, StorageError) as error:
        conn.execute("ROLLBACK TO act")
        result = _ours("write", error)
    conn.execute("RELEASE act")
    return result


def _ours(doing: str, error: sqlite3.Error | StorageError) -> StorageError:
    return error if isinstance(error, StorageError) else storage_error(doing, error)


def _failed(job: Job, error: StorageError) -> Any:
    if callable(job.work) or isinstance(job.work, Alone):
        return error
    return [error for _ in job.work]


def _deliver(group: list[Job], results: list[Any]) -> None:
    """Back to the loop, once. Callers of one group nearly always share a loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, result in zip(group, results, strict=True):
        by_loop.setdefault(job.done.get_loop(), []).append((job.done, result))
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:  # the loop closed while its callers waited: nobody is left to hear
            logger.warning("%d writes finished after their loop had closed", len(settled))


def _settle(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in settled:
        if future.done():  # cancelled: the write stands, nobody asks
            continue
        if isinstance(result, StorageError):
            future.set_exception(result)
        else:
            future.set_result(result)
