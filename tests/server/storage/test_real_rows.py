"""The real thing: what the ingest, the decisions and the compaction of a working room leave is well, to the last document."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import replace
from pathlib import Path

import pytest

from moderation.roles import Role, Who
from schema.edits import Edit, Tier
from schema.values import Value
from server import documents
from server.clock import SystemClock
from server.documents import open_document
from server.drill import file_drill
from server.errors import AccessError
from server.room import Room
from server.storage.contract import Known
from server.storage.rebuild import rebuild
from server.storage.verify import verify
from server.suggestions import decide
from tests.support.clock import FakeClock
from tests.support.edits import row_of, secret_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ROWS = range(1, 6)
ROLES: dict[str, Role] = {"vera": "verifier", "sun": "steward", "chen": "volunteer"}
PUBLIC: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("place", ("米河镇", "小里河村 3 组")),
    ("summary", ("一家三口被困", "老人发烧 电话 14212345678")),
    ("urgency", ("critical", "high", "low")),
    ("people_total", (3, 5)),
    ("needs:boat", (True, False)),
    ("outcome", ("rescued", "self_safe")),
    ("verify_state", ("verified", "doubtful")),
    ("geo", (["34.7", "113.2", "wgs84", "10", "gps"], ["34.8", "113.3", "gcj02", "", ""])),
)
PRIVATE: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("contact_phone", ("14212345678", "14312345678")),
    ("person_name", ("王大锤", "李四")),
)


async def work(room: Room, chance: random.Random, people: list[Who]) -> None:
    """One person's shift: edits of all kinds, some having seen what is there, some not."""
    for _ in range(60):
        row, who = chance.choice(ROWS), chance.choice(people)
        record = room.record("help", row_of(row))
        tier: Tier = "private" if chance.random() < 0.25 else "public"
        path, values = chance.choice(PRIVATE if tier == "private" else PUBLIC)
        live = record.tier(tier).live(path) if record else ()
        seen = {path: [entry.edit for entry in live]} if live and chance.random() < 0.7 else {}
        at_ms = 1_626_785_940_000 + chance.choice((-(10**6), 0, 10**12))
        edit = write(who.actor, {path: chance.choice(values)}, seen=seen, at_ms=at_ms)
        secret = secret_of(row) if chance.random() < 0.3 else ""
        sent: tuple[Tier, Edit] = (tier, edit)
        answer = await submit(room, who, sent, row=row, secret=secret)
        assert answer.verdicts[0].verdict in ("accepted", "suggested", "refused", "retry")
        if chance.random() < 0.2:
            await submit(room, who, sent, row=row)  # sent again: the verdict again
        waiting = room.storage.suggestions("flood")
        if waiting and chance.random() < 0.3:
            vera = room.who(actor("vera"))
            accept = chance.random() < 0.7
            with contextlib.suppress(AccessError):  # not every suggestion can be accepted as it is
                await decide(room, vera, waiting[0].id, accept=accept, reason="打过电话", seen={}, session="s")


def known_of(room: Room) -> list[Known]:
    records = [room.record("help", row_of(row)) for row in ROWS]
    return [known for record in records if record for known in record.known.values()]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_SO16_what_a_working_room_leaves_is_well(tmp_path: Path, seed: int) -> None:
    clock = FakeClock(seed=seed)
    room = await open_room(tmp_path, clock=clock)
    people = [Who(actor(name), "visitor") for name in ("ann", "bo")]
    people += [await grant(room, name, role) for name, role in ROLES.items()]
    chance = random.Random(seed)
    await work(room, chance, people)
    storage = storage_of(room)
    log = storage.log("flood")
    assert len(log) > 15 and any(entry.tier == "private" for entry in log)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(documents, "MAX_DEAD_KEYS", 0)
    for row in ROWS:
        await open_document(storage, "flood", "help", row_of(row), "public", clock=clock, compacts=True)
    monkey.undo()
    await work(room, chance, people)
    assert any(entry.accepted_by for entry in storage.log("flood"))
    assert any(known.reason == "masked" for known in known_of(room))
    for row in ROWS:
        kept, stored = room.record("help", row_of(row)), storage.load_row("flood", "help", row_of(row))
        assert kept is not None and stored is not None
        assert (kept.public, kept.private, kept.masked, kept.known) == (
            stored.public,
            stored.private,
            stored.masked,
            stored.known,
        )
        assert (kept.no, kept.author, kept.version) == (stored.no, stored.author, stored.version)
    await storage.close()
    report = verify(storage.path)
    assert report.differences == []
    rebuild(storage.path, clock=SystemClock())
    assert replace(verify(storage.path), counts={}) == replace(report, counts={})


async def test_SO16_rows_worked_on_at_the_same_time_are_well(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    vera = await grant(room, "vera", "verifier")
    sun = await grant(room, "sun", "steward")
    await asyncio.gather(
        *(
            submit(room, who, write(who.actor, {"place": f"{number}", f"needs:{need}": True}), row=row)
            for number, need in enumerate(("boat", "food", "water"))
            for who in (vera, sun)
            for row in ROWS
        )
    )
    storage = storage_of(room)
    assert [entry.seq for entry in storage.log("flood")] == list(range(1, 31))
    await storage.close()
    assert verify(storage.path).differences == []


async def test_SO16_the_drill_is_well(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    assert await file_drill(room) > 20
    storage = storage_of(room)
    await storage.close()
    report = verify(storage.path)
    assert report.differences == [] and report.counts["rows"] > 20
