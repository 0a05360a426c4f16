"""Rollback: edits that take back what some edits did, and nothing else.

Pure. Imported by `server/rollbacks.py`. What ought to be live is the fold of everybody else's edits; what is written are ordinary edits
that name exactly the values taken back. So rolling a rollback back is the same act. Rules MO20–MO24 of docs/spec/moderation.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from schema.edits import MAX_WRITES, Edit, Tier
from schema.row import Live, TierState, shown
from schema.values import Value

MAX_PACKED_BYTES = 8 * 1024  # an edit holds 16 kB; the rest is for stamps and what quoting adds
SEEN_BYTES = 12

Change = tuple[dict[str, Value], dict[str, list[str]]]  # writes, seen


@dataclass(frozen=True, slots=True)
class Logged:
    """One accepted edit of a row, in the order of the log."""

    tier: Tier
    edit: Edit
    received_ms: int


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What to write in one row. `conflicts`: cells that somebody wrote over since, which stay as they are."""

    changes: tuple[tuple[Tier, Change], ...]
    cells: int
    conflicts: int
    created: bool  # the row was begun by what is taken back


NOTHING = RowPlan((), 0, 0, False)


def plan_row(logged: Sequence[Logged], taken: Collection[str], *, now: dict[Tier, TierState]) -> RowPlan:
    """Take back the edits `taken` of a row. `now` is what is live, commits since the log was read included."""
    created = bool(logged) and next((one.edit.edit in taken for one in logged if one.tier == "public"), False)
    changes: list[tuple[Tier, Change]] = []
    cells = conflicts = 0
    tiers: tuple[Tier, ...] = ("public", "private")
    for tier in tiers:
        ours = [one for one in logged if one.tier == tier]
        paths = {path for one in ours if one.edit.edit in taken for path in one.edit.writes}
        if not paths:
            continue
        ought = _fold(one for one in ours if one.edit.edit not in taken)
        later: list[tuple[str, Value]] = []
        writes: dict[str, Value] = {}
        seen: dict[str, list[str]] = {}
        for path in sorted(paths):
            live = now[tier].live(path)
            standing = [one for one in live if one.edit in taken]
            if not standing:
                conflicts += 1
                continue
            cells += 1
            first, *others = _values(ought.live(path), [one for one in live if one.edit not in taken])
            writes[path], seen[path] = first, sorted(one.edit for one in standing)
            later += [(path, value) for value in others]
        changes += [(tier, change) for change in _parted(writes, seen)]
        changes += [(tier, ({path: value}, {})) for path, value in later]
    return RowPlan(tuple(changes), cells, conflicts, created)


def _fold(logged: Iterable[Logged]) -> TierState:
    state = TierState()
    for one in logged:
        state.apply(one.edit, received_ms=one.received_ms)
    return state


def _values(ought: Sequence[Live], beside: Sequence[Live]) -> list[Value]:
    """Values to write so that what ought to be live is: those not live yet; else one that is, once more; else a blank."""
    there = [one.value for one in beside]
    missing: list[Value] = []
    for one in ought:
        if one.value not in there and one.value not in missing:
            missing.append(one.value)
    if missing:
        return missing
    return [shown(tuple(beside))] if beside else [None]


def _parted(writes: dict[str, Value], seen: dict[str, list[str]]) -> list[Change]:
    """As few edits as their size allows."""
    changes: list[Change] = []
    room = 0
    for path, value in writes.items():
        size = len(path) + len(str(value).encode()) + SEEN_BYTES * len(seen[path])
        if size > room or len(changes[-1][0]) >= MAX_WRITES:
            changes.append(({}, {}))
            room = MAX_PACKED_BYTES
        changes[-1][0][path] = value
        changes[-1][1][path] = seen[path]
        room -= size
    return changes
