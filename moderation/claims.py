"""Claims: who is on a row. One cell per team, `claim:<team row id>` = `[state, eta, lease_minutes]`.

Pure. The machine sees what a team or a matcher writes (the state it asks for) and, at reading, the clock: a lease that has run
out reads as expired and is written nowhere. Two teams on one row are a double claim: shown to both, decided by people.

    (none) ─offered─► offered ─active─► active ─► en_route ─► on_scene ─► done
                         └──── released / transferred from any state before done ────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schema.row import Live
from schema.status import CLAIM_STATES

DEFAULT_LEASE_MINUTES = 60  # an hour on flooded roads; a team that is coming renews with one tap

STATES = CLAIM_STATES
WORKING = frozenset({"active", "en_route", "on_scene"})

# (state now, state asked for): a team goes forward, gives back, or starts again after giving back.
MOVES: frozenset[tuple[str, str]] = frozenset(
    {("", to) for to in ("offered", "active", "en_route", "on_scene", "done")}
    | {("offered", to) for to in ("active", "en_route", "on_scene", "done", "released")}
    | {("active", to) for to in ("active", "en_route", "on_scene", "done", "released", "transferred")}
    | {("en_route", to) for to in ("active", "en_route", "on_scene", "done", "released", "transferred")}
    | {("on_scene", to) for to in ("on_scene", "en_route", "done", "released", "transferred")}
    | {("done", "active"), ("done", "on_scene")}
    | {("released", to) for to in ("offered", "active", "en_route", "on_scene", "done")}
    | {("transferred", to) for to in ("offered", "active", "en_route", "on_scene", "done")}
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One team's claim as it stands now. `expired`: its lease ran out while it was working."""

    team: str
    state: str
    eta: str
    lease_ms: int
    since_ms: int
    expired: bool

    @property
    def works(self) -> bool:
        return self.state in WORKING


def may_move(now: str, asked: str) -> bool:
    """Whether a claim may go from one state to another."""
    return (now, asked) in MOVES


def state_of(values: tuple[Live, ...]) -> str:
    """The state a claim cell shows, "" where nobody wrote it. Of accounts that differ the one that helps least counts:
    somebody who may have given the row back is not on it (docs/spec/status.md)."""
    record = _least(values)
    return record[0] if record else ""


def _least(values: tuple[Live, ...]) -> list[str]:
    records = [live.value for live in values if isinstance(live.value, list) and live.value]
    if not records or len(records) < len(values):
        return []  # nobody wrote it, or one account says that there is no claim
    return min(records, key=lambda record: STATES.index(record[0]) if record[0] in STATES else -1)


def claims_of(cells: Mapping[str, tuple[Live, ...]], now_ms: int) -> list[Claim]:
    """Every team's claim on a row, in path order."""
    found = []
    for path in sorted(cells):
        if not path.startswith("claim:"):
            continue
        record = _least(cells[path])
        if not record:
            continue
        live = next(entry for entry in cells[path] if entry.value == record)
        state, eta, lease = (record + ["", "", ""])[:3]
        lease_ms = (int(lease) if lease.isascii() and lease.isdigit() else DEFAULT_LEASE_MINUTES) * 60_000
        expired = state in WORKING and now_ms > live.at_ms + lease_ms
        found.append(Claim(path.partition(":")[2], state, eta, lease_ms, live.at_ms, expired))
    return found


def working_teams(cells: Mapping[str, tuple[Live, ...]]) -> frozenset[str]:
    """Teams whose claim stands; an expired lease still counts until somebody gives the row back or takes it over."""
    return frozenset(claim.team for claim in claims_of(cells, 0) if claim.works)


def is_double(cells: Mapping[str, tuple[Live, ...]]) -> bool:
    """Whether more than one team is on the row (status alert `double_claim`)."""
    return len(working_teams(cells)) > 1
