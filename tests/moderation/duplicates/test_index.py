"""Candidates and findings, by the vectors the browser reads too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.duplicates.index import MAX_POSTINGS, TOP, Index
from moderation.duplicates.normal import Values, print_of, public_of
from moderation.duplicates.score import Finding, score
from schema.sheets import SHEETS
from tests.schema.vectors import FOLDER, cases

HELP = SHEETS["help"]


def rows() -> list[tuple[str, Values]]:
    import json

    listed = json.loads((FOLDER / "duplicates.json").read_text(encoding="utf-8"))["rows"]
    return [(one["row"], one["values"]) for one in listed]


def index_of(given: list[tuple[str, Values]]) -> Index:
    index = Index()
    for row, values in given:
        index.add(print_of(HELP, values, row=row))
    return index


@pytest.mark.parametrize("case", cases("duplicates.json", "candidates"))
def test_du5_du8_du9_du10_du11_du12_du13_candidates_are_as_the_vectors_say(case: dict[str, Any]) -> None:
    found = index_of(rows()).candidates(print_of(HELP, case["values"], row="new"))
    assert [[one.row, one.finding.kind, round(one.finding.score, 6), list(one.finding.why)] for one in found] == case[
        "candidates"
    ]


def test_du6_a_number_with_any_digit_wrong_meets_the_right_one() -> None:
    index = index_of([("a", {"contact_phone": ["14212345678"]})])
    for at in range(1, 11):
        digit = "9" if "14212345678"[at] != "9" else "8"
        typed = "14212345678"[:at] + digit + "14212345678"[at + 1 :]
        found = index.candidates(print_of(HELP, {"contact_phone": [typed]}))
        assert [one.row for one in found] == ["a"], typed


def test_du6_a_number_is_found_among_five_hundred_rows_that_share_the_words() -> None:
    plea = {"summary": ["一楼已淹，人在二楼，请求冲锋舟支援"]}
    index = index_of([("old", {**plea, "contact_phone": ["14212345678"], "place": ["福苑小区"]})])
    for number in range(3 * MAX_POSTINGS):
        index.add(print_of(HELP, {**plea, "contact_phone": [f"163{number:08d}"]}, row=f"r{number}"))
    asked = print_of(HELP, {"contact_phone": ["14212345678"], "place": ["福苑小区"], **plea}, row="new")
    assert index.candidates(asked)[0].row == "old"


def test_du7_a_row_is_no_candidate_of_itself_and_none_once_removed() -> None:
    index = index_of(rows())
    one = index.get("help", "a")
    assert one is not None
    assert "a" not in [found.row for found in index.candidates(one)]
    index.remove("help", "a")
    assert index.get("help", "a") is None and len(index) == len(rows()) - 1
    assert "a" not in [found.row for found in index.candidates(print_of(HELP, dict(rows())["a"]))]


def test_du7_a_row_changed_is_found_by_its_new_words_only() -> None:
    index = index_of(rows())
    index.add(print_of(HELP, {"place": ["荥阳市汜水镇虎牢关村"]}, row="a"))
    found = index.candidates(print_of(HELP, {"place": ["汜水镇虎牢关村"]}))
    assert found[0].row == "a" and len(index) == len(rows())
    assert "a" not in [one.row for one in index.candidates(print_of(HELP, dict(rows())["a"]))]


def test_du7_ten_thousand_changes_of_one_row_leave_one_row() -> None:
    index = index_of(rows())
    for number in range(3_000):
        index.add(print_of(HELP, {"place": [f"汜水镇虎牢关村{number}号"]}, row="a"))
    assert len(list(index.prints())) == len(index) == len(rows())
    assert len(index._prints) < 2_000


def test_du5_no_more_candidates_than_asked_for_best_first() -> None:
    index = index_of([(f"r{n}", {"place": [f"福苑小区{n}号楼"]}) for n in range(100)])
    found = index.candidates(print_of(HELP, {"place": ["福苑小区7号楼"]}))
    assert len(found) == TOP and found[0].row == "r7"
    assert [one.finding.rank for one in found] == sorted((one.finding.rank for one in found), reverse=True)


def test_du5_other_sheets_are_looked_through_only_when_named() -> None:
    index = index_of(rows())
    asked = print_of(SHEETS["supply"], {"place": ["嵩山南路122号福苑小区"]})
    assert index.candidates(asked) == []
    assert index.candidates(asked, sheets=["help", "supply"])[0].row == "a"


def test_du4_seen_publicly_a_guessed_number_finds_out_nothing() -> None:
    """Ten thousand numbers fit one mask: whoever sees only the mask must get one answer for all of them."""
    index = index_of(rows())
    answers = set()
    for middle in ("1234", "0000", "9999", "1235"):
        asked = print_of(
            HELP, {"contact_phone": [f"142{middle}5678"], "person_name": ["王秀丽"], "place": ["福苑小区19号楼3单元"]}
        )
        found = index.candidates(asked, view=public_of)
        answers.add(tuple((one.row, one.finding) for one in found))
    assert len(answers) == 1


def test_du10_neighbours_with_numbers_of_their_own_are_no_duplicates() -> None:
    found = _finding(
        {"contact_phone": ["14211112222"], "place": ["中原区福苑小区3号楼"], "summary": ["老人透析断了两天"]},
        {"contact_phone": ["16333334444"], "place": ["中原区福苑小区9号楼"], "summary": ["孩子发烧，没有奶粉"]},
    )
    assert found.kind == "same_building"


def test_du9_a_hotline_at_two_places_is_a_contact() -> None:
    found = _finding(
        {"contact_phone": ["14211112222"], "district": ["巩义市"], "place": ["米河镇小里河村"]},
        {"contact_phone": ["14211112222"], "district": ["卫辉市"], "place": ["顿坊店乡前稻香村"]},
    )
    assert (found.kind, found.band) == ("same_contact", "strong")


def test_du11_short_common_words_are_nobody_s_template() -> None:
    found = _finding(
        {"place": ["巩义市米河镇小里河村"], "summary": ["停水停电，没有食物"]},
        {"place": ["卫辉市顿坊店乡前稻香村"], "summary": ["停水停电，没有食物"]},
    )
    assert found.kind == "same_request" and found.band == "weak"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (
            "#河南暴雨互助# 求助！郑州市巩义市石桥镇小柳河村，村里断水断电断网，老人小孩被困，急需救援物资",
            "紧急求助！巩义石桥镇小柳河村急需救援！道路塌方，全村断水断电，有老人小孩，没有食物",
        ),
        (
            "【求助】新乡市卫辉市后屯镇南岗村，村里水位已经两米深，全村三百多人被困，急需冲锋舟和食物。联系人李",
            "卫辉后屯镇南岗村求救，水已经淹到二楼，村里还有三百人没转移，请救援队带冲锋舟来",
        ),
        (
            "郑州市惠济区北寨镇孙家村，有一位孕妇快生了，路被水淹救护车进不来，求救援",
            "惠济区北寨镇孙家村孕妇临产，积水太深救护车开不进来，求船",
        ),
        (
            "我妈妈在地铁9号线失联，身高160，穿黑色连衣裙，最后联系时间7月20日下午6点，在沙河路站附近",
            "寻人！妈妈 身高一米六 黑色连衣裙 7月20日18点在地铁九号线沙河路站附近失去联系，请好心人帮忙",
        ),
    ],
)
def test_du13_a_post_told_again_in_other_words_is_likely_the_same(first: str, again: str) -> None:
    found = _finding({"summary": [first]}, {"summary": [again]})
    assert (found.kind, found.band) == ("same_request", "likely")


def test_du13_another_village_of_the_same_town_is_not() -> None:
    found = _finding(
        {"summary": ["求助！郑州市巩义市石桥镇小柳河村，村里断水断电断网，老人小孩被困，急需救援物资"]},
        {"summary": ["巩义市石桥镇双岔口村，断水断电断网，急需物资，求扩散@某某消防"]},
    )
    assert found.band == "weak"


def test_du11_a_plea_copied_with_another_estate_in_its_words_is_a_template() -> None:
    plea = "新乡市凤泉区{}，停水停电三天，小区内有孕妇和老人，没有食物，物业不管，请求帮助"
    found = _finding({"summary": [plea.format("东升花园")]}, {"summary": [plea.format("辉煌公寓")]})
    assert found.kind == "borrowed_template"


WORDS = st.sampled_from(
    ["福苑小区", "3号楼", "8号楼", "米河镇", "老人被困", "停水停电", "急需冲锋舟", "122号", "嵩山南路", "有孕妇"]
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "place": st.lists(WORDS, min_size=1, max_size=4).map(lambda parts: ["".join(parts)]),
        "summary": st.lists(WORDS, min_size=1, max_size=6).map(lambda parts: ["".join(parts)]),
        "contact_phone": st.sampled_from([["14212345678"], ["14212345679"], ["142****5678"], ["16300000000"]]),
        "person_name": st.sampled_from([["王秀"], ["王**"], ["李"]]),
        "district": st.sampled_from([["中原区"], ["巩义市"]]),
    },
)


@settings(max_examples=200)
@given(VALUES, VALUES)
def test_du14_a_finding_is_symmetric_and_within_bounds(one: Values, other: Values) -> None:
    forth, back = _finding(one, other), _finding(other, one)
    assert (forth.kind, forth.why) == (back.kind, back.why)
    assert abs(forth.score - back.score) < 1e-9
    assert 0 <= forth.score <= 1


def _finding(one: Values, other: Values) -> Finding:
    index = index_of(rows())
    a, b = print_of(HELP, one, row="x"), print_of(HELP, other, row="y")
    index.add(a)
    index.add(b)
    return score(a, b, weights=index.weights)
