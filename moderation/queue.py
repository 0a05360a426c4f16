"""The verification queue: which rows to ask about, and in which order. Urgency first, then never seen, then the longest waiting.

Pure. Imported by `server/calls.py`. Rules MO45–MO49 of docs/spec/moderation.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from moderation.ageing import Age, Band, age_of, band_at
from moderation.calls import Contact, Lease, contact_of
from moderation.claims import claims_of
from schema.sheets import Sheet
from schema.status import Cells, Status, sort_key, status_of

LOW_BATTERY = 20  # per cent: who cannot be called much longer goes first among equals

Why = Literal["unverified", "due", "disputed", "unreachable"]
Kind = Literal["verify", "escalated"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue keeps of a row that is not over. `changes_ms`: when the clock may change its status; 0 for never."""

    sheet: str
    row: str
    no: int
    status: Status
    urgent: int  # smaller is more urgent
    age: Age
    contact: Contact
    created_ms: int
    changes_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the queue, at a moment."""

    of: Asked
    why: Why
    band: Band
    seen: int  # members who have opened it
    caller: Lease | None
    behind: bool  # came in a flood: after the others, never hidden
    rank: tuple[int, ...]


def asked_of(cells: Cells, *, sheet: Sheet, row: str, no: int, created_ms: int, now_ms: int) -> Asked | None:
    """What to keep of a row; None where it is over."""
    status = status_of(cells, now_ms, sheet=sheet)
    if status.over:
        return None
    claims = claims_of({path: tuple(values) for path, values in cells.items()}, now_ms)
    ends = [one.since_ms + one.lease_ms + 1 for one in claims if one.works and not one.expired]
    age = age_of(cells, status, sheet=sheet, now_ms=now_ms)
    _, urgent, _ = sort_key(status, created_ms, sheet=sheet)
    return Asked(sheet.id, row, no, status, urgent, age, contact_of(cells), created_ms, min(ends, default=0))


def waiting_at(
    asked: Asked, now_ms: int, *, seen: int = 0, caller: Lease | None = None, behind: bool = False
) -> Waiting | None:
    """Where a row stands in the queue at a moment; None where nobody has to ask."""
    band = band_at(asked.age.confirmed_ms, asked.age.due_ms, now_ms)
    why = _why(asked.status, band)
    if why is None:
        return None
    battery = asked.contact.battery
    rank = (
        int(asked.contact.not_before_ms > now_ms),
        int(behind),
        asked.urgent,
        int(battery is None or battery > LOW_BATTERY),
        min(seen, 1),
        asked.age.confirmed_ms or asked.created_ms,
        asked.no,
    )
    return Waiting(asked, why, band, seen, caller, behind, rank)


def _why(status: Status, band: Band) -> Why | None:
    if "outcome_conflict" in status.alerts or "verify_conflict" in status.alerts or status.verify == "disputed":
        return "disputed"
    if status.verify == "unreachable":
        return "unreachable"
    if status.verify in ("verified", "partly"):
        return "due" if band else None  # a verification holds until it is due
    if status.verify == "recheck":
        return "due"
    return None if status.verify == "false_report" else "unverified"


def queue_of(waiting: Iterable[Waiting]) -> list[Waiting]:
    """In the order of asking."""
    return sorted(waiting, key=lambda one: (*one.rank, one.of.sheet, one.of.row))


def escalated(asked: Iterable[Asked], now_ms: int) -> list[Waiting]:
    """What matchers and stewards have to hear of: red, and nobody is on the way, whatever has been verified. The longest overdue first."""
    found = []
    for one in asked:
        if band_at(one.age.confirmed_ms, one.age.due_ms, now_ms) == "red" and not one.status.teams:
            found.append(Waiting(one, "due", "red", 0, None, False, (one.urgent, one.age.due_ms, one.no)))
    return queue_of(found)


@dataclass(frozen=True, slots=True)
class Verification:
    """Who verified a row, when, how, and until when that holds; `actor` "" where nobody has."""

    actor: str = ""
    at_ms: int = 0
    how: str = ""
    until_ms: int = 0


def verification_of(cells: Cells, *, sheet: Sheet, now_ms: int) -> Verification:
    """The newest verification that stands."""
    stands = sorted((live.at_ms, live.actor) for live in cells.get("verify_state", ()) if live.value == "verified")
    if not stands:
        return Verification()
    at_ms, actor = stands[-1]
    methods = sorted((live.at_ms, str(live.value or "")) for live in cells.get("verify_method", ()))
    due = age_of(cells, status_of(cells, now_ms, sheet=sheet), sheet=sheet, now_ms=now_ms).due_ms
    return Verification(actor, at_ms, methods[-1][1] if methods else "", due)
