"""Pasted words become drafts of rows."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.posts import HELP, MAX_POST_BYTES, place_writes, read_post, read_posts
from schema.edits import field_of
from schema.fields import validate

WEIBO = (
    "#河南暴雨互助# 求助！新乡市凤泉区耿黄镇东方国际小区2号楼有三十人被困，其中老人5名小孩8个，没有食物和饮用水，急需冲锋舟！"
    "联系人：王秀 142 1234 5678 http://t.cn/A6abc"
)
LABELLED = (
    "【求助】\n地址：郑州市惠济区古荥镇保合寨村南头第二家\n联系人：李女士\n联系电话：14212345678\n人数：5人（2个老人1个孕妇）\n"
    "情况：水深1米5，停水停电\n所需：药品、充电宝"
)


def test_po1_the_words_stay_whole() -> None:
    assert read_post(WEIBO).writes["summary"] == WEIBO
    long = WEIBO + "救" * MAX_POST_BYTES
    draft = read_post(long)
    assert str(draft.writes["summary"]) + draft.doubts[0].words == long and draft.doubts[0].code == "cut"


def test_po1_words_that_say_nothing_give_doubts_and_no_guess() -> None:
    draft = read_post("救命")
    assert dict(draft.writes) == {"summary": "救命"}
    assert [one.code for one in draft.doubts] == ["no-phone", "no-place"]


def test_po2_po4_a_post_in_free_words() -> None:
    writes = dict(read_post(WEIBO).writes)
    del writes["summary"]
    assert writes == {
        "contact_phone": "14212345678",
        "person_name": "王秀",
        "province": "河南省",
        "city": "新乡市",
        "district": "凤泉区",
        "place": "耿黄镇东方国际小区",
        "place_exact": "2号楼",
        "people_total": 30,
        "needs:boat": True,
        "needs:food": True,
        "needs:water": True,
        "category:trapped": True,
        "source_url": "http://t.cn/A6abc",
    }


def test_po3_labels_go_before_free_words() -> None:
    writes = read_post("请转发，巩义市的朋友注意！14299998888\n" + LABELLED).writes
    assert writes["contact_phone"] == "14212345678" and writes["contact_phone2"] == "14299998888"
    assert (writes["district"], writes["place"]) == ("惠济区", "古荥镇保合寨村南头第二家")
    assert (writes["person_name"], writes["people_total"], writes["elderly"], writes["pregnant"]) == ("李女士", 5, 2, 1)
    assert writes["water_depth_cm"] == 150 and writes["needs:medicine"] is True and writes["needs:power"] is True


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("电话 １４２１２３４５６７８", "14212345678", None),
        ("电话+86 142-1234-5678，16312345678", "14212345678", "16312345678"),
        ("联系 142****5678", "142****5678", None),
    ],
)
def test_po2_numbers_in_every_spelling(text: str, first: str, second: str | None) -> None:
    writes = read_post(text).writes
    assert writes["contact_phone"] == first and writes.get("contact_phone2") == second


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("村支书张建国14212345678", "张建国"),
        ("王先生 14212345678", "王先生"),
        ("16312345678 李女士", "李女士"),
        ("快来救人14212345678", None),
        ("请联系14212345678", None),
    ],
)
def test_po2_who_stands_beside_a_number_is_its_name(text: str, name: str | None) -> None:
    assert read_post(text).writes.get("person_name") == name


def test_po4_what_is_offered_is_no_need() -> None:
    assert "needs:boat" not in read_post("我们队有冲锋舟两艘，随时出发").writes
    assert read_post("请求冲锋舟支援").writes["needs:boat"] is True


def test_po6_building_and_flat_are_private_cells() -> None:
    assert place_writes("郑州市中原区嵩山南路122号福苑小区19号楼3单元") == {
        "province": "河南省",
        "city": "郑州市",
        "district": "中原区",
        "place": "嵩山南路122号福苑小区",
        "place_exact": "19号楼3单元",
    }


def test_po5_a_district_elsewhere_in_the_post_counts_for_its_place() -> None:
    writes = read_post("卫辉的朋友帮帮忙，地址：顿坊店乡前稻香村，14212345678").writes
    assert (writes["city"], writes["district"], writes["place"]) == ("新乡市", "卫辉市", "顿坊店乡前稻香村")


def test_po8_a_numbered_list_is_a_row_each() -> None:
    drafts = read_posts(
        "1、中原区福苑小区19号楼，2人，14212345678\n2、巩义市米河镇小里河村，8人被困屋顶，16312345678\n3、新密市来集镇宋楼村 3人 17912345678"
    )
    assert [(one.writes["district"], one.writes["people_total"]) for one in drafts] == [
        ("中原区", 2),
        ("巩义市", 8),
        ("新密市", 3),
    ]


def test_po8_posts_apart_by_empty_lines_are_a_row_each_and_one_post_of_paragraphs_is_one() -> None:
    assert len(read_posts(WEIBO + "\n\n" + LABELLED)) == 2
    assert len(read_posts("求助！巩义市米河镇小里河村\n\n道路断了，没有水\n\n联系 14212345678")) == 1
    assert read_posts("  \n ") == ()


WORDS = st.sampled_from(
    [
        "地址：",
        "电话",
        "14212345678",
        "被困",
        "三十人",
        "水深",
        "1米5",
        "新密市",
        "福苑小区",
        "3号楼",
        "，",
        "\n",
        "1、",
        " ",
        "急需",
        "药品",
        "王秀",
    ]
)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=30).map("".join)))
def test_po1_whatever_is_pasted_a_draft_may_arrive(text: str) -> None:
    for draft in read_posts(text):
        for path, value in draft.writes.items():
            column = HELP.fields[field_of(path)]
            if value is not None:
                validate(path, value, column)


@pytest.mark.parametrize(
    "text", ["电话14200000777 老人2人", "4人 电话 142 0000 0999 孕妇1", "14200000012人", "0371" + "-67000008 儿童"]
)
def test_po1_the_end_of_a_telephone_is_no_count_of_people(text: str) -> None:
    counts = {value for value in read_post(text).writes.values() if isinstance(value, int)}
    assert counts <= {1, 2, 4}


def test_po1_a_huge_post_is_read_in_a_second() -> None:
    started = time.thread_time()
    for sign in ("1", "一", "号", "区", "地址：", "142****5678", "村 "):
        read_post(sign * (20_000 // len(sign)))
    assert time.thread_time() - started < 7
