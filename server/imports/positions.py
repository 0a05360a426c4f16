"""Coordinates of a column or two, and which of them are doubtful among their neighbours.

Pure. Imported by `rows` and `server.exports`. Nothing is corrected in silence: a position that looks wrong is written as typed and named (rule IM20).
"""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from schema.coordinates import DATUMS, doubts_about

# Around a disaster reports lie within a few tens of kilometres; eight times the distance three quarters keep to is another
# place (Haiti: 8 × 28 km names the three reports off the island and nine from the country next door, of 3,593).
_FAR_FACTOR = 8.0
_USUAL_SHARE = 0.75
_FAR_LEAST_KM = 50.0
_ENOUGH = 8
_KM_PER_DEGREE = 111.2
_ROUGH_DECIMALS = 1  # one decimal is 11 km: a region, not a place

_DMS = re.compile(
    r"(?P<before>[nsew北南东西])?\s*[:：]?\s*(?P<d>-?\d{1,3}(?:\.\d+)?)\s*[°度]?\s*(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['′分]\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|''|秒)?)?)?\s*(?P<after>[nsew北南东西])?",
    re.IGNORECASE,
)
_SIDE = {"n": 1, "北": 1, "e": 1, "东": 1, "s": -1, "南": -1, "w": -1, "西": -1}
_IS_LON = frozenset("ew东西")


@dataclass(frozen=True, slots=True)
class Point:
    """A position as read, its texts as typed, and what is doubtful about it."""

    lat: float
    lon: float
    lat_text: str
    lon_text: str
    doubts: tuple[tuple[str, str], ...]  # (code, message)

    def cell(self, datum: str) -> list[str]:
        """The value of a geo cell."""
        rough = _decimals(self.lat_text) <= _ROUGH_DECIMALS and _decimals(self.lon_text) <= _ROUGH_DECIMALS
        return [self.lat_text, self.lon_text, datum, "10000" if rough else "", ""]


def read_coordinate(text: str) -> float | None:
    """One number of a position: 34.7466, 北纬34.7, 34°44'47.8"N, 113,62 (French)."""
    found = _each(text)
    return found[0][0] if len(found) == 1 else None


def read_pair(text: str) -> tuple[float, float] | None:
    """(lat, lon) of one cell that holds both, in whichever order it can only be."""
    found = _each(text)
    if len(found) != 2:
        return None
    (first, first_lon), (second, second_lon) = found
    if first_lon is True or second_lon is False:
        return second, first
    if first_lon is False or second_lon is True:
        return first, second
    if abs(first) > 90 >= abs(second):
        return second, first  # 113.62,34.75: AMap and Baidu write the longitude first
    return first, second


_OURS = re.compile(r"(-?\d{1,3}(?:\.\d+)?), (-?\d{1,3}(?:\.\d+)?) \((\w+)(?:, ±(\d+) m)?(?:, (\w+))?\)")


def write_cell(value: Sequence[str]) -> str:
    """A geo cell as an export says it; inverse of `read_cell`."""
    lat, lon, datum, accuracy, by = [*value, "", "", "", "", ""][:5]
    return (
        f"{lat}, {lon} ({datum or 'unknown'}" + (f", ±{accuracy} m" if accuracy else "") + (f", {by})" if by else ")")
    )


def read_cell(text: str) -> list[str] | None:
    """The geo cell an export of ours wrote; None for any other text."""
    found = _OURS.fullmatch(text.strip())
    return [part or "" for part in found.groups()] if found and found[3] in DATUMS else None


def point(lat: float, lon: float) -> Point:
    """A point with the doubts its own numbers raise."""
    doubts: list[tuple[str, str]] = []
    lat_text, lon_text = _text(lat), _text(lon)
    for code in doubts_about(lat, lon):
        if code in _MESSAGES:  # "outside China" is the business of a sheet from China: `far` says it for any country
            doubts.append((code, _MESSAGES[code]))
    if _decimals(lat_text) <= _ROUGH_DECIMALS and _decimals(lon_text) <= _ROUGH_DECIMALS:
        doubts.append(("coordinates-rough", "one decimal at most: good to ten kilometres, not to a place"))
    return Point(lat, lon, lat_text, lon_text, tuple(doubts))


_MESSAGES = {
    "out-of-range": "no place on earth has these numbers",
    "null-island": "0, 0 lies in the Atlantic: the position was not known",
    "swapped": "latitude and longitude look exchanged",
}


def far_from_the_rest(points: Sequence[Point | None]) -> dict[int, str]:
    """Which points of a sheet lie far from where most lie: index → why."""
    known = [(i, p) for i, p in enumerate(points) if p is not None and abs(p.lat) <= 90 and abs(p.lon) <= 180]
    if len(known) < _ENOUGH:
        return {}
    lat = statistics.median(p.lat for _, p in known)
    lon = statistics.median(p.lon for _, p in known)
    shrink = math.cos(math.radians(lat))
    away = {i: math.hypot(p.lat - lat, (p.lon - lon) * shrink) * _KM_PER_DEGREE for i, p in known}
    ordered = sorted(away.values())
    usual = ordered[int(len(ordered) * _USUAL_SHARE)]
    limit = max(_FAR_LEAST_KM, _FAR_FACTOR * usual)
    return {
        i: f"{km:.0f} km from the middle of this sheet, where three of four lie within {usual:.0f} km"
        for i, km in away.items()
        if km > limit
    }


def _each(text: str) -> list[tuple[float, bool | None]]:
    """Every number with its side: (value, True for a longitude, False for a latitude, None where nothing says)."""
    flat = unicodedata.normalize("NFKC", text).lower().replace("&quot;", '"').replace("&#39;", "'")
    flat = re.sub(r"经度|longitude|\blon\b|\blng\b", "e:", flat)
    flat = re.sub(r"纬度|latitude|\blat\b", "n:", flat).replace("经", "").replace("纬", "")
    if re.fullmatch(r"\s*-?\d{1,3},\d+\s*", flat):
        flat = flat.replace(",", ".")
    out: list[tuple[float, bool | None]] = []
    for found in _DMS.finditer(flat):
        side = (found["before"] or found["after"] or "").lower()
        number = float(found["d"])
        rest = float(found["m"] or 0) / 60 + float(found["s"] or 0) / 3600
        number = number - rest if number < 0 else number + rest
        if side and number > 0:
            number *= _SIDE[side]
        out.append((round(number, 9), (side in _IS_LON) if side else None))
    leftover = re.sub(r"[\s,;，；()\[\]:=/]+", "", _DMS.sub(" ", flat))
    return out if not re.search(r"\d", leftover) and len(leftover) <= 6 else []


def _text(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")  # a tenth of a millimetre: no digit anybody typed is lost


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
