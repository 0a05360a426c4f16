"""The rules against vandalism on a real room: what is held waits, what is decided is in the audit, and a restart forgets nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.errors import AccessError
from server.guarding import report_actor, restrain_actor, restrained, switch_rules
from server.room import Room
from tests.support.clock import FakeClock
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

BO = actor("bo")


async def file(room: Room, rows: int) -> None:
    for row in range(rows):
        await submit(
            room, actor("ann"), write(actor("ann"), {"place": "米河镇小里河村"}, at_ms=room.clock.now_ms()), row=row
        )


async def spoil(
    room: Room, row: int, text: str = "瞎写", *, name: str = "bo", origin: str = "session"
) -> tuple[str, str]:
    """Somebody replaces a place they see; (verdict, reason)."""
    record = room.record("help", row_of(row))
    assert record is not None
    live = [one.edit for one in record.public.live("place")]
    edit = write(actor(name), {"place": text}, seen={"place": live}, at_ms=room.clock.now_ms())
    answer = await submit(room, room.who(actor(name)), edit, row=row, origin=origin)
    return answer.verdicts[0].verdict, answer.verdicts[0].reason


async def test_MO3_MO4_MO11_a_vandal_is_held_then_quarantined_and_it_is_in_the_audit(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await file(room, 9)
    said = [await spoil(room, row) for row in range(9)]
    assert said[:3] == [("accepted", "ok")] * 3
    assert said[3:5] == [("suggested", "vandalism-r2")] * 2
    assert said[5:] == [("suggested", "vandalism-r3")] * 4
    lines = room.storage.audit(room.workbook.id, act="quarantine")
    assert [(line.reason, line.detail) for line in lines] == [("r3", f"{BO} quarantined")]
    waiting = room.storage.suggestions(room.workbook.id)
    assert len(waiting) == 6  # kept whole, for somebody to look at
    await storage_of(room).close()


async def test_MO1_MO10_the_quarantined_still_ask_for_help_and_mend_their_own_row(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    await file(room, 1)
    for step in ("quarantined", "banned"):
        await restrain_actor(room, sun, actor=BO, step=step, reason="乱改")
        number = 20 if step == "banned" else 21
        for text in ("水到二楼", "水到三楼"):
            record = room.record("help", row_of(number))
            live = [one.edit for one in record.public.live("summary")] if record else []
            edit = write(BO, {"summary": text}, seen={"summary": live} if live else None)
            answer = await submit(room, BO, edit, row=number)
            assert answer.verdicts[0].verdict == "accepted"
        assert room.guard.lists_behind("help", row_of(number))
        said = await spoil(room, 0, "米河镇小里河村 三组")
        assert said == (("suggested", "vandalism-quarantined") if step == "quarantined" else ("refused", "banned"))
    await restrain_actor(room, sun, actor=BO, step="free", reason="误会")
    assert (await spoil(room, 0, "米河镇小里河村 三组"))[0] == "accepted"
    await storage_of(room).close()


async def test_MO6_an_import_is_not_looked_at(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await file(room, 9)
    assert {await spoil(room, row, origin="import") for row in range(9)} == {("accepted", "ok")}
    await storage_of(room).close()


async def test_MO13_after_a_restart_the_same_is_decided(tmp_path: Path) -> None:
    clock = FakeClock()
    room = await open_room(tmp_path, clock=clock)
    sun = await grant(room, "sun", "steward")
    await file(room, 12)
    for row in range(3):
        await spoil(room, row)
    await spoil(room, 4, name="chen")
    for row in range(8):
        await spoil(room, row, "不用去", name="tina")
    await submit(room, actor("tina"), write(actor("tina"), {"contact_log:aaaaaaaa": ["call", "busy", "", ""]}), row=2)
    await restrain_actor(room, sun, actor=actor("matt"), step="banned", reason="骚扰")
    await report_actor(room, sun, actor=actor("chen"), reason="乱改")
    await switch_rules(room, sun, on=False, reason="试")
    await switch_rules(room, sun, on=True, reason="试完")
    before = room.guard.state
    assert before.actors[actor("tina")].restraint == "quarantined"
    await storage_of(room).close()
    again = await open_room(tmp_path, clock=clock)
    await again.guard.ready()
    state = again.guard.state
    assert state.actors[actor("tina")].restraint == "quarantined"
    assert state == before
    assert (await spoil(again, 9))[1] == "vandalism-r2"
    assert (await spoil(again, 9, name="matt")) == ("refused", "banned")
    await storage_of(again).close()


async def test_MO10_MO11_who_may_restrain_and_that_it_needs_a_reason(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun, vera = await grant(room, "sun", "steward"), await grant(room, "vera", "verifier")
    await grant(room, "olga", "owner")
    for who, whom, step, reason, code in (
        (vera, BO, "banned", "乱改", "not-permitted"),
        (sun, BO, "banned", "  ", "reason-wanted"),
        (sun, BO, "hanged", "乱改", "bad-restraint"),
        (sun, actor("olga"), "banned", "乱改", "not-permitted"),
    ):
        with pytest.raises(AccessError) as caught:
            await restrain_actor(room, who, actor=whom, step=step, reason=reason)
        assert caught.value.code == code
    await restrain_actor(room, sun, actor=BO, step="banned", reason="乱改")
    await report_actor(room, room.who(BO), actor=BO, reason="我没有乱改")
    await report_actor(room, vera, actor=actor("chen"), reason="乱打电话")
    acts = [(line.act, line.actor, line.reason) for line in room.storage.audit(room.workbook.id)[:3]]
    assert acts == [
        ("report", vera.actor, "乱打电话"),
        ("appeal", BO, "我没有乱改"),
        ("restrain", sun.actor, "乱改"),
    ]
    listed = {who: (record.restraint, reports) for who, record, reports in restrained(room, sun)}
    assert listed == {BO: ("banned", 0), actor("chen"): ("free", 1)}
    with pytest.raises(AccessError):
        restrained(room, vera)
    await storage_of(room).close()


async def test_MO12_the_rules_can_be_switched_off(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    await file(room, 9)
    await switch_rules(room, sun, on=False, reason="误伤太多")
    assert {await spoil(room, row) for row in range(9)} == {("accepted", "ok")}
    with pytest.raises(AccessError):
        await switch_rules(room, room.who(BO), on=True, reason="我来")
    await storage_of(room).close()


async def test_MO4_an_edit_sent_again_is_the_same_act(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await file(room, 2)
    record = room.record("help", row_of(0))
    assert record is not None
    edit = write(BO, {"place": "瞎写"}, seen={"place": [record.public.live("place")[0].edit]})
    for _ in range(4):
        assert (await submit(room, BO, edit, row=0)).verdicts[0].verdict == "accepted"
    assert len(room.guard.state.actors[BO].deeds) == 1
    await storage_of(room).close()
