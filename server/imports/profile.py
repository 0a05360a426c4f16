"""What a column holds, judged by its cells alone: the second opinion beside its name.

Pure. Imported by `mapping`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schema.sheets import Field
from server.imports.cells import (
    Calendar,
    is_blank,
    plain,
    read_number,
    read_outcome,
    read_people,
    read_time,
    read_urgency,
    read_verify,
    read_yes_no,
)
from server.imports.options import read_options

SAMPLED = 300

PHONE = re.compile(
    r"(?<![\d.])(?:\+?\(?86\)?[- ]?)?1[3-9]\d(?:[- ]?[\d*xX●•]{4}){2}(?![\d])|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)|\+\d[\d -]{7,16}\d|<phone>"
)
_URL = re.compile(r"https?://\S+|(?:weibo|weixin|douyin)\.(?:com|cn)/\S+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[省市区县镇乡村](?!别)|[路街巷道弄]|小区|花园|号楼|单元|栋|社区|家属院|广场|大厦|学校|医院|street|road|avenue|\brue\b|\bave\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"[\u4e00-\u9fff·]{1,4}(?:先生|女士|小姐|老师|师傅|阿姨|叔叔|大爷|奶奶)?\Z|[A-Za-z][A-Za-z.' -]{2,30}\Z"
)
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文褚卫尤施"
)
_ANY_CALENDAR = Calendar(2021, True, 0)


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares (0 to 1) of the cells of a column that look like something; `count` says how many there were to look at."""

    count: int
    phone: float
    phone_and_more: float  # a phone with two or more words beside it: 张三 142…
    url: float
    time: float
    number: float
    people: float
    yes_no: float
    address: float
    person: float
    lat: float
    lon: float
    urgency: float
    verify: float
    outcome: float
    distinct: float
    length: float
    counting: bool  # 1, 2, 3 …


_NOTHING = Profile(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, counting=False)


def profile(texts: Sequence[str]) -> Profile:
    """The profile of a column's non-empty cells."""
    sample = [text for text in texts if not is_blank(text)]
    if len(sample) > SAMPLED:
        step = len(sample) / SAMPLED
        sample = [sample[int(i * step)] for i in range(SAMPLED)]
    if not sample:
        return _NOTHING
    flat = [unicodedata.normalize("NFKC", text).strip() for text in sample]

    def share(test: Callable[[str], object]) -> float:
        return sum(1 for text in flat if test(text)) / len(flat)

    numbers = [n for text in flat if (n := read_number(text)) is not None]
    rising = sum(b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False))
    return Profile(
        count=len(sample),
        phone=share(lambda t: PHONE.search(t)),
        phone_and_more=share(_has_phone_and_words),
        url=share(_URL.search),
        time=share(lambda t: len(t) >= 6 and not t.isdigit() and read_time(t, _ANY_CALENDAR)),
        number=share(lambda t: read_number(t) is not None),
        people=share(
            lambda t: len(t) <= 20 and not t.isdigit() and re.search(r"[人口名位]|大人|小孩|老人", t) and read_people(t)
        ),
        yes_no=share(lambda t: read_yes_no(t) is not None),
        address=share(lambda t: len(t) >= 4 and _ADDRESS.search(t)),
        person=share(lambda t: _PERSON.match(t) and (t[0] in _SURNAMES or t[0] < "\x7f") and len(t) >= 2),
        lat=share(lambda t: _in_range(t, 90)),
        lon=share(lambda t: _in_range(t, 180)),
        urgency=share(lambda t: len(t) <= 10 and read_urgency(t)),
        verify=share(lambda t: len(t) <= 16 and read_verify(t)),
        outcome=share(lambda t: len(t) <= 16 and read_outcome(t)),
        distinct=len(set(flat)) / len(flat),
        length=sum(map(len, flat)) / len(flat),
        counting=len(numbers) >= 3 and len(numbers) >= 0.9 * len(flat) and rising >= 0.7 * (len(numbers) - 1),
    )


def option_share(field: Field, texts: Sequence[str]) -> float:
    """The share of a column's cells in which at least one option of the field is named."""
    sample = [text for text in texts if not is_blank(text)][:SAMPLED]
    if not sample:
        return 0.0
    return sum(1 for text in sample if read_options(field, text).codes) / len(sample)


def fits(field: Field, seen: Profile, texts: Sequence[str]) -> float:
    """How well what a column holds agrees with a field: -1 (it cannot be that) to 1."""
    if seen.count == 0:
        return 0.0
    if field.kind == "phone":
        return _scale(seen.phone, 0.15, 0.6)
    if field.kind == "time":
        return _scale(seen.time, 0.2, 0.7)
    if field.kind == "url":
        return _scale(seen.url, 0.1, 0.6)
    if field.kind == "geo":
        return _scale(max(seen.lat, seen.lon), 0.1, 0.5)
    if field.kind == "int":
        if seen.phone > 0.3 or seen.time > 0.5:
            return -1.0
        return _scale(max(seen.number, seen.people, _people_share(texts)), 0.15, 0.6)
    if field.kind == "bool":
        return _scale(seen.yes_no, 0.1, 0.6)
    if field.kind in ("enum", "multi"):
        if seen.phone > 0.5 or seen.time > 0.7:
            return -1.0
        said = {
            "urgency": seen.urgency,
            "verify_state": max(seen.verify, seen.yes_no),
            "outcome": max(seen.outcome, seen.yes_no),
        }
        return _scale(max(said.get(field.id, 0.0), option_share(field, texts)), 0.0, 0.5) if seen.count >= 3 else 0.0
    if seen.phone > 0.6 and seen.phone_and_more < 0.3:
        return -0.6
    if field.id in ("ext_id", "photos"):
        return 0.0
    if seen.time > 0.7 and field.id not in ("hours", "hours_from", "hours_until"):
        return -0.5
    return 0.0


def _people_share(texts: Sequence[str]) -> float:
    sample = [text for text in texts if not is_blank(text)][:SAMPLED]
    return sum(1 for text in sample if len(text) <= 40 and read_people(text)) / len(sample) if sample else 0.0


def _scale(share: float, low: float, high: float) -> float:
    if share <= low:
        return -1.0 + share / low if low else -1.0 if share == 0 else 0.0
    return min(1.0, (share - low) / (high - low))


def _has_phone_and_words(text: str) -> bool:
    rest, count = PHONE.subn(" ", text)
    rest = re.sub(r"电话|手机|联系方式|微信同号|微信|tel|phone|[\s\W\d_]", "", plain(rest))
    return count > 0 and len(rest) >= 2


def _in_range(text: str, limit: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return bool(re.match(r"-?\d{1,3}\.\d{3,}[,;\s]+-?\d{1,3}\.\d{3,}\Z", text))
    return "." in text and -limit <= number <= limit
