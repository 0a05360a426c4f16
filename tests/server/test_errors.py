"""The errors of a running server, and how each leaves it."""

from __future__ import annotations

import pytest

from schema.errors import ProtocolError, SchemaError, SheetError
from server.errors import (
    ANSWERS,
    AccessError,
    Answer,
    CommitFailed,
    PeerError,
    RoomFailed,
    StorageError,
    answer_to,
)

CLOSE_CODES = {4400, 4401, 4403, 4408, 4410, 4413, 4429, 1011, 1012, 1013}


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ProtocolError("malformed", ""), Answer(400, 4400)),
        (ProtocolError("too-large", ""), Answer(413, 4413)),
        (ProtocolError("timed-out", ""), Answer(408, 4408, retry=True)),
        (ProtocolError("older-generation", ""), Answer(410, 4410)),
        (SchemaError("unknown-field", ""), Answer(422, 4400)),
        (SchemaError("not-found", ""), Answer(404, 4400)),
        (AccessError("not-authenticated", ""), Answer(401, 4401)),
        (AccessError("not-permitted", ""), Answer(403, 4403)),
        (AccessError("too-many", ""), Answer(429, 4429, retry=True)),
        (StorageError("disk-full", ""), Answer(503, 1013, retry=True)),
        (CommitFailed([StorageError("row-moved-on", "")]), Answer(503, 1013, retry=True)),
        (PeerError("unreachable", ""), Answer(502, 1013, retry=True)),
        (RoomFailed("replica-failed", ""), Answer(503, 1012, retry=True)),
        (SheetError("whatever", ""), Answer(500, 1011)),
    ],
)
def test_an_error_leaves_by_the_table(error: SheetError, answer: Answer) -> None:
    assert answer_to(error) == answer


def test_the_table_uses_only_close_codes_of_the_protocol_and_each_line_can_be_reached() -> None:
    assert {answer.close for _, _, answer in ANSWERS} <= CLOSE_CODES
    for at, (kind, code, answer) in enumerate(ANSWERS):
        assert answer_to(kind(code or "some-code", "")) == answer, at


def test_a_failed_commit_says_how_many_and_which() -> None:
    first = StorageError("disk-full", "no room", "make room")
    error = CommitFailed(["a receipt", first, StorageError("row-moved-on", "late")])
    assert error.results[0] == "a receipt" and error.results[1] is first
    assert (error.code, error.hint) == ("disk-full", "make room")
    assert error.message == "2 of 3 changes not written: no room"
