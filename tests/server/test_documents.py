"""Row documents: they fold to the row, are written anew when they grow, and never bring a dead value back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schema.edits import Tier
from server.documents import MAX_DEAD_KEYS, MAX_DOCUMENT_BYTES, Document, open_document
from server.errors import RoomFailed
from server.replica import Replica, same_cells
from server.room import Room
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN = actor("ann")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


async def opened(room: Room, *, compacts: bool = True, tier: Tier = "public") -> Document:
    return await open_document(room.storage, "flood", "help", row_of(1), tier, clock=room.clock, compacts=compacts)


def folds(room: Room, document: Document) -> bool:
    room.forget("help", row_of(1))
    record = room.record("help", row_of(1))
    assert record is not None
    return same_cells(Replica(document.updates).cells(), record.public.cells)


async def rewrite(room: Room, times: int, *, text: str = "") -> None:
    """Write one cell again and again."""
    seen: dict[str, list[str]] = {}
    for n in range(times):
        edit = write(ANN, {"summary": f"{n}{text}"}, seen=seen)
        answer = await submit(room, ANN, edit)
        assert answer.verdicts[0].verdict == "accepted"
        seen = {"summary": [edit.edit]}


async def test_ED16_a_young_document_is_its_edits(room: Room) -> None:
    await rewrite(room, 3)
    document = await opened(room)
    assert (document.generation, document.base, len(document.since)) == (0, b"", 3)
    assert folds(room, document)


async def test_ED16_two_hundred_dead_keys_write_it_anew(room: Room) -> None:
    await rewrite(room, MAX_DEAD_KEYS + 2)
    document = await opened(room)
    assert (document.generation, document.since) == (1, ())
    assert document.size < 300
    assert folds(room, document)
    assert (await opened(room)).generation == 1


async def test_ED16_32_KB_write_it_anew(room: Room) -> None:
    await rewrite(room, 10, text="水" * 1300)
    assert (await opened(room, compacts=False)).size > MAX_DOCUMENT_BYTES
    document = await opened(room)
    assert document.generation == 1
    assert document.size < MAX_DOCUMENT_BYTES
    assert folds(room, document)


async def test_ED16_an_edit_that_comes_late_and_is_partly_dead_writes_it_anew(room: Room) -> None:
    await rewrite(room, MAX_DEAD_KEYS + 2)
    late = write(ANN, {"floor": 1, "people_total": 2})
    killer = write(ANN, {"floor": 2}, seen={"floor": [late.edit]})
    replaced = write(ANN, {"floor": 3}, seen={"floor": [killer.edit]})
    await submit(room, ANN, killer)
    await submit(room, ANN, replaced)
    await rewrite(room, MAX_DEAD_KEYS + 2)
    first = await opened(room)
    await submit(room, ANN, late)
    document = await opened(room)
    assert document.generation == first.generation + 1
    cells = Replica(document.updates).cells()
    assert [live.value for live in cells["floor"]] == [3]
    assert [live.value for live in cells["people_total"]] == [2]
    assert folds(room, document)


async def test_ED16_an_edit_that_comes_late_and_is_dead_whole_is_recorded_and_not_merged(room: Room) -> None:
    late = write(ANN, {"floor": 1})
    await submit(room, ANN, write(ANN, {"floor": 2}, seen={"floor": [late.edit]}))
    await rewrite(room, MAX_DEAD_KEYS + 2)
    first = await opened(room)
    await submit(room, ANN, late)
    document = await opened(room)
    assert (document.generation, document.since) == (first.generation, ())
    assert late.edit in {entry.edit for entry in room.storage.log("flood", limit=10_000)}
    assert folds(room, document)


async def test_ED16_a_server_that_is_not_the_home_leaves_it_as_it_is(room: Room) -> None:
    await rewrite(room, MAX_DEAD_KEYS + 2)
    document = await opened(room, compacts=False)
    assert document.generation == 0
    assert folds(room, document)


async def test_ED23_a_document_yrs_cannot_build_is_written_anew(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await rewrite(room, 3)
    merge = Replica.merge
    broken = (await opened(room)).since[1]

    def fails(self: Replica, update: bytes) -> None:
        if update == broken:
            raise RoomFailed("replica-failed", "yrs gave up")
        merge(self, update)

    monkeypatch.setattr(Replica, "merge", fails)
    document = await opened(room)
    assert (document.generation, document.since) == (1, ())
    assert folds(room, document)


async def test_ED16_the_tiers_are_documents_of_their_own(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(
        room, vera, write(vera.actor, {"summary": "x"}), ("private", write(vera.actor, {"person_name": "王某"}))
    )
    public, private = await opened(room), await opened(room, tier="private")
    assert set(Replica(public.updates).cells()) == {"summary"}
    assert set(Replica(private.updates).cells()) == {"person_name"}
