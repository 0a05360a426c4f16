"""The verifiers' queue: pairs of rows that may be one case, the urgent and the likely first; and which rows are linked already.

Pure. Kept by the server's live index. Rules DU20–DU23 of docs/spec/duplicates.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from moderation.duplicates.index import Index
from moderation.duplicates.links import Group, Key, groups_of
from moderation.duplicates.normal import Print
from moderation.duplicates.score import LIKELY, Finding, Kind

MAX_PAIRS = 100_000  # of them nobody sees the end; a hotline in a thousand rows must not fill the memory
MAX_NEIGHBOURS = 5  # pairs kept of a row that are no suspected duplicates
DUPLICATES: frozenset[Kind] = frozenset({"same_request", "mistyped_phone"})
URGENCY_WEIGHT = 0.5  # a pair of the second urgency counts two thirds of one of the first


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a row orders the queue. `rank`: 0 the most urgent; `target`: the row its link names."""

    no: int
    rank: int
    over: bool
    created_ms: int
    target: Key | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows, the older first, and what was found about them."""

    one: Key
    other: Key
    finding: Finding
    weight: float


class Queue:
    """Every row's print and facts, and the pairs found so far. Rows come in at once, pairs are worked out when `sweep` is called."""

    def __init__(self) -> None:
        self.index = Index()
        self._facts: dict[Key, Facts] = {}
        self._pairs: dict[Key, dict[Key, Finding]] = {}
        self._unswept: dict[Key, None] = {}
        self._apart: set[frozenset[Key]] = set()
        self._count = 0

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def waiting(self) -> int:
        """Rows whose pairs have not been worked out yet."""
        return len(self._unswept)

    def facts(self, key: Key) -> Facts | None:
        return self._facts.get(key)

    def put(self, seen: Print, facts: Facts) -> None:
        """A row as it stands now."""
        key = (seen.sheet, seen.row)
        kept = self.index.get(*key)
        if kept != seen:
            self.index.add(seen)
            self._forget_pairs(key)
            self._unswept[key] = None
        elif self._facts.get(key, facts).over and not facts.over:
            self._unswept[key] = None  # opened again
        self._facts[key] = facts

    def remove(self, key: Key) -> None:
        """A row that was erased."""
        self.index.remove(*key)
        self._forget_pairs(key)
        self._facts.pop(key, None)
        self._unswept.pop(key, None)

    def part(self, one: Key, other: Key, *, apart: bool) -> None:
        """Somebody has looked: these two are not one case; or, taken back, they may be (DU22)."""
        if apart:
            self._apart.add(frozenset((one, other)))
        else:
            self._apart.discard(frozenset((one, other)))

    def sweep(self, limit: int) -> int:
        """Work out the pairs of up to so many rows, the latest first; how many still wait."""
        for _ in range(min(limit, len(self._unswept))):
            key, _ = self._unswept.popitem()
            seen = self.index.get(*key)
            if seen is None or self._facts[key].over:
                continue
            neighbours = 0
            for found in self.index.candidates(seen):
                other = (found.sheet, found.row)
                if found.finding.score < LIKELY or (self._count >= MAX_PAIRS and found.finding.band != "strong"):
                    continue
                if found.finding.kind not in DUPLICATES:
                    neighbours += 1
                    if neighbours > MAX_NEIGHBOURS:
                        continue
                self._count += other not in self._pairs.setdefault(key, {})
                self._pairs[key][other] = found.finding
                self._pairs.setdefault(other, {})[key] = found.finding
        return len(self._unswept)

    def listed(self, *, kinds: Iterable[Kind] = DUPLICATES, limit: int = 50, offset: int = 0) -> tuple[list[Pair], int]:
        """(pairs by urgency times score, how many there are): neither linked, nor kept apart, nor both over (DU20)."""
        wanted = frozenset(kinds)
        groups = self.groups()
        found: list[Pair] = []
        for key, others in self._pairs.items():
            for other, finding in others.items():
                if finding.kind not in wanted or not self._is_older(key, other):
                    continue
                mine, theirs = self._facts[key], self._facts[other]
                if (mine.over and theirs.over) or frozenset((key, other)) in self._apart:
                    continue
                if key in groups and groups[key] is groups.get(other):
                    continue
                urgent = 1 / (1 + URGENCY_WEIGHT * min(mine.rank, theirs.rank))
                found.append(Pair(key, other, finding, urgent * finding.score))
        found.sort(key=lambda pair: (-pair.weight, self._facts[pair.one].created_ms, pair.one, pair.other))
        return found[offset : offset + limit], len(found)

    def groups(self) -> dict[Key, Group]:
        """Rows that are linked, each with its group."""
        linked: dict[Key, Key | None] = {}
        for key, facts in self._facts.items():
            if facts.target is not None:
                linked[key] = facts.target
                if facts.target in self._facts:
                    linked.setdefault(facts.target, self._facts[facts.target].target)
        return groups_of(linked)

    def rings(self) -> list[Group]:
        """Groups whose rows point at each other in a circle: for people to settle (DU17)."""
        return sorted({id(g): g for g in self.groups().values() if g.ring}.values(), key=lambda group: group.primary)

    def _is_older(self, one: Key, other: Key) -> bool:
        a, b = self._facts[one], self._facts[other]
        return (a.created_ms, one) < (b.created_ms, other)

    def _forget_pairs(self, key: Key) -> None:
        for other in self._pairs.pop(key, {}):
            self._pairs[other].pop(key, None)
            self._count -= 1
