"""Suggestions: what right did not allow, waiting for somebody who may decide.

I/O through the room. An accepted one merges its author's own edit, with who accepted it in the log (rules ED17, ED18).
"""

from __future__ import annotations

from dataclasses import replace

from moderation.judge import ACCEPTED, judge
from moderation.roles import DECIDES, Who
from schema.edits import Edit
from schema.encoding import encode_edit
from schema.gate import read_edit
from schema.row import is_conflict
from schema.sheets import SHEETS
from server.clock import new_edit_id
from server.errors import AccessError
from server.ingest import Act, begin, finish
from server.room import Room
from server.storage.contract import AuditRecord, Suggestion
from server.sync.frames import Control, write_frame

MAX_REASON_CHARS = 200


def visible(room: Room, who: Who, *, sheet: str = "", row: str = "") -> list[Suggestion]:
    """Pending suggestions somebody may read: who decides reads all, others their own, decided ones too."""
    workbook = room.workbook.id
    if who.role in DECIDES:
        return room.storage.suggestions(workbook, sheet=sheet, row=row)
    return room.storage.suggestions(workbook, sheet=sheet, row=row, actor=who.actor, state="")


async def decide(
    room: Room, who: Who, suggestion_id: str, *, accept: bool, reason: str, seen: dict[str, list[str]], session: str
) -> None:
    """Accept or decline a suggestion. Raises AccessError naming why not; StorageError where the commit failed."""
    found = room.storage.suggestion(room.workbook.id, suggestion_id)
    if found is None or found.state != "pending":
        raise AccessError("not-pending", "this suggestion is decided already, or there is none")
    if who.role not in DECIDES:
        raise AccessError("not-permitted", "only verifiers, matchers and stewards decide suggestions")
    reason = reason.strip()[:MAX_REASON_CHARS]
    if not accept and not reason:
        raise AccessError("reason-wanted", "declining needs a reason: its author will read it")
    sheet = SHEETS[found.sheet]
    before = room.record(found.sheet, found.row)
    act = begin(room, before, sheet=sheet, row=found.row, who=who)
    if accept:
        _accept(act, found, reason=reason, seen=seen)
    audit = AuditRecord(
        act.received_ms,
        who.actor,
        who.role,
        "accept" if accept else "decline",
        sheet=found.sheet,
        row=found.row,
        reason=reason,
        detail=f"suggestion {found.id} by {found.actor}",
    )
    state = "accepted" if accept else "declined"
    decided = ((found.id, state, reason),)
    change = finish(act, session=session, origin="decide", audit=(audit,), decided=decided)
    await room.commit(change)
    _tell_author(room, found, state=state, reason=reason)


def _tell_author(room: Room, found: Suggestion, *, state: str, reason: str) -> None:
    """Whoever wrote it hears what became of it, on every screen they have open; who is away asks when they come back."""
    payload = {"tier": found.tier, "edit": found.edit, "state": state, "reason": reason}
    frame = write_frame(Control("decided", payload))
    for seat in tuple(room.seats.values()):
        if seat.who.actor == found.actor:
            seat.send(frame)


def _accept(act: Act, found: Suggestion, *, reason: str, seen: dict[str, list[str]]) -> None:
    """Merge the author's edit under the decider's right; settle what it leaves in conflict with what the decider saw."""
    edit = read_edit(found.update)
    case = act.case(found.tier)
    if found.reason == "second-steward" or "deceased" in edit.writes.values():
        _second_steward(act, found)
    else:
        verdict = judge(replace(edit, actor=act.who.actor), found.tier, case=case, who=act.who)
        if verdict.code != "accepted" and verdict.reason in (
            "needs-role",
            "blank-other",
            "needs-claim",
            "not-your-team",
        ):
            raise AccessError("not-permitted", "your own role does not allow this change either", verdict.path)
        if verdict.code != "accepted" and verdict.reason in (
            "unknown-field",
            "wrong-tier",
            "invalid-value",
            "append-only",
        ):
            raise AccessError(verdict.reason, "this sheet cannot hold that value; write it anew by hand", verdict.path)
    act.merge(found.tier, edit, found.update, ACCEPTED, accepted_by=act.who.actor)
    settling = _settling(act, found, edit, seen)
    if settling is not None:
        act.merge(found.tier, settling, encode_edit(settling), ACCEPTED)


def _second_steward(act: Act, found: Suggestion) -> None:
    """*Deceased* needs a second steward; where only one exists, the owner (rule ED18)."""
    if act.who.role not in ("steward", "owner"):
        raise AccessError("not-permitted", "only a steward confirms a death")
    if act.who.actor == found.actor:
        raise AccessError("second-steward", "somebody else must confirm a death")


def _settling(act: Act, found: Suggestion, edit: Edit, seen: dict[str, list[str]]) -> Edit | None:
    """The decider's own edit, where the accepted value would stand beside one the decider saw and replaced."""
    state = act.record.tier(found.tier)
    writes, replaced = {}, {}
    for path, value in edit.writes.items():
        live = state.live(path)
        over = sorted(entry.edit for entry in live if entry.edit == edit.edit or entry.edit in seen.get(path, ()))
        if is_conflict(live) and len(over) > 1:
            writes[path], replaced[path] = value, over
    if not writes:
        return None
    return Edit(new_edit_id(act.room.clock), act.who.actor, act.received_ms, writes, replaced)
