"""The canonical bytes of an edit: exactly one Yjs update (v1), the same from any author.

Pure. Imported by every room. Byte-equal to what Yjs writes for the same keys under the same client id (tested against npm yjs).
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from schema.edits import Edit
from schema.ids import decode62
from schema.values import write_any, write_text, write_uint

ROOT = "row"  # the one root map of a row document
_ITEM = 0x28  # content Any, with a parent key; no origins, since a key is written once


def stamp_key(edit: str) -> str:
    """The key of an edit's stamp `[actor, at_ms, seen]`; `~` sorts after every path character."""
    return f"~{edit}"


def value_key(path: str, edit: str) -> str:
    """The key under which an edit's value for `path` lies."""
    return f"{path}~{edit}"


def stamp_of(edit: Edit) -> list[object]:
    """What stands under the stamp key."""
    return [edit.actor, edit.at_ms, {path: edit.seen[path] for path in sorted(edit.seen)}]


def encode_edit(edit: Edit) -> bytes:
    """The canonical update of an edit (rule ED2)."""
    values = sorted(((value_key(path, edit.edit), value) for path, value in edit.writes.items()), key=itemgetter(0))
    return encode_items(decode62(edit.edit), [(stamp_key(edit.edit), stamp_of(edit)), *values])


def encode_items(client: int, items: Iterable[tuple[str, object]]) -> bytes:
    """One update of root-map keys written by one client from clock 0, with an empty delete set."""
    listed = list(items)
    out = bytearray()
    write_uint(1, out)
    write_uint(len(listed), out)
    write_uint(client, out)
    write_uint(0, out)
    for key, value in listed:
        out.append(_ITEM)
        write_uint(1, out)
        write_text(ROOT, out)
        write_text(key, out)
        write_uint(1, out)
        write_any(value, out)
    out.append(0)
    return bytes(out)
