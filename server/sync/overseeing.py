"""What the socket answers to those who verify, match and lead: calls, the queue, restraints, rollbacks.

I/O through the room. Imported by the endpoint alone. Frames: docs/protocol.md; rules: docs/spec/moderation.md.
"""

from __future__ import annotations

from typing import get_args

from moderation.queue import Kind, Waiting
from moderation.roles import Who
from server.errors import AccessError
from server.guarding import report_actor, restrain_actor, restrained, switch_rules
from server.rollbacks import Rolled, restore_row, roll_back
from server.room import Room
from server.sync.frames import (
    AskQueue,
    AskRestrained,
    Call,
    Done,
    FromServer,
    Lease,
    Overseeing,
    Queue,
    Report,
    Restore,
    Restrain,
    Restrained,
    RollBack,
    RolledBack,
    Rules,
)

KINDS: tuple[Kind, ...] = get_args(Kind)


async def oversee(room: Room, who: Who, frame: Overseeing) -> FromServer:
    """The answer to one of these frames. Raises SheetError naming why not."""
    match frame:
        case Call(n, sheet, row, act):
            taken = room.calls.call(who, sheet=sheet, row=row, act=act)
            actor, until_ms = (taken.lease.actor, taken.lease.until_ms) if taken.lease else ("", 0)
            return Lease(n, taken.held, actor, until_ms, taken.by)
        case AskQueue(n, kind, limit):
            return await _queue(room, who, n, kind=kind, limit=limit)
        case Restrain(n, actor, step, reason):
            await restrain_actor(room, who, actor=actor, step=step, reason=reason)
        case Report(n, actor, reason):
            await report_actor(room, who, actor=actor, reason=reason)
        case Rules(n, on, reason):
            await switch_rules(room, who, on=on, reason=reason)
        case AskRestrained(n):
            return _restrained(room, who, n)
        case RollBack(n, of, whom, since_ms, until_ms, begun, apply, reason):
            rolled = await roll_back(
                room,
                who,
                of=of,
                whom=whom,
                since_ms=since_ms,
                until_ms=until_ms,
                begun=begun,
                apply=apply,
                reason=reason,
            )
            return _rolled(n, rolled)
        case Restore(n, sheet, row, at_ms, apply, reason):
            rolled = await restore_row(room, who, sheet=sheet, row=row, at_ms=at_ms, apply=apply, reason=reason)
            return _rolled(n, rolled)
    return Done(n, "", "")


def _rolled(n: int, rolled: Rolled) -> RolledBack:
    return RolledBack(n, rolled.id, rolled.edits, rolled.rows, rolled.cells, rolled.conflicts, rolled.begun)


def _restrained(room: Room, who: Who, n: int) -> Restrained:
    found = restrained(room, who)
    listed = [(actor, one.restraint, one.rule, one.since_ms, one.reason, reports) for actor, one, reports in found]
    state = room.guard.state
    return Restrained(n, state.on, state.locked_until_ms, listed, room.names({actor for actor, _, _ in found}))


async def _queue(room: Room, who: Who, n: int, *, kind: str, limit: int) -> Queue:
    chosen = next((one for one in KINDS if one == kind), None)
    if chosen is None:
        raise AccessError("bad-kind", f"a queue is one of {', '.join(KINDS)}")
    found, total = await room.calls.queue(who, kind=chosen, limit=limit)
    callers = {one.caller.actor for one in found if one.caller}
    return Queue(n, total, [_line(one) for one in found], room.names(callers))


def _line(one: Waiting) -> tuple[object, ...]:
    of, contact = one.of, one.of.contact
    return (
        of.sheet,
        of.row,
        of.no,
        one.why,
        one.band,
        of.status.urgency,
        of.age.confirmed_ms,
        of.age.due_ms,
        contact.tries,
        contact.last_outcome,
        contact.not_before_ms,
        contact.sms_only,
        -1 if contact.battery is None else contact.battery,
        one.seen,
        one.caller.actor if one.caller else "",
        one.caller.until_ms if one.caller else 0,
        one.behind,
    )
