"""Kind `claim`: `claim:<team row>` = [state, eta, lease_minutes]; each team writes its own cell.

Pure. Imported by the table of kinds only. Which state may follow which: moderation/claims.py.
"""

from __future__ import annotations

from schema.errors import SchemaError
from schema.fields.log import check_record, show
from schema.fields.parsed import Parsed, Setting, doubt
from schema.ids import ROW_ID_CHARS, is_base62
from schema.sheets import Field
from schema.values import Value

__all__ = ["parse", "show", "validate"]


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """A claim is not words: the name of a team in a cell is a doubt for somebody who knows the team."""
    return Parsed({}, (doubt("unread", text.strip()),) if text.strip() else ())


def validate(element: str, value: Value, field: Field) -> None:
    if not is_base62(element, ROW_ID_CHARS):
        raise SchemaError("bad-element", f"{field.id} stands under the id of the team's row")
    check_record(value, field)
    if not isinstance(value, list) or not value[0]:
        raise SchemaError("bad-record", f"{field.id} says how far the team is")
