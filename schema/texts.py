"""Free text: the phone numbers, identity numbers and names in it, and the form the public sees.

Pure. Imported by the kinds, the server's masking and import. Twin: client/src/schema/texts.ts (schema/vectors/masks.json).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# Signs of the same meaning, one for one, so that a place found in the folded text is the place in the typed one.
_FOLD = str.maketrans(
    "０１２３４５６７８９＋－（）．＊×•●∗✱＃　·﹣‐‑‒–—―−ＸｘX〇零一二三四五六七八九幺",
    "0123456789+-().******# .--------xxx00123456789" + "1",
)
# What people put between digits: spaces, dashes, dots, underscores, and signs that cannot be seen.
_GAP = r"[ .\-_~\u00a0\u200b-\u200f\u2060\ufeff]{0,3}"
_HIDE = r"[*x]{2,}"
_ID = rf"([1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9x])(?![0-9])"
_MOBILE = rf"(?:(?:\+|00)?86{_GAP})?(1{_GAP}[3-9](?:{_GAP}[0-9*]){{9}})(?![0-9*])"
_HIDDEN = rf"(1[3-9][0-9]{{0,5}}{_HIDE}[0-9]{{2,4}})(?![0-9])"
_LANDLINE = r"(0[1-9][0-9]{1,2}[ \-]{0,2}[1-9][0-9]{6,7})(?![0-9])"
_SLIP = r"(1[3-9][0-9]{7,}|[0-9]{12,})(?![0-9])"  # a digit too few or too many; an account number
_PERSONAL = re.compile(rf"(^|[^0-9*])(?:{_ID}|{_MOBILE}|{_HIDDEN}|{_LANDLINE}|{_SLIP})")
_LINK = re.compile(r"https?://[^\s，。、；）\u3000]+", re.IGNORECASE)

_TITLE = re.compile(r"(女士|先生|小姐|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|医生|护士|队长|师傅|书记|主任)\Z")
_BETWEEN = re.compile(r"([\s、,，/／;；|和与及]+)")
_LETTER = re.compile(r"[^\W\d_]")

Kind = Literal["phone", "id", "masked"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where something personal stands in a text: `text[start:end]`."""

    start: int
    end: int
    kind: Kind


def find_personal(text: str) -> list[Span]:
    """Phones (also with signs between the digits, or already masked) and identity numbers, in order."""
    folded = text.translate(_FOLD)
    links = [match.span() for match in _LINK.finditer(text)]
    spans: list[Span] = []
    at = 0
    while (match := _PERSONAL.search(folded, at)) is not None:
        start, end = match.start() + len(match.group(1)), match.end()
        found = folded[start:end]
        slip = match.group(6) is not None
        in_link = any(a <= start < b for a, b in links)
        if not (slip and in_link):  # the long number of a post is no phone, and the link must still open
            spans.append(Span(start, end, _kind(found, match)))
        at = end
    return spans


def mask_text(text: str) -> str:
    """The text with every personal number hidden in the middle. Idempotent; the rest is as it was typed."""
    folded = text.translate(_FOLD)
    return _replace(text, find_personal(text), lambda span: _hide(folded[span.start : span.end], span.kind))


def public_and_private(text: str) -> tuple[str, str | None]:
    """(what the public tier carries, the raw words for the private tier where they differ)."""
    masked = mask_text(text)
    return masked, None if masked == text else text


def mask_name(name: str) -> str:
    """`王**` for each name, a 女士 or 先生 kept; numbers beside it hidden. Idempotent."""
    return "".join(
        part if _BETWEEN.fullmatch(part) else _mask_one(part) for part in _BETWEEN.split(mask_text(name)) if part
    )


def split_place(text: str) -> tuple[str, str]:
    """(the place down to the estate or the street number, building and flat); the second may be empty.

    Where no place would be left the whole text stays public: a room without a street finds nobody.
    """
    match = _EXACT.search(text)
    if match is None or match.start() < 4:
        return text, ""
    return text[: match.start()].rstrip(" ,，、-"), text[match.start() :]


_COUNT = r"[0-9０-９A-Za-z一二三四五六七八九十百东西南北甲乙丙]{1,8}"  # bounded: tried at every sign of 4,000
_EXACT = re.compile(
    rf"第?{_COUNT}(?:-{_COUNT}){{0,4}} ?(?:号楼|栋|幢|座|单元|号房|室)|[0-9]{{1,6}}-[0-9]{{1,6}}-[0-9]{{1,6}}(?![0-9])"
)


def _kind(found: str, match: re.Match[str]) -> Kind:
    if "*" in found or match.group(4) is not None:
        return "masked"
    slip = match.group(6)
    return "id" if match.group(2) is not None or (slip is not None and len(slip) > 13) else "phone"


def _hide(found: str, kind: Kind) -> str:
    signs = re.sub(r"[^0-9*x]", "", found)
    if kind == "id":
        return f"{signs[:3]}{'*' * 11}"
    if kind == "masked":
        before, after = re.split(r"[*x]+", signs)[0], re.split(r"[*x]+", signs)[-1]
        return f"{before[:3]}****{after[-4:]}"
    if signs.startswith("0") and not signs.startswith("00"):
        return f"{signs[: 3 if signs[1] in '12' else 4]}-****{signs[-4:]}"
    digits = re.sub(r"^(?:00)?86(?=1[3-9][0-9]{9}\Z)", "", signs)
    return f"{digits[:3]}****{digits[-4:]}"


def _replace(text: str, spans: list[Span], form: Callable[[Span], str]) -> str:
    out: list[str] = []
    last = 0
    for span in spans:
        out += [text[last : span.start], form(span)]
        last = span.end
    return "".join(out) + text[last:]


def _mask_one(name: str) -> str:
    if _LETTER.search(name) is None:
        return name
    title = _TITLE.search(name)
    stem = name[: title.start()] if title else name
    kept = title.group(0) if title else ""
    if len(stem) <= 1 and kept:
        return name
    return f"{stem[0]}**{kept}"
