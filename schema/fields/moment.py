"""Kind `time`: ISO 8601 in UTC to the second, out of the ways people write a date.

Pure. Imported by the table of kinds and by import. The year and the zone come from the caller where the words lack them.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

from schema.errors import SchemaError
from schema.fields.parsed import CHINA_OFFSET_MINUTES, Doubt, Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_DATE = r"(?:([0-9]{4}|[0-9]{2}) ?[-/.年] ?)?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2}) ?[日号]?"
_DATE_LAST = r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})"  # 7/20/2021
_PART = r"(凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜里|夜)?"
_TIME = (
    rf"{_PART} ?([0-9]{{1,2}}) ?[:点时] ?(?:([0-9]{{1,2}})(?: ?[:分] ?(?:([0-9]{{1,2}})(?:\.[0-9]+)? ?秒?)?)?|(半|一刻|三刻|整))?"
    r" ?(am|pm)?"
)
_ZONE = r" ?(z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?"
_WHOLE = re.compile(rf"(?:{_DATE_LAST}|{_DATE})?(?:(?:[t, ]|周.|星期.|\(.\))*{_TIME}{_ZONE})?")
_WORDS = re.compile(r"^(?:时间|更新|登记时间|发布于)[: ]*|(?:左右|许|更新|发布)$")
FIRST_YEAR, LAST_YEAR = 1970, 2199  # a year outside is a slip of the finger
_PAST_NOON = frozenset({"下午", "傍晚", "晚上", "晚", "夜里", "夜"})


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """A date and a time of day. A day only is midnight with a doubt; "昨晚" is a doubt, for its day is not known."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().replace("—", "-").split())
    words = _WORDS.sub("", plain)
    if not words:
        return Parsed()
    match = _WHOLE.fullmatch(words)
    if match is None or not any(match.groups()):
        return Parsed({}, (doubt("unread", text.strip()),))
    found = _read(match, setting)
    if isinstance(found, Doubt):
        return Parsed({}, (Doubt(found.code, found.message, text.strip()),))
    moment, codes = found
    doubts = tuple(doubt(code, text.strip()) for code in (*codes, *(("approximate",) if plain != words else ())))
    return Parsed({"": from_datetime(moment, offset_minutes=setting.offset_minutes)}, doubts)


def from_datetime(moment: datetime, *, offset_minutes: int = CHINA_OFFSET_MINUTES) -> str:
    """A date and time as the cell carries it; without a zone it is taken at the offset."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is a time as text")
    if not is_moment(value):
        raise SchemaError("bad-time", f"{field.id} is a time like 2021-07-20T12:59:00Z")


def is_moment(value: str) -> bool:
    """Whether a text is a time in the one form, and a day that exists."""
    match = _ISO.fullmatch(value)
    if match is None:
        return False
    try:
        datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def show(element: str, value: Value, field: Field, lang: str) -> str:
    """The time in China, to the minute: what the clock on the wall said."""
    text = str(value)
    if not is_moment(text):
        return text
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(
        timezone(timedelta(minutes=CHINA_OFFSET_MINUTES))
    )
    return moment.strftime("%Y-%m-%d %H:%M")


def _read(match: re.Match[str], setting: Setting) -> tuple[datetime, list[str]] | Doubt:
    month_a, day_a, year_a, year_b, month_b, day_b, part, hour, minute, second, words, half, zone = match.groups()
    codes: list[str] = []
    if year_a:
        year, month, day = int(year_a), int(month_a), int(day_a)
        if month > 12:
            month, day = day, month
        elif day <= 12 and day != month:
            codes.append("day-month")
    elif month_b:
        if year_b is None and setting.year is None:
            return doubt("no-year", "")
        year = int(year_b) if year_b else (setting.year or 0)
        if year_b and len(year_b) == 2:
            year += 2000
            codes.append("year-guessed")
        month, day = int(month_b), int(day_b)
    else:
        return doubt("no-date", "")
    if hour is None:
        codes.append("no-time")
    hours = _hour(int(hour or 0), part, half)
    minutes = int(minute) if minute else {"半": 30, "一刻": 15, "三刻": 45}.get(words or "", 0)
    try:
        moment = datetime(year, month, day, tzinfo=_zone(zone, setting)) + timedelta(days=hours // 24)
        if hours > 24 or minutes > 59 or int(second or 0) > 59 or not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError
        return moment.replace(hour=hours % 24, minute=minutes, second=int(second or 0)), codes
    except (ValueError, OverflowError):
        return doubt("no-such-time", "")


def _hour(hour: int, part: str | None, half: str | None) -> int:
    if (part in _PAST_NOON or half == "pm") and hour < 12:
        return hour + 12
    if part == "中午" and hour < 3:
        return hour + 12
    return 0 if half == "am" and hour == 12 else hour


def _zone(zone: str | None, setting: Setting) -> timezone:
    if zone is None:
        return timezone(timedelta(minutes=setting.offset_minutes))
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
