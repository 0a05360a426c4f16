"""What people call our sheets and columns: a name becomes candidates with a strength.

Pure. Imported by `layout` and `mapping`. The names themselves are the labels and aliases of the definitions; `names.json` holds
only the words that occur in sheets from elsewhere and are no name anybody would show.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from schema.sheets import SHEETS, Field

# Sheets a file is imported into. Notices are written by stewards, not carried over.
TARGETS = ("help", "civil_team", "official_team", "hazard", "consult", "supply", "shelter")

# Order matters: the first pattern that fits a sheet's name decides, so the narrow ones come first.
_SHEET_NAMES: tuple[tuple[str, str], ...] = (
    ("official_team", r"官方.*(?:队|力量|救援)|消防|部队|武警|official"),
    (
        "civil_team",
        r"民间|救援队|救援力量|志愿(?:者)?(?:服务)?队|社会力量|队伍|rescue.?teams?|civil|\bteams?\b|équipes?",
    ),
    ("hazard", r"漏电|危险|风险|险情|隐患|积水点|内涝点|路况|封路|hazard|danger|risk"),
    ("consult", r"问诊|医生|义诊|在线医|线上医|心理(?:援助|咨询)|医疗咨询|consult|doctors?|médecin"),
    ("shelter", r"安置|避难|避险|住宿|酒店|收容|休息点|shelter|refuge|abri"),
    ("supply", r"物资|捐赠|捐助|供需|supply|supplies|donation|relief goods"),
    (
        "help",
        r"求助|求救|待救|救援信息|救援需求|被困|人员信息|失联|汇总|报告|reports?|requests?|incidents?|\bhelp\b|\bsos\b|demandes?",
    ),
)
_SHEET_NAME = tuple((sheet, re.compile(pattern, re.IGNORECASE)) for sheet, pattern in _SHEET_NAMES)

# Names beyond the aliases of the definitions, by field; a field a sheet does not have is passed over.
_MORE: Mapping[str, list[str]] = json.loads((resources.files("server.imports") / "names.json").read_text("utf-8"))

# Columns of our own export that are computed: they say nothing a row would write.
OURS = frozenset({"系统编号", "系统状态", "systemno", "systemstatus"})

_BRACKETS = re.compile(r"[(\[【〔（{][^)\]】〕）}]*[)\]】〕）}]")
_NOISE = re.compile(r"[\s*:：_\-—.。,，、;；!！?？\"'“”‘’`~|/\\#]+")
_ASKING = re.compile(r"^(?:请填写?|请输入|填写)|(?:必填项?|选填项?|可不填|尽量填|不填|可选)$|^(?:必填|选填)")

_OF = re.compile(r"([a-zà-ÿ ]+?) (?:of|de|du|d['’])\s?(?:the |la |l['’])?([a-zà-ÿ ]+)")

MIN_STRENGTH = 0.55
GROUP = "›"  # between the group and the name of a header of two lines


@dataclass(frozen=True, slots=True)
class Named:
    """A field (or `geo.lat`, `geo.lon`) a header may mean, and how surely: 1 where it is its very name."""

    path: str
    strength: float


def normal_name(text: str) -> str:
    """A header without blanks, marks, brackets and "please fill in"."""
    narrow = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).lower()
    # Téléphone is telephone; a # stands for "number".
    flat = "".join(c for c in narrow if not unicodedata.combining(c)).replace("#", "no ")
    bare = _NOISE.sub("", _BRACKETS.sub("", flat))
    bare = _ASKING.sub("", bare) or bare
    return bare or _NOISE.sub("", flat) or flat.strip()


def sheet_by_name(name: str) -> str | None:
    """Which of our sheets a sheet of a file is by its name."""
    flat = unicodedata.normalize("NFKC", name)
    for target in TARGETS:
        labels = SHEETS[target].labels.values()
        if normal_name(flat) in {target.replace("_", ""), *(normal_name(label) for label in labels)}:
            return target
    return next((sheet for sheet, pattern in _SHEET_NAME if pattern.search(flat)), None)


def is_importable(field: Field) -> bool:
    """Whether a column may be mapped to the field: not what is computed, nor what only an act of a person writes."""
    return not field.derived and field.kind not in ("claim", "ref") and field.id not in ("contact_log", "sightings")


@cache
def _names(sheet: str) -> dict[str, tuple[str, ...]]:
    """Normal name → the paths of a sheet it may stand for, labels before aliases before the words of `_MORE`."""
    ranked: dict[str, dict[str, int]] = {}

    def add(text: str, path: str, rank: int) -> None:
        name = normal_name(text)
        if name:
            paths = ranked.setdefault(name, {})
            paths[path] = min(rank, paths.get(path, rank))

    for field in SHEETS[sheet].fields.values():
        if not is_importable(field):
            continue
        if field.kind == "geo" and field.id == "geo":
            for part in field.entry:
                if part.id in ("lat", "lon"):
                    for alias in part.aliases:
                        add(alias, f"geo.{part.id}", 1)
        for label in field.labels.values():
            add(label, field.id, 0)
        add(field.id.replace("_", " "), field.id, 0)
        for alias in field.aliases:
            add(alias, field.id, 1)
    fields = SHEETS[sheet].fields
    for path, words in _MORE.items():
        if path.partition(".")[0] in fields:
            for word in words:
                add(word, path, 2)
    return {name: tuple(sorted(paths, key=lambda path: paths[path])) for name, paths in ranked.items()}


@cache
def named(sheet: str, header: str) -> tuple[Named, ...]:
    """What a header may mean in one of our sheets, the surest first."""
    names = _names(sheet)
    found: dict[str, float] = {}

    def offer(path: str, strength: float) -> None:
        if strength > found.get(path, 0.0):
            found[path] = strength

    for spelling, weight in _spellings(header):
        for place, path in enumerate(names.get(spelling, ())):
            offer(path, weight - 0.02 * place)
        if weight < 0.9:
            continue
        for name, paths in names.items():
            if len(name) < (2 if name[0] > "\x7f" else 4) or name == spelling or name not in spelling:
                continue
            # The head of a Chinese compound stands last: 被困人员联系电话 is a phone, not a person.
            share = len(name) / len(spelling)
            tail = 0.18 if spelling.endswith(name) else 0.0
            for place, path in enumerate(paths):
                offer(path, weight * (0.36 + 0.4 * share + tail) - 0.02 * place)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Named(path, round(strength, 3)) for path, strength in ordered if strength >= 0.45)


def _spellings(header: str) -> list[tuple[str, float]]:
    """A header's readings: whole, then part by part, each a little weaker."""
    group, _, own = header.rpartition(GROUP)
    out = [(normal_name(own), 1.0)]
    if group:
        out.insert(0, (normal_name(group + own), 1.0))  # 被困 over 人数 is 被困人数
    flat = unicodedata.normalize("NFKC", own).lower()
    parts = [part for part in re.split(r"[/\n|]", _BRACKETS.sub("", flat)) if part.strip()]
    turned = _OF.fullmatch(flat.strip())
    if turned:  # "date of incident" is an incident date
        out.append((normal_name(f"{turned[2]} {turned[1]}"), 0.97))
        out.append((normal_name(turned[1]), 0.92))
    if len(parts) > 1:
        out += [(normal_name(part), 0.93 - 0.05 * place) for place, part in enumerate(parts)]
    return [(spelling, weight) for spelling, weight in out if spelling]


def is_header_name(text: str) -> float:
    """How much a cell looks like the header of a column in any of our sheets: 0 to 1."""
    if not text.strip() or len(text) > 40:
        return 0.0
    return max((found[0].strength for sheet in TARGETS if (found := named(sheet, text.strip()))), default=0.0)
