"""What is kept of every row of a workbook and brought up to the log before each answer: statistics, the queue.

I/O through storage reads. Imported by `server/statistics.py` and `server/calls.py`. Can be dropped and built again at any moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from schema.edits import Edit
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.sheets import SHEETS

if TYPE_CHECKING:
    from server.room import Room
    from server.storage.contract import RowView

PAGE = 500  # log entries taken in before others have their turn

Key = tuple[str, str]


class Following:
    """Calls `read` with every row that is new or changed, and `heard` with every accepted public edit in the order of the log."""

    def __init__(
        self,
        room: Room,
        *,
        read: Callable[[Key, RowView | None, int], None],
        heard: Callable[[Key, Edit, int], None] | None = None,
    ) -> None:
        self._room = room
        self._read = read
        self._heard = heard
        self._seq = 0
        self._stale: set[Key] = set()
        self._one = asyncio.Lock()

    def forget(self, sheet: str, row: str) -> None:
        """A row changed beside the log (erasure): it is read again."""
        self._stale.add((sheet, row))

    async def catch_up(self, *, again: Callable[[int], Iterable[Key]] = lambda now_ms: ()) -> int:
        """Take in everything committed, and rows that the clock has changed; the moment at which that is so."""
        async with self._one:
            more = True
            while more:
                more = self._take_page()
                if more:
                    await asyncio.sleep(0)
            now_ms = self._room.clock.now_ms()
            for key in self._stale | set(again(now_ms)):
                self._read(key, self._view(key), now_ms)
            self._stale.clear()
        return now_ms

    def _take_page(self) -> bool:
        """Whether there may be more."""
        page = self._room.storage.log(self._room.workbook.id, after=self._seq, limit=PAGE)
        touched: dict[Key, None] = {}
        for entry in page:
            key = (entry.sheet, entry.row)
            if entry.sheet not in SHEETS:
                continue
            touched[key] = None
            if self._heard is not None and entry.tier == "public" and entry.update:
                try:
                    self._heard(key, read_edit(entry.update), entry.received_ms)
                except ProtocolError:
                    continue  # written by a newer program: its row is read all the same
        now_ms = self._room.clock.now_ms()
        for key in touched:
            self._read(key, self._view(key), now_ms)
        if page:
            self._seq = page[-1].seq
        return len(page) == PAGE

    def _view(self, key: Key) -> RowView | None:
        return self._room.storage.view_row(self._room.workbook.id, *key)
