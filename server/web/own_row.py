"""A row filed without JavaScript: its secrets, its edits, and how the same form sent again comes to the same row.

Pure. Imported by `server.web`. Rules WB35–WB38 of docs/spec/web.md.

The page carries a key drawn for that view. From it, and never from chance, come the device (where the browser has none yet), the creating
edit's id and the row secret, so that a form sent twice makes the same edits. The server keeps no secret: a row secret is the
HMAC, under the workbook's key, of the device secret that lies in the browser's cookie and of the creating edit's id, which the
row's ledger knows. A receipt is therefore opened again with the cookie alone, and by nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

from schema.edits import Edit, Tier
from schema.ids import EDIT_ID_CHARS, ROW_ID_CHARS, SECRET_CHARS, RowId, actor_id, digest62, encode62, row_id
from schema.ids import read_link as split_link
from schema.row import TierState
from schema.values import Value
from server.storage.contract import RowRecord
from server.web.request_form import Filled

SHEET = "help"
# The row link of the app: `…/w/{workbook}/#row={sheet}/{secret}`, or `{row}.{secret}` where it was issued anew (rule ID11).
_OPENS = rf"(?:[0-9A-Za-z]{{{ROW_ID_CHARS}}}\.)?[0-9A-Za-z]{{{SECRET_CHARS}}}"
_LINK = re.compile(rf"#row=([a-z][a-z0-9_]{{0,39}})/({_OPENS})(?![0-9A-Za-z])")
_ALONE = re.compile(rf"{_OPENS}\Z")
Edits = list[tuple[Tier, Edit]]


def derived_device(workbook_key: str, form_key: str, content: str) -> str:
    """A device secret for a browser without one. The content is in it: two people on one cached copy of the page share its key."""
    return _hmac62(workbook_key, f"device/{form_key}/{content}")


def creating_edit(form_key: str, device: str) -> str:
    """The id of the edit that begins the row."""
    return digest62(f"form/{form_key}/{device}".encode(), EDIT_ID_CHARS)


def secret_of(workbook_key: str, device: str, edit: str) -> str:
    """The row secret: the same whenever it is asked for with the same device."""
    return _hmac62(workbook_key, f"row/{device}/{edit}")


def found_secret(workbook_key: str, device: str, record: RowRecord) -> str:
    """The secret of a row that this device filed by the form, "" where it did not."""
    actor = actor_id(device)
    for (tier, edit), known in record.known.items():
        if tier == "public" and known.actor == actor:
            secret = secret_of(workbook_key, device, edit)
            if row_id(record.sheet, secret) == record.row:
                return secret
    return ""


def read_link(pasted: str) -> tuple[str, str, str]:
    """(sheet, row, secret) in what somebody pasted: a message with the link in it, the link, or what opens alone.

    Whether the secret opens the row is the room's to say: `Room.proves`.
    """
    found = _LINK.search(pasted)
    sheet, opens = (found[1], found[2]) if found else (SHEET, pasted.strip())
    if not _ALONE.match(opens):
        return "", "", ""
    row, secret = split_link(sheet, opens)
    return sheet, row, secret


def link_of(row: str, secret: str, sheet: str = SHEET) -> str:
    """What opens a row, as a link writes it; inverse of `schema.ids.read_link`."""
    return secret if row_id(sheet, secret) == row else f"{row}.{secret}"


def creation(filled: Filled, *, edit: str, actor: str, at_ms: int) -> Edits:
    """The edits that begin a row: one of the public tier, one of the private, one per note."""
    edits: Edits = [("public", Edit(edit, actor, at_ms, dict(filled.public), {}))]
    if filled.private:
        edits.append(("private", Edit(_nth(edit, "private"), actor, at_ms, dict(filled.private), {})))
    edits += _notes(filled.notes, seed=edit, actor=actor, at_ms=at_ms)
    return edits


def changes(
    filled: Filled,
    *,
    record: RowRecord,
    seen: Mapping[str, Iterable[str]],
    seed: str,
    actor: str,
    at_ms: int,
) -> Edits:
    """Edits that bring a row to what was filled in; a cell that says so already is left alone. One edit a cell."""
    edits: Edits = []
    tiers: tuple[tuple[Tier, Mapping[str, Value], TierState], ...] = (
        ("public", filled.public, record.public),
        ("private", filled.private, record.private),
    )
    for tier, writes, state in tiers:
        for path, value in writes.items():
            values = state.live(path)
            if values and all(live.value == value for live in values):
                continue
            replaced = sorted(set(seen.get(path, ())))
            edit = _nth(seed, f"{tier}/{path}")
            edits.append((tier, Edit(edit, actor, at_ms, {path: value}, {path: replaced} if replaced else {})))
    edits += _notes(filled.notes, seed=seed, actor=actor, at_ms=at_ms)
    return edits


def own_seen(record: RowRecord, filled: Filled, actor: str) -> dict[str, list[str]]:
    """What a form sent again with other words replaces: its own author's values, never what somebody else wrote since."""
    seen: dict[str, list[str]] = {}
    for writes, state in ((filled.public, record.public), (filled.private, record.private)):
        for path in writes:
            mine = [live.edit for live in state.live(path) if live.actor == actor]
            if mine:
                seen[path] = mine
    return seen


def new_only(edits: Edits, record: RowRecord) -> Edits:
    """Edits that the row's ledger does not know: what is known has its verdict already."""
    return [(tier, edit) for tier, edit in edits if (tier, edit.edit) not in record.known]


def form_digest(fields: Iterable[tuple[str, str]]) -> str:
    """What was filled in, as one name."""
    body = "\x1f".join(f"{name}\x1e{text}" for name, text in sorted(fields))
    return hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()


def form_seed(form_key: str, device: str, content: str) -> str:
    """What the ids of an update's edits grow from: the same words sent again are the same edits."""
    return digest62(f"update/{form_key}/{device}/{content}".encode(), EDIT_ID_CHARS)


def row_of_secret(secret: str, sheet: str = SHEET) -> RowId:
    """The row that a row secret opens in a sheet."""
    return row_id(sheet, secret)


def _notes(notes: Iterable[tuple[str, str | None]], *, seed: str, actor: str, at_ms: int) -> Edits:
    """A line of a log stands under the id of the edit that writes it, so each is an edit of its own."""
    edits: Edits = []
    for place, (public, raw) in enumerate(notes):
        for tier, words in (("public", public), ("private", raw)):
            if words is not None:
                edit = _nth(seed, f"note/{place}/{tier}")
                written: Tier = "public" if tier == "public" else "private"
                edits.append((written, Edit(edit, actor, at_ms, {f"notes:{edit}": words}, {})))
    return edits


def _nth(seed: str, what: str) -> str:
    return digest62(f"{seed}/{what}".encode(), EDIT_ID_CHARS)


def _hmac62(key: str, text: str) -> str:
    mac = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return encode62(int.from_bytes(mac, "big") % 62**SECRET_CHARS, SECRET_CHARS)
