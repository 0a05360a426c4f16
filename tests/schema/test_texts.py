"""What the public sees of numbers, names and free text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.phones import mask_phones, normal_phones, read_phones
from schema.texts import find_personal, mask_name, mask_text, public_and_private, split_place
from tests.schema.vectors import cases

GAPS = st.sampled_from(["", " ", "-", ".", "  ", "\u200b", "　", "－", "_"])
WIDTH = st.sampled_from([str, lambda digits: digits.translate(str.maketrans("0123456789", "０１２３４５６７８９"))])


@pytest.mark.parametrize("case", cases("masks.json", "phones"))
def test_FK4_a_phone_is_hidden_in_the_middle(case: dict[str, Any]) -> None:
    assert mask_phones(case["in"]) == case["out"]
    assert mask_phones(case["out"]) == case["out"]


@pytest.mark.parametrize("case", cases("masks.json", "texts"))
def test_FK15_numbers_in_free_text_are_hidden(case: dict[str, Any]) -> None:
    assert mask_text(case["in"]) == case["out"]
    assert [[span.start, span.end, span.kind] for span in find_personal(case["in"])] == case["spans"]
    assert mask_text(case["out"]) == case["out"]


@pytest.mark.parametrize("case", cases("masks.json", "names"))
def test_FK16_a_name_shows_its_first_sign(case: dict[str, Any]) -> None:
    assert mask_name(case["in"]) == case["out"]
    assert mask_name(case["out"]) == case["out"]


@pytest.mark.parametrize("case", cases("masks.json", "places"))
def test_FK17_a_place_is_split_at_the_building(case: dict[str, Any]) -> None:
    assert list(split_place(case["in"])) == case["out"]
    assert re.sub(r"\s", "", "".join(case["out"])) == re.sub(r"\s", "", case["in"])


@given(
    prefix=st.sampled_from(["142", "143", "154", "161", "163", "169", "179"]),
    rest=st.text(alphabet="0123456789", min_size=8, max_size=8),
    gaps=st.lists(GAPS, min_size=11, max_size=11),
    width=WIDTH,
    around=st.sampled_from([("", ""), ("电话", "急"), ("(", ")"), ("a", "b"), ("+86", ""), ("，", "。")]),
)
def test_FK15_no_spelling_of_a_mobile_number_stays_readable(
    prefix: str, rest: str, gaps: list[str], width: Any, around: tuple[str, str]
) -> None:
    digits = prefix + rest
    typed = "".join(width(digit) + gap for digit, gap in zip(digits, gaps, strict=True)).rstrip(" .-_\u200b　－")
    masked = mask_text(around[0] + typed + around[1])
    assert f"{digits[:3]}****{digits[-4:]}" in masked
    assert digits[3:7] not in masked.replace("****", "").replace(digits[-4:], "")


@given(st.text(alphabet="0123456789０１*×xX+-. ()打电话身份证〇一二三王女士、，\u200b086ext转", max_size=50))
def test_FK15_masking_twice_is_masking_once(text: str) -> None:
    masked = mask_text(text)
    assert mask_text(masked) == masked
    assert mask_phones(mask_phones(text)) == mask_phones(text)
    assert mask_name(mask_name(text)) == mask_name(text)


@given(st.text(max_size=60))
def test_FK15_spans_are_ordered_and_inside_the_text(text: str) -> None:
    last = 0
    for span in find_personal(text):
        assert last <= span.start < span.end <= len(text)
        last = span.end


def test_FK15_the_raw_words_are_private_only_where_they_differ() -> None:
    assert public_and_private("水到二楼") == ("水到二楼", None)
    assert public_and_private("打14212345678") == ("打142****5678", "打14212345678")


@given(st.lists(st.from_regex(r"1(42|43|54|61|63|69|79)[0-9]{8}", fullmatch=True), min_size=1, max_size=5, unique=True))
def test_FK3_several_numbers_in_one_cell_are_all_read(numbers: list[str]) -> None:
    for separator in ("、", "/", " ", ";", "\n", "，", "或", " 或者 "):
        assert list(read_phones(separator.join(numbers)).numbers) == numbers
    assert normal_phones("、".join(numbers)) == ", ".join(numbers)
