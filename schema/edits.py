"""The edit: one actor's one atomic act on one tier of one row.

Pure. Imported by every room. Rules ED1–ED9 of docs/spec/edits.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schema.ids import ACTOR_ID_CHARS, EDIT_ID_CHARS, is_base62
from schema.values import MAX_SAFE, Value, check_value, malformed

Tier = Literal["public", "private"]
TIERS: tuple[Tier, ...] = ("public", "private")

MAX_EDIT_BYTES = 16 * 1024  # a row of 60 filled cells is ~4 kB; four times that
MAX_WRITES = 64
MAX_SEEN_PER_PATH = 16  # a path has at most 8 live values; room for those a slow reader saw die

# The letter that starts a path keeps JavaScript from reordering number-like object keys.
_PATH = re.compile(r"[a-z][a-z0-9_]{0,39}(:[A-Za-z0-9_.-]{1,40})?\Z")


@dataclass(frozen=True, slots=True)
class Edit:
    """`writes` {path: value}, at least one; `seen` {path: [edit ids it replaces]}, paths among those written."""

    edit: str
    actor: str
    at_ms: int
    writes: Mapping[str, Value]
    seen: Mapping[str, list[str]]


def is_path(text: str) -> bool:
    """Whether `text` has the form of a cell's path."""
    return _PATH.match(text) is not None


def field_of(path: str) -> str:
    """The field a path belongs to: `needs` for `needs:boat`."""
    return path.partition(":")[0]


def element_of(path: str) -> str:
    """The element of a path, "" where it has none."""
    return path.partition(":")[2]


def check_edit(edit: object, actor: object, at_ms: object, writes: object, seen: object) -> Edit:
    """An `Edit` of parts that came from outside. Raises ProtocolError naming the first thing wrong."""
    if not isinstance(edit, str) or not is_base62(edit, EDIT_ID_CHARS):
        raise malformed("an edit id is 8 base-62 characters")
    if not isinstance(actor, str) or not is_base62(actor, ACTOR_ID_CHARS):
        raise malformed("an actor id is 12 base-62 characters")
    if isinstance(at_ms, bool) or not isinstance(at_ms, int) or not 0 <= at_ms <= MAX_SAFE:
        raise malformed("at_ms is milliseconds since 1970, a whole number")
    if not isinstance(writes, dict) or not isinstance(seen, dict):
        raise malformed("writes and seen are maps by path")
    if not 1 <= len(writes) <= MAX_WRITES:
        raise malformed(f"an edit writes 1 to {MAX_WRITES} cells")
    checked: dict[str, Value] = {}
    for path in sorted(writes):
        if not isinstance(path, str) or not is_path(path):
            raise malformed("a path is field or field:element in ASCII")
        checked[path] = check_value(writes[path])
    return Edit(edit, actor, at_ms, checked, _check_seen(seen, checked, edit))


def _check_seen(seen: dict[object, object], writes: Mapping[str, Value], edit: str) -> dict[str, list[str]]:
    checked: dict[str, list[str]] = {}
    for path in sorted(seen, key=str):
        replaced = seen[path]
        if not isinstance(path, str) or path not in writes:
            raise malformed("seen names a path that the edit does not write")
        if not isinstance(replaced, list) or not 1 <= len(replaced) <= MAX_SEEN_PER_PATH:
            raise malformed(f"seen lists 1 to {MAX_SEEN_PER_PATH} edits for a path")
        for other in replaced:
            if not isinstance(other, str) or not is_base62(other, EDIT_ID_CHARS):
                raise malformed("seen lists edit ids")
        if edit in replaced:
            raise malformed("an edit cannot have seen itself")
        ordered = sorted(set(replaced))
        if len(ordered) != len(replaced):
            raise malformed("seen names an edit twice")
        checked[path] = ordered
    return checked
