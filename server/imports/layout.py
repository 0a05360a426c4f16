"""Where the table is in a sheet: title lines above, one or two header lines, the lines under it.

Pure. Imported by `mapping` and `run`. It knows only what headers are called (`naming`), nothing of what columns hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.imports.book import Cell, Leaf, Line, Merge, cell_text, filled
from server.imports.naming import GROUP, is_header_name, normal_name

_SEARCHED_LINES = 60  # titles, rules and hotlines above a table fill a screen at most
_DATA = re.compile(r"\d{5,}|\*{3,}|https?://|\d{1,2}[:：]\d{2}|[。；！!]")


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet cut into what stands above the header, the header's columns, and the lines below it."""

    name: str
    header_line: int  # 0 where there is none: columns are then called by their letters
    headers: Mapping[int, str]  # column → its name, all different
    titles: tuple[Line, ...]
    body: tuple[Line, ...]


def lay_out(leaf: Leaf, header_line: int | None = None) -> Layout:
    """The layout of a sheet; `header_line` where a person says it (0: there is none)."""
    lines = spread_merges(leaf.lines, leaf.merges)
    if header_line is None:
        place = find_header(lines)
    else:
        place = next((i for i, line in enumerate(lines) if line.number == header_line), None)
    if place is None:
        return _headless(leaf.name, lines)
    first, last = _header_block(lines, place, leaf.merges)
    headers = _header_names(lines[first : last + 1], leaf.merges)
    body = lines[last + 1 :]
    # Columns nobody named may hold words all the same.
    for line in body:
        for column, _ in filled(line):
            if column not in headers:
                headers[column] = letters(column)
    return Layout(leaf.name, lines[place].number, _different(headers), tuple(lines[:first]), tuple(body))


def find_header(lines: Sequence[Line]) -> int | None:
    """The index of the line that names the columns, or None."""
    width = _usual_width(lines)
    best: tuple[float, int] | None = None
    for place, line in enumerate(lines[:_SEARCHED_LINES]):
        cells = filled(line)
        if len(cells) < 2 or len({text for _, cell in cells if (text := cell_text(cell))}) < 2:
            continue
        names = [is_header_name(cell_text(cell)) for _, cell in cells]
        hits = sum(strength >= 0.7 for strength in names)
        data = sum(1 for _, cell in cells if _is_data(cell))
        score = sum(names) + 0.1 * min(len(cells), width) - 1.5 * data
        if hits < 2 and not (hits == 1 and len(cells) <= 3 and data == 0):
            continue
        if score > 0 and (best is None or score > best[0] + 0.01):
            best = (score, place)
    if best is not None:
        return best[1]
    return _unlike_the_rest(lines, width)


def _unlike_the_rest(lines: Sequence[Line], width: int) -> int | None:
    """A first wide line of short, different words over lines that hold numbers: a header in words we do not know."""
    for place, line in enumerate(lines[:_SEARCHED_LINES]):
        cells = filled(line)
        if len(cells) < max(2, width * 0.6):
            continue
        texts = [cell_text(cell) for _, cell in cells]
        if any(_is_data(cell) or cell.kind in ("number", "time") or len(cell.text) > 24 for _, cell in cells):
            return None
        if len(set(texts)) < len(texts):
            return None
        below = lines[place + 1 : place + 20]
        for column, _ in cells:
            values = [cell for line in below if column < len(line.cells) and (cell := line.cells[column])]
            if (
                len(values) >= 2
                and sum(_is_data(cell) or cell.kind in ("number", "time") for cell in values) > len(values) / 2
            ):
                return place
        return None
    return None


def _is_data(cell: Cell) -> bool:
    text = unicodedata.normalize("NFKC", cell.text)
    return cell.kind in ("number", "time", "bool") or _DATA.search(text) is not None or text.strip().isdigit()


def _usual_width(lines: Sequence[Line]) -> int:
    widths = Counter(len(filled(line)) for line in lines[:400])
    return max(widths, key=lambda width: (widths[width] * min(width, 6), width)) if widths else 0


def _header_block(lines: Sequence[Line], place: int, merges: Sequence[Merge]) -> tuple[int, int]:
    """First and last index of the header: one line, or two where a group stands over names."""
    first = last = place
    if place > 0 and _is_group(lines[place - 1], lines[place], merges):
        first = place - 1
    elif place + 1 < len(lines) and _is_group(lines[place], lines[place + 1], merges):
        last = place + 1
    return first, last


def _is_group(upper: Line, lower: Line, merges: Sequence[Merge]) -> bool:
    """Whether `upper` groups the names in `lower`: merged across, with names under it, and nothing under the rest."""
    if lower.number != upper.number + 1:
        return False
    across = [m for m in merges if m.top <= upper.number <= m.bottom < lower.number and m.right > m.left]
    down = {c for m in merges if m.top <= upper.number and m.bottom >= lower.number for c in range(m.left, m.right + 1)}
    under = [(column, cell) for column, cell in filled(lower) if column not in down]
    if len(under) < 2 or any(_is_data(cell) or len(cell.text) > 20 for _, cell in under):
        return False
    if len(filled(upper)) < 2 and not down:
        return False  # a title merged over everything groups nothing
    grouped = {c for m in across for c in range(m.left, m.right + 1)}
    named_above = {column for column, _ in filled(upper)} - grouped
    inside = sum(column in grouped for column, _ in under)
    # Without merges (CSV), a group's name stands over its first column and blanks follow it.
    if not across:
        blanks = [column for column, _ in under if column not in named_above]
        alone = named_above - {column for column, _ in filled(lower)}  # a name that needs none under it
        return bool(blanks) and bool(alone) and _names(under) >= 0.5
    return inside >= 2 and inside >= len(under) * 0.6


def _names(cells: Sequence[tuple[int, Cell]]) -> float:
    return sum(is_header_name(cell_text(cell)) >= 0.55 for _, cell in cells) / len(cells)


def _header_names(block: Sequence[Line], merges: Sequence[Merge]) -> dict[int, str]:
    names: dict[int, str] = {}
    if len(block) == 1:
        return {column: cell_text(cell) for column, cell in filled(block[0])}
    upper, lower = block
    tops = {column: cell_text(cell) for column, cell in filled(upper)}
    reach = ""
    width = max(len(upper.cells), len(lower.cells))
    covered = {c: m.left for m in merges if m.top <= upper.number <= m.bottom for c in range(m.left, m.right + 1)}
    for column in range(width):
        if column in tops:
            reach = tops[column]
        elif column in covered:
            reach = tops.get(covered[column], "")
        elif covered:
            reach = ""
        below = cell_text(lower.cells[column]) if column < len(lower.cells) else ""
        above = reach if (below or column in tops) else ""
        if below and above and below != above:
            names[column] = f"{above}{GROUP}{below}"
        elif below or above:
            names[column] = below or above
    return names


def _headless(name: str, lines: Sequence[Line]) -> Layout:
    columns = sorted({column for line in lines for column, _ in filled(line)})
    return Layout(name, 0, {column: letters(column) for column in columns}, (), tuple(lines))


def _different(headers: Mapping[int, str]) -> dict[int, str]:
    """Headers with a number behind the second of a name: 电话, 电话#2."""
    out: dict[int, str] = {}
    count: Counter[str] = Counter()
    for column in sorted(headers):
        name = re.sub(r"\s+", " ", headers[column]).strip()
        count[name] += 1
        out[column] = name if count[name] == 1 else f"{name}#{count[name]}"
    return out


def letters(column: int) -> str:
    """What a spreadsheet calls a column: A, B, … AA."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def spread_merges(lines: Sequence[Line], merges: Sequence[Merge]) -> list[Line]:
    """Lines with the value of a cell merged downwards repeated in every line it covers.

    Sideways it is not repeated: a line merged across the table is a remark, not many cells.
    """
    down = [m for m in merges if m.bottom > m.top and m.left == m.right]
    if not down:
        return list(lines)
    by_number = {line.number: line for line in lines}
    added: dict[int, dict[int, Cell]] = {}
    for merge in down:
        source = by_number.get(merge.top)
        cell = source.cells[merge.left] if source is not None and merge.left < len(source.cells) else None
        if cell is None or not cell.text.strip():
            continue
        for number in range(merge.top + 1, merge.bottom + 1):
            # A line that holds nothing of its own stays none: a merge may run past the end of the table.
            if number in by_number:
                added.setdefault(number, {})[merge.left] = replace(cell, note="")
    out = []
    for line in lines:
        extra = added.get(line.number)
        if extra:
            cells = list(line.cells) + [None] * (max(extra) + 1 - len(line.cells))
            for column, cell in extra.items():
                if cells[column] is None or not cell_text(cells[column]):
                    cells[column] = cell
            line = Line(line.number, tuple(cells))
        out.append(line)
    return out


def is_header_again(line: Line, headers: Mapping[int, str]) -> bool:
    """Whether a line repeats the header: somebody pasted the table's top again."""
    cells = filled(line)
    same = sum(
        normal_name(cell_text(cell)) == normal_name(headers.get(column, "").split(GROUP)[-1]) for column, cell in cells
    )
    return len(cells) >= 2 and same >= max(2, len(cells) * 0.6)
