"""The gate: reads an update strictly and whole, before anything else sees it.

Pure. Imported by `server/ingest.py`. yrs dies, hangs or lies on malformed bytes and no `except` catches it, so an update passes only
if it is exactly the canonical bytes of an edit: it is decoded with bounds on everything, written again, and compared (rules ED1–ED3).
"""

from __future__ import annotations

import struct

from schema.edits import MAX_EDIT_BYTES, MAX_WRITES, Edit, check_edit
from schema.encoding import ROOT, encode_edit
from schema.ids import EDIT_ID_CHARS, decode62
from schema.values import malformed, normal_number

MAX_CLIENT = 62**EDIT_ID_CHARS
MAX_DEPTH = 3  # stamp list → seen map → list of edit ids


def read_edit(update: bytes) -> Edit:
    """The edit an update is. Raises ProtocolError `malformed` for everything else; never anything other."""
    if len(update) > MAX_EDIT_BYTES:
        raise malformed(f"an edit is at most {MAX_EDIT_BYTES} bytes")
    reader = _Reader(update)
    reader.expect(1, "one client")
    count = reader.uint(MAX_WRITES + 1)
    if count < 2:
        raise malformed("a stamp and at least one write")
    client = reader.uint(MAX_CLIENT)
    reader.expect(0, "clock 0")
    key, stamp = reader.item()
    edit = key[1:]
    if key[:1] != "~" or not isinstance(stamp, list) or len(stamp) != 3:
        raise malformed("the first key is the stamp: actor, time, seen")
    writes: dict[object, object] = {}
    for _ in range(count - 1):
        key, value = reader.item()
        path, mark, author = key.partition("~")
        if not mark or author != edit:
            raise malformed("a value's key is path~edit, with the edit's own id")
        if path in writes:
            raise malformed("an edit writes a path once")
        writes[path] = value
    reader.expect(0, "an empty delete set")
    reader.end()
    read = check_edit(edit, stamp[0], stamp[1], writes, stamp[2])
    if decode62(read.edit) != client:
        raise malformed("the client id is the edit id's number")
    if encode_edit(read) != update:
        raise malformed("not the canonical bytes of this edit")
    return read


class _Reader:
    """Walks bytes; every length is checked against what is left."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, update: bytes) -> None:
        self._bytes = update
        self._at = 0

    def byte(self) -> int:
        if self._at >= len(self._bytes):
            raise malformed("ends too early")
        self._at += 1
        return self._bytes[self._at - 1]

    def take(self, size: int) -> bytes:
        if size > len(self._bytes) - self._at:
            raise malformed("ends too early")
        self._at += size
        return self._bytes[self._at - size : self._at]

    def uint(self, limit: int) -> int:
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 49:
                raise malformed("a number that is too long")
        if number > limit:
            raise malformed("a count beyond its limit")
        return number

    def expect(self, number: int, what: str) -> None:
        if self.byte() != number:
            raise malformed(f"an edit has {what}")

    def text(self) -> str:
        try:
            return self.take(self.uint(MAX_EDIT_BYTES)).decode()
        except UnicodeDecodeError:
            raise malformed("text that is not UTF-8") from None

    def item(self) -> tuple[str, object]:
        self.expect(0x28, "only keyed plain values")
        self.expect(1, "a named root")
        if self.text() != ROOT:
            raise malformed(f"the root is {ROOT}")
        key = self.text()
        self.expect(1, "one value under a key")
        return key, self.any(0)

    def any(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise malformed("values nested too deep")
        tag = self.byte()
        if tag == 119:
            return self.text()
        if tag == 125:
            return self._int()
        if tag == 123:
            return self._float(">d", 8)
        if tag == 124:
            return self._float(">f", 4)
        if tag == 120:
            return True
        if tag == 121:
            return False
        if tag == 126:
            return None
        if tag == 117:
            return [self.any(depth + 1) for _ in range(self.uint(MAX_EDIT_BYTES))]
        if tag == 118:
            return {self.text(): self.any(depth + 1) for _ in range(self.uint(MAX_WRITES))}
        raise malformed("a kind of value that cells do not have")

    def _int(self) -> int:
        first = self.byte()
        number = first & 0x3F
        if first & 0x80:
            number |= self.uint(2**31) << 6
        return -number if first & 0x40 else number

    def _float(self, form: str, size: int) -> int | float:
        return normal_number(struct.unpack(form, self.take(size))[0])

    def end(self) -> None:
        if self._at != len(self._bytes):
            raise malformed("bytes left over")
