"""Kind `url`: an address that opens in a browser or a telephone; nothing that runs.

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

import re

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

MAX_LINK_CHARS = 2000  # what browsers and servers take
_LINK = re.compile(r"(?:https?://[^\s/?#]+[^\s]*|tel:\+?[0-9*#-]+)", re.IGNORECASE)
_INSIDE = re.compile(r"https?://[^\s，。、；）)\"'<>\u3000]+", re.IGNORECASE)
_BARE = re.compile(
    r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|gov|edu|io|me|top)(?:/[^\s，。、；]*)?", re.IGNORECASE
)


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """The address; one without https:// gets it, with a doubt. Words around it, or in its place, are a doubt."""
    words = text.strip()
    if not words:
        return Parsed()
    if is_link(words):
        return Parsed({"": words})
    if _BARE.fullmatch(words):
        return Parsed({"": f"https://{words}"}, (doubt("no-scheme", words),))
    inside = _INSIDE.search(words)
    if inside and is_link(inside.group(0)):
        return Parsed({"": inside.group(0)}, (doubt("words-left", words),))
    return Parsed({}, (doubt("unread", words),))


def is_link(value: str) -> bool:
    """Whether it may stand behind an href: http, https or tel, and no white space or control sign."""
    return len(value) <= MAX_LINK_CHARS and _LINK.fullmatch(value) is not None and value.isprintable()


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is an address as text")
    if value and not is_link(value):
        raise SchemaError("not-a-link", f"{field.id} begins with https://, http:// or tel:")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    return str(value)
