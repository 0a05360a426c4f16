"""What a row says: cards for lists; facts, claims, logs and history for its own page.

Reads other rows' names through storage; decides nothing. Imported by `server.web`.
"""

from __future__ import annotations

from dataclasses import dataclass

from moderation.claims import Claim, claims_of
from schema.edits import element_of, field_of
from schema.row import Cells, from_plain, is_conflict
from schema.sheets import SHEETS, Field, Option, Sheet
from schema.status import Status, label_of, last_confirmed_ms, status_of
from schema.values import Value
from server.reading import history
from server.storage.contract import RowView
from server.web.cells import Fact, Speaker, Tag, said_at
from server.web.site import moment

GROUP_ORDER = ("state", "where", "who", "what", "work", "source")
TEAM_SHEETS = ("official_team", "civil_team")
HISTORY_SHOWN = 100

_ELSEWHERE = frozenset({"notes", "contact_log", "claim"})  # they have parts of the page of their own


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


class Teller(Speaker):
    """Tells rows of one workbook in one language, at one moment."""

    # -- lists

    def card(self, view: RowView) -> Card:
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        facts = [self.fact(sheet, field, cells, view.masked) for field in self._card_fields(sheet)]
        said = [fact for fact in facts if fact is not None]
        status = self.state(view)
        return Card(
            no=view.no,
            title=self.title(view),
            text=self.shown(sheet, "summary", cells) if "summary" in sheet.fields else "",
            status=self.status_tag(sheet, status.code),
            urgency=self.urgency(view, status),
            conflict=any(is_conflict(values) for values in cells.values()),
            over=status.over,
            facts=tuple([*(self._short(sheet, fact) for fact in said), *self._claims_short(cells)]),
            ages=self.ages(view, status),
        )

    def state(self, view: RowView) -> Status:
        """The derived status as of now: a lease may have run out since the row was written."""
        return status_of(from_plain(view.cells), self.now_ms, sheet=SHEETS[view.sheet])

    def status(self, view: RowView) -> Tag:
        """The derived status, in words."""
        return self.status_tag(SHEETS[view.sheet], self.state(view).code)

    def status_tag(self, sheet: Sheet, code: str) -> Tag:
        option = label_of(code, sheet)
        return Tag(option.label(self.language), option.tone)

    def urgency(self, view: RowView, status: Status) -> Tag | None:
        """How urgent, where the sheet asks that and somebody has answered."""
        field = SHEETS[view.sheet].fields.get("urgency")
        option = field.option(status.urgency) if field else None
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
                    eta=said_at(claim.eta) if claim.eta else "",
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


_ORIGINS = frozenset({"form", "import", "decide", "rollback", "hub", "api"})


def _order(sheet: Sheet, path: str) -> tuple[int, str]:
    """The place of a field as the form asks for them; the others after."""
    name = field_of(path)
    return (sheet.form.index(name) if name in sheet.form else len(sheet.form), path)


def _claim_option(state: str) -> Option | None:
    entry = SHEETS["help"].fields["claim"].entry[0]
    return next((option for option in entry.options if option.code == state), None)
