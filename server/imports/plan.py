"""What an import would do, said before it does it: sheets, columns, rows, remarks, doubts.

Pure. Made by `run`, shown by the command line and the app, applied by `run`. A dry run is this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schema.values import Value


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of the file and where it goes; `path` is None where it is kept in `import_raw` alone."""

    column: int
    header: str
    path: str | None
    sample: str
    why: str  # name | content | map | ours | none: who decided


@dataclass(frozen=True, slots=True)
class Doubt:
    """One cell (or mark) that was not understood, or only in part; its words are kept in the row."""

    line: int
    header: str
    text: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A line that is no row: title, note, advertisement, legend, total, header again, example, empty."""

    line: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row to be: what is written in each tier. `notes` and `raw` are lines of the two logs, one edit can hold one of each."""

    line: int
    secret: str
    public: Mapping[str, Value]
    private: Mapping[str, Value]
    notes: tuple[str, ...] = ()  # public, masked
    notes_raw: tuple[str, ...] = ()  # the same words unmasked, where they differ
    raw: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet of the file: which of ours it is (None: nothing is imported), how it was read, what becomes of each line."""

    name: str
    sheet: str | None
    why: str
    header_line: int
    hidden: bool
    columns: tuple[ColumnPlan, ...]
    rows: tuple[RowPlan, ...]
    remarks: tuple[Remark, ...]
    notes: tuple[str, ...] = ()
    colours: Mapping[str, str] | None = None  # colour → field=code (by whom)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """One file."""

    file: str
    encoding: str
    sheets: tuple[SheetPlan, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(len(sheet.rows) for sheet in self.sheets)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(doubt for sheet in self.sheets for row in sheet.rows for doubt in row.doubts)


def map_of(plan: ImportPlan) -> dict[str, dict[str, object]]:
    """The map a dry run prints: edit it and give it back with `--map` (rule IM12)."""
    out: dict[str, dict[str, object]] = {}
    for sheet in plan.sheets:
        columns: dict[str, object] = {"@sheet": sheet.sheet, "@header": sheet.header_line}
        for column in sheet.columns:
            columns[column.header] = column.path
        out[sheet.name] = columns
    return out
