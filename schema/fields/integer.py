"""Kind `int`: whole numbers, out of "约5人（含老人1小孩2）", "三人", "5-6人", and depths out of "一米五", "齐腰".

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

import re
import unicodedata

from schema.errors import SchemaError
from schema.fields.parsed import Doubt, Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_CN = "[零〇一二两俩仨壹三四五六七八九十百千万]+"
_NUM = rf"([0-9]+(?:\.[0-9]+)?|{_CN})"
_FIRST = re.compile(_NUM)
_RANGE = re.compile(rf"{_NUM}\s*(?:-|~|到|至|或)\s*{_NUM}")
_ABOUT = re.compile(r"约|大概|左右|多|余|上下|几|不到|近|至少|以上")
# Words that say nothing more than the number does.
_FILLER = re.compile(
    r"全家|约|大概|大约|左右|多|余|上下|不到|近|至少|以上|共计|一共|合计|总共|总计|共|有|计|被困|人员|人数|个人|口人|名|位|人|口|个"
    r"|只剩|剩余|还剩|剩|手机|电量|楼|层|台|艘|辆|条|只|架|部|件|箱|吨|几|小时|cm|m3/h|m³/h|h|%|people|persons|person"
    r"|[\s:,、。.+/()-]+",
    re.IGNORECASE,
)
# Who is in a count of people, by the words that name them.
_WITHIN = (
    ("infants", "婴幼儿|婴儿|宝宝"),
    ("children", "小孩子|小孩|孩子|儿童|小朋友"),
    ("elderly", "老年人|老人|老太太|老头"),
    ("pregnant", "孕妇"),
    ("disabled", "残疾人|残疾|残障|行动不便"),
    ("injured", "伤员|伤者|受伤|病人"),
    ("adults", "成年人|成人|大人"),  # no field of their own; they count in a sum
)
_MEASURE = "(?:个|名|位)?"
_ANYBODY = re.compile("|".join(words for _, words in _WITHIN))
_BEFORE = re.compile(rf"{_NUM} *{_MEASURE} *\Z")
_BODY = (
    (("没顶", "过头", "过顶"), 180), (("脖", "颈"), 150), (("胸",), 130), (("腰",), 100), (("大腿",), 80), (("膝",), 50),
    (("小腿",), 30), (("脚踝", "脚面", "脚"), 15),
)  # fmt: skip
_METRES = re.compile(rf"(半|[0-9]+(?:\.[0-9]+)?|{_CN})\s*(?:米|m)\s*(半|[0-9]{{1,2}}|{_CN})?(?![0-9a-z])")
_CENTIMETRES = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:cm|厘米|公分)?")


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    plain = _plain(text)
    if not plain:
        return Parsed()
    if field.unit == "cm":
        value, doubts, also = *_depth(plain), dict[str, Value]()
    else:
        value, doubts, also = _count(plain, field)
    if value is None:
        return Parsed({}, (doubt("unread", text.strip()),) if not doubts else tuple(doubts), also)
    if not float(value).is_integer():
        return Parsed({}, (doubt("not-whole", text.strip()),), also)
    if not _within(int(value), field):
        return Parsed({}, (doubt("out-of-range", text.strip()),), also)
    return Parsed({"": int(value)}, tuple(doubts), also)


def validate(element: str, value: Value, field: Field) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SchemaError("wrong-type", f"{field.id} is a whole number")
    if not _within(value, field):
        raise SchemaError("out-of-range", f"{field.id} lies between {field.minimum} and {field.maximum}")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    unit = field.unit
    if not unit or (lang != "zh" and not unit.isascii()):
        return str(value)
    return f"{value} {unit}" if unit.isascii() else f"{value}{unit}"


def number_of(text: str) -> float | None:
    """The number that Arabic or Chinese digits stand for: "二十三" 23, "一百二" 120, "1.5" 1.5."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return float(text)
    if not re.fullmatch(_CN, text):
        return None
    if not any(sign in _UNITS for sign in text):
        return float("".join(str(_DIGITS[sign]) for sign in text))
    total = section = digit = 0
    last_unit = 1
    for sign in text:
        if sign in _UNITS:
            unit = _UNITS[sign]
            if unit == 10000:
                total, section = total + (section + digit) * unit, 0
            else:
                section += (digit or (1 if unit == 10 else 0)) * unit
            digit, last_unit = 0, unit
        else:
            digit = _DIGITS[sign]
            if sign in "零〇":
                last_unit = 10
    return float(total + section + digit * (last_unit // 10 if last_unit > 10 else 1))  # 一百二 is 120


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-").strip().lower()


def _within(value: int, field: Field) -> bool:
    low = -(2**53) if field.minimum is None else field.minimum
    high = 2**53 if field.maximum is None else field.maximum
    return low <= value <= high


def _count(plain: str, field: Field) -> tuple[float | None, list[Doubt], dict[str, Value]]:
    plain = plain.replace("一家", "全家")  # 一家三口 is three
    also, rest = _people_within(plain) if field.id == "people_total" else ({}, plain)
    main, _, inside = rest.partition("(")
    doubts: list[Doubt] = []
    value: float | None = None
    if re.search("[几数][十百千万]", main):  # 几十人: nobody knows how many
        return None, [], also
    spoken = _RANGE.search(main)
    if spoken:
        ends = [number_of(part) or 0 for part in spoken.groups()]
        value = max(ends)
        doubts.append(doubt("range", spoken.group(0)))
    else:
        spoken = _FIRST.search(main)
        if spoken:
            value = number_of(spoken.group(1))
            if _is_below(main[: spoken.start()], field):
                value = -(value or 0)
        elif also and not _FILLER.sub("", main.replace("含", "").replace("其中", "")):
            value = float(sum(v for v in also.values() if isinstance(v, int)))
            doubts.append(doubt("summed", plain))
    also.pop("adults", None)
    if value is None:
        return None, [], also
    assert spoken is not None or doubts
    left = main[: spoken.start()] + main[spoken.end() :] if spoken else ""
    if _ABOUT.search(main):
        doubts.append(doubt("approximate", plain))
    words = _FILLER.sub("", re.sub(r"含|其中|包括|^b|负|地下", "", left)) + _FILLER.sub(
        "", re.sub(r"含|其中|包括", "", inside)
    )
    if words:
        doubts.append(doubt("words-left", words))
    return value, doubts, also


def _people_within(plain: str) -> tuple[dict[str, Value], str]:
    """({field: how many}, the text without them): "老人1小孩2" and "1个老人2个小孩" alike.

    Whether the number stands before its word or after is told by the first word, for in the middle both read alike.
    """
    first = _ANYBODY.search(plain)
    if first is None:
        return {}, plain
    before = _BEFORE.search(plain[: first.start()]) is not None
    also: dict[str, Value] = {}
    rest = plain
    for name, words in _WITHIN:
        pattern = rf"{_NUM} *{_MEASURE} *(?:{words})" if before else rf"(?:{words}) *{_NUM} *{_MEASURE}"
        match = re.search(pattern, rest)
        number = number_of(match.group(1)) if match else None
        if match is not None and number is not None and number.is_integer():
            also[name] = int(number)
            rest = rest[: match.start()] + " " + rest[match.end() :]
    return also, rest


def _is_below(before: str, field: Field) -> bool:
    if re.search(r"^-\Z", before):
        return True
    below = field.minimum is not None and field.minimum < 0
    return below and re.search(r"(?:负|地下|(?:^|[^a-z])b) *\Z", before) is not None


def _depth(plain: str) -> tuple[float | None, list[Doubt]]:
    """Centimetres. Of several depths the deepest; parts of the body are estimates."""
    found = [_metres(match) for match in _METRES.finditer(plain)]
    if found:
        return max(found), []
    bare = _CENTIMETRES.fullmatch(plain.removeprefix("约").removesuffix("左右"))
    if bare:
        value = float(bare.group(1))
        if not plain.endswith(("cm", "厘米", "公分")):
            if "." in bare.group(1) and value < 10:
                return round(value * 100), [doubt("unit-guessed", plain)]
            if value <= 3:
                return value, [doubt("unit-guessed", plain)]
        return value, []
    for words, depth in _BODY:
        if any(word in plain for word in words):
            return float(depth), [doubt("approximate", plain)]
    inside = re.search(r"([0-9]+(?:\.[0-9]+)?)\s*(?:cm|厘米|公分)", plain)
    return (float(inside.group(1)), [doubt("words-left", plain)]) if inside else (None, [])


def _metres(match: re.Match[str]) -> float:
    whole, part = match.groups()
    metres = 0.5 if whole == "半" else (number_of(whole) or 0)
    if part == "半":
        return round(metres * 100 + 50)
    tail = number_of(part) if part else None
    return round(metres * 100 + (0 if tail is None else tail * 10 if tail < 10 else tail))
