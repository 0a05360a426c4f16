"""Ids: base 62 and the digests, as the vectors say."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.ids import actor_id, decode62, digest_secret, encode62, is_base62, row_id, short_code

VECTORS: dict[str, Any] = json.loads(resources.files("schema").joinpath("vectors/ids.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["actors"])
def test_ID1_actor_ids_are_digests_of_device_secrets(case: dict[str, Any]) -> None:
    assert actor_id(case["device"]) == case["actor"]


@pytest.mark.parametrize("case", VECTORS["rows"])
def test_row_ids_follow_from_row_secrets(case: dict[str, Any]) -> None:
    assert row_id(case["sheet"], case["secret"]) == case["row"]


@pytest.mark.parametrize("case", VECTORS["codes"])
def test_short_codes_follow_from_row_secrets(case: dict[str, Any]) -> None:
    assert short_code(case["secret"]) == case["code"]


@pytest.mark.parametrize("case", VECTORS["numbers"])
def test_numbers_are_written_as_the_vectors_say_both_ways(case: dict[str, Any]) -> None:
    assert encode62(case["number"], case["chars"]) == case["text"]
    assert decode62(case["text"]) == case["number"]


@given(st.integers(0, 62**8 - 1), st.integers(0, 62**8 - 1))
def test_byte_order_is_the_order_of_numbers_and_decoding_is_the_inverse(left: int, right: int) -> None:
    assert decode62(encode62(left, 8)) == left
    assert (encode62(left, 8) < encode62(right, 8)) == (left < right)


def test_only_base_62_of_the_right_length_counts() -> None:
    assert is_base62("Ab3dE6gH", 8)
    for wrong in ("Ab3dE6g", "Ab3dE6gHi", "Ab3dE6g-", "Ab3dE6g\n", "Ab3dE6g水", ""):
        assert not is_base62(wrong, 8)


def test_ID2_a_kept_secret_cannot_be_used() -> None:
    assert digest_secret("0123456789ABCDEFGHIJKL") != "0123456789ABCDEFGHIJKL"
    assert len(digest_secret("x")) == 64
