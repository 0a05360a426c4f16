"""The print of a row, by the vectors the browser reads too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.duplicates.normal import clauses, fold, grams_of, print_of, public_of
from schema.sheets import SHEETS
from tests.schema.vectors import cases

HELP = SHEETS["help"]


@pytest.mark.parametrize("case", cases("duplicates.json", "prints"))
def test_du1_du2_du3_du4_a_print_is_as_the_vectors_say(case: dict[str, Any]) -> None:
    values = case["values"]
    if case.get("public"):
        seen = public_of(print_of(HELP, values))
    else:
        seen = print_of(HELP, values)
    found = {
        "phones": list(seen.phones),
        "names": list(seen.names),
        "district": seen.district,
        "place": seen.place,
        "units": [list(unit) for unit in seen.units],
        "spots": list(seen.spots),
        "text": seen.text,
        "grams": len(seen.grams),
        "where": len(seen.where),
        "point": list(seen.point) if seen.point else None,
    }
    assert found == case["print"]


@given(st.text(max_size=200))
def test_du1_any_words_have_a_print_and_folding_settles(text: str) -> None:
    seen = print_of(HELP, {"place": [text], "summary": [text], "person_name": [text], "contact_phone": [text]})
    assert list(seen.grams) == sorted(set(seen.grams))
    assert fold(fold(seen.place)) == fold(seen.place)


@given(st.text(alphabet="一二三四五六七八九十百零〇两0123456789号楼栋幢单元室# ", max_size=40))
def test_du3_words_of_numbers_and_buildings_never_fail(text: str) -> None:
    said = clauses(text)
    assert not set(said) - set("0123456789abcdefghijklmnopqrstuvwxyz ") - set(text) - {"栋"}
    assert list(grams_of(said)) == sorted(set(grams_of(said)))


def test_du4_a_public_print_holds_no_whole_number_name_or_flat() -> None:
    values = {
        "person_name": ["王秀丽"],
        "contact_phone": ["14212345678"],
        "place": ["福苑小区"],
        "place_exact": ["3号楼302室"],
        "summary": ["联系 14212345678"],
    }
    seen = public_of(print_of(HELP, values))
    shown = repr([seen.phones, seen.names, seen.place, seen.units, seen.spots, seen.text])
    assert not [word for word in ("1234", "秀丽", "302") if word in shown]


def test_du3_long_posts_are_cut_and_cost_little() -> None:
    seen = print_of(HELP, {"summary": ["救" + "命啊快来" * 5_000]})
    assert len(seen.text) == 600
