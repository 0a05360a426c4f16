"""The cells of a line fill the row in the making: each column by the kind of its field.

Pure. Imported by `rows`. What is not understood, or only in part, is kept word for word and doubted (rule IM21).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schema import fields
from schema.phones import read_phones
from schema.sheets import Field
from schema.texts import find_personal
from server.imports.book import Cell, Line, said
from server.imports.cells import (
    Calendar,
    is_blank,
    plain,
    read_outcome,
    read_people,
    read_time,
    read_urgency,
    read_verify,
    read_yes_no,
)
from server.imports.making import Ground, Making
from server.imports.options import flat, one_option, option_names, read_options
from server.imports.plan import ColumnPlan
from server.imports.positions import point, read_cell, read_coordinate, read_pair

_SAME_NUMBER = re.compile(r"微信同号|同微信|vx同号|微信同步|同号")
_ASKS_NEED = re.compile(r"需要|仍需|还需|被困|求助|等待|need|trapped", re.IGNORECASE)
MAX_SERIAL_CHARS = 24  # longer than any number of a row
MIN_PHONE_CHARS = 7  # shorter ones in running text are hotlines and house numbers
_SPOKEN_PEOPLE = re.compile(r"(?:约|大约|近)?(?:\d+|[一二两三四五六七八九十百]+)(?:多|余|几)?(?:个|名|位|口)?人")
_HOSTS = (("weibo", r"weibo\."), ("wechat", r"weixin\.|wechat\."), ("douyin", r"douyin\.|kuaishou\."))


def read_line(line: Line, ground: Ground) -> Making:
    """A line's words, each cell in its field or put aside."""
    headers = {column.column: column.header for column in ground.columns}
    paths = {column.column: column.path for column in ground.columns}
    making = Making(line, ground.sheet, headers, paths)
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


def _read_cell(making: Making, cell: Cell, column: ColumnPlan, ground: Ground) -> None:
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


def read_path(making: Making, path: str, header: str, text: str, ground: Ground, column: int) -> None:
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


def _read_plea(making: Making, header: str, text: str) -> None:
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


def _read_mixed(making: Making, header: str, text: str, paths: Sequence[str], ground: Ground) -> None:
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


def _read_phone(making: Making, target: Field, header: str, text: str) -> None:
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


def _read_people(making: Making, target: Field, header: str, text: str) -> None:
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


def _read_int(making: Making, target: Field, header: str, text: str) -> None:
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


def _read_time(making: Making, target: Field, header: str, text: str, calendar: Calendar) -> None:
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


def _read_bool(making: Making, target: Field, header: str, text: str) -> None:
    answer = read_yes_no(text)
    if answer is not None:
        making.put(target.id, answer)
    elif not is_blank(text):
        making.doubt(header, text, "not-yes-or-no", "neither yes nor no")


def _read_url(making: Making, target: Field, header: str, text: str) -> None:
    found = fields.parse(text, target).writes.get("")
    if found is not None and target.id not in making.public:
        making.put(target.id, found)
        if text.strip() != found:
            making.keep(header, text)
    elif not is_blank(text):
        making.doubt(header, text, "no-address", "no address that begins with http")


def _read_source(making: Making, header: str, text: str) -> None:
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


def _read_enum(making: Making, target: Field, header: str, text: str) -> None:
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


def _enum_code(making: Making, target: Field, header: str, text: str) -> str | None:
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


def _read_multi(making: Making, target: Field, header: str, text: str) -> None:
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


def _keep_other(making: Making, target: Field, header: str, text: str, *, whole: str = "") -> None:
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


def _read_geo(making: Making, path: str, header: str, text: str) -> None:
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
