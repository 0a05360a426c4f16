"""What the words in one cell say: counts of people, urgency, verification, outcome, times, yes and no.

Pure. Imported by `legend`, `profile`, `remarks` and `filling`. Every reader answers None where it does not understand: the caller keeps the
words and lists them. Nothing is guessed from half a match.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Mark:
    """One code of one field, told by a colour, a tick or a word."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class People:
    """How many people a cell speaks of; `parts` by field of the help sheet."""

    total: int
    parts: dict[str, int]
    rest: bool  # the cell says more than the numbers


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Text with full-width letters and digits made narrow, blanks joined, lower case."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()


# --- words that mark a state: first match wins, so denials stand before what they deny ---

_URGENCY: tuple[tuple[str, str], ...] = (
    ("normal", r"非紧急|不(?:太|是很|算|怎么|很)?紧?急|没那么急|not (?:so |very )?urgent|pas urgent"),
    (
        "critical",
        r"(?:非常|超级?|特别?|极[其度]?|十分|万分|最高?|最为|极端|尤其|相当)紧?[急危]|特急|危急|危重|很紧急|火急|★★★|!!!!|生死|生命危险|命悬|刻不容缓"
        r"|急急|critical|extreme|immediate|very urgent|life.?threat|highest|kritik|très urgent",
    ),
    ("urgent", r"★★|(?:较|比较|有点|稍|略)?紧?急(?!诊|救)|加急|紧迫|urgent|high|acil|urgence"),
    ("normal", r"一般|普通|正常|常规|平稳|稳定|次要|缓|可等|尚可|★|normal|medium|moderate|routine|low|orta"),
    ("unknown", r"未定|未知|不明|不详|待定|unknown|n/a"),
)
_URGENCY_WHOLE = {
    "红": "critical",
    "红色": "critical",
    "橙": "urgent",
    "橙色": "urgent",
    "橘": "urgent",
    "橘色": "urgent",
    "黄": "urgent",
    "黄色": "urgent",
    "蓝": "normal",
    "蓝色": "normal",
    "绿": "normal",
    "绿色": "normal",
    "白": "normal",
    "灰": "unknown",
    "灰色": "unknown",
    "red": "critical",
    "orange": "urgent",
    "yellow": "urgent",
    "amber": "urgent",
    "green": "normal",
    "blue": "normal",
    "grey": "unknown",
    "gray": "unknown",
    "高": "critical",
    "中": "urgent",
    "低": "normal",
    "一级": "critical",
    "二级": "urgent",
    "三级": "normal",
    "1级": "critical",
    "2级": "urgent",
    "3级": "normal",
    "p0": "critical",
    "p1": "critical",
    "p2": "urgent",
    "p3": "normal",
    "?": "unknown",
}
_VERIFY: tuple[tuple[str, str], ...] = (
    (
        "unreachable",
        r"打不通|[没未]打通|没通|不通|联系不上|联系不到|无法联系|无人接|没人接|未接|不接|没接|关机|停机|空号|占线|忙音|失联"
        r"|不在服务区|拒接|无法接通|接不通|挂断|拉黑|unreachable|no answer|injoignable",
    ),
    ("false_report", r"不实|虚假|假消息|假的|谣言|造谣|恶意|false|fake|hoax|faux"),
    ("disputed", r"存疑|有疑|疑似|可疑|待考|disputed|doubtful"),
    ("recheck", r"复核|再核|重新核实|二次核实|recheck"),
    ("partly", r"部分|partly|partial"),
    ("in_progress", r"(?:核实|确认|验证|核查|联系|跟进)中|正在|in progress|en cours|pending review"),
    (
        "unverified",
        r"(?:未|没有?|尚未|还没|待|等待|需要?|无法|不)(?:经|被)?(?:电话)?(?:核实|确认|验证|核查|联系)|unverified|not verified|unconfirmed"
        r"|not confirmed|non vérifié|\bpending\b",
    ),
    (
        "verified",
        r"已?(?:经|电话)?(?:核实|确认|证实|验证|核查|核对|查证)|已核|属实|真实|^真$|联系上|已接通|已通话|verified|confirmed|vérifié",
    ),
)
_OUTCOME: tuple[tuple[str, str], ...] = (
    ("deceased", r"遇难|死亡|去世|身亡|遗体|deceased|\bdead\b|\bdied\b|décédé"),
    ("not_needed", r"(?:无需|无须|不需要?|不用|不必|不再需要)(?:再)?(?:救|援|转移|帮)?|no longer|not needed"),
    (
        "open",
        r"(?:未|没有?|尚未|还没|等待?|待|急需|需要?)(?:被|人|得到|进行)?(?:救|援|转移|处理|解决|获救|撤离)|求救|被困|等救|在等|等待中|未完成|[未不没](?:脱险|安全|平安)|无人(?:救|管|来|理)"
        r"|waiting|\bopen\b|unresolved|not (?:yet )?rescued|en attente|trapped",
    ),
    ("partial", r"部分(?:救|获|转|撤)|partially|partly"),
    (
        "working",
        r"(?:救援|营救|处理|转移|对接|跟进|施救|联系|撤离|进行)中|正在|已派|已出发|前往|在路上|已对接|已联系|已认领|in progress|en route|assigned",
    ),
    ("lost_contact", r"失联|失去联系|联系不上|音讯全无|lost contact|missing|disparu"),
    ("duplicate", r"重复|duplicate|doublon"),
    ("self_safe", r"自行|自救|自己(?:出来|走|离开|撤|脱)|报平安|self.?rescued"),
    ("not_needed", r"不要救|取消|cancell?ed"),
    ("invalid", r"无效|作废|不实|虚假|假(?:消息|的)|invalid|false"),
    ("not_found", r"未找到|没找到|找不到|not found"),
    (
        "rescued",
        r"已?(?:获|被|成功|经|全部|都|全员)*(?:救出|获救|得救|解救|救援(?:成功|完成|结束|完毕)?|转移|撤离|脱困|救助|安置|营救)|已救|脱险|上岸|送医|接走|接出|安全|平安"
        r"|已(?:经)?(?:完成|解决|处理|结束|办结)|^完成$|^解决$|^结束$|rescued|\bsafe\b|saved|evacuated|resolved|closed|complete|\bdone\b|secouru|sauvé",
    ),
)

_YES = re.compile(
    r"(?:[√✓✔☑✅]|是的?|对的?|有的?|已|y|yes|true|1|ok|oui|vrai|t|已断电?|已停电?|能|可以|可|需要?|要)[!。. ]*\Z"
)
_NO = re.compile(
    r"(?:[×✗✘❌✕☒x]|否|不是|无|没有?|未|n|no|false|0|non|faux|f|未断电?|没断电?|不能|不可以?|不需要?|不)[!。. ]*\Z"
)
_UNKNOWN = re.compile(
    r"(?:未知|不详|不明|不清楚?|不知道?|不确定|待定|暂无|unknown|\?+|-+|—+|/|n/a|na|nil|none|无数据|待补充)\Z"
)

_COMPILED: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    field: tuple((code, re.compile(pattern)) for code, pattern in table)
    for field, table in (("urgency", _URGENCY), ("verify_state", _VERIFY), ("outcome", _OUTCOME))
}


@lru_cache(maxsize=8192)
def is_blank(text: str) -> bool:
    """Whether a cell says that nobody knows: 未知, -, ?, N/A."""
    return not text.strip() or _UNKNOWN.match(plain(text)) is not None


def read_yes_no(text: str) -> bool | None:
    """A tick, a cross, yes or no in three languages; None for anything else."""
    words = plain(text)
    if _YES.match(words):
        return True
    return False if _NO.match(words) else None


def read_urgency(text: str) -> str | None:
    """The urgency a cell names."""
    words = re.sub(r"^[!。.?？ ()\[\]【】*]+|[!。.?？ ()\[\]【】*]+$", "", plain(text))
    if words in _URGENCY_WHOLE:
        return _URGENCY_WHOLE[words]
    code = _first("urgency", words)
    if code:
        return code
    return "unknown" if _UNKNOWN.match(words) else None


def read_verify(text: str) -> str | None:
    """The verification a cell tells, a tick included."""
    answer = read_yes_no(text)
    if answer is not None:
        return "verified" if answer else "unverified"
    return _first("verify_state", plain(text))


def read_outcome(text: str) -> str | None:
    """How a case ended by its status cell; `open` and `working` are no ends, and said so that nobody lists them."""
    return _first("outcome", plain(text))


def read_mark(text: str) -> Mark | None:
    """What a legend's words mean: an outcome, a verification or an urgency."""
    words = plain(text)
    if not words:
        return None
    outcome = _first("outcome", words)
    if outcome in (
        "rescued",
        "self_safe",
        "lost_contact",
        "duplicate",
        "invalid",
        "not_needed",
        "partial",
        "not_found",
    ):
        return Mark("outcome", outcome)
    verify = _first("verify_state", words)
    if verify is not None:
        return Mark("verify_state", verify)
    urgency = _first("urgency", words)
    if urgency is not None:
        return Mark("urgency", urgency)
    if outcome is not None:
        return Mark("outcome", outcome)
    return None


def _first(field: str, words: str) -> str | None:
    return next((code for code, pattern in _COMPILED[field] if pattern.search(words)), None)


# --- people ---

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "仨": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_CHINESE = "零〇一二两俩三仨四五六七八九十百千万"
_NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.0+)?|[{_CHINESE}]+)"
_PARTS: tuple[tuple[str, str], ...] = (
    ("infants", r"婴幼?儿?|幼儿|新生儿|宝宝|infants?|bab(?:y|ies)|bébés?"),
    ("children", r"小孩子?|孩子?|儿童|小朋友|未成年人?|学生|小|children|child|kids?|enfants?"),
    ("elderly", r"老年?人|老人家?|老|elderly|seniors?"),
    ("pregnant", r"孕妇|产妇|孕|pregnant(?: women)?"),
    ("disabled", r"残[疾障]人?士?|行动不便者?|disabled"),
    ("injured", r"伤[者员]|受伤|病人|injured"),
    ("", r"大人|成年?人|大|男性?|女性?|男|女|青年|中年人?|妇女|adults?|men|women|adultes?"),
)
_PART = "|".join(f"(?P<p{i}>{pattern})" for i, (_, pattern) in enumerate(_PARTS))
_PART_FIRST = re.compile(rf"(?:{_PART})[:为有约共]*(?P<n>{_NUMBER})(?:[人名个位口])?")
_PART_LAST = re.compile(rf"(?P<n>{_NUMBER})[个名位]?\s*(?:{_PART})")
_BRACKETED = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]?")
_TOTAL = re.compile(
    rf"(?:一?家|全家|共|总共|合计|总计|约|大约|大概|近|至少|超过?|被困|有|total:?|about|around|approx\.?|env(?:iron)?\.?|~|≈|>|>=|≥)*\s*"
    rf"(?P<n>{_NUMBER})(?P<more>\s*(?:多|余|几|\+|来|以上|左右|上下|or more|plus))*\s*(?P<unit>[个口]人|人|名|个|位|口|people|persons?|pers\.?|personnes?|pax)?"
)
_RANGE = re.compile(
    rf"(?P<a>{_NUMBER})\s*(?:人|个)?\s*(?:-|~|—|–|到|至|或|、|to)\s*(?P<b>{_NUMBER})\s*(?:多|余)?\s*(?:人|名|个|位|口|people|persons?)?\Z"
)
_VAGUE = re.compile(r"几[十百千]|数[十百千]|好几|若干|许多|很多|一些|(?<![\d十百])几[个人]")
_COUPLE = re.compile(r"(?:夫妻|夫妇|母女|母子|父子|父女|姐妹|姐弟|兄弟|兄妹|情侣|两口子|老两口)(?:[两二俩]?人?)\Z")
_SUM = re.compile(r"\d+(?:\s*\+\s*\d+)+\Z")
_NOT_PEOPLE = re.compile(rf"{_NUMBER}\s*(?:户|家庭|栋|楼|层|岁|辆|famil|households?|foyers?|小时|天|米|月)")


def read_number(text: str) -> int | None:
    """A whole number in digits or Chinese numerals: "1,200", "12.0", "二十三", "两百"."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:,\d{3})*(?:\.0+)?", text):
        return int(text.split(".")[0].replace(",", ""))
    if not text or any(c not in _CHINESE for c in text):
        return None
    total = section = digit = 0
    for c in text:
        if c in _DIGITS:
            # 五六十 is fifty or sixty: the more. Spelt digit by digit (一二〇) a number does not occur in these sheets.
            digit = max(digit, _DIGITS[c])
        elif c == "万":
            total = (total + section + digit or 1) * 10_000
            section = digit = 0
        else:
            section += (digit or 1) * _UNITS[c]
            digit = 0
    return total + section + digit


def read_people(text: str) -> People | None:
    """How many people: "约5人", "12（含老人1小孩2）", "2大1小", "3+2", "一家四口", "2-3人" (the more)."""
    words = plain(text)
    outside = _BRACKETED.sub(" ", words).strip(" ,;。.、!")
    parts = _parts(words)
    if _VAGUE.search(outside):
        return None
    if _COUPLE.match(outside):
        return People(2, parts, rest=outside != words)
    if _SUM.match(outside.rstrip("人名个位口 ")):
        return People(sum(int(n) for n in re.findall(r"\d+", outside)), parts, rest=outside != words)
    span = _RANGE.match(re.sub(r"^(?:约|大约|大概|有|共)", "", outside))
    if span:
        low, high = read_number(span["a"]), read_number(span["b"])
        if low is not None and high is not None and low < high:
            return People(high, parts, rest=True)
    cleaned = _NOT_PEOPLE.sub(" ", outside)
    stated = re.search(rf"(?:共|总共|合计|总计|一共)计?\s*(?P<n>{_NUMBER})", outside)
    if stated and (number := read_number(stated["n"])):
        return People(number, parts, rest=False)
    counted = _parts_with_adults(cleaned)
    without = _PART_LAST.sub(" ", _PART_FIRST.sub(" ", cleaned)).strip(" ,;。.、和及还有带加+!含")
    total = _TOTAL.search(without)
    if total and (total["unit"] or not without[: total.start()].strip() or re.fullmatch(_NUMBER, without)):
        number = read_number(total["n"])
        if number is not None and (number > 0 or without.strip("人名个位 ") == "0"):
            leftover = (without[: total.start()] + without[total.end() :]).strip(" ,;。.、!")
            return People(number, parts, rest=bool(leftover) or outside != cleaned)
    if counted:
        return People(sum(counted), parts, rest=False)
    return None


def _parts(words: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for field, number in _each_part(words):
        if field:
            found[field] = found.get(field, 0) + number
    return found


def _parts_with_adults(words: str) -> list[int]:
    return [number for _, number in _each_part(words)]


def _each_part(words: str) -> list[tuple[str, int]]:
    """(field, count) by whichever order the cell keeps: 老人1小孩2, or 1个老人2个小孩."""
    best: list[tuple[str, int]] = []
    for pattern in (_PART_LAST, _PART_FIRST):
        found: list[tuple[str, int]] = []
        for hit in pattern.finditer(words):
            number = read_number(hit["n"])
            field = next(name for i, (name, _) in enumerate(_PARTS) if hit[f"p{i}"])
            if number is not None and number < 10_000:
                found.append((field, number))
        # 老人1小孩2 read backwards gives one pair, forwards two: the reading that explains more is meant.
        if len(found) > len(best) or (len(found) == len(best) and pattern.match(words)):
            best = found
    return best


# --- times ---

_HOUR = (
    r"(?:[ t]*|.{0,2}?)(?P<half>凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上?|夜里|am|pm)?\s*(?P<h>\d{1,2})\s*"
    r"(?:[:点时h]\s*(?P<mi>\d{1,2}|半|一刻|三刻)?\s*分?(?::?(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?)\s*"
    r"(?P<ampm>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|[+-]\d{2}:?\d{2})?"
)
_FULL = re.compile(rf"(?P<y>\d{{4}})\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})\s*[日号]?(?:{_HOUR})?\Z")
_DAY_FIRST = re.compile(rf"(?P<a>\d{{1,2}})[/.\-](?P<b>\d{{1,2}})[/.\-](?P<y>\d{{4}}|\d{{2}})(?:{_HOUR})?\Z")
_NO_YEAR = re.compile(rf"(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})\s*[日号]?(?:{_HOUR})?\Z")
_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_NAMED = re.compile(
    rf"(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -])?(?P<mon>[a-z]{{3,9}})\.?[ -](?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?[ -])?(?P<y>\d{{4}})(?:,?{_HOUR})?\Z"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a column of times leaves unsaid: the year, the order of day and month, the distance to UTC."""

    year: int | None
    day_first: bool
    offset_min: int


def read_time(text: str, calendar: Calendar) -> str | None:
    """A moment as ISO 8601 UTC; None where the cell does not give a day and an hour (or a day alone)."""
    words = plain(text)
    found = _FULL.match(words)
    if found:
        return _moment(int(found["y"]), int(found["m"]), int(found["d"]), found, calendar)
    found = _DAY_FIRST.match(words)
    if found:
        first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
        year += 2000 if year < 100 else 0
        day_first = first > 12 or (second <= 12 and calendar.day_first)
        month, day = (second, first) if day_first else (first, second)
        return _moment(year, month, day, found, calendar)
    found = _NO_YEAR.match(words)
    if found and calendar.year is not None:
        return _moment(calendar.year, int(found["m"]), int(found["d"]), found, calendar)
    found = _NAMED.match(words)
    if found and found["mon"][:3] in _MONTHS and (found["d"] or found["d2"]):
        return _moment(int(found["y"]), _MONTHS[found["mon"][:3]], int(found["d"] or found["d2"]), found, calendar)
    if _SERIAL.match(words) and 36_000 <= float(words) <= 60_000:  # an Excel day number that lost its format
        moment = dt.datetime(1899, 12, 30) + dt.timedelta(days=float(words))
        return _utc(moment.replace(microsecond=0), calendar.offset_min)
    return None


def _moment(year: int, month: int, day: int, found: re.Match[str], calendar: Calendar) -> str | None:
    hour, minute, second = int(found["h"] or 0), found["mi"] or "0", int(found["s"] or 0)
    minutes = {"半": 30, "一刻": 15, "三刻": 45}.get(minute)
    minutes = int(minute) if minutes is None else minutes
    half = (found["half"] or found["ampm"] or "").replace(".", "")
    if half in ("下午", "傍晚", "晚", "晚上", "夜里", "pm") and 1 <= hour < 12:
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    if hour == 24 and minutes == 0:
        hour, day_more = 0, 1
    else:
        day_more = 0
    try:
        moment = dt.datetime(year, month, day, hour, minutes, second) + dt.timedelta(days=day_more)
    except ValueError:
        return None
    offset = calendar.offset_min
    if found["zone"]:
        zone = found["zone"].replace(":", "")
        offset = 0 if zone == "z" else (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:5]))
    return _utc(moment, offset)


def _utc(moment: dt.datetime, offset_min: int) -> str | None:
    try:
        return (moment - dt.timedelta(minutes=offset_min)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None


def years_in(texts: Sequence[str]) -> list[int]:
    """The years a column or title spells out."""
    return [int(y) for text in texts for y in re.findall(r"(?<!\d)(20[0-4]\d)(?=[-/.年])", plain(text))]


def is_day_first(texts: Sequence[str]) -> bool | None:
    """Whether 05/07/2010 is the fifth of July: told by a number above 12 anywhere in the column, None if by none."""
    votes = [m for m in (_DAY_FIRST.match(plain(text)) for text in texts) if m]
    if any(int(m["a"]) > 12 for m in votes):
        return True
    if any(int(m["b"]) > 12 for m in votes):
        return False
    return None
