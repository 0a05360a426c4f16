"""Kind `log`: lines that are only added, each under the id of the edit that writes it; records where the field has parts.

Pure. Imported by the table of kinds, and by `claim` for its record.
"""

from __future__ import annotations

import re

from schema.errors import SchemaError
from schema.fields.choice import MAX_OTHER_CHARS, OTHER
from schema.fields.link import is_link
from schema.fields.link import parse as parse_link
from schema.fields.moment import is_moment
from schema.fields.moment import show as show_moment
from schema.fields.parsed import Parsed, Setting
from schema.fields.text import normal as text_of
from schema.ids import EDIT_ID_CHARS, is_base62
from schema.sheets import Field, Part
from schema.values import Value

PHOTOS = "photos"  # the one log whose lines are addresses
MAX_NOTE_CHARS = 1000  # a line somebody reads while the boat waits


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """One line. In a field with parts the words are the part that is text. The element is the edit's, so the suffix is ""."""
    words = text_of(text)
    if field.id == PHOTOS:
        return parse_link(text, field, setting)
    if not words:
        return Parsed()
    if not field.entry:
        return Parsed({"": words})
    return Parsed({"": [words if part.kind == "text" else "" for part in field.entry]})


def validate(element: str, value: Value, field: Field) -> None:
    if not is_base62(element, EDIT_ID_CHARS):
        raise SchemaError("bad-element", f"a line of {field.id} stands under the id of its edit")
    if field.entry:
        check_record(value, field)
    elif not isinstance(value, str):
        raise SchemaError("wrong-type", f"a line of {field.id} is text")
    elif field.id == PHOTOS and value and not is_link(value):
        raise SchemaError("not-a-link", "a photograph is an address that begins with https:// or http://")


def check_record(value: Value, field: Field) -> None:
    """One text for each part, and each what its part says; "" where nothing is known."""
    if not isinstance(value, list) or len(value) != len(field.entry):
        raise SchemaError("bad-record", f"{field.id} is a list of {len(field.entry)} texts")
    for part, text in zip(field.entry, value, strict=True):
        if text:
            _check_part(text, part, field)


def show(element: str, value: Value, field: Field, lang: str) -> str:
    if not isinstance(value, list):
        return str(value)
    shown = (_show_part(text, part, field, lang) for part, text in zip(field.entry, value, strict=False) if text)
    return " · ".join(shown)


def _check_part(text: str, part: Part, field: Field) -> None:
    where = f"{field.id}, {part.id}"
    codes = {option.code for option in part.options}
    if part.kind == "enum":
        words = text.removeprefix(OTHER)
        free = words != text and "other" in codes and 0 < len(words) <= MAX_OTHER_CHARS
        if not free and (text not in codes or text == "other"):
            raise SchemaError("unknown-option", f"{where} has no option of this code")
    elif part.kind == "time" and not is_moment(text):
        raise SchemaError("bad-time", f"{where} is a time like 2021-07-20T12:59:00Z")
    elif part.kind == "int":
        low, high = part.minimum or 0, 2**53 if part.maximum is None else part.maximum
        if not re.fullmatch(r"[0-9]{1,16}", text) or not low <= int(text) <= high:
            raise SchemaError("out-of-range", f"{where} is a whole number from {low} to {high}")
    elif part.kind == "text" and len(text) > MAX_NOTE_CHARS:
        raise SchemaError("too-long", f"{where} has at most {MAX_NOTE_CHARS} characters")


def _show_part(text: str, part: Part, field: Field, lang: str) -> str:
    if part.kind == "time":
        return show_moment("", text, field, lang)
    option = next((option for option in part.options if option.code == text), None)
    return option.label(lang) if option else text.removeprefix(OTHER)
