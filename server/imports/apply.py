"""A plan becomes rows: each row's edits enter where every edit enters, and a row that is there already is left alone.

I/O through the room. Imported by `server.cli` and `server.web`. Importing the same file again adds nothing (rule IM24); a later
copy of it fills cells that are still empty and changes none (rule IM25).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moderation.roles import Who
from schema.edits import MAX_WRITES, Edit, Tier
from schema.ids import EDIT_ID_CHARS, EditId, RowId, digest62, row_id
from schema.values import Value
from server.imports.plan import ImportPlan, RowPlan, SheetPlan
from server.ingest import Answer, submission_of
from server.room import Room
from server.storage.contract import AuditRecord, RowRecord

# Submitted together, rows share one fsync; more would only grow the queue before the writer.
AT_ONCE = 64
MAX_PACKED_BYTES = 12 * 1024  # an edit holds 16 kB; the rest is for paths, stamps and seen


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit of the import that was not accepted: where it stood, and the verdict's reason."""

    name: str
    line: int
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    added: int
    known: int  # rows that were there already, unchanged
    filled: int  # rows that were there, and got cells they did not have
    refusals: tuple[Refusal, ...]


async def apply_plan(room: Room, plan: ImportPlan, *, who: Who, session: str) -> ImportReport:
    """Write the rows of a plan as `who`. Raises StorageError where a commit failed: import the file again then."""
    await room.storage.write_audit(room.workbook.id, [_audit(plan, who, room.clock.now_ms())])
    added = known = filled = 0
    refusals: list[Refusal] = []
    work = [(sheet, row) for sheet in plan.sheets if sheet.sheet is not None for row in sheet.rows]
    for start in range(0, len(work), AT_ONCE):
        batch = _once(work[start : start + AT_ONCE])
        done = await asyncio.gather(*(_apply_row(room, *one, who=who, session=session) for one in batch))
        for (sheet, row), (outcome, answer) in zip(batch, done, strict=True):
            added += outcome == "added"
            known += outcome == "known"
            filled += outcome == "filled"
            for verdict in answer.verdicts if answer is not None else ():
                if verdict.verdict != "accepted":
                    refusals.append(Refusal(sheet.name, row.line, verdict.verdict, verdict.reason))
        known += len(work[start : start + AT_ONCE]) - len(batch)
    return ImportReport(added, known, filled, tuple(refusals))


def _once(batch: Sequence[tuple[SheetPlan, RowPlan]]) -> list[tuple[SheetPlan, RowPlan]]:
    """A batch without second copies of a row (a backup sheet inside the file): they must not race each other."""
    return list({(sheet.sheet, row.secret): (sheet, row) for sheet, row in reversed(batch)}.values())[::-1]


async def _apply_row(
    room: Room, sheet: SheetPlan, row: RowPlan, *, who: Who, session: str
) -> tuple[str, Answer | None]:
    assert sheet.sheet is not None
    place = row_id(sheet.sheet, row.secret)
    before = room.record(sheet.sheet, place)
    at_ms = _said_ms(row, room.clock.now_ms())
    if before is None or not before.public.cells:
        edits = list(edits_of(row, actor=who.actor, at_ms=at_ms))
        outcome = "added"
    else:
        edits = list(_missing(row, before, actor=who.actor, at_ms=at_ms))
        outcome = "filled" if edits else "known"
    if not edits:
        return outcome, None
    answer = await room.submit(
        submission_of(edits, sheet=sheet.sheet, row=RowId(place), who=who, session=session, origin="import")
    )
    return outcome, answer


def _said_ms(row: RowPlan, now_ms: int) -> int:
    """When the row was last known to be so: the time it carries, for an import confirms nothing (rule IM26)."""
    told = row.public.get("source_time")
    if not isinstance(told, str):
        return now_ms
    return max(0, min(now_ms, int(dt.datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1000)))


def edits_of(row: RowPlan, *, actor: str, at_ms: int) -> Iterator[tuple[Tier, Edit]]:
    """The edits that make a row: one per tier, and more only where one cannot hold it all."""
    public, private = list(row.public.items()), list(row.private.items())
    yield from _packed("public", public, {"notes": row.notes}, row.secret, actor=actor, at_ms=at_ms)
    logs = {"import_raw": row.raw, "notes": row.notes_raw}
    yield from _packed("private", private, logs, row.secret, actor=actor, at_ms=at_ms)


def _packed(
    tier: Tier,
    cells: list[tuple[str, Value]],
    logs: Mapping[str, Sequence[str]],
    secret: str,
    *,
    actor: str,
    at_ms: int,
) -> Iterator[tuple[Tier, Edit]]:
    waiting = {name: list(lines) for name, lines in logs.items() if lines}
    count = 0
    while cells or waiting:
        writes: dict[str, Value] = {}
        entries: dict[str, str] = {}
        size = 0
        for name in list(waiting):
            if size + len(waiting[name][0].encode()) <= MAX_PACKED_BYTES:
                entries[name] = waiting[name].pop(0)
                size += len(entries[name].encode())
                if not waiting[name]:
                    del waiting[name]
        while cells and len(writes) + len(entries) < MAX_WRITES:
            weight = _weight(cells[0][1]) + len(cells[0][0])
            if writes and size + weight > MAX_PACKED_BYTES:
                break
            path, value = cells.pop(0)
            writes[path] = value
            size += weight
        edit = _edit_id(secret, tier, count, writes, entries)
        writes |= {f"{name}:{edit}": text for name, text in entries.items()}
        yield tier, Edit(edit, actor, at_ms, dict(sorted(writes.items())), {})
        count += 1


def _weight(value: Value) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _edit_id(secret: str, tier: str, count: int, writes: Mapping[str, Value], entries: Mapping[str, str]) -> EditId:
    """The same for the same words: an import that was cut off and starts again makes the same edits."""
    said = json.dumps([secret, tier, count, dict(writes), dict(entries)], ensure_ascii=False, sort_keys=True)
    return EditId(digest62(said.encode(), EDIT_ID_CHARS))


def _missing(row: RowPlan, before: RowRecord, *, actor: str, at_ms: int) -> Iterator[tuple[Tier, Edit]]:
    """Cells this copy of the file has and the row has not. What somebody wrote, blanked or changed since is theirs."""
    tiers: tuple[tuple[Tier, Mapping[str, Value]], ...] = (("public", row.public), ("private", row.private))
    for tier, planned in tiers:
        state = before.tier(tier)
        absent = [
            (path, value)
            for path, value in planned.items()
            if not state.live(path) and path not in state.kills and path not in ("ext_id", "source")
        ]
        if absent:
            yield from _packed(tier, absent, {}, f"{row.secret}/{before.version}", actor=actor, at_ms=at_ms)


def _audit(plan: ImportPlan, who: Who, now_ms: int) -> AuditRecord:
    """That a file was imported, by whom: its name's digest and how many rows, never a cell."""
    name = hashlib.sha256(plan.file.encode()).hexdigest()[:12]
    return AuditRecord(now_ms, who.actor, who.role, "import", detail=f"file {name}, {plan.rows} rows")
