"""A row in the making: what the cells and marks of one line have said so far.

Pure. Passed along by `filling`, `marks` and `rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default

from schema.sheets import Sheet
from schema.values import Value
from server.imports.book import Line
from server.imports.cells import (
    Calendar,
    Mark,
)
from server.imports.plan import ColumnPlan, Doubt
from server.imports.positions import Point


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows of one sheet stand on."""

    file: str
    leaf: str
    sheet: Sheet
    columns: tuple[ColumnPlan, ...]
    calendars: Mapping[int, Calendar]
    legend: Mapping[str, Mark]
    key: str  # the workbook's HMAC key
    datum: str


@dataclass(slots=True)
class Making:
    """One row in the making."""

    line: Line
    sheet: Sheet
    headers: Mapping[int, str]
    paths: Mapping[int, str | None]
    public: dict[str, Value] = default(default_factory=dict)
    private: dict[str, Value] = default(default_factory=dict)
    notes: list[str] = default(default_factory=list)
    raw: list[str] = default(default_factory=list)
    doubts: list[Doubt] = default(default_factory=list)
    words: dict[str, list[str]] = default(default_factory=dict)  # text fields, fed by several columns
    codes: dict[str, str] = default(default_factory=dict)  # enumerations said in words
    unread: set[str] = default(default_factory=set)  # fields whose cell was not understood
    lat: float | None = None
    lon: float | None = None
    point: Point | None = None
    datum: str = ""
    cell: list[str] | None = None  # a position as our own export writes it
    serial: str = ""

    def keep(self, header: str, text: str) -> None:
        """Put words aside verbatim, in the private log."""
        line = f"{header}: {text}"
        if line not in self.raw:
            self.raw.append(line)

    def doubt(self, header: str, text: str, code: str, message: str) -> None:
        """Name a cell that was not understood, and keep it."""
        self.keep(header, text)
        self.note(header, text, code, message)

    def note(self, header: str, text: str, code: str, message: str) -> None:
        """Name a cell without keeping it again."""
        self.doubts.append(Doubt(self.line.number, header, text, code, message))

    def put(self, path: str, value: Value) -> None:
        target = self.sheet.fields[path.partition(":")[0]]
        (self.private if target.tier == "private" else self.public)[path] = value
