"""Field kinds: what people type and what import reads → values; what may arrive; what is shown.

Pure. Imported by every room. Rules FK1–FK20 of docs/spec/fields.md. Twin: client/src/schema/fields.ts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from schema.coordinates import blur
from schema.edits import element_of
from schema.errors import SchemaError
from schema.fields import (
    boolean,
    choice,
    choices,
    claim,
    integer,
    link,
    log,
    moment,
    phone,
    position,
    reference,
    text,
)
from schema.fields.moment import from_datetime
from schema.fields.parsed import CHINA_OFFSET_MINUTES, Doubt, Parsed, Setting, doubt
from schema.phones import mask_phones, normal_phones
from schema.sheets import Field
from schema.texts import mask_name
from schema.values import Value

__all__ = ["Doubt", "Parsed", "Setting", "from_datetime", "mask", "normal", "parse", "show", "validate"]


class _Kind(NamedTuple):
    parse: Callable[[str, Field, Setting], Parsed]
    validate: Callable[[str, Value, Field], None]
    show: Callable[[str, Value, Field, str], str]
    elements: bool  # whether its cells are `field:element`


_KINDS = {
    "text": _Kind(text.parse, text.validate, text.show, False),
    "phone": _Kind(phone.parse, phone.validate, phone.show, False),
    "int": _Kind(integer.parse, integer.validate, integer.show, False),
    "bool": _Kind(boolean.parse, boolean.validate, boolean.show, False),
    "enum": _Kind(choice.parse, choice.validate, choice.show, False),
    "multi": _Kind(choices.parse, choices.validate, choices.show, True),
    "geo": _Kind(position.parse, position.validate, position.show, False),
    "time": _Kind(moment.parse, moment.validate, moment.show, False),
    "url": _Kind(link.parse, link.validate, link.show, False),
    "ref": _Kind(reference.parse, reference.validate, reference.show, False),
    "log": _Kind(log.parse, log.validate, log.show, True),
    "claim": _Kind(claim.parse, claim.validate, claim.show, True),
}


# The longest words that are read for a value; longer ones are a text, and a pattern tried at each of 4,000 signs takes 2 s.
_LONGEST = {"int": 300, "bool": 300, "enum": 300, "multi": 1000, "geo": 300, "time": 300}


def parse(
    text: str,
    field: Field,
    *,
    year: int | None = None,
    offset_minutes: int = CHINA_OFFSET_MINUTES,
    datum: str = "unknown",
) -> Parsed:
    """What a person typed, as values. Never raises: what is not understood comes back as a doubt with its words.

    Law: whatever it writes, `validate` takes.
    """
    if len(text.strip()) > _LONGEST.get(field.kind, len(text)):
        return Parsed({}, (doubt("unread", text.strip()),))
    return _KINDS[field.kind].parse(text, field, Setting(year, offset_minutes, datum))


def validate(path: str, value: Value, field: Field) -> None:
    """What the judge demands of an arriving value. Raises SchemaError with the code of what is wrong; null is always well."""
    kind = _KINDS[field.kind]
    element = element_of(path)
    if field.derived:
        raise SchemaError("derived", f"{field.id} is worked out, never written")
    if bool(element) != kind.elements:
        raise SchemaError("bad-element", f"{field.id} is written {'under an element' if kind.elements else 'whole'}")
    if value is not None:
        kind.validate(element, value, field)


def normal(value: Value, field: Field) -> Value:
    """The one form of values that mean the same, for comparing and storing. Idempotent."""
    if not isinstance(value, str):
        return value
    return normal_phones(value) if field.kind == "phone" else text.normal(value)


def show(path: str, value: Value, field: Field, *, lang: str) -> str:
    """A value as a person reads it; "" for a cell that is blank."""
    return "" if value is None else _KINDS[field.kind].show(element_of(path), value, field, lang)


def mask(value: Value, field: Field) -> str:
    """What the public sees of a private value; "" where it sees nothing. Never the value itself."""
    if field.mask == "phone" and isinstance(value, str) and value:
        return mask_phones(value)
    if field.mask == "name" and isinstance(value, str) and value:
        return mask_name(value)
    if field.mask == "blur" and isinstance(value, list) and len(value) > 1:
        return blur(value[0], value[1])
    return ""
