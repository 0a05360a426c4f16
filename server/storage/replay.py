"""What the log says a row is: its entries read through the gate and folded, and the lines its tables should hold.

Reads on the connection given. Imported by `verify.py` and `rebuild.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from schema.edits import Edit, Tier
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.row import TierState, plain
from server.storage.commit import order_of, to_json, words_of
from server.storage.contract import Columns, LogEntry, RowRecord

RowKey = tuple[str, str, str]  # workbook, sheet, row

Masked = dict[str, list[str]]
Projection = Callable[[RowRecord, int], tuple[Masked, Columns]]  # the row, and the time of its last change

ROW_COLUMNS = (
    "no", "status", "urgency", "over", "rank", "district", "verify_state", "summary", "place", "contact", "lat", "lon",
    "author", "created_ms", "updated_ms", "version", "text", "public", "masked", "private",
)  # fmt: skip

_ENTRIES = (
    'SELECT workbook, seq, sheet, row, tier, "update", edit, actor, session, origin, received_ms, accepted_by'
    " FROM entries ORDER BY workbook, sheet, row, seq"
)


@dataclass(slots=True)
class Replayed:
    """One row from its log. `record` is None where no public edit was accepted, which the log never holds alone."""

    key: RowKey
    entries: list[LogEntry] = field(default_factory=list)
    edits: list[Edit | None] = field(default_factory=list)  # None where an entry is erased or does not pass the gate
    record: RowRecord | None = None


def replay(conn: sqlite3.Connection) -> Iterator[Replayed]:
    """Every row of the log, folded, in key order. `no` and `version` are not in a row's own entries: see
    `number_of`.
    """
    for key, lines in groupby(conn.execute(_ENTRIES), key=lambda line: (line[0], line[2], line[3])):
        row = Replayed(key)
        workbook, sheet, name = key
        record = RowRecord(workbook, sheet, name, no=0, author="", created_ms=0, updated_ms=0, version=0)
        for _, seq, _, _, tier, *rest in lines:
            entry = LogEntry(seq, sheet, name, tier, *rest)
            row.entries.append(entry)
            edit = _read(entry.update) if entry.update else None
            row.edits.append(edit)
            if not entry.update:  # erased: that it was written stays (rule ER2)
                record.updated_ms = max(record.updated_ms, entry.received_ms)
            if edit is None or tier not in ("public", "private"):
                continue
            if not record.author and tier == "public":
                record.author, record.created_ms = edit.actor, entry.received_ms
            record.updated_ms = max(record.updated_ms, entry.received_ms)
            record.tier(tier).apply(edit, received_ms=entry.received_ms)
        row.record = record if record.author else None
        yield row


def numbers(conn: sqlite3.Connection) -> dict[RowKey, int]:
    """The number of every row: the order of first public edits within a sheet."""
    given: dict[RowKey, int] = {}
    last: dict[tuple[str, str], int] = {}
    for workbook, sheet, row in conn.execute(
        "SELECT workbook, sheet, row FROM entries WHERE tier = 'public' GROUP BY workbook, sheet, row"
        " ORDER BY workbook, min(seq)"
    ):
        last[workbook, sheet] = last.get((workbook, sheet), 0) + 1
        given[workbook, sheet, row] = last[workbook, sheet]
    return given


def last_change(conn: sqlite3.Connection, key: RowKey) -> tuple[int, int]:
    """(version, received_ms) of a row's last change, as its ledger, the decisions about it and its erasure tell."""
    found = conn.execute(
        "SELECT version, recorded_ms FROM ledger WHERE workbook = ? AND sheet = ? AND row = ?"
        " UNION ALL SELECT version, decided_ms FROM suggestions WHERE workbook = ? AND sheet = ? AND row = ?"
        " UNION ALL SELECT version, changed_ms FROM erasures WHERE workbook = ? AND sheet = ? AND row = ?"
        " ORDER BY 1 DESC, 2 DESC LIMIT 1",
        (*key, *key, *key),
    ).fetchone()
    return (found[0], found[1]) if found else (0, 0)


def erased_keys(conn: sqlite3.Connection) -> dict[RowKey, bool]:
    """Every row that was erased → whole; a workbook under ("", "")."""
    found = conn.execute("SELECT workbook, sheet, row, whole FROM erasures")
    return {(workbook, sheet, row): bool(whole) for workbook, sheet, row, whole in found}


def row_line(record: RowRecord, columns: Columns) -> dict[str, object]:
    """What the `rows` table holds of a record, by column."""
    values = (
        record.no,
        *order_of(columns),
        *words_of(columns),
        record.author,
        record.created_ms,
        record.updated_ms,
        record.version,
        columns.text,
        to_json(plain(record.public.cells)),
        to_json({path: record.masked[path] for path in sorted(record.masked)}),
        to_json(plain(record.private.cells)),
    )
    return dict(zip(ROW_COLUMNS, values, strict=True))


def kill_lines(record: RowRecord) -> set[tuple[Tier, str, str]]:
    """What the `kills` table holds of a record."""
    tiers: tuple[tuple[Tier, TierState], ...] = (("public", record.public), ("private", record.private))
    return {(tier, path, edit) for tier, state in tiers for path, dead in state.kills.items() for edit in dead}


def server_projection(record: RowRecord, now_ms: int) -> tuple[Masked, Columns]:
    """The projection this server uses. Imported late: the store itself knows nothing of sheets."""
    from schema.sheets import load_sheet
    from server.projection import columns_of, masked_of

    sheet = load_sheet(record.sheet)
    record.masked = masked_of(sheet, record.private.cells)
    return record.masked, columns_of(sheet, record, now_ms=now_ms)


def _read(update: bytes) -> Edit | None:
    try:
        return read_edit(update)
    except ProtocolError:
        return None
