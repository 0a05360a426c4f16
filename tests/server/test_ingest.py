"""The life of an edit, on a real store: what is answered, kept, shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moderation.roles import Who
from schema.encoding import encode_edit
from schema.row import plain, shown
from server.errors import StorageError
from server.ingest import MAX_PENDING_PER_ACTOR, Submission
from server.room import Room
from server.storage.contract import Receipt, RowChange
from tests.support.edits import row_of, secret_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN, BO = actor("ann"), actor("bo")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


def verdicts(answer: Any) -> list[tuple[str, str]]:
    return [(said.verdict, said.reason) for said in answer.verdicts]


async def test_ED21_the_first_accepted_public_edit_makes_the_row_and_its_author(room: Room) -> None:
    answer = await submit(room, ANN, write(ANN, {"summary": "水到二楼", "people_total": 3}))
    assert verdicts(answer) == [("accepted", "ok")]
    assert answer.no == 1
    view = room.storage.view_number("flood", "help", 1)
    assert view is not None
    assert view.author == ANN
    assert view.cells["people_total"][0][1] == 3


async def test_ED21_a_private_edit_of_a_row_nobody_knows_waits(room: Room) -> None:
    phone = write(ANN, {"contact_phone": "14212345678"})
    assert verdicts(await submit(room, ANN, ("private", phone))) == [("retry", "row-unknown")]
    answer = await submit(room, ANN, ("private", phone), write(ANN, {"summary": "救命"}))
    assert verdicts(answer) == [("accepted", "ok"), ("accepted", "ok")]
    view = room.storage.view_number("flood", "help", 1)
    assert view is not None
    assert view.masked == {"contact_phone": ["142****5678"]}


async def test_ED8_the_same_bytes_again_get_the_recorded_verdict_and_add_nothing(room: Room) -> None:
    edit = write(ANN, {"summary": "救命"})
    first = await submit(room, ANN, edit)
    again = await submit(room, ANN, edit)
    assert verdicts(first) == verdicts(again) == [("accepted", "ok")]
    assert len(room.storage.log("flood")) == 1


async def test_ED8_other_bytes_under_a_known_id_are_never_merged(room: Room) -> None:
    edit = write(ANN, {"summary": "救命"})
    await submit(room, ANN, edit)
    forged = replace(edit, writes={"summary": "没事"})
    assert verdicts(await submit(room, ANN, forged)) == [("refused", "edit-reused")]
    record = room.record("help", row_of(1))
    assert record is not None
    assert shown(record.public.live("summary")) == "救命"


async def test_ED8_holds_after_a_restart(room: Room, tmp_path: Path) -> None:
    edit = write(ANN, {"summary": "救命"})
    await submit(room, ANN, edit)
    again = await open_room(tmp_path)
    try:
        assert verdicts(await submit(again, ANN, edit)) == [("accepted", "ok")]
        assert verdicts(await submit(again, ANN, replace(edit, writes={"summary": "x"}))) == [
            ("refused", "edit-reused")
        ]
        assert len(again.storage.log("flood")) == 1
    finally:
        await storage_of(again).close()


async def test_ED7_an_actor_cannot_write_as_another(room: Room) -> None:
    update = encode_edit(write(BO, {"summary": "救命"}))
    answer = await room.submit(
        Submission("help", row_of(1), (("public", update),), Who(ANN, "visitor"), "s", "session")
    )
    assert verdicts(answer) == [("refused", "forged-actor")]
    assert room.record("help", row_of(1)) is None


async def test_ED9_malformed_bytes_are_refused_and_the_others_of_the_push_are_not(room: Room) -> None:
    good = encode_edit(write(ANN, {"summary": "救命"}))
    arrived = (("public", b"\x00\x00"), ("public", good), ("secret", good))
    answer = await room.submit(Submission("help", row_of(1), arrived, Who(ANN, "visitor"), "s", "session"))
    assert verdicts(answer) == [("refused", "malformed"), ("accepted", "ok"), ("refused", "malformed")]


async def test_ED9_what_right_does_not_allow_is_kept_whole_and_shown_to_nobody(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    edit = write(BO, {"verify_state": "verified"})
    assert verdicts(await submit(room, BO, edit)) == [("suggested", "needs-role")]
    waiting = room.storage.suggestions("flood")
    assert [(one.edit, one.actor, one.reason) for one in waiting] == [(edit.edit, BO, "needs-role")]
    assert waiting[0].update == encode_edit(edit)
    view = room.storage.view_number("flood", "help", 1)
    assert view is not None and "verify_state" not in view.cells
    assert room.storage.position("flood") == 1


async def test_ED13_each_edit_of_a_push_is_judged_on_its_own_all_cells_or_none(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    both = write(BO, {"people_total": 3, "verify_state": "verified"})
    alone = write(BO, {"floor": 2})
    assert [verdict for verdict, _ in verdicts(await submit(room, BO, both, alone))] == ["suggested", "accepted"]
    record = room.record("help", row_of(1))
    assert record is not None
    assert not record.public.live("people_total")
    assert shown(record.public.live("floor")) == 2


async def test_ED14_an_actor_has_at_most_fifty_suggestions_waiting_on_a_row(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    for _ in range(MAX_PENDING_PER_ACTOR):
        assert verdicts(await submit(room, BO, write(BO, {"verify_state": "verified"})))[0][0] == "suggested"
    assert verdicts(await submit(room, BO, write(BO, {"verify_state": "verified"}))) == [
        ("refused", "too-many-suggestions")
    ]
    assert verdicts(await submit(room, ANN, write(ANN, {"verify_state": "verified"})))[0][0] == "suggested"


async def test_ED19_a_number_in_public_words_is_masked_there_and_kept_privately(room: Room) -> None:
    edit = write(ANN, {"summary": "请打 14212345678 找我", "floor": 2})
    assert verdicts(await submit(room, ANN, edit)) == [("accepted", "masked")]
    record = room.record("help", row_of(1))
    assert record is not None
    assert shown(record.public.live("summary")) == "请打 142****5678 找我"
    assert shown(record.private.live("summary")) == "请打 14212345678 找我"
    assert shown(record.public.live("floor")) == 2
    assert "14212345678" not in str(room.storage.list_rows("flood"))
    assert verdicts(await submit(room, ANN, edit)) == [("accepted", "masked")]
    assert len(room.storage.log("flood")) == 2


async def test_ED19_numbers_in_a_free_other_are_masked_too(room: Room) -> None:
    edit = write(ANN, {"water_trend": "other:问14212345678", "needs:other": "绳梯，打14212345678", "needs:boat": True})
    assert verdicts(await submit(room, ANN, edit)) == [("accepted", "masked")]
    record = room.record("help", row_of(1))
    assert record is not None
    assert shown(record.public.live("water_trend")) == "other:问142****5678"
    assert shown(record.public.live("needs:other")) == "绳梯，打142****5678"
    assert shown(record.private.live("needs:other")) == "绳梯，打14212345678"
    assert "14212345678" not in str(room.storage.list_rows("flood"))


async def test_ED19_masked_words_that_right_does_not_allow_wait_with_their_raw_form(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    first = write(ANN, {"place": "河边"})
    await submit(room, ANN, first)
    await submit(room, vera, write(vera.actor, {"verify_state": "verified"}))
    edit = write(BO, {"place": "桥头 14212345678"}, seen={"place": [first.edit]})
    assert verdicts(await submit(room, BO, edit)) == [("suggested", "verified-row")]
    assert {one.tier for one in room.storage.suggestions("flood")} == {"public", "private"}
    record = room.record("help", row_of(1))
    assert record is not None
    assert not record.private.cells


async def test_ID8_whoever_shows_the_link_holds_the_row_from_then_on(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    assert verdicts(await submit(room, BO, write(BO, {"outcome": "self_safe"})))[0][0] == "suggested"
    shown_link = await submit(room, BO, write(BO, {"floor": 2}), secret=secret_of(1))
    assert verdicts(shown_link) == [("accepted", "ok")]
    assert verdicts(await submit(room, BO, write(BO, {"outcome": "self_safe"}))) == [("accepted", "ok")]
    wrong = await submit(room, actor("chen"), write(actor("chen"), {"outcome": "open"}), secret=secret_of(2))
    assert verdicts(wrong)[0][0] == "suggested"


async def test_ID8_a_visitor_holds_the_row_they_filed(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    assert verdicts(await submit(room, ANN, write(ANN, {"outcome": "self_safe"}))) == [("accepted", "ok")]


async def test_ED22_a_failed_commit_leaves_nothing_behind_and_the_row_is_read_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(ANN, {"summary": "救命"})
    await submit(room, ANN, first)
    commit = room.storage.commit

    async def fails(changes: list[RowChange]) -> list[Receipt]:
        raise StorageError("disk-full", "the disk is full")

    monkeypatch.setattr(room.storage, "commit", fails)
    lost = write(ANN, {"floor": 2})
    with pytest.raises(StorageError):
        await submit(room, ANN, lost)
    monkeypatch.setattr(room.storage, "commit", commit)
    record = room.record("help", row_of(1))
    assert record is not None
    assert not record.public.live("floor")
    assert verdicts(await submit(room, ANN, lost)) == [("accepted", "ok")]


async def test_ED22_the_feed_hears_of_a_change_only_after_its_commit(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    commit = room.storage.commit

    async def watched(changes: list[RowChange]) -> list[Receipt]:
        receipts = await commit(changes)
        heard.append("committed")
        return receipts

    monkeypatch.setattr(room.storage, "commit", watched)
    publish = room.feed.publish

    def tell(*step: Any) -> None:
        heard.append("published")
        publish(*step)

    monkeypatch.setattr(room.feed, "publish", tell)
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    assert heard == ["committed", "published"]


async def test_what_is_in_memory_is_what_is_stored(room: Room) -> None:
    first = write(ANN, {"summary": "救命", "floor": 1})
    await submit(room, ANN, first)
    await submit(room, BO, write(BO, {"floor": 2}), write(BO, {"place": "桥头"}))
    await submit(room, BO, ("private", write(BO, {"contact_phone": "14212345678"})))
    resident = room.record("help", row_of(1))
    room.forget("help", row_of(1))
    stored = room.record("help", row_of(1))
    assert resident is not None and stored is not None and resident is not stored
    assert plain(resident.public.cells) == plain(stored.public.cells)
    assert plain(resident.private.cells) == plain(stored.private.cells)
    assert (resident.masked, resident.known, resident.version, resident.no) == (
        stored.masked,
        stored.known,
        stored.version,
        stored.no,
    )


async def test_ED22_a_sender_who_hangs_up_during_the_commit_stops_nobody(room: Room) -> None:
    pushed = asyncio.ensure_future(submit(room, ANN, write(ANN, {"summary": "水"}), row=2))
    await asyncio.sleep(0)
    pushed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushed
    await submit(room, ANN, write(ANN, {"summary": "大水"}), row=3)
    room.feed.flush()
    assert room.feed.position == room.storage.position("flood") == 2
