"""What reading a person's words gives: values to write, and doubts about the rest.

Pure. Imported by every kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.values import Value

CHINA_OFFSET_MINUTES = 480  # times without a zone are Asia/Shanghai, which has had no summer time since 1991


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something not understood, or understood only in part: a stable code, and the words themselves."""

    code: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """`writes` {path suffix: value} ("" for the cell itself, ":boat" for an element), and `doubts`.

    `also` {field id: value} is what the same words say of other fields: "5人（含老人1）" says `elderly` 1.
    """

    writes: Mapping[str, Value] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    also: Mapping[str, Value] = field(default_factory=dict)

    def paths(self, field_id: str) -> dict[str, Value]:
        """The writes under their full paths."""
        return {f"{field_id}{suffix}": value for suffix, value in self.writes.items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """What the caller knows and the words do not say."""

    year: int | None = None
    offset_minutes: int = CHINA_OFFSET_MINUTES
    datum: str = "unknown"


def doubt(code: str, text: str) -> Doubt:
    """A doubt with the message that goes with its code."""
    return Doubt(code, MESSAGES[code], text)


MESSAGES = {
    "unread": "not understood",
    "words-left": "more was said than the field can hold",
    "phone-length": "a number too long or too short",
    "approximate": "about, not exactly",
    "range": "from–to; the larger is taken",
    "summed": "added up from its parts",
    "unit-guessed": "no unit was given",
    "not-whole": "not a whole number",
    "out-of-range": "larger or smaller than can be",
    "ambiguous": "more than one fits; the more dangerous is taken",
    "no-year": "a date without a year",
    "year-guessed": "a year of two digits",
    "no-time": "a date without a time of day; midnight is written",
    "day-month": "day and month may be the other way round",
    "no-date": "a time of day without a date",
    "no-such-time": "there is no such date or time",
    "swapped": "latitude and longitude the other way round",
    "null-island": "zero, zero is no place",
    "outside-china": "outside China",
    "no-scheme": "no https:// in front",
}
