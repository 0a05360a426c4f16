"""What a sheet is: its fields, options and rights, read from `sheets/*.json` and checked whole.

Pure: reads only the definitions that ship with the package, once, at import. Imported by every room.
Twin: client/src/schema/sheets.ts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

from schema.edits import Tier, field_of
from schema.errors import SchemaError

Lang = Literal["zh", "en"]
Tokens = tuple[str, ...]

LANGS: tuple[Lang, ...] = ("zh", "en")
SHEET_IDS = ("help", "official_team", "civil_team", "hazard", "consult", "supply", "shelter", "notice")
KINDS = frozenset({"text", "phone", "int", "bool", "enum", "multi", "geo", "time", "url", "ref", "log", "claim"})
MASKS = frozenset({"phone", "name", "none", "blur"})
GROUPS = frozenset({"who", "where", "what", "state", "work", "source"})
TONES = frozenset({"", "red", "orange", "blue", "green", "grey"})
ACTS = frozenset({"add", "set", "change", "change_verified", "append", "blank", "see"})
COLUMNS = ("visitor", "holder", "volunteer", "verifier", "team", "matcher", "steward")
TOKENS = frozenset({"y", "s", "-", "open", "careful", "claimed", "own_team", "own_row", "own"})

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


@dataclass(frozen=True, slots=True)
class Option:
    """One value of an enumeration: a stable code and what people call it."""

    code: str
    labels: Mapping[str, str]
    meanings: Mapping[str, str]
    tone: str
    aliases: tuple[str, ...]

    def label(self, lang: str) -> str:
        return self.labels[lang]

    def meaning(self, lang: str) -> str:
        return self.meanings.get(lang, "")


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a record in a cell (geo, contact log, claim); it travels as a string."""

    id: str
    kind: str
    labels: Mapping[str, str]
    options: tuple[Option, ...]
    minimum: int | None
    maximum: int | None
    aliases: tuple[str, ...]

    def label(self, lang: str) -> str:
        return self.labels[lang]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a sheet. `rights` names a class of the sheet; `danger` orders codes, most dangerous first."""

    id: str
    kind: str
    tier: Tier
    group: str
    rights: str
    labels: Mapping[str, str]
    meanings: Mapping[str, str]
    aliases: tuple[str, ...]
    star: bool = False
    free_text: bool = False
    derived: bool = False
    mask: str = ""
    unit: str = ""
    default: str = ""
    minimum: int | None = None
    maximum: int | None = None
    options: tuple[Option, ...] = ()
    entry: tuple[Part, ...] = ()
    danger: tuple[str, ...] = ()

    def label(self, lang: str) -> str:
        return self.labels[lang]

    def meaning(self, lang: str) -> str:
        return self.meanings[lang]

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's definition, shared fields and rights folded in. `rights[class][act]` has one token per column."""

    id: str
    version: int
    labels: Mapping[str, str]
    meanings: Mapping[str, str]
    axis: str  # the field whose codes say whether a row is over
    over: frozenset[str]
    title: tuple[str, ...]
    columns: tuple[str, ...]
    card: tuple[str, ...]
    form: tuple[str, ...]
    contact: str | None
    place: tuple[str, ...]
    recheck: Mapping[str, int]  # urgency → minutes; `normal` where the sheet has no urgency
    fields: Mapping[str, Field]
    rights: Mapping[str, Mapping[str, Tokens]]
    values: Mapping[str, Mapping[str, Tokens]]  # class → code → tokens that go before the act's

    def label(self, lang: str) -> str:
        return self.labels[lang]

    def meaning(self, lang: str) -> str:
        return self.meanings[lang]

    def field(self, name: str) -> Field:
        """The field of this id. Raises SchemaError where the sheet has none."""
        found = self.fields.get(name)
        if found is None:
            raise SchemaError("unknown-field", f"sheet {self.id} has no field {name!r}")
        return found

    def field_of(self, path: str) -> Field | None:
        """The field a path belongs to (`needs` for `needs:boat`), or None."""
        return self.fields.get(field_of(path))

    def paths_of_tier(self, tier: Tier) -> tuple[str, ...]:
        """Ids of the fields that are written in a tier; free text is written in both."""
        return tuple(
            f.id
            for f in self.fields.values()
            if not f.derived and (f.tier == tier or (f.free_text and tier == "private"))
        )


def load_sheet(sheet: str) -> Sheet:
    """The definition that ships under this id. Raises SchemaError for an id nobody defined."""
    if sheet not in SHEETS:
        raise SchemaError("unknown-sheet", f"there is no sheet {sheet!r}", f"one of {', '.join(SHEET_IDS)}")
    return SHEETS[sheet]


def read_sheet(source: object, shared: object, *, name: str) -> Sheet:
    """A definition from parsed JSON. Raises SchemaError naming the file and the field at fault."""
    where = f"{name}.json"
    common = _record(shared, where="shared.json", needed=("rights", "statuses", "fields"))
    raw = _record(source, where=where, needed=_SHEET_KEYS)
    fields = _fields(raw, common, where=where)
    rights, values = _rights(common["rights"], raw["rights"], where=where)
    sheet = Sheet(
        id=_text(raw["id"], where=where),
        version=_int(raw["version"], where=where),
        labels=_labels(raw["label"], where=where),
        meanings=_labels(raw["meaning"], where=where),
        axis=_text(raw["axis"], where=where),
        over=frozenset(_texts(raw["over"], where=where)),
        title=_texts(raw["title"], where=where),
        columns=_texts(raw["columns"], where=where),
        card=_texts(raw["card"], where=where),
        form=_texts(raw["form"], where=where),
        contact=None if raw["contact"] is None else _text(raw["contact"], where=where),
        place=_texts(raw["place"], where=where),
        recheck={k: _int(v, where=where) for k, v in _record(raw["recheck"], where=where).items()},
        fields=fields,
        rights=rights,
        values=values,
    )
    _check_whole(sheet, name=name)
    return sheet


def _fault(where: str, message: str) -> SchemaError:
    return SchemaError("bad-definition", f"{where}: {message}")


_SHEET_KEYS = (
    "id", "version", "label", "meaning", "axis", "over", "title", "columns", "card", "form", "contact", "place",
    "include", "recheck", "rights", "fields",
)  # fmt: skip
_FIELD_KEYS = ("id", "kind", "tier", "group", "rights", "label", "meaning", "aliases")
_FIELD_MORE = (
    "star", "free_text", "derived", "mask", "unit", "default", "min", "max", "options", "entry", "danger",
)  # fmt: skip


def _record(
    raw: object, *, where: str, needed: Iterable[str] | None = None, allowed: Iterable[str] = ()
) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise _fault(where, "an object is wanted")
    if needed is not None:
        needed = tuple(needed)
        missing = [key for key in needed if key not in raw]
        unknown = [key for key in raw if key not in needed and key not in tuple(allowed)]
        if missing:
            raise _fault(where, f"without {', '.join(missing)}")
        if unknown:
            raise _fault(where, f"unknown key {', '.join(unknown)}")
    return cast("dict[str, object]", raw)


def _text(raw: object, *, where: str) -> str:
    if not isinstance(raw, str):
        raise _fault(where, f"text is wanted, not {raw!r}")
    return raw


def _int(raw: object, *, where: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _fault(where, f"a whole number is wanted, not {raw!r}")
    return raw


def _bool(raw: object, *, where: str) -> bool:
    if not isinstance(raw, bool):
        raise _fault(where, f"true or false is wanted, not {raw!r}")
    return raw


def _list(raw: object, *, where: str) -> list[object]:
    if not isinstance(raw, list):
        raise _fault(where, "a list is wanted")
    return raw


def _texts(raw: object, *, where: str) -> tuple[str, ...]:
    return tuple(_text(item, where=where) for item in _list(raw, where=where))


def _labels(raw: object, *, where: str) -> dict[str, str]:
    labels = {k: _text(v, where=where) for k, v in _record(raw, where=where, needed=LANGS).items()}
    if not all(labels.values()):
        raise _fault(where, "an empty label")
    return labels


def _optional_int(raw: object, *, where: str) -> int | None:
    return None if raw is None else _int(raw, where=where)


def _options(raw: object, *, where: str) -> tuple[Option, ...]:
    options = []
    for item in _list(raw, where=where):
        source = _record(item, where=where, needed=("code", "label"), allowed=("meaning", "tone", "aliases"))
        code = _text(source["code"], where=where)
        spot = f"{where}, option {code}"
        if _CODE.match(code) is None:
            raise _fault(spot, "a code is lower-case ASCII")
        tone = _text(source.get("tone", ""), where=spot)
        if tone not in TONES:
            raise _fault(spot, f"unknown tone {tone}")
        meanings = _labels(source["meaning"], where=spot) if "meaning" in source else {}
        aliases = _texts(source.get("aliases", []), where=spot)
        options.append(Option(code, _labels(source["label"], where=spot), meanings, tone, aliases))
    if len({option.code for option in options}) != len(options):
        raise _fault(where, "a code twice")
    return tuple(options)


def _parts(raw: object, *, where: str) -> tuple[Part, ...]:
    parts = []
    for item in _list(raw, where=where):
        source = _record(
            item, where=where, needed=("id", "kind", "label"), allowed=("options", "min", "max", "aliases")
        )
        spot = f"{where}, part {source['id']}"
        kind = _text(source["kind"], where=spot)
        if kind not in {"text", "int", "enum", "time"}:
            raise _fault(spot, f"a part cannot be of kind {kind}")
        parts.append(
            Part(
                id=_text(source["id"], where=spot),
                kind=kind,
                labels=_labels(source["label"], where=spot),
                options=_options(source.get("options", []), where=spot),
                minimum=_optional_int(source.get("min"), where=spot),
                maximum=_optional_int(source.get("max"), where=spot),
                aliases=_texts(source.get("aliases", []), where=spot),
            )
        )
    return tuple(parts)


def _field(raw: object, *, where: str) -> Field:
    source = _record(raw, where=where)
    where = f"{where}, field {source.get('id', '?')}"
    source = _record(source, where=where, needed=_FIELD_KEYS, allowed=_FIELD_MORE)
    tier = _text(source["tier"], where=where)
    if tier not in ("public", "private"):
        raise _fault(where, f"unknown tier {tier}")
    field = Field(
        id=_text(source["id"], where=where),
        kind=_text(source["kind"], where=where),
        tier=tier,  # type: ignore[arg-type]
        group=_text(source["group"], where=where),
        rights=_text(source["rights"], where=where),
        labels=_labels(source["label"], where=where),
        meanings=_labels(source["meaning"], where=where),
        aliases=_texts(source["aliases"], where=where),
        star=_bool(source.get("star", False), where=where),
        free_text=_bool(source.get("free_text", False), where=where),
        derived=_bool(source.get("derived", False), where=where),
        mask=_text(source.get("mask", ""), where=where),
        unit=_text(source.get("unit", ""), where=where),
        default=_text(source.get("default", ""), where=where),
        minimum=_optional_int(source.get("min"), where=where),
        maximum=_optional_int(source.get("max"), where=where),
        options=_options(source.get("options", []), where=where),
        entry=_parts(source.get("entry", []), where=where),
        danger=_texts(source.get("danger", []), where=where),
    )
    _check_field(field, where=where)
    return field


def _check_field(field: Field, *, where: str) -> None:
    codes = {option.code for option in field.options}
    faults = (
        (_CODE.match(field.id) is None, "an id is lower-case ASCII"),
        (field.kind not in KINDS, f"unknown kind {field.kind}"),
        (field.group not in GROUPS, f"unknown group {field.group}"),
        ((field.kind in ("enum", "multi")) != bool(codes), "options belong to enum and multi, and to these always"),
        (field.kind in ("claim", "geo") and not field.entry, "a record names its parts"),
        (bool(field.entry) and field.kind not in ("claim", "geo", "log"), "only a record has parts"),
        ((field.tier == "private") != bool(field.mask), "a private field declares its mask, a public one has none"),
        (bool(field.mask) and field.mask not in MASKS, f"unknown mask {field.mask}"),
        (field.free_text and field.tier == "private", "free text is public, its raw words are private anyway"),
        (bool(field.danger) and set(field.danger) != codes, "danger orders every option, once"),
        (len(set(field.danger)) != len(field.danger), "danger orders every option, once"),
        (bool(field.default) and field.default not in codes, "the default is no option"),
        (bool(field.danger) and "other" in codes, "a state axis has no free other"),
        (bool(field.danger) and any(not o.meanings for o in field.options), "each state has a meaning"),
    )
    for wrong, message in faults:
        if wrong:
            raise _fault(where, message)


def _fields(raw: Mapping[str, object], common: Mapping[str, object], *, where: str) -> dict[str, Field]:
    shared = {f.id: f for f in (_field(item, where="shared.json") for item in _list(common["fields"], where=where))}
    own = [_field(item, where=where) for item in _list(raw["fields"], where=where)]
    fields: dict[str, Field] = {f.id: f for f in own}
    if len(fields) != len(own):
        raise _fault(where, "a field twice")
    for name in _texts(raw["include"], where=where):
        if name not in shared:
            raise _fault(where, f"includes {name}, which shared.json does not have")
        if name in fields:
            raise _fault(where, f"includes {name} and defines it")
        fields[name] = shared[name]
    return fields


def _rights(
    common: object, raw: object, *, where: str
) -> tuple[dict[str, dict[str, Tokens]], dict[str, dict[str, Tokens]]]:
    rights: dict[str, dict[str, Tokens]] = {}
    values: dict[str, dict[str, Tokens]] = {}
    for source in (_record(common, where="shared.json"), _record(raw, where=where)):
        for name, table in source.items():
            spot = f"{where}, rights {name}"
            acts = dict(_record(table, where=spot, needed=ACTS - {"see"}, allowed=("see", "values")))
            by_value = _record(acts.pop("values", {}), where=spot)
            rights[name] = {act: _tokens(row, where=f"{spot}.{act}") for act, row in acts.items()}
            values[name] = {code: _tokens(row, where=f"{spot}.{code}") for code, row in by_value.items()}
    return rights, values


def _tokens(raw: object, *, where: str) -> Tokens:
    tokens = tuple(_text(raw, where=where).split())
    if len(tokens) != len(COLUMNS):
        raise _fault(where, f"{len(COLUMNS)} tokens are wanted: {', '.join(COLUMNS)}")
    for token in tokens:
        if token not in TOKENS:
            raise _fault(where, f"unknown token {token}")
    return tokens


def _check_whole(sheet: Sheet, *, name: str) -> None:
    where = f"{name}.json"
    if sheet.id != name:
        raise _fault(where, f"its id is {sheet.id}")
    lists = {"title": sheet.title, "columns": sheet.columns, "card": sheet.card, "form": sheet.form}
    lists |= {"place": sheet.place, "contact": (sheet.contact,) if sheet.contact else (), "axis": (sheet.axis,)}
    for key, ids in lists.items():
        for field_id in ids:
            if field_id not in sheet.fields:
                raise _fault(where, f"{key} names {field_id}, which is no field")
            if key == "form" and sheet.fields[field_id].derived:
                raise _fault(where, f"the form asks for {field_id}, which is derived")
    codes = {option.code for option in sheet.fields[sheet.axis].options}
    if not sheet.over <= codes or not sheet.fields[sheet.axis].danger or not sheet.fields[sheet.axis].default:
        raise _fault(where, f"{sheet.axis} cannot say whether a row is over")
    if "normal" not in sheet.recheck:
        raise _fault(where, "recheck has no time for normal")
    for field in sheet.fields.values():
        spot = f"{where}, field {field.id}"
        if field.rights not in sheet.rights:
            raise _fault(spot, f"unknown class {field.rights}")
        if field.tier == "private" and "see" not in sheet.rights[field.rights]:
            raise _fault(spot, f"class {field.rights} does not say who may see it")
    for rights, by_value in sheet.values.items():
        known = {o.code for f in sheet.fields.values() if f.rights == rights for o in _value_options(f)}
        if not set(by_value) <= known:
            raise _fault(where, f"rights {rights} has a row for a value that no field has")


def _value_options(field: Field) -> tuple[Option, ...]:
    return field.entry[0].options if field.kind == "claim" else field.options


def _json(name: str) -> object:
    folder = resources.files("schema") / "sheets"
    try:
        return cast(object, json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    except ValueError as error:
        raise _fault(f"{name}.json", f"not JSON: {error}") from error


_SHARED = _json("shared")
STATUSES: dict[str, Option] = {
    option.code: option
    for option in _options(_record(_SHARED, where="shared.json").get("statuses"), where="shared.json")
}
SHEETS: dict[str, Sheet] = {name: read_sheet(_json(name), _SHARED, name=name) for name in SHEET_IDS}
