"""Colours and strike-through as words: what the sheet says they mean, and what they mean where it says nothing.

Pure. Imported by `remarks`, `marks`, `rows` and `run`. A legend is read from title lines ("红色=非常紧急"), from remarks ("已获救请划线") and from
cells that are themselves filled; then from rows that say both; only then from the custom of the 2021 sheets.
"""

from __future__ import annotations

import colorsys
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.imports.cells import Mark, read_mark

# What nobody explained keeps the meaning it had in the 2021 sheets; yellow, blue, purple and pink had none.
CUSTOM: Mapping[str, Mark] = {
    "red": Mark("urgency", "critical"),
    "orange": Mark("urgency", "urgent"),
    "green": Mark("outcome", "rescued"),
    "grey": Mark("outcome", "lost_contact"),
    "strike": Mark("outcome", "rescued"),
}
# A legend's 黄 may be painted FFC000, its 红 a pale FFC7CE: the nearest colour it names is meant.
_NEAR: Mapping[str, tuple[str, ...]] = {
    "orange": ("yellow",),
    "yellow": ("orange",),
    "pink": ("red", "purple"),
    "red": ("pink",),
    "purple": ("pink", "blue"),
    "blue": ("purple",),
}

_COLOURS: tuple[tuple[str, str, str], ...] = (
    ("red", "红", "red|rouge"),
    ("orange", "[橙桔橘]黄?", "orange"),
    ("yellow", "黄", "yellow|jaune"),
    ("green", "绿", "green|vert"),
    ("blue", "[蓝青]", "blue|bleu"),
    ("purple", "紫", "purple|violet"),
    ("grey", "灰", "gr[ae]y|gris"),
    ("pink", "粉红?", "pink|rose"),
)
_STRIKE = r"删除线|中划线|划线|划掉|划去|画线|strike[- ]?through|struck(?:[- ]through)?|crossed[- ]out|\bstrike\b|barré"
# 红十字, 黄河, 蓝天 and Red Cross are names: a colour of a legend is called one (红色, 红底) or is marked (标红, in red).
_WORDS = (("strike", _STRIKE),) + tuple(
    (
        name,
        rf"(?:[标涂填描画染]|改)(?:成|为|上|注|记)?[大深浅淡亮草天]?(?:{chinese})色?|[大深浅淡亮草天]?(?:{chinese})(?:色|底|字|框|标|=)"
        rf"|\b(?:in|mark(?:ed)?|marked as|shaded|highlighted)(?: \w+){{0,3}}? (?:{western})\b|\b(?:{western})\b(?= ?(?:=|rows?|cells?|text|fill))",
    )
    for name, chinese, western in _COLOURS
)
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _WORDS), re.IGNORECASE)
_LINKED = re.compile(r"\s*(?:=+|:|→|—+|–|->|=>|\s-\s|表示|代表|指的是|\bmeans?\b|\bis\b)\s*")
_NAMED_ALONE = re.compile(r"[\[【(]([红橙桔橘黄绿蓝青紫灰粉]色?)[\]】)]")  # 【红】特急, 特急（红）
_DASHED = re.compile(r"(?<=[红橙桔橘黄绿蓝青紫灰粉色底])\s*-+\s*")
_CLAUSE = re.compile(r"[,;。、|/\n\t]|\s{2,}|(?<=[^\x00-\x7f])\s|\s(?=[^\x00-\x7f])")
_FILLER = re.compile(
    r"图例|说明|备注|注意|颜色|底色|背景色?|标[记注识示]?(?:成|为)?|填充|涂|色|底|字|框|行|的|请|用|为|是|即"
)

# Rows of one colour that already say the same thing in words, before the colour is believed to say it.
_LEARN_ROWS = 5
_LEARN_SHARE = 0.9
_DRESSED_ROWS = 8


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a colour says, and who said so: the legend, rows that say both, or custom."""

    mark: Mark
    by: str  # legend | rows | custom


def colour_name(rgb: str) -> str:
    """The word for a fill; "" for white and what is too pale to be meant."""
    if len(rgb) != 6:
        return ""
    red, green, blue = (int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    if light > 0.95 or light < 0.12:
        return ""
    if saturation < 0.12:
        return "grey" if light < 0.925 else ""
    degrees = hue * 360
    for limit, name in ((15, "red"), (49, "orange"), (70, "yellow"), (170, "green"), (255, "blue"), (290, "purple")):
        if degrees < limit:
            return name
    return "pink" if degrees < 345 else "red"


def read_legend(text: str) -> dict[str, Mark]:
    """The colours a line explains: "红色=非常紧急　已获救请划线" and "mark rescued rows green"."""
    flat = _NAMED_ALONE.sub(r"\1=", unicodedata.normalize("NFKC", text))
    flat = _LINKED.sub("=", _DASHED.sub("=", flat))
    found: dict[str, Mark] = {}
    waiting = ""  # 红底 超级紧急: a colour whose meaning stands behind the blank
    for clause in _CLAUSE.split(flat):
        hits = list(_ANY.finditer(clause))
        if not hits:
            mark = read_mark(clause) if waiting else None
            if mark is not None and clause.strip():
                found.setdefault(waiting, mark)
            if clause.strip():
                waiting = ""
            continue
        waiting = ""
        if len({hit.lastgroup for hit in hits}) == 1:
            pieces = [(str(hits[0].lastgroup), _ANY.sub(" ", clause))]
        else:  # several colours in one breath: each means what follows it
            ends = [hit.start() for hit in hits[1:]] + [len(clause)]
            pieces = [(str(hit.lastgroup), clause[hit.end() : end]) for hit, end in zip(hits, ends, strict=True)]
        for name, rest in pieces:
            mark = read_mark(_FILLER.sub("", rest).replace("=", " ").strip())
            if mark is not None:
                found.setdefault(name, mark)
            elif len(pieces) == 1 and not _FILLER.sub("", rest).strip(" =:"):
                waiting = name
    return found


def read_swatches(cells: Iterable[tuple[str, str]]) -> dict[str, Mark]:
    """A legend drawn rather than written: (fill, text) of filled cells above the header."""
    found: dict[str, Mark] = {}
    for fill, text in cells:
        name = colour_name(fill)
        mark = read_mark(text)
        if name and mark is not None and len(text) <= 16 and name not in found:
            found[name] = mark
    return found


def learn(rows: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, Mark]:
    """What a colour means by the rows that say it in words too: (colour, {field: code}) of every row."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    said: dict[str, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[tuple[str, str]] = Counter()
    spoken: Counter[str] = Counter()
    for colour, codes in rows:
        for field, code in codes.items():
            everywhere[field, code] += 1
            spoken[field] += 1
            if colour:
                seen[colour][field, code] += 1
                said[colour][field] += 1
    learned: dict[str, Mark] = {}
    for colour, counts in seen.items():
        for (field, code), count in counts.most_common():
            share = count / said[colour][field]
            usual = everywhere[field, code] / spoken[field]
            # A code most rows have anyway says nothing about the colour.
            if count >= _LEARN_ROWS and share >= _LEARN_SHARE and usual < 0.6 and code not in ("normal", "unverified"):
                learned[colour] = Mark(field, code)
                break
    return learned


def decoration(colours: Sequence[str]) -> set[str]:
    """Colours that dress the table rather than mark rows: every second line, or nearly every line."""
    found: set[str] = set()
    if len(colours) < _DRESSED_ROWS:
        return found
    for colour in set(colours) - {""}:
        places = [i for i, other in enumerate(colours) if other == colour]
        steps = [b - a for a, b in zip(places, places[1:], strict=False)]
        banded = len(places) >= 0.35 * len(colours) and steps.count(2) >= 0.8 * len(steps)
        if banded or len(places) >= 0.85 * len(colours):
            found.add(colour)
    return found


def meanings(legend: Mapping[str, Mark], learned: Mapping[str, Mark]) -> dict[str, Meaning]:
    """One meaning per colour: the legend first, then the rows, then custom."""
    out = {name: Meaning(mark, "legend") for name, mark in legend.items()}
    for name, mark in learned.items():
        out.setdefault(name, Meaning(mark, "rows"))
    for name, near in _NEAR.items():
        if name in out:
            continue
        for other in near:
            if other in legend and not (name in CUSTOM and other in CUSTOM and other in out and name in legend):
                # A legend that names red only says nothing about orange; one that names yellow may paint it FFC000.
                if name in ("orange", "yellow", "pink", "purple") or name not in CUSTOM:
                    out[name] = Meaning(legend[other], "legend")
                break
    for name, mark in CUSTOM.items():
        out.setdefault(name, Meaning(mark, "custom"))
    return out
