"""Coordinates: the three datums of Chinese maps, what looks wrong about a position, and the coarse form.

Pure. The datum conversions are those of `geocoordinates_ffi`, loaded only when one is asked for (its library takes 20 ms).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schema.errors import SchemaError

DATUMS = ("wgs84", "gcj02", "bd09", "unknown")
BLUR_DECIMALS = 2  # about a kilometre: enough to send a boat towards, not to find a door


@dataclass(frozen=True, slots=True)
class Position:
    """A point and the datum it was read in."""

    lat: float
    lon: float
    datum: str


def position_of(value: Sequence[str]) -> Position:
    """The position in a geo cell `[lat, lon, datum, accuracy_m, by]`. Raises SchemaError where it has none."""
    try:
        lat, lon = float(value[0]), float(value[1])
        datum = value[2] or "unknown"
    except (ValueError, IndexError):
        raise SchemaError("bad-position", "a position is two numbers and a datum") from None
    if not (math.isfinite(lat) and math.isfinite(lon)) or datum not in DATUMS:
        raise SchemaError("bad-position", "a position is two finite numbers and a known datum")
    return Position(lat, lon, datum)


def to_wgs84(position: Position) -> Position:
    """The same place in WGS-84. A position of unknown datum stays as it is, and stays unknown."""
    return convert(position, "wgs84") if position.datum != "unknown" else position


def convert(position: Position, datum: str) -> Position:
    """The same place in another datum; back and forth is the identity to a metre."""
    if datum not in DATUMS or "unknown" in (datum, position.datum):
        raise SchemaError("unknown-datum", "only known datums can be converted", "wgs84, gcj02 or bd09")
    if datum == position.datum:
        return position
    library = _library()
    source = {"wgs84": library.Wgs84, "gcj02": library.Gcj02, "bd09": library.Bd09}[position.datum]
    steps = {
        ("wgs84", "gcj02"): library.wgs84_to_gcj02,
        ("wgs84", "bd09"): library.wgs84_to_bd09,
        ("gcj02", "wgs84"): library.gcj02_to_wgs84_refined,
        ("gcj02", "bd09"): library.gcj02_to_bd09,
        ("bd09", "wgs84"): library.bd09_to_wgs84_refined,
        ("bd09", "gcj02"): library.bd09_to_gcj02_refined,
    }
    moved = steps[position.datum, datum](source(lat=position.lat, lon=position.lon))
    return Position(moved.lat, moved.lon, datum)


def doubts_about(lat: float, lon: float) -> tuple[str, ...]:
    """What looks wrong: `out-of-range`, `null-island`, `swapped`, `outside-china`; the first that explains it."""
    if not _on_earth(lat, lon):
        return ("swapped",) if _in_china(lon, lat) else ("out-of-range",)
    if abs(lat) < 0.01 and abs(lon) < 0.01:
        return ("null-island",)
    if _in_china(lat, lon):
        return ()
    return ("swapped",) if _in_china(lon, lat) else ("outside-china",)


def blur(lat: str, lon: str) -> str:
    """A position to about a kilometre, as the public sees one that is not for it."""
    return f"≈{float(lat):.{BLUR_DECIMALS}f},{float(lon):.{BLUR_DECIMALS}f}"


def _on_earth(lat: float, lon: float) -> bool:
    return abs(lat) <= 90 and abs(lon) <= 180


def _in_china(lat: float, lon: float) -> bool:
    return 3 <= lat <= 54 and 73 <= lon <= 136


def _library() -> Any:
    import geocoordinates_ffi  # type: ignore[import-untyped]

    return geocoordinates_ffi
