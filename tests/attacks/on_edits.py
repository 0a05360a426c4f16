"""Attacks on the edit rules, each with the build that lets it through."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import moderation.judge
import schema.gate
import server.ingest
from moderation.judge import ACCEPTED, Verdict
from moderation.roles import Who
from schema.edits import Edit
from schema.encoding import encode_edit, encode_items
from schema.ids import decode62
from schema.row import TierState, shown
from server.errors import StorageError
from server.ingest import Submission
from server.room import Room
from server.storage.contract import RowRecord
from tests.attacks.attack import Attack
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.rooms import actor, grant, submit

VICTIM, THIEF = actor("ann"), actor("bo")


def record(room: Room) -> RowRecord:
    room.forget("help", row_of(1))
    found = room.record("help", row_of(1))
    assert found is not None
    return found


async def victim_row(room: Room, *, verified: bool = False) -> Edit:
    """A row of the victim's: place and summary."""
    edit = write(VICTIM, {"summary": "水到二楼", "place": "河边"})
    await submit(room, VICTIM, edit, secret=secret_of(1))
    if verified:
        vera = await grant(room, "vera", "verifier")
        await submit(room, vera, write(vera.actor, {"verify_state": "verified"}))
    return edit


async def raw(room: Room, update: bytes, *, tier: str = "public", who: str = THIEF) -> str:
    """Push bytes as they are; the verdict."""
    answer = await room.submit(Submission("help", row_of(1), ((tier, update),), Who(who, "visitor"), "s", "session"))
    return answer.verdicts[0].verdict


async def replaces_in_a_verified_row(room: Room) -> bool:
    edit = await victim_row(room, verified=True)
    await submit(room, THIEF, write(THIEF, {"place": "没人"}, seen={"place": [edit.edit]}))
    return shown(record(room).public.live("place")) == "没人"


async def contests_without_seen(room: Room) -> bool:
    await victim_row(room, verified=True)
    await submit(room, THIEF, write(THIEF, {"place": "没人"}))
    return len(record(room).public.live("place")) > 1


async def kills_what_is_not_there_yet(room: Room) -> bool:
    """`seen` names an edit of the victim's that the server does not know yet: dead on arrival."""
    await victim_row(room, verified=True)
    coming = write(VICTIM, {"people_total": 3})
    await submit(room, THIEF, write(THIEF, {"people_total": 1}, seen={"people_total": [coming.edit]}))
    await submit(room, VICTIM, coming)
    return not any(live.edit == coming.edit for live in record(room).public.live("people_total"))


async def blanks_anothers_cell(room: Room) -> bool:
    edit = await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"place": None}, seen={"place": [edit.edit]}))
    return shown(record(room).public.live("place")) is None


async def empties_anothers_cell(room: Room) -> bool:
    edit = await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"place": ""}, seen={"place": [edit.edit]}))
    return shown(record(room).public.live("place")) == ""


async def writes_as_the_victim(room: Room) -> bool:
    edit = await victim_row(room)
    forged = write(VICTIM, {"place": "没人"}, seen={"place": [edit.edit]})
    await raw(room, encode_edit(forged))
    return shown(record(room).public.live("place")) == "没人"


async def reuses_an_edit_id(room: Room) -> bool:
    edit = write(THIEF, {"summary": "水到二楼", "floor": 2})
    await submit(room, THIEF, edit)
    try:
        answer = await submit(room, THIEF, dataclasses.replace(edit, writes={"summary": "广告", "floor": 2}))
    except StorageError:
        return True  # the store's own constraint is the second lock; this attack is on the first
    return answer.verdicts[0].verdict == "accepted"


async def private_words_through_the_public_tier(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"contact_phone": "16312345678"}))
    return "contact_phone" in record(room).public.cells


async def a_number_in_public_words(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"directions": "打 16312345678"}))
    return "16312345678" in str(room.storage.list_rows("flood"))


async def a_clock_years_ahead(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"still_needed_at": "2021-07-20T13:00:00Z"}, at_ms=4_000_000_000_000))
    return any(live.at_ms > room.clock.now_ms() for cell in record(room).public.cells.values() for live in cell)


async def a_cell_flooded_with_values(room: Room) -> bool:
    await victim_row(room)
    for name in ("bo", "chen", "vera", "sun", "olga", "tina", "matt"):
        for n in range(3):
            await submit(room, actor(name), write(actor(name), {"floor": n}))
    return len(record(room).public.live("floor")) > 8


async def a_row_flooded_with_keys(room: Room) -> bool:
    await victim_row(room)
    for _ in range(40):
        edit = new_id()
        await submit(room, THIEF, write(THIEF, {f"notes:{edit}": "广告"}, edit=edit))
    return sum(path.startswith("notes:") for path in record(room).public.cells) > 20


async def a_queue_flooded_with_suggestions(room: Room) -> bool:
    await victim_row(room)
    for _ in range(80):
        await submit(room, THIEF, write(THIEF, {"verify_state": "verified"}))
    return len(room.storage.suggestions("flood")) > 50


async def verifies_beside_an_allowed_cell(room: Room) -> bool:
    """One edit, one cell that is allowed and one that is not."""
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"floor": 2, "verify_state": "verified"}))
    return "verify_state" in record(room).public.cells


async def overwrites_anothers_note(room: Room) -> bool:
    edit = new_id()
    await victim_row(room)
    await submit(room, VICTIM, write(VICTIM, {f"notes:{edit}": "有呼救声"}, edit=edit))
    await submit(room, THIEF, write(THIEF, {f"notes:{edit}": "没有"}, seen={f"notes:{edit}": [edit]}))
    return shown(record(room).public.live(f"notes:{edit}")) == "没有"


async def invents_a_field(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"owner": "me"}))
    return "owner" in record(room).public.cells


async def writes_a_value_no_such_field_holds(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"people_total": "<script>"}))
    return "people_total" in record(room).public.cells


async def claims_as_another_team(room: Room) -> bool:
    await victim_row(room)
    tina = await grant(room, "tina", "team", team=f"civil_team/{'T' * 16}")
    await submit(room, tina, write(tina.actor, {f"claim:{'U' * 16}": ["active", "", "60"]}))
    return f"claim:{'U' * 16}" in record(room).public.cells


async def declares_somebody_dead_alone(room: Room) -> bool:
    await victim_row(room)
    sun = await grant(room, "sun", "steward")
    await submit(room, sun, write(sun.actor, {"outcome": "deceased"}))
    return shown(record(room).public.live("outcome")) == "deceased"


async def closes_anothers_row(room: Room) -> bool:
    await victim_row(room)
    await submit(room, THIEF, write(THIEF, {"outcome": "rescued"}), secret=secret_of(2))
    return shown(record(room).public.live("outcome")) == "rescued"


# -- bytes


def _bytes(*items: tuple[str, object], edit: str) -> bytes:
    return encode_items(decode62(edit), items)


async def passes_the_gate(room: Room, make: Any) -> bool:
    await victim_row(room)
    try:
        return await raw(room, make(new_id())) == "accepted"
    except Exception:
        return True  # it went past the gate and broke what trusts it


def honest(edit: str) -> bytes:
    return encode_edit(write(THIEF, {"floor": 2}, edit=edit))


BYTES: dict[str, Any] = {
    "an overlong number": lambda edit: b"\x81\x00" + honest(edit)[1:],
    "a delete set": lambda edit: honest(edit)[:-1] + b"\x01\x05\x01\x00\x01",
    "bytes left over": lambda edit: honest(edit) + b"\x00",
    "keys out of order": lambda edit: _bytes(
        (f"~{edit}", [THIEF, 5, {}]), (f"power~{edit}", "yes"), (f"floor~{edit}", 2), edit=edit
    ),
    "an int spelt as a double": lambda edit: honest(edit)[:-3] + b"\x7b\x40\x00\x00\x00\x00\x00\x00\x00\x00",
}


def without_comparing_bytes(patch: pytest.MonkeyPatch) -> None:
    """A gate that reads, and does not write again and compare; nor cares for what comes after."""

    class Anything(bytes):
        def __eq__(self, other: object) -> bool:
            return True

        def __ne__(self, other: object) -> bool:
            return False

        __hash__ = bytes.__hash__

    patch.setattr(schema.gate, "encode_edit", lambda edit: Anything())
    patch.setattr(schema.gate._Reader, "end", lambda self: None)
    expect = schema.gate._Reader.expect

    def lenient(self: Any, number: int, what: str) -> None:
        if what == "an empty delete set":
            return
        if what == "one client":
            self.uint(5)
            return
        expect(self, number, what)

    patch.setattr(schema.gate._Reader, "expect", lenient)


async def a_stamp_without_writes(room: Room) -> bool:
    await victim_row(room)
    edit = new_id()
    try:
        return await raw(room, _bytes((f"~{edit}", [THIEF, 5, {}]), edit=edit)) == "accepted"
    except Exception:
        return True


async def two_edits_in_one_update(room: Room) -> bool:
    """The second edit's keys under the first one's stamp."""
    await victim_row(room)
    first, second = new_id(), new_id()
    update = _bytes((f"~{first}", [THIEF, 5, {}]), (f"floor~{first}", 2), (f"place~{second}", "没人"), edit=first)
    return await raw(room, update) == "accepted"


def gate_that_takes_any_stamp(patch: pytest.MonkeyPatch) -> None:
    def read(update: bytes) -> Edit:
        reader = schema.gate._Reader(update)
        reader.byte()
        count = reader.uint(100)
        reader.uint(2**60)
        reader.byte()
        key, stamp = reader.item()
        writes = {}
        for _ in range(count - 1):
            name, value = reader.item()
            writes[name.partition("~")[0]] = value
        assert isinstance(stamp, list)
        return Edit(key[1:], stamp[0], stamp[1], writes, stamp[2])  # type: ignore[arg-type]

    patch.setattr(server.ingest, "read_edit", read)


# -- sabotage


def act_is(**changed: str) -> Any:
    """A judge that takes some acts for others."""

    def sabotage(patch: pytest.MonkeyPatch) -> None:
        act_of = moderation.judge.act_of

        def wrong(*args: Any, **kwargs: Any) -> str:
            act = act_of(*args, **kwargs)
            return changed.get(act, act)

        patch.setattr(moderation.judge, "act_of", wrong)

    return sabotage


def unknown_edits_are_ones_own(patch: pytest.MonkeyPatch) -> None:
    act_of = moderation.judge.act_of

    def wrong(path: str, value: Any, replaced: list[str], *, state: Any, case: Any, who: Who, kind: str) -> str:
        known = [edit for edit in replaced if edit in case.wrote]
        return act_of(path, value, known, state=state, case=case, who=who, kind=kind)

    patch.setattr(moderation.judge, "act_of", wrong)


def accepts(*reasons: str) -> Any:
    """A judge that lets these reasons pass."""

    def sabotage(patch: pytest.MonkeyPatch) -> None:
        judged = moderation.judge.judge

        def wrong(*args: Any, **kwargs: Any) -> Verdict:
            verdict = judged(*args, **kwargs)
            return ACCEPTED if verdict.reason in reasons else verdict

        patch.setattr(server.ingest, "judge", wrong)

    return sabotage


def first_cell_decides(patch: pytest.MonkeyPatch) -> None:
    judged = moderation.judge.judge

    def wrong(edit: Edit, tier: Any, **kwargs: Any) -> Verdict:
        first = dict([next(iter(edit.writes.items()))])
        return judged(dataclasses.replace(edit, writes=first), tier, **kwargs)

    patch.setattr(server.ingest, "judge", wrong)


def actor_is_believed(patch: pytest.MonkeyPatch) -> None:
    gated = server.ingest._gate
    patch.setattr(server.ingest, "_gate", lambda tier, update, who: gated(tier, update, Who(VICTIM, "visitor")))


def the_ledger_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    class Forgetful(dict[Any, Any]):
        def get(self, key: Any, default: Any = None) -> Any:
            return default

    begin = server.ingest.begin

    def wrong(*args: Any, **kwargs: Any) -> Any:
        act = begin(*args, **kwargs)
        act.record.known = Forgetful(act.record.known)
        return act

    patch.setattr(server.ingest, "begin", wrong)


def nothing_is_masked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.ingest, "screen", lambda edit, **kwargs: None)


def clocks_are_believed(patch: pytest.MonkeyPatch) -> None:
    apply = TierState.apply
    patch.setattr(TierState, "apply", lambda self, edit, **kwargs: apply(self, edit))


def suggestions_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.ingest, "_waiting", lambda *args: 0)


def caps_are_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moderation.judge, "_caps", lambda *args, **kwargs: ACCEPTED)


def any_link_is_believed(patch: pytest.MonkeyPatch) -> None:
    relate = server.ingest.relate
    patch.setattr(
        server.ingest,
        "relate",
        lambda who, record, *, room, secret="": dataclasses.replace(
            relate(who, record, room=room, secret=secret), holds=bool(secret)
        ),
    )


EDIT_ATTACKS = [
    Attack("replaces a cell of a verified row", "ED11", act_is(change_verified="set"), replaces_in_a_verified_row),
    Attack("contests a cell without having seen it", "ED10", act_is(change_verified="set"), contests_without_seen),
    Attack("kills a value that has not arrived", "ED11", unknown_edits_are_ones_own, kills_what_is_not_there_yet),
    Attack("blanks a cell", "ED12", act_is(blank="change"), blanks_anothers_cell),
    Attack("empties a cell", "ED12", act_is(blank="change"), empties_anothers_cell),
    Attack("writes as the victim", "ED7", actor_is_believed, writes_as_the_victim),
    Attack("reuses an edit id", "ED8", the_ledger_is_not_asked, reuses_an_edit_id),
    Attack("writes a private field publicly", "ED9", accepts("wrong-tier"), private_words_through_the_public_tier),
    Attack("puts a number into public words", "ED19", nothing_is_masked, a_number_in_public_words),
    Attack("stays fresh by a clock years ahead", "ED15", clocks_are_believed, a_clock_years_ahead),
    Attack("floods a cell with values", "ED14", caps_are_off, a_cell_flooded_with_values),
    Attack("floods a row with keys", "ED14", caps_are_off, a_row_flooded_with_keys),
    Attack("floods the queue with suggestions", "ED14", suggestions_are_not_counted, a_queue_flooded_with_suggestions),
    Attack("hides a forbidden cell behind an allowed one", "ED13", first_cell_decides, verifies_beside_an_allowed_cell),
    Attack("overwrites a note", "ED9", accepts("append-only"), overwrites_anothers_note),
    Attack("invents a field", "ED9", accepts("unknown-field"), invents_a_field),
    Attack("writes a value no such field holds", "ED9", accepts("invalid-value"), writes_a_value_no_such_field_holds),
    Attack("claims as another team", "ED9", accepts("not-your-team"), claims_as_another_team),
    Attack("declares somebody dead alone", "ED18", accepts("needs-role"), declares_somebody_dead_alone),
    Attack("closes a row by the link of another", "ID8", any_link_is_believed, closes_anothers_row),
    Attack("sends a stamp without writes", "ED4", gate_that_takes_any_stamp, a_stamp_without_writes),
    Attack("sends two edits in one update", "ED1", gate_that_takes_any_stamp, two_edits_in_one_update),
    *(
        Attack(f"sends {name}", "ED1", without_comparing_bytes, lambda room, make=make: passes_the_gate(room, make))  # type: ignore[misc]
        for name, make in BYTES.items()
    ),
]
