"""The public feed of one workbook, live: committed changes in gapless order, gathered, encoded once, sent to all.

I/O through the members only. Owned by the room. The first change after quiet leaves at once; under load changes gather for a tick whose
length follows what the last one cost (rule SY9).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from schema.row import plain
from server.clock import Clock
from server.storage.contract import RowRecord
from server.sync.frames import Entries, Names, PlainRow, write_frame

MIN_TICK_S = 0.02  # below this coalescing saves nothing measurable
MAX_TICK_S = 0.2  # what a person still reads as "at once"
TICK_PER_COST = 4  # fan-out may take a quarter of the loop's time
MAX_ENTRIES_PER_FRAME = 500


class Member(Protocol):
    """Who hears the feed."""

    def deliver(self, frame: bytes, cursor: int) -> None:
        """Take the bytes of an entries frame that brings the reader to `cursor`; never blocks."""


class Feed:
    """Positions come in gapless from the store; they are sent in order whatever order the commits return in."""

    def __init__(self, position: int, *, clock: Clock, names: Callable[[set[str]], Names]) -> None:
        self.position = position  # the last one sent to the members
        self._clock = clock
        self._names = names
        self._arrived: dict[int, PlainRow] = {}
        self._members: set[Member] = set()
        self._tick_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._last_s = 0.0

    def join(self, member: Member) -> None:
        self._members.add(member)

    def leave(self, member: Member) -> None:
        self._members.discard(member)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def publish(self, position: int, record: RowRecord, touched: tuple[str, ...], masked: tuple[str, ...]) -> None:
        """Take in a committed change at its position."""
        self._arrived[position] = entry_of(record, touched, masked)
        if self._timer is None:
            quiet_s = self._clock.monotonic() - self._last_s
            if quiet_s >= self._tick_s:
                self.flush()
            else:
                self._timer = asyncio.get_running_loop().call_later(self._tick_s - quiet_s, self.flush)

    def flush(self) -> None:
        """Send every change up to the first gap."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        started_s = self._clock.monotonic()
        batch: list[PlainRow] = []
        while (entry := self._arrived.pop(self.position + 1, None)) is not None:
            batch.append(entry)
            self.position += 1
            if len(batch) == MAX_ENTRIES_PER_FRAME:
                self._send(batch)
                batch = []
        if batch:
            self._send(batch)
        self._last_s = self._clock.monotonic()
        cost_s = self._last_s - started_s
        self._tick_s = min(MAX_TICK_S, max(MIN_TICK_S, cost_s * TICK_PER_COST))

    def _send(self, batch: list[PlainRow]) -> None:
        if not self._members:
            return
        frame = write_frame(Entries(self.position, merged(batch), self._names(actors_of(batch))))
        for member in tuple(self._members):
            member.deliver(frame, self.position)


def entry_of(record: RowRecord, touched: tuple[str, ...], masked: tuple[str, ...]) -> PlainRow:
    """The complete live set of each touched path; an empty list where the path is gone."""
    cells = plain({path: record.public.live(path) for path in touched})
    return PlainRow(
        record.sheet,
        record.row,
        record.no,
        record.created_ms,
        record.author,
        cells,
        {path: record.masked.get(path, []) for path in masked},
        record.updated_ms,
    )


def merged(batch: list[PlainRow]) -> list[PlainRow]:
    """One entry per row: a later live set of a path stands for the earlier ones."""
    rows: dict[tuple[str, str], PlainRow] = {}
    for entry in batch:
        before = rows.get((entry.sheet, entry.row))
        rows[(entry.sheet, entry.row)] = entry if before is None else _join(before, entry)
    return list(rows.values())


def _join(before: PlainRow, after: PlainRow) -> PlainRow:
    return PlainRow(
        after.sheet,
        after.row,
        after.no,
        after.created_ms,
        after.author,
        {**before.cells, **after.cells},
        {**before.masked, **after.masked},
        after.updated_ms,
    )


def actors_of(rows: list[PlainRow]) -> set[str]:
    """Everybody these entries name."""
    found = {row.author for row in rows}
    for row in rows:
        found.update(live[2] for values in row.cells.values() for live in values)
    return found
