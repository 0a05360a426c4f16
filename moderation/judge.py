"""The judge: one verdict per edit, all or nothing.

Pure. Imported by `server/ingest.py`; `client/src/schema/judge.ts` is its twin, held by `schema/vectors/judge.json`.

An edit is sorted, path by path, into *acts* (add, set, own, change, change_verified, append, blank). The sheet's rights table says for each
class of field and each act what every role gets; the worst path decides. What right does not allow becomes a suggestion, never nothing:
refused is only what is malformed, reused, erased, banned or over a hard cap (rule ED9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from moderation.claims import may_move, state_of, working_teams
from moderation.roles import Who
from schema.edits import Edit, Tier, element_of
from schema.errors import SchemaError
from schema.fields import validate
from schema.row import MAX_LIVE_PER_PATH, MAX_LIVE_PER_ROW, TierState
from schema.sheets import COLUMNS, Field, Sheet
from schema.values import Value, is_blank

Step = Literal["open", "careful", "verified"]
Code = Literal["accepted", "suggested", "refused"]

MAX_KEYS_PER_VISITOR = 20  # live keys one visitor may hold on a row they did not file: a report, not a flood


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a stable code; `path` the cell that decided it, "" where all of it did."""

    code: Code
    reason: str = "ok"
    path: str = ""


ACCEPTED = Verdict("accepted")


@dataclass(frozen=True, slots=True)
class Case:
    """What the judge knows of the row: both tiers as projected, who filed it, the protection step.

    `wrote` says whose an edit is: {edit: actor} of every edit known on this tier, live or dead.
    """

    sheet: Sheet
    row: str
    exists: bool
    author: str
    public: TierState
    private: TierState
    step: str = "open"
    wrote: Mapping[str, str] = field(default_factory=dict)

    def tier(self, tier: Tier) -> TierState:
        return self.public if tier == "public" else self.private

    @property
    def verified(self) -> bool:
        """Any live value says so: of two that conflict, the one that protects counts."""
        return any(live.value == "verified" for live in self.public.live("verify_state"))


def judge(edit: Edit, tier: Tier, *, case: Case, who: Who) -> Verdict:
    """The verdict on one edit. `edit.actor` has been checked against the session before."""
    worst = ACCEPTED
    for path, value in edit.writes.items():
        verdict = _judge_path(edit, tier, path, value, case=case, who=who)
        if verdict.code != "accepted":
            worst = verdict
            break
    if worst.code == "accepted":
        worst = _caps(edit, tier, case=case, who=who)
    return worst


def act_of(path: str, value: Value, replaced: list[str], *, state: TierState, case: Case, who: Who, kind: str) -> str:
    """What writing this value does: the row of the rights table that applies (rules ED10–ED12)."""
    if not case.exists:
        return "add"
    if kind == "log":
        return "append"
    live = state.live(path)
    if not live and not replaced:
        return "set"
    foreign = any(case.wrote.get(edit) != who.actor for edit in replaced)  # an unknown edit counts as another's
    contested = any(entry.actor != who.actor for entry in live)
    if not foreign and not contested:
        return "own"
    if is_blank(value):
        return "blank"
    return "change_verified" if case.verified else "change"


def _judge_path(edit: Edit, tier: Tier, path: str, value: Value, *, case: Case, who: Who) -> Verdict:
    column = case.sheet.field_of(path)
    if column is None or column.derived:
        return Verdict("suggested", "unknown-field", path)
    if column.tier != tier and not (tier == "private" and are_words(path, value, column.kind)):
        return Verdict("suggested", "wrong-tier", path)
    try:
        validate(path, value, column)
    except SchemaError:
        return Verdict("suggested", "invalid-value", path)
    state = case.tier(tier)
    if column.kind == "log" and element_of(path) != edit.edit:
        return Verdict("suggested", "append-only", path)
    act = act_of(path, value, edit.seen.get(path, []), state=state, case=case, who=who, kind=column.kind)
    if column.kind == "claim":
        verdict = _judge_claim(path, value, act, state=state, case=case, who=who, column=column)
    else:
        verdict = _by_table(column, act, path, value, case=case, who=who)
    return verdict


def are_words(path: str, value: Value, kind: str) -> bool:
    """Public words, whose raw form with its numbers unmasked may lie in the private tier (rule ED19): texts, logs, a free other."""
    if kind == "enum":
        return isinstance(value, str) and value.startswith("other:")
    return kind in ("text", "log") or (kind == "multi" and element_of(path) == "other")


def _judge_claim(
    path: str, value: Value, act: str, *, state: TierState, case: Case, who: Who, column: Field
) -> Verdict:
    asked = value[0] if isinstance(value, list) and value else ""
    if not may_move(state_of(state.live(path)), asked):
        return Verdict("suggested", "claim-state", path)
    return _by_table(column, "set" if act != "add" else "add", path, asked, case=case, who=who)


def _by_table(column: Field, act: str, path: str, value: Value, *, case: Case, who: Who) -> Verdict:
    tokens = tokens_of(case.sheet, column, act, value)
    best = "-"
    for name in who.columns:
        token = tokens[COLUMNS.index(name)]
        if _allows(token, path, case=case, who=who):
            return ACCEPTED
        best = token if best == "-" else best
    return Verdict("suggested", _reason(best, act, case), path)


def tokens_of(sheet: Sheet, column: Field, act: str, value: Value) -> tuple[str, ...]:
    """The rights that apply: a value's own row (deceased, reopening) before the act's. Changing what one wrote oneself needs
    the right to write it at all, no more."""
    by_value = sheet.values[column.rights]
    if isinstance(value, str) and value in by_value:
        return by_value[value]
    return sheet.rights[column.rights]["set" if act == "own" else act]


def _allows(token: str, path: str, *, case: Case, who: Who) -> bool:
    if token == "y":
        return True
    if token == "open":
        return case.step == "open"
    if token == "careful":
        return case.step in ("open", "careful")
    if token == "claimed":
        return _claimed(case, who)
    if token == "own_team":
        return who.team.partition("/")[2] == element_of(path) != ""
    if token == "own_row":
        return who.team == f"{case.sheet.id}/{case.row}"
    if token == "own":
        return case.author == who.actor
    return False


def _claimed(case: Case, who: Who) -> bool:
    return who.team != "" and who.team.partition("/")[2] in working_teams(case.public.cells)


_REASONS = {"open": "protection", "careful": "protection", "claimed": "needs-claim", "own_team": "not-your-team"}


def _reason(token: str, act: str, case: Case) -> str:
    if token in _REASONS:
        return _REASONS[token]
    if act == "blank":
        return "blank-other"
    if act == "change_verified":
        return "verified-row"
    return "needs-role"


def _caps(edit: Edit, tier: Tier, *, case: Case, who: Who) -> Verdict:
    """Caps on what a row holds (rule ED14). Replacing is never over a cap; adding beside may be."""
    state = case.tier(tier)
    added = 0
    for path in edit.writes:
        left = [live for live in state.live(path) if live.edit not in edit.seen.get(path, ())]
        if len(left) >= MAX_LIVE_PER_PATH:
            return Verdict("suggested", "cap-live-values", path)
        added += 1 + len(left) - len(state.live(path))
    total = sum(len(values) for values in state.cells.values())
    if added > 0 and total + added > MAX_LIVE_PER_ROW:
        return Verdict("suggested", "cap-row-keys")
    if case.exists and who.role == "visitor" and case.author != who.actor and not who.holds:
        mine = sum(live.actor == who.actor for values in state.cells.values() for live in values)
        if mine + len(edit.writes) > MAX_KEYS_PER_VISITOR:
            return Verdict("suggested", "cap-visitor-keys")
    return ACCEPTED


def may_see(*, case: Case, who: Who) -> bool:
    """Whether somebody may be shown the row's private tier. Each showing is logged by the caller (rule ED20)."""
    if who.calls and who.role == "volunteer":
        return True  # whoever is to call a number must see it; counted and logged like any showing
    tables = [rights["see"] for rights in case.sheet.rights.values() if "see" in rights]
    return any(
        _allows(tokens[COLUMNS.index(name)], "", case=case, who=who) for tokens in tables for name in who.columns
    )
