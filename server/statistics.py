"""A workbook's statistics, live: one fact per row, brought up to the log before every answer. JSON and CSV.

I/O through storage reads. Owned by the room. Rules MO60–MO66 of docs/spec/moderation.md.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from moderation.statistics import Fact, Firsts, Statistics, fact_of, statistics_of
from schema.edits import Edit
from schema.row import from_plain
from schema.sheets import SHEETS
from server.following import Following, Key

if TYPE_CHECKING:
    from server.room import Room
    from server.storage.contract import RowView

UTF8_MARK = "\ufeff"


class LiveStatistics:
    """Facts of every row."""

    def __init__(self, room: Room) -> None:
        self._facts: dict[Key, Fact] = {}
        self._firsts: dict[Key, Firsts] = {}
        self.following = Following(room, read=self._read, heard=self._hear)

    async def report(self, sheet: str) -> Statistics:
        """A sheet's sums: exactly the rows that are committed when it returns."""
        now_ms = await self.following.catch_up(again=self._moved)
        return statistics_of(sheet, self._facts.values(), now_ms)

    def _moved(self, now_ms: int) -> list[Key]:
        return [key for key, fact in self._facts.items() if 0 < fact.changes_ms <= now_ms]

    def _hear(self, key: Key, edit: Edit, received_ms: int) -> None:
        self._firsts.setdefault(key, Firsts()).after(edit, received_ms, sheet=SHEETS[key[0]])

    def _read(self, key: Key, view: RowView | None, now_ms: int) -> None:
        if view is None:
            self._facts.pop(key, None)
            return
        cells, firsts = from_plain(view.cells), self._firsts.get(key, Firsts())
        self._facts[key] = fact_of(
            cells, firsts, sheet=SHEETS[key[0]], no=view.no, created_ms=view.created_ms, now_ms=now_ms
        )


def plain(found: Statistics) -> dict[str, Any]:
    """As JSON."""
    return asdict(found)


def as_csv(found: Statistics) -> str:
    """A long table: what, of which, how many. Spreadsheet programs pivot it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["measure", "of", "value"])
    whole = plain(found)
    for name, value in whole.items():
        if name == "hours":
            for hour, counts in value.items():
                writer.writerows([f"hour_{kind}", hour, number] for kind, number in counts.items())
        elif isinstance(value, dict):
            writer.writerows([name, _guarded(of), number] for of, number in value.items())
        else:
            writer.writerow([name, "", "" if value is None else value])
    return UTF8_MARK + out.getvalue()


def _guarded(text: str) -> str:
    """No cell of it can be a formula."""
    return "'" + text if text[:1] in "=+-@\t\r" and text else text
