"""Identifiers: base-62 strings, and the digests that turn secrets into public ids.

Pure. Imported by every room. The forms are in docs/architecture.md; `schema/vectors/ids.json` holds both languages to them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NewType

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGIT = {c: i for i, c in enumerate(ALPHABET)}

EDIT_ID_CHARS = 8  # 62^8 < 2^48: the number is a Yjs client id every implementation takes
ROW_ID_CHARS = 16
ACTOR_ID_CHARS = 12
SECRET_CHARS = 22  # 62^22 > 2^130: a capability nobody guesses

EditId = NewType("EditId", str)
RowId = NewType("RowId", str)
ActorId = NewType("ActorId", str)
Secret = NewType("Secret", str)

_BASE62 = re.compile(r"[0-9A-Za-z]+\Z")


def is_base62(text: str, chars: int) -> bool:
    """Whether `text` is exactly `chars` base-62 digits."""
    return len(text) == chars and _BASE62.match(text) is not None


def encode62(number: int, chars: int) -> str:
    """`number` in base 62, padded to `chars` digits; byte order is the order of the numbers."""
    out = []
    for _ in range(chars):
        number, digit = divmod(number, 62)
        out.append(ALPHABET[digit])
    return "".join(reversed(out))


def decode62(text: str) -> int:
    """The number a base-62 string stands for; inverse of `encode62`."""
    number = 0
    for c in text:
        number = number * 62 + _DIGIT[c]
    return number


def digest62(data: bytes, chars: int) -> str:
    """SHA-256 of `data` modulo 62^chars, in base 62."""
    return encode62(int.from_bytes(hashlib.sha256(data).digest(), "big") % 62**chars, chars)


def row_id(sheet: str, secret: str) -> RowId:
    """The row a row secret opens: public, and says nothing about the secret."""
    return RowId(digest62(f"{sheet}/{secret}".encode(), ROW_ID_CHARS))


def actor_id(device: str) -> ActorId:
    """The actor a device secret proves: the same on every server, and after a restore."""
    return ActorId(digest62(f"actor/{device}".encode(), ACTOR_ID_CHARS))


def short_code(secret: str) -> str:
    """Six digits the holder of a row secret can read out over a telephone."""
    mac = hmac.new(secret.encode(), b"code", hashlib.sha256).digest()
    return f"{int.from_bytes(mac, 'big') % 1_000_000:06d}"


def read_link(sheet: str, link: str) -> tuple[RowId, str]:
    """(row, secret) of a row link: the row secret alone, or `row.secret` where it was issued anew (rule ID11)."""
    row, dot, secret = link.partition(".")
    return (RowId(row), secret) if dot else (row_id(sheet, link), link)


def digest_secret(secret: str) -> str:
    """What the server keeps of a capability: its SHA-256 in hex (the secrets have 130 bits, no salt is needed)."""
    return hashlib.sha256(secret.encode()).hexdigest()
