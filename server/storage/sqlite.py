"""The embedded engine: one file, one writer thread, one reading connection on the loop's thread.

I/O. Imported by `server/app.py` and `server/cli.py` through `open_storage`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlite_utils import Database

from moderation.protection import Guard
from schema.edits import Tier
from schema.row import TierState, from_plain
from server.clock import Clock, SystemClock
from server.errors import CommitFailed, StorageError
from server.storage import copies, erasing, identity, journal, search
from server.storage.commit import to_json
from server.storage.connection import Factory, connect, storage_error
from server.storage.contract import (
    Actor,
    AuditRecord,
    Closing,
    Columns,
    Erased,
    FeedEntry,
    Grant,
    Invite,
    Known,
    LogEntry,
    Receipt,
    RowChange,
    RowRecord,
    RowView,
    SessionRecord,
    Suggestion,
    Tally,
    Workbook,
)
from server.storage.copies import EPOCH_CHARS, Proof
from server.storage.erasing import Tools
from server.storage.journal import JOURNAL, Line
from server.storage.migrations import migrate
from server.storage.views import refresh_views
from server.storage.writer import Alone, Writer

DATABASE = "data.db"
SERVER_ID_CHARS = 12
SERVER_KEY_CHARS = 43  # 256 bits

T = TypeVar("T")

logger = logging.getLogger(__name__)

_WORKBOOK = "SELECT id, title, drill, key, home, created_ms, protection, notice FROM workbooks"
_VIEW = (
    "SELECT rows.sheet, rows.row, rows.no, rows.created_ms, rows.updated_ms, rows.author, rows.public, rows.masked,"
    " rows.status, rows.over, rows.urgency, rows.rank, rows.verify_state, rows.district, rows.place, rows.summary,"
    " rows.lat, rows.lon, rows.text, rows.contact FROM rows"
)
_SUGGESTION = (
    'SELECT id, workbook, sheet, row, tier, "update", edit, actor, received_ms, reason, state, decided_by, decided_ms,'
    " decision FROM suggestions"
)
_LOG = 'SELECT seq, sheet, row, tier, "update", edit, actor, session, origin, received_ms, accepted_by FROM entries'
_cells = msgspec.json.Decoder(dict[str, list[list[Any]]])
_masked = msgspec.json.Decoder(dict[str, list[str]])
_guards = msgspec.json.Decoder(dict[str, Guard])
_words = msgspec.json.Decoder(tuple[str, ...])


def open_storage(folder: Path, *, clock: Clock | None = None, factory: Factory = sqlite3.Connection) -> SqliteStorage:
    """The store in `folder`, made where there is none. Raises StorageError; a damaged one is left as it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("storage-unreachable", "the data folder cannot be made", f"{error.strerror}") from error
    return SqliteStorage(folder / DATABASE, clock=clock or SystemClock(), factory=factory)


class SqliteStorage:
    """`contract.Storage` on SQLite."""

    def __init__(self, path: Path, *, clock: Clock, factory: Factory = sqlite3.Connection) -> None:
        self.path = path
        self.journal = path.with_name(JOURNAL)
        self._tools = Tools(clock)
        self._factory = factory
        self._closed = False
        conn = connect(path, factory=factory)
        try:
            migrate(conn)
            with Database(conn, execute_plugins=False).atomic():
                refresh_views(conn)
            self.epoch, self.server_id, self.key = _introduce(conn, clock)
            # Before anybody reads: what was erased since this file was backed up, or as the last process died (ER6).
            erasing.replay_journal(conn, journal.read(self.journal), tools=self._tools)
            erasing.scour(conn)
        except sqlite3.Error as error:
            raise storage_error("open", error) from error
        finally:
            conn.close()
        self._reader: sqlite3.Connection | None = connect(path, reader=True, factory=factory)
        self._writer = Writer(lambda: connect(path, factory=factory))

    async def close(self) -> None:
        """Write what waits, end the writer, fold the WAL into the file."""
        await asyncio.get_running_loop().run_in_executor(None, self._writer.close)
        self._closed = True
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # -- writing

    async def commit(self, changes: Sequence[RowChange]) -> list[Receipt]:
        if not changes:
            return []
        results: list[Receipt | StorageError]
        try:
            results = await self._writer.submit(tuple(changes))
        except StorageError as error:
            results = [error for _ in changes]
        receipts = [result for result in results if isinstance(result, Receipt)]
        if len(receipts) != len(changes):
            raise CommitFailed(results)
        return receipts

    async def write_audit(self, workbook: str, records: Sequence[AuditRecord]) -> None:
        lines = tuple(records)
        await self._act(lambda conn: identity.write_audit(conn, workbook, *lines))

    async def add_workbook(self, workbook: Workbook) -> None:
        def act(conn: sqlite3.Connection) -> None:
            conn.execute(
                "INSERT INTO workbooks (id, title, drill, key, home, created_ms, protection, notice, last_seq,"
                " last_position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
                (
                    workbook.id,
                    workbook.title,
                    int(workbook.drill),
                    workbook.key,
                    workbook.home,
                    workbook.created_ms,
                    to_json(dict(workbook.protection)),
                    workbook.notice,
                ),
            )

        await self._act(act)

    async def set_protection(self, workbook: str, sheet: str, guard: Guard, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            found = conn.execute("SELECT protection FROM workbooks WHERE id = ?", (workbook,)).fetchone()
            if found is None:
                raise _unknown_workbook()
            protection = {**_guards.decode(found[0]), sheet: guard}
            conn.execute(
                "UPDATE workbooks SET protection = ? WHERE id = ?",
                (to_json(dict(sorted(protection.items()))), workbook),
            )
            identity.write_audit(conn, workbook, audit)

        await self._act(act)

    async def set_notice(self, workbook: str, notice: str, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            changed = conn.execute("UPDATE workbooks SET notice = ? WHERE id = ?", (notice, workbook))
            if changed.rowcount == 0:
                raise _unknown_workbook()
            identity.write_audit(conn, workbook, audit)

        await self._act(act)

    async def see_actor(self, actor: str, name: str, now_ms: int) -> None:
        await self._act(lambda conn: identity.see_actor(conn, actor, name=name, now_ms=now_ms))

    async def add_session(self, session: SessionRecord) -> None:
        await self._act(lambda conn: identity.add_session(conn, session))

    async def revoke_session(self, session: str, now_ms: int) -> None:
        await self._act(lambda conn: identity.revoke_session(conn, session, now_ms=now_ms))

    async def add_invite(self, invite: Invite, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            identity.add_invite(conn, invite)
            identity.write_audit(conn, invite.workbook, audit)

        await self._act(act)

    async def use_invite(self, workbook: str, secret_digest: str, actor: str, now_ms: int) -> Grant | None:
        return await self._act(
            lambda conn: identity.use_invite(conn, workbook, secret_digest=secret_digest, actor=actor, now_ms=now_ms)
        )

    async def revoke_invite(self, workbook: str, invite: str, now_ms: int, audit: AuditRecord) -> list[str]:
        def act(conn: sqlite3.Connection) -> list[str]:
            concerned = identity.revoke_invite(conn, workbook, invite=invite, now_ms=now_ms)
            identity.write_audit(conn, workbook, audit)
            return concerned

        return await self._act(act)

    async def set_grant(self, grant: Grant, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            identity.set_grant(conn, grant)
            identity.write_audit(conn, grant.workbook, audit)

        await self._act(act)

    async def revoke_grant(self, workbook: str, actor: str, now_ms: int, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            identity.revoke_grant(conn, workbook, actor=actor, now_ms=now_ms)
            identity.write_audit(conn, workbook, audit)

        await self._act(act)

    async def hold(self, workbook: str, sheet: str, row: str, actor: str, code_digest: str, now_ms: int) -> None:
        await self._act(
            lambda conn: identity.hold(
                conn, workbook, sheet=sheet, row=row, actor=actor, code_digest=code_digest, now_ms=now_ms
            )
        )

    async def reissue_link(
        self, workbook: str, sheet: str, row: str, secret_digest: str, code_digest: str, audit: AuditRecord
    ) -> None:
        await self._act(
            lambda conn: identity.reissue_link(
                conn,
                workbook,
                sheet=sheet,
                row=row,
                secret_digest=secret_digest,
                code_digest=code_digest,
                audit=audit,
            )
        )

    async def save_document(
        self, workbook: str, sheet: str, row: str, tier: Tier, generation: int, update: bytes, seq: int
    ) -> None:
        def act(conn: sqlite3.Connection) -> None:
            saved = conn.execute(
                'INSERT INTO documents (workbook, sheet, row, tier, generation, seq, "update")'
                " VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (workbook, sheet, row, tier) DO UPDATE SET generation = excluded.generation,"
                ' seq = excluded.seq, "update" = excluded."update" WHERE excluded.generation = generation + 1',
                (workbook, sheet, row, tier, generation, seq, update),
            )
            if saved.rowcount == 0:
                raise StorageError("generation-stale", "the document was compacted meanwhile", "compact it anew")

        await self._act(act)

    async def erase_row(
        self, workbook: str, sheet: str, row: str, audit: AuditRecord, *, whole: bool = False
    ) -> Erased | None:
        key = (workbook, sheet, row)

        def act(conn: sqlite3.Connection) -> Erased | None:
            self._writer.forget_rows()
            erasing.check_known(conn, key)
            done = erasing.erase_row(conn, key, at_ms=audit.at_ms, whole=whole, tools=self._tools)
            if done is not None:
                identity.write_audit(conn, workbook, audit)
                erasing.want_scour(conn)
                journal.append(self.journal, Line(workbook, audit.at_ms, [(sheet, row)], whole))
            return done

        done = await self._act(act)
        await self.scour()
        return done

    async def erase_workbook(self, workbook: str, audit: AuditRecord) -> list[Erased]:
        def act(conn: sqlite3.Connection) -> list[Erased]:
            if conn.execute("SELECT 1 FROM workbooks WHERE id = ?", (workbook,)).fetchone() is None:
                raise _unknown_workbook()
            self._writer.forget_rows()
            rows = erasing.rows_of(conn, workbook)
            done = erasing.erase_workbook(conn, workbook, at_ms=audit.at_ms, tools=self._tools)
            identity.write_audit(conn, workbook, audit)
            erasing.want_scour(conn)
            journal.append(self.journal, Line(workbook, audit.at_ms, rows, all=True))
            return done

        done = await self._act(act)
        await self.scour()
        return done

    async def scour(self) -> bool:
        """Free the file of what was erased; False where a reader of an old moment is in the way, and it stays due."""
        clean: bool = await self._writer.submit(Alone(erasing.scour))
        if not clean:
            logger.warning("erased bytes are still in the write-ahead log: another program reads the database")
        return clean

    async def plan_erasure(self, workbook: str, on_ms: int, notice: str, audit: AuditRecord) -> None:
        def act(conn: sqlite3.Connection) -> None:
            changed = conn.execute("UPDATE workbooks SET notice = ? WHERE id = ?", (notice, workbook))
            if changed.rowcount == 0:
                raise _unknown_workbook()
            conn.execute("DELETE FROM closings WHERE workbook = ?", (workbook,))
            if on_ms:
                conn.execute(
                    "INSERT INTO closings (workbook, on_ms, actor, set_ms) VALUES (?, ?, ?, ?)",
                    (workbook, on_ms, audit.actor, audit.at_ms),
                )
            identity.write_audit(conn, workbook, audit)

        await self._act(act)

    async def backup(self, target: Path) -> Proof:
        """A proved copy of the store as it is now; writing goes on meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(None, copies.backup, self.path, target)

    async def _act(self, act: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._writer.submit(act)
        return result

    # -- reading

    def closings(self) -> list[Closing]:
        return [
            Closing(*line) for line in self._all("SELECT workbook, on_ms, actor, set_ms FROM closings ORDER BY on_ms")
        ]

    def erasures(self, workbook: str, *, after: int = -1) -> list[Erased]:
        lines = self._all(
            "SELECT sheet, row, whole, position FROM erasures WHERE workbook = ? AND position > ? ORDER BY position",
            workbook,
            after,
        )
        return [Erased(sheet, row, bool(whole), position) for sheet, row, whole, position in lines]

    def is_erased(self, workbook: str) -> bool:
        """Whether the workbook itself was: nothing private comes into it any more."""
        found = self._one("SELECT 1 FROM erasures WHERE workbook = ? AND sheet = '' AND row = ''", workbook)
        return found is not None

    def workbooks(self) -> list[Workbook]:
        return [_workbook(line) for line in self._all(f"{_WORKBOOK} ORDER BY created_ms, id")]

    def workbook(self, workbook: str) -> Workbook | None:
        found = self._one(f"{_WORKBOOK} WHERE id = ?", workbook)
        return _workbook(found) if found else None

    def load_row(self, workbook: str, sheet: str, row: str) -> RowRecord | None:
        return self._read(lambda conn: load_row(conn, workbook, sheet=sheet, row=row))

    def view_row(self, workbook: str, sheet: str, row: str) -> RowView | None:
        found = self._one(f"{_VIEW} WHERE workbook = ? AND sheet = ? AND row = ?", workbook, sheet, row)
        return _view(found) if found else None

    def view_number(self, workbook: str, sheet: str, no: int) -> RowView | None:
        found = self._one(f"{_VIEW} WHERE workbook = ? AND sheet = ? AND no = ?", workbook, sheet, no)
        return _view(found) if found else None

    def list_rows(
        self,
        workbook: str,
        *,
        sheet: str | None = None,
        search: str = "",
        status: str = "",
        urgency: str = "",
        district: str = "",
        over: bool | None = False,
        box: tuple[float, float, float, float] | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[RowView]:
        where, parameters = _filter(
            workbook, sheet=sheet, typed=search, status=status, urgency=urgency, district=district, box=box
        )
        # Both kinds are two walks along the index, merged; one walk over `over IN (0, 1)` would sort every row first.
        kinds = (0, 1) if over is None else (int(over),)
        arms = " UNION ALL ".join(f"{_VIEW} WHERE {where} AND rows.over = {kind}" for kind in kinds)
        lines = self._all(
            f"{arms} ORDER BY rank, created_ms DESC, sheet, no DESC LIMIT ? OFFSET ?",
            *(parameters * len(kinds)),
            limit,
            offset,
        )
        return [_view(line) for line in lines]

    def count_rows(
        self,
        workbook: str,
        *,
        sheet: str | None = None,
        search: str = "",
        status: str = "",
        urgency: str = "",
        district: str = "",
        over: bool | None = False,
    ) -> int:
        where, parameters = _filter(
            workbook, sheet=sheet, typed=search, status=status, urgency=urgency, district=district, box=None
        )
        if over is not None:
            where += f" AND over = {int(over)}"
        found = self._one(f"SELECT count(*) FROM rows WHERE {where}", *parameters)
        return int(found[0]) if found else 0

    def tally(self, workbook: str) -> list[Tally]:
        lines = self._all(
            "SELECT sheet, status, over, district, count(*) FROM rows WHERE workbook = ?"
            " GROUP BY sheet, status, over, district ORDER BY sheet, status, over, district",
            workbook,
        )
        return [Tally(sheet, status, bool(over), district, rows) for sheet, status, over, district, rows in lines]

    def position(self, workbook: str) -> int:
        found = self._one("SELECT last_position FROM workbooks WHERE id = ?", workbook)
        return int(found[0]) if found else 0

    def feed(self, workbook: str, *, after: int, limit: int = 1000) -> list[FeedEntry]:
        lines = self._all(
            "SELECT position, sheet, row, touched, masked FROM feed WHERE workbook = ? AND position > ?"
            " ORDER BY position LIMIT ?",
            workbook,
            after,
            limit,
        )
        return [
            FeedEntry(position, sheet, row, _words.decode(touched), _words.decode(masked))
            for position, sheet, row, touched, masked in lines
        ]

    def log(
        self, workbook: str, *, sheet: str = "", row: str = "", after: int = 0, limit: int = 1000
    ) -> list[LogEntry]:
        if row:
            where, parameters = _equal(workbook=workbook, sheet=sheet, row=row)
            # The ledger is the log's index by row; without MATERIALIZED and + SQLite would walk the whole log for it.
            lines = self._all(
                f"WITH own AS MATERIALIZED (SELECT seq FROM ledger WHERE {where} AND seq > ?)"
                f" {_LOG} WHERE workbook = ? AND seq IN own ORDER BY +seq LIMIT ?",
                *parameters,
                after,
                workbook,
                limit,
            )
        else:
            where, parameters = _equal(workbook=workbook, sheet=sheet)
            lines = self._all(f"{_LOG} WHERE {where} AND seq > ? ORDER BY seq LIMIT ?", *parameters, after, limit)
        return [LogEntry(*line) for line in lines]

    def document(self, workbook: str, sheet: str, row: str, tier: Tier) -> tuple[int, bytes, int]:
        found = self._one(
            'SELECT generation, "update", seq FROM documents WHERE workbook = ? AND sheet = ? AND row = ? AND tier = ?',
            workbook,
            sheet,
            row,
            tier,
        )
        return (found[0], found[1], found[2]) if found else (0, b"", 0)

    def suggestions(
        self,
        workbook: str,
        *,
        sheet: str = "",
        row: str = "",
        actor: str = "",
        state: str = "pending",
        limit: int = 200,
    ) -> list[Suggestion]:
        where, parameters = _equal(workbook=workbook, sheet=sheet, row=row, actor=actor, state=state)
        lines = self._all(f"{_SUGGESTION} WHERE {where} ORDER BY received_ms, rowid LIMIT ?", *parameters, limit)
        return [Suggestion(*line) for line in lines]

    def count_suggestions(self, workbook: str, *, state: str = "pending") -> int:
        found = self._one("SELECT count(*) FROM suggestions WHERE workbook = ? AND state = ?", workbook, state)
        return int(found[0])

    def suggestion(self, workbook: str, suggestion: str) -> Suggestion | None:
        found = self._one(f"{_SUGGESTION} WHERE workbook = ? AND id = ?", workbook, suggestion)
        return Suggestion(*found) if found else None

    def audit(self, workbook: str, *, row: str = "", act: str = "", limit: int = 200) -> list[AuditRecord]:
        where, parameters = _equal(workbook=workbook, row=row, act=act)
        lines = self._all(
            f"SELECT at_ms, actor, role, act, sheet, row, reason, detail FROM audit WHERE {where}"
            " ORDER BY id DESC LIMIT ?",
            *parameters,
            limit,
        )
        return [AuditRecord(*line) for line in lines]

    def actors(self, actors: Sequence[str]) -> dict[str, Actor]:
        wanted = list(actors)
        return self._read(lambda conn: identity.actors(conn, wanted))

    def grant(self, workbook: str, actor: str) -> Grant | None:
        """The actor's grant, revoked or not."""
        return self._read(lambda conn: identity.grant(conn, workbook, actor=actor))

    def grants(self, workbook: str) -> list[Grant]:
        return self._read(lambda conn: identity.grants(conn, workbook))

    def invites(self, workbook: str) -> list[Invite]:
        return self._read(lambda conn: identity.invites(conn, workbook))

    def session(self, secret_digest: str) -> SessionRecord | None:
        """The session, revoked and expired ones too."""
        return self._read(lambda conn: identity.session(conn, secret_digest))

    def holds(self, workbook: str, actor: str) -> set[tuple[str, str]]:
        return self._read(lambda conn: identity.holds(conn, workbook, actor=actor))

    def link_digest(self, workbook: str, sheet: str, row: str) -> str:
        return self._read(lambda conn: identity.link_digest(conn, workbook, sheet=sheet, row=row))

    def sessions(self, workbook: str, actor: str) -> list[SessionRecord]:
        return self._read(lambda conn: identity.sessions(conn, workbook, actor=actor))

    def session_actor(self, workbook: str, session: str) -> str:
        found = self._one("SELECT actor FROM sessions WHERE workbook = ? AND id = ?", workbook, session)
        return str(found[0]) if found else ""

    def code_digest(self, workbook: str, sheet: str, row: str) -> str:
        return self._read(lambda conn: identity.code_digest(conn, workbook, sheet=sheet, row=row))

    # -- the reading connection

    def _one(self, sql: str, *parameters: object) -> Any:
        return self._read(lambda conn: conn.execute(sql, parameters).fetchone())

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        return self._read(lambda conn: conn.execute(sql, parameters).fetchall())

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the reading connection. After an error it is opened anew: a disk that comes back needs no restart."""
        if self._closed:
            raise StorageError("storage-closed", "the store is closed")
        if self._reader is None:
            self._reader = connect(self.path, reader=True, factory=self._factory)
        try:
            return question(self._reader)
        except sqlite3.Error as error:
            conn, self._reader = self._reader, None
            conn.close()
            raise storage_error("read", error) from error


def load_row(conn: sqlite3.Connection, workbook: str, *, sheet: str, row: str) -> RowRecord | None:
    """A row whole, as of one moment."""
    key = (workbook, sheet, row)
    conn.execute("BEGIN")
    try:
        found = conn.execute(
            "SELECT no, author, created_ms, updated_ms, version, public, private, masked, erased FROM rows"
            " WHERE workbook = ? AND sheet = ? AND row = ?",
            key,
        ).fetchone()
        ledger = conn.execute(
            "SELECT tier, edit, digest, verdict, reason, actor FROM ledger"
            " WHERE workbook = ? AND sheet = ? AND row = ?",
            key,
        ).fetchall()
        whole = conn.execute("SELECT whole FROM erasures WHERE workbook = ? AND sheet = ? AND row = ?", key).fetchone()
        if found is None and not ledger and whole is None:
            return None
        kills = conn.execute(
            "SELECT tier, path, edit FROM kills WHERE workbook = ? AND sheet = ? AND row = ?", key
        ).fetchall()
        generations = conn.execute(
            "SELECT tier, generation FROM documents WHERE workbook = ? AND sheet = ? AND row = ?", key
        ).fetchall()
    finally:
        conn.execute("COMMIT")
    if found is None:
        record = RowRecord(workbook, sheet, row, no=0, author="", created_ms=0, updated_ms=0, version=0)
    else:
        no, author, created_ms, updated_ms, version, public, private, masked, erased = found
        record = RowRecord(
            workbook,
            sheet,
            row,
            no=no,
            author=author,
            created_ms=created_ms,
            updated_ms=updated_ms,
            version=version,
            public=TierState(from_plain(_cells.decode(public))),
            private=TierState(from_plain(_cells.decode(private))),
            masked=_masked.decode(masked),
            erased=bool(erased),
        )
    if whole is not None:  # also of a row that a restored backup does not know yet
        record.erased, record.erased_whole = True, bool(whole[0])
    for tier, path, edit in kills:
        record.tier(tier).kills.setdefault(path, set()).add(edit)
    record.generation.update(generations)
    record.known = {(line[0], line[1]): Known(*line[2:]) for line in ledger}
    return record


def _introduce(conn: sqlite3.Connection, clock: Clock) -> tuple[str, str, str]:
    """Who this store is; drawn once, when it is made."""
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany(
        "INSERT OR IGNORE INTO server (name, value) VALUES (?, ?)",
        [
            ("epoch", clock.random62(EPOCH_CHARS)),
            ("server_id", clock.random62(SERVER_ID_CHARS)),
            ("key", clock.random62(SERVER_KEY_CHARS)),
        ],
    )
    conn.execute("COMMIT")
    named = dict(conn.execute("SELECT name, value FROM server").fetchall())
    return named["epoch"], named["server_id"], named["key"]


def _filter(
    workbook: str,
    *,
    sheet: str | None,
    typed: str,
    status: str,
    urgency: str,
    district: str,
    box: tuple[float, float, float, float] | None,
) -> tuple[str, list[object]]:
    clauses, parameters = ["workbook = ?"], [workbook]
    values: list[object] = list(parameters)
    for column, wanted in (
        ("sheet", sheet),
        ("status", status),
        ("urgency", urgency),
        ("district", district),
    ):
        if wanted:
            clauses.append(f"{column} = ?")
            values.append(wanted)
    if typed.strip():
        match = search.query(typed)
        if match:
            clauses.append("id IN (SELECT rowid FROM search WHERE search MATCH ?)")
            values.append(match)
        else:
            clauses.append("0")  # nothing in it is a letter or a digit
    if box is not None:
        south, west, north, east = box
        # The R*Tree keeps 32-bit numbers rounded outwards: it finds candidates, the columns decide.
        clauses.append(
            "id IN (SELECT id FROM places WHERE north >= ? AND south <= ? AND east >= ? AND west <= ?)"
            " AND lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?"
        )
        values.extend((south, north, west, east, south, north, west, east))
    return " AND ".join(clauses), values


def _equal(**wanted: str) -> tuple[str, list[str]]:
    """A condition on the columns given a value."""
    given = {column: value for column, value in wanted.items() if value}
    return " AND ".join(f"{column} = ?" for column in given), list(given.values())


def _workbook(line: Any) -> Workbook:
    name, title, drill, key, home, created_ms, protection, notice = line
    return Workbook(
        name,
        title,
        bool(drill),
        key,
        home,
        created_ms,
        _guards.decode(protection),
        notice,
    )


def _view(line: Any) -> RowView:
    sheet, row, no, created_ms, updated_ms, author, public, masked, *columns = line
    status, over, *rest = columns
    return RowView(
        sheet,
        row,
        no,
        created_ms,
        updated_ms,
        author,
        _cells.decode(public),
        _masked.decode(masked),
        Columns(status, bool(over), *rest),
    )


def _unknown_workbook() -> StorageError:
    return StorageError("workbook-unknown", "there is no such workbook")
