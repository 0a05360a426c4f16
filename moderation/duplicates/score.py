"""What two rows have to do with each other: one of five kinds, how sure, and by what. Suggests; nothing merges itself.

Pure. Imported by the index and the server. Twin: client/src/moderation/score.ts. Rules DU8–DU14 of docs/spec/duplicates.md.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import LCSseq

from moderation.duplicates.normal import Print

Kind = Literal["same_request", "same_contact", "same_building", "borrowed_template", "mistyped_phone"]
Band = Literal["strong", "likely", "weak"]

STRONG = 0.9  # "很可能重复", shown while typing
LIKELY = 0.3  # the verifiers' queue; below it nothing is shown

# From how much of their weight two places share they are one, and below which they are two.
PLACE_AGREES = 0.5
PLACE_DIFFERS = 0.35
COPIED = 0.9  # words so alike that one was written from the other
COPIED_WITH_PLACE = 0.8  # the same where the place that was changed stands among the words
ALIKE = 0.8
RETOLD = 0.6  # words so alike are told of one case, although the buildings they name first differ
MIN_COPIED_CHARS = 24  # 一楼已淹，请求救援 is nobody's template
FLOOR_GRAMS = 6  # two short rows that share 救命 share nothing


@dataclass(frozen=True, slots=True)
class Finding:
    """`score` is how sure the kind is, 0 to 1; `why` are codes: phone, masked_phone, near_phone, name, place, unit, text, near, and their `not_`."""

    kind: Kind
    score: float
    why: tuple[str, ...]

    @property
    def band(self) -> Band:
        return "strong" if self.score >= STRONG else "likely" if self.score >= LIKELY else "weak"

    @property
    def rank(self) -> float:
        """What candidates are ordered by: the same case first, then the same telephone, then the rest."""
        if self.kind == "same_request":
            return self.score
        return _RANKS[self.kind] * self.score


_RANKS = {"mistyped_phone": 0.98, "same_contact": 0.6, "borrowed_template": 0.35, "same_building": 0.3}


class Weights:
    """Weights of pairs of signs, remembered while one row is compared with others."""

    def __init__(self, weight: Callable[[int], float]) -> None:
        self._known = _Known(weight)
        self.forget()

    def forget(self) -> None:
        """The rows have changed."""
        self._known.clear()
        # The row that is compared with many: its sets and sums are made once.
        self._of: dict[str, array[int]] = {}
        self._sets: dict[str, frozenset[int]] = {}
        self._sums: dict[str, float] = {}

    def containment(self, one: array[int], other: array[int], *, kind: str = "words") -> float:
        """How much of the lighter one's weight the two share, 0 to 1."""
        known = self._known.__getitem__
        if one is not self._of.get(kind):
            self._of[kind], self._sets[kind], self._sums[kind] = one, frozenset(one), sum(map(known, one))
        shared = sum(map(known, filter(self._sets[kind].__contains__, other)))
        lighter = min(self._sums[kind], sum(map(known, other)))
        least = FLOOR_GRAMS * self._known[0]  # a pair that nobody has: the heaviest there is
        return shared / max(lighter, least)


class _Known(dict[int, float]):
    def __init__(self, weight: Callable[[int], float]) -> None:
        super().__init__()
        self._weight = weight

    def __missing__(self, gram: int) -> float:
        found = self._weight(gram)
        self[gram] = found
        return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the two have in common, each as a small fact."""

    phone: str  # same | masked | near | differs | ""
    name: str  # same | like | differs | ""
    district: str  # same | differs | ""
    place: float  # containment of the places, -1 where one has none
    units: str  # same | differs | ""
    house: bool  # the house numbers differ
    spots: str  # same | differs | ""
    words: float  # containment of all their signs
    text: float  # likeness of the words, 0 to 1
    near: str  # near | far | ""

    @property
    def place_agrees(self) -> bool:
        if self.house or self.district == "differs" or self.near == "far":
            return False
        if self.spots == "differs" and self.place < ALIKE:
            return False  # 19号楼3单元 is in every estate
        return self.place >= PLACE_AGREES or self.spots == "same" or (self.place < 0 and self.near == "near")

    @property
    def place_differs(self) -> bool:
        if self.place_agrees:
            return False
        return (
            self.house
            or self.district == "differs"
            or self.near == "far"
            or 0 <= self.place < PLACE_DIFFERS
            or self.spots == "differs"
        )


def score(one: Print, other: Print, *, weights: Weights) -> Finding:
    """The finding about two rows; symmetric."""
    seen = _compare(one, other, weights)
    why = _why(seen)
    known = seen.phone != ""
    if (
        seen.phone == "near"
        and (seen.name == "same" or seen.text >= ALIKE or seen.place >= ALIKE)
        and not seen.place_differs
    ):
        sure = 0.5 + 0.2 * (seen.name == "same") + 0.15 * seen.place_agrees + 0.15 * (seen.text >= ALIKE)
        return Finding("mistyped_phone", min(sure, 0.99), why)
    if seen.phone in ("same", "masked"):
        return _same_phone(seen, why)
    if (
        seen.text >= (COPIED if seen.place >= 0 else COPIED_WITH_PLACE)
        and seen.place_differs
        and min(len(one.text), len(other.text)) >= MIN_COPIED_CHARS
    ):
        return Finding("borrowed_template", seen.text, why)
    if seen.place_agrees and seen.units == "differs" and (known or seen.text < RETOLD):
        return Finding("same_building", 0.9 if known else 0.7, why)
    sure = _logistic(seen)
    if seen.place_agrees and known and seen.name != "same" and seen.text < ALIKE and sure < STRONG:
        # Neighbours of one estate, each with a telephone of their own, say different things.
        if sure < LIKELY or seen.text < 0.45:
            return Finding("same_building", 0.5, why)
    return Finding("same_request", sure, why)


def _same_phone(seen: _Seen, why: tuple[str, ...]) -> Finding:
    """A number alone is no proof: a village head, a volunteer and a team stand in many rows."""
    whole = seen.phone == "same"
    if seen.place_differs and seen.units != "same":
        return Finding("same_contact", 0.95 if whole else 0.5, why)
    if seen.place_agrees:
        if seen.units == "differs":
            return Finding("same_contact", 0.9 if whole else 0.5, why)
        sure = 0.96 if whole else 0.9
        if seen.name == "differs":
            sure -= 0.1
        return Finding("same_request", min(0.99, sure + 0.03 * (seen.text >= ALIKE)), why)
    if seen.words >= 0.5 or seen.text >= 0.6:
        return Finding("same_request", 0.93 if whole else 0.85, why)
    if seen.place_differs:
        return Finding("same_contact", 0.9 if whole else 0.45, why)
    # One of them says no place: the number and perhaps a name are all there is.
    if whole:
        return Finding("same_request", 0.7 if seen.name == "same" else 0.5, why)
    return Finding("same_contact", 0.4, why)


def _logistic(seen: _Seen) -> float:
    """Without a number in common: place, words and names, weighed."""
    z = -3.5 + 4.2 * seen.words + 2.2 * seen.text
    if seen.place >= 0:
        z += 2.0 * (seen.place - PLACE_AGREES)
    z -= 2.5 * seen.house
    z += {"same": 0.8, "differs": -1.5, "": 0.0}[seen.units]
    z += {"same": 1.2, "differs": -1.4, "": 0.0}[seen.spots]
    z += {"same": 0.2, "differs": -1.5, "": 0.0}[seen.district]
    z += {"same": 1.5, "like": 0.2, "differs": -0.8, "": 0.0}[seen.name]
    z += {"near": 0.7, "far": -3.0, "": 0.0}[seen.near]
    z += -1.2 if seen.phone == "differs" else 0.0
    return 1 / (1 + math.exp(-z))


def _compare(one: Print, other: Print, weights: Weights) -> _Seen:
    houses = dict(one.units), dict(other.units)
    return _Seen(
        phone=_phones(one.phones, other.phones),
        name=_names(one.names, other.names),
        district=_district(one.district, other.district),
        place=weights.containment(one.where, other.where, kind="place")
        if len(one.where) >= 3 and len(other.where) >= 3
        else -1.0,
        units=_units(*houses),
        house="号" in houses[0] and "号" in houses[1] and houses[0]["号"] != houses[1]["号"],
        spots=_spots(one.spots, other.spots),
        words=weights.containment(one.grams, other.grams),
        text=likeness(one.text, other.text),
        near=_near(one, other),
    )


def likeness(one: str, other: str) -> float:
    """The longest common subsequence of two texts against their length: 1 where they are equal, 0 where one is short of four signs."""
    if len(one) < 4 or len(other) < 4:
        return 0.0
    return 2 * LCSseq.similarity(one, other) / (len(one) + len(other))


def _phones(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """The nearest that two numbers of theirs come: same, masked, near, differs; "" where one has none."""
    if not one or not other:
        return ""
    found = "differs"
    for a in one:
        for b in other:
            relation = phone_relation(a, b)
            if _NEARNESS.index(relation) < _NEARNESS.index(found):
                found = relation
    return found


_NEARNESS = ("same", "masked", "near", "differs")


def phone_relation(one: str, other: str) -> str:
    """`same`, `masked` (they may be the same), `near` (one digit apart), `differs`."""
    if "*" in one or "*" in other:
        return "masked" if _ends(one) == _ends(other) and _ends(one) else "differs"
    if one == other:
        return "same"
    if len(one) == len(other) == 11 and sum(a != b for a, b in zip(one, other, strict=True)) == 1:
        return "near"
    return "differs"


def _ends(number: str) -> str:
    """First three and last four of a mobile number, "" where they are not known."""
    head, star, tail = number.partition("****")
    if not star:
        return number[:3] + number[-4:] if len(number) == 11 and number.isdigit() else ""
    return head[:3] + tail if len(head) >= 3 and len(tail) == 4 else ""


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    if not one or not other:
        return ""
    whole = [name for name in one if len(name) >= 2 and "*" not in name]
    if any(name in other for name in whole):
        return "same"
    if any(a[0] == b[0] and ("*" in a + b or len(a) == 1 or len(b) == 1) for a in one for b in other):
        return "like"
    return "differs"


def _district(one: str, other: str) -> str:
    if not one or not other:
        return ""
    return "same" if one == other or one in other or other in one else "differs"


def _units(one: dict[str, str], other: dict[str, str]) -> str:
    """Of building, entrance and flat: whether those both have are the same."""
    both = [unit for unit in ("栋", "单元", "室", "组") if unit in one and unit in other]
    if not both:
        return ""
    return "same" if all(one[unit] == other[unit] for unit in both) else "differs"


def _spots(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    if not one or not other:
        return ""
    return "same" if any(spot in other for spot in one) else "differs"


NEAR_M = 150.0
FAR_M = 3000.0


def _near(one: Print, other: Print) -> str:
    if one.point is None or other.point is None or one.point[2] != other.point[2]:
        return ""
    north = (one.point[0] - other.point[0]) * 111_000
    east = (one.point[1] - other.point[1]) * 111_000 * math.cos(math.radians(one.point[0]))
    metres = math.sqrt(north * north + east * east)
    return "near" if metres <= NEAR_M else "far" if metres >= FAR_M else ""


def _why(seen: _Seen) -> tuple[str, ...]:
    facts = {
        "phone": seen.phone == "same",
        "masked_phone": seen.phone == "masked",
        "near_phone": seen.phone == "near",
        "not_phone": seen.phone == "differs",
        "name": seen.name == "same",
        "not_name": seen.name == "differs",
        "place": seen.place_agrees,
        "not_place": seen.place_differs,
        "unit": seen.units == "same",
        "not_unit": seen.units == "differs",
        "text": seen.text >= ALIKE,
        "words": seen.words >= PLACE_AGREES,
        "near": seen.near == "near",
        "far": seen.near == "far",
    }
    return tuple(code for code, holds in facts.items() if holds)
