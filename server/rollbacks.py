"""Taking back what one actor, session or invite wrote, or a row to a moment; and a sheet as it was.

I/O through the room: what is written are ordinary edits by the steward, with origin `rollback` and the rollback's id in place of a session,
so that a rollback is itself taken back by its id. Rules MO20–MO26 of docs/spec/moderation.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass

from moderation.judge import ACCEPTED
from moderation.roles import RULES, Who
from moderation.rollback import Change, Logged, RowPlan, plan_row
from schema.edits import Edit, Tier
from schema.encoding import encode_edit
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.row import TierState
from schema.sheets import SHEETS
from server.clock import new_edit_id
from server.errors import AccessError
from server.exports import ExportedRow, exported_at
from server.ingest import Act, begin, finish
from server.projection import columns_of, masked_of
from server.room import Room
from server.storage.contract import AuditRecord, LogEntry, RowRecord
from server.sync.frames import MAX_REASON_CHARS

AT_ONCE = 64  # rows that share one fsync
PAGE = 1000  # log entries read before others have their turn
KINDS = ("actor", "session", "invite", "rollback")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a rollback does, or did. `edits` are taken back; `conflicts` are cells written over since, which stay; `begun` rows that were
    started by what is taken back: they are called invalid where asked for, never blanked."""

    id: str  # "" of a preview
    edits: int
    rows: int
    cells: int
    conflicts: int
    begun: int


async def roll_back(
    room: Room,
    by: Who,
    *,
    of: str,
    whom: str,
    since_ms: int,
    until_ms: int,
    begun: bool = False,
    apply: bool = False,
    reason: str = "",
) -> Rolled:
    """Preview or apply. `of` actor (which is a device), session, invite, or rollback. Raises AccessError naming what is wrong."""
    reason = _admit(by, reason, apply=apply)
    if of not in KINDS or not whom:
        raise AccessError("bad-rollback", f"of one of {', '.join(KINDS)}, and whose")
    fits = _fits(room, of, whom, since_ms, until_ms or room.clock.now_ms())
    taken: dict[Key, set[str]] = {}
    async for entry in _log(room):
        if fits(entry):
            taken.setdefault((entry.sheet, entry.row), set()).add(entry.edit)
    logged: dict[Key, list[Logged]] = {key: [] for key in taken}
    async for entry in _log(room):
        if (entry.sheet, entry.row) in logged:
            _add(logged[entry.sheet, entry.row], entry)
    detail = f"{of} {whom} {since_ms} {until_ms}"
    return await _roll(room, by, taken, logged, begun=begun, apply=apply, reason=reason, detail=detail)


async def restore_row(
    room: Room, by: Who, *, sheet: str, row: str, at_ms: int, apply: bool = False, reason: str = ""
) -> Rolled:
    """A row as it was at a moment: every later edit of it is taken back. Raises AccessError naming what is wrong."""
    reason = _admit(by, reason, apply=apply)
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None or record.created_ms > at_ms:
        raise AccessError("unknown-row", "there was no such row at that moment")
    logged: list[Logged] = []
    async for entry in _log(room, sheet, row):
        _add(logged, entry)
    key = (sheet, row)
    taken = {one.edit.edit for one in logged if one.received_ms > at_ms}
    detail = f"row {sheet}/{row} {at_ms}"
    return await _roll(room, by, {key: taken}, {key: logged}, begun=False, apply=apply, reason=reason, detail=detail)


async def sheet_at(room: Room, sheet: str, at_ms: int, *, full: bool = False) -> list[ExportedRow]:
    """Every row of a sheet as it was at a moment, by number; private cells only where `full`."""
    records: dict[str, RowRecord] = {}
    async for entry in _log(room, sheet):
        edit = _read(entry)
        if entry.received_ms > at_ms or edit is None:
            continue
        record = records.setdefault(
            entry.row, RowRecord(room.workbook.id, sheet, entry.row, 0, edit.actor, entry.received_ms, 0, 0)
        )
        record.updated_ms = entry.received_ms
        record.tier(entry.tier).apply(edit, received_ms=entry.received_ms)
    found = []
    for record in records.values():
        view = room.storage.view_row(room.workbook.id, sheet, record.row)
        if view is None or not record.public.cells:
            continue
        record.no, record.masked = view.no, masked_of(SHEETS[sheet], record.private.cells)
        status = columns_of(SHEETS[sheet], record, now_ms=at_ms).status
        found.append(exported_at(record, status, full=full))
    return sorted(found, key=lambda one: one.no)


# -- how


def _admit(by: Who, reason: str, *, apply: bool) -> str:
    reason = reason.strip()[:MAX_REASON_CHARS]
    if by.role not in RULES:
        raise AccessError("not-permitted", "only stewards roll back")
    if apply and not reason:
        raise AccessError("reason-wanted", "those whose edits are taken back will read why")
    return reason


def _fits(room: Room, of: str, whom: str, since_ms: int, until_ms: int) -> Callable[[LogEntry], bool]:
    """Which entries of the log are meant."""
    if of == "invite":
        granted = {one.actor: one.granted_ms for one in room.storage.grants(room.workbook.id) if one.invite == whom}

        def fits(entry: LogEntry) -> bool:
            return entry.actor in granted and entry.received_ms >= granted[entry.actor]
    elif of == "actor":

        def fits(entry: LogEntry) -> bool:
            return entry.actor == whom and entry.origin not in ("rollback", "import")
    elif of == "rollback":

        def fits(entry: LogEntry) -> bool:
            return entry.session == whom and entry.origin == "rollback"
    else:

        def fits(entry: LogEntry) -> bool:
            return entry.session == whom

    return lambda entry: since_ms <= entry.received_ms <= until_ms and fits(entry)


async def _log(room: Room, sheet: str = "", row: str = "") -> AsyncIterator[LogEntry]:
    after = 0
    while True:
        page = room.storage.log(room.workbook.id, sheet=sheet, row=row, after=after, limit=PAGE)
        for entry in page:
            yield entry
        if len(page) < PAGE:
            return
        after = page[-1].seq
        await asyncio.sleep(0)


def _read(entry: LogEntry) -> Edit | None:
    """The edit; None where it is erased."""
    try:
        return read_edit(entry.update) if entry.update else None
    except ProtocolError:
        return None


def _add(logged: list[Logged], entry: LogEntry) -> None:
    edit = _read(entry)
    if edit is not None:
        logged.append(Logged(entry.tier, edit, entry.received_ms))


async def _roll(
    room: Room,
    by: Who,
    taken: dict[Key, set[str]],
    logged: dict[Key, list[Logged]],
    *,
    begun: bool,
    apply: bool,
    reason: str,
    detail: str,
) -> Rolled:
    id = room.clock.random62(12) if apply else ""
    if apply:
        audit = AuditRecord(room.clock.now_ms(), by.actor, by.role, "rollback", reason=reason, detail=f"{id} {detail}")
        await room.storage.write_audit(room.workbook.id, [audit])
    keys = sorted(key for key in taken if key[0] in SHEETS)
    plans: list[RowPlan] = []
    for key_batch in _batches(keys):
        plans += await asyncio.gather(
            *(_row(room, by, key, logged[key], taken[key], begun=begun, id=id) for key in key_batch)
        )
        await asyncio.sleep(0)
    return Rolled(
        id,
        edits=sum(len(one) for one in taken.values()),
        rows=sum(plan.cells > 0 for plan in plans),
        cells=sum(plan.cells for plan in plans),
        conflicts=sum(plan.conflicts for plan in plans),
        begun=sum(plan.created for plan in plans),
    )


def _batches(keys: list[Key]) -> Iterator[list[Key]]:
    for at in range(0, len(keys), AT_ONCE):
        yield keys[at : at + AT_ONCE]


async def _row(
    room: Room, by: Who, key: Key, logged: list[Logged], taken: Collection[str], *, begun: bool, id: str
) -> RowPlan:
    """Plan one row against what is live now, and write it where there is an `id`. No await between reading and writing."""
    sheet, row = key
    before = room.record(sheet, row)
    if before is None:
        return RowPlan((), 0, 0, False)
    now: dict[Tier, TierState] = {"public": before.public, "private": before.private}
    plan = plan_row(logged, taken, now=now)
    if plan.created:
        plan = _invalid(before, logged, taken) if begun else RowPlan((), 0, 0, True)
    changes = [(tier, change) for tier, change in plan.changes if not (before.erased and tier == "private")]
    if not id or not changes:
        return plan
    act = begin(room, before, sheet=SHEETS[sheet], row=row, who=by)
    act.origin = "rollback"
    for tier, (writes, seen) in changes:
        _merge(act, tier, Edit(new_edit_id(room.clock), by.actor, act.received_ms, writes, seen))
    change = finish(act, session=id, origin="rollback")
    await room.commit(change)
    return plan


def _merge(act: Act, tier: Tier, edit: Edit) -> None:
    """Beside the judge, as an accepted suggestion is: right was asked once, for the whole."""
    act.merge(tier, edit, encode_edit(edit), ACCEPTED)


def _invalid(before: RowRecord, logged: list[Logged], taken: Collection[str]) -> RowPlan:
    """A row that nobody else has touched is called invalid: it stays, and can be called open again."""
    sheet = SHEETS[before.sheet]
    if "invalid" not in sheet.over or any(one.edit.edit not in taken for one in logged):
        return RowPlan((), 0, 0, True)
    seen = [live.edit for live in before.public.live(sheet.axis)]
    change: Change = ({sheet.axis: "invalid"}, {sheet.axis: seen} if seen else {})
    return RowPlan((("public", change),), 1, 0, True)
