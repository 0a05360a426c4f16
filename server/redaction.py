"""What is left of public words when a row is erased whole: the numbers of statistics, no sentence.

Pure. Imported by `server/storage/erasing.py` and `server/erasure.py`. Rules ER5, ER7.
"""

from __future__ import annotations

from schema.edits import Edit, Tier, element_of
from schema.errors import SchemaError
from schema.fields import validate
from schema.sheets import Field, Sheet
from schema.values import Value

AREAS = frozenset({"province", "city", "district"})  # too large to find a person by, and what statistics count by
WORDS = frozenset({"text", "url", "ref", "geo"})


def redacted(edit: Edit, sheet: Sheet) -> Edit | None:
    """The edit without its words, under the same id and stamp; None where it has none."""
    writes = {path: _without_words(path, value, sheet) for path, value in edit.writes.items()}
    if all(writes[path] == value for path, value in edit.writes.items()):
        return None
    return Edit(edit.edit, edit.actor, edit.at_ms, writes, edit.seen)


def brings_back(edit: Edit, tier: Tier, *, sheet: Sheet, whole: bool) -> bool:
    """Whether an edit of an erased row may carry what was erased: private words, or what may be some in disguise."""
    if tier == "private":
        return True
    for path, value in edit.writes.items():
        column = sheet.field_of(path)
        if column is None or column.derived or column.tier != "public":
            return True
        try:
            validate(path, value, column)
        except SchemaError:
            return True
    return whole and redacted(edit, sheet) is not None


def _without_words(path: str, value: Value, sheet: Sheet) -> Value:
    column = sheet.field_of(path)
    if value is None or (column is not None and column.id in AREAS):
        return value
    if column is None or column.kind in WORDS:
        return None
    if column.kind == "log":
        return _bare_log(value, column)
    if column.kind == "multi":
        return value if isinstance(value, bool) or element_of(path) != "other" else True
    if column.kind == "enum" and isinstance(value, str) and value.startswith("other:"):
        return None
    return value


def _bare_log(value: Value, column: Field) -> Value:
    """An entry with its codes and times, its sentences gone."""
    if not isinstance(value, list):
        return None
    texts = {at for at, part in enumerate(column.entry) if part.kind == "text"}
    return ["" if at in texts else part for at, part in enumerate(value)]
