"""The socket, live: a real server on a real port, and clients that speak frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import connect

from moderation.protection import Guard
from schema.encoding import encode_edit
from schema.ids import short_code
from server import identity
from server.room import Room
from server.storage.contract import Workbook
from server.storage.sqlite import SqliteStorage, open_storage
from server.sync.frames import PROTOCOL
from server.sync.outbox import MAX_OUTBOX_BYTES
from tests.support.edits import row_of, secret_of, write
from tests.support.live import FakeBrowser, browse, sockets
from tests.support.rooms import DEVICES, actor, grant, submit


@dataclass
class Live:
    address: str
    room: Room
    storage: SqliteStorage

    async def browse(self, name: str, *, cursor: int = 0, epoch: str = "") -> FakeBrowser:
        return await browse(self.address, self.room, name, cursor=cursor, epoch=epoch)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    storage = open_storage(tmp_path)
    await storage.add_workbook(Workbook("flood", "洪水", False, "k" * 22, storage.server_id, 1, {}))
    async with sockets(storage) as (address, rooms):
        room = rooms.room("flood")
        assert room is not None
        yield Live(address, room, storage)
    await storage.close()


async def test_SY4_a_push_is_answered_after_the_commit_one_verdict_per_edit(live: Live) -> None:
    ann = await live.browse("ann")
    first, second = write(ann.actor, {"summary": "救命"}), write(ann.actor, {"verify_state": "verified"})
    assert await ann.push(first, second) == [
        [first.edit, "accepted", "ok"],
        [second.edit, "suggested", "needs-role"],
    ]
    assert [entry.edit for entry in live.storage.log("flood")] == [first.edit]


async def test_SY5_a_live_reader_hears_the_complete_live_set_of_each_touched_path(live: Live) -> None:
    ann, bo = await live.browse("ann"), await live.browse("bo")
    await ann.push(write(ann.actor, {"place": "河边", "floor": 1}))
    await bo.hear("entries", lambda frame: frame[1] == 1)
    await bo.push(write(bo.actor, {"place": "桥头"}))
    heard = await ann.hear("entries", lambda frame: frame[1] == 2)
    entry = heard[2][0]
    assert set(entry[5]) == {"place"}
    assert sorted(value for _, value, _, _ in entry[5]["place"]) == ["桥头", "河边"]
    assert set(heard[3]) == {ann.actor, bo.actor}
    assert heard[3][bo.actor] == ["bo", "visitor"]


async def test_SY5_a_reader_that_was_away_hears_what_it_missed_once_and_in_order(live: Live) -> None:
    ann = await live.browse("ann")
    for row in range(1, 31):
        await ann.push(write(ann.actor, {"summary": f"第{row}户"}), row=row)
    late = await live.browse("bo", cursor=10, epoch=live.storage.epoch)
    rows = [entry[1] for frame in late.heard if frame[0] == "entries" for entry in frame[2]]
    assert sorted(rows) == sorted(row_of(row) for row in range(11, 31))
    assert (await late.hear("live"))[1] == 30
    await ann.push(write(ann.actor, {"floor": 3}), row=5)
    assert (await late.hear("entries", lambda frame: frame[1] == 31))[2][0][1] == row_of(5)


async def test_SY5_no_step_is_missed_or_doubled_while_others_write(live: Live) -> None:
    """Readers come and go during a stream of pushes; each ends with exactly the state of the store."""
    writer = await live.browse("ann")
    done = asyncio.Event()

    async def stream() -> None:
        for n in range(150):
            await writer.push(write(writer.actor, {"floor": n}), row=n % 7 + 1)
        done.set()

    async def reader(name: str) -> FakeBrowser:
        cursor, browser = 0, None
        seen: dict[tuple[int, str], object] = {}
        while not done.is_set() or browser is None:
            browser = await live.browse(name, cursor=cursor, epoch=live.storage.epoch if cursor else "")
            await asyncio.sleep(0.02)
            cursors = [frame[1] for frame in browser.heard if frame[0] == "entries"]
            assert cursors == sorted(set(cursors))
            cursor = max([cursor, *cursors])
            for row in range(1, 8):
                seen.update({(row, path): value for path, value in browser.cells(row).items()})
            await browser.close()
        last = await live.browse(name, cursor=cursor, epoch=live.storage.epoch)
        for row in range(1, 8):
            seen.update({(row, path): value for path, value in last.cells(row).items()})
        for row in range(1, 8):
            view = live.storage.view_row("flood", "help", row_of(row))
            assert view is not None
            assert seen[(row, "floor")] == view.cells["floor"]
        return last

    await asyncio.gather(stream(), reader("bo"), reader("chen"))


async def test_SY6_another_epoch_or_a_cursor_from_the_future_is_reset(live: Live) -> None:
    for cursor, epoch in ((0, "another"), (99, live.storage.epoch)):
        browser = await live.browse("ann", cursor=cursor, epoch=epoch)
        assert (await browser.hear("reset"))[1] == live.storage.epoch
    browser = await live.browse("ann", cursor=0, epoch=live.storage.epoch)
    assert all(frame[0] != "reset" for frame in browser.heard)


async def test_SY3_frames_before_the_greeting_reach_no_row(live: Live) -> None:
    stranger = await browse(live.address, live.room, "ann", greet=False)
    edit = write(actor("ann"), {"summary": "x"})
    await stranger.say("push", 1, "help", row_of(1), "", [["public", encode_edit(edit)]])
    assert await stranger.closed() == 4400
    assert live.storage.log("flood") == []


async def test_SY3_a_session_that_is_none_is_told_to_log_in_again(live: Live) -> None:
    stranger = await browse(live.address, live.room, "ann", greet=False)
    await stranger.say("hello", PROTOCOL, "x" * 22, 0, "")
    assert (await stranger.hear("error"))[1] == "not-authenticated"
    assert await stranger.closed() == 4401


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\xa4push", msgspec.msgpack.encode(["nonsense", 1])])
async def test_SY1_malformed_bytes_end_that_connection_and_no_other(live: Live, data: bytes) -> None:
    ann, bo = await live.browse("ann"), await live.browse("bo")
    await ann.send_raw(data)
    assert await ann.closed() == 4400
    await bo.say("ping", 7)
    assert (await bo.hear("pong"))[1] == 7


async def test_SY1_a_frame_too_large_is_said_so(live: Live) -> None:
    ann = await live.browse("ann")
    await ann.send_raw(b"\x00" * 70_000)
    assert await ann.closed() == 4413


async def test_SY2_a_foreign_page_is_turned_away_before_its_first_frame(live: Live) -> None:
    with pytest.raises(Exception, match="403"):
        await connect(f"ws://{live.address}/w/flood/ws", origin="https://evil.example")  # type: ignore[arg-type]
    own = await connect(f"ws://{live.address}/w/flood/ws", origin=f"http://{live.address}")  # type: ignore[arg-type]
    await own.close()


async def test_SY11_a_flood_of_frames_ends_with_slow_down(live: Live) -> None:
    ann = await live.browse("ann")
    for n in range(260):
        await ann.say("ping", n)
    assert await ann.closed() == 4429


async def test_SY8_a_reader_that_does_not_read_is_cut_back_and_catches_up(live: Live) -> None:
    """Its socket is full; the others hear everything at once; when it reads again it ends with the same state."""
    slow = await browse(live.address, live.room, "bo", max_queue=1)
    seat = next(seat for seat in live.room.seats.values() if seat.who.actor == actor("bo"))
    slow._reader.cancel()
    ann, chen = await live.browse("ann"), await live.browse("chen")
    fields = ("summary", "directions", "closed_note")
    for n in range(1, 1500):  # 12 kB each: past the kernel's buffers and the websocket's, into the outbox
        edit = write(ann.actor, {path: f"{n}" + "水" * 1300 for path in fields})
        assert (await submit(live.room, ann.actor, edit, row=n)).verdicts[0].verdict == "accepted"
        if seat not in live.room.feed:
            break
    assert n < 1498, "the reader was never cut back"
    assert seat._outbox._bytes <= MAX_OUTBOX_BYTES  # type: ignore[attr-defined]
    last = write(ann.actor, {"floor": 9})
    await ann.push(last, row=n)
    await chen.hear("entries", lambda frame: any("floor" in entry[5] for entry in frame[2]))
    slow._reader = asyncio.create_task(slow._read())
    await slow.hear("entries", lambda frame: any("floor" in entry[5] for entry in frame[2]))
    assert slow.cells(n)["floor"][0][0] == last.edit
    assert all(slow.cells(row)["summary"] for row in range(1, n + 1))


async def test_SY12_a_role_holds_on_the_live_socket_from_the_next_frame(live: Live) -> None:
    await grant(live.room, "olga", "owner")
    olga = live.room.who(actor("olga"))
    ann = await live.browse("ann")
    await ann.push(write(ann.actor, {"summary": "救命"}))
    invitation = await identity.invite(live.room, olga, role="verifier")
    await identity.join(live.room, DEVICES["ann"], invitation.secret)
    assert (await ann.hear("control", lambda frame: frame[1] == "role"))[2]["role"] == "verifier"
    assert (await ann.push(write(ann.actor, {"verify_state": "verified"})))[0][1] == "accepted"
    await identity.revoke_role(live.room, olga, ann.actor)
    await ann.hear("control", lambda frame: frame[2].get("role") == "visitor")
    assert (await ann.push(write(ann.actor, {"verify_state": "unverified"})))[0][1] == "suggested"


async def test_ID12_ending_a_session_closes_its_sockets_and_no_others(live: Live) -> None:
    first, second = await live.browse("ann"), await live.browse("ann")
    listed = (await second.ask("sessions", answer="sessions"))[2]
    other = next(session for session, _, this in listed if not this)
    assert (await second.ask("end_session", other))[2] == ""
    assert await first.closed() == 4401
    assert (await second.push(write(second.actor, {"summary": "救命"})))[0][1] == "accepted"


async def test_PT1_PT4_a_steward_protects_a_sheet_and_everybody_hears_why(live: Live) -> None:
    await grant(live.room, "sun", "steward")
    ann, bo, sun = await live.browse("ann"), await live.browse("bo"), await live.browse("sun")
    await ann.push(write(ann.actor, {"place": "河边"}))
    assert (await bo.ask("protect", "help", "careful", "有人捣乱", 0))[2] == "not-permitted"
    assert (await sun.ask("protect", "help", "careful", "", 0))[2] == "reason-wanted"
    assert (await sun.ask("protect", "help", "shut", "x", 0))[2] == "bad-guard"
    assert (await sun.ask("protect", "help", "careful", "有人捣乱", 0))[2] == ""
    told = (await bo.hear("control", lambda frame: frame[1] == "protection"))[2]
    assert told["guards"]["help"] == {"step": "careful", "reason": "有人捣乱", "until_ms": 0}
    assert (await bo.push(write(bo.actor, {"place": "没人"})))[0][1:] == ["suggested", "protection"]
    late = await live.browse("chen")
    assert (await late.hear("control", lambda frame: frame[1] == "protection"))[2]["protection"]["help"] == "careful"
    assert (await sun.ask("protect", "help", "open", "", 0))[2] == ""
    assert (await bo.push(write(bo.actor, {"place": "没人"})))[0][1] == "accepted"
    assert [line.detail for line in live.storage.audit("flood", act="protect")] == ["open 0", "careful 0"]


@pytest.mark.parametrize("step", ["open", "careful", "verified"])
async def test_PT3_adding_a_request_is_open_at_every_step(live: Live, step: str) -> None:
    live.room.guards["help"] = Guard(step, "演练")
    ann = await live.browse("ann")
    filed = write(ann.actor, {"summary": "救命", "place": "河边", "urgency": "critical"})
    phone = write(ann.actor, {"contact_phone": "16312345678"})
    verdicts = await ann.push(filed, ("private", phone))
    assert verdicts == [[filed.edit, "accepted", "ok"], [phone.edit, "accepted", "ok"]]


async def test_a_notice_reaches_every_screen(live: Live) -> None:
    await grant(live.room, "sun", "steward")
    ann, sun = await live.browse("ann"), await live.browse("sun")
    assert (await ann.ask("announce", "x"))[2] == "not-permitted"
    assert (await sun.ask("announce", "泄洪，低处的人上楼"))[2] == ""
    assert (await ann.hear("control", lambda frame: frame[1] == "notice"))[2]["text"] == "泄洪，低处的人上楼"


async def test_SY13_presence_says_what_the_server_knows_of_who(live: Live) -> None:
    ann, bo = await live.browse("ann"), await live.browse("bo")
    await ann.say("here", "help", row_of(1), "editing")
    here = await bo.hear("presence", lambda frame: len(frame[1]) == 1)
    assert here[1][0] == [actor("ann"), "ann", "visitor", "help", row_of(1), "editing"]
    bo.heard.clear()
    await ann.say("here", "help", row_of(1), "I am the owner")
    assert (await bo.hear("presence"))[1] == []
    await ann.say("here", "help", row_of(2), "viewing")
    await bo.hear("presence", lambda frame: any(one[4] == row_of(2) for one in frame[1]))
    bo.heard.clear()
    await ann.close()
    assert (await bo.hear("presence"))[1] == []


async def test_SY10_no_private_value_reaches_a_visitor_by_any_frame(live: Live) -> None:
    canary = "16312345678"
    bo = await live.browse("bo")
    ann = await live.browse("ann")
    await ann.push(
        write(ann.actor, {"summary": f"电话{canary}", "notes:00000000": f"打{canary}"}, edit="00000000"),
        ("private", write(ann.actor, {"contact_phone": canary, "person_name": "王小明"})),
        secret=secret_of(1),
    )
    await bo.hear("entries")
    assert (await bo.ask("reveal", "help", row_of(1), "想看", ""))[2] == "not-permitted"
    await bo.ask("history", "help", row_of(1), answer="history")
    await bo.ask("suggestions", "help", row_of(1), answer="suggestions")
    await bo.ask("fetch", "help", row_of(1), answer="row")
    late = await live.browse("chen")
    received = b"".join(bo.raw + late.raw)
    assert canary.encode() not in received and "王小明".encode() not in received
    assert b"163****5678" in received


async def test_ED20_a_showing_is_in_the_audit_before_it_leaves(live: Live) -> None:
    await grant(live.room, "vera", "verifier")
    ann, vera = await live.browse("ann"), await live.browse("vera")
    await ann.push(
        write(ann.actor, {"summary": "救命"}), ("private", write(ann.actor, {"contact_phone": "16312345678"}))
    )
    shown = await vera.ask("reveal", "help", row_of(1), "核实", "", answer="private")
    assert shown[4]["contact_phone"][0][1] == "16312345678"
    audit = live.storage.audit("flood", act="reveal")
    assert [(line.actor, line.role, line.row, line.reason) for line in audit] == [
        (actor("vera"), "verifier", row_of(1), "核实")
    ]


async def test_ID8_a_link_shown_opens_ones_own_row_on_another_device(live: Live) -> None:
    ann, bo = await live.browse("ann"), await live.browse("bo")
    await ann.push(
        write(ann.actor, {"summary": "救命"}), ("private", write(ann.actor, {"contact_phone": "16312345678"}))
    )
    assert (await bo.ask("hold", "help", row_of(1), secret_of(2)))[2] == "wrong-link"
    assert (await bo.ask("hold", "help", row_of(1), secret_of(1)))[2] == ""
    assert (await bo.ask("reveal", "help", row_of(1), "本人", "", answer="private"))[4]["contact_phone"]
    assert (await bo.push(write(bo.actor, {"outcome": "self_safe"})))[0][1] == "accepted"
    assert live.storage.code_digest("flood", "help", row_of(1)) == live.room.code_digest(
        "help", row_of(1), short_code(secret_of(1))
    )


async def test_deciding_a_suggestion_reaches_everybody(live: Live) -> None:
    await grant(live.room, "vera", "verifier")
    ann, vera = await live.browse("ann"), await live.browse("vera")
    await ann.push(write(ann.actor, {"summary": "救命"}))
    await ann.push(write(ann.actor, {"urgency": "critical"}))
    assert (await vera.hear("control", lambda frame: frame[1] == "suggestion" and frame[2]["waiting"] == 1))[2]
    assert all(frame[1] != "suggestion" for frame in ann.heard if frame[0] == "control")
    waiting = await vera.ask("suggestions", "", "", answer="suggestions")
    one = waiting[2][0]
    assert one[7] == {"urgency": "critical"}
    assert (await vera.ask("decide", one[0], True, "", {}))[2] == ""
    await ann.hear("entries", lambda frame: any("urgency" in entry[5] for entry in frame[2]))
    told = await ann.hear("control", lambda frame: frame[1] == "decided")
    assert told[2] == {"tier": "public", "edit": one[4], "state": "accepted", "reason": ""}
    assert all(frame[1] != "decided" for frame in vera.heard if frame[0] == "control"), "its author alone"
