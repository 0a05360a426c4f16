"""Colours and strike-through of a line, and what they say of its row beside the words (rules IM15 to IM17).

Pure. Imported by `rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from server.imports.book import Line
from server.imports.cells import Mark
from server.imports.legend import Meaning, colour_name
from server.imports.making import Ground, Making

# A mark counts for the row when this share of its written cells carries it.
ROW_SHARE = 0.5

_ENDED = ("rescued", "self_safe", "done_by_others", "not_needed", "duplicate", "invalid", "handed_official", "deceased")


@dataclass(frozen=True, slots=True)
class RowMarks:
    """The marks of one line: what speaks for the row, and what stands apart from it."""

    colour: str  # of the row: what most of its written cells are filled with
    ink: str
    strike: bool
    fills: Mapping[int, str]  # column → colour of cells that differ from the row
    struck: tuple[int, ...]  # columns struck through alone


def marks_of(line: Line) -> RowMarks:
    """The marks of a line, before anybody says what they mean."""
    cells = [(i, cell) for i, cell in enumerate(line.cells) if cell is not None and cell.text.strip()]
    if not cells:
        return RowMarks("", "", False, {}, ())
    fills = Counter(name for _, cell in cells if (name := colour_name(cell.fill)))
    inks = Counter(name for _, cell in cells if (name := colour_name(cell.ink)))
    colour = next((name for name, count in fills.most_common(1) if count >= len(cells) * ROW_SHARE), "")
    ink = next((name for name, count in inks.most_common(1) if count >= len(cells) * ROW_SHARE), "")
    struck = [i for i, cell in cells if cell.strike == "all"]
    strike = len(struck) >= max(1, len(cells) * ROW_SHARE)
    apart = {i: name for i, cell in cells if (name := colour_name(cell.fill)) and name != colour}
    return RowMarks(colour, ink, strike, apart, () if strike else tuple(struck))


def fitting(table: Mapping[str, Meaning], ground: Ground, dress: Collection[str]) -> dict[str, Meaning]:
    """The meanings a sheet of ours can hold; custom is the custom of request sheets only."""
    out: dict[str, Meaning] = {}
    for name, meaning in table.items():
        target = ground.sheet.fields.get(meaning.mark.field)
        if target is None or target.option(meaning.mark.code) is None:
            continue
        if meaning.by == "custom" and (ground.sheet.id != "help" or name in dress):
            continue
        out[name] = meaning
    return out


def apply_marks(making: Making, marks: RowMarks, table: Mapping[str, Meaning]) -> None:
    """Let a line's marks say what they mean; what means nothing is kept in words."""
    said_by: list[tuple[Meaning, str]] = []
    if marks.strike:
        if "strike" in table:
            said_by.append((table["strike"], "strike"))
        else:
            making.doubt(
                "划线", "整行划线", "struck-through", "the line is struck through, and nothing says what that means"
            )
    colour = marks.colour
    if not colour:
        # One painted cell speaks for the row where it is the cell that holds the state.
        colour = next(
            (
                name
                for column, name in marks.fills.items()
                if name in table and _holds_state(making, column, table[name].mark.field)
            ),
            "",
        )
    if colour and colour in table:
        said_by.append((table[colour], colour))
    elif colour:
        making.keep("颜色", colour)
    if not colour and marks.ink:
        if marks.ink in table and table[marks.ink].by == "legend":
            said_by.append((table[marks.ink], marks.ink))
        else:
            making.keep("字色", marks.ink)
    for column, name in marks.fills.items():
        if name != colour:
            making.keep(f"颜色 {_header(making, column)}", name)
    for column in marks.struck:
        cell = making.line.cells[column]
        if cell is not None:
            making.doubt(
                _header(making, column), cell.text, "struck-cell", "this cell alone is struck through; it is taken"
            )
    for meaning, mark in said_by:
        _say(making, meaning.mark, mark)


def _header(making: Making, column: int) -> str:
    return making.headers.get(column, str(column + 1))


def _holds_state(making: Making, column: int, state: str) -> bool:
    return making.paths.get(column) in (state, "ext_id", "urgency", "outcome", "verify_state")


def _say(making: Making, mark: Mark, by: str) -> None:
    """A mark says a state: alone, with the cell, or against it. The more dangerous of two urgencies is taken."""
    code = making.codes.get(mark.field)
    target = making.sheet.fields[mark.field]
    if code is None or code == mark.code:
        making.codes[mark.field] = mark.code
        return
    if mark.field == "urgency":
        order = target.danger
        if code == "unknown" or order.index(mark.code) < order.index(code):
            making.codes[mark.field] = mark.code
        if code not in ("unknown",):
            making.note(
                by,
                f"{code} / {mark.code}",
                "mark-and-word-differ",
                "colour and word name different urgencies; the higher is taken",
            )
        return
    if mark.field == "outcome":
        if code == "open" or (by == "strike" and code not in _ENDED):
            making.codes[mark.field] = mark.code
            making.note(
                by,
                f"{code} / {mark.code}",
                "mark-and-word-differ",
                "the status says one thing and the mark another; the mark is taken",
            )
        elif code not in _ENDED or mark.code not in _ENDED:
            making.doubt(
                by,
                f"{code} / {mark.code}",
                "mark-and-word-differ",
                "the status says one thing and the mark another; the first is taken",
            )
        return
    if code in ("unverified", "unknown"):
        making.codes[mark.field] = mark.code
    else:
        making.doubt(by, f"{code} / {mark.code}", "mark-and-word-differ", "cell and colour differ; the cell is taken")
