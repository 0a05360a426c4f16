"""A row's cells in plain words of one language: values, accounts that differ, masked forms, who said it.

Reads other rows' names through storage; decides nothing. Imported by `server.web`. Only the public tier and masked forms come in
here, so nothing private can leave by a page (rule WB10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schema.edits import element_of, field_of
from schema.row import Cells, Live, from_plain
from schema.sheets import SHEETS, Field, Option, Sheet
from schema.texts import mask_text
from schema.values import Value
from server.room import Room
from server.storage.contract import RowView
from server.web.language import Language
from server.web.site import moment
from server.web.words import say


@dataclass(frozen=True, slots=True)
class Tag:
    """A short mark; `tone` is one of the definitions' tones. The words say it all, the colour only repeats it."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """One account of a cell: what it says, who said it, when. `href` where it can be opened."""

    text: str
    by: str = ""
    at: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a row; more than one saying is a conflict. `masked`: the reader sees the hidden form only."""

    field: str
    label: str
    sayings: tuple[Saying, ...]
    masked: bool = False

    @property
    def conflict(self) -> bool:
        return len(self.sayings) > 1


class Speaker:
    """Says cells of one workbook in one language, at one moment."""

    def __init__(self, room: Room, language: Language, *, now_ms: int) -> None:
        self.room = room
        self.language = language
        self.now_ms = now_ms

    def t(self, key: str, /, **params: object) -> str:
        return say(key, self.language, **params)

    def title(self, view: RowView) -> str:
        """What a row is called in a list: the fields its sheet names, without the summary that stands below."""
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        words = [self.shown(sheet, name, cells) for name in sheet.title if name != "summary"]
        if sheet.id == "help" and not any(words):
            words = [self.shown(sheet, name, cells) for name in sheet.place]
        return " ".join(word for word in words if word) or self.t("no_title")

    def fact(self, sheet: Sheet, field: Field, cells: Cells, masked: Mapping[str, list[str]]) -> Fact | None:
        """A field as everybody may see it; None where nobody wrote it or nothing of it is shown."""
        label = field.label(self.language)
        if field.tier == "private":
            forms = [form for form in masked.get(field.id, ()) if form]
            if not forms:
                return None
            return Fact(field.id, label, tuple(Saying(form) for form in dict.fromkeys(forms)), masked=True)
        sayings = self._multi(field, cells) if field.kind == "multi" else self._sayings(field, cells.get(field.id, ()))
        return Fact(field.id, label, sayings) if sayings else None

    def _sayings(self, field: Field, values: Sequence[Live]) -> tuple[Saying, ...]:
        """One per different value: who repeats what another said does not make a conflict."""
        found: dict[str, Saying] = {}
        for live in values:
            text = self.value(field, live.value)
            if text and text not in found:
                found[text] = Saying(text, self.who(live.actor), moment(live.at_ms), _href(field, live.value))
        if len(found) == 1 and len(values) > 1 and any(not self.value(field, live.value) for live in values):
            # Somebody cleared what another kept: both are said.
            found[self.t("history_blank")] = Saying(self.t("history_blank"))
        return tuple(found.values())

    def _multi(self, field: Field, cells: Cells) -> tuple[Saying, ...]:
        chosen = []
        for path in sorted(cells):
            if field_of(path) != field.id:
                continue
            code = element_of(path)
            for value in dict.fromkeys(_hashable(live.value) for live in cells[path]):
                if code == "other" and isinstance(value, str) and value:
                    chosen.append((len(field.options), f"{self.t('other')}：{value}"))
                elif value is True:
                    option = field.option(code)
                    place = field.options.index(option) if option else len(field.options)
                    chosen.append((place, option.label(self.language) if option else code))
        words = [text for _, text in sorted(set(chosen))]
        return (Saying("、".join(words) if self.language == "zh" else ", ".join(words)),) if words else ()

    def value(self, field: Field, value: Value) -> str:
        """A cell's value as people say it; "" for a blank one."""
        if value is None or value == "" or value == []:
            return ""
        match field.kind:
            case "enum":
                return self._option(field.options, str(value))
            case "bool":
                return self.t("yes" if value is True else "no_")
            case "int":
                return f"{value} {field.unit}".rstrip() if field.unit != "%" else f"{value}%"
            case "time":
                return said_at(str(value))
            case "geo":
                return self._geo(value)
            case "ref":
                return self._ref(str(value))
            case "log" | "claim":
                return self._record(field, value)
            case _:
                return "、".join(value) if isinstance(value, list) else str(value)

    def _option(self, options: Iterable[Option], code: str) -> str:
        if code.startswith("other:"):
            return f"{self.t('other')}：{code[6:]}"
        return next((option.label(self.language) for option in options if option.code == code), code)

    def _geo(self, value: Value) -> str:
        if not isinstance(value, list) or len(value) < 2:
            return str(value)
        datum = value[2] if len(value) > 2 else ""
        named = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}.get(datum, "")
        return f"{value[0]}, {value[1]} {named}".rstrip()

    def _ref(self, value: str) -> str:
        view = self._find(value)
        return f"{self.t('no', no=view.no)} {self.title(view)}" if view else value

    def _find(self, ref: str) -> RowView | None:
        sheet, mark, row = ref.partition("/")
        storage, workbook = self.room.storage, self.room.workbook.id
        if mark:
            return storage.view_row(workbook, sheet, row) if sheet in SHEETS else None
        return next((view for name in SHEETS if (view := storage.view_row(workbook, name, ref)) is not None), None)

    def _record(self, field: Field, value: Value) -> str:
        if not isinstance(value, list):
            return str(value)
        words = []
        for part, text in zip(field.entry, value, strict=False):
            if not text:
                continue
            if part.kind == "enum":
                words.append(self._option(part.options, text))
            elif part.kind == "time":
                words.append(f"{part.label(self.language)} {said_at(text)}")
            else:
                words.append(text)
        return " · ".join(words)

    def shown(self, sheet: Sheet, name: str, cells: Cells) -> str:
        """One line for where only one fits: every account of it, the conflict not hidden."""
        field = sheet.fields[name]
        sayings = self._multi(field, cells) if field.kind == "multi" else self._sayings(field, cells.get(name, ()))
        return f" {self.t('or')} ".join(saying.text for saying in sayings)

    def who(self, actor: str) -> str:
        """What an actor calls themselves, and the role the server knows them by."""
        name, role = self.room.names({actor})[actor]
        called = mask_text(name) or self.t("somebody")  # some sign with their telephone number
        if not role or role == "visitor":
            return called
        return (
            f"{called}（{self.t('role_' + role)}）" if self.language == "zh" else f"{called} ({self.t('role_' + role)})"
        )


def _href(field: Field, value: Value) -> str:
    """An address that may be followed: ours to open only where it is http, whatever else somebody typed."""
    if field.kind == "url" and isinstance(value, str) and value.lower().startswith(("http://", "https://")):
        return value
    # A geo: address is WGS-84; the others lie hundreds of metres off.
    if field.kind == "geo" and isinstance(value, list) and value[2:3] == ["wgs84"]:
        return f"geo:{value[0]},{value[1]}" if _is_number(value[0]) and _is_number(value[1]) else ""
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def said_at(text: str) -> str:
    """A stored time as pages write it; what is no time stays as it was typed."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return moment(int(at.timestamp() * 1000)) if at.tzinfo else text


def _hashable(value: Value) -> object:
    return tuple(value) if isinstance(value, list) else value
