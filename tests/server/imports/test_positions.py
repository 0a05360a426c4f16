"""Coordinates of a column or two, and which of them are doubtful."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.imports.positions import far_from_the_rest, point, read_coordinate, read_pair


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("34.7466", 34.7466),
        ("-72.533333", -72.533333),
        ("北纬34.7", 34.7),
        ("W72.5", -72.5),
        ("34°44'47.8\"N", 34.746611111),
        ("113,62", 113.62),
        ("abc", None),
        ("34.7 113.6", None),
    ],
)
def test_a_coordinate_is_read(text: str, number: float | None) -> None:
    assert read_coordinate(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "34.75,113.62",
        "113.62,34.75",
        "东经113.62 北纬34.75",
        "经度:113.62,纬度:34.75",
        "N34.75 E113.62",
        "34.75；113.62",
    ],
)
def test_a_pair_is_read_in_whichever_order_it_can_only_be(text: str) -> None:
    assert read_pair(text) == (34.75, 113.62)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_im20_a_position_keeps_every_digit_that_was_typed(lat: float, lon: float) -> None:
    lat, lon = round(lat, 8), round(lon, 8)
    made = point(lat, lon)
    assert (float(made.lat_text), float(made.lon_text)) == (lat, lon)


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        (95.25, 200.25, "out-of-range"),
        (0.0, 0.0, "null-island"),
        (113.62, 34.75, "swapped"),
        (18.2, -72.5, "coordinates-rough"),
    ],
)
def test_im20_a_position_that_looks_wrong_is_named(lat: float, lon: float, code: str) -> None:
    assert code in [name for name, _ in point(lat, lon).doubts]


def test_im20_a_position_far_from_the_rest_is_named_and_no_other() -> None:
    near = [point(18.5 + i / 100, -72.3 - i / 100) for i in range(30)]
    far = far_from_the_rest([*near, None, point(50.226029, 5.729886), point(22.278381, 114.174287)])
    assert sorted(far) == [31, 32]


def test_im20_too_few_positions_have_no_middle() -> None:
    assert far_from_the_rest([point(18.5, -72.3)] * 3 + [point(50.2, 5.7)]) == {}
