"""Which options of an enumeration a cell names: "橡皮艇、发电机/药品", "2a. Penurie d'aliments | Food Shortage".

Pure. Imported by `profile` and `filling`. What no option covers is given back verbatim, never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from schema.sheets import Field

# Words of sheets from elsewhere for options whose labels and aliases do not contain them; by field, then code.
_MORE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "needs": (
        ("boat", r"艇|船|筏|\bboats?\b|bateau"),
        ("high_vehicle", r"铲车|越野|卡车|货车|底盘|挖掘机|拖车|\btrucks?\b|vehicle"),
        ("diver", r"潜水|蛙人|diver"),
        ("rope", r"绳|\bropes?\b"),
        ("medic", r"医[护生疗务]|护士|急救|救护|doctor|medic(?!ine|ament)|ambulance|nurse"),
        ("stretcher", r"担架|stretcher"),
        ("pump", r"抽水|水泵|排水|\bpumps?\b"),
        ("food", r"食[物品]|吃的|粮|方便面|面包|泡面|奶粉|干粮|food|nourriture|aliment|\bmeals?\b|\brice\b"),
        ("water", r"饮用?水|矿泉水|纯净水|喝的|^水$|水源|drinking|\bwater\b|\beau\b"),
        ("medicine", r"药|胰岛素|medicines?|medications?|medicament|insulin|\bdrugs?\b"),
        ("power", r"发电|充电|电源|供电|电池|generator|power|electric|batter"),
        ("shelter", r"安置|住处|住所|帐篷|住宿|避难|shelter|\btents?\b|refuge|\babri\b|logement"),
        ("evacuate", r"转移|撤离|接走|接出|救出|营救|救援|evacuat|rescue|secours"),
    ),
    "category": (
        ("trapped", r"被?困|围困|trapped|prises? au piege|trapp|entrapment"),
        ("lost_contact", r"失联|失踪|寻人|missing|disparu|persons? news|nouvelles de personnes"),
        ("medical", r"医|急救|伤|病|medical|health|sante|hospital|hopita|disease|malad|obgyn|psychiatric|chronic"),
        ("birth", r"孕|产妇|临产|分娩|birth|pregnan|obstetric|accouchement"),
        ("evacuate", r"转移|撤离|evacuat|search and rescue|recherche et sauvetage"),
        (
            "supplies",
            r"物资|缺水|缺粮|断水|断粮|食物|饮水|shortage|penurie|food|water|\beau\b|aliment|supply|supplies|vital lines|urgences logistiques"
            r"|fuel|carburant|shelter|refuge|non-food|medicament",
        ),
        ("vehicle_trapped", r"车.{0,4}困|困.{0,4}车|泡水车|vehicle"),
        (
            "structure",
            r"倒塌|坍塌|塌房|危房|开裂|collapsed|effondre|unstable structure|structures? a risque|rubble|gravats|bridge|infrastructure",
        ),
        ("landslide", r"滑坡|塌方|泥石流|landslide|glissement"),
        ("animal", r"动物|宠物|牲畜|猫|狗|animal"),
    ),
    "source": (
        ("weibo", r"微博|weibo"),
        ("wechat", r"微信|公众号|朋友圈|wechat|weixin"),
        ("douyin", r"抖音|快手|douyin|kuaishou"),
        ("hotline", r"热线|来电|电话|hotline|\bcall\b"),
        ("official", r"官方|政府|应急|消防|公安|official"),
        ("relative", r"亲友|家属|亲属|朋友|家人|儿子|女儿|父|母|爱人|同事|邻居|family|friend|relative"),
        ("volunteer", r"志愿|网友|转发|代发|volunteer"),
        ("self", r"本人|自己|自填|当事人|\bself\b"),
    ),
    "priority": (
        ("under_control", r"充足|足够|已满足|不缺|enough"),
        ("remaining", r"尚可|还可"),
        ("needing", r"一般|普通|正常|需要|normal|medium"),
        ("urgent", r"急|urgent|high|critical"),
    ),
    "capabilities": (
        ("water", r"水上|水域|舟艇|冲锋舟|water"),
        ("dive", r"潜水|\bdiv"),
        ("mountain", r"山地|绳索|山岳|mountain"),
        ("collapse", r"破拆|倒塌|废墟|collapse"),
        ("medical", r"医|急救|medic"),
        ("evac", r"转移|撤离|evac"),
        ("transport", r"运输|车队|运送|transport"),
        ("pump", r"排涝|抽水|排水|pump"),
    ),
    "kind": (
        ("leak", r"漏电|触电|带电|electr"),
        ("wire_down", r"断线|电线|倒杆|电杆|wire"),
        ("road_flooded", r"积水|内涝|水淹|淹水|flood"),
        ("manhole", r"井盖|manhole"),
        ("collapse", r"塌陷|地陷|sinkhole"),
        ("gas", r"燃气|天然气|煤气|\bgas\b"),
        ("landslide", r"滑坡|塌方|泥石流|landslide"),
        ("bridge", r"桥|涵洞|bridge"),
        ("tunnel", r"隧道|地铁|地下|tunnel"),
        ("dam", r"水库|堤|溃坝|决口|\bdam\b"),
        ("building", r"危房|开裂|房屋|building"),
        ("road_closed", r"封路|断路|中断|封闭|closed"),
    ),
}

# Cut where a list is meant; a blank cuts only between words that are Chinese on both sides.
_CUT = re.compile(
    r"[、,，;；/／|｜+＋&\n\t]+|(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])|\s+(?:and|et|和|及)\s+|(?<=[\u4e00-\u9fff])[和及](?=[\u4e00-\u9fff])"
)
_NUMBERED = re.compile(r"\s*\d{1,2}[a-z]?\. ")
_NUMBERED_CUT = re.compile(r",\s*(?=\d{1,2}[a-z]?\. |\Z)")
_TRIM = " .。!！?？:：·-*\"'()（）[]【】"


@dataclass(frozen=True, slots=True)
class Options:
    """The codes a cell names, in order, and the words no option covers."""

    codes: tuple[str, ...]
    rest: tuple[str, ...]


@lru_cache(maxsize=8192)
def flat(text: str) -> str:
    """Text for comparing: narrow, lower case, without accents."""
    narrow = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).lower()
    return "".join(c for c in narrow if not unicodedata.combining(c)).strip()


# Fields hold mappings and cannot be hashed; the definitions live as long as the process, and are kept here beside their tables.
_EXACT: dict[int, tuple[Field, dict[str, str]]] = {}
_LOOSE: dict[int, tuple[Field, tuple[tuple[str, re.Pattern[str]], ...]]] = {}


def option_names(field: Field) -> dict[str, str]:
    """Every name of every option, flat, with its code."""
    kept = _EXACT.get(id(field))
    if kept is None:
        kept = _EXACT[id(field)] = (field, _exact_names(field))
    return kept[1]


def _loose(field: Field) -> tuple[tuple[str, re.Pattern[str]], ...]:
    kept = _LOOSE.get(id(field))
    if kept is None:
        kept = _LOOSE[id(field)] = (field, _loose_patterns(field))
    return kept[1]


def _exact_names(field: Field) -> dict[str, str]:
    names: dict[str, str] = {}
    for option in field.options:
        for name in (*option.labels.values(), *option.aliases, option.code, option.code.replace("_", " ")):
            names.setdefault(flat(name), option.code)
    return names


def _loose_patterns(field: Field) -> tuple[tuple[str, re.Pattern[str]], ...]:
    codes = {option.code for option in field.options}
    patterns = [(code, re.compile(pattern)) for code, pattern in _MORE.get(field.id, ()) if code in codes]
    names = sorted(option_names(field).items(), key=lambda item: -len(item[0]))
    for name, code in names:
        if code != "other" and len(name) >= (2 if name > "\x7f" else 4):
            patterns.append((code, re.compile(re.escape(name) if name > "\x7f" else rf"\b{re.escape(name)}\b")))
    return tuple(patterns)


def read_options(field: Field, text: str) -> Options:
    """Every option a list-like cell names; a token that names none goes to `rest`."""
    codes: list[str] = []
    rest: list[str] = []
    # Ushahidi numbers its categories and gives each in two languages: "2. Urgences logistiques | Vital Lines, 8f. Other, ".
    cut = _NUMBERED_CUT if _NUMBERED.match(text) else _CUT
    for token in (token.strip() for token in cut.split(text)):
        bare = token.strip(_TRIM)
        if not bare:
            continue
        found = one_option(field, bare)
        if found is None:
            rest.append(token)
        elif found not in codes:
            codes.append(found)
    return Options(tuple(codes), tuple(rest))


def one_option(field: Field, text: str) -> str | None:
    """The one option a short text names: its very name, or a word that is in it."""
    words = flat(text).strip(_TRIM)
    exact = option_names(field).get(words)
    if exact is not None:
        return exact
    if not words or len(words) > 80:
        return None
    return next((code for code, pattern in _loose(field) if pattern.search(words)), None)
