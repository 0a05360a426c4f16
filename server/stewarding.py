"""What stewards set for everybody: how far a sheet is protected, and the notice on every screen.

I/O through storage and the room. Rules PT1, PT4.
"""

from __future__ import annotations

from moderation.protection import OPEN, STEPS, Guard
from moderation.roles import RULES, Who
from schema.sheets import SHEETS
from server.errors import AccessError
from server.room import Room
from server.storage.contract import AuditRecord
from server.sync.frames import MAX_REASON_CHARS, Control, write_frame

MAX_NOTICE_CHARS = 500
MAX_GUARD_DAYS = 30
DAY_MS = 86_400_000


async def protect(room: Room, by: Who, *, sheet: str, step: str, reason: str, until_ms: int = 0) -> Guard:
    """Set a sheet's protection and tell everybody. Raises AccessError naming what is wrong."""
    _steward(by, "protect a sheet")
    now_ms = room.clock.now_ms()
    reason = reason.strip()[:MAX_REASON_CHARS]
    if sheet not in SHEETS or step not in STEPS:
        raise AccessError("bad-guard", "a sheet of this workbook, and open, careful or verified")
    if step != "open" and not reason:
        raise AccessError("reason-wanted", "everybody will read why the sheet is protected")
    if until_ms and not now_ms < until_ms <= now_ms + MAX_GUARD_DAYS * DAY_MS:
        raise AccessError("bad-guard", f"an end lies ahead, at most {MAX_GUARD_DAYS} days")
    guard = OPEN if step == "open" else Guard(step, reason, until_ms, by.actor, now_ms)
    audit = AuditRecord(now_ms, by.actor, by.role, "protect", sheet=sheet, reason=reason, detail=f"{step} {until_ms}")
    await room.storage.set_protection(room.workbook.id, sheet, guard, audit)
    room.guards[sheet] = guard
    room.broadcast(write_frame(guards_frame(room)))
    room.changed()
    return guard


def guards_frame(room: Room) -> Control:
    """Every sheet's step, and why and until when (rule PT4)."""
    steps = room.protection
    why = {
        sheet: {"step": step, "reason": room.guards[sheet].reason, "until_ms": room.guards[sheet].until_ms}
        for sheet, step in steps.items()
    }
    return Control("protection", {"protection": {sheet: steps.get(sheet, "open") for sheet in SHEETS}, "guards": why})


async def announce(room: Room, by: Who, *, text: str) -> None:
    """Set the notice on every screen, or take it away with empty text. Raises AccessError `not-permitted`."""
    _steward(by, "set the notice")
    text = text.strip()[:MAX_NOTICE_CHARS]
    now_ms = room.clock.now_ms()
    await room.storage.set_notice(room.workbook.id, text, AuditRecord(now_ms, by.actor, by.role, "notice"))
    room.notice = text
    room.broadcast(write_frame(Control("notice", {"text": text})))
    room.changed()


def _steward(by: Who, what: str) -> None:
    if by.role not in RULES:
        raise AccessError("not-permitted", f"only stewards {what}")
