"""What of a row is compared with other rows: its print. Numbers, names, the place and its parts, the words.

Pure. Imported by the index, the score and the server's live index. Twin: client/src/moderation/normal.ts (schema/vectors/duplicates.json).
Rules DU1–DU4 of docs/spec/duplicates.md.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schema.coordinates import position_of
from schema.edits import field_of
from schema.errors import SchemaError
from schema.phones import mask_number, read_phones
from schema.sheets import Sheet
from schema.values import Value

MAX_TEXT_CHARS = 600  # a long post has 400; beyond it come hashtags and copied news
MAX_PHONES = 6  # a hotline's list is no person's number

# What is compared, by the names the sheets share.
NAMES = ("person_name", "receiver_name", "leader_name", "doctor_name")
TEXTS = ("title", "name", "item", "hospital", "summary", "body", "directions", "extent_note")
EXACT = "place_exact"
POINTS = ("geo", "geo_exact", "base")

Values = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Print:
    """A row, reduced to what is compared. `units` are numbers of the address by what they count: `("栋", "19")`."""

    sheet: str
    row: str
    phones: tuple[str, ...]
    names: tuple[str, ...]
    district: str
    place: str
    units: tuple[tuple[str, str], ...]
    public_units: tuple[tuple[str, str], ...]  # those that the public place says
    spots: tuple[str, ...]  # estates, villages, hospitals: the last two signs of the name and what it is
    text: str
    grams: array[int]  # pairs of signs of place and words
    where: array[int]  # those of the place alone
    point: tuple[float, float, str] | None  # latitude, longitude, datum


def print_of(sheet: Sheet, values: Values, *, row: str = "") -> Print:
    """The print of a row from its cells, `{path: values}`: every live value of each, of the tiers one may see."""
    phones: list[str] = []
    for path in values:
        column = sheet.fields.get(field_of(path))
        if column is not None and column.kind == "phone":
            for value in _texts(values[path]):
                phones += read_phones(value).numbers
    words = " ".join(text for name in TEXTS for text in _texts(values.get(name, ())))
    for number in numbers_in(words):
        phones.append(number)
    names = [name for field in NAMES for text in _texts(values.get(field, ())) for name in _names(text)]
    where = "".join(text for name in sheet.place for text in _texts(values.get(name, ())))
    exact = "".join(_texts(values.get(EXACT, ())))
    place, district = split_chain(fold(where))
    district = _stem(fold("".join(_texts(values.get("district", ()))))) or district
    # A post that names its place only in its words: there 20号 is a day unless it stands behind a street, and the district behind a city.
    spaced = clauses(words)
    text = spaced.replace(" ", "")[:MAX_TEXT_CHARS]
    around = place or _DAY.sub(r"\1\2", spaced)
    if not place and not district:
        district = _district_in(spaced)
    return Print(
        sheet=sheet.id,
        row=row,
        phones=tuple(dict.fromkeys(phones))[:MAX_PHONES],
        names=tuple(dict.fromkeys(names)),
        district=district,
        place=place,
        units=units_of(around + fold(exact)),
        public_units=units_of(around),
        spots=spots_of(around),
        text=text,
        grams=grams_of(place + " " + text),
        where=grams_of(place),
        point=_point(values),
    )


def public_of(seen: Print) -> Print:
    """The print as somebody sees it who is shown no private field: what they learn from it is public already (DU4)."""
    return replace(
        seen,
        phones=tuple(dict.fromkeys(mask_number(number) for number in seen.phones)),
        names=tuple(dict.fromkeys(name[:1] + "**" for name in seen.names)),
        units=seen.public_units,
    )


def fold(text: str) -> str:
    """One spelling: width, case, Chinese numerals before what they count, the many words for a building, no spaces."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _COUNTED.sub(lambda match: str(_number(match.group(1))), plain)
    plain = _BUILDING.sub(r"\1栋", plain)
    return _NOISE.sub("", plain)


def clauses(text: str) -> str:
    """A post's words without links, handles, topics and telephone numbers, a space where signs stood: 停电三天，小区内 names no 三天小区."""
    plain = _LINK.sub(" ", unicodedata.normalize("NFKC", text).lower())
    plain = _TOPIC.sub(" ", plain)
    plain = _LONG_DIGITS.sub(" ", plain)
    plain = _COUNTED.sub(lambda match: str(_number(match.group(1))), plain)
    plain = _BUILDING.sub(r"\1栋", plain)
    return _SIGNS.sub(" ", plain)[: 2 * MAX_TEXT_CHARS]


def numbers_in(words: str) -> list[str]:
    """Mobile numbers in free words, whole or masked."""
    plain = unicodedata.normalize("NFKC", words)
    found = []
    for match in _MOBILE.finditer(plain):
        bare = re.sub(r"[ \-]", "", match.group(2))
        found.append(re.sub(r"\*+", "****", bare))
    return found


def split_chain(place: str) -> tuple[str, str]:
    """(the place without province, city and district in front, the district's stem)."""
    district = ""
    rest = place
    while (match := _CHAIN.match(rest)) is not None:
        if match.group(2) == "区" and match.group(1)[-1] in _NOT_DISTRICTS:
            break
        if match.group(2) not in ("省", "自治区"):
            district = match.group(1)
        rest = rest[match.end() :]
    return rest, _stem(district)


def units_of(place: str) -> tuple[tuple[str, str], ...]:
    """Numbers of an address by what they count, the first of each kind: 号, 栋, 单元, 室, 组."""
    found: dict[str, str] = {}
    dashed = _DASHED.search(place)
    if dashed is not None:
        for unit, number in zip(("栋", "单元", "室"), dashed.groups(), strict=True):
            found[unit] = number.lstrip("0") or "0"
    for match in _UNIT.finditer(place):
        found.setdefault(_UNITS.get(match.group(2), match.group(2)), match.group(1).lstrip("0") or "0")
    return tuple(sorted(found.items()))


def spots_of(place: str) -> tuple[str, ...]:
    """Estates, villages, schools, hospitals: two signs of the name and the word for it, sorted."""
    bare = _UNIT.sub(" ", place)
    found = {match.group(1) + match.group(2) for match in _SPOT.finditer(bare) if not _VAGUE.search(match.group(1))}
    return tuple(sorted(found))


def grams_of(text: str) -> array[int]:
    """Pairs of signs that stand together, each once, sorted; each as one number."""
    runs = text.split(" ")
    found = {
        (ord(one) & 0xFFFF) << 16 | ord(two) & 0xFFFF for run in runs for one, two in zip(run, run[1:], strict=False)
    }
    return array("I", sorted(found))


def anchors_of(place: str) -> list[int]:
    """Finer keys of an address: three signs together, and a number with the two signs before it."""
    found = {
        (ord(a) & 0xFFFF) << 32 | (ord(b) & 0xFFFF) << 16 | ord(c) & 0xFFFF
        for a, b, c in zip(place, place[1:], place[2:], strict=False)
    }
    for match in _NUMBERED.finditer(place):
        before = match.group(1)
        high = (ord(before[0]) & 0xFFFF) << 32 | (ord(before[1]) & 0xFFFF) << 16
        found.add(high | int(match.group(2)) & 0xFFFF)
    return sorted(found)


# -- patterns: no lookbehind, the same ones run in Chromium 64

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_COUNTED = re.compile(r"([零〇一二两三四五六七八九十百]{1,5})(?=号|楼|栋|幢|座|单元|室|层|组|队|期)")
_BUILDING = re.compile(r"([0-9]{1,4}|[a-z])(?:号楼|幢|座|#楼|#|栋楼)")
_NOISE = re.compile(r"[\s,，。、;；:：()（）\[\]【】\"“”'’]|附近|旁边|对面|门口|[^\u0000-\uffff]")
_LINK = re.compile(r"https?://[^\s，。]+|@[^\s:：,，。@]{1,30}")
_TOPIC = re.compile(r"#[^#\n]{1,40}#|\[[^\[\]\n]{1,8}\]|【|】")
_LONG_DIGITS = re.compile(r"\+?[0-9*][0-9* \-]{5,}[0-9*]")
_SIGNS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_MOBILE = re.compile(
    r"(^|[^0-9*])(?:\+?86[ \-]?)?(1[3-9][0-9][ \-]?(?:[0-9]{4}[ \-]?[0-9]{4}|\*{2,8}[0-9]{2,4}))(?![0-9*])"
)
_CHAIN = re.compile(
    r"([\u4e00-\u9fff]{1,7}?)(省|自治区|市|自治州|地区|自治县|县|区|旗)"
    r"(?=[\u4e00-\u9fff]{2})(?!域|内|场|民|政|委|立)"
)
_LAST = re.compile(r"(?:^|[省市州])([^省市]{1,7})(?:自治县|区|县|市|旗)$")
_NOT_DISTRICTS = "小社园景厂校城库山矿辖"  # 小区, 社区, 园区 … are parts of an address
_UNIT = re.compile(r"([0-9]{1,5}|[a-z])(栋|单元|室|户|房|组|队|号院|号)(?!线|地铁|门)")
_DAY = re.compile(r"(^|[^0-9路街道巷])[0-9]{1,3}(号)(?!楼|院|栋)")
_DISTRICT_IN_WORDS = re.compile(r"市([\u4e00-\u9fff]{1,4}?)(区|县|市)(?!域|内|场|民|政|委|立)")
_UNITS = {"户": "室", "房": "室", "队": "组", "号院": "号"}
_DASHED = re.compile(r"(?:^|[^0-9\-])([0-9]{1,3})-([0-9]{1,2})-([0-9]{2,5})(?![0-9\-])")
_SPOT = re.compile(
    r"([\u4e00-\u9fffa-z]{2})(小区|社区|花园|家园|公寓|家属院|新村|庄园|医院|卫生院|学校|中学|小学|大学|学院|幼儿园|酒店|宾馆"
    r"|广场|大厦|村委会|农贸市场|市场|商场|超市|地铁站|火车站|车站|养老院|敬老院|工地|隧道|国际|公馆|城邦|苑|庄|寨|村|湾|府)"
    r"(?![东西南北中]?(?:路|街|大道|桥))"
)
# 我们小区, 整个村, 人民医院: no name of one place.
_VAGUE = re.compile(
    r"[我你他她们这那个整全各本的在到有是去从被来]|^(?:人民|中心|第[一二三四五]|儿童|地下|附近|周边|所有|农村|县城|一些)$"
)
_NUMBERED = re.compile(r"([^0-9]{2})([0-9]{1,5})")
_SEPARATORS = re.compile(r"[\s,，、/;；|和与及()（）]+")
_TITLE = re.compile(r"(?:女士|先生|小姐|阿姨|叔叔|大爷|大妈|老师|医生|本人|家属)$")


def _texts(values: Iterable[Value]) -> list[str]:
    return [value for value in dict.fromkeys(v for v in values if isinstance(v, str)) if value.strip()]


def _names(text: str) -> list[str]:
    parts = (_TITLE.sub("", part) for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text).strip()))
    return [part for part in parts if 1 <= len(part) <= 12 and not any(sign.isdigit() for sign in part)]


def _district_in(text: str) -> str:
    """The first district that stands behind a city in running words: 新乡市凤泉区, not 郑州市的小区."""
    for match in _DISTRICT_IN_WORDS.finditer(text):
        if not _VAGUE.search(match.group(1)) and match.group(1)[-1] not in _NOT_DISTRICTS:
            return _stem(match.group(1) + match.group(2))
    return ""


def _number(signs: str) -> int:
    """A Chinese numeral: 十二, 三十, 一百零五, or digit by digit 一二."""
    if not any(sign in "十百" for sign in signs):
        return int("".join(str(_DIGITS[sign]) for sign in signs))
    total = current = 0
    for sign in signs:
        if sign in _DIGITS:
            current = _DIGITS[sign]
        else:
            total += (current or 1) * (100 if sign == "百" else 10)
            current = 0
    return total + current


def _stem(district: str) -> str:
    """`管城回族区` and `管城区` are one."""
    whole = split_last.group(1) if (split_last := _LAST.search(district)) is not None else district
    return re.sub(r"[\u4e00-\u9fff]族$", "", whole)[-6:]


def _point(values: Values) -> tuple[float, float, str] | None:
    for path in POINTS:
        for value in values.get(path, ()):
            if isinstance(value, list | tuple):
                try:
                    found = position_of(value)
                except SchemaError:
                    continue
                return found.lat, found.lon, found.datum
    return None
