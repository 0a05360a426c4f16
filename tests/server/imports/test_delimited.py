"""CSV bytes become cells, whatever program wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.imports.delimited import decode, find_delimiter, read_delimited
from server.imports.errors import ImportFailed
from tests.server.imports.books import plan_csv

TABLE = "姓名,电话,地址\n张三,14200001111,郑州市金水区花园路1号\n李四,14300002222,二七区大学路\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8"),
        (TABLE.encode("gbk"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_im2_the_encoding_is_found_by_the_bytes(data: bytes, encoding: str) -> None:
    assert decode(data) == (TABLE, encoding)


def test_im2_western_accents_are_not_taken_for_chinese() -> None:
    text = "Téléphone;Besoin d'eau;Vérifié;à côté de l'école\n" * 5
    assert decode(text.encode("cp1252")) == (text, "cp1252")


def test_im2_one_damaged_character_does_not_change_the_encoding_of_a_file() -> None:
    data = TABLE.encode() * 20
    text, encoding = decode(data[:40] + b"\xff" + data[40:])
    assert encoding == "utf-8"
    assert "金水区" in text


@given(st.binary(max_size=400))
def test_im2_any_bytes_decode(data: bytes) -> None:
    text, encoding = decode(data)
    assert isinstance(text, str)
    assert encoding


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_im2_the_delimiter_is_the_one_that_cuts_evenly(delimiter: str) -> None:
    text = TABLE.replace(",", delimiter).replace("花园路1号", "花园路，1号")
    assert find_delimiter(text) == delimiter


def test_im2_a_line_that_names_the_delimiter_decides() -> None:
    book = read_delimited(b"sep=;\na;b\n1,5;2\n", "x.csv")
    assert [[cell.text for cell in line.cells if cell] for line in book.leaves[0].lines] == [["a", "b"], ["1,5", "2"]]


def test_a_cell_of_many_lines_keeps_them_and_the_next_row_its_line_number() -> None:
    sheet = plan_csv('姓名,电话,情况\n张三,14200001111,"没水\n没电"\n李四,14300002222,好\n')
    assert [(row.line, row.public["summary"]) for row in sheet.rows] == [(2, "没水\n没电"), (4, "好")]


def test_im3_a_formula_in_a_csv_is_kept_and_a_literal_number_is_one() -> None:
    sheet = plan_csv('姓名,电话,情况\n张三,"=""14200001111""","=HYPERLINK(""http://x.example"",""点我"")"\n')
    row = sheet.rows[0]
    assert row.private["contact_phone"] == "14200001111"
    assert "summary" not in row.public
    assert "HYPERLINK" in row.raw[0]
    assert [doubt.code for doubt in row.doubts] == ["formula"]


@pytest.mark.parametrize("text", ["-5", "+86 142 0000 1111", "@某某", "-- 见备注 --", "=== 分割 ==="])
def test_im3_words_that_only_begin_like_a_formula_are_words(text: str) -> None:
    cell = read_delimited(f"a,b\n{text},1\n".encode(), "x.csv").leaves[0].lines[1].cells[0]
    assert cell is not None
    assert (cell.text, cell.formula) == (text, "")


def test_im4_too_many_lines_are_an_error_that_says_so() -> None:
    with pytest.raises(ImportFailed) as caught:
        read_delimited(b"a,b\n" * 20_001, "x.csv")
    assert caught.value.code == "sheet-too-long"


def test_im4_too_many_columns_are_an_error_that_names_the_line() -> None:
    with pytest.raises(ImportFailed) as caught:
        read_delimited(b"a,b\n" + b",".join(b"x" for _ in range(101)) + b"\n", "x.csv")
    assert caught.value.code == "sheet-too-wide"
    assert "line 2" in caught.value.message


def test_im4_a_quote_that_never_closes_is_an_error() -> None:
    with pytest.raises(ImportFailed) as caught:
        read_delimited(b'a,b\n"' + b"x,\n" * 100_000, "x.csv")
    assert caught.value.code == "file-damaged"


def test_im1_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises(ImportFailed) as caught:
        read_delimited(bytes(range(1, 32)) * 200, "x.csv")
    assert caught.value.code == "file-not-a-table"
