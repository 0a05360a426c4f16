"""The child process a foreign file is parsed in: what it gives back, and what it survives."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from server.imports import child
from server.imports.errors import ImportFailed
from server.imports.fence import display_name, plan_file, read_map
from server.imports.reading import check_archive
from tests.server.imports.books import HEADER, KEY, book, plan

ROW = (1, "张三", "14200001111", "金水区花园路1号", 3, "紧急", "没水", "食物", "是", "")
GOOD = book(("求助", [HEADER, ROW]))
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def with_sheet(xml: bytes, *, stored: bool = False) -> bytes:
    """A good workbook with the XML of its sheet replaced."""
    out = io.BytesIO()
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(GOOD)) as source, zipfile.ZipFile(out, "w", kind) as made:
        for part in source.infolist():
            name = part.filename
            made.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return out.getvalue()


def failure(data: bytes, name: str = "x.xlsx") -> ImportFailed:
    with pytest.raises(ImportFailed) as caught:
        plan_file(data, name, key=KEY)
    assert caught.value.message
    return caught.value


def test_im4_the_plan_from_behind_the_fence_is_the_plan() -> None:
    assert plan_file(GOOD, "/tmp/求助.xlsx", key=KEY) == plan(GOOD, "求助.xlsx")


def test_im12_a_map_goes_behind_the_fence_with_the_file() -> None:
    made = plan_file(GOOD, "x.xlsx", key=KEY, given=read_map('{"求助": {"备注": null, "现状": "directions"}}'))
    assert made.sheets[0].rows[0].public["directions"] == "没水"
    with pytest.raises(ImportFailed) as caught:
        plan_file(GOOD, "x.xlsx", key=KEY, given={"求助": {"门派": None}})
    assert caught.value.code == "map-unknown-column"


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 5}', '{"a": {"b": 1}, 5: 6}'])
def test_im12_a_map_that_is_no_map_is_an_error(text: str) -> None:
    with pytest.raises(ImportFailed) as caught:
        read_map(text)
    assert caught.value.code == "map-malformed"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"  \n", "file-empty"),
        (b"PK\x03\x04 not a zip at all", "file-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file-old-excel"),
        (b"%PDF-1.7 ...", "file-not-a-table"),
        (b"\x89PNG\r\n\x1a\n", "file-not-a-table"),
    ],
    ids=["nothing", "blanks", "half a zip", "old excel", "pdf", "picture"],
)
def test_im1_what_is_no_table_is_an_error_with_what_to_do(data: bytes, code: str) -> None:
    assert failure(data).code == code


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"0" * 30_000_000, "file-bomb"),
        (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>', "file-damaged"),
        (HEAD + b"<a>" * 60_000, "file-damaged"),
        (HEAD + b'<row r="1"><c r="XFD1" t="n"><v>1</v></c></row></sheetData></worksheet>', "sheet-too-wide"),
        (HEAD + b'<row r="1"><c r="A1" t="s"><v>999</v></c></row></sheetData></worksheet>', "file-damaged"),
        (b"<worksheet", "file-damaged"),
    ],
    ids=["zeros", "entities", "deep", "wide", "string that is not there", "cut off"],
)
def test_im4_a_file_built_to_exhaust_is_an_error(xml: bytes, code: str) -> None:
    assert failure(with_sheet(xml)).code == code


def test_im4_too_many_lines_are_an_error() -> None:
    lines = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (i, i, i * 7919) for i in range(1, 20_003))
    assert failure(with_sheet(HEAD + lines + b"</sheetData></worksheet>")).code == "sheet-too-long"


def test_im4_a_million_formatted_blank_lines_are_no_lines() -> None:
    lines = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (i, i) for i in range(1, 40_000))
    xml = HEAD + lines + b"</sheetData></worksheet>"
    assert plan_file(with_sheet(xml, stored=True), "x.xlsx", key=KEY).rows == 0


def test_im4_parts_that_unpack_beyond_all_measure_are_refused_before_unpacking() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        made.writestr("xl/worksheets/sheet1.xml", b"x" * (49 * 1024 * 1024))
    with pytest.raises(ImportFailed) as caught:
        check_archive(out.getvalue())
    assert caught.value.code == "file-too-large"


def test_im4_a_child_that_runs_out_of_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With less memory than openpyxl itself needs, the child ends as it would with a file that wants too much."""
    small = "from server.imports import child; child.MAX_MEMORY_BYTES = 1024; raise SystemExit(child.main())"
    monkeypatch.setattr("server.imports.fence.CHILD", [sys.executable, "-c", small])
    assert failure(GOOD).code == "file-too-heavy"


def test_im4_a_child_that_loops_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.imports.fence.CHILD", [sys.executable, "-c", "while True: pass"])
    monkeypatch.setattr("server.imports.fence.MAX_WALL_S", 1)
    assert failure(GOOD).code == "file-too-heavy"


def test_im4_a_fault_of_ours_is_an_error_that_tells_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.imports.fence.CHILD", [sys.executable, "-c", "raise ValueError('张三 14200001111')"])
    error = failure(GOOD)
    assert (error.code, error.message) == ("file-not-read", "reading the file failed (ValueError)")


def test_im4_the_limits_are_those_the_spec_names() -> None:
    assert (child.MAX_MEMORY_BYTES, child.MAX_CPU_S) == (512 * 1024 * 1024, 20)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/srv/x/求助.xlsx", "求助.xlsx"),
        ("C:\\files\\b.csv", "b.csv"),
        ("a\nb\x00.csv", "ab.csv"),
        ("", "file"),
        ("/", "file"),
    ],
)
def test_im23_a_file_is_called_by_its_name_alone(name: str, shown: str) -> None:
    assert display_name(name) == shown
