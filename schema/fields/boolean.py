"""Kind `bool`: true or false.

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

import unicodedata

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

YES = frozenset("是 有 对 要 需要 可以 能 已 真 y yes true 1 t √ ✓ ✔ ☑".split())
NO = frozenset("否 无 没 没有 不 不是 不需要 不用 不能 未 假 n no false 0 f × x ✗ ✘ ☐".split())


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    word = unicodedata.normalize("NFKC", text).strip().casefold()
    if word in YES or word in NO:
        return Parsed({"": word in YES})
    return Parsed({}, (doubt("unread", text.strip()),) if word else ())


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, bool):
        raise SchemaError("wrong-type", f"{field.id} is true or false")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    return {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}[lang, value is True]
