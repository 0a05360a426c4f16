"""The errors only a running server has, and the one table from error to HTTP status, close code and retry.

No I/O. Imported by everything in `server/`. Blame is in the type; `code` is stable, the message may change, the hint
is for the operator. No message ever carries a cell's value, a name or a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schema.errors import ProtocolError, SchemaError, SheetError


class AccessError(SheetError):
    """A refusal: not authenticated, not permitted, too many requests."""


class StorageError(SheetError):
    """Our fault: what should be on the disk could not be written or read."""


class CommitFailed(StorageError):
    """Some changes of one `commit` could not be written; `results` says for each, in order, what became of it."""

    def __init__(self, results: Sequence[object]) -> None:
        failed = [result for result in results if isinstance(result, StorageError)]
        first = failed[0]
        super().__init__(
            first.code, f"{len(failed)} of {len(results)} changes not written: {first.message}", first.hint
        )
        self.results = tuple(results)


class PeerError(SheetError):
    """Another hub is unreachable, rejected us or diverged."""


class RoomFailed(SheetError):
    """What a room holds in memory is lost and has to be built anew from the store."""


class SettingsError(SheetError):
    """The environment says something no server can start with; raised only at start."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an error leaves the server: over HTTP, over a socket, and whether the same request may succeed later."""

    status: int
    close: int
    retry: bool = False


# The first line whose type fits, and whose code fits or is empty, decides.
ANSWERS: tuple[tuple[type[SheetError], str, Answer], ...] = (
    (ProtocolError, "too-large", Answer(413, 4413)),
    (ProtocolError, "timed-out", Answer(408, 4408, retry=True)),
    (ProtocolError, "older-generation", Answer(410, 4410)),
    (ProtocolError, "", Answer(400, 4400)),
    (SchemaError, "not-found", Answer(404, 4400)),
    (SchemaError, "", Answer(422, 4400)),
    (AccessError, "not-authenticated", Answer(401, 4401)),
    (AccessError, "not-found", Answer(404, 4403)),
    (AccessError, "too-many", Answer(429, 4429, retry=True)),
    (AccessError, "", Answer(403, 4403)),
    (StorageError, "", Answer(503, 1013, retry=True)),
    (PeerError, "", Answer(502, 1013, retry=True)),
    (RoomFailed, "", Answer(503, 1012, retry=True)),
    (SheetError, "", Answer(500, 1011)),
)


def answer_to(error: SheetError) -> Answer:
    """The table's line for an error."""
    for kind, code, answer in ANSWERS:
        if isinstance(error, kind) and code in ("", error.code):
            return answer
    raise AssertionError("the last line of the table fits every SheetError")
