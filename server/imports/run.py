"""A file becomes a plan: an import, top to bottom, up to the moment it writes anything.

Pure. Called by `child`, behind the fence.

    1 read     bytes → cells                 reading, delimited
    2 lay out  where the table is            layout
    3 map      which sheet, which columns    mapping
    4 sort     rows from remarks             remarks
    5 fill     cells → writes and doubts     filling, marks, rows
    6 apply    each row through `ingest`     apply
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from schema.sheets import SHEETS
from server.imports.book import Book, Leaf, cell_text, filled
from server.imports.cells import Calendar, Mark, is_day_first, years_in
from server.imports.errors import ImportFailed
from server.imports.filling import datum_in
from server.imports.layout import Layout, lay_out
from server.imports.legend import colour_name, read_legend, read_swatches
from server.imports.making import Ground
from server.imports.mapping import SheetMap, map_sheet
from server.imports.plan import ColumnPlan, ImportPlan, Remark, SheetPlan
from server.imports.remarks import remark_of
from server.imports.rows import plan_rows

CHINA_OFFSET_MIN = 480
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

Given = Mapping[str, Mapping[str, object] | None]


def plan_book(book: Book, *, key: str, given: Given | None = None) -> ImportPlan:
    """The plan for a book of plain cells. Pure."""
    given = given or {}
    names = {leaf.name for leaf in book.leaves}
    for name in given:
        if name not in names:
            raise ImportFailed(
                "map-unknown-leaf",
                f"the map names a sheet {name}, which the file does not have",
                "its sheets: " + ", ".join(sorted(names)[:40]),
            )
    laid: list[tuple[Leaf, Layout, SheetMap]] = []
    for leaf in book.leaves:
        says = given.get(leaf.name)
        header = says.get("@header") if says else None
        layout = lay_out(leaf, header if isinstance(header, int) else None)
        if leaf.name in given and says is None:
            laid.append((leaf, layout, SheetMap(None, "map", map_sheet(layout, {"@sheet": None}).columns)))
        else:
            laid.append((leaf, layout, map_sheet(layout, says, file=book.file)))
    everywhere: dict[str, Mark] = {}
    for leaf, layout, sheet_map in laid:
        if sheet_map.sheet is None:
            for name, mark in _legend_of(leaf, layout, ()).items():
                everywhere.setdefault(name, mark)
    sheets = [_plan_sheet(book, *one, everywhere=everywhere, key=key) for one in laid]
    return ImportPlan(book.file, book.encoding, tuple(sheets), book.notes)


def _plan_sheet(
    book: Book, leaf: Leaf, layout: Layout, sheet_map: SheetMap, *, everywhere: Mapping[str, Mark], key: str
) -> SheetPlan:
    titles = [
        Remark(line.number, _words(line), "legend" if read_legend(_words(line)) else "title") for line in layout.titles
    ]
    if sheet_map.sheet is None:
        titles += [Remark(line.number, _words(line), "note") for line in layout.body]
        return SheetPlan(
            leaf.name, None, sheet_map.why, layout.header_line, leaf.hidden, sheet_map.columns, (), tuple(titles)
        )
    remarks, lines = list(titles), []
    for line in layout.body:
        remark = remark_of(line, layout, sheet_map.columns, leaf.merges)
        if remark is None:
            lines.append(line)
        else:
            remarks.append(remark)
    legend = dict(_legend_of(leaf, layout, remarks))
    for name, mark in everywhere.items():
        legend.setdefault(name, mark)
    calendars = _calendars(book, layout, sheet_map.columns)
    chinese = _is_chinese(leaf)
    ground = Ground(
        file=book.file,
        leaf=leaf.name,
        sheet=SHEETS[sheet_map.sheet],
        columns=sheet_map.columns,
        calendars=calendars,
        legend=legend,
        key=key,
        datum=_datum(layout, chinese),
    )
    rows = plan_rows(lines, ground)
    notes = list(rows.notes)
    if leaf.hidden:
        notes.append("this sheet is hidden in the file")
    if leaf.conditional:
        notes.append("colours made by conditional formatting are not read")
    notes += _unmapped(sheet_map.columns)
    notes += _calendar_notes(sheet_map.columns, calendars)
    return SheetPlan(
        leaf.name,
        sheet_map.sheet,
        sheet_map.why,
        layout.header_line,
        leaf.hidden,
        sheet_map.columns,
        rows.rows,
        tuple(sorted(remarks, key=lambda remark: remark.line)),
        tuple(notes),
        rows.colours,
    )


def _words(line: object) -> str:
    return " ".join(cell_text(cell) for _, cell in filled(line))  # type: ignore[arg-type]


def _legend_of(leaf: Leaf, layout: Layout, remarks: Sequence[Remark]) -> dict[str, Mark]:
    """What this sheet says its colours mean: in words above the table, as painted cells, in remarks between rows."""
    found: dict[str, Mark] = {}
    lines = layout.titles or (layout.body if layout.header_line == 0 else ())
    for line in lines[:60]:
        for name, mark in read_legend(_words(line)).items():
            found.setdefault(name, mark)
        painted = [(cell.fill, cell.text) for _, cell in filled(line) if colour_name(cell.fill)]
        for name, mark in read_swatches(painted).items():
            found.setdefault(name, mark)
    for remark in remarks:
        if remark.kind in ("legend", "note"):
            for name, mark in read_legend(remark.text).items():
                found.setdefault(name, mark)
    for line in leaf.lines[:60]:
        for _, cell in filled(line):
            if cell.note:
                for name, mark in read_legend(cell.note).items():
                    found.setdefault(name, mark)
    return found


def _calendars(book: Book, layout: Layout, columns: Sequence[ColumnPlan]) -> dict[int, Calendar]:
    """For every column, the year and the order of day and month its times leave unsaid."""
    texts = {column.column: _column(layout, column.column) for column in columns}
    timed = [column.column for column in columns if column.path and _is_time(column.path)]
    years = Counter(year for column in timed for year in years_in(texts[column]))
    titled = years_in([_words(line) for line in layout.titles] + [book.file + "年", layout.name + "年"])
    year = next((y for y, _ in years.most_common(1)), None) or next(iter(titled), None)
    if year is None and book.written:
        year = int(book.written[:4])
    offset = CHINA_OFFSET_MIN if _is_chinese_layout(layout) else 0
    out = {}
    for column in columns:
        order = is_day_first(texts[column.column])
        out[column.column] = Calendar(year, True if order is None else order, offset)
    return out


def _is_time(path: str) -> bool:
    return path in (
        "source_time",
        "free_from",
        "free_until",
        "recheck_at",
        "valid_until",
        "need_by",
        "open_from",
        "open_until",
    )


def _column(layout: Layout, column: int) -> list[str]:
    return [text for line in layout.body if column < len(line.cells) and (text := cell_text(line.cells[column]))]


def _is_chinese(leaf: Leaf) -> bool:
    sample = "".join(cell_text(cell) for line in leaf.lines[:200] for _, cell in filled(line))
    return len(_CHINESE.findall(sample)) > len(sample) * 0.05


def _is_chinese_layout(layout: Layout) -> bool:
    return _is_chinese(Leaf(layout.name, (*layout.titles, *layout.body[:200])))


def _datum(layout: Layout, chinese: bool) -> str:
    """The datum of positions: named by a header or title, WGS-84 outside China, else unknown."""
    words = " ".join([*layout.headers.values(), *(_words(line) for line in layout.titles)])
    return datum_in(words) or ("unknown" if chinese else "wgs84")


def _unmapped(columns: Sequence[ColumnPlan]) -> list[str]:
    names = [column.header for column in columns if column.path is None and column.sample]
    return [f"columns kept word for word, for no field of ours fits: {', '.join(names)}"] if names else []


def _calendar_notes(columns: Sequence[ColumnPlan], calendars: Mapping[int, Calendar]) -> list[str]:
    timed = [column for column in columns if column.path and _is_time(column.path)]
    if not timed:
        return []
    offset = calendars[timed[0].column].offset_min
    zone = "UTC+8 (China)" if offset == CHINA_OFFSET_MIN else "UTC"
    return [f"times without a zone are read as {zone}"]
