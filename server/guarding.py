"""The rules against vandalism, live: one state per room, fed with every edit between right and log, recalled from the log after a start.

I/O through storage and the room. Rules MO1–MO12 of docs/spec/moderation.md; `moderation/vandalism.py` decides.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from moderation.judge import Case, Verdict
from moderation.roles import RULES, Who
from moderation.vandalism import (
    TRUST,
    Decision,
    Record,
    Restraint,
    State,
    deed_of,
    look,
    report,
    restrain,
    switch,
)
from schema.edits import Edit, Tier
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.ids import ACTOR_ID_CHARS, is_base62
from schema.row import TierState
from schema.sheets import SHEETS, Sheet
from server.errors import AccessError
from server.storage.contract import AuditRecord, LogEntry, Suggestion
from server.sync.frames import MAX_REASON_CHARS, Control, write_frame

if TYPE_CHECKING:
    from server.ingest import Act
    from server.room import Room

log = logging.getLogger(__name__)

EXEMPT = frozenset(
    {"import", "decide", "rollback", "hub"}
)  # ways in that a steward, or another server's rules, answer for
PREFIX = "vandalism-"
PAGE = 2000
TURN = 200  # acts recalled before others have their turn: 14 ms
MAX_REMEMBERED = 4096
MAX_RECALLED = 1_000_000
SYSTEM = "system"


class Guarding:
    """What the rules remember of one workbook. Can be dropped: it is recalled from log, suggestions and audit."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._state: State | None = None
        self._recalling = asyncio.Lock()
        self._decided: OrderedDict[tuple[str, str], Decision] = OrderedDict()

    @property
    def state(self) -> State:
        """The rules' memory; recalled at once where nobody has waited for it."""
        if self._state is None:
            state = State()
            for _ in _recall(self._room, state):
                pass
            self._state = state
        return self._state

    async def ready(self) -> None:
        """Recall what is to be recalled, 70 us an act; who reads goes on meanwhile, who writes waits."""
        if self._state is not None:
            return
        async with self._recalling:
            if self._state is not None:
                return
            state, count, started_s = State(), 0, self._room.clock.monotonic()
            for _ in _recall(self._room, state):
                count += 1
                if count % TURN == 0:
                    await asyncio.sleep(0)
            self._state = self._state or state
        if count:
            took_s = self._room.clock.monotonic() - started_s
            log.info("rules of %s: %d acts recalled in %.1f s", self._room.workbook.id, count, took_s)

    def look(self, act: Act, tier: Tier, edit: Edit, verdict: Verdict) -> Verdict:
        """What becomes of an edit that the judge has judged: the same, held for somebody to look at, or refused of the banned."""
        if act.origin in EXEMPT or verdict.code == "refused":
            return verdict
        key = (tier, edit.edit)
        decision = self._decided.get(key)
        if decision is None:
            deed = deed_of(
                edit,
                tier,
                case=act.case(tier),
                who=act.who,
                received_ms=act.received_ms,
                live=verdict.code == "accepted",
            )
            decision = look(self.state, deed)
            self._decided[key] = decision  # a push that is sent again after a failed commit is the same act
            while len(self._decided) > MAX_REMEMBERED:
                self._decided.popitem(last=False)
            self._tell(act, edit.actor, decision)
        if decision.action == "refuse":
            return Verdict("refused", decision.rule)
        if decision.action == "hold" and verdict.code == "accepted":
            return Verdict("suggested", PREFIX + decision.rule)
        return verdict

    def _tell(self, act: Act, actor: str, decision: Decision) -> None:
        """A quarantine or a lock goes into the audit with the edit that began it, and to every steward who is here."""
        began = [kind for kind, is_so in (("quarantine", decision.restrains), ("lock", decision.locks)) if is_so]
        for kind in began:
            who = f"{actor} quarantined" if kind == "quarantine" else ""
            act.audit.append(
                AuditRecord(act.received_ms, SYSTEM, SYSTEM, kind, act.sheet.id, act.record.row, decision.rule, who)
            )
            self.alarm(kind, actor, decision.rule)

    def alarm(self, kind: str, actor: str, reason: str) -> None:
        frame = write_frame(Control("alarm", {"kind": kind, "actor": actor, "reason": reason}))
        for seat in tuple(self._room.seats.values()):
            if seat.who.role in RULES:
                seat.send(frame)

    def lists_behind(self, sheet: str, row: str) -> bool:
        """Whether a row came in a flood: it is listed behind the others, never hidden."""
        return f"{sheet}/{row}" in self.state.bulk


# -- recalling


@dataclass(slots=True)
class _Row:
    author: str = ""
    tiers: dict[str, TierState] = field(default_factory=lambda: {"public": TierState(), "private": TierState()})
    wrote: dict[str, dict[str, str]] = field(default_factory=lambda: {"public": {}, "private": {}})


_Act = tuple[int, int, int, LogEntry | Suggestion | AuditRecord]


def _recall(room: Room, state: State) -> Iterator[None]:
    """Every act again, in the order it was received, one at a time."""
    workbook, rows = room.workbook.id, dict[tuple[str, str], _Row]()
    told = [
        one
        for act in ("restrain", "report", "rules")
        for one in room.storage.audit(workbook, act=act, limit=MAX_RECALLED)
    ]
    suggested = room.storage.suggestions(workbook, state="", limit=MAX_RECALLED)
    streams: list[Iterator[_Act]] = [
        ((one.received_ms, 0, one.seq, one) for one in _log(room)),
        ((one.received_ms, 1, at, one) for at, one in enumerate(suggested)),
        ((one.at_ms, 2, at, one) for at, one in enumerate(sorted(told, key=lambda one: one.at_ms))),
    ]
    for at_ms, _, _, act in heapq.merge(*streams, key=lambda one: one[:3]):
        yield
        if isinstance(act, AuditRecord):
            _recall_told(state, act)
            continue
        sheet = SHEETS.get(act.sheet)
        edit = _read(act.update)
        if sheet is None or edit is None:
            continue
        row = rows.setdefault((act.sheet, act.row), _Row())
        _recall_edit(room, state, act, edit, sheet=sheet, row=row, at_ms=at_ms)


def _log(room: Room) -> Iterator[LogEntry]:
    after = 0
    while True:
        page = room.storage.log(room.workbook.id, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].seq


def _recall_edit(
    room: Room, state: State, act: LogEntry | Suggestion, edit: Edit, *, sheet: Sheet, row: _Row, at_ms: int
) -> None:
    if isinstance(act, LogEntry):
        logged, live, looked = True, True, act.origin not in EXEMPT and not act.accepted_by
    else:
        logged, live, looked = False, act.reason.startswith(PREFIX), True
    if looked:
        who = room.who(edit.actor)
        filed = who.role == "visitor" and row.author == edit.actor
        who = replace(who, holds=filed or room.holds(act.sheet, act.row, edit.actor))
        exists = bool(row.tiers["public"].cells)
        case = Case(
            sheet, act.row, exists, row.author, row.tiers["public"], row.tiers["private"], "open", row.wrote[act.tier]
        )
        look(state, deed_of(edit, act.tier, case=case, who=who, received_ms=at_ms, live=live))
    row.wrote[act.tier][edit.edit] = edit.actor
    if logged:
        row.author = row.author or edit.actor
        row.tiers[act.tier].apply(edit, received_ms=at_ms)


def _recall_told(state: State, act: AuditRecord) -> None:
    actor, _, step = act.detail.partition(" ")
    if act.act == "report":
        report(state, actor, by=act.actor, trust=TRUST.get(act.role, 0))
    elif act.act == "rules":
        switch(state, on=act.detail == "on")
    elif step in ("free", "quarantined", "banned"):
        restrain(state, actor, step, now_ms=act.at_ms, reason=act.reason)  # type: ignore[arg-type]


def _read(update: bytes) -> Edit | None:
    try:
        return read_edit(update) if update else None
    except ProtocolError:
        return None


# -- what people decide


async def restrain_actor(room: Room, by: Who, *, actor: str, step: str, reason: str) -> None:
    """Ban, quarantine or let go. Raises AccessError naming what is wrong (rules MO10, MO11)."""
    reason = _reason(reason, "they and everybody who asks will read why")
    if by.role not in RULES:
        raise AccessError("not-permitted", "only stewards ban, quarantine or let go")
    if step not in ("free", "quarantined", "banned") or not is_base62(actor, ACTOR_ID_CHARS):
        raise AccessError("bad-restraint", "an actor, and one of free, quarantined, banned")
    if room.role_of(actor)[0] in RULES and step != "free":
        raise AccessError("not-permitted", "take a steward's role away first")
    kind: Restraint = step  # type: ignore[assignment]
    state = room.guard.state
    now_ms = room.clock.now_ms()
    await _write(room, AuditRecord(now_ms, by.actor, by.role, "restrain", reason=reason, detail=f"{actor} {step}"))
    restrain(state, actor, kind, now_ms=now_ms, reason=reason)


async def report_actor(room: Room, by: Who, *, actor: str, reason: str) -> None:
    """Say that an actor does harm; of oneself it is an appeal. Stewards hear of it (rules MO9, MO11)."""
    reason = _reason(reason, "stewards will read what happened")
    if not is_base62(actor, ACTOR_ID_CHARS):
        raise AccessError("bad-restraint", "an actor id is wanted")
    state = room.guard.state
    act = "appeal" if actor == by.actor else "report"
    await _write(room, AuditRecord(room.clock.now_ms(), by.actor, by.role, act, reason=reason, detail=actor))
    report(state, actor, by=by.actor, trust=TRUST.get(by.role, 0))
    room.guard.alarm(act, actor, reason)


async def switch_rules(room: Room, by: Who, *, on: bool, reason: str) -> None:
    """Every rule on or off; who is banned stays banned (rule MO12)."""
    reason = _reason(reason, "everybody who asks will read why")
    if by.role not in RULES:
        raise AccessError("not-permitted", "only stewards switch the rules")
    state = room.guard.state
    now_ms = room.clock.now_ms()
    await _write(room, AuditRecord(now_ms, by.actor, by.role, "rules", reason=reason, detail="on" if on else "off"))
    switch(state, on=on)


def restrained(room: Room, by: Who) -> list[tuple[str, Record, int]]:
    """(actor, what is remembered, open reports) of everybody restrained or reported; only for who decides."""
    if by.role not in RULES:
        raise AccessError("not-permitted", "only stewards see who is restrained")
    state = room.guard.state
    known = {actor for actor, record in state.actors.items() if record.restraint != "free"} | set(state.reports)
    blank = Record(0)
    return [(one, state.actors.get(one, blank), len(state.reports.get(one, ()))) for one in sorted(known)]


def _reason(reason: str, why: str) -> str:
    reason = reason.strip()[:MAX_REASON_CHARS]
    if not reason:
        raise AccessError("reason-wanted", why)
    return reason


async def _write(room: Room, record: AuditRecord) -> None:
    await room.storage.write_audit(room.workbook.id, [record])
