"""The JSON that goes in and out, as types: what is read is checked against them, and docs/openapi.json is made from them.

Pure. Imported by `server.web`. A field may be added; a reader ignores what it does not know.
"""

from __future__ import annotations

from typing import Any

import msgspec

from server.sync.frames import Names, PlainRow


class LoginBody(msgspec.Struct):
    """The device secret is made by the device and kept by it: 22 base-62 characters."""

    device: str
    name: str = ""


class JoinBody(msgspec.Struct):
    """A login that takes the role an invite gives."""

    device: str
    invite: str
    name: str = ""


class LoginAnswer(msgspec.Struct):
    """The session goes into `Authorization: Bearer …`. `team` is `sheet/row`, or "" where there is none."""

    session: str
    actor: str
    role: str
    team: str
    name: str
    epoch: str


class EditBody(msgspec.Struct):
    """One act on one tier of a row. `edit` is 8 fresh base-62 characters; `seen` names the live edits that were shown."""

    tier: str
    edit: str
    at_ms: int
    writes: dict[str, Any]
    seen: dict[str, list[str]] = {}


class EditsBody(msgspec.Struct):
    """Edits of one row. `secret` proves the row link, "" without it."""

    sheet: str
    row: str
    edits: list[EditBody]
    secret: str = ""


class EditsAnswer(msgspec.Struct):
    """`[edit, accepted | suggested | refused | retry, reason]` each, after the commit; the row's number once it has one."""

    verdicts: list[tuple[str, str, str]]
    seq: int
    no: int


class InviteBody(msgspec.Struct):
    """A role below one's own; `team` is the team's row, `sheet/row`, where the role is `team`."""

    role: str
    team: str = ""
    uses: int = 1
    days: int = 7


class InviteAnswer(msgspec.Struct):
    """The secret is in the fragment of `url`, and told this once."""

    id: str
    url: str
    role: str
    expires_ms: int


class InviteLine(msgspec.Struct):
    """An invite as stewards see it, without its secret."""

    id: str
    role: str
    team: str
    left: int
    created_ms: int
    expires_ms: int
    revoked: bool


class InvitesAnswer(msgspec.Struct):
    """Every invite of a workbook."""

    invites: list[InviteLine]


class ReasonBody(msgspec.Struct):
    """Why; it goes into the audit."""

    reason: str = ""


class EmptyAnswer(msgspec.Struct):
    """Done."""


class PersonLine(msgspec.Struct):
    """Somebody with a role. `below`: the reader may take it away."""

    actor: str
    name: str
    role: str
    team: str
    invite: str
    granted_ms: int
    logins: int
    below: bool


class PeopleAnswer(msgspec.Struct):
    """Everybody with a role."""

    people: list[PersonLine]


class EndedAnswer(msgspec.Struct):
    """How many logins ended."""

    ended: int


class AuditLine(msgspec.Struct):
    """Who did what to which row, why. Never a cell's value."""

    at_ms: int
    actor: str
    role: str
    act: str
    sheet: str
    row: str
    reason: str
    detail: str


class AuditAnswer(msgspec.Struct):
    """Lines of the audit, newest first, and who the actors are."""

    lines: list[AuditLine]
    names: dict[str, tuple[str, str]]


class WorkbookLine(msgspec.Struct):
    """A workbook in the list of them."""

    id: str
    title: str
    drill: bool


class WorkbooksAnswer(msgspec.Struct):
    """The workbooks of this server."""

    workbooks: list[WorkbookLine]


class WorkbookAnswer(msgspec.Struct):
    """`protection` has a step for each sheet that is not open; `server_time` is in milliseconds since 1970."""

    id: str
    title: str
    epoch: str
    drill: bool
    sheets: list[str]
    protection: dict[str, str]
    notice: str
    server_time: int


class SnapshotAnswer(msgspec.Struct):
    """One page of a cold open; `names` is `{actor: [name, role]}`."""

    epoch: str
    cursor: int
    page: int
    pages: int
    rows: list[PlainRow]
    names: Names


class ChangesAnswer(msgspec.Struct):
    """What moved since a cursor. `more`: ask again with this cursor."""

    epoch: str
    cursor: int
    more: bool
    entries: list[PlainRow]
    names: Names


class PossibleBody(msgspec.Struct):
    """A row as it is being typed; `row` is its id where it is there already. Private cells may be among the writes: none comes back."""

    sheet: str
    writes: dict[str, Any]
    row: str = ""


class CandidateLine(msgspec.Struct):
    """A row that may be the same case. `primary` is `sheet/row` of the row it is linked to, "" where it stands for itself."""

    sheet: str
    row: str
    no: int
    kind: str
    band: str
    score: float
    why: list[str]
    over: bool
    primary: str


class PossibleAnswer(msgspec.Struct):
    """`ready` is false while the index is being built: then ask again later."""

    ready: bool
    candidates: list[CandidateLine]


class RowLine(msgspec.Struct):
    """A row by its id and number."""

    sheet: str
    row: str
    no: int
    over: bool


class PairLine(msgspec.Struct):
    """Two rows, the older first, and what was found about them."""

    one: RowLine
    other: RowLine
    kind: str
    band: str
    score: float
    why: list[str]


class QueueAnswer(msgspec.Struct):
    """`complete` is false while rows wait to be looked at. `rings`: rows that are linked to each other in a circle."""

    total: int
    complete: bool
    pairs: list[PairLine]
    rings: list[list[RowLine]]


class ApartBody(msgspec.Struct):
    """Two rows, each `sheet/row`, that are not one case; `apart` false takes it back."""

    one: str
    other: str
    apart: bool = True
    reason: str = ""


class ContactLine(msgspec.Struct):
    """A contact of one of the rows, masked; the whole number is shown by `reveal`, and logged."""

    sheet: str
    row: str
    path: str
    masked: str


class GroupAnswer(msgspec.Struct):
    """Rows linked as one case, the primary first; status, claims and alerts of all of them together."""

    primary: str
    rows: list[RowLine]
    ring: list[str]
    contacts: list[ContactLine]
    status: str
    over: bool
    teams: list[str]
    alerts: list[str]


class PasteBody(msgspec.Struct):
    """What was pasted, as it is."""

    text: str


class DoubtLine(msgspec.Struct):
    """Words that a person should look at; `path` is "" where they belong to no cell."""

    path: str
    code: str
    words: str


class DraftLine(msgspec.Struct):
    """A row to be, as a form would hold it: cells of both tiers."""

    sheet: str
    writes: dict[str, Any]
    doubts: list[DoubtLine]


class PasteAnswer(msgspec.Struct):
    """`kind`: posts or cells; `remarks`: lines of a block that are no row."""

    kind: str
    drafts: list[DraftLine]
    remarks: list[str]


class Fault(msgspec.Struct):
    """`code` is stable, `message` may change, `hint` says what to do."""

    code: str
    message: str
    hint: str


class ErrorAnswer(msgspec.Struct):
    """The one form of every error."""

    error: Fault
