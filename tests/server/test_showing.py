"""Showings: right, limit, alarm, and who was shown what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.errors import AccessError
from server.room import Room
from server.showing import ROWS_PER_HOUR, show, showings
from tests.support.clock import FakeClock
from tests.support.edits import row_of, secret_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN = actor("ann")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


async def fill(room: Room, rows: int) -> None:
    for row in range(1, rows + 1):
        await submit(room, ANN, write(ANN, {"summary": "x"}), ("private", write(ANN, {"person_name": "王某"})), row=row)


async def test_PR1_a_showing_that_cannot_be_logged_is_none(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    vera = await grant(room, "vera", "verifier")
    await fill(room, 1)

    async def fails(*args: object) -> None:
        raise OSError("full")

    monkeypatch.setattr(room.storage, "write_audit", fails)
    with pytest.raises(OSError, match="full"):
        await show(room, vera, sheet="help", row=row_of(1), reason="核实")


async def test_PR2_PR3_reading_in_bulk_rings_an_alarm_and_then_stops(room: Room) -> None:
    volunteer = await grant(room, "bo", "volunteer")
    limit = ROWS_PER_HOUR["volunteer"]
    for row in range(1, limit + 2):
        await submit(
            room,
            volunteer,
            write(volunteer.actor, {"summary": "x"}),
            ("private", write(volunteer.actor, {"person_name": "王某"})),
            row=row,
        )
    for row in range(1, limit + 1):
        await show(room, volunteer, sheet="help", row=row_of(row), reason="打电话")
        await show(room, volunteer, sheet="help", row=row_of(row), reason="再看一次")
    assert [line.detail for line in room.storage.audit("flood", act="alarm")] == [f"bulk-reading {limit // 2}"]
    with pytest.raises(AccessError) as caught:
        await show(room, volunteer, sheet="help", row=row_of(limit + 1), reason="打电话")
    assert caught.value.code == "too-many"
    assert isinstance(room.clock, FakeClock)
    room.clock.pass_s(3601)
    await show(room, volunteer, sheet="help", row=row_of(limit + 1), reason="打电话")


async def test_PR4_the_person_concerned_sees_who_was_shown_their_row(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await fill(room, 2)
    await show(room, vera, sheet="help", row=row_of(1), reason="核实")
    await show(room, vera, sheet="help", row=row_of(2), reason="核实")
    seen = showings(room, room.who(ANN), sheet="help", row=row_of(1))
    assert [(line.actor, line.role, line.reason) for line in seen] == [(vera.actor, "verifier", "核实")]
    with pytest.raises(AccessError):
        showings(room, room.who(actor("chen")), sheet="help", row=row_of(1))
    await room.remember_hold("help", row_of(1), actor("chen"), secret_of(1))
    assert len(showings(room, room.who(actor("chen")), sheet="help", row=row_of(1))) == 1


async def test_PR5_a_volunteer_sees_the_row_they_are_calling_and_only_then(room: Room) -> None:
    volunteer = await grant(room, "bo", "volunteer")
    await fill(room, 2)
    with pytest.raises(AccessError):
        await show(room, volunteer, sheet="help", row=row_of(1), reason="打电话")
    assert room.calls.call(volunteer, sheet="help", row=row_of(1), act="take").held
    assert await show(room, volunteer, sheet="help", row=row_of(1), reason="打电话")
    with pytest.raises(AccessError):
        await show(room, volunteer, sheet="help", row=row_of(2), reason="打电话")
    room.calls.call(volunteer, sheet="help", row=row_of(1), act="release")
    with pytest.raises(AccessError):
        await show(room, volunteer, sheet="help", row=row_of(1), reason="打电话")


async def test_PR2_ones_own_row_does_not_count(room: Room) -> None:
    limit = ROWS_PER_HOUR["visitor"]
    await fill(room, limit + 2)
    for row in range(1, limit + 3):
        await show(room, room.who(ANN), sheet="help", row=row_of(row), reason="本人")
