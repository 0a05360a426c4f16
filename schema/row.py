"""The row: a grow-only set of accepted edits, folded to live values.

Pure. Imported by every room. `project` is order-free and duplicate-free; the property tests carry these names. The same fold is
`client/src/core/row.ts`; `schema/vectors/rows.json` holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from schema.edits import Edit
from schema.values import MAX_SAFE, Value

MAX_LIVE_PER_PATH = 8
MAX_LIVE_PER_ROW = 500


@dataclass(frozen=True, slots=True)
class Live:
    """One live value of a cell and its stamp."""

    edit: str
    value: Value
    actor: str
    at_ms: int

    def plain(self) -> list[object]:
        """As it travels: `[edit, value, actor, at_ms]`."""
        return [self.edit, self.value, self.actor, self.at_ms]


Cells = dict[str, tuple[Live, ...]]  # live values of each path, in edit order; no path is empty


@dataclass(slots=True)
class TierState:
    """The fold of one tier so far: what is live, and every `(path, edit)` an accepted edit has replaced."""

    cells: Cells = field(default_factory=dict)
    kills: dict[str, set[str]] = field(default_factory=dict)

    def copy(self) -> TierState:
        return TierState(dict(self.cells), {path: set(dead) for path, dead in self.kills.items()})

    def live(self, path: str) -> tuple[Live, ...]:
        return self.cells.get(path, ())

    def is_dead(self, path: str, edit: str) -> bool:
        return edit in self.kills.get(path, ())

    def apply(self, edit: Edit, *, received_ms: int = MAX_SAFE) -> None:
        """Fold one accepted edit in; again, or in another order, gives the same state.

        A live value's time is min(at_ms, received_ms): a phone whose clock runs years ahead cannot stay fresh (rule ED15).
        """
        at_ms = min(edit.at_ms, received_ms)
        for path, replaced in edit.seen.items():
            self.kills.setdefault(path, set()).update(replaced)
        for path, value in edit.writes.items():
            dead: Set[str] = self.kills.get(path, frozenset())
            kept = {live.edit: live for live in self.live(path) if live.edit not in dead}
            if edit.edit not in dead:
                kept[edit.edit] = Live(edit.edit, value, edit.actor, at_ms)
            if kept:
                self.cells[path] = tuple(kept[key] for key in sorted(kept))
            else:
                self.cells.pop(path, None)


def project(edits: Iterable[Edit]) -> Cells:
    """The live values that a set of accepted edits of one tier leaves. Order-free, duplicate-free."""
    state = TierState()
    for edit in edits:
        state.apply(edit)
    return state.cells


def plain(cells: Mapping[str, tuple[Live, ...]]) -> dict[str, list[list[object]]]:
    """Cells as they travel and are stored: `{path: live}`, paths in byte order."""
    return {path: [live.plain() for live in cells[path]] for path in sorted(cells)}


def from_plain(stored: Mapping[str, list[list[object]]]) -> Cells:
    """Inverse of `plain`."""
    return {path: tuple(Live(*entry) for entry in entries) for path, entries in stored.items()}  # type: ignore[arg-type]


def is_conflict(values: Sequence[Live]) -> bool:
    """Whether a cell has two live values that differ."""
    return any(live.value != values[0].value for live in values[1:])


def shown(values: tuple[Live, ...]) -> Value:
    """One value to show where only one fits: the last in edit order; the row panel shows all."""
    return values[-1].value if values else None
