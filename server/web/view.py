"""What a row says, in plain words of one language: cards for lists, facts, claims, logs and history for its own page.

Reads other rows' names through storage; decides nothing. Imported by `server.web`. Only the public tier and masked forms come in
here, so nothing private can leave by a page (rule WB10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.claims import Claim, claims_of
from schema.edits import element_of, field_of
from schema.row import Cells, Live, from_plain, is_conflict, shown
from schema.sheets import SHEETS, Field, Option, Sheet
from schema.status import Status, label_of, last_confirmed_ms, status_of
from schema.values import Value
from server.reading import history
from server.room import Room
from server.storage.contract import RowView
from server.web.language import Language
from server.web.site import moment
from server.web.words import say

GROUP_ORDER = ("state", "where", "who", "what", "work", "source")
TEAM_SHEETS = ("official_team", "civil_team")
HISTORY_SHOWN = 100

_ELSEWHERE = frozenset({"notes", "contact_log", "claim"})  # they have parts of the page of their own


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


@dataclass(frozen=True, slots=True)
class Card:
    """A row in a list."""

    no: int
    title: str
    text: str
    status: Tag
    urgency: Tag | None
    conflict: bool
    over: bool
    facts: tuple[str, ...]
    ages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One team on a row."""

    team: str
    state: Tag
    eta: str
    until: str
    href: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of an append-only log."""

    who: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of an edit: which field, what it says now, what it said before."""

    label: str
    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Act:
    """One edit in plain words. `first`: it began the row."""

    who: str
    at: str
    origin: str
    changes: tuple[Change, ...]
    first: bool


class Teller:
    """Tells rows of one workbook in one language, at one moment."""

    def __init__(self, room: Room, language: Language, *, now_ms: int) -> None:
        self.room = room
        self.language = language
        self.now_ms = now_ms

    def t(self, key: str, /, **params: object) -> str:
        return say(key, self.language, **params)

    # -- lists

    def card(self, view: RowView) -> Card:
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        facts = [self.fact(sheet, field, cells, view.masked) for field in self._card_fields(sheet)]
        said = [fact for fact in facts if fact is not None]
        status = self.state(view)
        return Card(
            no=view.no,
            title=self.title(view),
            text=self._shown(sheet, "summary", cells) if "summary" in sheet.fields else "",
            status=self.status_tag(sheet, status.code),
            urgency=self.urgency(view),
            conflict=any(is_conflict(values) for values in cells.values()),
            over=status.over,
            facts=tuple([*(self._short(sheet, fact) for fact in said), *self._claims_short(cells)]),
            ages=self.ages(view, status),
        )

    def title(self, view: RowView) -> str:
        """What a row is called in a list: the fields its sheet names, without the summary that stands below."""
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        words = [self._shown(sheet, name, cells) for name in sheet.title if name != "summary"]
        if sheet.id == "help" and not any(words):
            words = [self._shown(sheet, name, cells) for name in sheet.place]
        return " ".join(word for word in words if word) or self.t("no_title")

    def state(self, view: RowView) -> Status:
        """The derived status as of now: a lease may have run out since the row was written."""
        return status_of(from_plain(view.cells), self.now_ms, sheet=SHEETS[view.sheet])

    def status(self, view: RowView) -> Tag:
        """The derived status, in words."""
        return self.status_tag(SHEETS[view.sheet], self.state(view).code)

    def status_tag(self, sheet: Sheet, code: str) -> Tag:
        option = label_of(code, sheet)
        return Tag(option.label(self.language), option.tone)

    def urgency(self, view: RowView) -> Tag | None:
        """How urgent, where the sheet asks that and somebody has answered."""
        field = SHEETS[view.sheet].fields.get("urgency")
        option = field.option(self.state(view).urgency) if field else None
        return Tag(option.label(self.language), option.tone) if option else None

    def ages(self, view: RowView, status: Status) -> tuple[str, ...]:
        """Since when it stands, and when a person last said that it still does."""
        ages = [self.t("filed_ago", age=self.age(view.created_ms))]
        confirmed = last_confirmed_ms(from_plain(view.cells))
        if confirmed is not None and confirmed > view.created_ms:
            ages.append(self.t("confirmed_ago", age=self.age(confirmed)))
        elif view.updated_ms > view.created_ms:
            ages.append(self.t("updated_ago", age=self.age(view.updated_ms)))
        if "recheck_due" in status.alerts:
            ages.append(self.t("recheck_due"))
        return tuple(ages)

    def age(self, ms: int) -> str:
        minutes = max(0, (self.now_ms - ms) // 60_000)
        if minutes < 1:
            return self.t("age_now")
        if minutes < 60:
            return self.t("age_min", n=minutes)
        if minutes < 48 * 60:
            return self.t("age_hour", n=minutes // 60)
        return self.t("age_day", n=minutes // 1440)

    def _card_fields(self, sheet: Sheet) -> list[Field]:
        above = {*sheet.title, "summary", "urgency", "claim", sheet.axis}
        return [sheet.fields[name] for name in sheet.card if name not in above]

    def _short(self, sheet: Sheet, fact: Fact) -> str:
        words = f" {self.t('or')} ".join(saying.text for saying in fact.sayings)
        if fact.field == "people_total":
            return words
        if sheet.fields[fact.field].kind in ("multi", "phone"):
            return words
        return f"{fact.label} {words}"

    def _claims_short(self, cells: Cells) -> list[str]:
        return [
            self.t("claimed_by", team=line.team, state=line.state.text)
            for line in self.claims(cells)
            if line.state.tone == "blue"
        ]

    # -- one row

    def groups(self, view: RowView) -> list[tuple[str, list[Fact]]]:
        """Every public field somebody wrote and every masked form, by group."""
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        found: dict[str, list[Fact]] = {}
        for field in sorted(sheet.fields.values(), key=lambda field: _order(sheet, field.id)):
            if field.id in _ELSEWHERE or field.derived:
                continue
            fact = self.fact(sheet, field, cells, view.masked)
            if fact is not None:
                found.setdefault(field.group, []).append(fact)
        return [(group, found[group]) for group in GROUP_ORDER if group in found]

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
                return _clock(str(value))
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
                words.append(f"{part.label(self.language)} {_clock(text)}")
            else:
                words.append(text)
        return " · ".join(words)

    def _shown(self, sheet: Sheet, name: str, cells: Cells) -> str:
        """One line for where only one fits: every account of it, the conflict not hidden."""
        field = sheet.fields[name]
        sayings = self._multi(field, cells) if field.kind == "multi" else self._sayings(field, cells.get(name, ()))
        return f" {self.t('or')} ".join(saying.text for saying in sayings)

    def claims(self, cells: Cells) -> list[ClaimLine]:
        """Who is on it, expired leases included and said to be so."""
        lines = []
        for claim in claims_of(cells, self.now_ms):
            view = self._team(claim.team)
            until = moment(claim.since_ms + claim.lease_ms) if claim.works else ""
            lines.append(
                ClaimLine(
                    team=self.title(view) if view else claim.team,
                    state=self._claim_tag(claim),
                    eta=_clock(claim.eta) if claim.eta else "",
                    until=until,
                    href=f"{view.sheet}/{view.no}" if view else "",
                )
            )
        return lines

    def _claim_tag(self, claim: Claim) -> Tag:
        """How far a team is; a lease that ran out is said, for nobody may count on it."""
        option = _claim_option(claim.state)
        words = option.label(self.language) if option else claim.state
        if claim.expired:
            return Tag(self.t("claim_expired", state=words), "grey")
        return Tag(words, option.tone if option else "")

    def double_claims(self, cells: Cells) -> int:
        """How many teams are on it at once; 0 where there is no more than one."""
        working = [claim for claim in claims_of(cells, self.now_ms) if claim.works and not claim.expired]
        return len(working) if len(working) > 1 else 0

    def _team(self, row: str) -> RowView | None:
        storage, workbook = self.room.storage, self.room.workbook.id
        for sheet in TEAM_SHEETS:
            view = storage.view_row(workbook, sheet, row)
            if view is not None:
                return view
        return None

    def log(self, view: RowView, name: str) -> list[LogLine]:
        """An append-only field's lines, newest first."""
        field = SHEETS[view.sheet].fields.get(name)
        if field is None:
            return []
        lines = []
        for path, values in from_plain(view.cells).items():
            if field_of(path) == name:
                lines += [
                    (live.at_ms, LogLine(self.who(live.actor), moment(live.at_ms), self.value(field, live.value)))
                    for live in values
                ]
        return [line for _, line in sorted(lines, key=lambda item: item[0], reverse=True) if line.text]

    def history(self, view: RowView) -> list[Act]:
        """The public edits of a row in plain words, newest first."""
        sheet = SHEETS[view.sheet]
        known: dict[tuple[str, str], Value] = {}
        acts: list[Act] = []
        for _, _, edit, actor, received_ms, writes, seen, origin in history(
            self.room, view.sheet, view.row, private=False
        ):
            changes = []
            for path in sorted(writes, key=lambda path: _order(sheet, path)):
                before = [known[path, old] for old in seen.get(path, ()) if (path, old) in known]
                change = self._change(sheet, path, writes[path], before)
                if change is not None:
                    changes.append(change)
                known[path, edit] = writes[path]
            words = self.t(f"origin_{origin}") if origin in _ORIGINS else ""
            acts.append(Act(self.who(actor), moment(received_ms), words, tuple(changes), not acts))
        acts.reverse()
        return acts[:HISTORY_SHOWN]

    def _change(self, sheet: Sheet, path: str, value: Value, before: list[Value]) -> Change | None:
        field = sheet.field_of(path)
        if field is None:
            return None
        label = field.label(self.language)
        if field.kind == "multi":
            option = field.option(element_of(path))
            named = option.label(self.language) if option else element_of(path)
            if isinstance(value, str) and value:
                return Change(label, f"{self.t('other')}：{value}", "")
            return Change(label, named if value is True else f"{self.t('history_removed')} {named}", "")
        if field.kind == "claim":
            view = self._team(element_of(path))
            label = f"{label} · {self.title(view)}" if view else label
        text = self.value(field, value)
        was = f" {self.t('or')} ".join(dict.fromkeys(filter(None, (self.value(field, old) for old in before))))
        return Change(label, text or self.t("history_blank"), "" if was == text else was)

    def who(self, actor: str) -> str:
        """What an actor calls themselves, and the role the server knows them by."""
        name, role = self.room.names({actor})[actor]
        called = name or self.t("somebody")
        if not role or role == "visitor":
            return called
        return (
            f"{called}（{self.t('role_' + role)}）" if self.language == "zh" else f"{called} ({self.t('role_' + role)})"
        )


_ORIGINS = frozenset({"form", "import", "decide", "rollback", "hub", "api"})


def _order(sheet: Sheet, path: str) -> tuple[int, str]:
    """The place of a field as the form asks for them; the others after."""
    name = field_of(path)
    return (sheet.form.index(name) if name in sheet.form else len(sheet.form), path)


def _claim_option(state: str) -> Option | None:
    entry = SHEETS["help"].fields["claim"].entry[0]
    return next((option for option in entry.options if option.code == state), None)


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


def _clock(text: str) -> str:
    """A stored time as pages write it; what is no time stays as it was typed."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return moment(int(at.timestamp() * 1000)) if at.tzinfo else text


def _hashable(value: Value) -> object:
    return tuple(value) if isinstance(value, list) else value


def shown_text(cells: Cells, path: str) -> str:
    """The one value to put into a form's field."""
    value = shown(cells.get(path, ()))
    return "" if value is None else str(value)
