"""Takes personal data out of every table, for good: the private tier of a row, its public words too where asked.

I/O on the connection given. Imported by `sqlite.py` and `copies.py`. What stays is what statistics need: that an edit was
made, when and by which actor id; the public cells; the row's number. Rules ER1–ER6, ER8, ER9.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from schema.edits import Tier
from schema.encoding import encode_edit
from schema.gate import read_edit
from schema.row import TierState, plain
from server.clock import Clock
from server.errors import StorageError
from server.storage.commit import (
    FEED,
    LEDGER_COLUMNS,
    ROW_CELLS,
    ROW_ORDER,
    order_of,
    sealed,
    to_json,
    words_of,
)
from server.storage.contract import Erased, LogEntry, RowRecord
from server.storage.journal import Line
from server.storage.replay import Projection, RowKey, last_change, server_projection
from server.storage.search import grams

EMPTY_DOCUMENT = b"\x00\x00"  # a Yjs update of no client that deletes nothing
SCOUR = "scour"  # in `server`: the file still has to be freed of what was erased

_KEY = "workbook = ? AND sheet = ? AND row = ?"
_ENTRY = 'workbook, seq, sheet, row, tier, edit, actor, session, origin, received_ms, accepted_by, "update"'
_words = msgspec.json.Decoder(dict[str, list[str]])


@dataclass(frozen=True, slots=True)
class Tools:
    """What the store does not know by itself: sheets, and chance."""

    clock: Clock
    projection: Projection = server_projection


def erase_row(conn: sqlite3.Connection, key: RowKey, *, at_ms: int, whole: bool, tools: Tools) -> Erased | None:
    """Erase one row, known here or not yet; None where it was done before. Runs inside a transaction."""
    before = conn.execute(f"SELECT whole FROM erasures WHERE {_KEY}", key).fetchone()
    if before is not None and before[0] >= whole:
        return None
    counters = conn.execute("SELECT last_seq, last_position FROM workbooks WHERE id = ?", key[:1]).fetchone()
    seq, position = counters or (0, 0)
    version, changed_ms = last_change(conn, key)
    row = conn.execute(f"SELECT id, masked, author FROM rows WHERE {_KEY}", key).fetchone()
    had_private = _blank_entries(conn, key)
    touched = _redact_public(conn, key, last_seq=seq, tools=tools) if whole and row is not None else ()
    _forget(conn, key)
    if had_private:
        _empty_document(conn, key, last_seq=seq)
    masked: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    step = 0
    if row is not None:
        rowid, stored, author = row
        version += 1
        masked = tuple(sorted(_words.decode(stored)))
        people = _forget_names(conn, key, author)
        conn.execute(
            "UPDATE rows SET private = '{}', masked = '{}', contact = '', erased = 1, version = ? WHERE id = ?",
            (version, rowid),
        )
        if whole:
            _project(conn, key, rowid, version=version, changed_ms=changed_ms, tools=tools)
        if touched or masked:
            step = position = position + 1
            conn.execute(FEED, (key[0], position, key[1], key[2], to_json(touched), to_json(masked), seq))
            conn.execute("UPDATE workbooks SET last_position = ? WHERE id = ?", (position, key[0]))
    conn.execute(
        "INSERT OR REPLACE INTO erasures (workbook, sheet, row, whole, at_ms, seq, position, version, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, int(whole), at_ms, seq, position, version, changed_ms),
    )
    conn.execute("UPDATE rows SET erased = 1 WHERE " + _KEY, key)
    return Erased(key[1], key[2], whole, step, touched, masked, people)


def erase_workbook(conn: sqlite3.Connection, workbook: str, *, at_ms: int, tools: Tools) -> list[Erased]:
    """Erase every row there is, and mark the workbook: no row that comes later keeps private words either."""
    done = [
        erased
        for sheet, row in rows_of(conn, workbook)
        if (erased := erase_row(conn, (workbook, sheet, row), at_ms=at_ms, whole=False, tools=tools)) is not None
    ]
    for table in ("holds", "codes", "links"):
        conn.execute(f"DELETE FROM {table} WHERE workbook = ?", (workbook,))
    counters = conn.execute("SELECT last_seq, last_position FROM workbooks WHERE id = ?", (workbook,)).fetchone()
    conn.execute(
        "INSERT OR REPLACE INTO erasures (workbook, sheet, row, whole, at_ms, seq, position, version, changed_ms)"
        " VALUES (?, '', '', 0, ?, ?, ?, 0, 0)",
        (workbook, at_ms, *(counters or (0, 0))),
    )
    conn.execute("DELETE FROM closings WHERE workbook = ?", (workbook,))
    return done


def rows_of(conn: sqlite3.Connection, workbook: str) -> list[tuple[str, str]]:
    """Every row of a workbook, and every one that so far has only a ledger or suggestions."""
    return conn.execute(
        "SELECT sheet, row FROM rows WHERE workbook = ?1 UNION SELECT sheet, row FROM ledger WHERE workbook = ?1"
        " UNION SELECT sheet, row FROM suggestions WHERE workbook = ?1 ORDER BY 1, 2",
        (workbook,),
    ).fetchall()


def replay_journal(conn: sqlite3.Connection, lines: Iterable[Line], *, tools: Tools) -> int:
    """Erase again whatever the journal names and this database still has; the number of rows (rule ER6)."""
    known: dict[tuple[str, str, str], int] = {
        (workbook, sheet, row): whole
        for workbook, sheet, row, whole in conn.execute("SELECT workbook, sheet, row, whole FROM erasures")
    }
    count = 0
    conn.execute("BEGIN IMMEDIATE")
    try:
        for line in lines:
            missing = [key for key in line.rows if known.get((line.workbook, *key), -1) < line.whole]
            for sheet, row in missing:
                key = (line.workbook, sheet, row)
                count += erase_row(conn, key, at_ms=line.at_ms, whole=line.whole, tools=tools) is not None
            if line.all and (line.workbook, "", "") not in known:
                count += 1 + len(erase_workbook(conn, line.workbook, at_ms=line.at_ms, tools=tools))
        if count:
            want_scour(conn)
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    return count


def want_scour(conn: sqlite3.Connection) -> None:
    """Note, in the transaction that erases, that the file has yet to be freed of the bytes."""
    conn.execute("INSERT OR REPLACE INTO server (name, value) VALUES (?, '1')", (SCOUR,))


def scour(conn: sqlite3.Connection) -> bool:
    """Write the file anew without free pages and empty the WAL; whether nothing is left to do. Outside a transaction.

    SQLite leaves what was deleted in the free space of pages, in the WAL and in old segments of the full text.
    """
    if conn.execute("SELECT 1 FROM server WHERE name = ?", (SCOUR,)).fetchone() is None:
        return True
    conn.execute("INSERT INTO search (search) VALUES ('optimize')")
    conn.execute("VACUUM")
    [(busy, _, _)] = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if busy:  # somebody reads an old moment (a backup, datasette): once more later
        return False
    conn.execute("DELETE FROM server WHERE name = ?", (SCOUR,))
    return True


def check_known(conn: sqlite3.Connection, key: RowKey) -> None:
    """Raises StorageError `row-unknown` where there is no such row."""
    if conn.execute(f"SELECT 1 FROM rows WHERE {_KEY}", key).fetchone() is None:
        raise StorageError("row-unknown", "there is no such row")


# -- the log


def _blank_entries(conn: sqlite3.Connection, key: RowKey) -> bool:
    """The row's private entries without their bytes: `seq` stays gapless, the seal is that of the blank line."""
    found = conn.execute(
        f"SELECT {_ENTRY} FROM entries WHERE workbook = ? AND tier = 'private' AND length(\"update\") > 0 AND seq IN"
        f" (SELECT seq FROM ledger WHERE {_KEY} AND tier = 'private' AND seq > 0)",
        (key[0], *key),
    ).fetchall()
    _rewrite(conn, [(*line[:-1], b"") for line in found])
    return bool(found)


def _rewrite(conn: sqlite3.Connection, lines: list[tuple[object, ...]]) -> None:
    conn.executemany(
        'UPDATE entries SET "update" = ?, seal = ? WHERE workbook = ? AND seq = ?',
        [(line[-1], sealed(*line)[-1], line[0], line[1]) for line in lines],
    )


def _forget(conn: sqlite3.Connection, key: RowKey) -> None:
    """Ledger, kills and suggestions of what is gone, the words in the row's audit, its short code.

    A digest of a telephone number with little around it can be guessed, so no digest of private bytes stays.
    Suggestions of the public tier go too: one that was not allowed may hold anything.
    """
    conn.execute(f"DELETE FROM ledger WHERE {_KEY} AND (tier = 'private' OR verdict <> 'accepted')", key)
    for line in conn.execute(
        f"SELECT {LEDGER_COLUMNS} FROM ledger WHERE {_KEY} AND reason = 'masked' AND digest <> ''", key
    ).fetchall():
        _drop_digest(conn, line)
    conn.execute(f"DELETE FROM kills WHERE {_KEY} AND tier = 'private'", key)
    conn.execute(f"DELETE FROM suggestions WHERE {_KEY}", key)
    conn.execute(f"DELETE FROM codes WHERE {_KEY}", key)
    conn.execute(f"UPDATE audit SET reason = '' WHERE {_KEY} AND act <> 'erase'", key)


def _drop_digest(conn: sqlite3.Connection, line: tuple[object, ...]) -> None:
    """A line that knows its edit's verdict and no longer its bytes."""
    bare = sealed(*line[:5], "", *line[6:-1])
    conn.execute(
        f"UPDATE ledger SET digest = '', seal = ? WHERE {_KEY} AND tier = ? AND edit = ?", (bare[-1], *line[:5])
    )


def _forget_names(conn: sqlite3.Connection, key: RowKey, author: str) -> tuple[str, ...]:
    """What the person concerned called themselves, where they hold no role anywhere: only who works here has a name."""
    found = conn.execute(
        "SELECT actor FROM actors WHERE name <> '' AND (actor = ? OR actor IN"
        f" (SELECT actor FROM holds WHERE {_KEY})) AND actor NOT IN (SELECT actor FROM grants WHERE revoked_ms = 0)",
        (author, *key),
    ).fetchall()
    conn.executemany("UPDATE actors SET name = '' WHERE actor = ?", found)
    return tuple(actor for (actor,) in found)


# -- documents


def _empty_document(conn: sqlite3.Connection, key: RowKey, *, last_seq: int) -> None:
    _write_document(conn, key, "private", EMPTY_DOCUMENT, last_seq=last_seq)


def _write_document(conn: sqlite3.Connection, key: RowKey, tier: Tier, update: bytes, *, last_seq: int) -> None:
    """A generation on: who reads the older one is sent to this."""
    conn.execute(
        'INSERT INTO documents (workbook, sheet, row, tier, generation, seq, "update") VALUES (?, ?, ?, ?, 1, ?, ?)'
        " ON CONFLICT (workbook, sheet, row, tier) DO UPDATE SET generation = generation + 1, seq = excluded.seq,"
        ' "update" = excluded."update"',
        (*key, tier, last_seq, update),
    )


# -- public words


def _redact_public(conn: sqlite3.Connection, key: RowKey, *, last_seq: int, tools: Tools) -> tuple[str, ...]:
    """Public entries without their sentences, under their own ids; the public paths that moved."""
    from schema.sheets import load_sheet  # the store itself knows nothing of sheets
    from server.documents import compact
    from server.redaction import redacted

    sheet = load_sheet(key[1])
    before = _fold(conn, key)
    changed: list[tuple[Any, ...]] = []
    for line in _public_lines(conn, key):
        bare = redacted(read_edit(line[-1]), sheet)
        if bare is None:
            continue
        changed.append((*line[:-1], encode_edit(bare)))
        known = conn.execute(
            f"SELECT {LEDGER_COLUMNS} FROM ledger WHERE {_KEY} AND tier = 'public' AND edit = ?", (*key, bare.edit)
        ).fetchone()
        _drop_digest(conn, known)
    _rewrite(conn, changed)
    after = _fold(conn, key)
    if changed:
        log = [LogEntry(line[1], line[2], line[3], line[4], line[-1], *line[5:-1]) for line in _public_lines(conn, key)]
        _write_document(conn, key, "public", compact(log, after, clock=tools.clock), last_seq=last_seq)
    return tuple(sorted(path for path in before.cells if before.live(path) != after.live(path)))


def _public_lines(conn: sqlite3.Connection, key: RowKey) -> list[tuple[Any, ...]]:
    return conn.execute(
        f"SELECT {_ENTRY} FROM entries WHERE workbook = ? AND tier = 'public' AND seq IN"
        f" (SELECT seq FROM ledger WHERE {_KEY} AND tier = 'public' AND seq > 0) ORDER BY +seq",
        (key[0], *key),
    ).fetchall()


def _fold(conn: sqlite3.Connection, key: RowKey) -> TierState:
    state = TierState()
    for line in _public_lines(conn, key):
        state.apply(read_edit(line[-1]), received_ms=line[9])
    return state


def _project(conn: sqlite3.Connection, key: RowKey, rowid: int, *, version: int, changed_ms: int, tools: Tools) -> None:
    """The row's columns, full text and place, from its public cells as they are now."""
    no, author, created_ms, updated_ms = conn.execute(
        "SELECT no, author, created_ms, updated_ms FROM rows WHERE id = ?", (rowid,)
    ).fetchone()
    record = RowRecord(*key, no=no, author=author, created_ms=created_ms, updated_ms=updated_ms, version=version)
    record.public = _fold(conn, key)
    _, columns = tools.projection(record, changed_ms)
    cells = (updated_ms, version, 1, columns.text, to_json(plain(record.public.cells)), "{}", "{}")
    conn.execute(ROW_CELLS, (*words_of(columns), *cells, rowid))
    conn.execute(ROW_ORDER, (*order_of(columns), rowid))
    conn.execute("DELETE FROM search WHERE rowid = ?", (rowid,))
    conn.execute("INSERT INTO search (rowid, grams) VALUES (?, ?)", (rowid, grams(columns.text)))
    conn.execute("DELETE FROM places WHERE id = ?", (rowid,))
    if columns.lat is not None and columns.lon is not None:
        conn.execute(
            "INSERT INTO places (id, south, north, west, east) VALUES (?, ?, ?, ?, ?)",
            (rowid, columns.lat, columns.lat, columns.lon, columns.lon),
        )
