"""The workbooks' live sides, opened on first use.

I/O through storage. Built by `server/app.py`.
"""

from __future__ import annotations

from server.clock import Clock
from server.room import Room
from server.storage.sqlite import SqliteStorage


class Rooms:
    """Every workbook of a store, by id."""

    def __init__(self, storage: SqliteStorage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock
        self._open: dict[str, Room] = {}

    def room(self, workbook: str) -> Room | None:
        """The room of a workbook; None where there is no such workbook."""
        if workbook not in self._open:
            found = self.storage.workbook(workbook)
            if found is None:
                return None
            self._open[workbook] = Room(found, self.storage, self.clock, key=self.storage.key)
        return self._open[workbook]

    def all(self) -> list[Room]:
        """Every room opened so far."""
        return list(self._open.values())
