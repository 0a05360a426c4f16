"""Which of our sheets a sheet is, and which of its columns is which field: by name, then by content, or as a map says.

Pure. Imported by `run`. Each choice says why it was made, so that a person can overrule it (rule IM12).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schema.sheets import SHEETS, Field, Sheet
from server.imports.book import said
from server.imports.cells import is_blank
from server.imports.errors import ImportFailed
from server.imports.layout import Layout
from server.imports.naming import MIN_STRENGTH, OURS, TARGETS, is_importable, named, normal_name, sheet_by_name
from server.imports.plan import ColumnPlan
from server.imports.profile import Profile, fits, profile

SAMPLE_CHARS = 40

# Fields that take the words of several columns; any other takes one.
_MANY = frozenset({"notes", "summary", "needs", "category", "person_name", "place", "equipment_note"})
# A second telephone column goes to the next of these that the sheet has and no column has taken.
_PHONES = ("contact_phone", "duty_phone", "contact_phone2", "backup_phone", "reporter_phone", "receiver_phone")
# Sheets tell themselves apart by these; names, phones and places are everywhere.
_TELLING: Mapping[str, tuple[str, ...]] = {
    "help": (
        "people_total",
        "urgency",
        "needs",
        "summary",
        "outcome",
        "person_name",
        "elderly",
        "children",
        "category",
    ),
    "civil_team": ("name", "leader_name", "members", "equipment_note", "capabilities", "boats"),
    "official_team": ("name", "leader_name", "members", "equipment_note", "capabilities", "boats"),
    "hazard": ("kind", "power_cut", "severity", "passable", "detour", "depth_cm"),
    "consult": ("doctor_name", "hospital", "department", "hours", "title", "channel"),
    "supply": ("item", "qty", "unit", "direction", "receiver_name", "qty_received"),
    "shelter": ("capacity", "occupancy", "facilities", "accepts", "operator", "name"),
}


@dataclass(frozen=True, slots=True)
class SheetMap:
    """The mapping of one sheet; `sheet` is None where it is none of ours."""

    sheet: str | None
    why: str
    columns: tuple[ColumnPlan, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    header: str
    texts: tuple[str, ...]
    seen: Profile


def map_sheet(layout: Layout, given: Mapping[str, object] | None = None, *, file: str = "") -> SheetMap:
    """The mapping of a laid-out sheet; `given` is what a map says of it: {header: path, "@sheet": id}."""
    columns = [
        _Column(index, header, texts := _texts(layout, index), profile(texts))
        for index, header in sorted(layout.headers.items())
    ]
    if given is not None and "@sheet" in given:
        target = given["@sheet"]
        sheet = None if target in (None, "") else str(target)
        why = "map"
    else:
        sheet, why = match_sheet(layout.name, columns, file=file)
    if sheet is not None and sheet not in TARGETS:
        raise ImportFailed(
            "map-unknown-sheet",
            f"the map sends the sheet {layout.name} to {sheet}, which is none of ours",
            f"one of {', '.join(TARGETS)}, or null to leave it out",
        )
    fixed = _check_given(layout, given, sheet) if given is not None else {}
    if sheet is None:
        plain = tuple(ColumnPlan(c.index, c.header, None, _sample(c.texts), "none") for c in columns)
        return SheetMap(None, why, plain)
    return SheetMap(sheet, why, _assign(SHEETS[sheet], columns, fixed))


def match_sheet(name: str, columns: Sequence[_Column], *, file: str = "") -> tuple[str | None, str]:
    """The sheet of ours a foreign sheet is, by its name and by what its columns are called."""
    by_name = sheet_by_name(name)
    by_file = sheet_by_name(file) if by_name is None else None
    scored: list[tuple[float, int, str]] = []
    telling = {target: _telling(target, columns) for target in TARGETS}
    for place, target in enumerate(TARGETS):
        score = telling[target]
        score += 2.5 if target == by_name else 1.0 if target == by_file else 0.0
        scored.append((score, -place, target))
    score, _, target = max(scored)
    mapped = sum(bool(_best(target, c)) for c in columns)
    if target == by_name and mapped >= 1 and len(columns) >= 2:
        return target, "name"
    if mapped >= 2 and score >= 1.5:
        return target, "columns"
    phones = any(c.seen.phone >= 0.4 for c in columns)
    if len(columns) >= 3 and phones and any(c.seen.address >= 0.4 for c in columns):
        return "help", "content"  # people, telephones and places in a table nobody named
    return None, "nothing in it is known"


def _telling(target: str, columns: Sequence[_Column]) -> float:
    found: dict[str, float] = {}
    for column in columns:
        for name in named(target, _bare(column.header))[:1]:
            fit = fits(SHEETS[target].fields[name.path.partition(".")[0]], column.seen, column.texts)
            if name.strength >= MIN_STRENGTH and fit > -0.9:
                found[name.path] = max(found.get(name.path, 0.0), name.strength)
    weight = sum(s for path, s in found.items() if path in _TELLING[target])
    rest = sum(s for path, s in found.items() if path not in _TELLING[target])
    return weight + 0.25 * rest


def _best(target: str, column: _Column) -> str | None:
    names = named(target, _bare(column.header))
    return names[0].path if names and names[0].strength >= MIN_STRENGTH else None


def _assign(sheet: Sheet, columns: Sequence[_Column], fixed: Mapping[str, str | None]) -> tuple[ColumnPlan, ...]:
    taken: Counter[str] = Counter()
    chosen: dict[int, tuple[str | None, str]] = {}
    for column in columns:
        if column.header in fixed:
            path = fixed[column.header]
            chosen[column.index] = (path, "map")
            taken.update((path or "").split("+") if path else ())
        elif normal_name(column.header) in OURS:
            chosen[column.index] = (None, "ours")
    offers: list[tuple[float, int, str]] = []
    for column in columns:
        if column.index in chosen:
            continue
        for name in named(sheet.id, _bare(column.header)):
            field = sheet.fields[name.path.partition(".")[0]]
            if not is_importable(field):
                continue
            score = name.strength + 0.3 * fits(field, column.seen, column.texts)
            if name.strength >= MIN_STRENGTH and score >= 0.42:
                offers.append((score, column.index, name.path))
    by_index = {column.index: column for column in columns}
    for _, index, path in sorted(offers, key=lambda offer: (-offer[0], offer[1])):
        if index in chosen:
            continue
        free = _free(sheet, path, taken)
        if free is not None:
            chosen[index] = (free, "name")
            taken[free] += 1
    for column in columns:
        if column.index not in chosen:
            guess = _by_content(sheet, column, taken)
            if guess is not None:
                chosen[column.index] = (guess, "content")
                taken[guess] += 1
    _split_mixed(sheet, by_index, chosen, taken)
    plans = []
    for column in columns:
        path, why = chosen.get(column.index, (None, "none"))
        plans.append(ColumnPlan(column.index, column.header, path, _sample(column.texts), why))
    return tuple(plans)


def _free(sheet: Sheet, path: str, taken: Counter[str]) -> str | None:
    """The path, or where it is taken the next one that holds the same kind of thing."""
    if path in _MANY or not taken[path]:
        return path
    field = sheet.fields[path.partition(".")[0]]
    if field.kind == "phone":
        return next((other for other in _PHONES if other in sheet.fields and not taken[other]), path)
    if field.free_text and field.kind == "text":
        return path
    return None


def _by_content(sheet: Sheet, column: _Column, taken: Counter[str]) -> str | None:
    """A field for a column whose name says nothing, only where the content leaves no doubt."""
    seen = column.seen
    if seen.count < 2:
        return None
    has = sheet.fields

    def first(*paths: str) -> str | None:
        return next((path for path in paths if path in has and not taken[path]), None)

    if seen.phone >= 0.6:
        return first(*_PHONES)
    if seen.url >= 0.6:
        return first("source_url")
    if seen.time >= 0.7:
        return first("source_time")
    if seen.lat >= 0.8 and "geo" in has and not taken["geo.lat"] and seen.lon < 1.01 and _between(column.texts, 90):
        return "geo.lat" if not taken["geo"] and _looks_like_latitude(column) else None
    if seen.people >= 0.5 and seen.length <= 16:
        return first("people_total", "members")
    if normal_name(column.header) and _is_letters(column.header):
        # Only a table without any header is read by content alone beyond this point.
        if seen.counting and column.index == 0:
            return first("ext_id")
        few = seen.distinct < 0.5 or seen.count < 10
        if seen.urgency >= 0.7 and seen.length <= 6 and few:
            return first("urgency")
        if seen.verify >= 0.7 and seen.length <= 8 and few:
            return first("verify_state")
        if seen.address >= 0.6 and seen.length >= 5:
            return first("place", "base")
        if seen.person >= 0.7:
            return first("person_name", "leader_name", "doctor_name")
        if fits(has["needs"], seen, column.texts) >= 0.6 if "needs" in has and has["needs"].kind == "multi" else False:
            return first("needs")
        if seen.length >= 6 and seen.distinct > 0.5:
            return first("summary", "equipment_note")
    return None


def _split_mixed(
    sheet: Sheet,
    columns: Mapping[int, _Column],
    chosen: dict[int, tuple[str | None, str]],
    taken: Counter[str],
) -> None:
    """A column of names with telephones in it (张三 142…) feeds both fields."""
    person = next(
        (p for p in ("person_name", "leader_name", "doctor_name", "receiver_name") if p in sheet.fields), None
    )
    if person is None:
        return
    for index, (path, why) in list(chosen.items()):
        if path is None or why == "map" or "+" in path or path.startswith("geo"):
            continue
        column = columns[index]
        field: Field = sheet.fields[path.partition(".")[0]]
        if field.kind == "phone" and column.seen.phone_and_more >= 0.4 and not taken[person]:
            chosen[index] = (f"{person}+{path}", why)
            taken[person] += 1
        elif path == person and column.seen.phone >= 0.4:
            phone = next((p for p in _PHONES if p in sheet.fields and not taken[p]), None)
            if phone is not None:
                # Only numbers under 联系人: a telephone column by another name.
                chosen[index] = (phone if column.seen.phone_and_more < 0.2 else f"{person}+{phone}", "content")
                taken[phone] += 1


def _check_given(layout: Layout, given: Mapping[str, object], target: str | None) -> dict[str, str | None]:
    """The columns a map names. Raises ImportFailed naming the first that is not in the sheet, or a path that is none."""
    known = set(layout.headers.values())
    fixed: dict[str, str | None] = {}
    for header, path in given.items():
        if header.startswith("@"):
            continue
        if header not in known:
            raise ImportFailed(
                "map-unknown-column",
                f"the map names a column {header}, which the sheet {layout.name} does not have",
                "its columns: " + ", ".join(sorted(known)[:40]),
            )
        if path in (None, ""):
            fixed[header] = None
            continue
        if not isinstance(path, str):
            raise ImportFailed("map-malformed", f"the map gives {header} no path", "a text, or null to keep it aside")
        sheet = SHEETS.get(target) if target else None
        for part in path.split("+"):
            if sheet is not None and not _is_path(sheet, part):
                raise ImportFailed(
                    "map-unknown-path",
                    f"the map sends {header} to {path}, which the sheet {sheet.id} cannot take",
                    "one of " + ", ".join(f.id for f in sheet.fields.values() if is_importable(f)),
                )
        fixed[header] = path
    return fixed


def _is_path(sheet: Sheet, path: str) -> bool:
    field = sheet.fields.get(path.partition(".")[0])
    if field is None or not is_importable(field):
        return False
    return path == field.id or (field.kind == "geo" and path in (f"{field.id}.lat", f"{field.id}.lon"))


def _texts(layout: Layout, column: int) -> tuple[str, ...]:
    found = []
    for line in layout.body:
        cell = line.cells[column] if column < len(line.cells) else None
        if cell is not None and (cell.cached or not cell.formula) and (text := said(cell)):
            found.append(text)
    return tuple(found)


def _sample(texts: Sequence[str]) -> str:
    text = next((text for text in texts if not is_blank(text)), "")
    return text if len(text) <= SAMPLE_CHARS else text[: SAMPLE_CHARS - 1] + "…"


def _bare(header: str) -> str:
    """A header without the number `layout` gave its second occurrence."""
    return header.rsplit("#", 1)[0] if header.rsplit("#", 1)[-1].isdigit() else header


def _is_letters(header: str) -> bool:
    return header.isascii() and header.isupper() and len(header) <= 2


def _between(texts: Sequence[str], limit: float) -> bool:
    return all(_number(text) is None or abs(_number(text) or 0.0) <= limit for text in texts)


def _looks_like_latitude(column: _Column) -> bool:
    numbers = [n for text in column.texts if (n := _number(text)) is not None]
    return bool(numbers) and all(3 < n < 54 for n in numbers[:50])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
