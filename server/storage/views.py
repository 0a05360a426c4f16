"""A view per sheet for people who look with datasette or the sqlite3 shell: fields as columns, one row a line.

I/O on the connection given. Imported by `sqlite.py`. Public values and masked forms only. Views follow the
definitions that ship with the program, so they are compared at every start, not migrated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from schema.sheets import SHEETS, Field, Sheet

PREFIX = "sheet_"  # a sheet may be called like a table

_LEADING = (
    ("workbook", "workbook"),
    ("no", "no"),
    ("status", "status"),
    ("created", "datetime(created_ms / 1000, 'unixepoch')"),
    ("updated", "datetime(updated_ms / 1000, 'unixepoch')"),
)
_OWN = frozenset(name for name, _ in _LEADING) | {"row"}


def refresh_views(conn: sqlite3.Connection, sheets: Iterable[Sheet] | None = None) -> list[str]:
    """Make or change the views that are not as the sheets say; the names of those. Raises sqlite3.Error."""
    wanted = {PREFIX + sheet.id: view_of(sheet) for sheet in (SHEETS.values() if sheets is None else sheets)}
    found = dict(
        conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view' AND name LIKE 'sheet\\_%' ESCAPE '\\'")
    )
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    for name in stale:
        conn.execute(f'DROP VIEW IF EXISTS "{name}"')
        if name in wanted:
            conn.execute(wanted[name])
    return stale


def view_of(sheet: Sheet) -> str:
    """The statement that makes a sheet's view, as SQLite will keep it."""
    columns = [f'{source} AS "{name}"' for name, source in _LEADING]
    for column in sheet.fields.values():
        if not column.derived:
            name = column.id if column.id not in _OWN else f"{column.id}_"
            columns.append(f'{_source(column)} AS "{name}"')
    columns.append('row AS "row"')
    listed = ",\n  ".join(columns)
    return f"CREATE VIEW \"{PREFIX}{sheet.id}\" AS SELECT\n  {listed}\nFROM rows WHERE sheet = '{sheet.id}'"


def _source(column: Field) -> str:
    """What a column of the view shows: the last live value, or every code and entry where a field has many."""
    if column.tier == "private":
        return f"(SELECT group_concat(value, ', ') FROM json_each(masked, '$.{column.id}'))"
    if column.kind == "multi":
        # Chosen codes; the text of `other` as it is.
        return (
            "(SELECT group_concat(iif(json_type(value, '$[#-1][1]') = 'text', json_extract(value, '$[#-1][1]'),"
            f" substr(key, {len(column.id) + 2})), ', ') FROM json_each(public)"
            f" WHERE key GLOB '{column.id}:*' AND json_extract(value, '$[#-1][1]') NOT IN (0, ''))"
        )
    if column.kind in ("log", "claim"):
        return (
            f"(SELECT count(*) FROM json_each(public) WHERE key GLOB '{column.id}:*'"
            " AND json_extract(value, '$[#-1][1]') IS NOT NULL)"
        )
    return f"json_extract(public, '$.{column.id}[#-1][1]')"
