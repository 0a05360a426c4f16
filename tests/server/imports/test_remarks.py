"""Which lines under the header are no rows."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from server.imports.plan import SheetPlan
from tests.server.imports.books import HEADER, book, kept, plan

FIRST = (1, "张三", "14200001111", "金水区花园路1号", 3, "紧急", "没水", "食物", "是", "")
LAST = (2, "李四", "14300002222", "二七区大学路", 2, "一般", "没电", "食物", "否", "")


def between(*cells: object) -> SheetPlan:
    """The plan of a sheet with one strange line between two rows."""
    return plan(book(("求助", [HEADER, FIRST, cells, LAST]))).sheets[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("志愿者休息，请夜班接力", "note"),
        ("——以下为21日凌晨新增——", "note"),
        ("注：已联系的请在备注里写明", "note"),
        ("【广告】本店抽水泵低价，加微信xx", "advertisement"),
        ("出售皮划艇，批发价 14200009999", "advertisement"),
        ("红色=非常紧急　绿色=已救出", "legend"),
    ],
)
def test_im9_a_line_shouted_between_rows_is_no_row(text: str, kind: str) -> None:
    sheet = between(text)
    assert [row.line for row in sheet.rows] == [2, 4]
    assert [(remark.line, remark.kind, remark.text) for remark in sheet.remarks] == [(3, kind, text)]


def test_im9_the_header_pasted_again_is_no_row() -> None:
    sheet = between(*HEADER)
    assert [remark.kind for remark in sheet.remarks] == ["header"]


def test_im9_a_total_is_no_row() -> None:
    sheet = between("合计", None, None, None, 5)
    assert [remark.kind for remark in sheet.remarks] == ["total"]


def test_im9_a_line_numbered_beforehand_is_no_row() -> None:
    sheet = between(3)
    assert [remark.kind for remark in sheet.remarks] == ["empty"]


def test_im9_an_example_is_no_row() -> None:
    sheet = between("示例", "王某某", "14200000000", "某市某区", 1)
    assert [remark.kind for remark in sheet.remarks] == ["example"]


def test_im6_a_line_merged_across_the_table_is_no_row() -> None:
    def merge(made: Workbook) -> None:
        made.worksheets[0].merge_cells("A3:J3")

    sheet = plan(book(("求助", [HEADER, FIRST, ("二七区的往下填",), LAST]), dress=merge)).sheets[0]
    assert [remark.line for remark in sheet.remarks] == [3]


@pytest.mark.parametrize(
    "text",
    ["急！荥阳市刘沟村有20人被困，电话14200008888，没水没电", "救命 米河镇小里河村 老人小孩被困房顶 14300007777"],
)
def test_im9_a_plea_typed_into_one_cell_is_a_row(text: str) -> None:
    sheet = between(text)
    row = sheet.rows[1]
    assert row.line == 3
    assert text in kept(row)
    assert "****" in str(row.public["summary"])
    assert row.private["summary"] == text
    assert str(row.private["contact_phone"]) in text


def test_im9_an_address_alone_under_its_header_is_a_row() -> None:
    sheet = between(None, None, None, "中牟县韩寺镇")
    assert [row.line for row in sheet.rows] == [2, 3, 4]


def test_im9_a_row_with_words_of_an_advertisement_stays_a_row_and_is_listed() -> None:
    sheet = between(9, "王五", "14200005555", "金水区家电批发市场", 4, "紧急", "被困", "食物", "", "")
    row = sheet.rows[1]
    assert row.line == 3
    assert "may-be-advertisement" in [doubt.code for doubt in row.doubts]
