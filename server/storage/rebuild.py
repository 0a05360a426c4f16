"""Writes everything that is derived from the log anew: rows, kills, feed, full text, places, counters.

I/O; the server must not run. Imported by `server/cli.py`. The log itself, the suggestions, the audit and who is who
are not touched.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from schema.row import TierState
from server.clock import Clock
from server.errors import StorageError
from server.storage.commit import FEED, LEDGER_COLUMNS, sealed, to_json
from server.storage.connection import connect, storage_error
from server.storage.contract import Columns, RowRecord
from server.storage.replay import (
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

_DERIVED = ("rows", "kills", "feed", "numbers", "search", "places")
_KEY = "workbook = ? AND sheet = ? AND row = ?"


def rebuild(path: Path, *, clock: Clock, projection: Projection = server_projection) -> int:
    """Derive all tables from the log again, in one transaction; the number of rows. Raises StorageError.

    The feed gets new positions, and so the store a new epoch: readers open anew, writers push again what they have.
    """
    if not path.exists():
        raise StorageError("storage-unreachable", "there is no database to rebuild", "SHEET_DATA names its folder")
    conn = connect(path)
    try:
        conn.execute("BEGIN EXCLUSIVE")
        erased = erased_keys(conn)
        for table in _DERIVED:
            conn.execute(f"DELETE FROM {table}")
        _mend_ledger(conn)
        given = numbers(conn)
        steps: dict[str, list[tuple[int, RowKey, list[str], list[str]]]] = {}
        count = 0
        for row in replay(conn):
            record = row.record
            if record is None:
                continue
            count += 1
            record.no = given[row.key]
            record.erased = row.key in erased or (row.key[0], "", "") in erased
            record.version, changed_ms = last_change(conn, row.key)
            record.masked, columns = projection(record, changed_ms)
            _write_row(conn, count, record, columns)
            told = steps.setdefault(row.key[0], [])
            told.extend((seq, row.key, moved, masked) for seq, moved, masked in _steps(row, record))
        for told in steps.values():
            lines = [
                (workbook, position, sheet, name, to_json(moved), to_json(masked), seq)
                for position, (seq, (workbook, sheet, name), moved, masked) in enumerate(sorted(told), 1)
            ]
            conn.executemany(FEED, lines)
        conn.execute(
            "INSERT INTO numbers (workbook, sheet, last_no) SELECT workbook, sheet, max(no) FROM rows"
            " GROUP BY workbook, sheet"
        )
        conn.execute(
            "UPDATE workbooks SET last_seq = (SELECT coalesce(max(seq), 0) FROM entries WHERE workbook = id),"
            " last_position = (SELECT coalesce(max(position), 0) FROM feed WHERE workbook = id)"
        )
        conn.execute("UPDATE server SET value = ? WHERE name = 'epoch'", (clock.random62(12),))
        conn.execute("COMMIT")
        return count
    except sqlite3.Error as error:
        raise storage_error("rebuild", error) from error
    finally:
        conn.close()


def _write_row(conn: sqlite3.Connection, name: int, record: RowRecord, columns: Columns) -> None:
    line = row_line(record, columns)
    marks = ", ".join("?" for _ in range(len(line) + 5))
    conn.execute(
        f"INSERT INTO rows (id, workbook, sheet, row, erased, {', '.join(line)}) VALUES ({marks})",
        (name, record.workbook, record.sheet, record.row, int(record.erased), *line.values()),
    )
    conn.executemany(
        "INSERT INTO kills (workbook, sheet, row, tier, path, edit) VALUES (?, ?, ?, ?, ?, ?)",
        [(record.workbook, record.sheet, record.row, *kill) for kill in sorted(kill_lines(record))],
    )
    conn.execute("INSERT INTO search (rowid, grams) VALUES (?, ?)", (name, grams(columns.text)))
    if columns.lat is not None and columns.lon is not None:
        conn.execute(
            "INSERT INTO places (id, south, north, west, east) VALUES (?, ?, ?, ?, ?)",
            (name, columns.lat, columns.lat, columns.lon, columns.lon),
        )


def _mend_ledger(conn: sqlite3.Connection) -> None:
    """Drop every line that cannot be believed, then write those that the log and the suggestions account for."""
    accepted = set(conn.execute("SELECT workbook, sheet, row, tier, edit FROM entries"))
    for line in conn.execute(f"SELECT {LEDGER_COLUMNS} FROM ledger").fetchall():
        key, verdict, reason = line[:5], line[6], line[7]
        if sealed(*line[:-1]) != line or (verdict == "accepted" and reason != "masked" and key not in accepted):
            conn.execute(f"DELETE FROM ledger WHERE {_KEY} AND tier = ? AND edit = ?", key)
    for verdict, source, columns in (
        ("accepted", 'entries WHERE length("update") > 0', "'', 1, received_ms, seq"),
        ("suggested", "suggestions WHERE state IN ('pending', 'declined')", "reason, version, received_ms, 0"),
    ):
        for *key, actor, reason, version, recorded_ms, seq, update in conn.execute(
            f'SELECT workbook, sheet, row, tier, edit, actor, {columns}, "update" FROM {source}'
        ).fetchall():
            digest = hashlib.sha256(update).hexdigest()
            conn.execute(
                f"INSERT INTO ledger ({LEDGER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET digest = excluded.digest, verdict = excluded.verdict,"
                " reason = excluded.reason, actor = excluded.actor, version = excluded.version,"
                " recorded_ms = excluded.recorded_ms, seq = excluded.seq, seal = excluded.seal"
                " WHERE (digest, verdict, actor, seq)"
                " <> (excluded.digest, excluded.verdict, excluded.actor, excluded.seq)"
                " AND excluded.verdict = 'accepted' AND digest <> ''",
                sealed(*key, digest, verdict, reason, actor, version, recorded_ms, seq),
            )


def _steps(row: Replayed, record: RowRecord) -> list[tuple[int, list[str], list[str]]]:
    """(seq, public paths, masked paths) of every entry that moved something the public sees."""
    steps: list[tuple[int, list[str], list[str]]] = []
    state = TierState()
    for entry, edit in zip(row.entries, row.edits, strict=True):
        if edit is None:
            continue
        before = dict(state.cells)
        if entry.tier == "public":
            state.apply(edit, received_ms=entry.received_ms)
        moved = sorted(path for path in before.keys() | state.cells.keys() if before.get(path, ()) != state.live(path))
        masked = sorted(record.masked.keys() & edit.writes.keys()) if entry.tier == "private" else []
        if moved or masked:
            steps.append((entry.seq, moved, masked))
    return steps
