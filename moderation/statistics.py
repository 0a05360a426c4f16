"""Statistics: what the rows add up to. Everything is counted from one fact per row, so the sums are the rows.

Pure. Imported by `server/statistics.py`. Rules MO60–MO66 of docs/spec/moderation.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moderation.claims import WORKING, claims_of
from schema.edits import Edit
from schema.row import shown
from schema.sheets import Sheet
from schema.status import Cells, status_of

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
KIND_FIELDS = ("category", "kind", "department", "org_type")  # what a sheet calls the kind of a row


@dataclass(slots=True)
class Firsts:
    """When things first happened to a row, by the server's clock; 0 where they have not. `closed_ms` goes back to 0 when it opens."""

    verified_ms: int = 0
    claimed_ms: int = 0
    closed_ms: int = 0

    def after(self, edit: Edit, received_ms: int, *, sheet: Sheet) -> None:
        """Take in one accepted public edit, in the order of the log."""
        for path, value in edit.writes.items():
            if path == "verify_state" and value == "verified":
                self.verified_ms = self.verified_ms or received_ms
            elif path.startswith("claim:") and isinstance(value, list) and value and value[0] in WORKING:
                self.claimed_ms = self.claimed_ms or received_ms
            elif path == sheet.axis or path == "duplicate_of":
                ends = value in sheet.over if path == sheet.axis else bool(value)
                self.closed_ms = (self.closed_ms or received_ms) if ends else 0


@dataclass(frozen=True, slots=True)
class Fact:
    """What one row adds to the sums. `changes_ms`: when the clock alone may change it; 0 for never."""

    sheet: str
    no: int
    status: str
    over: bool
    urgency: str
    district: str
    kinds: tuple[str, ...]
    teams: tuple[str, ...]
    created_ms: int
    verified_ms: int
    claimed_ms: int
    closed_ms: int
    rescued: bool
    changes_ms: int = 0


def fact_of(cells: Cells, firsts: Firsts, *, sheet: Sheet, no: int, created_ms: int, now_ms: int) -> Fact:
    """One row's fact."""
    status = status_of(cells, now_ms, sheet=sheet)
    district = shown(tuple(cells.get("district", ())))
    kinds = {
        path.partition(":")[2] for path in cells if _is_kind(path) and any(one.value is True for one in cells[path])
    }
    kinds |= {
        str(one.value) for name in KIND_FIELDS for one in cells.get(name, ()) if one.value and one.value is not True
    }
    claims = claims_of(dict((path, tuple(values)) for path, values in cells.items()), now_ms)
    ends = [one.since_ms + one.lease_ms + 1 for one in claims if one.works and not one.expired]
    return Fact(
        sheet=sheet.id,
        no=no,
        status=status.code,
        over=status.over,
        urgency=status.urgency,
        district=str(district or ""),
        kinds=tuple(sorted(kinds)),
        teams=status.teams,
        created_ms=created_ms,
        verified_ms=firsts.verified_ms,
        claimed_ms=firsts.claimed_ms,
        closed_ms=firsts.closed_ms if status.over else 0,
        rescued=status.over and status.code in ("rescued", "done_by_others", "handed_official"),
        changes_ms=min(ends, default=0),
    )


def _is_kind(path: str) -> bool:
    name, _, code = path.partition(":")
    return name in KIND_FIELDS and code not in ("", "other")


@dataclass(frozen=True, slots=True)
class Hour:
    new: int = 0
    verified: int = 0
    claimed: int = 0
    closed: int = 0
    rescued: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """One sheet's sums at a moment. Medians are minutes from filing, None where nothing has happened yet."""

    sheet: str
    at_ms: int
    rows: int
    waiting: int
    by_status: Mapping[str, int]
    by_urgency: Mapping[str, int]
    by_district: Mapping[str, int]
    by_kind: Mapping[str, int]
    hours: Mapping[int, Hour]  # start of the hour, ms → what happened in it
    median_verify: float | None
    median_claim: float | None
    median_close: float | None
    oldest_no: int
    oldest_minutes: int
    teams: Mapping[str, int] = field(default_factory=dict)  # a team's row → rows it is on


def statistics_of(sheet: str, facts: Iterable[Fact], now_ms: int) -> Statistics:
    """Count a sheet's facts. By urgency, district and kind only what is not over counts: that is what is still to do."""
    own = [fact for fact in facts if fact.sheet == sheet]
    open_ = [fact for fact in own if not fact.over]
    unclaimed = [fact for fact in open_ if not fact.teams]
    oldest = min(unclaimed, key=lambda fact: (fact.created_ms, fact.no), default=None)
    return Statistics(
        sheet=sheet,
        at_ms=now_ms,
        rows=len(own),
        waiting=len(unclaimed),
        by_status=_counted(fact.status for fact in own),
        by_urgency=_counted(fact.urgency for fact in open_),
        by_district=_counted(fact.district for fact in open_),
        by_kind=_counted(kind for fact in open_ for kind in fact.kinds),
        hours=_hours(own),
        median_verify=_median(own, "verified_ms"),
        median_claim=_median(own, "claimed_ms"),
        median_close=_median(own, "closed_ms"),
        oldest_no=oldest.no if oldest else 0,
        oldest_minutes=(now_ms - oldest.created_ms) // MINUTE_MS if oldest else 0,
        teams=_counted(team for fact in open_ for team in fact.teams),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _median(facts: list[Fact], what: str) -> float | None:
    took = sorted((getattr(fact, what) - fact.created_ms) / MINUTE_MS for fact in facts if getattr(fact, what))
    half = len(took) // 2
    return round((took[half] + took[-half - 1]) / 2, 1) if took else None


def _hours(facts: list[Fact]) -> dict[int, Hour]:
    counts: dict[str, Counter[int]] = {
        "new": Counter(fact.created_ms // HOUR_MS for fact in facts),
        "verified": Counter(fact.verified_ms // HOUR_MS for fact in facts if fact.verified_ms),
        "claimed": Counter(fact.claimed_ms // HOUR_MS for fact in facts if fact.claimed_ms),
        "closed": Counter(fact.closed_ms // HOUR_MS for fact in facts if fact.closed_ms),
        "rescued": Counter(fact.closed_ms // HOUR_MS for fact in facts if fact.closed_ms and fact.rescued),
    }
    hours = sorted({hour for counter in counts.values() for hour in counter})
    return {hour * HOUR_MS: Hour(**{name: counter[hour] for name, counter in counts.items()}) for hour in hours}
