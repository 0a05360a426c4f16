"""Which province, city and county an address names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.divisions import find_division, short_name

HENAN = "河南省"


@pytest.mark.parametrize(
    ("text", "city", "district"),
    [
        ("河南省郑州市中原区嵩山南路122号", "郑州市", "中原区"),
        ("郑州二七淮河路与京广路交叉口", "郑州市", "二七区"),
        ("管城区未来路", "郑州市", "管城回族区"),
        ("新密来集镇宋楼村", "郑州市", "新密市"),
        ("巩义米河镇", "郑州市", "巩义市"),
        ("新乡牧野区", "新乡市", "牧野区"),
        ("新乡县七里营", "新乡市", "新乡县"),
        ("辉县南寨镇", "新乡市", "辉县市"),
        ("浚县新镇", "鹤壁市", "浚县"),
        ("河南省郑州市鹤壁市浚县航海中路14号", "鹤壁市", "浚县"),
        ("求助！我家住巩义市米河镇", "郑州市", "巩义市"),
        ("开封县朱仙镇", "开封市", "祥符区"),
        ("河南省济源市", "", "济源市"),
    ],
)
def test_po5_a_county_is_found_by_its_full_short_or_former_name(text: str, city: str, district: str) -> None:
    found = find_division(text)
    assert found is not None
    assert (found.province, found.city, found.district) == (HENAN, city, district)


@pytest.mark.parametrize("text", ["二七路3号", "金水东路与郑开大道", "京广路隧道", "福苑小区", "救命", ""])
def test_po5_a_street_or_an_estate_is_no_district(text: str) -> None:
    assert find_division(text) is None


def test_po5_a_street_named_like_a_district_leaves_the_city() -> None:
    found = find_division("郑州市二七路3号")
    assert found is not None and (found.city, found.district) == ("郑州市", "")


def test_po5_a_name_that_several_cities_have_is_settled_by_what_stands_beside_it() -> None:
    beside, near, alone = find_division("开封鼓楼区"), find_division("鼓楼区", near=["4102"]), find_division("鼓楼区")
    assert beside is not None and near is not None and alone is not None
    assert beside.city == near.city == "开封市"
    assert (alone.city, alone.district) == ("", "鼓楼区"), "nobody said which"


@pytest.mark.parametrize(
    ("text", "near", "city", "district"),
    [
        ("郑东新区龙湖", (), "郑州市", "郑东新区"),
        ("洛阳高新区火炬园", (), "洛阳市", "高新区"),
        ("高新区科学大道", ("4101",), "郑州市", "高新区"),
        ("高新区科学大道", (), "", "高新区"),
    ],
)
def test_po7_a_zone_is_a_district_of_the_city_named_or_of_the_others(
    text: str, near: tuple[str, ...], city: str, district: str
) -> None:
    found = find_division(text, near=near)
    assert found is not None and (found.city, found.district) == (city, district)


def test_po6_what_names_the_division_is_told_apart_from_the_rest() -> None:
    text = "上海浦东新区世纪大道"
    found = find_division(text)
    assert found is not None and text[found.start : found.end] == "上海浦东新区"
    assert (found.province, found.city) == ("上海市", "上海市")


def test_po5_short_names_keep_two_signs() -> None:
    assert [short_name(name) for name in ("新密市", "浚县", "管城回族区", "阿坝藏族羌族自治州")] == [
        "新密",
        "浚县",
        "管城",
        "阿坝",
    ]


@given(st.text(max_size=600), st.lists(st.sampled_from(["4101", "41", "3201", "x"]), max_size=2))
def test_po5_any_words_are_searched_without_failing(text: str, near: list[str]) -> None:
    found = find_division(text, near=near)
    assert found is None or 0 <= found.start < found.end <= len(text)
