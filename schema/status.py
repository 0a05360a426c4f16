"""The derived status: what a row shows, computed from what is live in it and the clock, stored nowhere.

Pure. Imported by the server's views and moderation. Rules ST1–ST14 of docs/spec/status.md; twin: client/src/schema/status.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schema.fields.moment import is_moment
from schema.row import Live, is_conflict
from schema.sheets import SHEETS, STATUSES, Field, Option, Sheet

DEFAULT_LEASE_MINUTES = 60  # what a claim that names no lease gets; moderation/claims.py says the same
MINUTE_MS = 60_000

# Least help first: of two accounts of one team's claim the one with less help is believed (ST8).
CLAIM_STATES = ("released", "transferred", "done", "offered", "active", "en_route", "on_scene")
WORKING = ("active", "en_route", "on_scene")
# How urgent a row is, under the name each sheet has for it.
URGENCIES = ("urgency", "severity", "priority")

Cells = Mapping[str, Sequence[Live]]


@dataclass(frozen=True, slots=True)
class Status:
    """`code` is a status of shared.json, or a code of the sheet's own axis; `alerts` say what a person must look at."""

    code: str
    over: bool
    alerts: frozenset[str]
    urgency: str
    verify: str
    teams: tuple[str, ...]  # rows of the teams that are on it, leases running


@dataclass(frozen=True, slots=True)
class _Facts:
    outcome: str
    over: bool  # every account says so
    disputed: bool  # some say over, some not
    duplicate: bool
    verify: str
    claim: str  # the furthest claim of any team, "" without one
    done: bool  # a team says it is done
    claims: bool  # the sheet has claims at all


# The first line that fits is the status (ST1). "=" stands for the code of the sheet's own axis.
_TABLE: tuple[tuple[str, Callable[[_Facts], bool]], ...] = (
    ("to_check", lambda f: f.disputed),  # ST4
    ("duplicate", lambda f: f.duplicate),  # ST5
    ("=", lambda f: f.over),  # ST6
    ("=", lambda f: not f.claims),  # ST7
    ("on_scene", lambda f: f.claim == "on_scene"),  # ST8
    ("en_route", lambda f: f.claim == "en_route"),
    ("claimed", lambda f: f.claim == "active"),
    ("=", lambda f: f.outcome in ("lost_contact", "not_found", "partial")),  # ST10
    ("to_close", lambda f: f.done),  # ST10
    ("offered", lambda f: f.claim == "offered"),
    ("doubted", lambda f: f.verify in ("disputed", "false_report")),  # ST11
    ("unreachable", lambda f: f.verify == "unreachable"),
    ("verifying", lambda f: f.verify == "in_progress"),
    ("recheck", lambda f: f.verify == "recheck"),
    ("waiting", lambda f: f.verify in ("verified", "partly")),
    ("unverified", lambda f: True),
)


def status_of(cells: Cells, now_ms: int, *, sheet: Sheet | None = None) -> Status:
    """What a row shows now. `cells` is the public tier; order-free, and a pure function of its live sets and the clock."""
    sheet = sheet or SHEETS["help"]
    outcome, outcomes = _most_dangerous(cells, sheet.fields[sheet.axis])
    verify, verifies = _read(cells, sheet, "verify_state")
    urgent = next((name for name in URGENCIES if name in sheet.fields), "")
    urgency, urgencies = _read(cells, sheet, urgent)
    duplicate, duplicate_conflict = _duplicate(cells.get("duplicate_of", ()))
    claims, expired = _claims(cells, now_ms)
    working = tuple(team for team, state in claims.items() if state in WORKING)
    furthest = max(claims.values(), key=CLAIM_STATES.index, default="")
    over = outcomes <= sheet.over
    facts = _Facts(
        outcome=outcome,
        over=over,
        disputed=not over and bool(outcomes & sheet.over),
        duplicate=duplicate,
        verify=verify,
        claim=furthest,
        done="done" in claims.values(),
        claims="claim" in sheet.fields,
    )
    code = next(code for code, fits in _TABLE if fits(facts))
    ended = not facts.disputed and (over or duplicate)
    alerts = {
        "outcome_conflict": len(outcomes) > 1,
        "verify_conflict": len(verifies) > 1,
        "urgency_conflict": len(urgencies) > 1,
        "duplicate_conflict": duplicate_conflict,
        "conflict": any(is_conflict(values) for values in cells.values()),
        "double_claim": len(working) > 1,
        "claim_expired": bool(expired) and not ended,
        "claim_on_over": ended and bool(working),
        "recheck_due": not ended and _recheck_due(cells, now_ms, sheet, urgency),
    }
    return Status(
        code=outcome if code == "=" else code,
        over=ended,
        alerts=frozenset(name for name, raised in alerts.items() if raised),
        urgency=urgency,
        verify=verify,
        teams=working,
    )


def sort_key(status: Status, created_ms: int, *, sheet: Sheet | None = None) -> tuple[int, int, int]:
    """Rows that wait first, the more urgent first, the longer waiting first. Not set counts as between urgent and normal."""
    sheet = sheet or SHEETS["help"]
    field = next((sheet.fields[name] for name in URGENCIES if name in sheet.fields), None)
    rank = field.danger.index(status.urgency) if field and status.urgency in field.danger else 0
    return int(status.over), rank, created_ms


def label_of(code: str, sheet: Sheet) -> Option:
    """What people call a status: the option of the sheet's own axis, or a status of shared.json."""
    return sheet.fields[sheet.axis].option(code) or STATUSES[code]


def last_confirmed_ms(cells: Cells) -> int | None:
    """When a person last said that it still holds: verified, "still needed", confirmed on the telephone, or written at all."""
    times = [live.at_ms for path in ("verify_state", "still_needed_at") for live in cells.get(path, ())]
    times += [
        live.at_ms
        for path, values in cells.items()
        if path.startswith("contact_log:")
        for live in values
        if isinstance(live.value, list) and len(live.value) > 1 and live.value[1] == "confirmed_need"
    ]
    if times:
        return max(times)
    return min((live.at_ms for values in cells.values() for live in values), default=None)


def _read(cells: Cells, sheet: Sheet, name: str) -> tuple[str, frozenset[str]]:
    field = sheet.fields.get(name)
    return _most_dangerous(cells, field) if field else ("", frozenset())


def _most_dangerous(cells: Cells, field: Field) -> tuple[str, frozenset[str]]:
    """(the most dangerous of the accounts, all of them). Blank, absent and unknown read as the field's default (ST2, ST3)."""
    known = {
        live.value if isinstance(live.value, str) and live.value in field.danger else field.default
        for live in cells.get(field.id, ())
    } or {field.default}
    return min(known, key=field.danger.index), frozenset(known)


def _duplicate(values: Sequence[Live]) -> tuple[bool, bool]:
    """(every account names a row, the accounts differ): one that takes the link back keeps the row in sight (ST5)."""
    names = {live.value or "" for live in values}
    return bool(names) and "" not in names, len(names) > 1


def _claims(cells: Cells, now_ms: int) -> tuple[dict[str, str], list[str]]:
    """({team: state} of claims that stand, teams whose lease ran out)."""
    standing: dict[str, str] = {}
    expired: list[str] = []
    for path in sorted(cells):
        if not path.startswith("claim:"):
            continue
        team = path.partition(":")[2]
        records = [_record(live) for live in cells[path]]
        if not records or not all(records):
            continue  # blanked, or one account says that there is no claim
        state, ends_ms = min((r for r in records if r), key=lambda r: (CLAIM_STATES.index(r[0]), r[1]))
        if state in WORKING and now_ms > ends_ms:
            expired.append(team)
        elif state not in ("released", "transferred"):
            standing[team] = state
    return standing, expired


def _record(live: Live) -> tuple[str, int] | None:
    """(state, when the lease ends) of one claim value; None where it is no claim."""
    if not isinstance(live.value, list) or not live.value or live.value[0] not in CLAIM_STATES:
        return None
    lease = live.value[2] if len(live.value) > 2 else ""
    minutes = int(lease) if lease.isascii() and lease.isdigit() else DEFAULT_LEASE_MINUTES
    return live.value[0], live.at_ms + minutes * MINUTE_MS


def _recheck_due(cells: Cells, now_ms: int, sheet: Sheet, urgency: str) -> bool:
    last = last_confirmed_ms(cells)
    if last is None:
        return False
    minutes = sheet.recheck.get(urgency, sheet.recheck["normal"])
    return now_ms - last >= minutes * MINUTE_MS or any(
        isinstance(live.value, str) and last < (_instant_ms(live.value) or last) <= now_ms
        for live in cells.get("recheck_at", ())
    )


def _instant_ms(text: str) -> int | None:
    """Milliseconds since 1970 of a time cell, None where it is no time."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000) if is_moment(text) else None
