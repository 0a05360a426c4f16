"""The three datums, and what looks wrong about a position."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.coordinates import Position, blur, convert, doubts_about, position_of, to_wgs84
from schema.errors import SchemaError


def _metres(a: Position, b: Position) -> float:
    north = (a.lat - b.lat) * 111_320
    return math.hypot(north, (a.lon - b.lon) * 111_320 * math.cos(math.radians(a.lat)))


@given(st.floats(20, 45), st.floats(85, 125), st.sampled_from(["gcj02", "bd09"]))
def test_FK12_there_and_back_is_the_same_place_to_a_metre(lat: float, lon: float, datum: str) -> None:
    here = Position(lat, lon, "wgs84")
    there = convert(here, datum)
    assert there.datum == datum
    assert _metres(to_wgs84(there), here) < 1


def test_FK12_the_datums_of_a_chinese_map_are_hundreds_of_metres_apart() -> None:
    """Zhengzhou, against the published example of the conversion; sign and order of the axes are in it."""
    here = Position(34.75, 113.62, "wgs84")
    gcj, bd = convert(here, "gcj02"), convert(here, "bd09")
    assert (round(gcj.lat, 4), round(gcj.lon, 4)) == (34.7488, 113.6260)
    assert (round(bd.lat, 4), round(bd.lon, 4)) == (34.7551, 113.6325)
    assert 400 < _metres(gcj, here) < 700
    assert _metres(convert(bd, "gcj02"), gcj) < 1


def test_FK12_an_unknown_datum_is_not_moved_and_not_called_known() -> None:
    here = Position(34.75, 113.62, "unknown")
    assert to_wgs84(here) is here
    with pytest.raises(SchemaError, match="unknown-datum"):
        convert(here, "gcj02")


@pytest.mark.parametrize(
    ("lat", "lon", "doubts"),
    [
        (34.75, 113.62, ()),
        (113.62, 34.75, ("swapped",)),
        (0, 0, ("null-island",)),
        (18.5, -72.3, ("outside-china",)),
        (34.75, 213.62, ("out-of-range",)),
        (-91, 113.62, ("out-of-range",)),
        (95.5, 30.2, ("swapped",)),
        (80.0, 40.0, ("swapped",)),
    ],
)
def test_FK12_what_looks_wrong_is_named(lat: float, lon: float, doubts: tuple[str, ...]) -> None:
    assert doubts_about(lat, lon) == doubts


def test_FK12_a_cell_that_is_no_position_is_refused() -> None:
    assert position_of(["34.75", "113.62", "", "", ""]) == Position(34.75, 113.62, "unknown")
    for value in ([], ["34.75"], ["x", "113", "wgs84"], ["nan", "113", "wgs84"], ["34", "113", "mars"]):
        with pytest.raises(SchemaError, match="bad-position"):
            position_of(value)


def test_FK2_a_position_not_for_the_public_is_shown_to_a_kilometre() -> None:
    assert blur("34.756789", "113.624321") == "≈34.76,113.62"
