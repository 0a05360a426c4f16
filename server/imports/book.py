"""A workbook as plain cells: what reading gives and layout takes.

Pure. Imported by everything under `server/imports`. A cell keeps what was typed and the marks around it, and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "time", "bool", "error"]
Strike = Literal["", "part", "all"]

MAX_LINES = 20_000  # a sheet of the 2021 flood had ~2,000; above this a file is split, not read in one go
MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One written cell: `text` verbatim, and the marks around it."""

    text: str
    kind: Kind = "text"
    fill: str = ""  # RRGGBB, "" for none
    ink: str = ""  # font colour, RRGGBB, "" for automatic
    strike: Strike = ""
    kept: str = ""  # of a cell struck in part: the rest
    formula: str = ""
    cached: bool = True  # false where a formula came without the value it last had
    link: str = ""
    note: str = ""  # a comment somebody hung on the cell


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet that holds anything; `cells` by column from 0, None where nothing is written."""

    number: int  # as the file counts, from 1
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of merged cells: lines from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet of the file. (`Sheet` is ours, a leaf is theirs.)"""

    name: str
    lines: tuple[Line, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    conditional: bool = False  # colours made by rules are not read: only Excel could evaluate them


@dataclass(frozen=True, slots=True)
class Book:
    """A whole file; `written` is when it says it was last saved (ISO 8601), "" if it does not say."""

    file: str
    leaves: tuple[Leaf, ...]
    written: str = ""
    encoding: str = ""
    notes: tuple[str, ...] = field(default=())


def cell_text(cell: Cell | None) -> str:
    """What a cell says, without surrounding blanks; "" for none."""
    return cell.text.strip() if cell is not None else ""


def said(cell: Cell | None) -> str:
    """What a cell still says: of a cell struck through in part, the rest."""
    if cell is None:
        return ""
    return (cell.kept if cell.strike == "part" else cell.text).strip()


def filled(line: Line) -> list[tuple[int, Cell]]:
    """The columns of a line that say something."""
    return [(i, cell) for i, cell in enumerate(line.cells) if cell is not None and cell.text.strip()]
