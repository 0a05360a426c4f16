"""The life of an edit, top to bottom.

I/O only at the commit. Every way in (socket, form, API, import) makes a `Submission` and enters here; an accepted suggestion enters at
step 5 (`suggestions.py`). Nothing else writes rows. Steps 3 to 5 contain no `await`; nothing leaves before step 6 has committed
and fsynced.

    1 decode   bytes → frame                     sync/frames.py
    2 admit    may this session send this now    sync/endpoint.py, web/
    3 gate     read the update strictly, whole   schema/gate.py
    4 judge    one verdict per edit              moderation/judge.py, then guarding.py: is it vandalism?
    5 merge    what is accepted, into the row    schema/row.py
    6 log      one transaction, then fsync       storage/
    7 answer   the sender
    8 fan out  the feed                          feed.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from moderation.judge import Case, Verdict, judge
from moderation.protection import step_of
from moderation.roles import Who
from schema.edits import TIERS, Edit, Tier
from schema.encoding import encode_edit
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.ids import ROW_ID_CHARS, is_base62
from schema.sheets import SHEETS, Sheet
from server.masking import screen
from server.projection import columns_of, masked_of
from server.redaction import brings_back
from server.storage.contract import AuditRecord, Known, Receipt, Recorded, RowChange, RowRecord

if TYPE_CHECKING:
    from server.room import Room

MAX_PENDING_PER_ACTOR = 50  # suggestions one actor may have waiting on a row: a verifier can still read them all


@dataclass(frozen=True, slots=True)
class Submission:
    """Edits of one row from one actor, as they arrived: `(tier, canonical update)` each. `secret` proves the row's link."""

    sheet: str
    row: str
    arrived: tuple[tuple[str, bytes], ...]
    who: Who
    session: str
    origin: str
    secret: str = ""
    audit: tuple[AuditRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One edit's verdict as the sender hears it: accepted, suggested, refused, or retry."""

    edit: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One verdict per edit, in the order they arrived; the row's number once it has one."""

    verdicts: tuple[Answered, ...]
    seq: int
    no: int


def submission_of(
    edits: Sequence[tuple[Tier, Edit]], *, sheet: str, row: str, who: Who, session: str, origin: str, secret: str = ""
) -> Submission:
    """A submission of edits made on the server: written canonically, then judged like any other."""
    arrived = tuple((tier, encode_edit(edit)) for tier, edit in edits)
    return Submission(sheet, row, arrived, who, session, origin, secret)


async def ingest(room: Room, submission: Submission) -> Answer:
    """Take a submission through all steps. Raises StorageError where the commit failed: the sender keeps its edits."""
    sheet = SHEETS.get(submission.sheet)
    if sheet is None or not is_base62(submission.row, ROW_ID_CHARS):
        reason = "unknown-sheet" if sheet is None else "malformed"
        return Answer(tuple(Answered("", "refused", reason) for _ in submission.arrived), 0, 0)
    await room.guard.ready()
    gated = [_gate(tier, update, submission.who) for tier, update in submission.arrived]
    before = room.record(submission.sheet, submission.row)
    act = begin(room, before, sheet=sheet, row=submission.row, who=submission.who, secret=submission.secret)
    act.origin = submission.origin
    answers = _judge_all(act, gated)
    if not act.recorded:
        return Answer(answers, 0, before.no if before else 0)
    change = finish(act, session=submission.session, origin=submission.origin, audit=(*submission.audit, *act.audit))
    receipt = await room.commit(change)
    if submission.secret and act.who.holds:
        await room.remember_hold(submission.sheet, submission.row, act.who.actor, submission.secret)
    return Answer(answers, receipt.seq, receipt.no)


# -- step 3


@dataclass(frozen=True, slots=True)
class _Gated:
    """An update that passed the gate, or the reason why not."""

    tier: Tier
    update: bytes
    edit: Edit | None
    reason: str = ""


def _gate(tier: str, update: bytes, who: Who) -> _Gated:
    if tier not in TIERS:
        return _Gated("public", update, None, "malformed")
    try:
        edit = read_edit(update)
    except ProtocolError as error:
        return _Gated(tier, update, None, error.code)
    if edit.actor != who.actor:
        return _Gated(tier, update, None, "forged-actor")
    return _Gated(tier, update, edit)


# -- steps 4 and 5


@dataclass(slots=True)
class Act:
    """One submission's work on one row, in memory: the row as it becomes, and what will be recorded of it."""

    room: Room
    sheet: Sheet
    before: RowRecord | None
    record: RowRecord
    who: Who
    received_ms: int
    recorded: list[Recorded] = field(default_factory=list)
    origin: str = ""
    audit: list[AuditRecord] = field(default_factory=list)  # what the rules against vandalism began with it

    def case(self, tier: Tier) -> Case:
        """What the judge knows of the row now."""
        wrote: Mapping[str, str] = {edit: known.actor for (of, edit), known in self.record.known.items() if of == tier}
        record = self.record
        return Case(
            sheet=self.sheet,
            row=record.row,
            exists=bool(record.public.cells) if tier == "public" else bool(record.private.cells or self.before),
            author=record.author,
            public=record.public,
            private=record.private,
            step=step_of(self.room.guards, self.sheet.id, self.received_ms),
            wrote=wrote,
        )

    def verdict(self, tier: Tier, edit: Edit) -> Verdict:
        """What right says of an edit, and then the rules against vandalism."""
        return self.room.guard.look(self, tier, edit, judge(edit, tier, case=self.case(tier), who=self.who))

    def merge(self, tier: Tier, edit: Edit, update: bytes, verdict: Verdict, *, accepted_by: str = "") -> None:
        """Record a verdict; fold the edit in where it was accepted."""
        digest = hashlib.sha256(update).hexdigest()
        self.record.known[(tier, edit.edit)] = Known(digest, verdict.code, verdict.reason, edit.actor)
        self.recorded.append(Recorded(tier, edit, update, digest, verdict.code, verdict.reason, accepted_by))
        if verdict.code != "accepted":
            return
        if not self.record.author:
            self.record.author = edit.actor
            self.record.created_ms = self.received_ms
        self.record.tier(tier).apply(edit, received_ms=self.received_ms)


def begin(room: Room, before: RowRecord | None, *, sheet: Sheet, row: str, who: Who, secret: str = "") -> Act:
    """Start on a copy of the row; what is not committed is never seen."""
    now_ms = room.clock.now_ms()
    if before is None:
        record = RowRecord(room.workbook.id, sheet.id, row, 0, "", now_ms, now_ms, 0, erased=room.erased)
    else:
        record = replace(
            before,
            public=before.public.copy(),
            private=before.private.copy(),
            masked=dict(before.masked),
            generation=dict(before.generation),
            known=dict(before.known),
        )
    return Act(room, sheet, before, record, relate(who, record, room=room, secret=secret), now_ms)


def relate(who: Who, record: RowRecord, *, room: Room, secret: str = "") -> Who:
    """Whether they hold this row: by its link now or before, or because they filed it as a visitor."""
    proved = secret != "" and room.proves(record.sheet, record.row, secret)
    filed = who.role == "visitor" and record.author == who.actor
    return replace(
        who,
        holds=proved or filed or room.holds(record.sheet, record.row, who.actor),
        calls=room.calls.is_calling(who.actor, record.sheet, record.row),
    )


def _judge_all(act: Act, gated: Sequence[_Gated]) -> tuple[Answered, ...]:
    """One verdict per edit, each on its own. Public edits come first: they may create the row."""
    answers: dict[int, Answered] = {}
    for index in sorted(range(len(gated)), key=lambda at: gated[at].tier != "public"):
        answers[index] = _judge_one(act, gated[index])
    return tuple(answers[index] for index in range(len(gated)))


def _judge_one(act: Act, item: _Gated) -> Answered:
    edit = item.edit
    if edit is None:
        return Answered("", "refused", item.reason)
    known = act.record.known.get((item.tier, edit.edit))
    # Of an edit whose words were erased no digest is kept (rule ER2).
    if known is not None and known.digest not in ("", hashlib.sha256(item.update).hexdigest()):
        return Answered(edit.edit, "refused", "edit-reused")
    if known is not None:
        return Answered(edit.edit, known.verdict, known.reason)  # the recorded verdict again (rule ED8)
    record = act.record
    if record.erased and brings_back(edit, item.tier, sheet=act.sheet, whole=record.erased_whole):
        return Answered(edit.edit, "refused", "erased")
    if item.tier == "private" and not act.record.public.cells:
        return Answered(edit.edit, "retry", "row-unknown")
    screened = screen(edit, sheet=act.sheet, private=act.record.private) if item.tier == "public" else None
    if screened is not None:
        return _write_masked(act, item, edit, screened)
    verdict = act.verdict(item.tier, edit)
    if verdict.code == "suggested" and _waiting(act.record, edit.actor) >= MAX_PENDING_PER_ACTOR:
        return Answered(edit.edit, "refused", "too-many-suggestions")
    act.merge(item.tier, edit, item.update, verdict)
    return Answered(edit.edit, verdict.code, verdict.reason)


def _write_masked(act: Act, item: _Gated, edit: Edit, screened: tuple[Edit, Edit]) -> Answered:
    """Public words with a number in them: the masked words are written publicly, the raw ones privately (rule ED19).

    Of an erased row neither the raw words are kept nor a digest they could be guessed from (rule ER7).
    """
    public, private = screened
    verdict = act.verdict("public", public)
    act.merge("public", public, encode_edit(public), verdict)
    if not act.record.erased:
        kept = act.verdict("private", private) if act.record.public.cells else verdict
        act.merge("private", private, encode_edit(private), kept if verdict.code == "accepted" else verdict)
    reason = "masked" if verdict.code == "accepted" else verdict.reason
    digest = "" if act.record.erased else hashlib.sha256(item.update).hexdigest()
    act.record.known[("public", edit.edit)] = Known(digest, verdict.code, reason, edit.actor)
    act.recorded.append(Recorded("public", edit, item.update, digest, verdict.code, reason, ledger_only=True))
    return Answered(edit.edit, verdict.code, reason)


def _waiting(record: RowRecord, actor: str) -> int:
    return sum(known.actor == actor and known.verdict == "suggested" for known in record.known.values())


# -- steps 6 and 8


def finish(
    act: Act,
    *,
    session: str,
    origin: str,
    audit: tuple[AuditRecord, ...] = (),
    decided: tuple[tuple[str, str, str], ...] = (),
) -> RowChange:
    """The change to commit: the row after it, its columns, and which paths the public will see move."""
    record = act.record
    record.masked = masked_of(act.sheet, record.private.cells)
    if record.public.cells:
        record.updated_ms = max(record.updated_ms, act.received_ms)
        record.version += 1
    before = act.before
    return RowChange(
        record=record,
        recorded=tuple(act.recorded),
        columns=columns_of(act.sheet, record, now_ms=act.received_ms),
        touched=_moved(before.public.cells if before else {}, record.public.cells),
        masked_touched=_moved(before.masked if before else {}, record.masked),
        actor=act.who.actor,
        session=session,
        origin=origin,
        received_ms=act.received_ms,
        audit=audit,
        decided=decided,
    )


def _moved(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """Paths whose value differs."""
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


def publish(room: Room, change: RowChange, receipt: Receipt) -> None:
    """What the public may see of a committed change goes to the feed; who decides hears that something waits."""
    if receipt.position:
        room.feed.publish(receipt.position, change.record, change.touched, change.masked_touched)
    if change.decided or any(recorded.verdict == "suggested" for recorded in change.recorded):
        room.suggestions_changed()
