"""Rollback on a real room: what a vandal wrote goes, what everybody else wrote stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schema.row import is_conflict, shown
from schema.values import Value
from server.errors import AccessError
from server.ingest import submission_of
from server.rollbacks import restore_row, roll_back, sheet_at
from server.room import Room
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

FOREVER = 2**52


def value(room: Room, path: str, row: int = 1) -> Value:
    record = room.record("help", row_of(row))
    assert record is not None
    assert not is_conflict(record.public.live(path))
    return shown(record.public.live(path))


async def over(room: Room, name: str, path: str, text: Value, *, row: int = 1) -> str:
    """Somebody replaces what they see."""
    record = room.record("help", row_of(row))
    live = record.public.live(path) if record else ()
    edit = write(
        actor(name), {path: text}, seen={path: [one.edit for one in live]} if live else None, at_ms=room.clock.now_ms()
    )
    answer = await submit(room, room.who(actor(name)), edit, row=row)
    assert answer.verdicts[0].verdict == "accepted", answer
    return edit.edit


async def test_MO20_a_rollback_restores_exactly_what_still_holds(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    for row in (1, 2):
        await submit(room, actor("ann"), write(actor("ann"), {"summary": "水到二楼", "place": "米河镇"}), row=row)
        await over(room, "bo", "place", "瞎写", row=row)
    await over(room, "chen", "place", "米河镇小学", row=2)  # somebody has mended this one already
    await over(room, "bo", "directions", "往回走")
    report = await roll_back(room, sun, of="actor", whom=actor("bo"), since_ms=0, until_ms=FOREVER)
    assert (report.id, report.edits, report.cells, report.conflicts, report.rows) == ("", 3, 2, 1, 1)
    assert value(room, "place") == "瞎写"  # a preview writes nothing
    done = await roll_back(
        room, sun, of="actor", whom=actor("bo"), since_ms=0, until_ms=FOREVER, apply=True, reason="乱改"
    )
    assert (done.cells, done.conflicts) == (2, 1) and done.id
    assert value(room, "place") == "米河镇"
    assert value(room, "directions") is None
    assert value(room, "place", 2) == "米河镇小学"
    assert value(room, "summary") == "水到二楼"
    lines = room.storage.audit(room.workbook.id, act="rollback")
    assert [line.reason for line in lines] == ["乱改"]
    entries = [one for one in room.storage.log(room.workbook.id) if one.origin == "rollback"]
    assert {(one.actor, one.session) for one in entries} == {(actor("sun"), done.id)}
    await storage_of(room).close()


async def test_MO22_a_rollback_is_undone_by_its_id(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "水到二楼", "place": "米河镇"}))
    await over(room, "bo", "place", "高村乡")
    done = await roll_back(
        room, sun, of="actor", whom=actor("bo"), since_ms=0, until_ms=FOREVER, apply=True, reason="误会"
    )
    undone = await roll_back(
        room, sun, of="rollback", whom=done.id, since_ms=0, until_ms=FOREVER, apply=True, reason="看错了"
    )
    assert undone.cells == 1
    assert value(room, "place") == "高村乡"
    redone = await roll_back(
        room, sun, of="rollback", whom=undone.id, since_ms=0, until_ms=FOREVER, apply=True, reason="没看错"
    )
    assert redone.cells == 1
    assert value(room, "place") == "米河镇"
    await storage_of(room).close()


async def test_MO21_a_row_that_was_begun_stays_and_is_called_invalid_where_asked(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    await submit(room, actor("bo"), write(actor("bo"), {"summary": "假的"}), row=1)
    await submit(room, actor("bo"), write(actor("bo"), {"summary": "也许是假的"}), row=2)
    await over(room, "ann", "place", "我认识这家人", row=2)
    window = {"of": "actor", "whom": actor("bo"), "since_ms": 0, "until_ms": FOREVER, "apply": True, "reason": "刷屏"}
    assert (await roll_back(room, sun, **window)).begun == 2  # type: ignore[arg-type]
    assert value(room, "outcome") is None
    await roll_back(room, sun, **window, begun=True)  # type: ignore[arg-type]
    assert (value(room, "outcome"), value(room, "summary")) == ("invalid", "假的")
    assert value(room, "outcome", 2) is None  # somebody else vouches for it
    await storage_of(room).close()


async def test_MO23_an_invite_is_rolled_back_from_when_it_was_used(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    from server.identity import join, make_invite
    from tests.support.rooms import DEVICES

    await submit(room, actor("ann"), write(actor("ann"), {"summary": "水到二楼", "place": "米河镇"}))
    await over(room, "bo", "summary", "水到二楼 有老人")  # before the invite
    made = await make_invite(room, sun.actor, role="volunteer", uses=1, days=1)
    await join(room, DEVICES["bo"], made.secret)
    await over(room, "bo", "place", "瞎写")
    done = await roll_back(
        room, sun, of="invite", whom=made.id, since_ms=0, until_ms=FOREVER, apply=True, reason="邀请外泄"
    )
    assert done.cells == 1
    assert (value(room, "place"), value(room, "summary")) == ("米河镇", "水到二楼 有老人")
    await storage_of(room).close()


async def test_MO24_a_row_is_restored_to_a_moment(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "水到二楼", "place": "米河镇"}))
    moment = room.clock.now_ms()
    await over(room, "bo", "place", "瞎写")
    await over(room, "chen", "place", "又一个")
    await restore_row(room, sun, sheet="help", row=row_of(1), at_ms=moment, apply=True, reason="恢复")
    assert value(room, "place") == "米河镇"
    with pytest.raises(AccessError):
        await restore_row(room, sun, sheet="help", row=row_of(1), at_ms=1, apply=True, reason="太早")
    await storage_of(room).close()


async def test_MO25_a_sheet_is_seen_as_it_was(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "水到二楼", "place": "米河镇"}))
    moment = room.clock.now_ms()
    await over(room, "bo", "place", "瞎写")
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "后来的"}), row=2)
    before = await sheet_at(room, "help", moment)
    assert [(one.no, one.public["place"], one.status) for one in before] == [(1, ["米河镇"], "unverified")]
    assert len(await sheet_at(room, "help", room.clock.now_ms())) == 2
    await storage_of(room).close()


async def test_MO26_only_a_steward_with_a_reason_rolls_back(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    vera = await grant(room, "vera", "verifier")
    sun = await grant(room, "sun", "steward")
    for who, reason, code in ((vera, "乱改", "not-permitted"), (sun, " ", "reason-wanted")):
        with pytest.raises(AccessError) as caught:
            await roll_back(
                room, who, of="actor", whom=actor("bo"), since_ms=0, until_ms=FOREVER, apply=True, reason=reason
            )
        assert caught.value.code == code
    await storage_of(room).close()


async def test_MO20_thousands_of_edits_are_taken_back_at_once(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    sun = await grant(room, "sun", "steward")
    rows, each = 200, 10
    for first in range(0, rows, 100):
        work = []
        for number in range(first, first + 100):
            filed = write(actor("ann"), {"water_depth_cm": 1, "summary": "水"})
            work.append((number, filed, actor("ann"), "import"))
        await asyncio.gather(*(_put(room, *one) for one in work))
        for _ in range(each):
            batch = []
            for number in range(first, first + 100):
                record = room.record("help", row_of(number))
                assert record is not None
                live = [one.edit for one in record.public.live("summary")]
                batch.append(
                    (number, write(actor("bo"), {"summary": "乱"}, seen={"summary": live}), actor("bo"), "hub")
                )
            await asyncio.gather(*(_put(room, *one) for one in batch))
    done = await roll_back(
        room, sun, of="actor", whom=actor("bo"), since_ms=0, until_ms=FOREVER, apply=True, reason="乱改"
    )
    assert (done.edits, done.cells) == (rows * each, rows)
    assert value(room, "summary", 50) == "水"
    await storage_of(room).close()


async def _put(room: Room, number: int, edit: object, who: str, origin: str) -> None:
    answer = await room.submit(
        submission_of(
            [("public", edit)],  # type: ignore[list-item]
            sheet="help",
            row=row_of(number),
            who=room.who(who),
            session="s",
            origin=origin,
        )
    )
    assert answer.verdicts[0].verdict == "accepted", answer
