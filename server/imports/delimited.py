"""CSV bytes become plain cells: the encoding and the delimiter are found, a formula is never one.

Pure. Runs in the same child process as `reading`. Files come from Excel in China (GBK, tabs in UTF-16), from French Excel
(semicolons, Windows-1252) and from everywhere else (UTF-8, with or without a mark).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from server.imports.book import MAX_COLUMNS, MAX_LINES, Book, Cell, Leaf, Line
from server.imports.errors import ImportFailed
from server.imports.reading import clean

DELIMITERS = ",\t;|，"
_SNIFFED_RECORDS = 60
MAX_CELL_CHARS = 131_072

# ="14200000000" is how people keep Excel from eating a number: a literal, not something to evaluate.
_LITERAL = re.compile(r'="([^"]*)"\Z')
_FORMULA = re.compile(r"[=@+-]\s*[A-Za-z_.]+[A-Za-z0-9_.]*\s*\(|=\s*[A-Za-z]{1,3}\$?[0-9]|=.*[!|]|=[-+0-9. ]+[-+*/]")
_GUARDED = re.compile(r"'[=+\-@\t\r']")


def read_delimited(data: bytes, name: str) -> Book:
    """The one sheet of a CSV or TSV file. Raises ImportFailed naming what is wrong with it."""
    text, encoding = decode(data)
    text = text.lstrip("\ufeff")
    _check_text(text)
    delimiter = ""
    if text[:4].lower() == "sep=" and text[5:6] in ("\r", "\n"):
        delimiter = text[4]
        text = "\n" + text.partition("\n")[2]
    text = text.replace("\x00", "")
    delimiter = delimiter or find_delimiter(text)
    stem = re.sub(r"\.[A-Za-z]{2,4}\Z", "", name)
    lines: list[Line] = []
    csv.field_size_limit(MAX_CELL_CHARS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise ImportFailed(
                "file-damaged",
                f"line {number} cannot be read as CSV: a quote that never closes, or a cell that is too long",
                "look at that line; every quote inside a quoted cell is doubled",
            ) from error
        if record is None:
            break
        line = _line(number, record)
        number = reader.line_num + 1
        if not line.cells:
            continue
        if len(lines) >= MAX_LINES:
            raise ImportFailed(
                "sheet-too-long", f"the file has more than {MAX_LINES} lines", "split it into several files"
            )
        if len(line.cells) > MAX_COLUMNS:
            raise ImportFailed(
                "sheet-too-wide",
                f"line {line.number} has more than {MAX_COLUMNS} columns",
                "remove the columns nobody needs, or check the delimiter",
            )
        lines.append(line)
    return Book(name, (Leaf(stem or name, tuple(lines)),), encoding=encoding)


def _check_text(text: str) -> None:
    """A table is text; what is half control characters is a picture, a program, a damaged file."""
    sample = text[:20_000]
    strange = sum(1 for c in sample if c == "\ufffd" or (c < " " and c not in "\t\r\n\x0b\x0c\x00"))
    if strange > max(4, len(sample) // 50):
        raise ImportFailed("file-not-a-table", "this is no text and no spreadsheet", "XLSX and CSV can be read")


def _line(number: int, record: list[str]) -> Line:
    cells: list[Cell | None] = [_cell(text) for text in record]
    while cells and cells[-1] is None:
        cells.pop()
    return Line(number, tuple(cells))


def _cell(raw: str) -> Cell | None:
    text = clean(raw)
    if not text.strip():
        return None
    literal = _LITERAL.match(text.strip())
    if literal:
        return Cell(literal[1]) if literal[1].strip() else None
    if _GUARDED.match(text):
        text = text[1:]  # our own export's guard against formulas (rule IM30)
        return Cell(text)
    if _FORMULA.match(text.strip()):
        return Cell(text, formula=text.strip(), cached=False)
    return Cell(text)


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of the encoding it was in; every byte string decodes (rule IM2)."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace"), encoding
    head = data[:4000]
    if head and b"\x00" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        encoding = "utf-16-le" if odd >= even else "utf-16-be"
        return data.decode(encoding, errors="replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # One bad byte in a long UTF-8 file is a damaged character, not another encoding.
        if _mostly_utf8(data):
            return data.decode("utf-8", errors="replace"), "utf-8"
        del error
    for encoding in ("gb18030", "big5") if _looks_double_byte(data) else ():
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    if _looks_double_byte(data):
        return data.decode("gb18030", errors="replace"), "gb18030"
    return data.decode("cp1252", errors="replace"), "cp1252"


def _mostly_utf8(data: bytes) -> bool:
    high = sum(byte >= 0x80 for byte in data)
    broken = data.decode("utf-8", errors="replace").count("\ufffd")
    return high > 0 and broken <= high // 50


def _looks_double_byte(data: bytes) -> bool:
    """Chinese bytes come in pairs and runs; the accents of a Western language stand alone among letters."""
    runs = re.findall(rb"[\x80-\xff]+", data)
    alone = sum(1 for run in runs if len(run) == 1)
    return bool(runs) and alone <= len(runs) * 0.4


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the first records into the most equal, widest pieces."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            for record, _ in zip(reader, range(_SNIFFED_RECORDS), strict=False):
                if any(cell.strip() for cell in record):
                    widths[len(record)] += 1
        except csv.Error:
            continue
        if not widths:
            continue
        # Title lines are as wide as the table in an export by Excel; in one by hand they are one cell.
        wide = Counter({width: count for width, count in widths.items() if width > 1})
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        score = count / sum(widths.values()) + min(width, 12) / 100
        if score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best
