"""Provinces, cities and counties of China in an address: which of them it names, by name, short name or former name.

Pure: reads only `divisions.json`, which ships with the package, on first use. Imported by posts. Rules PO5–PO7 of docs/spec/posts.md.
The names: bench/make_divisions.py says where they are from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

# Names people use that no table has: former counties, short forms of autonomous ones, zones with no code of their own.
ALIASES = {
    "410104": ("管城区",),
    "410304": ("瀍河区",),
    "410212": ("开封县",),
    "411003": ("许昌县",),
    "411203": ("陕县",),
    "411603": ("淮阳县",),
    "410308": ("孟津县",),
    "410307": ("偃师市",),
}
ZONES = {
    "郑东新区": "4101",
    "航空港区": "4101",
    "郑州航空港": "4101",
    "平原新区": "4107",
    "平原示范区": "4107",
    "城乡一体化示范区": "",
}
_ZONE = re.compile("|".join(ZONES) + "|高新技术开发区|高新区|经济技术开发区|经济开发区|经开区|航空港区|示范区")

# 二七路 is a street and 金水花园 an estate: a short name is a district only where none of these follows.
_NO_DISTRICT = re.compile(
    r"[东西南北中新老一二三四五六七八九十]{0,2}(?:路|街|大道|大街|道|巷)|桥|立交|高架|高速|站|广场|大厦|医院|学校|小学|中学|大学|公园|国际|花园|家园|小区|社区"
    r"|酒店|宾馆|公寓|苑|城|湖|河|江|山|庄|村|镇|乡|银行|饭店|超市|商场|机场|水库|大桥|分局|人|籍|老乡|福塔"
)
_SHORT = re.compile(
    r"(.{2,}?)(?:[\u4e00-\u9fff]{1,4}族)*(?:自治县|自治州|自治区|特别行政区|地区|林区|新区|矿区|省|市|区|县|旗|盟|州)"
)
MAX_SCANNED_CHARS = 400  # an address, or the part of a post that holds one
_NATIONS = re.compile(r"(?:维吾尔|壮族|回族)$")


@dataclass(frozen=True, slots=True)
class Division:
    """A county-level place, its city and its province, each "" where it is not known. `start`, `end`: what of the text names them."""

    province: str
    city: str
    district: str
    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    codes: tuple[str, ...]  # six digits a county, four a city, two a province
    whole: bool  # written in full


def find_division(text: str, *, near: Iterable[str] = ()) -> Division | None:
    """The most certain county, else city, else province that a text names; of equals the first.

    `near`: codes of cities or provinces that the other rows are in; they settle which 鼓楼区 is meant, and vouch for short names.
    """
    scanned = text[:MAX_SCANNED_CHARS]
    hits = list(_hits(scanned))
    zones = list(_ZONE.finditer(scanned))
    around = tuple(near)
    above = {code for hit in hits for code in hit.codes if len(code) < 6}
    best: tuple[float, _Hit, str] | None = None
    for hit in hits:
        for code in hit.codes:
            certainty = _certainty(code, hit, hits, above=above, near=around)
            if certainty > 0 and (best is None or certainty > best[0]):
                best = (certainty, hit, code)
    if best is None:
        return _zone(zones, hits, around)
    _, hit, code = best
    if len(code) < 6 and zones:
        return _zone(zones, hits, around, city=code)
    start = min([one.start for one in hits if any(code.startswith(c) for c in one.codes)] + [hit.start])
    ambiguous = len(code) == 6 and len(hit.codes) > 1 and not _settled(code, above, around)
    if ambiguous:
        return Division("", "", _names()[code], "", hit.start, hit.end)
    return _division(code, start, hit.end)


def short_name(name: str) -> str:
    """新密市 as 新密; a name that would keep one sign keeps all of them."""
    match = _SHORT.fullmatch(name)
    return match.group(1) if match is not None else name


def _certainty(code: str, hit: _Hit, hits: list[_Hit], *, above: set[str], near: tuple[str, ...]) -> float:
    """0: not named at all. A county in full tells more than a city, a short name only where something vouches for it."""
    vouched = code[:4] in above or any(code.startswith(c) for c in near)
    beside = any(one.end == hit.start and any(code.startswith(c) and c != code for c in one.codes) for one in hits)
    if len(code) == 6:
        if hit.whole:
            return 6 + 2 * (code[:4] in above) + (code[:2] in above) + vouched
        return 4 + beside + (code[:4] in above) if vouched or beside or hit.start == 0 else 0
    if len(code) == 4:
        return 3 + hit.whole * 0.5 + (code[:2] in above) * 0.25
    return 1 + hit.whole * 0.5


def _settled(code: str, above: set[str], near: tuple[str, ...]) -> bool:
    return code[:4] in above or code[:2] in above or any(code.startswith(c) for c in near)


def _zone(zones: list[re.Match[str]], hits: list[_Hit], near: tuple[str, ...], *, city: str = "") -> Division | None:
    """A development zone: it has no code; its city is the one named, its own, or the one the others are in."""
    if not zones:
        return None
    first = zones[0]
    known = ZONES.get(first.group(0), "")
    code = known or city or next((c for c in near if len(c) == 4), "")
    start = min([hit.start for hit in hits if hit.end <= first.start()] + [first.start()])
    names = _names()
    return Division(names.get(code[:2], ""), names.get(code[:4], ""), first.group(0), code, start, first.end())


def _division(code: str, start: int, end: int) -> Division:
    names = _names()
    province = names.get(code[:2], "")
    municipal = province.endswith("市")
    city = names.get(code[:4], "") or (province if municipal else "")
    district = names[code] if len(code) == 6 else ""
    return Division(province, city if len(code) >= 4 or municipal else "", district, code, start, end)


def _hits(text: str) -> Iterable[_Hit]:
    """Every name in the text, the longest at each place, left to right."""
    table = _by_start()
    at = 0
    while at < len(text) - 1:
        for name, codes, whole in table.get(text[at : at + 2], ()):
            if text.startswith(name, at):
                end = at + len(name)
                if whole or name[-1] in "县市" or _NO_DISTRICT.match(text, end) is None:
                    yield _Hit(at, end, codes, whole)
                    at = end - 1
                    break
        at += 1


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    file = resources.files("moderation").joinpath("divisions.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(file)["names"]
    return found


@lru_cache(maxsize=1)
def _by_start() -> dict[str, tuple[tuple[str, tuple[str, ...], bool], ...]]:
    """Names by their first two signs, the longest first: (name, codes, whether it is the whole name)."""
    whole: dict[str, list[str]] = {}
    short: dict[str, list[str]] = {}
    for code, name in _names().items():
        if len(name) == 2 and len(code) == 6 and name.endswith("区"):
            continue  # 城区, 郊区, 矿区: words before they are names
        for spelt in (name, *ALIASES.get(code, ())):
            whole.setdefault(spelt, []).append(code)
            stem = _NATIONS.sub("", short_name(spelt)) if len(code) == 2 else short_name(spelt)
            if stem != spelt and len(stem) >= 2:
                short.setdefault(stem, []).append(code)
    found: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {}
    for names, is_whole in ((whole, True), (short, False)):
        for name, codes in names.items():
            if is_whole or name not in whole:
                found.setdefault(name[:2], []).append((name, tuple(codes), is_whole))
    return {start: tuple(sorted(listed, key=lambda one: -len(one[0]))) for start, listed in found.items()}
