"""Suggestions: accepted, declined, settled, and by whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moderation.roles import Who
from schema.row import shown
from server.errors import AccessError
from server.room import Room
from server.storage.contract import RowRecord
from server.suggestions import decide, visible
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN, BO = actor("ann"), actor("bo")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


def record(room: Room) -> RowRecord:
    found = room.record("help", row_of(1))
    assert found is not None
    return found


async def settle(
    room: Room, who: Who, *, accept: bool, reason: str = "", seen: dict[str, list[str]] | None = None
) -> None:
    one = room.storage.suggestions("flood")[0]
    await decide(room, who, one.id, accept=accept, reason=reason, seen=seen or {}, session="s")


async def test_ED17_accepting_merges_the_authors_own_edit_and_names_the_decider(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    edit = write(BO, {"urgency": "critical"})
    await submit(room, BO, edit)
    await settle(room, vera, accept=True)
    assert [(live.edit, live.actor, live.value) for live in record(room).public.live("urgency")] == [
        (edit.edit, BO, "critical")
    ]
    entry = room.storage.log("flood")[-1]
    assert (entry.edit, entry.actor, entry.accepted_by) == (edit.edit, BO, vera.actor)
    assert room.storage.suggestions("flood") == []
    assert room.storage.audit("flood", act="accept")[0].actor == vera.actor
    again = await submit(room, BO, edit)
    assert [said.verdict for said in again.verdicts] == ["accepted"]


async def test_ED17_where_the_cell_has_changed_since_the_decider_settles_it_in_one_commit(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    first = write(ANN, {"place": "河边"})
    await submit(room, ANN, first)
    await submit(room, vera, write(vera.actor, {"verify_state": "verified"}))
    await submit(room, BO, write(BO, {"place": "桥头"}, seen={"place": [first.edit]}))
    later = write(ANN, {"place": "学校"}, seen={"place": [first.edit]})
    await submit(room, ANN, later)
    position = room.storage.position("flood")
    await settle(room, vera, accept=True, seen={"place": [later.edit]})
    live = record(room).public.live("place")
    assert [(entry.value, entry.actor) for entry in live] == [("桥头", vera.actor)]
    assert room.storage.position("flood") == position + 1


async def test_ED17_what_the_decider_did_not_see_stays_beside_it(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    first = write(ANN, {"place": "河边"})
    await submit(room, ANN, first)
    await submit(room, vera, write(vera.actor, {"verify_state": "verified"}))
    await submit(room, BO, write(BO, {"place": "桥头"}, seen={"place": [first.edit]}))
    await submit(room, ANN, write(ANN, {"place": "学校"}, seen={"place": [first.edit]}))
    await settle(room, vera, accept=True, seen={"place": [first.edit]})
    assert sorted(str(entry.value) for entry in record(room).public.live("place")) == ["学校", "桥头"]


async def test_declining_needs_a_reason_and_leaves_the_row_alone(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    await submit(room, BO, write(BO, {"urgency": "critical"}))
    with pytest.raises(AccessError) as caught:
        await settle(room, vera, accept=False)
    assert caught.value.code == "reason-wanted"
    await settle(room, vera, accept=False, reason="打过电话，不急")
    assert not record(room).public.live("urgency")
    own = visible(room, room.who(BO))
    assert [(one.state, one.decision) for one in own] == [("declined", "打过电话，不急")]


async def test_ED18_a_decider_accepts_only_what_they_could_write(room: Room) -> None:
    matt = await grant(room, "matt", "matcher")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    await submit(room, BO, write(BO, {"verify_state": "verified"}))
    with pytest.raises(AccessError) as caught:
        await settle(room, matt, accept=True)
    assert caught.value.code == "not-permitted"
    with pytest.raises(AccessError):
        await settle(room, room.who(BO), accept=True)
    assert len(room.storage.suggestions("flood")) == 1


async def test_ED18_a_death_takes_two_stewards(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    vera = await grant(room, "vera", "verifier")
    olga = await grant(room, "olga", "owner")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    answer = await submit(room, sun, write(sun.actor, {"outcome": "deceased"}))
    assert answer.verdicts[0].verdict == "suggested"
    for who in (sun, vera):
        with pytest.raises(AccessError):
            await settle(room, who, accept=True)
    await settle(room, olga, accept=True)
    assert shown(record(room).public.live("outcome")) == "deceased"


async def test_only_who_decides_reads_others_suggestions(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    await submit(room, BO, write(BO, {"urgency": "critical"}))
    assert visible(room, room.who(ANN)) == []
    assert len(visible(room, room.who(BO))) == 1
    assert len(visible(room, vera)) == 1


async def test_a_suggestion_is_decided_once(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(room, ANN, write(ANN, {"summary": "救命"}))
    await submit(room, BO, write(BO, {"urgency": "critical"}))
    one = room.storage.suggestions("flood")[0]
    await settle(room, vera, accept=True)
    with pytest.raises(AccessError) as caught:
        await decide(room, vera, one.id, accept=False, reason="x", seen={}, session="s")
    assert caught.value.code == "not-pending"
