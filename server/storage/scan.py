"""Rows read beside the loop: a connection of its own, for what reads every row and must hold nobody up.

I/O. Used from one thread at a time; committed state only. Imported by `server/duplicates.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from schema.row import Cells, from_plain
from server.storage.connection import connect, storage_error

_decode = msgspec.json.Decoder(dict[str, list[list[Any]]]).decode


@dataclass(frozen=True, slots=True)
class ScannedRow:
    """Both tiers of a row, folded."""

    sheet: str
    row: str
    no: int
    created_ms: int
    public: Cells
    private: Cells
    erased: bool


class Scan:
    """Opened on first use, in the thread that uses it. Raises StorageError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None

    def last_seq(self, workbook: str) -> int:
        """The last position of the log."""
        found = self._ask("SELECT max(seq) FROM entries WHERE workbook = ?", workbook)
        return found[0][0] or 0

    def page(self, workbook: str, *, after: int, limit: int) -> tuple[list[ScannedRow], int]:
        """Rows in the order they were made, and where the next page begins; the same place again at the end."""
        lines = self._ask(
            f"SELECT id, {_COLUMNS} WHERE workbook = ? AND id > ? ORDER BY id LIMIT ?", workbook, after, limit
        )
        return [_row(line[1:]) for line in lines], lines[-1][0] if lines else after

    def touched(self, workbook: str, *, after: int, limit: int) -> tuple[list[tuple[str, str]], int]:
        """Rows that log entries past a position are of, each once, and the position reached."""
        lines = self._ask(
            "SELECT sheet, row, seq FROM entries WHERE workbook = ? AND seq > ? ORDER BY seq LIMIT ?",
            workbook,
            after,
            limit,
        )
        return list(dict.fromkeys((sheet, row) for sheet, row, _ in lines)), lines[-1][2] if lines else after

    def row(self, workbook: str, sheet: str, row: str) -> ScannedRow | None:
        """One row; None where there is none (yet)."""
        lines = self._ask(f"SELECT {_COLUMNS} WHERE workbook = ? AND sheet = ? AND row = ?", workbook, sheet, row)
        return _row(lines[0]) if lines else None

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _ask(self, sql: str, *parameters: object) -> list[Any]:
        try:
            if self._conn is None:
                self._conn = connect(self._path, reader=True)
            return self._conn.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            self.close()
            raise storage_error("scan", error) from error


_COLUMNS = "sheet, row, no, created_ms, public, private, erased FROM rows"


def _row(line: Any) -> ScannedRow:
    sheet, row, no, created_ms, public, private, erased = line
    cells: list[Mapping[str, Any]] = [from_plain(_decode(public)), from_plain(_decode(private))]
    return ScannedRow(sheet, row, no, created_ms, dict(cells[0]), dict(cells[1]), bool(erased))
