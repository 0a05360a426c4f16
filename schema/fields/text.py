"""Kind `text`: words as they were typed.

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting
from schema.sheets import Field
from schema.values import Value


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """Everything is understood; only the white space around is dropped."""
    words = normal(text)
    return Parsed({"": words} if words else {})


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is text")


def normal(text: str) -> str:
    """No white space around, no carriage returns."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def show(element: str, value: Value, field: Field, lang: str) -> str:
    return str(value)
