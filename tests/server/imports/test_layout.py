"""Where the table is in a sheet."""

from __future__ import annotations

from openpyxl import Workbook

from server.imports.child import read_book
from server.imports.layout import Layout, lay_out, letters
from tests.server.imports.books import HEADER, book, plan_csv

ROW = (1, "张三", "14200001111", "金水区花园路1号", 3, "紧急", "没水", "食物", "是", "")


def laid(data: bytes) -> Layout:
    return lay_out(read_book(data, "x.xlsx").leaves[0])


def test_im5_a_header_in_the_first_line_is_found() -> None:
    assert laid(book(("求助", [HEADER, ROW]))).header_line == 1


def test_im5_title_lines_and_hotlines_above_a_header_are_passed_over() -> None:
    titles = [
        ("河南暴雨待救援信息汇总　请勿乱改！！",),
        ("热线 110 119 电话都可打",),
        (),
        ("更新：2021-07-20 20:59", "联系志愿者", "QQ群"),
    ]
    layout = laid(book(("求助", [*titles, HEADER, ROW])))
    assert layout.header_line == 5
    assert [line.number for line in layout.titles] == [1, 2, 4]


def test_im5_two_header_lines_give_a_name_from_both() -> None:
    def merge(made: Workbook) -> None:
        sheet = made.worksheets[0]
        sheet.merge_cells("B1:C1")
        sheet.merge_cells("D1:E1")
        for column in "AF":
            sheet.merge_cells(f"{column}1:{column}2")

    upper = ("序号", "求助人", None, "被困情况", None, "备注")
    lower = (None, "姓名", "电话", "地点", "人数", None)
    layout = laid(book(("求助", [upper, lower, (1, "张三", "14200001111", "花园路", 3, "急")]), dress=merge))
    assert list(layout.headers.values()) == [
        "序号",
        "求助人›姓名",
        "求助人›电话",
        "被困情况›地点",
        "被困情况›人数",
        "备注",
    ]
    assert [line.number for line in layout.body] == [3]


def test_im5_two_header_lines_of_a_csv_are_joined_too() -> None:
    text = "序号,求助人,,被困情况,,备注\n,姓名,电话,地点,人数,\n1,张三,14200001111,花园路,3,急\n2,李四,14300001111,经三路,2,\n"
    assert [column.path for column in plan_csv(text).columns] == [
        "ext_id",
        "person_name",
        "contact_phone",
        "place",
        "people_total",
        "notes",
    ]


def test_im5_a_title_merged_over_the_whole_table_is_no_group() -> None:
    data = book(("求助", [("求助登记表",), HEADER, ROW]), dress=lambda made: made.worksheets[0].merge_cells("A1:J1"))
    assert list(laid(data).headers.values()) == list(HEADER)


def test_im6_a_cell_merged_downwards_holds_for_every_line_it_covers() -> None:
    lines = [("区县", "地址", "电话"), ("金水区", "花园路", "14200001111"), (None, "经三路", "14300002222")]
    layout = laid(book(("求助", lines), dress=lambda made: made.worksheets[0].merge_cells("A2:A3")))
    assert [line.cells[0] and line.cells[0].text for line in layout.body] == ["金水区", "金水区"]


def test_im11_a_table_without_a_header_has_columns_by_letter() -> None:
    sheet = plan_csv("张三,14200001111,金水区花园路1号院,3人\n李四,14300002222,二七区大学路,2人\n")
    assert sheet.header_line == 0
    assert {c.header: c.path for c in sheet.columns} == {
        "A": "person_name",
        "B": "contact_phone",
        "C": "place",
        "D": "people_total",
    }
    assert [row.line for row in sheet.rows] == [1, 2]


def test_two_columns_of_one_name_are_told_apart() -> None:
    layout = laid(book(("求助", [("姓名", "电话", "电话", "地址"), ("张", "14200001111", "14300002222", "花园路")])))
    assert list(layout.headers.values()) == ["姓名", "电话", "电话#2", "地址"]


def test_a_person_may_say_where_the_header_is() -> None:
    lines = [("姓名", "电话", "地址"), ("名字", "手机", "位置"), ("张", "14200001111", "花园路")]
    leaf = read_book(book(("求助", lines)), "x.xlsx").leaves[0]
    assert lay_out(leaf, 2).headers == {0: "名字", 1: "手机", 2: "位置"}
    assert lay_out(leaf, 0).header_line == 0


def test_columns_are_lettered_as_a_spreadsheet_does() -> None:
    assert [letters(i) for i in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
