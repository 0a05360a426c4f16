"""Calls and the queue in a real room, and over the socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.calls import LEASE_MS
from server.calls import SHEET
from server.errors import AccessError
from tests.support.clock import FakeClock
from tests.support.edits import row_of, write
from tests.support.live import browse, sockets
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN = actor("ann")


async def test_MO40_MO41_one_caller_at_a_time_and_nobody_is_blocked(tmp_path: Path) -> None:
    clock = FakeClock()
    room = await open_room(tmp_path, clock=clock)
    vera, matt = await grant(room, "vera", "verifier"), await grant(room, "matt", "matcher")
    await submit(room, ANN, write(ANN, {"summary": "水"}))
    row = row_of(1)
    assert room.calls.call(vera, sheet=SHEET, row=row, act="take").held
    told = room.calls.call(matt, sheet=SHEET, row=row, act="take")
    assert (told.held, told.by) == (False, vera.actor)
    assert room.calls.call(matt, sheet=SHEET, row=row, act="insist").held
    clock.pass_s(LEASE_MS / 1000)
    assert room.calls.call(vera, sheet=SHEET, row=row, act="take").held
    for act, number in (("steal", 1), ("take", 9)):
        with pytest.raises(AccessError):
            room.calls.call(vera, sheet=SHEET, row=row_of(number), act=act)
    await storage_of(room).close()


async def test_MO43_MO48_visitors_see_no_queue_and_members_are_counted_once(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    vera = await grant(room, "vera", "verifier")
    await submit(room, ANN, write(ANN, {"summary": "水"}))
    visitor = room.who(ANN)
    with pytest.raises(AccessError):
        await room.calls.queue(visitor)
    with pytest.raises(AccessError):
        room.calls.call(visitor, sheet=SHEET, row=row_of(1), act="take")
    for who in (vera, vera, visitor):
        room.calls.saw(who, SHEET, row_of(1))
    found, total = await room.calls.queue(vera)
    assert (total, found[0].seen, found[0].of.no) == (1, 1, 1)
    await storage_of(room).close()


async def test_MO45_the_queue_follows_every_commit_and_the_clock(tmp_path: Path) -> None:
    clock = FakeClock()
    room = await open_room(tmp_path, clock=clock)
    vera = await grant(room, "vera", "verifier")

    async def numbers(kind: str = "verify") -> list[int]:
        return [one.of.no for one in (await room.calls.queue(vera, kind=kind))[0]]  # type: ignore[arg-type]

    for number, urgency in ((1, "normal"), (2, "critical")):
        await submit(room, ANN, write(ANN, {"summary": "水", "urgency": urgency}, at_ms=clock.now_ms()), row=number)
    assert await numbers() == [2, 1]
    await submit(room, vera, write(vera.actor, {"verify_state": "verified"}, at_ms=clock.now_ms()), row=2)
    assert await numbers() == [1]
    assert await numbers("escalated") == []
    clock.pass_s(31 * 60)
    assert await numbers() == [2, 1]
    clock.pass_s(31 * 60)
    assert await numbers("escalated") == [2]
    still = write(ANN, {"still_needed_at": "2021-07-20T14:05:00Z"}, at_ms=clock.now_ms())
    await submit(room, ANN, still, row=2)  # the person concerned, with one tap
    assert await numbers() == [1]
    await submit(room, vera, write(vera.actor, {"outcome": "rescued"}, at_ms=clock.now_ms()), row=1)
    assert await numbers() == []
    await storage_of(room).close()


async def test_MO41_MO43_MO11_over_the_socket_callers_hear_of_each_other_and_stewards_of_alarms(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    for name, role in (("vera", "verifier"), ("matt", "matcher"), ("sun", "steward")):
        await grant(room, name, role)  # type: ignore[arg-type]
    await storage_of(room).close()
    from server.storage.sqlite import open_storage

    storage = open_storage(tmp_path, clock=FakeClock())
    async with sockets(storage) as (address, rooms):
        live = rooms.room("flood")
        assert live is not None
        ann, vera, matt, sun = [await browse(address, live, name) for name in ("ann", "vera", "matt", "sun")]
        await ann.push(write(ann.actor, {"summary": "水到二楼"}))
        assert (await vera.ask("call", SHEET, row_of(1), "take", answer="lease"))[2:4] == [True, vera.actor]
        assert (await matt.ask("call", SHEET, row_of(1), "take", answer="lease"))[2:4] == [False, vera.actor]
        assert (await matt.ask("call", SHEET, row_of(1), "insist", answer="lease"))[6 - 1 :] == [vera.actor]
        heard = await vera.hear("control", lambda frame: frame[1] == "call" and frame[2]["actor"] == matt.actor)
        assert heard[2]["before"] == vera.actor
        assert not any(frame[0] == "control" and frame[1] == "call" for frame in ann.heard)
        queue = await vera.ask("queue", "verify", 10, answer="queue")
        assert queue[2] == 1 and queue[3][0][:4] == [SHEET, row_of(1), 1, "unverified"]
        assert queue[3][0][14] == matt.actor and matt.actor in queue[4]
        assert (await ann.ask("queue", "verify", 10))[2] == "not-permitted"
        assert (await vera.ask("queue", "all", 10))[2] == "bad-kind"
        assert (await vera.ask("report", ann.actor, "乱写"))[2] == ""
        alarm = await sun.hear("control", lambda frame: frame[1] == "alarm")
        assert alarm[2] == {"kind": "report", "actor": ann.actor, "reason": "乱写"}
        assert (await sun.ask("restrain", ann.actor, "quarantined", "刷屏"))[2] == ""
        listed = await sun.ask("restrained", answer="restrained")
        assert [line[:2] + line[5:] for line in listed[4]] == [[ann.actor, "quarantined", 1]]
        assert (await vera.ask("rules", False, "试"))[2] == "not-permitted"
        shown = await sun.ask("roll_back", "actor", ann.actor, 0, 0, True, False, "", answer="rolled_back")
        assert shown[2:] == ["", 1, 1, 1, 0, 1]
        done = await sun.ask("roll_back", "actor", ann.actor, 0, 0, True, True, "刷屏", answer="rolled_back")
        assert done[2] and done[3:] == [1, 1, 1, 0, 1]
        back = await sun.ask("roll_back", "rollback", done[2], 0, 0, False, True, "误会", answer="rolled_back")
        assert back[4:6] == [1, 1]
        again = await sun.ask("restore", SHEET, row_of(1), 2**50, False, "", answer="rolled_back")
        assert again[3] == 0
    await storage.close()
