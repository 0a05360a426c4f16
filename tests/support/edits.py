"""Builders of edits: short to write, honest in form."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from schema.edits import Edit, check_edit
from schema.ids import EDIT_ID_CHARS, actor_id, encode62, row_id
from schema.values import Value

_numbers = itertools.count(62**7)

ANN, BO, CHEN = (actor_id(f"{name}-device-0000000000")[:12] for name in ("ann", "bo", "chen"))


def new_id() -> str:
    """An edit id nobody used before in this process."""
    return encode62(next(_numbers), EDIT_ID_CHARS)


def write(
    actor: str,
    writes: Mapping[str, Value],
    *,
    seen: Mapping[str, list[str]] | None = None,
    edit: str = "",
    at_ms: int = 1_626_785_940_000,
) -> Edit:
    """An edit; a fresh id where none is given."""
    return check_edit(edit or new_id(), actor, at_ms, dict(writes), dict(seen or {}))


def secret_of(number: int) -> str:
    """The row secret of a test row."""
    return encode62(number + 62**20, 22)


def row_of(number: int, *, sheet: str = "help") -> str:
    """Its row id."""
    return row_id(sheet, secret_of(number))
