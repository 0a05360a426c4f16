"""Duplicate links: which row stands for which others, whose contacts are theirs together, whose claims and whose end they follow.

Pure. Imported by the server and its pages. Twin: client/src/moderation/links.ts. Rules DU15–DU19 of docs/spec/duplicates.md. A link is the
cell `duplicate_of`; nothing here is ever written: take the link back, and every row is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schema.row import Live
from schema.sheets import Sheet
from schema.status import Status, status_of

PATH = "duplicate_of"
CONTACTS = ("phone",)

Key = tuple[str, str]  # sheet, row
Cells = Mapping[str, Sequence[Live]]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are one case. `primary` is the row people work on; `rows` all of them, the primary first.

    `ring`: rows that point at each other in a circle; two people linked them apart. The primary of a ring stays in sight although its
    own cell names another (DU17).
    """

    primary: Key
    rows: tuple[Key, ...]
    ring: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a group: which row says it, in which cell."""

    sheet: str
    row: str
    path: str
    value: str


def target_of(sheet: str, cells: Cells) -> Key | None:
    """The row that this one is said to be the same as; None while any account says that it stands alone (ST5).

    Of accounts that name different rows the last in edit order counts, as everywhere one value is shown; `duplicate_conflict` tells people.
    """
    values = cells.get(PATH, ())
    if not values or any(not isinstance(live.value, str) or not live.value for live in values):
        return None
    named = str(sorted(values, key=lambda live: live.edit)[-1].value)
    other, slash, row = named.partition("/")
    return (other, row) if slash else (sheet, named)


def groups_of(targets: Mapping[Key, Key | None]) -> dict[Key, Group]:
    """Every row that is linked, and its group. Order-free: the same for the same links on every replica.

    `targets` holds every row that exists and what it points at. A link to a row that is not there is followed nowhere: the row that
    has it is its own primary and stays in sight (DU18).
    """
    primaries: dict[Key, Key] = {}
    rings: dict[Key, tuple[Key, ...]] = {}
    for start in sorted(targets):
        trail: dict[Key, None] = {}
        at = start
        while at not in primaries and at not in trail:
            trail[at] = None
            ahead = targets.get(at)
            if ahead is None or ahead not in targets or ahead == at:
                primaries[at] = at
                break
            at = ahead
        if at not in primaries:  # back on the trail: a circle, whose smallest row stands for it
            walked = list(trail)
            ring = tuple(sorted(walked[walked.index(at) :]))
            rings[ring[0]] = ring
            for one in ring:
                primaries[one] = ring[0]
            at = ring[0]
        for one in trail:
            primaries.setdefault(one, primaries[at])
    members: dict[Key, list[Key]] = {}
    for row, primary in sorted(primaries.items()):
        members.setdefault(primary, []).append(row)
    return {
        row: group
        for primary, rows in members.items()
        if len(rows) > 1
        for group in [Group(primary, (primary, *(one for one in rows if one != primary)), rings.get(primary, ()))]
        for row in rows
    }


def would_circle(targets: Mapping[Key, Key | None], row: Key, to: Key) -> bool:
    """Whether a link from a row to another would close a circle: asked before it is written."""
    seen: set[Key] = set()
    at: Key | None = to
    while at is not None and at not in seen:
        if at == row:
            return True
        seen.add(at)
        at = targets.get(at)
    return False


def contacts_of(sheet: Sheet, group: Iterable[tuple[Key, Mapping[str, Sequence[Live]]]]) -> tuple[Contact, ...]:
    """The contacts of all rows of a group, each number once, those of the row that comes first going first (DU15)."""
    found: dict[str, Contact] = {}
    for (of, row), cells in group:
        for path in sorted(cells):
            column = sheet.fields.get(path)
            if column is None or column.kind not in CONTACTS:
                continue
            for live in cells[path]:
                if isinstance(live.value, str) and live.value:
                    for number in live.value.split(", "):
                        found.setdefault(number, Contact(of, row, path, number))
    return tuple(found.values())


def standing(group: Group, cells: Mapping[Key, Cells], now_ms: int, *, sheet: Sheet) -> Status:
    """What every row of a group shows of claim and end: the primary's, with the claims made on its duplicates (DU16, DU17).

    A team that took the duplicate before it was linked is still on its way; two teams on two rows of one case are a double claim.
    """
    together: dict[str, Sequence[Live]] = {
        path: values for path, values in cells[group.primary].items() if path != PATH
    }
    for row in group.rows[1:]:
        for path, values in cells.get(row, {}).items():
            if path.startswith("claim:"):
                together[path] = sorted([*together.get(path, ()), *values], key=lambda live: live.edit)
    return status_of(together, now_ms, sheet=sheet)
