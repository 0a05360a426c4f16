"""Kind `phone`: one or several numbers in normal form, joined by ", ".

Pure. Imported by the table of kinds only. What a number is: schema/phones.py.
"""

from __future__ import annotations

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.phones import MAX_PHONE_CHARS, read_phones
from schema.sheets import Field
from schema.values import Value


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """Numbers in normal form. A number of a doubtful length is kept as it is: it may be one digit off."""
    phones = read_phones(text)
    doubts = [doubt("phone-length", number) for number in phones.doubtful]
    if phones.numbers and phones.words:
        doubts.append(doubt("words-left", phones.words))
    if not phones.numbers:
        return Parsed({}, (doubt("unread", text.strip()),) if text.strip() else ())
    return Parsed({"": ", ".join(phones.numbers)}, tuple(doubts))


def validate(element: str, value: Value, field: Field) -> None:
    """Lenient about the number, for a mistaken one is still a lead; a text in place of one is not."""
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is text: digits lose their zeros as a number")
    if len(value) > MAX_PHONE_CHARS:
        raise SchemaError("too-long", f"{field.id} has at most {MAX_PHONE_CHARS} characters")
    if value and not read_phones(value).numbers:
        raise SchemaError("not-a-phone", f"{field.id} has no number in it")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    return str(value)
