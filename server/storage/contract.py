"""What the server asks of a store, and the records that pass between them.

No I/O here. Imported by `server/`; every engine passes `tests/contracts/test_storage.py`.

The log (`entries`) is the truth. Rows, kills, masked forms, columns and search are written in the same transaction
and can be rebuilt from it (`rebuild`, rule SO17). Nothing is visible to a read before it is committed and fsynced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from moderation.protection import Guard
from schema.edits import Edit, Tier
from schema.ids import digest62
from schema.row import TierState

SUGGESTION_ID_CHARS = 12  # 71 bits: unique within a workbook

VerdictCode = Literal["accepted", "suggested", "refused"]


@dataclass(frozen=True, slots=True)
class Workbook:
    """One workbook. `key` is the HMAC key of its imported rows' secrets; `home` the server id that may compact."""

    id: str
    title: str
    drill: bool
    key: str
    home: str
    created_ms: int
    protection: Mapping[str, Guard]  # sheet → guard; absent is open
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of an edit: never compacted."""

    digest: str  # SHA-256 of the update, hex
    verdict: VerdictCode
    reason: str
    actor: str  # who wrote it: `seen` of one's own edits is not changing another's value


@dataclass(frozen=True, slots=True)
class Columns:
    """The projection's real columns, for order, filter, search and nearness."""

    status: str
    over: bool
    urgency: str
    rank: int  # smaller is more urgent: the order of reading
    verify_state: str
    district: str
    place: str
    summary: str
    lat: float | None  # WGS-84, public
    lon: float | None
    text: str  # all public words, for search
    contact: str  # masked phone, "" where there is none


@dataclass(slots=True)
class RowRecord:
    """A row as stored: both tiers folded, what the public sees of the private one, and its ledger."""

    workbook: str
    sheet: str
    row: str
    no: int  # 0 until the first commit gives it one
    author: str
    created_ms: int
    updated_ms: int
    version: int  # commits so far; guards against writing over what was not read
    public: TierState = field(default_factory=TierState)
    private: TierState = field(default_factory=TierState)
    masked: dict[str, list[str]] = field(default_factory=dict)
    generation: dict[Tier, int] = field(default_factory=lambda: {"public": 0, "private": 0})
    known: dict[tuple[Tier, str], Known] = field(default_factory=dict)
    erased: bool = False  # its private tier is gone and stays gone
    erased_whole: bool = False  # its public words too

    def tier(self, tier: Tier) -> TierState:
        return self.public if tier == "public" else self.private


@dataclass(frozen=True, slots=True)
class Recorded:
    """One edit of a commit with its verdict. Accepted ones become entries, suggested ones suggestions; all are in the
    ledger.

    A suggestion that is accepted later comes again, `accepted`: its ledger line is written over, never doubled.
    """

    tier: Tier
    edit: Edit
    update: bytes
    digest: str
    verdict: VerdictCode
    reason: str
    accepted_by: str = ""  # the decider, where a suggestion was accepted
    ledger_only: bool = False  # known from now on, but neither entry nor suggestion: what was written for it was (ED19)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the audit: who did what to which row, why. Never a cell's value."""

    at_ms: int
    actor: str
    role: str
    act: str  # reveal, decide, grant, revoke, protect, import, export, hold, erase …
    sheet: str = ""
    row: str = ""
    reason: str = ""
    detail: str = ""  # ids and codes only


@dataclass(frozen=True, slots=True)
class RowChange:
    """All that one submission does to one row; committed whole or not at all.

    A row exists from its first accepted public edit. A change whose record has no public cell yet (only suggested or
    refused edits so far) writes ledger and suggestions, and no row: no number, no feed step, `version` 0.
    """

    record: RowRecord  # the row after it; `version` already counted up; a copy nobody else mutates
    recorded: tuple[Recorded, ...]
    columns: Columns
    touched: tuple[str, ...]  # public paths whose live set changed
    masked_touched: tuple[str, ...]  # private paths whose masked form changed
    actor: str
    session: str
    origin: str  # session, form, api, import, decide, rollback, hub
    received_ms: int
    audit: tuple[AuditRecord, ...] = ()
    decided: tuple[tuple[str, str, str], ...] = ()  # (suggestion id, accepted | declined, reason)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the commit gave: the row's number, the last seq, its position in the public feed (0: the public saw
    nothing).
    """

    no: int
    seq: int
    position: int


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One step of the public feed: which paths of which row changed. Values are read from the row when it is served."""

    position: int
    sheet: str
    row: str
    touched: tuple[str, ...]
    masked_touched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """A row whose private tier is gone. `position` is its step in the public feed, 0 where the public saw nothing of it."""

    sheet: str
    row: str
    whole: bool  # its public words too
    position: int
    touched: tuple[str, ...] = ()
    masked_touched: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # actors whose names went with it


@dataclass(frozen=True, slots=True)
class Closing:
    """The day a workbook's personal data will be erased, announced before."""

    workbook: str
    on_ms: int
    actor: str
    set_ms: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a sheet share a status and a district."""

    sheet: str
    status: str
    over: bool
    district: str
    rows: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One accepted edit in the log. Of an erased one (rule ER2) `update` is empty."""

    seq: int
    sheet: str
    row: str
    tier: Tier
    update: bytes
    edit: str
    actor: str
    session: str
    origin: str
    received_ms: int
    accepted_by: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit that right did not allow, kept whole. `state`: pending, accepted, declined, collision."""

    id: str
    workbook: str
    sheet: str
    row: str
    tier: Tier
    update: bytes
    edit: str
    actor: str
    received_ms: int
    reason: str
    state: str
    decided_by: str = ""
    decided_ms: int = 0
    decision: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """A committed row as readers get it (public tier and masked forms), with its real columns."""

    sheet: str
    row: str
    no: int
    created_ms: int
    updated_ms: int
    author: str
    cells: Mapping[str, list[list[object]]]
    masked: Mapping[str, list[str]]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a device secret proves. `name` is what they call themselves, shown to others."""

    actor: str
    name: str
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A role an actor holds in a workbook, and the invite it came by."""

    workbook: str
    actor: str
    role: str
    team: str  # "sheet/row" of the team, "" otherwise
    invite: str
    granted_ms: int
    revoked_ms: int  # 0 while it stands


@dataclass(frozen=True, slots=True)
class Invite:
    id: str
    workbook: str
    secret_digest: str
    role: str
    team: str
    uses_left: int
    expires_ms: int
    created_by: str
    created_ms: int
    revoked_ms: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One login of a device. Only the digest of its secret is kept."""

    id: str
    secret_digest: str
    workbook: str
    actor: str
    created_ms: int
    expires_ms: int
    revoked_ms: int


def suggestion_id(sheet: str, row: str, *, tier: Tier, edit: str, collision: str = "") -> str:
    """The id a suggested edit has, wherever it is computed. `collision` is the digest of an edit whose id was taken."""
    return digest62(f"{sheet}/{row}/{tier}/{edit}/{collision}".encode(), SUGGESTION_ID_CHARS)


class Storage(Protocol):
    """Reads run on the caller's thread from a read connection (tens of microseconds); writes go to the one writer."""

    epoch: str  # names this incarnation of the store: new when created and when restored from a backup
    server_id: str  # kept for the life of the store and of every copy
    key: str  # HMAC key of the server (short codes); never leaves it

    # -- writing: durable when awaited
    async def commit(self, changes: Sequence[RowChange]) -> list[Receipt]:
        """Write submissions in order, grouped with whatever else waits into one fsync.

        A change whose record's `version` does not follow the stored one is not written (`row-moved-on`), the others
        are. The store itself sets number, author and times: the row's author and `created_ms` are those of its first
        accepted public edit, `updated_ms` that of its last accepted edit. Raises CommitFailed, a StorageError whose
        `results` has for each change its Receipt or its StorageError.
        """

    async def write_audit(self, workbook: str, records: Sequence[AuditRecord]) -> None: ...
    async def add_workbook(self, workbook: Workbook) -> None: ...
    async def set_protection(self, workbook: str, sheet: str, guard: Guard, audit: AuditRecord) -> None: ...
    async def set_notice(self, workbook: str, notice: str, audit: AuditRecord) -> None: ...
    async def see_actor(self, actor: str, name: str, now_ms: int) -> None: ...
    async def add_session(self, session: SessionRecord) -> None: ...
    async def revoke_session(self, session: str, now_ms: int) -> None: ...
    async def add_invite(self, invite: Invite, audit: AuditRecord) -> None: ...
    async def use_invite(self, workbook: str, secret_digest: str, actor: str, now_ms: int) -> Grant | None:
        """Take one use and grant its role to the actor, atomically; None when unknown, used up, expired or revoked.

        Using it again while its grant stands takes no second use and gives the same grant. It replaces a grant of
        another role: who must not lose one is the caller's to ask first.
        """

    async def revoke_invite(self, workbook: str, invite: str, now_ms: int, audit: AuditRecord) -> list[str]:
        """Revoke it and every grant it gave; the actors concerned."""

    async def set_grant(self, grant: Grant, audit: AuditRecord) -> None: ...
    async def revoke_grant(self, workbook: str, actor: str, now_ms: int, audit: AuditRecord) -> None: ...
    async def hold(self, workbook: str, sheet: str, row: str, actor: str, code_digest: str, now_ms: int) -> None:
        """This actor has shown the row's link. A row has one code digest (of its short code under the server's key)."""

    async def reissue_link(
        self, workbook: str, sheet: str, row: str, secret_digest: str, code_digest: str, audit: AuditRecord
    ) -> None:
        """A new link for a row: every older one, the row secret included, and every holding ends with it."""

    async def save_document(
        self, workbook: str, sheet: str, row: str, tier: Tier, generation: int, update: bytes, seq: int
    ) -> None:
        """A compacted document: the row's state up to `seq`, written anew as this generation."""

    async def erase_row(
        self, workbook: str, sheet: str, row: str, audit: AuditRecord, *, whole: bool = False
    ) -> Erased | None:
        """Take a row's private tier out of everything, for good; its public free text too where `whole`.

        Journaled before it is done; when awaited, its bytes are in no file of the store. None where it was erased so
        already. Raises StorageError `row-unknown`.
        """

    async def erase_workbook(self, workbook: str, audit: AuditRecord) -> list[Erased]:
        """The same for every row of a workbook, and for those that will yet come to it."""

    async def plan_erasure(self, workbook: str, on_ms: int, notice: str, audit: AuditRecord) -> None:
        """Set the day (0: none) and the notice that says so, in one transaction."""

    # -- reading: committed state only
    def closings(self) -> list[Closing]:
        """Every workbook whose erasure is planned, by its day."""

    def erasures(self, workbook: str, *, after: int = -1) -> list[Erased]:
        """What was erased past a feed position; the workbook itself with "" as sheet and row."""

    def is_erased(self, workbook: str) -> bool:
        """Whether the workbook itself was: nothing private comes into it any more."""

    def workbooks(self) -> list[Workbook]: ...
    def workbook(self, workbook: str) -> Workbook | None: ...
    def load_row(self, workbook: str, sheet: str, row: str) -> RowRecord | None:
        """The row with its ledger; where only a ledger exists (see RowChange), a record with `no` and `version` 0."""

    def view_row(self, workbook: str, sheet: str, row: str) -> RowView | None: ...
    def view_number(self, workbook: str, sheet: str, no: int) -> RowView | None: ...
    def list_rows(
        self,
        workbook: str,
        *,
        sheet: str | None = None,
        search: str = "",
        status: str = "",
        urgency: str = "",
        district: str = "",
        over: bool | None = False,  # None: both
        box: tuple[float, float, float, float] | None = None,  # south, west, north, east
        limit: int = 50,
        offset: int = 0,
    ) -> list[RowView]:
        """Rows by rank, then newest first. `search` finds any word of one or more characters, Chinese included."""

    def count_rows(
        self,
        workbook: str,
        *,
        sheet: str | None = None,
        search: str = "",
        status: str = "",
        urgency: str = "",
        district: str = "",
        over: bool | None = False,
    ) -> int: ...
    def tally(self, workbook: str) -> list[Tally]:
        """Every row counted once, by sheet, status and district."""

    def position(self, workbook: str) -> int:
        """The last position of the public feed."""

    def feed(self, workbook: str, *, after: int, limit: int = 1000) -> list[FeedEntry]: ...
    def log(
        self, workbook: str, *, sheet: str = "", row: str = "", after: int = 0, limit: int = 1000
    ) -> list[LogEntry]: ...
    def document(self, workbook: str, sheet: str, row: str, tier: Tier) -> tuple[int, bytes, int]:
        """The newest compacted document: (generation, update, seq it covers); (0, b"", 0) where there is none."""

    def suggestions(
        self,
        workbook: str,
        *,
        sheet: str = "",
        row: str = "",
        actor: str = "",
        state: str = "pending",
        limit: int = 200,
    ) -> list[Suggestion]:
        """Longest waiting first; every state where `state` is ""."""

    def count_suggestions(self, workbook: str, *, state: str = "pending") -> int: ...
    def suggestion(self, workbook: str, suggestion: str) -> Suggestion | None: ...
    def audit(self, workbook: str, *, row: str = "", act: str = "", limit: int = 200) -> list[AuditRecord]:
        """Newest first."""

    def actors(self, actors: Sequence[str]) -> dict[str, Actor]: ...
    def grant(self, workbook: str, actor: str) -> Grant | None: ...
    def grants(self, workbook: str) -> list[Grant]: ...
    def invites(self, workbook: str) -> list[Invite]: ...
    def session(self, secret_digest: str) -> SessionRecord | None: ...
    def holds(self, workbook: str, actor: str) -> set[tuple[str, str]]:
        """(sheet, row) of every row whose link this actor has shown."""

    def link_digest(self, workbook: str, sheet: str, row: str) -> str:
        """The digest of the link that was issued anew; "" while the row secret itself is the link."""

    def sessions(self, workbook: str, actor: str) -> list[SessionRecord]:
        """An actor's logins that stand, newest first."""

    def session_actor(self, workbook: str, session: str) -> str:
        """Whose login this is, "" where there is none."""

    def code_digest(self, workbook: str, sheet: str, row: str) -> str: ...
    async def close(self) -> None: ...
