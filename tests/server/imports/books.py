"""Builders of messy workbooks, as bytes a person could have sent, and their plans."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from server.imports.child import read_book
from server.imports.plan import ImportPlan, RowPlan, SheetPlan
from server.imports.run import plan_book

KEY = "k" * 22
RED, ORANGE, GREEN, GREY, BLUE, YELLOW = "FFFF0000", "FFFFC000", "FF92D050", "FFBFBFBF", "FF00B0F0", "FFFFFF00"
HEADER = ("序号", "联系人", "电话", "详细地址", "被困人数", "紧急程度", "现状", "需求", "是否核实", "备注")


def book(*leaves: tuple[str, Sequence[Sequence[object]]], dress: Callable[[Workbook], None] | None = None) -> bytes:
    """An XLSX of leaves by name and lines; `dress` paints and merges."""
    made = Workbook()
    made.remove(made.active)
    for name, lines in leaves:
        sheet = made.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    if dress is not None:
        dress(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def paint(sheet: Worksheet, line: int, colour: str, *, columns: Sequence[int] = ()) -> None:
    """Fill the cells of a line."""
    for cell in sheet[line]:
        if not columns or cell.column in columns:
            cell.fill = PatternFill("solid", fgColor=colour)


def strike(sheet: Worksheet, line: int, *, columns: Sequence[int] = ()) -> None:
    """Strike a line through."""
    for cell in sheet[line]:
        if not columns or cell.column in columns:
            cell.font = Font(strike=True)


def plan(
    data: bytes, name: str = "求助.xlsx", *, given: dict[str, dict[str, object] | None] | None = None
) -> ImportPlan:
    """The plan of a file, made in this process."""
    return plan_book(read_book(data, name), key=KEY, given=given)


def plan_csv(text: str, name: str = "求助.csv", *, encoding: str = "utf-8") -> SheetPlan:
    """The plan of the one leaf of a CSV file."""
    return plan(text.encode(encoding), name).sheets[0]


def only(made: ImportPlan) -> RowPlan:
    """The one row of a plan."""
    rows = [row for sheet in made.sheets for row in sheet.rows]
    assert len(rows) == 1, [row.line for row in rows]
    return rows[0]


def one(header: Sequence[str], *cells: object, leaf: str = "求助") -> RowPlan:
    """The row that a header and one line give."""
    return only(plan(book((leaf, [header, cells]))))


def codes(row: RowPlan) -> list[str]:
    """What the row's doubts are about."""
    return [doubt.code for doubt in row.doubts]


def kept(row: RowPlan) -> str:
    """All that the row keeps word for word."""
    return "\n".join(row.raw)
