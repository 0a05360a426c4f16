"""Does the database say what its log says? Every table against a replay, every line against its seal.

Reads only, but for FTS5's own check, which SQLite runs as a write. Imported by `server/cli.py`, `rebuild.py`,
`copies.py`. A difference names a table and a row, never a value.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from schema.errors import SheetError
from schema.ids import digest62
from schema.row import TierState
from server.errors import StorageError
from server.storage.commit import LEDGER_COLUMNS, sealed
from server.storage.connection import connect, storage_error
from server.storage.contract import RowRecord, suggestion_id
from server.storage.replay import (
    ROW_COLUMNS,
    Projection,
    Replayed,
    RowKey,
    erased_keys,
    kill_lines,
    last_change,
    numbers,
    replay,
    row_line,
    server_projection,
)
from server.storage.search import grams

MAX_DIFFERENCES = 1_000  # told one by one; a database wrong in more places is wrong as a whole

_ENTRY = 'workbook, seq, sheet, row, tier, edit, actor, session, origin, received_ms, accepted_by, "update", seal'


Step = tuple[int, str, str, int]  # a line of the feed: position, touched, masked, seq


@dataclass(slots=True)
class Report:
    """What `verify` found. `log_digest` names the log's whole content."""

    differences: list[str] = field(default_factory=list)
    untold: int = 0  # differences beyond MAX_DIFFERENCES
    counts: dict[str, int] = field(default_factory=dict)
    log_digest: str = ""

    @property
    def well(self) -> bool:
        return not self.differences

    def add(self, table: str, key: object, what: str) -> None:
        if len(self.differences) < MAX_DIFFERENCES:
            self.differences.append(f"{table} {key}: {what}")
        else:
            self.untold += 1


def verify(path: Path, *, projection: Projection = server_projection, documents: bool = True) -> Report:
    """Compare everything with the log. Raises StorageError where the file cannot be read at all."""
    if not path.exists():
        raise StorageError("storage-unreachable", "there is no database to verify", "SHEET_DATA names its folder")
    report = Report()
    conn = connect(path)
    try:
        # What SQLite itself finds first: over broken pages nothing else can be trusted to read.
        for (line,) in conn.execute("PRAGMA integrity_check(100)"):
            if line != "ok":
                report.add("file", path.name, line.replace("\n", "; "))
        for table, rowid, parent, _ in conn.execute("PRAGMA foreign_key_check"):
            report.add(table, rowid, f"names a line of {parent} that does not exist")
        conn.execute("BEGIN")
        try:
            _verify_tables(conn, report, projection=projection, documents=documents)
        finally:
            conn.execute("ROLLBACK")
        _verify_index(conn, report)
    except sqlite3.DatabaseError as error:
        report.add("file", path.name, f"could not be read through: {storage_error('verify', error).code}")
    finally:
        conn.close()
    return report


def log_digest(conn: sqlite3.Connection) -> str:
    """One digest of the whole log, in order."""
    digest = hashlib.sha256()
    for line in conn.execute(f"SELECT {_ENTRY} FROM entries ORDER BY workbook, seq"):
        digest.update(repr(line).encode())
    return digest.hexdigest()


def _verify_tables(conn: sqlite3.Connection, report: Report, *, projection: Projection, documents: bool) -> None:
    report.log_digest = log_digest(conn)
    _verify_counters(conn, report)
    _verify_seals(conn, report)
    given = numbers(conn)
    feed = _feed(conn)
    erased = erased_keys(conn)
    seen: set[RowKey] = set()
    for row in replay(conn):
        seen.add(row.key)
        whole = erased.get(row.key, False if (row.key[0], "", "") in erased else None)
        _verify_row(conn, row, report, no=given.get(row.key, 0), projection=projection, erased=whole)
        _verify_feed_of(row, feed.get(row.key, []), report, erased=whole is not None)
        if documents and row.record is not None:
            _verify_documents(conn, row, row.record, report)
    _verify_rest(conn, report, seen=seen)
    for table in (
        "workbooks",
        "entries",
        "ledger",
        "kills",
        "rows",
        "feed",
        "suggestions",
        "documents",
        "audit",
        "erasures",
    ):
        report.counts[table] = conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


# -- the log and its counters


def _verify_counters(conn: sqlite3.Connection, report: Report) -> None:
    for table, column, counter in (("entries", "seq", "last_seq"), ("feed", "position", "last_position")):
        for workbook, last, count, low, high in conn.execute(
            f"SELECT id, {counter}, (SELECT count(*) FROM {table} WHERE workbook = id),"
            f" (SELECT min({column}) FROM {table} WHERE workbook = id),"
            f" (SELECT max({column}) FROM {table} WHERE workbook = id) FROM workbooks"
        ):
            if count != last or (count and (low, high) != (1, last)):
                report.add(table, workbook, f"{column} is not gapless from 1 to {counter}")
    found = dict(
        ((workbook, sheet), last)
        for workbook, sheet, last in conn.execute("SELECT workbook, sheet, last_no FROM numbers")
    )
    wanted: dict[tuple[str, str], int] = {}
    for (workbook, sheet, _), no in numbers(conn).items():
        wanted[workbook, sheet] = max(no, wanted.get((workbook, sheet), 0))
    for key in sorted(found.keys() | wanted.keys()):
        if found.get(key) != wanted.get(key):
            report.add("numbers", "/".join(key), "last_no is not the count of rows")


def _verify_seals(conn: sqlite3.Connection, report: Report) -> None:
    for line in conn.execute(f"SELECT {_ENTRY} FROM entries"):
        if sealed(*line[:-1]) != line:
            report.add("entries", f"{line[0]} seq {line[1]}", "its seal is broken")
    for line in conn.execute(f"SELECT {LEDGER_COLUMNS} FROM ledger"):
        if sealed(*line[:-1]) != line:
            report.add("ledger", _name(line[:3], line[3], line[4]), "its seal is broken")


# -- one row


def _verify_row(
    conn: sqlite3.Connection, row: Replayed, report: Report, *, no: int, projection: Projection, erased: bool | None
) -> None:
    """`erased`: whether whole; None where the row was not."""
    key = row.key
    ledger = {
        (tier, edit): (digest, verdict, actor, seq)
        for tier, edit, digest, verdict, actor, seq in conn.execute(
            f"SELECT tier, edit, digest, verdict, actor, seq FROM ledger WHERE {_KEY}", key
        )
    }
    for entry, edit in zip(row.entries, row.edits, strict=True):
        name = _name(key, entry.tier, entry.edit)
        if entry.tier == "private" and erased is not None:
            if entry.update or (entry.tier, entry.edit) in ledger:
                report.add("entries", name, "was erased and is still there")
            continue
        if edit is None:
            report.add("entries", name, "its bytes are no edit")
            continue
        if (edit.edit, edit.actor) != (entry.edit, entry.actor):
            report.add("entries", name, "its columns are not its bytes'")
        digest = hashlib.sha256(entry.update).hexdigest()
        known = ledger.get((entry.tier, entry.edit))
        if erased and known is not None and not known[0]:  # its words are gone, and so is what they were known by
            known = (digest, *known[1:])
        if known != (digest, "accepted", entry.actor, entry.seq):
            report.add("ledger", name, "does not know an accepted edit as the log has it")
    record = row.record
    if record is None:
        report.add("entries", _name(key), "has private edits and no public one")
        return
    found = conn.execute(f"SELECT {', '.join(ROW_COLUMNS)}, erased, id FROM rows WHERE {_KEY}", key).fetchone()
    if found is None:
        report.add("rows", _name(key), "is missing")
        return
    *stored, marked, rowid = found
    if bool(marked) != (erased is not None):
        report.add("rows", _name(key), "erased not as the erasures have it")
    record.no = no
    record.version, changed_ms = last_change(conn, key)
    record.masked, columns = projection(record, changed_ms)
    wanted = row_line(record, columns)
    wrong = [name for name, value in zip(ROW_COLUMNS, stored, strict=True) if not _same(value, wanted[name])]
    if wrong:
        report.add("rows", _name(key), f"{', '.join(wrong)} not as the log has it")
    text, lat, lon = columns.text, columns.lat, columns.lon
    _verify_found(conn, key, rowid, report, text=text, lat=lat, lon=lon)
    kills = set(conn.execute(f"SELECT tier, path, edit FROM kills WHERE {_KEY}", key).fetchall())
    if kills != kill_lines(record):
        report.add("kills", _name(key), "not as the log has them")


def _verify_found(
    conn: sqlite3.Connection,
    key: RowKey,
    rowid: int,
    report: Report,
    *,
    text: str,
    lat: float | None,
    lon: float | None,
) -> None:
    """The row's line in the full text and on the map."""
    found = conn.execute("SELECT grams FROM search WHERE rowid = ?", (rowid,)).fetchone()
    if found is None or found[0] != grams(text):
        report.add("search", _name(key), "its words are not the row's")
    place = conn.execute("SELECT south, north, west, east FROM places WHERE id = ?", (rowid,)).fetchone()
    wanted = None
    if lat is not None and lon is not None:
        wanted = (_rounded(lat, up=False), _rounded(lat, up=True), _rounded(lon, up=False), _rounded(lon, up=True))
    if place != wanted:
        report.add("places", _name(key), "its place is not the row's")


def _verify_feed_of(row: Replayed, steps: list[Step], report: Report, *, erased: bool) -> None:
    """Each step names the public paths that moved between it and the step before.

    Of an erased row the log no longer tells which masked forms moved, nor that the erasure moved public words.
    """
    state, before, at = TierState(), TierState(), 0
    private: set[str] = set()
    for position, touched, masked, seq in steps:
        while at < len(row.entries) and row.entries[at].seq <= seq:
            entry, edit = row.entries[at], row.edits[at]
            at += 1
            if edit is None:
                continue
            if entry.tier == "public":
                state.apply(edit, received_ms=entry.received_ms)
            else:
                private.update(edit.writes)
        moved = sorted(
            path for path in before.cells.keys() | state.cells.keys() if before.live(path) != state.live(path)
        )
        if erased:
            well = set(moved) <= set(_words(touched))
        else:
            well = _words(touched) == moved and private.issuperset(_words(masked))
        if not well:
            report.add("feed", f"{row.key[0]} position {position}", "does not name what moved")
        before = state.copy()
    if before.cells != _folded(row, "public"):
        report.add("feed", _name(row.key), "lacks the last step of a row")


def _feed(conn: sqlite3.Connection) -> dict[RowKey, list[Step]]:
    """Every row's steps: read once, since the feed has no index by row and needs none but here."""
    steps: dict[RowKey, list[Step]] = {}
    for workbook, sheet, row, *step in conn.execute(
        "SELECT workbook, sheet, row, position, touched, masked, seq FROM feed ORDER BY workbook, position"
    ):
        position, touched, masked, seq = step
        steps.setdefault((workbook, sheet, row), []).append((position, touched, masked, seq))
    return steps


def _folded(row: Replayed, tier: str) -> object:
    record = row.record
    if record is None:
        return {}
    return record.public.cells if tier == "public" else record.private.cells


def _verify_documents(conn: sqlite3.Connection, row: Replayed, record: RowRecord, report: Report) -> None:
    """The row's documents, built by a real CRDT replica, fold to the row (rule ED16)."""
    from server.replica import Replica, same_cells  # pycrdt: only where documents are asked for

    stored = {
        tier: (seq, update)
        for tier, seq, update in conn.execute(f'SELECT tier, seq, "update" FROM documents WHERE {_KEY}', row.key)
    }
    for tier in ("public", "private"):
        state, updates = TierState(), []
        for entry, edit in zip(row.entries, row.edits, strict=True):
            if entry.tier == tier and edit is not None and (tier not in stored or entry.seq <= stored[tier][0]):
                state.apply(edit, received_ms=entry.received_ms)
                updates.append(entry.update)
        if tier in stored:
            updates = [stored[tier][1]]
        try:
            agrees = same_cells(Replica(updates).cells(), state.cells)
        except SheetError:
            agrees = False
        if not agrees:
            report.add("documents", _name(row.key, tier), "does not fold to the row")


# -- what no row of the log accounts for


def _verify_rest(conn: sqlite3.Connection, report: Report, *, seen: set[RowKey]) -> None:
    for table in ("rows", "kills", "feed", "documents"):
        for key in conn.execute(f"SELECT DISTINCT workbook, sheet, row FROM {table}"):
            if key not in seen:
                report.add(table, _name(key), "is in no log")
    accepted = set(conn.execute("SELECT workbook, sheet, row, tier, edit FROM entries"))
    waiting = {
        (workbook, name): update
        for workbook, name, update in conn.execute('SELECT workbook, id, "update" FROM suggestions')
    }
    for line in conn.execute(f"SELECT {LEDGER_COLUMNS} FROM ledger"):
        workbook, sheet, row, tier, edit, digest, verdict, reason, actor, *_ = line
        name = _name((workbook, sheet, row), tier, edit)
        # What arrived with numbers in it is known by its digest; two edits made from it stand in its place (rule ED19).
        instead = digest62(f"{edit}/{actor}/public".encode(), len(edit))
        if verdict == "accepted":
            own = (workbook, sheet, row, tier, edit) in accepted
            if not own and (reason != "masked" or (workbook, sheet, row, tier, instead) not in accepted):
                report.add("ledger", name, "is accepted and not in the log")
        elif verdict == "suggested":
            update = waiting.get((workbook, suggestion_id(sheet, row, tier=tier, edit=edit)))
            other = waiting.get((workbook, suggestion_id(sheet, row, tier=tier, edit=instead)))
            if update is None and other is None:
                report.add("ledger", name, "is suggested and no suggestion is kept")
            elif update is not None and hashlib.sha256(update).hexdigest() != digest:
                report.add("suggestions", name, "its bytes are not those judged")
        elif verdict != "refused":
            report.add("ledger", name, "its verdict is none")
    for table in ("search", "places"):
        column = "rowid" if table == "search" else "id"
        for (rowid,) in conn.execute(f"SELECT {column} FROM {table} WHERE {column} NOT IN (SELECT id FROM rows)"):
            report.add(table, rowid, "belongs to no row")
    for (found,) in conn.execute("SELECT rtreecheck('main', 'places')"):
        if found != "ok":
            report.add("places", "index", "is broken")


def _verify_index(conn: sqlite3.Connection, report: Report) -> None:
    """FTS5 compares its index with the words it keeps; it does so in a write statement, here rolled back."""
    conn.execute("BEGIN")
    try:
        conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise
        report.add("search", "index", "does not match its words")
    finally:
        conn.execute("ROLLBACK")


# -- forms

_KEY = "workbook = ? AND sheet = ? AND row = ?"


def _name(key: tuple[str, ...], *more: str) -> str:
    return "/".join((*key, *more))


def _words(stored: str) -> list[str]:
    try:
        return msgspec.json.decode(stored, type=list[str])
    except msgspec.MsgspecError:
        return ["not JSON"]


def _same(stored: object, wanted: object) -> bool:
    return stored == wanted and (type(stored) is type(wanted) or isinstance(wanted, int | float))


def _rounded(number: float, *, up: bool) -> float:
    """As the R*Tree keeps a coordinate: 32 bits, rounded outwards."""
    near: float = struct.unpack("f", struct.pack("f", number))[0]
    if (near < number) if up else (near > number):
        away = 1 + 1 / 8_388_608 if (number > 0) == up else 1 - 1 / 8_388_608
        near = struct.unpack("f", struct.pack("f", number * away))[0]
    return near if math.isfinite(near) else number


def differences(report: Report) -> Iterator[str]:
    """The report for people, a line each."""
    yield from report.differences
    if report.untold:
        yield f"and {report.untold} more"
