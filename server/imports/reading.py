"""XLSX bytes become plain cells, with colour, strike-through, merges, notes and links.

Runs in a child process only (see `fence`): a 213 kB file was measured to cost 118 s and 724 MB unguarded. Formulas are
never evaluated: the value the file remembers is read, and the formula kept as text.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.worksheet import _read_only
from openpyxl.worksheet._reader import WorkSheetParser

from server.imports.book import MAX_COLUMNS, MAX_LINES, Book, Cell, Kind, Leaf, Line, Merge, Strike
from server.imports.errors import ImportFailed

# 20,000 lines × 14 columns of XML are ~25 MB; twice that, and openpyxl still ends inside the fence's 20 s.
MAX_XML_BYTES = 48 * 1024 * 1024
MAX_RATIO = 100  # XML of real sheets deflates 8 to 30 fold
SMALL_PART_BYTES = 256 * 1024  # a short part of nothing but blanks may deflate better than any ratio
MAX_PARTS = 2_000
MAX_MERGES = 20_000

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})\"")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_CONDITIONAL = re.compile(rb"<(?:\w+:)?conditionalFormatting[ >]")
_HYPERLINK = re.compile(rb"<(?:\w+:)?hyperlink\s[^>]*?/?>")
_ATTRIBUTE = re.compile(rb"([\w:]+)=\"([^\"]*)\"")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_HEX = re.compile(r"[0-9A-Fa-f]{6,8}\Z")

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_COMMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
# The order of a theme's colours in a file is not the order cells count them in.
_THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")


# openpyxl 3.1.5 streams cells with the text written in them, not in the shared table, without its formatting: a part struck
# through would read like the rest.
_read_only.WorkSheetParser = functools.partial(WorkSheetParser, rich_text=True)


def read_xlsx(data: bytes, name: str) -> Book:
    """The sheets of an XLSX or XLSM file. Raises ImportFailed naming what is wrong with it."""
    check_archive(data)
    try:
        # Warnings of openpyxl are about parts we do not read (validation, extensions).
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(data, name)
    except (ImportFailed, MemoryError):
        raise
    except Exception as error:  # openpyxl raises almost anything on a damaged file
        raise ImportFailed(
            "file-damaged",
            f"this XLSX file cannot be read ({type(error).__name__})",
            "open it in a spreadsheet program, save it again as .xlsx, and import that file",
        ) from error


def check_archive(data: bytes) -> None:
    """The zip directory, before anything is unpacked: number, sizes and ratios of the parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ImportFailed(
            "file-damaged", "this is no XLSX file: its zip directory cannot be read", "save it again as .xlsx"
        ) from error
    if len(parts) > MAX_PARTS:
        raise ImportFailed("file-bomb", f"an XLSX file of {len(parts)} parts", "save the sheets in a new file")
    xml = 0
    for part in parts:
        if part.flag_bits & 1:
            raise ImportFailed("file-encrypted", "the file is protected by a password", "save it without one")
        if not part.filename.endswith((".xml", ".rels", ".vml")):
            continue  # pictures are not unpacked
        xml += part.file_size
        if part.file_size > SMALL_PART_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise ImportFailed(
                "file-bomb",
                f"a part of this file unpacks to {part.file_size // max(part.compress_size, 1)} times its size",
                "it is built to exhaust a machine, or holds a huge formatted area: copy the rows to a new file",
            )
    if xml > MAX_XML_BYTES:
        raise ImportFailed(
            "file-too-large",
            f"the file unpacks to {xml / 1e6:.0f} MB, more than the {MAX_XML_BYTES / 1e6:.0f} MB read in one go",
            "split it into several files, or save it as CSV",
        )


def _read(data: bytes, name: str) -> Book:
    values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, rich_text=True, keep_links=False)
    palette = _palette(values.loaded_theme)
    formulas = None
    leaves: list[Leaf] = []
    archive = zipfile.ZipFile(io.BytesIO(data))
    for sheet in values.worksheets:
        if not hasattr(sheet, "_worksheet_path"):
            continue  # a chart
        path = sheet._worksheet_path
        raw = archive.read(path)
        if _DTD.search(raw[:2048]):
            raise ImportFailed("file-bomb", "the file declares XML entities", "no spreadsheet program does")
        typed: Iterable[Any] | None = None
        if _FORMULA.search(raw):
            if formulas is None:
                formulas = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            twin = next(one for one in formulas.worksheets if getattr(one, "_worksheet_path", "") == path)
            twin.reset_dimensions()
            typed = twin.iter_rows()
        sheet.reset_dimensions()  # some writers declare A1:A1, others a million lines
        lines = _lines(sheet.iter_rows(), typed, palette, _links(raw, archive, path), _notes(archive, path))
        leaves.append(
            Leaf(
                name=str(sheet.title),
                lines=_bounded(lines, str(sheet.title)),
                merges=_merges(raw),
                hidden=sheet.sheet_state != "visible",
                conditional=_CONDITIONAL.search(raw) is not None,
            )
        )
    modified = values.properties.modified
    return Book(name, tuple(leaves), written=modified.isoformat() if modified else "")


def _bounded(lines: Iterator[Line], name: str) -> tuple[Line, ...]:
    out: list[Line] = []
    for line in lines:
        if len(out) >= MAX_LINES:
            raise ImportFailed(
                "sheet-too-long",
                f"the sheet {name} has more than {MAX_LINES} lines",
                "split it into several sheets or files",
            )
        if len(line.cells) > MAX_COLUMNS:
            raise ImportFailed(
                "sheet-too-wide",
                f"line {line.number} of the sheet {name} goes beyond column {MAX_COLUMNS}",
                "remove the columns nobody needs",
            )
        out.append(line)
    return tuple(out)


def _lines(
    rows: Iterable[Any],
    typed: Iterable[Any] | None,
    palette: list[str],
    links: dict[tuple[int, int], str],
    notes: dict[tuple[int, int], str],
) -> Iterator[Line]:
    twins = iter(typed) if typed is not None else None
    for number, row in enumerate(rows, 1):
        twin = next(twins, ()) if twins is not None else ()
        cells: list[Cell | None] = []
        for column, source in enumerate(row):
            formula = ""
            if column < len(twin) and twin[column].value is not None and twin[column].data_type == "f":
                formula = _formula_text(twin[column].value)
            if source.value is None and not formula:
                cells.append(None)
                continue
            place = (number, column)
            cells.append(_cell(source, formula, palette, links.get(place, ""), notes.get(place, "")))
        while cells and (cells[-1] is None or not cells[-1].text.strip()):
            cells.pop()
        if cells:
            yield Line(number, tuple(cells))


def _formula_text(value: Any) -> str:
    text = getattr(value, "text", value)  # an array formula is an object
    return text if isinstance(text, str) else "=" + type(value).__name__


def _cell(source: Any, formula: str, palette: list[str], link: str, note: str) -> Cell:
    value = source.value
    fill, ink, strike = _marks(source, palette)
    kept = ""
    if isinstance(value, CellRichText):
        # A font of the cell itself holds where a run brings none of its own.
        runs = [(str(run), _run_struck(run, strike)) for run in value]
        value = "".join(text for text, _ in runs)
        kept = "".join(text for text, struck in runs if not struck)
        struck = [done for text, done in runs if text.strip()]
        strike = "all" if struck and all(struck) else "part" if any(struck) else ""
    text, kind = _text(value, str(source.number_format or ""))
    if value is None:
        text, kind = formula, "text"
    return Cell(
        text=clean(text),
        kind=kind if source.data_type != "e" else "error",
        fill=fill,
        ink=ink,
        strike=strike,
        kept=clean(kept) if strike == "part" else "",
        formula=clean(formula),
        cached=value is not None,
        link=link,
        note=note,
    )


def _run_struck(run: Any, cell: Strike) -> bool:
    if isinstance(run, TextBlock) and run.font is not None and run.font.strike is not None:
        return bool(run.font.strike)
    return cell == "all" and not isinstance(run, TextBlock)


def _text(value: Any, form: str) -> tuple[str, Kind]:
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), "bool"
    if isinstance(value, int):
        if "%" in form:
            return f"{value * 100}%", "number"
        return str(value), "number"
    if isinstance(value, float):
        if "%" in form:
            return f"{value * 100:.10g}%", "number"
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value)), "number"
        return f"{value:.15g}", "number"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time(0):
            return value.strftime("%Y-%m-%d"), "time"
        return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00"), "time"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat(), "time"
    if isinstance(value, dt.timedelta):
        return str(value), "text"
    return str(value) if value is not None else "", "text"


def clean(text: str) -> str:
    """Text without what no cell may hold: NUL, other control characters, halves of surrogate pairs."""
    if text.isprintable():
        return text
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff"))


def _marks(source: Any, palette: list[str]) -> tuple[str, str, Strike]:
    if not getattr(source, "has_style", False):
        return "", "", ""
    fill = source.fill
    colour = ""
    if fill is not None:
        if getattr(fill, "fill_type", None) in ("linear", "path"):
            stops = getattr(fill, "stop", None) or ()
            colour = _rgb(stops[0].color, palette) if stops else ""
        elif fill.fill_type and fill.fill_type != "none":
            colour = _rgb(fill.fgColor, palette)
    font = source.font
    ink = _rgb(font.color, palette) if font is not None and font.color is not None else ""
    struck: Strike = "all" if font is not None and font.strike else ""
    return colour, ink if ink != "000000" else "", struck


def _rgb(colour: Any, palette: list[str]) -> str:
    """RRGGBB of an openpyxl colour: given, indexed or of the theme, with its tint."""
    if colour is None:
        return ""
    base = ""
    if colour.type == "rgb" and isinstance(colour.rgb, str) and _HEX.match(colour.rgb):
        base = colour.rgb[-6:].upper()
    elif colour.type == "indexed" and isinstance(colour.indexed, int) and colour.indexed < len(COLOR_INDEX):
        base = COLOR_INDEX[colour.indexed][-6:].upper()
    elif colour.type == "theme" and isinstance(colour.theme, int) and 0 <= colour.theme < len(palette):
        base = palette[colour.theme]
    if not base or not colour.tint:
        return base
    tint = max(-1.0, min(1.0, float(colour.tint)))
    parts = [int(base[i : i + 2], 16) for i in (0, 2, 4)]
    # Tints are meant in HLS; mixing with white or black per channel is within a few steps and keeps the hue.
    mixed = [round(p + (255 - p) * tint) if tint > 0 else round(p * (1 + tint)) for p in parts]
    return "".join(f"{p:02X}" for p in mixed)


def _palette(theme: bytes | None) -> list[str]:
    default = "FFFFFF 000000 E7E6E6 44546A 4472C4 ED7D31 A5A5A5 FFC000 5B9BD5 70AD47".split()
    if not theme:
        return default
    scheme = fromstring(theme).find(f".//{_DRAWING}clrScheme")
    if scheme is None:
        return default
    out = []
    for place, key in enumerate(_THEME):
        node = scheme.find(f"{_DRAWING}{key}")
        colour = ""
        if node is not None and len(node):
            colour = node[0].get("lastClr") or node[0].get("val") or ""
        out.append(colour.upper() if _HEX.match(colour) else default[place])
    return out


def _merges(raw: bytes) -> tuple[Merge, ...]:
    out: list[Merge] = []
    for found in _MERGE.finditer(raw):
        left, top, right, bottom = range_boundaries(found[1].decode())
        out.append(Merge(top, left - 1, bottom, right - 1))
        if len(out) > MAX_MERGES:
            raise ImportFailed("file-bomb", f"a sheet with more than {MAX_MERGES} merged areas", "unmerge them")
    return tuple(out)


def _links(raw: bytes, archive: zipfile.ZipFile, path: str) -> dict[tuple[int, int], str]:
    """Where linked cells lead, by line and column: a 微博 cell often hides the post's address."""
    found = _HYPERLINK.findall(raw)
    if not found:
        return {}
    targets = {one.Id: str(one.Target) for one in _related(archive, path) if one.Type == _LINKS}
    out: dict[tuple[int, int], str] = {}
    for tag in found:
        attributes = {key.split(b":")[-1].decode(): value.decode() for key, value in _ATTRIBUTE.findall(tag)}
        target = targets.get(attributes.get("id", ""), "")
        if target.startswith(("http://", "https://")):
            line, column = coordinate_to_tuple(attributes.get("ref", "A1").split(":")[0])
            out[line, column - 1] = target[:2000]
    return out


def _notes(archive: zipfile.ZipFile, path: str) -> dict[tuple[int, int], str]:
    out: dict[tuple[int, int], str] = {}
    for one in _related(archive, path):
        if one.Type != _COMMENTS or one.target not in archive.namelist():
            continue
        for comment in fromstring(archive.read(one.target)).iter(f"{_MAIN}comment"):
            line, column = coordinate_to_tuple(comment.get("ref", "A1"))
            text = clean("".join(node.text or "" for node in comment.iter(f"{_MAIN}t"))).strip()
            if text:
                out[line, column - 1] = text
    return out


def _related(archive: zipfile.ZipFile, path: str) -> list[Any]:
    rels = get_rels_path(path)
    return list(get_dependents(archive, rels)) if rels in archive.namelist() else []
