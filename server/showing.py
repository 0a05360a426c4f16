"""Showings of the private tier: who may have one, how many an hour, and who was shown what.

I/O through storage. Every showing is in the audit before it leaves; reading in bulk is throttled and rings an alarm (rules ED20, PR1–PR4).
"""

from __future__ import annotations

from moderation.judge import may_see
from moderation.roles import RULES, Who
from schema.row import Cells
from schema.sheets import SHEETS
from server.errors import AccessError
from server.ingest import begin
from server.room import Room
from server.storage.contract import AuditRecord
from server.sync.frames import MAX_REASON_CHARS, Control, write_frame

# Different rows an hour. A verifier at work telephones forty people an hour at most; three times that is reading, not work.
ROWS_PER_HOUR = {
    "visitor": 10,
    "volunteer": 20,
    "team": 60,
    "verifier": 120,
    "matcher": 120,
    "steward": 300,
    "owner": 300,
}
ALARM_SHARE = 0.5  # of the limit: somebody is told before it is reached
WINDOW_S = 3600.0


async def show(room: Room, who: Who, *, sheet: str, row: str, reason: str, secret: str = "") -> Cells:
    """A row's private cells, once the showing is in the audit. Raises AccessError: unknown-row, not-permitted, too-many."""
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None or not record.version:
        raise AccessError("unknown-row", "there is no such row")
    act = begin(room, record, sheet=SHEETS[sheet], row=row, who=who, secret=secret)
    if not may_see(case=act.case("private"), who=act.who):
        raise AccessError("not-permitted", "your role does not see private fields of this row")
    shown = AuditRecord(
        room.clock.now_ms(),
        who.actor,
        who.role,
        "reveal",
        sheet=sheet,
        row=row,
        reason=reason.strip()[:MAX_REASON_CHARS],
    )
    await room.storage.write_audit(room.workbook.id, [shown, *_count(room, act.who, sheet, row)])
    return record.private.cells


def may_be_shown(room: Room, who: Who, *, sheet: str, row: str) -> bool:
    """Whether `show` would, right alone considered; nothing is shown or logged."""
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None or not record.version:
        return False
    act = begin(room, record, sheet=SHEETS[sheet], row=row, who=who)
    return may_see(case=act.case("private"), who=act.who)


def showings(room: Room, who: Who, *, sheet: str, row: str) -> list[AuditRecord]:
    """Who was shown this row's private fields, newest first: for whom the row belongs to, and for who answers for the sheet."""
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None:
        raise AccessError("unknown-row", "there is no such row")
    act = begin(room, record, sheet=SHEETS[sheet], row=row, who=who)
    if not (act.who.holds or record.author == who.actor or who.role in RULES):
        raise AccessError("not-permitted", "only the person concerned and stewards see who was shown a row")
    return [line for line in room.storage.audit(room.workbook.id, row=row, act="reveal") if line.sheet == sheet]


def _count(room: Room, who: Who, sheet: str, row: str) -> list[AuditRecord]:
    """Count this row to the actor's hour. Raises AccessError `too-many`; the alarm to log where one is due."""
    limit = ROWS_PER_HOUR[who.role]
    rows = room.rows_shown(who.actor, window_s=WINDOW_S)
    if (sheet, row) in rows or who.holds:
        return []
    if len(rows) >= limit:
        raise AccessError("too-many", f"{limit} rows were shown to you within an hour; ask a steward")
    room.count_shown(who.actor, sheet, row)
    if len(rows) + 1 != int(limit * ALARM_SHARE):
        return []
    frame = write_frame(Control("alarm", {"kind": "bulk-reading", "actor": who.actor, "rows": len(rows) + 1}))
    for seat in tuple(room.seats.values()):
        if seat.who.role in RULES:
            seat.send(frame)
    return [AuditRecord(room.clock.now_ms(), who.actor, who.role, "alarm", detail=f"bulk-reading {len(rows) + 1}")]
