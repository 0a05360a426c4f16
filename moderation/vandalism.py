"""Vandalism: what an edit destroys, and whether its author has destroyed too much. One decision per edit, never about a cry for help.

Pure: a fold over the stream of edits in the order they were received. Imported by `server/guarding.py` and the simulator.
Rules MO1–MO12 of docs/spec/moderation.md. Budgets are of *rows of others destroyed*, not of edits: who writes much helps much.

    free ──R3 R4 R5 R6──► quarantined ──a steward──► banned
      ▲                        │                       │
      └────── a steward lifts it, with a reason ───────┘
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from moderation.judge import Case
from moderation.roles import Who
from schema.edits import Edit, Tier
from schema.row import Live
from schema.sheets import Field
from schema.values import Value, is_blank

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
RATE_MS = 10 * MINUTE_MS  # what counts as haste
SHIFT_MS = 6 * HOUR_MS  # what counts as one sitting
DAY_MS = 24 * HOUR_MS

NEW, KNOWN, VERIFIER, LEAD = 0, 1, 2, 3
TRUST: Mapping[str, int] = {
    "visitor": NEW, "volunteer": KNOWN, "team": KNOWN, "verifier": VERIFIER, "matcher": VERIFIER, "steward": LEAD, "owner": LEAD,
}  # fmt: skip

BUDGET_NEW = 3  # rows of others a stranger may destroy in a sitting
BUDGET_EARNED = 6  # one who has helped for a while
BUDGET_INVITED = 30
BUDGET_OVER = 3  # rows a stranger may call over, ever
HASTE_NEW, SITTING_NEW, HASTE_KNOWN, HASTE_VERIFIER = 6, 8, 12, 20
SUGGESTED_HASTE = 12  # who only suggests harms nobody yet
PHONE_HOLD, PHONE_QUARANTINE = 2, 4
SAME_BULK, SAME_QUARANTINE = 3, 6
TELLING_CHARS = 12  # a village that is named for each of its households is no copy
TEMPLATE_BULK, TEMPLATE_QUARANTINE = 8, 25
CREATES_NEW, CREATES_KNOWN = 20, 60
SPAM_QUARANTINE = 3
LOCK_AUTHORS, LOCK_ROWS, LOCK_WINDOW_MS, LOCK_MS = 4, 12, 5 * MINUTE_MS, 15 * MINUTE_MS
EARN_EDITS, EARN_ROWS, EARN_MS = 10, 5, 30 * MINUTE_MS
MAX_HALVINGS = 2
KEPT_WORDS = 0.4  # of the old characters; below this a text is another text
MOVED_M = 1000.0
MAX_COMPARED_CHARS = 300
MAX_REMEMBERED = 512  # deeds of one actor; more than any budget counts

Action = Literal["pass", "hold", "refuse"]
Restraint = Literal["free", "quarantined", "banned"]


@dataclass(frozen=True, slots=True)
class Deed:
    """One edit as the rules see it. `own`: their own row, or one whose link they hold. `live`: right would let it stand."""

    edit: str
    actor: str
    trust: int  # by role alone
    row: str  # sheet/row
    received_ms: int
    made_ms: int  # as their clock says, never after it was received
    creates: bool
    own: bool
    live: bool
    verified: bool
    harms: frozenset[str]
    phones: tuple[str, ...] = ()  # new numbers
    words: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` names why; `lane` "bulk" lists a new row behind the others; `restrains`, `locks`: what began with this edit."""

    action: Action = "pass"
    rule: str = ""
    lane: str = ""
    restrains: bool = False
    locks: bool = False


PASS = Decision()


@dataclass(slots=True)
class Record:
    """What is remembered of one actor."""

    first_ms: int
    accepted: int = 0
    helped: set[str] = field(default_factory=set)
    deeds: deque[tuple[int, int, str, bool, bool]] = field(default_factory=lambda: deque(maxlen=MAX_REMEMBERED))
    destroyed: dict[str, int] = field(default_factory=dict)  # row → when last, by our clock
    over: set[str] = field(default_factory=set)
    creates: deque[int] = field(default_factory=lambda: deque(maxlen=CREATES_KNOWN + 1))
    texts: dict[str, int] = field(default_factory=dict)
    templates: dict[str, int] = field(default_factory=dict)
    spam: int = 0
    restraint: Restraint = "free"
    rule: str = ""
    since_ms: int = 0
    reason: str = ""
    spared_until_ms: int = 0  # a steward let them go: no rule takes them again before this


@dataclass(slots=True)
class State:
    """Everything the rules remember of a workbook."""

    actors: dict[str, Record] = field(default_factory=dict)
    phones: dict[str, set[str]] = field(default_factory=dict)  # a number → rows of others it was put into
    young: deque[tuple[int, str, str]] = field(default_factory=deque)  # destroyed by strangers: when, who, which row
    reports: dict[str, dict[str, int]] = field(default_factory=dict)  # actor → {who reports them: their trust}
    bulk: set[str] = field(default_factory=set)
    locked_until_ms: int = 0
    on: bool = True


# -- what an edit does


def deed_of(edit: Edit, tier: Tier, *, case: Case, who: Who, received_ms: int, live: bool) -> Deed:
    """An edit as the rules see it, beside the row it is about to change."""
    own = who.holds or (case.exists and case.author == who.actor)
    mine = own or not case.exists
    words = " ".join(_words(path, value) for path, value in edit.writes.items())
    return Deed(
        edit=edit.edit,
        actor=who.actor,
        trust=TRUST.get(who.role, NEW),
        row=f"{case.sheet.id}/{case.row}",
        received_ms=received_ms,
        made_ms=min(edit.at_ms, received_ms),
        creates=not case.exists and tier == "public",
        own=own,
        live=live,
        verified=case.verified,
        harms=frozenset() if mine else harms_of(edit, tier, case=case, who=who),
        phones=() if mine else _new_phones(edit, tier, case),
        words=words,
    )


def harms_of(edit: Edit, tier: Tier, *, case: Case, who: Who) -> frozenset[str]:
    """What it takes from others: blank, over, reject, phone, place, rewrite, number, lower. A value written beside another is no harm."""
    found: set[str] = set()
    state = case.tier(tier)
    for path, value in edit.writes.items():
        column = case.sheet.field_of(path)
        if column is None or column.kind in ("log", "claim") or column.rights == "bump":
            continue
        if _ends(path, value, case):
            found.add("reject" if value in ("invalid", "false_report") else "over")
        seen = edit.seen.get(path, ())
        for live in state.live(path):
            if live.edit in seen and live.actor != who.actor and live.value not in (None, ""):
                harm = _harm(column, live, value)
                if harm:
                    found.add(harm)
    return frozenset(found)


def _ends(path: str, value: Value, case: Case) -> bool:
    if path == case.sheet.axis:
        return isinstance(value, str) and value in case.sheet.over
    return (path == "duplicate_of" and bool(value)) or (path == "verify_state" and value == "false_report")


def _harm(column: Field, live: Live, value: Value) -> str:
    """What replacing this value with that one takes away, "" for nothing."""
    old = live.value
    if value is None or is_blank(value) or (value is False and old is True):
        return "blank"
    match column.kind:
        case "phone":
            return "phone" if set(numbers_in(str(old))) - set(numbers_in(str(value))) else ""
        case "text" | "url":
            if kept(str(old), str(value)) < KEPT_WORDS:
                return "rewrite"
            moved = column.group == "where" and _figures(str(old)) - _figures(str(value))
            return "place" if moved else ""
        case "geo":
            return "place" if _apart_m(old, value) > MOVED_M else ""
        case "int" if isinstance(old, int) and isinstance(value, int):
            return "number" if value * 2 < old else ""
        case "enum" if column.danger and column.id in ("urgency", "severity", "priority"):
            ranks = [column.danger.index(one) if one in column.danger else -1 for one in (str(old), str(value))]
            return "lower" if ranks[0] >= 0 and ranks[1] > ranks[0] else ""
        case _:
            return ""


def kept(old: str, new: str) -> float:
    """The share of the old characters that are still there, in their order."""
    old, new = old[:MAX_COMPARED_CHARS], new[:MAX_COMPARED_CHARS]
    if not old or old in new:
        return 1.0
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(old)


_FIGURES = re.compile(r"\d+|[一二三四五六七八九十百]+(?=[号栋幢座楼层单组室队])")
_SEPARATED = re.compile(r"(?<=\d)[\s\-—–.·_*]{1,2}(?=\d)")
_NUMBER = re.compile(r"(?<!\d)(?:1\d{10}|0\d{9,11}|400\d{7})(?!\d)")
_LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]{3,}\.(?:com|cn|net|top|xyz|vip|cc|shop|club)\b")
_ACCOUNT = re.compile(r"(?:微信|薇信|威信|vx|v信|wx|qq|扣扣|加v)\W{0,3}(?:号|群)?\W{0,3}[a-z0-9][-_a-z0-9]{4,19}")
_PITCH = re.compile(
    r"贷款|借款|刷单|返利|博彩|彩票|赌|色情|裸聊|约炮|兼职|日结|理财|荐股|代办|发票|押金|先付|定金|收款码|汇款到|点击领取|扫码领"
)


def plain_words(text: str) -> str:
    """Full-width, spaced-out and dotted signs as what they stand for."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return _SEPARATED.sub("", "".join(sign for sign in folded if unicodedata.category(sign) != "Cf"))


def numbers_in(text: str) -> tuple[str, ...]:
    """Telephone numbers in a text, however they are spaced."""
    return tuple(dict.fromkeys(_NUMBER.findall(plain_words(text).replace("+86", ""))))


def is_pitch(text: str) -> bool:
    """Somebody sells something."""
    folded = plain_words(text)
    joined = re.sub(r"\s+", "", folded)
    return bool(_PITCH.search(joined) or _ACCOUNT.search(joined))


def is_noise(text: str) -> bool:
    """No language: one sign over and over, or keys struck at random."""
    folded = "".join(sign for sign in plain_words(text) if sign.isalnum())
    if re.search(r"(.)\1{7,}", folded):
        return True
    if len(folded) >= 16 and len(set(folded)) <= len(folded) // 6:
        return True
    mashed = re.findall(r"[a-z]{10,}", folded)
    return any(sum(sign in "aeiou" for sign in one) / len(one) < 0.2 for one in mashed)


def _words(path: str, value: Value) -> str:
    if isinstance(value, str) and not path.endswith("_url"):
        return value
    return " ".join(value[2:3]) if isinstance(value, list) and path.startswith("contact_log:") else ""


def _figures(text: str) -> frozenset[str]:
    return frozenset(_FIGURES.findall(plain_words(text)))


def _new_phones(edit: Edit, tier: Tier, case: Case) -> tuple[str, ...]:
    """Numbers that a telephone cell, or a text, of the row did not hold before."""
    state = case.tier(tier)
    found: list[str] = []
    for path, value in edit.writes.items():
        if isinstance(value, str):
            before = {number for live in state.live(path) for number in numbers_in(str(live.value))}
            found.extend(number for number in numbers_in(value) if number not in before)
    return tuple(dict.fromkeys(found))


def _apart_m(old: Value, new: Value) -> float:
    """Metres between two positions, roughly; far apart where one is none."""
    try:
        lat, lon, to_lat, to_lon = (float(part) for one in (old, new) for part in one[:2])  # type: ignore[index]
    except (TypeError, ValueError):
        return math.inf
    return math.hypot(lat - to_lat, (lon - to_lon) * math.cos(math.radians(lat))) * 111_320


# -- what is done about it


def look(state: State, deed: Deed) -> Decision:
    """Decide on one edit and remember it. Deterministic: the same deeds in the same order give the same decisions."""
    record = state.actors.setdefault(deed.actor, Record(deed.received_ms))
    trust, earned = _trust(record, deed)
    decision = PASS if deed.trust >= LEAD else _decide(state, record, deed, trust=trust, earned=earned)
    _remember(state, record, deed, decision, trust=trust)
    if decision.restrains:
        record.restraint, record.rule, record.since_ms = "quarantined", decision.rule, deed.received_ms
    if decision.locks:
        state.locked_until_ms = deed.received_ms + LOCK_MS
    if decision.lane:
        state.bulk.add(deed.row)
    return decision


def _trust(record: Record, deed: Deed) -> tuple[int, bool]:
    """(trust, whether a stranger has earned it): helped on several rows for a while, or comes back another day."""
    if deed.trust > NEW:
        return deed.trust, False
    age_ms = deed.received_ms - record.first_ms
    helped = len(record.helped) >= EARN_ROWS and record.accepted >= EARN_EDITS
    earned = helped and age_ms >= EARN_MS or age_ms >= DAY_MS and record.accepted >= EARN_EDITS
    return (KNOWN, True) if earned and record.restraint == "free" else (NEW, False)


def _decide(state: State, record: Record, deed: Deed, *, trust: int, earned: bool) -> Decision:
    if deed.creates:
        return _creates(record, deed, trust=trust) if state.on or record.restraint != "free" else PASS
    if deed.own:
        return PASS  # R0
    if record.restraint == "banned":
        return Decision("refuse", "banned")
    if record.restraint == "quarantined":
        return Decision("hold", record.rule or "quarantined")
    if not state.on:
        return PASS
    spared = deed.received_ms < record.spared_until_ms
    found = [
        _rate(record, deed, trust=trust, earned=earned),
        _scam(state, deed, trust=trust),
        _spam(record, deed, trust=trust),
    ]
    severe = next((one for one in found if one.restrains and not spared), None)
    if severe is not None:
        return severe
    held = next((one for one in found if one.action == "hold"), None)
    locks = trust < KNOWN and deed.live and _locks(state, deed)
    if held is None and deed.harms:
        held = _harmful(state, record, deed, trust=trust, earned=earned, locks=locks)
    if held is None:
        return PASS
    return Decision("hold", held.rule, locks=locks and held.rule == "r7")


def _creates(record: Record, deed: Deed, *, trust: int) -> Decision:
    """R5. A request is taken whatever is decided: at worst it is listed behind the others."""
    if trust >= VERIFIER:
        return PASS
    text = "".join(plain_words(deed.words).split())
    same = record.texts.get(text, 0) + 1 if text else 0
    template = record.templates.get(_template(deed.words), 0) + 1 if text else 0
    recent = sum(deed.made_ms - RATE_MS < at <= deed.made_ms for at in record.creates) + 1
    spared = deed.received_ms < record.spared_until_ms
    copied = same >= SAME_QUARANTINE and len(text) >= TELLING_CHARS
    if (copied or template >= TEMPLATE_QUARANTINE) and record.restraint == "free" and not spared:
        return Decision("pass", "r5", "bulk", restrains=True)
    fast = recent > (CREATES_NEW if trust == NEW else CREATES_KNOWN)
    selling = trust == NEW and is_pitch(deed.words)
    if same >= SAME_BULK or template >= TEMPLATE_BULK or fast or selling or record.restraint != "free":
        return Decision("pass", "r6" if selling else "r5", "bulk")
    return PASS


_CLAUSES = re.compile(r"[\W\d_]+")


def _template(text: str) -> str:
    """What stays of a text that is posted again with another place or number in it: its longest clause."""
    longest = max(_CLAUSES.split(plain_words(text)), key=len)
    return longest if len(longest) >= 6 else text


def _rate(record: Record, deed: Deed, *, trust: int, earned: bool) -> Decision:
    """R3: haste in destroying."""
    if not deed.harms:
        return PASS
    hasty = [one for one in record.deeds if deed.made_ms - RATE_MS < one[0] <= deed.made_ms + RATE_MS]
    sitting = [one for one in record.deeds if one[1] > deed.received_ms - SHIFT_MS]
    rows, share = _destroyed(hasty, deed)
    rows_6h, share_6h = _destroyed([one for one in sitting if one[4]], deed) if deed.live else (0, 0.0)
    quick = Decision("hold", "r3", restrains=True)
    if trust == NEW or earned:
        haste = HASTE_NEW if deed.live else SUGGESTED_HASTE
        if (rows >= haste and share > 0.5) or (rows_6h >= SITTING_NEW and share_6h > 0.6):
            return quick
    elif trust == KNOWN:
        if rows >= HASTE_KNOWN and share > 0.5:
            return quick
    elif rows >= HASTE_VERIFIER * (2 if deed.harms <= {"over"} else 1):
        return quick  # many are rescued at once; nobody rejects so many
    return PASS


def _destroyed(deeds: list[tuple[int, int, str, bool, bool]], deed: Deed) -> tuple[int, float]:
    """(rows destroyed with this one, the share of edits that destroy)."""
    rows = {row for _, _, row, harmful, _ in deeds if harmful} | {deed.row}
    harmful = sum(one[3] for one in deeds) + 1
    return len(rows), harmful / (len(deeds) + 1)


def _scam(state: State, deed: Deed, *, trust: int) -> Decision:
    """R4: one number put into the rows of many."""
    if trust >= VERIFIER or not deed.phones:
        return PASS
    most = max(len(state.phones.get(number, set()) | {deed.row}) for number in deed.phones)
    if trust == KNOWN and deed.trust > NEW and "phone" not in deed.harms:
        return PASS  # a volunteer who adds the hotline of a team to many rows
    if most >= PHONE_QUARANTINE:
        return Decision("hold", "r4", restrains=True)
    return Decision("hold", "r4") if most >= PHONE_HOLD else PASS


def _spam(record: Record, deed: Deed, *, trust: int) -> Decision:
    """R6: selling, links and noise in the rows of others."""
    if trust >= VERIFIER or not deed.words:
        return PASS
    stranger = trust == NEW and (_LINK.search(plain_words(deed.words)) or is_noise(deed.words))
    if not (stranger or is_pitch(deed.words)):
        return PASS
    return Decision("hold", "r6", restrains=record.spam + 1 >= SPAM_QUARANTINE)


def _locks(state: State, deed: Deed) -> bool:
    """R7: many strangers destroy at once."""
    if not deed.harms:
        return False
    recent = [one for one in state.young if one[0] > deed.received_ms - LOCK_WINDOW_MS]
    actors = {actor for _, actor, _ in recent} | {deed.actor}
    rows = {row for _, _, row in recent} | {deed.row}
    return len(actors) >= LOCK_AUTHORS and len(rows) >= LOCK_ROWS


def _harmful(state: State, record: Record, deed: Deed, *, trust: int, earned: bool, locks: bool) -> Decision | None:
    """R1, R2, R7: what destroys waits for somebody where it is verified, over the budget, or while the sheet is under attack."""
    if trust >= VERIFIER:
        return None
    if deed.verified and (trust == NEW or earned or "blank" in deed.harms):
        return Decision("hold", "r1")
    if locks or deed.received_ms < state.locked_until_ms:
        return Decision("hold", "r7")
    halvings = halvings_of(state, deed.actor)
    budget = (BUDGET_EARNED if earned else BUDGET_NEW if trust == NEW else BUDGET_INVITED) >> halvings
    rows = {row for row, at in record.destroyed.items() if at > deed.received_ms - SHIFT_MS} | {deed.row}
    if len(rows) > budget:
        return Decision("hold", "r2")
    if (
        deed.harms & {"over", "reject"}
        and deed.trust == NEW
        and len(record.over | {deed.row}) > BUDGET_OVER >> halvings
    ):
        return Decision("hold", "r2")
    return None


def halvings_of(state: State, actor: str) -> int:
    """R9: open reports halve a budget. One of somebody invited counts, of strangers three are wanted."""
    reports = state.reports.get(actor, {})
    strangers = sum(trust == NEW for trust in reports.values())
    return min(MAX_HALVINGS, len(reports) - strangers + strangers // 3)


def _remember(state: State, record: Record, deed: Deed, decision: Decision, *, trust: int) -> None:
    stands = decision.action == "pass" and deed.live
    if deed.creates:
        text = "".join(plain_words(deed.words).split())
        if text:
            record.texts[text] = record.texts.get(text, 0) + 1
            template = _template(deed.words)
            record.templates[template] = record.templates.get(template, 0) + 1
        record.creates.append(deed.made_ms)
    if stands:
        record.accepted += 1
    if deed.own or deed.creates:
        return
    record.deeds.append((deed.made_ms, deed.received_ms, deed.row, bool(deed.harms), deed.live))
    if stands and not deed.harms and len(record.helped) < EARN_ROWS:
        record.helped.add(deed.row)
    if decision.rule == "r6":
        record.spam += 1
    if trust < VERIFIER:
        for number in deed.phones:
            state.phones.setdefault(number, set()).add(deed.row)
    if deed.harms and deed.live:
        if stands:
            record.destroyed[deed.row] = deed.received_ms
            if deed.harms & {"over", "reject"}:
                record.over.add(deed.row)
        if trust == NEW:
            state.young.append((deed.received_ms, deed.actor, deed.row))
            while state.young and state.young[0][0] <= deed.received_ms - LOCK_WINDOW_MS:
                state.young.popleft()


# -- what people decide


def restrain(state: State, actor: str, step: Restraint, *, now_ms: int, reason: str) -> None:
    """A steward quarantines, bans, or lets go; who is let go is spared by the rules for a day."""
    record = state.actors.setdefault(actor, Record(now_ms))
    record.restraint, record.rule, record.since_ms, record.reason = step, "", now_ms, reason
    if step == "free":
        record.spared_until_ms = now_ms + DAY_MS
        record.spam = 0
        record.deeds.clear()
        record.destroyed.clear()
        state.reports.pop(actor, None)


def report(state: State, actor: str, *, by: str, trust: int) -> None:
    """Somebody says that an actor does harm; twice by one person is once."""
    if by != actor:
        state.reports.setdefault(actor, {})[by] = trust


def switch(state: State, *, on: bool) -> None:
    """Every rule on or off at once; bans and quarantines stay as they are."""
    state.on = on
