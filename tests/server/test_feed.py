"""The feed: gapless order, gathering, one entry per row."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

from schema.row import TierState
from server.feed import Feed
from server.storage.contract import RowRecord
from server.sync.frames import Names
from tests.support.clock import FakeClock
from tests.support.edits import ANN, row_of, write


@dataclass(eq=False)
class Reader:
    cursors: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    twice: asyncio.Event = field(default_factory=asyncio.Event)

    def deliver(self, frame: bytes, cursor: int) -> None:
        self.cursors.append(cursor)
        if len(self.cursors) > 1:
            self.twice.set()
        self.rows.append([entry[1] for entry in msgspec.msgpack.decode(frame)[2]])


def record(row: int, **cells: object) -> RowRecord:
    state = TierState()
    state.apply(write(ANN, cells))  # type: ignore[arg-type]
    return RowRecord("flood", "help", row_of(row), row, ANN, 1, 1, 1, public=state)


def nobody(actors: set[str]) -> Names:
    return {actor: ("", "visitor") for actor in actors}


def feed_of(clock: FakeClock) -> tuple[Feed, Reader]:
    feed, reader = Feed(0, clock=clock, names=nobody), Reader()
    feed.join(reader)
    return feed, reader


async def test_SY9_the_first_change_after_quiet_leaves_at_once() -> None:
    feed, reader = feed_of(FakeClock())
    feed.publish(1, record(1, floor=1), ("floor",), ())
    assert reader.cursors == [1]


async def test_SY9_changes_that_come_fast_are_gathered_and_merged_per_row() -> None:
    clock = FakeClock()
    feed, reader = feed_of(clock)
    feed.publish(1, record(1, floor=1), ("floor",), ())
    for position in range(2, 8):
        feed.publish(position, record(position % 2 + 1, floor=position), ("floor",), ())
    assert reader.cursors == [1]
    await asyncio.sleep(0)
    feed.flush()
    assert reader.cursors == [1, 7]
    assert sorted(reader.rows[1]) == sorted([row_of(1), row_of(2)])


async def test_SY9_a_gathered_change_leaves_by_itself_within_the_tick() -> None:
    feed, reader = feed_of(FakeClock())
    feed.publish(1, record(1, floor=1), ("floor",), ())
    feed.publish(2, record(1, floor=2), ("floor",), ())
    async with asyncio.timeout(5):
        await reader.twice.wait()
    assert reader.cursors == [1, 2]


async def test_SY5_positions_are_sent_in_order_whatever_order_commits_return_in() -> None:
    clock = FakeClock()
    feed, reader = feed_of(clock)
    feed.publish(3, record(3, floor=1), ("floor",), ())
    feed.publish(2, record(2, floor=1), ("floor",), ())
    assert reader.cursors == []
    clock.pass_s(1)
    feed.publish(1, record(1, floor=1), ("floor",), ())
    feed.flush()
    assert reader.cursors[-1] == 3
    assert [row for rows in reader.rows for row in rows] == [row_of(1), row_of(2), row_of(3)]


async def test_SY5_a_path_that_is_gone_travels_as_an_empty_live_set() -> None:
    clock = FakeClock()
    feed = Feed(0, clock=clock, names=nobody)
    frames: list[bytes] = []

    class Keeper:
        def deliver(self, frame: bytes, cursor: int) -> None:
            frames.append(frame)

    feed.join(Keeper())
    feed.publish(1, record(1, floor=1), ("place",), ("contact_phone",))
    entry = msgspec.msgpack.decode(frames[0])[2][0]
    assert entry[5] == {"place": []}
    assert entry[6] == {"contact_phone": []}
