"""Frames of the socket: what bytes may mean, both ways. docs/protocol.md gives each as a formula.

Pure. Imported by the session and the room. Any bytes give a frame or a ProtocolError (rule SY1).
"""

from __future__ import annotations

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


class Hello(_Frame, tag="hello"):
    protocol: int
    session: str
    cursor: int
    epoch: str


class Push(_Frame, tag="push"):
    n: int
    sheet: str
    row: str
    secret: str
    edits: list[tuple[str, bytes]]


class Ping(_Frame, tag="ping"):
    n: int


class Here(_Frame, tag="here"):
    sheet: str
    row: str
    doing: str


class Reveal(_Frame, tag="reveal"):
    n: int
    sheet: str
    row: str
    reason: str
    secret: str


class Hold(_Frame, tag="hold"):
    n: int
    sheet: str
    row: str
    secret: str


class AskHistory(_Frame, tag="history"):
    n: int
    sheet: str
    row: str


class AskSuggestions(_Frame, tag="suggestions"):
    n: int
    sheet: str
    row: str


class Decide(_Frame, tag="decide"):
    n: int
    suggestion: str
    accept: bool
    reason: str
    seen: dict[str, list[str]]


class Fetch(_Frame, tag="fetch"):
    n: int
    sheet: str
    row: str


FromClient = Hello | Push | Ping | Here | Reveal | Hold | AskHistory | AskSuggestions | Decide | Fetch

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


class Welcome(_Frame, tag="welcome"):
    epoch: str
    cursor: int
    actor: str
    role: str
    team: str
    server_ms: int
    protection: dict[str, str]


class Entries(_Frame, tag="entries"):
    cursor: int
    entries: list[PlainRow]
    names: Names


class LiveNow(_Frame, tag="live"):
    cursor: int


class Reset(_Frame, tag="reset"):
    epoch: str


class Ack(_Frame, tag="ack"):
    n: int
    verdicts: list[tuple[str, str, str]]
    seq: int


class Pong(_Frame, tag="pong"):
    n: int
    server_ms: int


class Presence(_Frame, tag="presence"):
    here: list[tuple[str, str, str, str, str, str]]


class Private(_Frame, tag="private"):
    n: int
    sheet: str
    row: str
    cells: dict[str, Any]


class History(_Frame, tag="history"):
    n: int
    sheet: str
    row: str
    edits: list[tuple[int, str, str, str, int, dict[str, Any], dict[str, list[str]], str]]
    names: Names


class Suggestions(_Frame, tag="suggestions"):
    n: int
    suggestions: list[tuple[str, str, str, str, str, str, int, dict[str, Any], str, str]]
    names: Names


class Row(_Frame, tag="row"):
    n: int
    row: PlainRow | None


class Done(_Frame, tag="done"):
    n: int
    code: str
    message: str


class Control(_Frame, tag="control"):
    kind: str
    payload: dict[str, Any]


class Error(_Frame, tag="error"):
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
    | Suggestions
    | Row
    | Done
    | Control
    | Error
)

_decoder = msgspec.msgpack.Decoder(FromClient)
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
