"""Frames of the socket: what bytes may mean, both ways. docs/protocol.md gives each as a formula.

Pure. Imported by the session and the room. Any bytes give a frame or a ProtocolError (rule SY1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from schema.errors import ProtocolError

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024  # before any decode; four full edits fit
MAX_EDITS_PER_PUSH = 32  # a phone sends its outbox in several pushes
MAX_SECRET_CHARS = 64
MAX_REASON_CHARS = 200

PlainLive = list[Any]  # [edit, value, actor, at_ms]
PlainCells = dict[str, list[PlainLive]]
Names = dict[str, tuple[str, str]]


class _Frame(msgspec.Struct, array_like=True, frozen=True):
    """An array whose first element is the tag."""


# -- from a client


class Hello(_Frame, tag="hello", frozen=True):
    protocol: int
    session: str
    cursor: int
    epoch: str


class Push(_Frame, tag="push", frozen=True):
    n: int
    sheet: str
    row: str
    secret: str
    edits: list[tuple[str, bytes]]


class Ping(_Frame, tag="ping", frozen=True):
    n: int


class Here(_Frame, tag="here", frozen=True):
    sheet: str
    row: str
    doing: str


class Reveal(_Frame, tag="reveal", frozen=True):
    n: int
    sheet: str
    row: str
    reason: str
    secret: str


class Hold(_Frame, tag="hold", frozen=True):
    n: int
    sheet: str
    row: str
    secret: str


class Code(_Frame, tag="code", frozen=True):
    n: int
    sheet: str
    row: str
    code: str


class AskHistory(_Frame, tag="history", frozen=True):
    n: int
    sheet: str
    row: str


class AskShowings(_Frame, tag="showings", frozen=True):
    n: int
    sheet: str
    row: str


class AskSuggestions(_Frame, tag="suggestions", frozen=True):
    n: int
    sheet: str
    row: str


class Decide(_Frame, tag="decide", frozen=True):
    n: int
    suggestion: str
    accept: bool
    reason: str
    seen: dict[str, list[str]]


class Fetch(_Frame, tag="fetch", frozen=True):
    n: int
    sheet: str
    row: str


class Protect(_Frame, tag="protect", frozen=True):
    n: int
    sheet: str
    step: str
    reason: str
    until_ms: int


class Announce(_Frame, tag="announce", frozen=True):
    n: int
    text: str


class AskSessions(_Frame, tag="sessions", frozen=True):
    n: int


class EndSession(_Frame, tag="end_session", frozen=True):
    n: int
    session: str


class Reissue(_Frame, tag="reissue", frozen=True):
    n: int
    sheet: str
    row: str
    reason: str


class Erase(_Frame, tag="erase", frozen=True):
    n: int
    sheet: str
    row: str
    reason: str
    whole: bool = False


class CloseEmergency(_Frame, tag="close_emergency", frozen=True):
    n: int
    on_ms: int
    text: str


class Call(_Frame, tag="call", frozen=True):
    n: int
    sheet: str
    row: str
    act: str


class AskQueue(_Frame, tag="queue", frozen=True):
    n: int
    kind: str
    limit: int


class Report(_Frame, tag="report", frozen=True):
    n: int
    actor: str
    reason: str


class Restrain(_Frame, tag="restrain", frozen=True):
    n: int
    actor: str
    step: str
    reason: str


class AskRestrained(_Frame, tag="restrained", frozen=True):
    n: int


class Rules(_Frame, tag="rules", frozen=True):
    n: int
    on: bool
    reason: str


class RollBack(_Frame, tag="roll_back", frozen=True):
    n: int
    of: str
    whom: str
    since_ms: int
    until_ms: int
    begun: bool
    apply: bool
    reason: str


class Restore(_Frame, tag="restore", frozen=True):
    n: int
    sheet: str
    row: str
    at_ms: int
    apply: bool
    reason: str


Overseeing = Call | AskQueue | Report | Restrain | AskRestrained | Rules | RollBack | Restore
Work = (
    Push
    | Ping
    | Here
    | Reveal
    | Hold
    | Code
    | AskHistory
    | AskShowings
    | AskSuggestions
    | Decide
    | Fetch
    | Protect
    | Announce
    | AskSessions
    | EndSession
    | Reissue
    | Erase
    | CloseEmergency
    | Overseeing
)
FromClient = Hello | Work

# -- from the server


class PlainRow(msgspec.Struct, array_like=True, frozen=True):
    """A row, or what changed of it: `[sheet, row, no, created_ms, author, cells, masked, updated_ms]`."""

    sheet: str
    row: str
    no: int
    created_ms: int
    author: str
    cells: dict[str, Any]
    masked: dict[str, list[str]]
    updated_ms: int


class Welcome(_Frame, tag="welcome", frozen=True):
    epoch: str
    cursor: int
    actor: str
    role: str
    team: str
    server_ms: int
    protection: dict[str, str]


class Entries(_Frame, tag="entries", frozen=True):
    cursor: int
    entries: list[PlainRow]
    names: Names


class LiveNow(_Frame, tag="live", frozen=True):
    cursor: int


class Reset(_Frame, tag="reset", frozen=True):
    epoch: str


class Ack(_Frame, tag="ack", frozen=True):
    n: int
    verdicts: list[tuple[str, str, str]]
    seq: int


class Pong(_Frame, tag="pong", frozen=True):
    n: int
    server_ms: int


class Presence(_Frame, tag="presence", frozen=True):
    here: list[tuple[str, str, str, str, str, str]]


class Private(_Frame, tag="private", frozen=True):
    n: int
    sheet: str
    row: str
    cells: dict[str, Any]


class History(_Frame, tag="history", frozen=True):
    n: int
    sheet: str
    row: str
    edits: Sequence[tuple[int, str, str, str, int, dict[str, Any], dict[str, list[str]], str]]
    names: Names


class Showings(_Frame, tag="showings", frozen=True):
    n: int
    showings: Sequence[tuple[int, str, str, str]]
    names: Names


class Suggestions(_Frame, tag="suggestions", frozen=True):
    n: int
    suggestions: Sequence[tuple[str, str, str, str, str, str, int, dict[str, Any], str, str]]
    names: Names


class Sessions(_Frame, tag="sessions", frozen=True):
    n: int
    sessions: Sequence[tuple[str, int, bool]]


class Link(_Frame, tag="link", frozen=True):
    n: int
    link: str
    code: str


class Lease(_Frame, tag="lease", frozen=True):
    n: int
    held: bool
    actor: str
    until_ms: int
    before: str


class Queue(_Frame, tag="queue", frozen=True):
    n: int
    total: int
    rows: Sequence[tuple[object, ...]]
    names: Names


class Restrained(_Frame, tag="restrained", frozen=True):
    n: int
    on: bool
    locked_until_ms: int
    actors: Sequence[tuple[str, str, str, int, str, int]]
    names: Names


class RolledBack(_Frame, tag="rolled_back", frozen=True):
    n: int
    id: str
    edits: int
    rows: int
    cells: int
    conflicts: int
    begun: int


class Row(_Frame, tag="row", frozen=True):
    n: int
    row: PlainRow | None


class Done(_Frame, tag="done", frozen=True):
    n: int
    code: str
    message: str


class Control(_Frame, tag="control", frozen=True):
    kind: str
    payload: dict[str, Any]


class Error(_Frame, tag="error", frozen=True):
    code: str
    message: str


FromServer = (
    Welcome
    | Entries
    | LiveNow
    | Reset
    | Ack
    | Pong
    | Presence
    | Private
    | History
    | Showings
    | Suggestions
    | Sessions
    | Link
    | Lease
    | Queue
    | Restrained
    | RolledBack
    | Row
    | Done
    | Control
    | Error
)

_decoder: msgspec.msgpack.Decoder[FromClient] = msgspec.msgpack.Decoder(FromClient)
_encoder = msgspec.msgpack.Encoder()


def read_frame(data: bytes) -> FromClient:
    """The frame these bytes are. Raises ProtocolError `frame-too-large` or `malformed`."""
    if len(data) > MAX_FRAME_BYTES:
        raise ProtocolError("frame-too-large", f"a frame is at most {MAX_FRAME_BYTES} bytes")
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError, ValueError):
        raise ProtocolError("malformed", "not a frame of this protocol", "docs/protocol.md") from None


def write_frame(frame: FromServer) -> bytes:
    """The bytes of a frame."""
    return _encoder.encode(frame)
