"""Cells become what a row writes in each tier, and nothing is lost on the way."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment

from schema import fields
from schema.fields import validate
from schema.sheets import SHEETS
from server.imports.plan import RowPlan, SheetPlan
from tests.server.imports.books import (
    BLUE,
    GREEN,
    GREY,
    HEADER,
    ORANGE,
    RED,
    book,
    codes,
    kept,
    one,
    only,
    paint,
    plan,
    plan_csv,
    strike,
)

BASE: dict[str, object] = {"联系人": "张三", "电话": "14200001111", "地址": "金水区花园路1号"}


def row(**cells: object) -> RowPlan:
    """The row of one line with a name, a telephone, an address, and what else is given."""
    full = {**BASE, **cells}
    return one(tuple(full), *full.values())


# --- telephones ---


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("14200001111", "14200001111"),
        pytest.param(14200001111, "14200001111", id="a number"),
        ("142 0000 1111", "14200001111"),
        ("142-0000-1111", "14200001111"),
        ("+8614200001111", "14200001111"),
        ("１４２００００１１１１", "14200001111"),
        ("电话：14200001111（微信同号）", "14200001111"),
        ("14200001111 / 14300002222", "14200001111, 14300002222"),
        ("142****1111", "142****1111"),
        ("142xxxx1111", "142****1111"),
    ],
)
def test_im13_telephones_have_one_form(typed: object, phone: str) -> None:
    made = row(电话=typed)
    assert made.private["contact_phone"] == phone
    assert "no-phone" not in codes(made)


def test_im13_a_cell_without_a_number_is_kept_and_listed() -> None:
    made = row(电话="微信找我")
    assert "contact_phone" not in made.private
    assert "电话: 微信找我" in kept(made)
    assert codes(made) == ["no-phone"]


def test_im13_words_beside_a_number_are_kept_and_listed() -> None:
    made = row(电话="14200001111 找他儿子")
    assert made.private["contact_phone"] == "14200001111"
    assert "找他儿子" in kept(made)
    assert codes(made) == ["words-beside-phone"]


def test_im13_a_number_with_a_digit_too_few_is_listed() -> None:
    made = row(电话="1420000111")
    assert codes(made) == ["phone-length"]
    assert "1420000111" in kept(made)


# --- people, numbers, times ---


def test_im14_who_is_among_the_people_is_written_too() -> None:
    made = row(被困人数="12（含老人1小孩2）")
    assert (made.public["people_total"], made.public["elderly"], made.public["children"]) == (12, 1, 2)
    assert "12（含老人1小孩2）" in kept(made)


def test_im14_about_five_is_five_and_the_about_is_kept() -> None:
    made = row(被困人数="约5人")
    assert made.public["people_total"] == 5
    assert "约5人" in kept(made)
    assert codes(made) == []


def test_im21_a_number_nobody_can_read_is_kept_and_listed() -> None:
    made = row(被困人数="全村老小")
    assert "people_total" not in made.public
    assert "全村老小" in kept(made)
    assert codes(made) == ["number-not-read"]


@pytest.mark.parametrize(("typed", "depth"), [("150", 150), ("1.5米", 150), ("约80cm", 80)])
def test_a_depth_is_in_centimetres(typed: str, depth: int) -> None:
    assert row(水深=typed).public["water_depth_cm"] == depth


def test_im19_a_time_takes_the_year_of_its_column() -> None:
    lines = [
        ("电话", "地址", "登记时间"),
        ("14200001111", "甲路", "2019-07-20 08:00"),
        ("14300002222", "乙路", "07/21 9点"),
    ]
    rows = plan(book(("求助", lines))).sheets[0].rows
    assert rows[1].public["source_time"] == "2019-07-21T01:00:00Z"


def test_im19_a_time_takes_the_year_of_the_title() -> None:
    lines = [("2016年7月暴雨求助登记",), ("电话", "地址", "登记时间"), ("14200001111", "甲路", "7月21日9:00")]
    assert only(plan(book(("求助", lines)))).public["source_time"] == "2016-07-21T01:00:00Z"


def test_im19_a_leaf_that_is_not_chinese_is_read_in_utc_and_says_so() -> None:
    sheet = plan_csv("title,date,location\nTrapped,2010-01-13 12:00,Delmas\n")
    assert sheet.rows[0].public["source_time"] == "2010-01-13T12:00:00Z"
    assert any("UTC" in note for note in sheet.notes)


def test_im21_a_time_nobody_can_read_is_kept_and_listed() -> None:
    made = row(登记时间="昨天半夜")
    assert "昨天半夜" in kept(made)
    assert codes(made) == ["time-not-read"]


# --- states and marks ---

STATES = ("序号", "联系人", "电话", "详细地址", "紧急程度", "救援状态")
PEOPLE = [(i, f"人{i}", f"1420000{i:04d}", f"花园路{i}号") for i in range(1, 9)]


def marked(*lines: tuple[object, ...], dress: object = None, titles: tuple[str, ...] = ()) -> SheetPlan:
    data = book(("求助", [*((title,) for title in titles), STATES, *lines]), dress=dress)  # type: ignore[arg-type]
    return plan(data).sheets[0]


def test_im15_custom_holds_where_no_legend_speaks() -> None:
    def dress(made: Workbook) -> None:
        for line, colour in ((2, RED), (3, ORANGE), (4, GREEN), (5, GREY)):
            paint(made.worksheets[0], line, colour)
        strike(made.worksheets[0], 6)

    rows = marked(*PEOPLE[:6], dress=dress).rows
    assert [r.public.get("urgency") for r in rows] == ["critical", "urgent", "normal", "normal", "normal", "normal"]
    assert [r.public.get("outcome") for r in rows] == [None, None, "rescued", "lost_contact", "rescued", None]


def test_im15_a_legend_goes_before_custom() -> None:
    def dress(made: Workbook) -> None:
        paint(made.worksheets[0], 3, RED)
        paint(made.worksheets[0], 4, BLUE)
        strike(made.worksheets[0], 5)

    rows = marked(*PEOPLE[:3], dress=dress, titles=("红色=已获救 蓝色=非常紧急 划线=重复",)).rows
    assert rows[0].public["outcome"] == "rescued"
    assert rows[1].public["urgency"] == "critical"
    assert rows[2].public["outcome"] == "duplicate"


def test_im15_a_legend_in_an_explaining_leaf_holds_for_all() -> None:
    data = book(
        ("使用说明", [("填表说明：紫色表示非常紧急",)]),
        ("求助", [STATES, *PEOPLE[:2]]),
        dress=lambda made: paint(made["求助"], 2, "FF7030A0"),
    )
    assert plan(data).sheets[1].rows[0].public["urgency"] == "critical"


def test_im15_a_colour_nobody_explains_is_kept_and_named() -> None:
    sheet = marked(*PEOPLE[:3], dress=lambda made: paint(made.worksheets[0], 2, BLUE))
    assert "颜色: blue" in kept(sheet.rows[0])
    assert any("blue" in note for note in sheet.notes)
    assert sheet.colours == {"blue": "not explained"}


def test_im15_grey_bands_do_not_make_half_the_rows_lost() -> None:
    def dress(made: Workbook) -> None:
        for line in range(2, 10, 2):
            paint(made.worksheets[0], line, "FFD9D9D9")

    sheet = marked(*PEOPLE, dress=dress)
    assert all("outcome" not in r.public for r in sheet.rows)
    assert any("grey" in note for note in sheet.notes)


def test_im15_one_painted_state_cell_speaks_for_its_row() -> None:
    sheet = marked(*PEOPLE[:2], dress=lambda made: paint(made.worksheets[0], 2, RED, columns=(1,)))
    assert [r.public.get("urgency") for r in sheet.rows] == ["critical", "normal"]


def test_im15_one_painted_name_does_not_speak_for_its_row() -> None:
    sheet = marked(*PEOPLE[:2], dress=lambda made: paint(made.worksheets[0], 2, RED, columns=(2,)))
    assert "urgency" not in sheet.rows[0].public
    assert "颜色 联系人: red" in kept(sheet.rows[0])


def test_im16_of_cell_and_colour_the_higher_urgency_is_taken_and_the_row_listed() -> None:
    lines = [(*PEOPLE[0], "一般", None), (*PEOPLE[1], "特急", None)]

    def dress(made: Workbook) -> None:
        paint(made.worksheets[0], 2, RED)
        paint(made.worksheets[0], 3, ORANGE)

    rows = marked(*lines, dress=dress).rows
    assert [r.public["urgency"] for r in rows] == ["critical", "critical"]
    assert [codes(r) for r in rows] == [["mark-and-word-differ"]] * 2


def test_im16_a_row_without_a_mark_is_normal_where_others_are_marked() -> None:
    sheet = marked((*PEOPLE[0], "特急", None), (*PEOPLE[1], None, None))
    assert [r.public["urgency"] for r in sheet.rows] == ["critical", "normal"]
    assert any(note.startswith("1 rows without a mark") for note in sheet.notes)


def test_im16_where_nothing_is_marked_nothing_is_assumed() -> None:
    sheet = marked(*PEOPLE[:2])
    assert all("urgency" not in r.public for r in sheet.rows)


def test_im16_a_word_nobody_knows_is_not_taken_for_normal() -> None:
    sheet = marked((*PEOPLE[0], "特急", None), (*PEOPLE[1], "嘤嘤嘤", None))
    assert "urgency" not in sheet.rows[1].public
    assert "嘤嘤嘤" in kept(sheet.rows[1])


def test_im17_a_line_struck_through_is_over_though_its_status_says_waiting() -> None:
    sheet = marked((*PEOPLE[0], None, "待救援"), dress=lambda made: strike(made.worksheets[0], 2))
    assert sheet.rows[0].public["outcome"] == "rescued"
    assert codes(sheet.rows[0]) == ["mark-and-word-differ"]


def test_im17_a_death_is_not_imported_but_kept_and_listed() -> None:
    made = marked((*PEOPLE[0], None, "已遇难")).rows[0]
    assert made.public["outcome"] == "open"
    assert "已遇难" in kept(made)
    assert codes(made) == ["deceased"]


@pytest.mark.parametrize(
    ("header", "typed", "outcome"),
    [
        ("是否获救", "是", "rescued"),
        ("是否获救", "否", "open"),
        ("是否需要救援", "是", "open"),
        ("是否需要救援", "否", "not_needed"),
    ],
)
def test_im17_yes_and_no_answer_the_question_the_header_asks(header: str, typed: str, outcome: str) -> None:
    assert row(**{header: typed}).public["outcome"] == outcome


def test_im3_a_formula_without_a_value_is_kept_and_listed_and_published_nowhere() -> None:
    formula = '=HYPERLINK("http://x.example","点我")'
    made = row(备注=formula)
    assert formula in kept(made)
    assert codes(made) == ["formula"]
    assert "HYPERLINK" not in json.dumps([dict(made.public), made.notes])


def test_a_cell_struck_in_part_gives_the_rest_and_keeps_all() -> None:
    def dress(made: Workbook) -> None:
        struck = TextBlock(InlineFont(strike=True), "14200001111 ")
        made.worksheets[0]["B2"] = CellRichText(struck, "14300002222")

    data = book(("求助", [("联系人", "电话", "地址"), ("张三", "x", "花园路")]), dress=dress)
    made = only(plan(data))
    assert made.private["contact_phone"] == "14300002222"
    assert "14200001111" in kept(made)
    assert codes(made) == ["struck-in-part"]


def test_a_comment_on_a_cell_is_kept() -> None:
    def dress(made: Workbook) -> None:
        made.worksheets[0]["A2"].comment = Comment("他妈妈在楼上", "志愿者")

    data = book(("求助", [("联系人", "电话", "地址"), ("张三", "14200001111", "花园路")]), dress=dress)
    assert "他妈妈在楼上" in kept(only(plan(data)))


def test_a_link_behind_a_cell_is_the_source() -> None:
    def dress(made: Workbook) -> None:
        made.worksheets[0]["C2"].hyperlink = "https://weibo.com/1/abc"

    data = book(("求助", [("电话", "地址", "信息来源"), ("14200001111", "花园路", "微博")]), dress=dress)
    made = only(plan(data))
    assert (made.public["source"], made.public["source_url"]) == ("weibo", "https://weibo.com/1/abc")


# --- words, tiers, provenance ---


def test_im22_a_number_in_public_words_is_masked_and_the_raw_words_are_private() -> None:
    made = row(现状="没水没电，打我妈 143 0000 2222", 备注="儿子 15400003333")
    assert made.public["summary"] == "没水没电，打我妈 143****2222"
    assert made.private["summary"] == "没水没电，打我妈 143 0000 2222"
    assert made.notes == ("儿子 154****3333",)
    assert made.notes_raw == ("儿子 15400003333",)


def test_im22_an_address_is_parted_into_the_place_and_the_private_door() -> None:
    made = row(地址="中原区嵩山南路122号福苑小区19号楼3单元")
    assert made.public["place"] == "中原区嵩山南路122号福苑小区"
    assert made.private["place_exact"] == "19号楼3单元"


def test_im22_a_number_in_a_public_field_of_another_kind_stays_out_of_it() -> None:
    made = row(需求="食物、打14300002222", 所在区="金水区 14300002222")
    assert "14300002222" not in json.dumps(dict(made.public), ensure_ascii=False)
    assert "14300002222" in kept(made)


def test_im23_a_row_says_where_it_comes_from() -> None:
    data = book(("求助", [("登记表",), HEADER, (7, "张三", "14200001111", "花园路", 3, "急", "x", "食物", "是", "")]))
    assert only(plan(data, "河南.xlsx")).public["ext_id"] == "河南.xlsx#求助!3 №7"


def test_im20_a_position_is_written_as_typed_and_a_strange_one_listed() -> None:
    lines = [("title", "location", "latitude", "longitude")]
    lines += [(f"t{i}", f"p{i}", f"18.5{i:04d}", f"-72.3{i:04d}") for i in range(12)]
    lines += [("far", "Liège", "50.226029", "5.729886"), ("null", "?", "0.0", "0.0")]
    rows = plan(book(("reports", lines)), "reports.xlsx").sheets[0].rows
    assert rows[3].public["geo"] == ["18.50003", "-72.30003", "wgs84", "", ""]
    assert [r.line for r in rows if "coordinates-far" in codes(r)] == [14, 15]
    assert "geo" not in rows[13].public
    assert "null-island" in codes(rows[13])


def test_im20_a_cell_that_names_its_map_gives_the_datum() -> None:
    assert row(坐标="34.75,113.62（高德）").public["geo"] == ["34.75", "113.62", "gcj02", "", ""]
    assert row(坐标="113.62,34.75").public["geo"] == ["34.75", "113.62", "unknown", "", ""]


def test_im28_a_text_too_long_for_a_cell_goes_on_in_the_notes() -> None:
    text = "水" * 3000
    made = row(现状=text)
    assert str(made.public["summary"]) + "".join(made.notes) == text
    assert all(len(str(part).encode()) <= 4096 for part in (made.public["summary"], *made.notes))


def test_im29_a_value_the_sheet_would_refuse_is_kept_aside_and_the_row_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    from schema.errors import SchemaError

    def refuse(path: str, value: object, field: object) -> None:
        if path == "people_total":
            raise SchemaError("out-of-range", "too many")

    monkeypatch.setattr(fields, "validate", refuse)
    made = row(被困人数="5")
    assert "people_total" not in made.public
    assert codes(made) == ["not-valid"]
    assert made.public["place"] == "金水区花园路1号"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40)
HEADERS = (
    "联系人",
    "电话",
    "详细地址",
    "被困人数",
    "紧急程度",
    "现状",
    "需求",
    "是否核实",
    "登记时间",
    "救援状态",
    "坐标",
    "天气",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=len(HEADERS), max_size=len(HEADERS)))
def test_im21_no_word_of_a_line_is_lost_and_whatever_is_written_is_valid(cells: list[str]) -> None:
    """The law of `rows`: every cell is in a field, or word for word in the log; and no field is refused."""
    data = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in (HEADERS, cells))
    sheet = plan(data.encode(), "x.csv").sheets[0]
    if not sheet.rows:
        assert sheet.remarks  # read as a remark: its words are in the report
        return
    made = sheet.rows[0]
    squeezed = re.sub(r"\s+", "", json.dumps([dict(made.public), dict(made.private), made.raw], ensure_ascii=False))
    definition = SHEETS["help"]
    for header, cell in zip(HEADERS, cells, strict=True):
        words = re.sub(r"\s+", "", json.dumps(cell.strip(), ensure_ascii=False)[1:-1])
        if words and re.search(r"\w", words) and words not in squeezed:
            assert _is_said(made, header, cell), (header, cell, squeezed)
    for tier in (made.public, made.private):
        for path, value in tier.items():
            validate(path, value, definition.fields[path.partition(":")[0]])


def _is_said(made: RowPlan, header: str, cell: str) -> bool:
    """Whether the field of a column says the cell whole, in its own form."""
    field = {"需求": "needs", "紧急程度": "urgency", "是否核实": "verify_state", "救援状态": "outcome"}.get(header)
    if field is not None:
        return any(path.partition(":")[0] == field for path in made.public)
    if header in ("被困人数", "登记时间", "电话", "坐标"):
        return (
            any(path in ("people_total", "source_time", "geo") for path in made.public)
            or "contact_phone" in made.private
        )
    return False


def test_im24_the_same_line_twice_is_two_rows_and_the_same_two_again() -> None:
    line = ("张三", "14200001111", "花园路")
    data = book(("求助", [("联系人", "电话", "地址"), line, line]))
    secrets = [r.secret for r in plan(data).sheets[0].rows]
    assert len(set(secrets)) == 2
    assert [r.secret for r in plan(data, "other.xlsx").sheets[0].rows] == secrets


def test_im24_colours_and_a_running_number_do_not_make_another_row() -> None:
    lines = [(i, f"人{i}", f"1420000{i:04d}", f"花园路{i}号") for i in range(1, 6)]
    before = plan(book(("求助", [("序号", "联系人", "电话", "地址"), *lines]))).sheets[0].rows
    later = [(n, *line[1:]) for n, line in enumerate([(0, "新人", "14300000000", "经三路"), *lines], 1)]
    data = book(
        ("求助", [("序号", "联系人", "电话", "地址"), *later]), dress=lambda made: strike(made.worksheets[0], 3)
    )
    after = plan(data).sheets[0].rows
    assert {r.secret for r in before} == {r.secret for r in after[1:]}


def test_im24_another_workbooks_rows_have_other_secrets() -> None:
    from server.imports.child import read_book
    from server.imports.run import plan_book

    cells = read_book(book(("求助", [("联系人", "电话", "地址"), ("张", "14200001111", "花园路")])), "x.xlsx")
    first, second = (plan_book(cells, key=key).sheets[0].rows[0].secret for key in ("a" * 22, "b" * 22))
    assert first != second
