"""Cells become what a row writes in each tier, and the doubts a person should look at.

Pure. Imported by `run`. The law of this file: every word of a line ends up in the row, in a field or verbatim in `import_raw`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default

from schema import fields
from schema.errors import SchemaError
from schema.ids import SECRET_CHARS, encode62
from schema.phones import read_phones
from schema.sheets import Field, Sheet
from schema.texts import find_personal, mask_text, split_place
from schema.values import MAX_VALUE_BYTES, Value
from server.imports.book import Cell, Line, said
from server.imports.cells import (
    Calendar,
    Mark,
    is_blank,
    plain,
    read_outcome,
    read_people,
    read_time,
    read_urgency,
    read_verify,
    read_yes_no,
)
from server.imports.legend import Meaning, colour_name, decoration, learn, meanings
from server.imports.options import flat, one_option, option_names, read_options
from server.imports.plan import ColumnPlan, Doubt, RowPlan
from server.imports.positions import Point, far_from_the_rest, point, read_cell, read_coordinate, read_pair
from server.imports.remarks import may_be_advertisement

# A log line is one value of an edit; room is left for the tail "…".
MAX_LINE_BYTES = MAX_VALUE_BYTES - 96
# A mark counts for the row when this share of its written cells carries it.
ROW_SHARE = 0.5

_ENDED = ("rescued", "self_safe", "done_by_others", "not_needed", "duplicate", "invalid", "handed_official", "deceased")
_SAME_NUMBER = re.compile(r"微信同号|同微信|vx同号|微信同步|同号")
_ASKS_NEED = re.compile(r"需要|仍需|还需|被困|求助|等待|need|trapped", re.IGNORECASE)
MAX_SERIAL_CHARS = 24  # longer than any number of a row
MIN_PHONE_CHARS = 7  # shorter ones in running text are hotlines and house numbers
_SPOKEN_PEOPLE = re.compile(r"(?:约|大约|近)?(?:\d+|[一二两三四五六七八九十百]+)(?:多|余|几)?(?:个|名|位|口)?人")
_PROVENANCE = re.compile(r".+#.+!\d+(?: №.*)?\Z")
_HOSTS = (("weibo", r"weibo\."), ("wechat", r"weixin\.|wechat\."), ("douyin", r"douyin\.|kuaishou\."))


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


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one sheet, what its colours were taken to mean, and notes about the whole."""

    rows: tuple[RowPlan, ...]
    colours: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Making:
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


def plan_rows(lines: Sequence[Line], ground: Ground) -> Rows:
    """Every line as a row. The order of the steps matters: words first, then marks, then what is assumed."""
    made = [_read_line(line, ground) for line in lines]
    marks = [_marks_of(line, ground) for line in lines]
    learned = learn((mark.colour, making.codes) for mark, making in zip(marks, made, strict=True))
    dress = decoration([mark.colour for mark in marks])
    table = _fitting(meanings(ground.legend, learned), ground, dress)
    for making, mark in zip(made, marks, strict=True):
        _apply_marks(making, mark, table)
    notes = _settle_states(made, marks, ground, table)
    notes += _settle_points(made, ground)
    secrets = _secrets(made, ground)
    rows = tuple(_finish(making, ground, secret) for making, secret in zip(made, secrets, strict=True))
    used = Counter(mark.colour for mark in marks if mark.colour)
    colours = {
        name: f"{table[name].mark.field}={table[name].mark.code} ({table[name].by})"
        if name in table
        else "not explained"
        for name in used
    }
    if any(mark.strike for mark in marks) and "strike" in table:
        colours["strike"] = f"{table['strike'].mark.field}={table['strike'].mark.code} ({table['strike'].by})"
    unexplained = {name: count for name, count in used.items() if name not in table}
    for name, count in sorted(unexplained.items()):
        notes.append(f"the colour {name} is explained nowhere; {count} rows keep it in import_raw")
    return Rows(rows, colours, tuple(notes))


# --- words ---


def _read_line(line: Line, ground: Ground) -> _Making:
    headers = {column.column: column.header for column in ground.columns}
    paths = {column.column: column.path for column in ground.columns}
    making = _Making(line, ground.sheet, headers, paths)
    for column in ground.columns:
        cell = line.cells[column.column] if column.column < len(line.cells) else None
        if cell is None or not cell.text.strip():
            continue
        _read_cell(making, cell, column, ground)
    if making.lat is not None and making.lon is not None:
        making.point = point(making.lat, making.lon)
    elif making.lat is not None or making.lon is not None:
        half = making.lat if making.lat is not None else making.lon
        making.doubt("坐标", str(half), "coordinates-half", "one of latitude and longitude is missing")
    return making


def _read_cell(making: _Making, cell: Cell, column: ColumnPlan, ground: Ground) -> None:
    header, text = column.header, said(cell)
    if cell.note:
        making.keep(f"{header} (批注)", cell.note)
    if cell.formula and not cell.cached:
        making.doubt(header, cell.text, "formula", "a formula without a value; formulas are never evaluated")
        return
    if cell.formula:
        making.keep(f"{header} (公式)", cell.formula)
    if cell.kind == "error":
        making.doubt(header, cell.text, "error-value", "the spreadsheet shows an error here")
        return
    if cell.strike == "part":
        making.doubt(header, cell.text, "struck-in-part", "part of this cell is struck through; the rest is taken")
    if cell.link and "source_url" in ground.sheet.fields:
        if "source_url" not in making.public:
            making.public["source_url"] = cell.link
        else:
            making.keep(f"{header} (链接)", cell.link)
    if not text:
        return
    if column.path is None:
        if column.why != "ours":
            making.keep(header, text)
        return
    if is_blank(text) and re.search(r"\w", text):
        making.keep(header, text)  # 未知 is understood, and still worth reading
    paths = column.path.split("+")
    if len(paths) > 1:
        _read_mixed(making, header, text, paths, ground)
        return
    read_path(making, paths[0], header, text, ground, column.column)


def read_path(making: _Making, path: str, header: str, text: str, ground: Ground, column: int) -> None:
    """One cell into one field."""
    name = path.partition(".")[0]
    target = ground.sheet.fields[name]
    if name == "ext_id":
        if len(text) > MAX_SERIAL_CHARS or find_personal(text):
            _read_plea(making, header, text)
        else:
            making.serial = text
    elif name == "source":
        _read_source(making, header, text)
    elif target.kind == "geo":
        _read_geo(making, path, header, text)
    elif target.kind == "phone":
        _read_phone(making, target, header, text)
    elif name == "people_total" or name == "members":
        _read_people(making, target, header, text)
    elif target.kind == "int":
        _read_int(making, target, header, text)
    elif target.kind == "time":
        _read_time(making, target, header, text, ground.calendars[column])
    elif target.kind == "bool":
        _read_bool(making, target, header, text)
    elif target.kind == "enum":
        _read_enum(making, target, header, text)
    elif target.kind == "multi":
        _read_multi(making, target, header, text)
    elif target.kind == "url":
        _read_url(making, target, header, text)
    elif name == "import_raw":
        making.raw.extend(line for line in text.split("\n") if line not in making.raw)
    elif target.kind == "log":
        if not is_blank(text):
            making.notes.append(text if name == "notes" else f"{header}: {text}")
    elif not is_blank(text):
        making.words.setdefault(name, [])
        if text not in making.words[name]:
            making.words[name].append(text)


def _read_plea(making: _Making, header: str, text: str) -> None:
    """A plea typed into a cell that is for something else: its words, its telephone, its people."""
    if "summary" in making.sheet.fields:
        making.words.setdefault("summary", []).append(text)
    making.doubt(header, text, "misplaced", "words where a number is expected: read as what happened")
    phones = [number for number in read_phones(text).numbers if len(number) >= MIN_PHONE_CHARS]
    if phones and "contact_phone" in making.sheet.fields:
        making.put("contact_phone", ", ".join(phones))
    spoken = _SPOKEN_PEOPLE.search(plain(text))
    if spoken and "people_total" in making.sheet.fields and (people := read_people(spoken[0])):
        making.put("people_total", people.total)


def _read_mixed(making: _Making, header: str, text: str, paths: Sequence[str], ground: Ground) -> None:
    """张三 142…: the numbers to the telephone, the words to the name."""
    phones = read_phones(text)
    for path in paths:
        target = ground.sheet.fields[path]
        if target.kind == "phone":
            if phones.numbers:
                _read_phone(making, target, header, ", ".join(phones.numbers))
        else:
            words = re.sub(r"^[\s:：,，、/]+|[\s:：,，、/(（]+$", "", _SAME_NUMBER.sub("", phones.words)).strip()
            if words and words not in ("()", "（）"):
                making.words.setdefault(path, []).append(words)
    making.keep(header, text)


def _read_phone(making: _Making, target: Field, header: str, text: str) -> None:
    phones = read_phones(text)
    if not phones.numbers:
        if not is_blank(text) and plain(text) not in ("无", "没有"):
            making.doubt(header, text, "no-phone", "no telephone number in this cell")
        return
    tier = making.private if target.tier == "private" else making.public
    before = str(tier[target.id]).split(", ") if target.id in tier else []
    numbers = [*before, *(number for number in phones.numbers if number not in before)]
    making.put(target.id, ", ".join(numbers))
    for number in phones.doubtful:
        making.doubt(header, text, "phone-length", f"{len(re.sub('[^0-9*]', '', number))} digits: too many or too few")
    words = re.sub(r"[\s()（）\[\]【】]", "", _SAME_NUMBER.sub("", phones.words))
    if words:
        making.doubt(header, text, "words-beside-phone", "more than a number; the words are kept")
    elif phones.words:
        making.keep(header, text)


def _read_people(making: _Making, target: Field, header: str, text: str) -> None:
    if is_blank(text):
        return
    people = read_people(text)
    if people is None or (target.maximum is not None and people.total > target.maximum):
        making.doubt(header, text, "number-not-read", "no number of people was understood")
        making.unread.add(target.id)
        return
    making.put(target.id, people.total)
    for part, number in people.parts.items():
        if part in making.sheet.fields and part not in making.public and target.id == "people_total":
            making.public[part] = number
    if people.rest:
        making.doubt(header, text, "words-beside-number", "more than a number; the words are kept")
    elif not re.fullmatch(r"\d+[人名个位口]?", plain(text)):
        making.keep(header, text)  # 约5人 is five, but whoever goes should read the 约


def _read_int(making: _Making, target: Field, header: str, text: str) -> None:
    if is_blank(text):
        return
    parsed = fields.parse(text, target)
    number = parsed.writes.get("")
    if number is None and read_yes_no(text) is False and target.maximum is not None:
        number = 0  # 老人: 无
    if not isinstance(number, int):
        making.doubt(header, text, "number-not-read", "no whole number that this field can hold")
        return
    making.put(target.id, number)
    if any(doubt.code in ("unit-guessed", "words-left") for doubt in parsed.doubts):
        making.doubt(header, text, "words-beside-number", parsed.doubts[0].message)
    elif plain(text) != str(number):
        making.keep(header, text)


def _read_time(making: _Making, target: Field, header: str, text: str, calendar: Calendar) -> None:
    if is_blank(text):
        return
    moment = read_time(text, calendar)
    if moment is None:
        parsed = fields.parse(text, target, year=calendar.year, offset_minutes=calendar.offset_min)
        found = parsed.writes.get("")
        moment = str(found) if found is not None else None
        if moment is not None:
            making.doubt(header, text, "words-beside-time", "more than a time; the words are kept")
    if moment is None:
        making.doubt(header, text, "time-not-read", "no date and time were understood")
    elif target.id in making.public:
        making.keep(header, text)
    else:
        making.put(target.id, moment)


def _read_bool(making: _Making, target: Field, header: str, text: str) -> None:
    answer = read_yes_no(text)
    if answer is not None:
        making.put(target.id, answer)
    elif not is_blank(text):
        making.doubt(header, text, "not-yes-or-no", "neither yes nor no")


def _read_url(making: _Making, target: Field, header: str, text: str) -> None:
    found = fields.parse(text, target).writes.get("")
    if found is not None and target.id not in making.public:
        making.put(target.id, found)
        if text.strip() != found:
            making.keep(header, text)
    elif not is_blank(text):
        making.doubt(header, text, "no-address", "no address that begins with http")


def _read_source(making: _Making, header: str, text: str) -> None:
    source = making.sheet.fields["source"]
    found = re.search(r"https?://[^\s，。；、）)】]+", text)
    if found and "source_url" in making.sheet.fields:
        making.public.setdefault("source_url", found[0])
        code = next((code for code, pattern in _HOSTS if re.search(pattern, found[0])), None)
        rest = text.replace(found[0], "").strip(" :：,，;；-()（）")
        code = one_option(source, rest) or code if rest else code
        if code is not None:
            making.public["source"] = code
        if rest:
            making.keep(header, text)
        return
    if is_blank(text):
        return
    code = one_option(source, text)
    if code is None:
        _keep_other(making, source, header, text)
    else:
        making.public["source"] = code
        if option_names(source).get(flat(text)) != code:
            making.keep(header, text)


def _read_enum(making: _Making, target: Field, header: str, text: str) -> None:
    code = _enum_code(making, target, header, text)
    text = text.removeprefix("other:") if code is None else text  # as our own export writes it
    if code is None:
        if is_blank(text):
            if target.option("unknown") is not None:
                making.codes[target.id] = "unknown"
            return
        making.unread.add(target.id)
        if any(option.code == "other" for option in target.options):
            _keep_other(making, target, header, text)
        else:
            making.doubt(header, text, "not-an-option", f"none of the values of {target.labels['en']}")
        return
    making.codes[target.id] = code
    if not _is_whole(target, code, text):
        making.keep(header, text)


def _enum_code(making: _Making, target: Field, header: str, text: str) -> str | None:
    exact = option_names(target).get(flat(text))
    if target.id == "urgency":
        return exact or read_urgency(text)
    if target.id == "verify_state":
        return exact or read_verify(text)
    if target.id == "outcome":
        answer = read_yes_no(text)
        if answer is not None:
            if _ASKS_NEED.search(header) and not re.search("不再?需要|获救|已救|救出|脱险|转移|完成|解决", header):
                return "open" if answer else "not_needed"
            return "rescued" if answer else "open"
        code = exact or read_outcome(text)
        if code == "deceased":
            # Two stewards confirm a death in the sheet itself; a cell of a foreign file is not their word (rule IM17).
            making.doubt(header, text, "deceased", "a death is not imported; a steward has to set it")
            return "open"
        return "open" if code == "working" else code
    answer = read_yes_no(text)
    if exact is None and answer is not None and target.option("yes") is not None:
        return "yes" if answer else "no"
    return exact or one_option(target, text)


def _is_whole(target: Field, code: str, text: str) -> bool:
    """Whether the code says all the cell said, so that nothing has to be kept beside it."""
    return (
        option_names(target).get(flat(text).strip(" !.。?")) == code
        or read_yes_no(text) is not None
        or len(flat(text)) <= 4
    )


def _read_multi(making: _Making, target: Field, header: str, text: str) -> None:
    if is_blank(text) or plain(text) in ("无", "没有", "暂无"):
        return
    options = read_options(target, text)
    for code in options.codes:
        if code != "other":
            making.put(f"{target.id}:{code}", True)
    rest = [word for word in options.rest if not is_blank(word)]
    if rest:
        _keep_other(making, target, header, "、".join(rest), whole=text)
    elif any(flat(token) not in option_names(target) for token in re.split(r"[、,，;；/\s|]+", text) if token):
        making.keep(header, text)  # 两艘冲锋舟 is a boat, but how many is worth reading


def _keep_other(making: _Making, target: Field, header: str, text: str, *, whole: str = "") -> None:
    """Words no option covers: under `other`, and in the doubts."""
    if target.option("other") is None:
        making.doubt(header, whole or text, "not-an-option", f"none of the values of {target.labels['en']}")
        return
    if find_personal(text) or len(text.encode()) > 400:
        making.doubt(header, whole or text, "not-an-option", "no value fits, and the words are not for the public")
        return
    if target.kind == "multi":
        making.put(f"{target.id}:other", text)
    else:
        making.put(target.id, f"other:{text}")
    making.doubt(
        header, whole or text, "kept-as-other", f"none of the values of {target.labels['en']}: written as other"
    )


def _read_geo(making: _Making, path: str, header: str, text: str) -> None:
    if is_blank(text):
        return
    if path.endswith((".lat", ".lon")):
        number = read_coordinate(text)
        if number is None:
            pair = read_pair(text)
            if pair is not None and making.point is None:
                making.lat, making.lon = pair
                making.keep(header, text)
                return
            making.doubt(header, text, "coordinates-not-read", "no coordinate was understood")
        elif path.endswith(".lat"):
            making.lat = number
        else:
            making.lon = number
        return
    if (cell := read_cell(text)) is not None:
        making.lat, making.lon = float(cell[0]), float(cell[1])
        making.cell = cell
        return
    pair = read_pair(text)
    if pair is None:
        making.doubt(header, text, "coordinates-not-read", "no pair of coordinates was understood")
        return
    making.lat, making.lon = pair
    making.datum = datum_in(f"{header} {text}")
    making.keep(header, text)


def datum_in(words: str) -> str:
    """The datum that words name: 高德 and 腾讯 draw in GCJ-02, 百度 in BD-09."""
    flat_words = plain(words)
    return next((datum for datum, pattern in _DATUMS if re.search(pattern, flat_words)), "")


_DATUMS = (("gcj02", r"gcj|高德|腾讯|amap|火星"), ("bd09", r"bd-?09|百度|baidu"), ("wgs84", r"wgs|gps"))


# --- marks ---


@dataclass(frozen=True, slots=True)
class _RowMarks:
    colour: str  # of the row: what most of its written cells are filled with
    ink: str
    strike: bool
    fills: Mapping[int, str]  # column → colour of cells that differ from the row
    struck: tuple[int, ...]  # columns struck through alone


def _marks_of(line: Line, ground: Ground) -> _RowMarks:
    cells = [(i, cell) for i, cell in enumerate(line.cells) if cell is not None and cell.text.strip()]
    if not cells:
        return _RowMarks("", "", False, {}, ())
    fills = Counter(name for _, cell in cells if (name := colour_name(cell.fill)))
    inks = Counter(name for _, cell in cells if (name := colour_name(cell.ink)))
    colour = next((name for name, count in fills.most_common(1) if count >= len(cells) * ROW_SHARE), "")
    ink = next((name for name, count in inks.most_common(1) if count >= len(cells) * ROW_SHARE), "")
    struck = [i for i, cell in cells if cell.strike == "all"]
    strike = len(struck) >= max(1, len(cells) * ROW_SHARE)
    apart = {i: name for i, cell in cells if (name := colour_name(cell.fill)) and name != colour}
    return _RowMarks(colour, ink, strike, apart, () if strike else tuple(struck))


def _fitting(table: Mapping[str, Meaning], ground: Ground, dress: Collection[str]) -> dict[str, Meaning]:
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


def _apply_marks(making: _Making, marks: _RowMarks, table: Mapping[str, Meaning]) -> None:
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


def _header(making: _Making, column: int) -> str:
    return making.headers.get(column, str(column + 1))


def _holds_state(making: _Making, column: int, state: str) -> bool:
    return making.paths.get(column) in (state, "ext_id", "urgency", "outcome", "verify_state")


def _say(making: _Making, mark: Mark, by: str) -> None:
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


def _settle_states(
    made: Sequence[_Making], marks: Sequence[_RowMarks], ground: Ground, table: Mapping[str, Meaning]
) -> list[str]:
    """Write the states; where a sheet marks urgency, a row without a mark is `normal` (rule IM16)."""
    notes: list[str] = []
    if "urgency" in ground.sheet.fields:
        told = {meaning.mark.field for meaning in table.values()}
        has_column = any(column.path == "urgency" for column in ground.columns)
        used = any(making.codes.get("urgency") in ("critical", "urgent") for making in made)
        ours = any(column.why == "ours" for column in ground.columns)  # there a blank is a blank
        if used and not ours and (has_column or "urgency" in told):
            assumed = 0
            for making in made:
                if "urgency" not in making.codes and "urgency" not in making.unread:
                    making.codes["urgency"] = "normal"
                    assumed += 1
            if assumed:
                notes.append(
                    f"{assumed} rows without a mark of urgency were read as normal, as this sheet marks the urgent ones"
                )
    for making in made:
        for name, code in making.codes.items():
            making.put(name, code)
    return notes


def _settle_points(made: Sequence[_Making], ground: Ground) -> list[str]:
    """Write positions, and name those that are doubtful by themselves or among the others."""
    if "geo" not in ground.sheet.fields:
        return []
    notes: list[str] = []
    far = far_from_the_rest([making.point for making in made])
    shared = Counter((m.point.lat, m.point.lon) for m in made if m.point is not None)
    for i, making in enumerate(made):
        if making.point is None:
            continue
        words = f"{making.point.lat_text}, {making.point.lon_text}"
        bad = False
        for code, message in making.point.doubts:
            bad = bad or code in ("out-of-range", "null-island")
            making.note("坐标", words, code, message)
        if i in far:
            making.note("坐标", words, "coordinates-far", far[i])
        if bad:
            making.keep("坐标", words)  # no place on earth, or nobody knew it: nothing to put on a map
        else:
            making.public["geo"] = list(making.cell or making.point.cell(making.datum or ground.datum))
    for (lat, lon), count in shared.most_common(5):
        if count >= 20:
            notes.append(f"{count} rows share the position {lat}, {lon}: likely the middle of a town, not the place")
    return notes


# --- the row as a whole ---


def _finish(making: _Making, ground: Ground, secret: str) -> RowPlan:
    texts = dict(making.words)
    if "place" in texts and "place_exact" in ground.sheet.fields and "place_exact" not in texts:
        place, exact = split_place(" ".join(texts["place"]))
        texts["place"] = [place]
        if exact:
            texts["place_exact"] = [exact]
    more: list[str] = []
    for name, pieces in texts.items():
        # First and last name, or street and town in columns of their own, make one line; stories stay apart.
        joint = "\n" if name in ("summary", "equipment_note") else " "
        _write_text(making, ground.sheet.fields[name], joint.join(pieces), more)
    public_words = " ".join(str(v) for v in making.public.values() if isinstance(v, str))
    if may_be_advertisement(public_words):
        making.note("", "", "may-be-advertisement", "words of an advertisement; look at this row")
    making.public.setdefault("source", "import")
    if "ext_id" in ground.sheet.fields:
        making.public["ext_id"] = _provenance(making, ground)
    _check(making)
    notes, notes_raw = [], []
    for note in [*more, *making.notes]:
        for piece in _pieces(note):
            masked = mask_text(piece)
            notes.append(masked)
            if masked != piece:
                notes_raw.append(piece)
    if "notes" not in ground.sheet.fields:
        making.raw.extend(making.notes)
        notes, notes_raw = [], []
    return RowPlan(
        line=making.line.number,
        secret=secret,
        public=dict(sorted(making.public.items())),
        private=dict(sorted(making.private.items())),
        notes=tuple(_joined(notes)),
        notes_raw=tuple(_joined(notes_raw)),
        raw=tuple(_joined(piece for line in making.raw for piece in _pieces(line))),
        doubts=tuple(making.doubts),
    )


def _write_text(making: _Making, target: Field, text: str, more: list[str]) -> None:
    """A text in its tier; free text is masked for the public, its raw words are private; what is too long goes on in notes."""
    head, *rest = _pieces(text) or [""]
    if not head:
        return
    if target.tier == "private":
        making.private[target.id] = head
        making.raw.extend(rest)
        return
    masked = mask_text(head)
    if len(masked.encode()) > MAX_VALUE_BYTES:
        masked = _pieces(masked)[0]
    making.public[target.id] = masked
    if masked != head:
        if target.free_text:
            making.private[target.id] = head
        else:
            making.doubt(
                target.labels["zh"], head, "number-in-text", "a telephone or identity number; hidden from the public"
            )
    more.extend(rest)


def _check(making: _Making) -> None:
    """What the sheet would refuse is kept aside: one wrong cell must not cost the row."""
    for tier in (making.public, making.private):
        for path in list(tier):
            target = making.sheet.fields[path.partition(":")[0]]
            try:
                fields.validate(path, tier[path], target)
            except SchemaError as error:
                value = tier.pop(path)
                words = ", ".join(value) if isinstance(value, list) else str(value)
                making.doubt(target.labels["zh"], words, "not-valid", error.message)


def _provenance(making: _Making, ground: Ground) -> str:
    """Where the row comes from: file, sheet, line, and the number it had there."""
    if _PROVENANCE.match(making.serial):
        return making.serial  # our own export comes back: the first origin stays
    place = f"{ground.file}#{ground.leaf}!{making.line.number}"
    return mask_text(f"{place} №{making.serial}" if making.serial else place)[:300]


def _pieces(text: str) -> list[str]:
    """A text in pieces a cell can hold, cut between characters; the whole of it, in order."""
    out: list[str] = []
    while len(text.encode()) > MAX_LINE_BYTES:
        cut = MAX_LINE_BYTES // 4
        low, high = cut, min(len(text), MAX_LINE_BYTES)
        while low < high:  # the longest head that fits
            middle = (low + high + 1) // 2
            if len(text[:middle].encode()) <= MAX_LINE_BYTES:
                low = middle
            else:
                high = middle - 1
        out.append(text[:low])
        text = text[low:]
    return [*out, text] if text else out


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines packed into as few log entries as hold them."""
    out: list[str] = []
    for line in lines:
        if out and len(out[-1].encode()) + len(line.encode()) + 1 <= MAX_LINE_BYTES:
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def _secrets(made: Sequence[_Making], ground: Ground) -> list[str]:
    """One row secret per line: HMAC of what the line says and of how often it was said before (rule IM24).

    Colours, strike-through and a running number are left out, so that a later copy of the same sheet finds the same rows.
    """
    counting = {c.column for c in ground.columns if c.path == "ext_id"}
    serials = [int(m.serial) for m in made if m.serial.isdigit()]
    runs = len(serials) >= 3 and sum(b - a == 1 for a, b in zip(serials, serials[1:], strict=False)) >= 0.7 * (
        len(serials) - 1
    )
    leave = counting if runs else set()
    headers = {c.column: c.header for c in ground.columns}
    seen: Counter[bytes] = Counter()
    out = []
    for making in made:
        words = sorted(
            (headers.get(i, ""), cell.text.strip())
            for i, cell in enumerate(making.line.cells)
            if cell is not None and cell.text.strip() and i not in leave
        )
        content = json.dumps([ground.sheet.id, words], ensure_ascii=False, separators=(",", ":")).encode()
        seen[content] += 1
        mac = hmac.new(ground.key.encode(), content + b"\x00%d" % seen[content], hashlib.sha256).digest()
        out.append(encode62(int.from_bytes(mac, "big") % 62**SECRET_CHARS, SECRET_CHARS))
    return out
