"""Kind `ref`: another row, by its id, with its sheet in front where it is of another sheet.

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

import re

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

_REFERENCE = re.compile(r"(?:[a-z][a-z_]{0,39}/)?[0-9A-Za-z]{16}")


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """A row's id. A number that people say aloud is a doubt: only the server knows which row it is."""
    words = text.strip()
    if _REFERENCE.fullmatch(words):
        return Parsed({"": words})
    return Parsed({}, (doubt("unread", words),) if words else ())


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is a row's id")
    if value and not _REFERENCE.fullmatch(value):
        raise SchemaError("not-a-row", f"{field.id} is a row's id of 16 signs, its sheet and / in front if another")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    return str(value)
