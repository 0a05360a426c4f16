"""Which of our sheets a sheet is, and which column is which field."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schema.sheets import SHEETS
from server.imports.errors import ImportFailed
from server.imports.naming import TARGETS, is_importable, named, sheet_by_name
from server.imports.plan import SheetPlan, map_of
from tests.server.imports.books import HEADER, book, kept, one, plan

ROW = (1, "张三", "14200001111", "金水区花园路1号", 3, "紧急", "没水", "食物", "是", "")


def paths(sheet: SheetPlan) -> dict[str, str | None]:
    return {column.header: column.path for column in sheet.columns}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_im8_every_label_of_every_field_is_its_name(target: str, lang: str) -> None:
    for field in SHEETS[target].fields.values():
        if is_importable(field):
            assert named(target, field.label(lang))[0].path == field.id


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("求救汇总（最新）", "help"), ("待救援人员信息", "help"), ("民间救援队", "civil_team"), ("官方救援力量", "official_team"),
        ("漏电风险地区", "hazard"), ("线上问诊", "consult"), ("物资需求", "supply"), ("免费住宿", "shelter"), ("使用说明", None),
    ],
)  # fmt: skip
def test_im7_a_sheet_is_known_by_its_name(name: str, sheet: str | None) -> None:
    assert sheet_by_name(name) == sheet


@pytest.mark.parametrize(
    ("header", "row", "sheet"),
    [
        (HEADER, ROW, "help"),
        (
            ("队伍名称", "负责人", "电话", "人数", "装备", "状态"),
            ("蓝天", "王", "14200001111", 20, "艇3", "待命"),
            "civil_team",
        ),
        (("地点", "类型", "描述", "是否断电"), ("花园路路灯", "漏电", "绕行", "否"), "hazard"),
        (("医生", "医院", "科室", "联系方式", "可接诊时间"), ("李", "省医", "儿科", "14200001111", "全天"), "consult"),
        (
            ("物资名称", "数量", "单位", "收货人", "电话", "地址"),
            ("水", 20, "箱", "王", "14200001111", "米河"),
            "supply",
        ),
        (("酒店名称", "地址", "联系电话", "可容纳人数"), ("如家", "金水路", "14200001111", 80), "shelter"),
    ],
)
def test_im7_a_sheet_without_a_name_is_known_by_its_columns(
    header: Sequence[str], row: Sequence[object], sheet: str
) -> None:
    assert plan(book(("Sheet1", [header, row])), "x.xlsx").sheets[0].sheet == sheet


def test_im7_a_sheet_that_is_none_of_ours_is_reported_line_by_line() -> None:
    made = plan(book(("使用说明", [("本文档由志愿者维护，求救请填第一个表",), ("谢谢",)])), "x.xlsx")
    sheet = made.sheets[0]
    assert (sheet.sheet, sheet.rows) == (None, ())
    assert [remark.text for remark in sheet.remarks] == ["本文档由志愿者维护，求救请填第一个表", "谢谢"]


def test_im8_columns_are_matched_by_name() -> None:
    assert paths(plan(book(("求助", [HEADER, ROW]))).sheets[0]) == {
        "序号": "ext_id", "联系人": "person_name", "电话": "contact_phone", "详细地址": "place", "被困人数": "people_total",
        "紧急程度": "urgency", "现状": "summary", "需求": "needs", "是否核实": "verify_state", "备注": "notes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("联系电话（必填）", "contact_phone"), ("*求助人姓名", "person_name"), ("被困人员联系电话", "contact_phone"),
        ("受困地址/定位", "place"), ("请填写被困人数", "people_total"), ("是否已获救", "outcome"), ("具体被困位置（小区、楼栋）", "place"),
        ("救援需求", "needs"), ("信息是否属实", "verify_state"), ("Latitude", "geo.lat"), ("INCIDENT DATE", "source_time"),
        ("Téléphone", "contact_phone"), ("Adresse", "place"),
    ],
)  # fmt: skip
def test_im8_spellings_of_a_name_are_known(header: str, path: str) -> None:
    assert named("help", header)[0].path == path


def test_im8_a_second_telephone_column_goes_to_the_next_field() -> None:
    row = one(("姓名", "电话", "电话", "地址"), "张", "14200001111", "14300002222", "花园路")
    assert (row.private["contact_phone"], row.private["contact_phone2"]) == ("14200001111", "14300002222")


def test_im8_a_column_nobody_knows_is_kept_word_for_word() -> None:
    row = one(("姓名", "电话", "地址", "星座"), "张", "14200001111", "花园路", "双鱼座，会游泳")
    assert "星座: 双鱼座，会游泳" in kept(row)


def test_im8_a_name_that_lies_about_its_contents_is_not_believed() -> None:
    lines = [("编号", "联系人", "地址"), *((i, f"1420000{i:04d}", f"花园路{i}号") for i in range(6))]
    assert paths(plan(book(("求助", lines))).sheets[0])["联系人"] == "contact_phone"


def test_im8_names_with_telephones_in_them_feed_both_fields() -> None:
    lines = [("姓名电话", "地址", "人数"), ("张三14200001111", "花园路", 1), ("王女士：143 0000 2222", "经三路", 2)]
    rows = plan(book(("求助", lines))).sheets[0].rows
    assert [(row.private["person_name"], row.private["contact_phone"]) for row in rows] == [
        ("张三", "14200001111"),
        ("王女士", "14300002222"),
    ]


def test_im12_a_map_printed_and_given_back_gives_the_same_plan() -> None:
    data = book(("求助", [("登记表",), HEADER, ROW]), ("说明", [("请填第一个表",)]))
    made = plan(data)
    again = plan(data, given=map_of(made))  # type: ignore[arg-type]
    assert [sheet.rows for sheet in again.sheets] == [sheet.rows for sheet in made.sheets]


def test_im12_a_map_decides_over_names() -> None:
    data = book(("Sheet1", [("甲", "乙", "丙"), ("张三", "14200001111", "花园路")]))
    row = (
        plan(
            data,
            given={"Sheet1": {"@sheet": "help", "@header": 1, "甲": "person_name", "乙": "reporter_phone", "丙": None}},
        )
        .sheets[0]
        .rows[0]
    )
    assert row.private["person_name"] == "张三"
    assert row.private["reporter_phone"] == "14200001111"
    assert "丙: 花园路" in kept(row)


def test_im12_null_leaves_a_leaf_out() -> None:
    made = plan(book(("求助", [HEADER, ROW])), given={"求助": None})
    assert (made.rows, made.sheets[0].sheet) == (0, None)


@pytest.mark.parametrize(
    ("given", "code", "named_in"),
    [
        ({"求助": {"门派": "summary"}}, "map-unknown-column", "门派"),
        ({"求助": {"电话": "phone_number"}}, "map-unknown-path", "phone_number"),
        ({"求助": {"电话": "created_at"}}, "map-unknown-path", "created_at"),
        ({"求助": {"@sheet": "cats"}}, "map-unknown-sheet", "cats"),
        ({"求助": {"电话": 5}}, "map-malformed", "电话"),
        ({"救助": {"电话": "contact_phone"}}, "map-unknown-leaf", "救助"),
    ],
)
def test_im12_a_map_that_names_what_is_not_there_is_an_error_that_names_it(
    given: dict[str, dict[str, object] | None], code: str, named_in: str
) -> None:
    with pytest.raises(ImportFailed) as caught:
        plan(book(("求助", [HEADER, ROW])), given=given)
    assert caught.value.code == code
    assert named_in in caught.value.message
