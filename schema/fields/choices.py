"""Kind `multi`: each option its own cell, `needs:boat` true or false; `needs:other` carries words.

Pure. Imported by the table of kinds only.
"""

from __future__ import annotations

import re

from schema.errors import SchemaError
from schema.fields.choice import MAX_OTHER_CHARS, find_option, fold, options_inside
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field
from schema.values import Value

_STRONG = re.compile(r"[、,，;；/|+＋\n\r\t。]+|和|以及")
_NUMBERING = re.compile(r"^\(?[0-9]{1,2}[a-z]?[.)、]\s*", re.IGNORECASE)
_FILLER = re.compile(
    r"[\s:：()（）]+|急需|需要|需|急|缺乏|缺少|没有|缺|等等|等|若干|一些|少量|大量|和|与|及|求|请|要|救援|支援"
)
_DENIED = re.compile(r"不需要|无需|不用|不缺")


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """Every option named. What is no option stays, word for word, in `other`; so does what says more than an option."""
    codes: list[str] = []
    others: list[str] = []
    for piece in _pieces(text, field):
        exact = find_option(piece, field.options)
        if exact:
            codes.append(exact.code)
            continue
        if _DENIED.search(piece):
            others.append(piece)
            continue
        inside = options_inside(re.sub("没有", "缺少", piece), field.options)
        codes += [option.code for option, _ in inside]
        left = fold(piece)
        for _, word in inside:
            left = left.replace(word, " ", 1)
        if not inside or _FILLER.sub("", left):
            others.append(piece)
    writes: dict[str, Value] = {f":{code}": True for code in dict.fromkeys(codes)}
    words = "、".join(dict.fromkeys(others))
    if words and field.option("other") and len(words) <= MAX_OTHER_CHARS:
        return Parsed({**writes, ":other": words})
    unread = words if words or writes else text.strip()
    return Parsed(writes, (doubt("unread", unread),) if unread else ())


def validate(element: str, value: Value, field: Field) -> None:
    if field.option(element) is None:
        raise SchemaError("unknown-option", f"{field.id} has no option {element!r}")
    if element != "other":
        if not isinstance(value, bool):
            raise SchemaError("wrong-type", f"{field.id}:{element} is true or false")
    elif not isinstance(value, str) and value is not False:
        raise SchemaError("wrong-type", f"{field.id}:other is text")
    elif isinstance(value, str) and len(value) > MAX_OTHER_CHARS:
        raise SchemaError("too-long", f"{field.id}:other has at most {MAX_OTHER_CHARS} characters")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    """The option's label where it is set, "" where it is not."""
    if isinstance(value, str):
        return value
    option = field.option(element)
    return option.label(lang) if option and value is True else ""


def _pieces(text: str, field: Field) -> list[str]:
    """The words between strong separators; between spaces too, where the whole is no option."""
    pieces: list[str] = []
    for part in _STRONG.split(text):
        part = _NUMBERING.sub("", part.strip())
        if not part:
            continue
        if find_option(part, field.options) or part.isascii():
            pieces.append(part)
        else:
            pieces += part.split()
    return pieces
