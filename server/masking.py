"""What keeps telephone and identity numbers out of public words: an edit that carries them is written as two (rule ED19).

Pure. Imported by `server/ingest.py`. A client does this itself; here is what the server does where a client did not.
"""

from __future__ import annotations

from moderation.judge import are_words
from schema.edits import Edit, Tier, element_of, field_of
from schema.ids import EDIT_ID_CHARS, digest62
from schema.row import TierState
from schema.sheets import Sheet
from schema.texts import mask_text
from schema.values import Value


def screen(edit: Edit, *, sheet: Sheet, private: TierState) -> tuple[Edit, Edit] | None:
    """(the public edit with numbers masked, the private edit with the raw words); None where nothing is to hide."""
    raw = {path: value for path, value in edit.writes.items() if _shows_numbers(path, value, sheet)}
    if not raw:
        return None
    public_id, private_id = _derived(edit, "public"), _derived(edit, "private")
    masked = {
        _renamed(path, edit.edit, public_id): _masked(value) if path in raw else value
        for path, value in edit.writes.items()
    }
    public = Edit(public_id, edit.actor, edit.at_ms, masked, edit.seen)
    kept = {_renamed(path, edit.edit, private_id): value for path, value in raw.items()}
    # The raw words of what this edit replaces are replaced with it.
    replaced = {
        path: [live.edit for live in private.live(path)] for path in kept if edit.seen.get(path) and private.live(path)
    }
    return public, Edit(private_id, edit.actor, edit.at_ms, kept, replaced)


def _shows_numbers(path: str, value: Value, sheet: Sheet) -> bool:
    column = sheet.fields.get(field_of(path))
    if column is None or column.tier != "public" or not are_words(path, value, column.kind):
        return False
    return _masked(value) != value


def _masked(value: Value) -> Value:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [mask_text(part) for part in value]
    return value


def _derived(edit: Edit, tier: Tier) -> str:
    """The id of an edit written for another: the same again when that one comes again."""
    return digest62(f"{edit.edit}/{edit.actor}/{tier}".encode(), EDIT_ID_CHARS)


def _renamed(path: str, old: str, new: str) -> str:
    """An element of a log is named after the edit that writes it."""
    return f"{field_of(path)}:{new}" if element_of(path) == old else path
