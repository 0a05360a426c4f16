"""Committed rows in the forms that travel: for catching up, for history, for one row whole.

I/O through storage reads. Imported by the socket and the web.
"""

from __future__ import annotations

from typing import Any

from schema.gate import read_edit
from server.feed import actors_of
from server.room import Room
from server.storage.contract import FeedEntry, RowView
from server.sync.frames import PlainRow

HistoryEntry = tuple[int, str, str, str, int, dict[str, Any], dict[str, list[str]], str]

MAX_HISTORY = 500

__all__ = ["HistoryEntry", "actors_of", "history", "missed_rows", "plain_row", "row_of"]


def row_of(view: RowView) -> PlainRow:
    """A whole row as it travels."""
    return PlainRow(
        view.sheet,
        view.row,
        view.no,
        view.created_ms,
        view.author,
        dict(view.cells),
        dict(view.masked),
        view.updated_ms,
    )


def plain_row(room: Room, sheet: str, row: str) -> PlainRow | None:
    """One row, public tier and masked forms; None where there is none."""
    view = room.storage.view_row(room.workbook.id, sheet, row)
    return None if view is None else row_of(view)


def missed_rows(room: Room, steps: list[FeedEntry]) -> list[PlainRow]:
    """What these steps moved, as it stands now: each touched path once, with its complete live set."""
    touched: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for step in steps:
        paths, masked = touched.setdefault((step.sheet, step.row), (set(), set()))
        paths.update(step.touched)
        masked.update(step.masked_touched)
    rows = []
    for (sheet, row), (paths, masked) in touched.items():
        view = room.storage.view_row(room.workbook.id, sheet, row)
        if view is not None:
            whole = row_of(view)
            cells = {path: whole.cells.get(path, []) for path in sorted(paths)}
            forms = {path: whole.masked.get(path, []) for path in sorted(masked)}
            rows.append(PlainRow(sheet, row, whole.no, whole.created_ms, whole.author, cells, forms, whole.updated_ms))
    return rows


def history(room: Room, sheet: str, row: str, *, private: bool) -> list[HistoryEntry]:
    """A row's accepted edits, newest last; the private tier's only where asked for."""
    found: list[HistoryEntry] = []
    for entry in room.storage.log(room.workbook.id, sheet=sheet, row=row, limit=MAX_HISTORY):
        if entry.tier == "private" and not private:
            continue
        edit = read_edit(entry.update)
        found.append(
            (
                entry.seq,
                entry.tier,
                entry.edit,
                entry.actor,
                entry.received_ms,
                dict(edit.writes),
                {path: list(seen) for path, seen in edit.seen.items()},
                entry.origin,
            )
        )
    return found
