"""Telephone numbers: as people type them, in normal form, and as the public sees them.

Pure. Imported by the kind `phone`, texts, duplicates and import. Twin: client/src/schema/phones.ts (schema/vectors/fields.json).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_PHONE_CHARS = 200  # six numbers with extensions; a longer cell is a text

# Signs people put for hidden digits; NFKC has already made full-width ones plain. A single × is a multiplication.
_STAR = re.compile(r"[×•●∗✱]")
_CROSSES = re.compile(r"([0-9*])([xX]{2,})(?![A-Za-z])")
_DASHES = re.compile(r"[‐‑‒–—―−－﹣ー]")
_GAP = r"[ .\-]{0,2}"

# One alternative per spelling, the more certain first. No lookbehind: the same patterns run in Chromium 64.
_MOBILE = rf"(?:(?:\+|00)?86{_GAP})?(1[3-9](?:{_GAP}[0-9*]){{9}})"
_HIDDEN = r"((?:0[1-9][0-9]{1,2}-|\+)?(?:[0-9]{1,7}\*{2,}[0-9]{0,4}|\*{2,}[0-9]{2,4}))"
_SERVICE = rf"([48]00{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{3,4}})"
_AREA = r"\(?(0[1-9][0-9]{1,2}|(?:\+|00)86[ \-]?0?[1-9][0-9]{1,2})(?:\)[ \-]{0,2}|[ \-]{1,2})"
_EXTENSION = r"(?: ?(?:-|转|ext\.?|#|分机) ?([0-9]{1,6}))?"
_LANDLINE = rf"{_AREA}([1-9][0-9]{{6,7}}){_EXTENSION}"
_JOINED = rf"(0[1-9][0-9]{{9,10}}){_EXTENSION}"
_ABROAD = r"((?:\+|00)[1-9](?:[ .\-()]{0,2}[0-9]){6,14})"
_DIGITS = rf"([0-9](?:{_GAP}[0-9])*)"
_NUMBER = re.compile(
    rf"(^|[^0-9*+])(?:{_MOBILE}|{_SERVICE}|{_LANDLINE}|{_JOINED}|{_HIDDEN}|{_ABROAD}|{_DIGITS})(?![0-9*])",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"(联系电话|联系方式|电话号码|手机号码|手机号|电话|手机|座机|号码|联系人|tel|phone|mobile|或者|或|和|及|or|and)"
    r"|[\s:;,、/|()\[\]。.\-+]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phones:
    """What a text says: numbers in normal form, those of a doubtful length, and the words around them."""

    numbers: tuple[str, ...]
    doubtful: tuple[str, ...]
    words: str


def read_phones(text: str) -> Phones:
    """Every number in a text. Nothing is lost: what is no number is in `words`."""
    plain = plain_text(text)
    numbers: list[str] = []
    doubtful: list[str] = []
    rest: list[str] = []
    last = 0
    for match in _NUMBER.finditer(plain):
        number, sure = _normal(match)
        if not number:
            continue
        if number not in numbers:
            numbers.append(number)
            if not sure:
                doubtful.append(number)
        rest.append(plain[last : match.start()] + match.group(1))
        last = match.end()
    rest.append(plain[last:])
    words = " ".join(_TRIVIAL.sub(" ", "".join(rest)).split())
    return Phones(tuple(numbers), tuple(doubtful), words)


def normal_phones(text: str) -> str:
    """The normal form: numbers joined by ", "; a text without any number, as it stands. Idempotent."""
    numbers = read_phones(text).numbers
    return ", ".join(numbers) if numbers else text.strip()


def mask_phones(value: str) -> str:
    """As the public sees it: `142****1234`; words without a number become `****`. Idempotent."""
    masks = (mask_number(number) for number in read_phones(value).numbers)
    return ", ".join(mask for mask in dict.fromkeys(masks) if mask != "****") or "****"


def mask_number(number: str) -> str:
    """One number with its middle hidden: three digits before at most, four after, never more than half of it."""
    if "*" in number:
        head, _, after = number.partition("****")
        shown = head if "-" in head else head[: 4 if head.startswith("+") else 3]
        return f"{shown}****{after[-4:]}"
    head, dash, tail = number.partition("-")
    if dash and head.startswith("0"):
        return f"{head}-****{tail.partition('-')[0][-4:]}"
    digits = re.sub(r"[^0-9]", "", number)
    if len(digits) < 7:
        return "****"
    sign = "+" if number.startswith("+") else ""
    before = max(0, min(3, len(digits) - 8))
    return f"{sign}{digits[:before]}****{digits[-4:]}"


def plain_text(text: str) -> str:
    """Full-width signs made plain, every dash one dash, every hiding sign one star."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return _CROSSES.sub(lambda match: match.group(1) + "*" * len(match.group(2)), _STAR.sub("*", plain))


def _normal(match: re.Match[str]) -> tuple[str, bool]:
    """(normal form, whether its length is right) of one match; "" where the digits are no number."""
    mobile, service, area, local, extension, joined, joined_ext, hidden, abroad, digits = match.groups()[1:]
    if mobile or hidden:
        bare = re.sub(r"[ .\-]", "", mobile) if mobile else hidden
        return (_hide(bare), True) if "*" in bare else (bare, True)
    if service:
        return re.sub(r"[ .\-]", "", service), True
    if area:
        area = "0" + re.sub(r"^(\+|00)86|[ \-]", "", area).lstrip("0")
        return "-".join(part for part in (area, local, extension) if part), True
    if joined:
        cut = 3 if joined[1] in "12" else 4  # 010 and 02x are the three-digit area codes
        return "-".join(part for part in (joined[:cut], joined[cut:], joined_ext) if part), True
    if abroad:
        bare = re.sub(r"[^0-9]", "", abroad)
        bare = bare.removeprefix("00")
        return f"+{bare}", not bare.startswith("86")  # +86 and no Chinese number: a mistake
    bare = re.sub(r"[^0-9]", "", digits)
    if len(bare) < 3:
        return "", True
    return bare, len(bare) <= 8  # 110, 12345, 95598, and a landline without its area code


def _hide(number: str) -> str:
    """A masked number in its one form: four stars, whatever number of hiding signs was typed."""
    return re.sub(r"\*+", "****", number)
