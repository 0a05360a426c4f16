"""XLSX bytes become plain cells, with the marks around them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Color, Font, PatternFill

from server.imports.book import Cell, Line
from server.imports.child import read_book
from server.imports.reading import clean
from tests.server.imports.books import HEADER, book, plan, strike


def first(data: bytes) -> Line:
    return read_book(data, "x.xlsx").leaves[0].lines[0]


def cell(value: object, form: str = "General") -> Cell:
    def dress(made: Workbook) -> None:
        made.worksheets[0]["A1"].number_format = form

    found = first(book(("x", [(value,)]), dress=dress)).cells[0]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "form", "text", "kind"),
    [
        (14200001111, "General", "14200001111", "number"),
        (5.0, "General", "5", "number"),
        (34.746612, "General", "34.746612", "number"),
        (0.1, "0%", "10%", "number"),
        (True, "General", "TRUE", "bool"),
        (dt.datetime(2021, 7, 20, 20, 59), "yyyy-mm-dd hh:mm", "2021-07-20 20:59", "time"),
        (dt.date(2021, 7, 20), "yyyy-mm-dd", "2021-07-20", "time"),
        ("  约5人 ", "General", "  约5人 ", "text"),
    ],
)
def test_a_cell_reads_as_it_is_shown(value: object, form: str, text: str, kind: str) -> None:
    found = cell(value, form)
    assert (found.text, found.kind) == (text, kind)


@pytest.mark.parametrize(
    ("colour", "rgb"),
    [
        (Color(rgb="FFFF0000"), "FF0000"),
        (Color(indexed=10), "FF0000"),
        (Color(theme=4), "4F81BD"),
        (Color(theme=0, tint=-0.25), "BFBFBF"),
    ],
    ids=["given", "indexed", "theme", "theme with tint"],
)
def test_im15_a_fill_is_read_however_it_is_written(colour: Color, rgb: str) -> None:
    def dress(made: Workbook) -> None:
        made.worksheets[0]["A1"].fill = PatternFill("solid", fgColor=colour)

    found = first(book(("x", [("张三",)]), dress=dress)).cells[0]
    assert found is not None
    assert found.fill == rgb


def test_strike_through_and_a_coloured_font_are_read() -> None:
    def dress(made: Workbook) -> None:
        made.worksheets[0]["A1"].font = Font(strike=True, color="FFFF0000")

    found = first(book(("x", [("张三",)]), dress=dress)).cells[0]
    assert found is not None
    assert (found.strike, found.ink) == ("all", "FF0000")


def test_im3_the_value_a_formula_last_had_is_read_and_the_formula_kept() -> None:
    """openpyxl writes no values beside formulas, so one is put into the XML as Excel would."""
    data = book(("求助", [("联系人", "电话", "被困人数", "地址"), ("张三", "14200001111", "=2+3", "花园路")]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as made:
        for part in source.infolist():
            text = source.read(part.filename)
            made.writestr(
                part.filename,
                text.replace(b"<f>2+3</f><v></v>", b"<f>2+3</f><v>5</v>").replace(
                    b"<f>2+3</f><v />", b"<f>2+3</f><v>5</v>"
                ),
            )
    row = plan(out.getvalue()).sheets[0].rows[0]
    assert row.public["people_total"] == 5
    assert "=2+3" in row.raw[0]
    assert row.doubts == ()


def test_im10_a_hidden_leaf_is_read_and_said_to_be_hidden() -> None:
    def hide(made: Workbook) -> None:
        made["求助二"].sheet_state = "hidden"

    line = (1, "张三", "14200001111", "花园路", 3, "急", "x", "食物", "是", "")
    data = book(("求助", [HEADER, line]), ("求助二", [HEADER, (2, "李四", *line[2:])]), dress=hide)
    sheets = plan(data).sheets
    assert [(sheet.hidden, len(sheet.rows)) for sheet in sheets] == [(False, 1), (True, 1)]
    assert "this sheet is hidden in the file" in sheets[1].notes


def test_blank_lines_keep_their_numbers_out_of_the_way() -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"], sheet["A5"], sheet["C9"] = "甲", "乙", "丙"
    strike(sheet, 5)
    out = io.BytesIO()
    made.save(out)
    lines = read_book(out.getvalue(), "x.xlsx").leaves[0].lines
    assert [(line.number, len(line.cells)) for line in lines] == [(1, 1), (5, 1), (9, 3)]


def test_control_characters_and_half_pairs_are_left_out() -> None:
    assert clean("a\x00b\x1fc\ud800d\r\ne\tf_x000D_") == "abcd\ne\tf"
