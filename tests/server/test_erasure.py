"""Erasure, end to end: what was erased is in no file, no answer and no memory, and does not come back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from moderation.roles import Who
from schema.values import Value
from server import erasure, suggestions
from server.app import create_app
from server.errors import AccessError, CommitFailed, StorageError
from server.reading import history
from server.room import Room
from server.rooms import Rooms
from server.settings import Settings
from server.storage.contract import AuditRecord, Closing
from server.storage.copies import backup, restore
from server.storage.journal import JOURNAL
from server.storage.rebuild import rebuild
from server.storage.sqlite import DATABASE, open_storage
from server.storage.verify import verify
from tests.server.web.visiting import HOME, Visit
from tests.support.clock import FakeClock
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.live import browse, sockets
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN, BO = actor("ann"), actor("bo")
PHONE, RAW_PHONE, OTHER_PHONE, SAID_PHONE = "14211112222", "14233334444", "15455556666", "16177778888"
NAME, MEDICAL, STREET = "阚昀锵", "透析每周三次胰岛素", "枣花巷四十一号"
CANARIES = (PHONE, RAW_PHONE, OTHER_PHONE, SAID_PHONE, NAME, MEDICAL)
MASKED = ("142****2222", "142****4444")
DAY_S = 86_400.0


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


async def fill(room: Room, row: int = 1, *, private: bool = True) -> None:
    """A row as people make it: phone, name, raw words with a number, a replaced phone, suggestions, a showing, a holder."""
    secret = secret_of(row)
    first = write(ANN, {"person_name": NAME, "contact_phone": OTHER_PHONE, "medical_need": MEDICAL})
    public: dict[str, Value] = {
        "summary": f"水到二楼，打{RAW_PHONE}",
        "people_total": 3,
        "district": "卫辉市",
        "place": STREET,
    }
    await submit(room, ANN, write(ANN, public), row=row, secret=secret)
    if private:
        await submit(room, ANN, ("private", first), row=row, secret=secret)
        second = write(ANN, {"contact_phone": PHONE}, seen={"contact_phone": [first.edit]})
        await submit(room, ANN, ("private", second), row=row, secret=secret)
    await submit(room, BO, ("private", write(BO, {"contact_phone": SAID_PHONE})), row=row)
    await submit(room, BO, write(BO, {"contact_phone": SAID_PHONE}), row=row)  # wrong tier: a suggestion that shows it
    said = AuditRecord(room.clock.now_ms(), BO, "verifier", "reveal", "help", row_of(row), f"回拨{SAID_PHONE}")
    await room.storage.write_audit("flood", [said])


def found_in(folder: Path, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """(file, word) wherever a file of the folder holds one."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return [(path.name, word) for path in files for word in words if word.encode() in path.read_bytes()]


async def steward(room: Room) -> Who:
    return await grant(room, "sun", "steward")


async def test_ER3_no_file_of_the_data_folder_holds_what_was_erased(room: Room, tmp_path: Path) -> None:
    for row in range(1, 40):
        await fill(room, row)
    assert {word for _, word in found_in(tmp_path, CANARIES)} == set(CANARIES)
    for row in range(2, 40):
        await storage_of(room).erase_row(
            "flood", "help", row_of(row), AuditRecord(1, BO, "steward", "erase", "help", row_of(row), "over")
        )
    room.forget("help", row_of(1))
    assert found_in(tmp_path, CANARIES) != []  # the first row's, whole as they were
    assert room.record("help", row_of(1)).private.cells["contact_phone"][0].value == PHONE  # type: ignore[union-attr]
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason=f"asked from {SAID_PHONE}")
    assert found_in(tmp_path, (*CANARIES, *MASKED[:1])) == []


async def test_ER2_verify_accepts_an_erased_row_and_tells_what_is_still_there(room: Room, tmp_path: Path) -> None:
    await fill(room)
    await fill(room, 2)
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    await submit(room, ANN, write(ANN, {"people_total": 4}, seen={}), secret=secret_of(1))
    path = tmp_path / DATABASE
    assert verify(path).differences == []
    log = room.storage.log("flood", limit=100)
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    blank = [entry for entry in log if not entry.update]
    assert blank and all(entry.tier == "private" and entry.row == row_of(1) and entry.actor for entry in blank)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE rows SET private = '{\"x\":[]}' WHERE row = ?", (row_of(1),))
        other = conn.execute(
            'SELECT "update" FROM entries WHERE tier = \'private\' AND length("update") > 0'
        ).fetchone()
        conn.execute('UPDATE entries SET "update" = ? WHERE seq = ?', (other[0], blank[0].seq))
        conn.execute("UPDATE rows SET erased = 1 WHERE row = ?", (row_of(2),))
    told = " ".join(verify(path).differences)
    assert "was erased and is still there" in told and "its seal is broken" in told
    assert "private not as the log has it" in told and "erased not as the erasures have it" in told


async def test_ER2_verify_finds_a_blank_entry_of_a_row_that_was_not_erased(room: Room, tmp_path: Path) -> None:
    await fill(room)
    with sqlite3.connect(tmp_path / DATABASE) as conn:
        conn.execute("UPDATE entries SET \"update\" = x'' WHERE tier = 'private'")
    assert "its bytes are no edit" in " ".join(verify(tmp_path / DATABASE).differences)


@pytest.mark.parametrize("whole", [False, True])
async def test_ER2_an_erased_row_is_rebuilt_as_it_was(room: Room, tmp_path: Path, whole: bool) -> None:
    await fill(room)
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked", whole=whole)
    before = room.storage.load_row("flood", "help", row_of(1))
    rebuild(tmp_path / DATABASE, clock=room.clock)
    assert verify(tmp_path / DATABASE).differences == []
    assert room.storage.load_row("flood", "help", row_of(1)) == before
    assert before is not None and before.erased and before.erased_whole == whole


async def test_ER4_nothing_that_reads_the_store_shows_it(room: Room) -> None:
    await fill(room)
    who = await steward(room)
    assert len(suggestions.visible(room, who)) == 1
    await erasure.erase_row(room, who, sheet="help", row=row_of(1), reason="asked")
    record = room.record("help", row_of(1))
    assert record is not None and record.private.cells == {} and record.private.kills == {} and record.masked == {}
    assert {tier for tier, _ in record.known} == {"public"}
    assert suggestions.visible(room, who) == [] and room.storage.count_suggestions("flood") == 0
    assert [entry[1] for entry in history(room, "help", row_of(1), private=True)] == ["public"]
    view = room.storage.view_row("flood", "help", row_of(1))
    assert view is not None and view.columns.contact == "" and view.masked == {}
    assert [line.reason for line in room.storage.audit("flood", row=row_of(1))] == ["asked", ""]
    assert room.storage.document("flood", "help", row_of(1), "private")[:2] == (1, b"\x00\x00")
    assert room.storage.code_digest("flood", "help", row_of(1)) == ""


async def test_ER9_the_row_its_number_and_its_public_cells_stay(room: Room) -> None:
    await fill(room)
    before = room.storage.view_row("flood", "help", row_of(1))
    tally = room.storage.tally("flood")
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    after = room.storage.view_row("flood", "help", row_of(1))
    assert before is not None and after is not None
    assert (after.no, after.cells, after.created_ms, after.updated_ms) == (
        before.no,
        before.cells,
        before.created_ms,
        before.updated_ms,
    )
    assert room.storage.tally("flood") == tally and tally[0].rows == 1 and tally[0].district == "卫辉市"


async def test_ER5_whole_takes_public_sentences_and_leaves_the_numbers(room: Room, tmp_path: Path) -> None:
    await fill(room)
    await fill(room, 2, private=False)
    await submit(room, ANN, write(ANN, {"people_total": 5}), secret=secret_of(1))
    assert room.storage.count_rows("flood", search="枣花") == 2
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked", whole=True)
    assert [view.row for view in room.storage.list_rows("flood", search="枣花")] == [row_of(2)]
    view = room.storage.view_row("flood", "help", row_of(1))
    assert view is not None
    values = {path: live[-1][1] for path, live in view.cells.items()}
    assert values["summary"] is None and values["place"] is None
    assert values["district"] == "卫辉市"
    assert {live[1] for live in view.cells["people_total"]} == {3, 5}
    assert view.columns.summary == "" and "水到" not in view.columns.text
    assert verify(tmp_path / DATABASE).differences == []
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(2), reason="asked", whole=True)
    assert found_in(tmp_path, (*CANARIES, STREET, "水到二楼", "枣花 花巷")) == []


async def test_ER1_only_the_person_concerned_and_stewards_with_a_reason_erase_a_row(room: Room) -> None:
    await fill(room)
    ask: dict[str, Any] = {"sheet": "help", "row": row_of(1)}
    for who, reason, code in (
        (Who(BO, "visitor"), "x", "not-permitted"),
        (await grant(room, "vera", "verifier"), "x", "not-permitted"),
        (await steward(room), "  ", "reason-wanted"),
    ):
        with pytest.raises(AccessError) as caught:
            await erasure.erase_row(room, who, reason=reason, **ask)
        assert caught.value.code == code
    with pytest.raises(AccessError) as caught:
        await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(9), reason="x")
    assert caught.value.code == "unknown-row"
    await erasure.erase_row(room, Who(ANN, "visitor"), **ask)
    told = room.storage.audit("flood", act="erase")
    assert [(line.actor, line.row, line.detail) for line in told] == [(ANN, row_of(1), "")]


async def test_ER1_a_reason_keeps_no_telephone_number(room: Room, tmp_path: Path) -> None:
    await fill(room)
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason=f"来电{PHONE}")
    assert room.storage.audit("flood", act="erase")[0].reason == "来电142****2222"


async def test_ER7_private_edits_are_refused_and_public_ones_close_the_row(room: Room, tmp_path: Path) -> None:
    early = write(ANN, {"contact_phone": PHONE})
    await submit(room, ANN, write(ANN, {"summary": "水"}), ("private", early), secret=secret_of(1))
    who = await steward(room)
    await erasure.erase_row(room, who, sheet="help", row=row_of(1), reason="asked")
    for edit in (early, write(ANN, {"contact_phone": OTHER_PHONE}), write(ANN, {"summary": RAW_PHONE})):
        answer = await submit(room, ANN, ("private", edit), secret=secret_of(1))
        assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    for disguise in ({"contact_phone": PHONE}, {"no_such_field": PHONE}, {"people_total": PHONE}):
        answer = await submit(room, ANN, write(ANN, disguise), secret=secret_of(1))
        assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    worded = write(ANN, {"notes:" + (edit_id := new_id()): f"已安全，{RAW_PHONE}"}, edit=edit_id)
    answer = await submit(room, ANN, worded, secret=secret_of(1))
    assert [(said.verdict, said.reason) for said in answer.verdicts] == [("accepted", "masked")]
    answer = await submit(room, ANN, worded, secret=secret_of(1))
    assert [(said.verdict, said.reason) for said in answer.verdicts] == [("accepted", "masked")]
    answer = await submit(room, who, write(who.actor, {"outcome": "rescued"}))
    assert [said.verdict for said in answer.verdicts] == ["accepted"]
    assert found_in(tmp_path, CANARIES) == []
    assert verify(tmp_path / DATABASE).differences == []


async def test_ER7_an_edit_from_before_is_known_by_its_id_alone(room: Room, tmp_path: Path) -> None:
    worded = write(ANN, {"summary": f"打{RAW_PHONE}"})
    await submit(room, ANN, worded, secret=secret_of(1))
    for whole in (False, True):
        await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked", whole=whole)
        answer = await submit(room, ANN, worded, secret=secret_of(1))
        assert [(said.verdict, said.reason) for said in answer.verdicts] == [("accepted", "masked")]
    told = write(ANN, {"place": STREET})
    answer = await submit(room, ANN, told, secret=secret_of(1))
    assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    assert found_in(tmp_path, (*CANARIES, STREET)) == []


async def test_ER6_the_journal_names_ids_only_and_a_restored_backup_has_it_erased(tmp_path: Path) -> None:
    room = await open_room(tmp_path / "data")
    await fill(room, 1)
    kept = tmp_path / "kept"
    kept.mkdir()
    backup(tmp_path / "data" / DATABASE, kept / "before.db")
    await fill(room, 2)  # a row younger than the backup
    for row in (1, 2):
        await erasure.erase_row(
            room, await steward(room), sheet="help", row=row_of(row), reason="asked", whole=row == 2
        )
    await storage_of(room).close()
    lines = [json.loads(line) for line in (tmp_path / "data" / JOURNAL).read_text().splitlines()]
    assert [line["rows"] for line in lines] == [[["help", row_of(1)]], [["help", row_of(2)]]]
    assert {PHONE, RAW_PHONE} <= {word for _, word in found_in(kept, CANARIES)}

    for name in (DATABASE, DATABASE + "-wal", DATABASE + "-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    restore(kept / "before.db", tmp_path / "data" / DATABASE, clock=FakeClock(seed=9))
    assert found_in(tmp_path / "data", CANARIES) == []
    again = await open_room(tmp_path / "data")
    assert verify(tmp_path / "data" / DATABASE).differences == []
    # A client that heals the restored server brings the younger row back, without its private words.
    answer = await submit(again, ANN, write(ANN, {"people_total": 2}), row=2, secret=secret_of(2))
    assert [said.verdict for said in answer.verdicts] == ["accepted"]
    for row in (1, 2):
        answer = await submit(again, ANN, ("private", write(ANN, {"contact_phone": PHONE})), row=row)
        assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    answer = await submit(again, ANN, write(ANN, {"summary": STREET}), row=2, secret=secret_of(2))
    assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    assert found_in(tmp_path / "data", (*CANARIES, STREET)) != [] and room.storage.epoch != again.storage.epoch
    assert verify(tmp_path / "data" / DATABASE).differences == []
    await storage_of(again).close()


async def test_ER6_a_file_copied_over_by_hand_is_erased_before_anybody_reads_it(tmp_path: Path) -> None:
    room = await open_room(tmp_path / "data")
    await fill(room)
    backup(tmp_path / "data" / DATABASE, tmp_path / "before.db")
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    await storage_of(room).close()
    for name in (DATABASE + "-wal", DATABASE + "-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    (tmp_path / "data" / DATABASE).write_bytes((tmp_path / "before.db").read_bytes())
    assert found_in(tmp_path / "data", CANARIES) != []
    storage = open_storage(tmp_path / "data", clock=FakeClock())
    assert found_in(tmp_path / "data", CANARIES) == []
    record = storage.load_row("flood", "help", row_of(1))
    assert record is not None and record.erased and record.private.cells == {}
    await storage.close()


async def test_ER6_an_erasure_that_only_reached_the_journal_is_done_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await open_room(tmp_path)
    await fill(room)
    from server.storage import journal

    append = journal.append

    def dies(*words: Any) -> None:
        append(*words)
        raise StorageError("storage-failed", "the power went")

    monkeypatch.setattr(journal, "append", dies)
    with pytest.raises(StorageError):
        await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    assert found_in(tmp_path, CANARIES) != []
    await storage_of(room).close()
    storage = open_storage(tmp_path, clock=FakeClock())
    assert found_in(tmp_path, CANARIES) == []
    await storage.close()


async def test_ER6_a_journal_that_is_damaged_stops_the_start_and_a_torn_end_does_not(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await fill(room)
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    await storage_of(room).close()
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole + whole[:20])
    room = await open_room(tmp_path)
    await fill(room, 2)
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(2), reason="asked")
    await storage_of(room).close()
    await storage_of(await open_room(tmp_path)).close()
    (tmp_path / JOURNAL).write_bytes(b"something else\n" + whole)
    with pytest.raises(StorageError) as caught:
        open_storage(tmp_path, clock=FakeClock())
    assert caught.value.code == "journal-damaged"


async def test_ER6_what_the_journal_cannot_take_is_not_erased(room: Room, tmp_path: Path) -> None:
    await fill(room)
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(StorageError) as caught:
        await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    assert caught.value.code == "journal-failed"
    record = room.record("help", row_of(1))
    assert record is not None and not record.erased and record.private.cells
    (tmp_path / JOURNAL).rmdir()
    await erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="asked")
    assert found_in(tmp_path, CANARIES) == []


async def test_ER12_a_change_judged_before_an_erasure_is_not_written_after_it(room: Room, tmp_path: Path) -> None:
    await fill(room)
    who = await steward(room)
    erasing = asyncio.ensure_future(erasure.erase_row(room, who, sheet="help", row=row_of(1), reason="asked"))
    for _ in range(3):
        await asyncio.sleep(0)  # as far as the writer's queue
    with pytest.raises(CommitFailed) as caught:
        await submit(room, ANN, ("private", write(ANN, {"contact_phone": "17911110000"})), secret=secret_of(1))
    assert caught.value.code == "row-moved-on"
    await erasing
    answer = await submit(room, ANN, ("private", write(ANN, {"contact_phone": "17911110000"})), secret=secret_of(1))
    assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
    assert found_in(tmp_path, (*CANARIES, "17911110000")) == []


async def test_ER8_everybody_hears_it_and_who_was_away_hears_it_on_greeting(room: Room) -> None:
    await fill(room)
    async with sockets(storage_of(room)) as (address, rooms):
        live = rooms.room("flood")
        assert live is not None
        await grant(live, "sun", "steward")
        sun = await browse(address, live, "sun")
        bo = await browse(address, live, "bo", cursor=1, epoch=live.storage.epoch)
        cursor = live.storage.position("flood")
        await bo.close()
        ann = await browse(address, live, "ann")
        assert (await sun.ask("erase", "help", row_of(1), "asked"))[2] == ""
        told = await ann.hear("control", lambda frame: frame[1] == "erased")
        assert told[2] == {"sheet": "help", "row": row_of(1), "whole": False}
        moved = await ann.hear("entries", lambda frame: frame[1] == cursor + 1)
        assert moved[2][0][6] and all(forms == [] for forms in moved[2][0][6].values())
        back = await browse(address, live, "bo", cursor=cursor, epoch=live.storage.epoch)
        told = await back.hear("control", lambda frame: frame[1] == "erased")
        assert told[2] == {"rows": [["help", row_of(1), False]]}
        fresh = await browse(address, live, "chen")
        assert not [frame for frame in fresh.heard if frame[:2] == ["control", "erased"]]
        refused = await fresh.ask("erase", "help", row_of(1), "x")
        assert refused[2] == "not-permitted"
        for browser in (sun, ann, back, fresh):
            assert not [word for word in CANARIES if any(word.encode() in raw for raw in browser.raw)]


async def test_ER8_a_wish_whose_asker_hung_up_is_told_all_the_same(room: Room) -> None:
    await fill(room)
    position = room.storage.position("flood")
    asked = asyncio.ensure_future(erasure.erase_row(room, await steward(room), sheet="help", row=row_of(1), reason="x"))
    await asyncio.sleep(0)
    asked.cancel()
    async with asyncio.timeout(5):
        while room.feed.position <= position:
            await asyncio.sleep(0.01)
            room.feed.flush()


async def test_ER10_a_workbook_is_erased_on_the_day_that_was_announced_and_not_before(tmp_path: Path) -> None:
    clock = FakeClock()
    room = await open_room(tmp_path, clock=clock)
    for row in (1, 2, 3):
        await fill(room, row)
    rooms = Rooms(storage_of(room), clock)
    live = rooms.room("flood")
    assert live is not None
    owner = await grant(live, "olga", "owner")
    day = clock.ms + int(4 * DAY_S * 1000)
    for who, on_ms, code in (
        (await grant(live, "sun", "steward"), day, "not-permitted"),
        (owner, clock.ms + 1000, "bad-day"),
        (owner, clock.ms + int(400 * DAY_S * 1000), "bad-day"),
    ):
        with pytest.raises(AccessError) as caught:
            await erasure.close_emergency(live, who, on_ms=on_ms)
        assert caught.value.code == code
    await erasure.close_emergency(live, owner, on_ms=day)
    assert "2021-07-24" in live.notice and storage_of(room).workbook("flood").notice == live.notice  # type: ignore[union-attr]
    await erasure.close_emergency(live, owner, on_ms=0)
    assert storage_of(room).closings() == [] and live.notice == ""
    await erasure.close_emergency(live, owner, on_ms=day, text="七月二十四日清除")
    assert await erasure.erase_due(rooms) == 0 and found_in(tmp_path, CANARIES) != []
    with pytest.raises(AccessError):
        await erasure.erase_workbook(live, Closing("flood", day, owner.actor, 1))
    clock.pass_s(4 * DAY_S)
    assert await erasure.erase_due(rooms) == 1 and await erasure.erase_due(rooms) == 0
    assert found_in(tmp_path, (*CANARIES, *MASKED[:1])) == []
    assert verify(tmp_path / DATABASE).differences == []
    live.feed.flush()
    assert live.storage.count_rows("flood", over=None) == 3 and live.feed.position == live.storage.position("flood")
    assert live.storage.audit("flood", act="erase")[0].actor == owner.actor
    await storage_of(room).close()


async def test_ER11_an_erased_workbook_takes_no_private_words_in_new_rows_either(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    await fill(room)
    backup(tmp_path / DATABASE, tmp_path / "before.db")
    room.storage.holds("flood", ANN)
    await erasure.erase_workbook(room, Closing("flood", 1, BO, 1))
    assert not room.storage.holds("flood", ANN) and not room.holds("help", row_of(1), ANN)
    first = await submit(room, ANN, write(ANN, {"summary": f"打{RAW_PHONE}"}), row=7, secret=secret_of(7))
    assert [(said.verdict, said.reason) for said in first.verdicts] == [("accepted", "masked")]
    for again in (room, None):
        if again is None:  # after a restart, and over the older backup
            await storage_of(room).close()
            for name in (DATABASE, DATABASE + "-wal", DATABASE + "-shm"):
                (tmp_path / name).unlink(missing_ok=True)
            restore(tmp_path / "before.db", tmp_path / DATABASE, clock=FakeClock(seed=3))
            (tmp_path / "before.db").unlink()
            room = await open_room(tmp_path)
            await submit(room, ANN, write(ANN, {"summary": "水"}), row=7, secret=secret_of(7))
        for row in (1, 7):
            answer = await submit(room, ANN, ("private", write(ANN, {"contact_phone": PHONE})), row=row)
            assert [(said.verdict, said.reason) for said in answer.verdicts] == [("refused", "erased")]
        assert [word for file, word in found_in(tmp_path, CANARIES) if file != "before.db"] == []
        assert verify(tmp_path / DATABASE).differences == []
    await storage_of(room).close()


async def test_ER4_no_page_and_no_answer_of_the_whole_application_shows_it(tmp_path: Path) -> None:
    clock = FakeClock()
    first = await open_room(tmp_path / "data", clock=clock)
    await storage_of(first).close()
    storage = open_storage(tmp_path / "data", clock=clock)
    app = create_app(Settings(data=tmp_path / "data", client=tmp_path / "no-client"), clock=clock, storage=storage)
    live = app.state.rooms.room("flood")
    await fill(live)
    await grant(live, "sun", "steward")
    visit = Visit(app, live, storage, clock)
    session = await visit.session("sun")

    async def everything() -> bytes:
        """Every page and answer that could hold a word of the row, for a reader, a steward and its holder."""
        row, link = row_of(1), f"{row_of(1)}.{secret_of(1)}"
        paths = [
            *("/", "/help/", "/help/1", "/help/?q=%E6%B0%B4", "/workbook.json", "/changes?since=0", "/mine"),
            *("/snapshot.json?page=0&over=1", f"/receipt/{row}", "/duplicates", f"/duplicates/help/{row}"),
            *(f"/export/help.{form}{full}" for form in ("csv", "json") for full in ("", "?full=1", "?full=1&lang=en")),
        ]
        said = b""
        for visitor in (visit.browser(), visit.program(), visit.program(session)):
            async with visitor as browser:
                for path in paths:
                    answer = await browser.get(HOME + path)
                    assert answer.status_code < 500, (path, answer.text)
                    said += answer.content
        async with visit.browser() as browser:
            said += (await browser.post(f"{HOME}/mine", data={"link": link})).content
        return said

    before = await everything()
    for word in (PHONE, RAW_PHONE, NAME, MEDICAL, "142****2222"):
        assert word.encode() in before, word  # the same questions, before: what the test can see
    await erasure.erase_row(live, live.who(actor("sun")), sheet="help", row=row_of(1), reason="asked")
    after = await everything()
    assert [
        word for word in (*CANARIES, "142****2222") if word.encode() in after.replace(PHONE.encode() + b'"', b"")
    ] == []
    assert "水到二楼".encode() in after
    await storage.close()
