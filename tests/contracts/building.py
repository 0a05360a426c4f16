"""Rows as a client and the ingest would make them, for tests of stores: edits, changes, records, a small projection.

Pure. Imported by `tests/contracts/` and `tests/server/storage/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from schema.edits import Edit, Tier
from schema.encoding import encode_edit
from schema.ids import digest62, encode62
from schema.row import shown
from schema.values import Value
from server.storage.contract import (
    AuditRecord,
    Columns,
    Known,
    Recorded,
    RowChange,
    RowRecord,
    VerdictCode,
    Workbook,
)

ACTOR = "Actor0000001"
OTHER = "Actor0000002"
BOOK = "zhengzhou"
RECEIVED_MS = 1_626_780_000_000

URGENCIES = ("critical", "high", "medium", "low")


def row_of(number: int) -> str:
    """A row id."""
    return digest62(f"row {number}".encode(), 16)


def edit_id(number: int) -> str:
    """An edit id; ids of growing numbers are in no order, as real ones are."""
    return encode62(number * 104_729 * 1_299_709 % 62**8, 8)


def workbook(name: str = BOOK, *, created_ms: int = 1) -> Workbook:
    return Workbook(name, "郑州 7·20", False, "workbook key", "server", created_ms, {}, "")


def audit(act: str = "grant", *, at_ms: int = RECEIVED_MS, row: str = "", actor: str = ACTOR) -> AuditRecord:
    return AuditRecord(at_ms, actor, "steward", act, "help" if row else "", row, "because", "id 7")


def columns_of(record: RowRecord, now_ms: int) -> Columns:
    """A small projection: enough to order, filter, search and find by place."""
    cells = {path: shown(values) for path, values in record.public.cells.items()}
    urgency = str(cells.get("urgency") or "")
    outcome = str(cells.get("outcome") or "")
    geo = cells.get("geo")
    words = [value for path, value in sorted(cells.items()) if path in ("place", "summary") and isinstance(value, str)]
    return Columns(
        status=outcome or "waiting",
        over=outcome == "rescued",
        urgency=urgency,
        rank=URGENCIES.index(urgency) if urgency in URGENCIES else len(URGENCIES),
        verify_state=str(cells.get("verify_state") or "unverified"),
        district=str(cells.get("district") or ""),
        place=str(cells.get("place") or ""),
        summary=str(cells.get("summary") or ""),
        lat=float(geo[0]) if isinstance(geo, list) else None,
        lon=float(geo[1]) if isinstance(geo, list) else None,
        text=" ".join(words),
        contact="".join(masked_of(record).get("contact_phone", [])[:1]),
    )


def masked_of(record: RowRecord) -> dict[str, list[str]]:
    """What the public sees of private cells: phones with their middle starred, the rest not at all."""
    return {
        path: [f"{str(live.value)[:3]}****{str(live.value)[-4:]}" for live in values]
        for path, values in sorted(record.private.cells.items())
        if path == "contact_phone"
    }


@dataclass(slots=True)
class Author:
    """Makes edits with fresh ids."""

    actor: str = ACTOR
    made: int = 0
    offset: int = 0

    def edit(self, writes: Mapping[str, Value], seen: Mapping[str, list[str]] | None = None) -> Edit:
        self.made += 1
        at_ms = RECEIVED_MS - 1000 + self.made
        return Edit(edit_id(self.offset + self.made), self.actor, at_ms, dict(writes), dict(seen or {}))


@dataclass(slots=True)
class Wish:
    """An edit and the verdict it shall have."""

    edit: Edit
    tier: Tier = "public"
    verdict: VerdictCode = "accepted"
    reason: str = ""
    accepted_by: str = ""


def fresh(row: str, *, sheet: str = "help", book: str = BOOK) -> RowRecord:
    """A row nobody has written."""
    return RowRecord(book, sheet, row, no=0, author="", created_ms=0, updated_ms=0, version=0)


def change_of(
    before: RowRecord,
    wishes: Iterable[Edit | Wish],
    *,
    received_ms: int = RECEIVED_MS,
    audit: Sequence[AuditRecord] = (),
    decided: Sequence[tuple[str, str, str]] = (),
    actor: str = ACTOR,
    session: str = "session1",
    origin: str = "session",
) -> RowChange:
    """The change the ingest would commit: the record after it, and what moved."""
    record = replace(
        before,
        public=before.public.copy(),
        private=before.private.copy(),
        masked=dict(before.masked),
        generation=dict(before.generation),
        known=dict(before.known),
    )
    recorded: list[Recorded] = []
    for wish in wishes:
        wish = Wish(wish) if isinstance(wish, Edit) else wish
        update = encode_edit(wish.edit)
        digest = hashlib.sha256(update).hexdigest()
        recorded.append(
            Recorded(wish.tier, wish.edit, update, digest, wish.verdict, wish.reason, accepted_by=wish.accepted_by)
        )
        record.known[wish.tier, wish.edit.edit] = Known(digest, wish.verdict, wish.reason, wish.edit.actor)
        if wish.verdict == "accepted":
            record.tier(wish.tier).apply(wish.edit, received_ms=received_ms)
            record.updated_ms = max(record.updated_ms, received_ms)
            if not record.author and wish.tier == "public":
                record.author, record.created_ms = wish.edit.actor, received_ms
    if record.public.cells:
        record.version += 1
    record.masked = masked_of(record)
    return RowChange(
        record=record,
        recorded=tuple(recorded),
        columns=columns_of(record, received_ms),
        touched=_moved(before.public.cells, record.public.cells),
        masked_touched=_moved(before.masked, record.masked),
        actor=actor,
        session=session,
        origin=origin,
        received_ms=received_ms,
        audit=tuple(audit),
        decided=tuple(decided),
    )


def _moved(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


@dataclass(slots=True)
class Row:
    """One row in a test's hand: what the next change builds on."""

    row: str
    sheet: str = "help"
    book: str = BOOK
    record: RowRecord = field(init=False)

    def __post_init__(self) -> None:
        self.record = fresh(self.row, sheet=self.sheet, book=self.book)

    def change(self, *wishes: Edit | Wish, received_ms: int = RECEIVED_MS, **options: object) -> RowChange:
        made = change_of(self.record, wishes, received_ms=received_ms, **options)  # type: ignore[arg-type]
        self.record = made.record
        return made
