"""Kind `enum`: one code of the field's options, or `other:` and the words where the field allows it.

Pure. Imported by the table of kinds and by `choices`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from schema.errors import SchemaError
from schema.fields.parsed import Parsed, Setting, doubt
from schema.sheets import Field, Option
from schema.values import Value

OTHER = "other:"
MAX_OTHER_CHARS = 500  # a sentence; a longer answer belongs in the notes

_NOT = re.compile(r"[未没不无非]\S?$")  # 未获救, 没有获救: the word that follows is denied
_EDGES = re.compile(r"^[\s:,、。.!?*()\[\]【】\"'“”-]+|[\s:,、。.!?*()\[\]【】\"'“”-]+$")


def parse(text: str, field: Field, setting: Setting) -> Parsed:
    """A code, label or synonym; else the longest synonym inside the words; else `other:` or a doubt."""
    words = text.strip()
    if not words:
        return Parsed()
    exact = find_option(words, field.options)
    if exact:
        return Parsed({"": exact.code})
    if words.casefold().startswith(OTHER) and words[len(OTHER) :].strip():
        words = words[len(OTHER) :].strip()
    found = options_inside(words, field.options)
    if field.danger and found:
        found.sort(key=lambda pair: field.danger.index(pair[0].code))
    elif field.option("other") and len({option.code for option, _ in found}) != 1:
        if len(words) > MAX_OTHER_CHARS:
            return Parsed({}, (doubt("unread", words),))
        return Parsed({"": f"{OTHER}{words}"})
    if not found:
        return Parsed({}, (doubt("unread", words),))
    code = found[0][0].code
    if any(option.code != code for option, _ in found):
        return Parsed({"": code}, (doubt("ambiguous", words),))
    left = _EDGES.sub("", fold(words).replace(fold(found[0][1]), " ", 1)).strip()
    return Parsed({"": code}, (doubt("words-left", words),) if left else ())


def validate(element: str, value: Value, field: Field) -> None:
    if not isinstance(value, str):
        raise SchemaError("wrong-type", f"{field.id} is a code")
    if value.startswith(OTHER) and field.option("other"):
        _check_other(value[len(OTHER) :], field)
    elif value == "other" or field.option(value) is None:
        raise SchemaError("unknown-option", f"{field.id} has no option of this code")


def show(element: str, value: Value, field: Field, lang: str) -> str:
    option = field.option(str(value))
    return option.label(lang) if option else str(value).removeprefix(OTHER)


def fold(text: str) -> str:
    """What does not matter when words are compared: width, case, spaces at the edges and inside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def find_option(text: str, options: Iterable[Option]) -> Option | None:
    """The option these words are: its code, a label or a synonym, and nothing more. Not the free `other`."""
    word = _EDGES.sub("", fold(text))
    if not word:
        return None
    return next((option for option in options if option.code != "other" and word in _words(option)), None)


def options_inside(text: str, options: Iterable[Option]) -> list[tuple[Option, str]]:
    """(option, the word found) for every synonym of two signs or more that the words hold and do not deny.

    A word inside a longer one that was found does not count: 未核实 is not 核实.
    """
    folded = fold(text)
    words = sorted(
        ((word, option) for option in options if option.code != "other" for word in _words(option) if len(word) > 1),
        key=lambda pair: (-len(pair[0]), pair[0]),
    )
    found: list[tuple[int, Option, str]] = []
    for word, option in words:
        at = folded.find(word)
        if at < 0 or (word.isascii() and not _stands_alone(folded, at, len(word))):
            continue
        folded = folded[:at] + "\0" * len(word) + folded[at + len(word) :]
        if not _NOT.search(folded[:at]):
            found.append((at, option, word))
    return [(option, word) for _, option, word in sorted(found, key=lambda item: item[0])]


def _words(option: Option) -> set[str]:
    return {fold(word) for word in (option.code, *option.labels.values(), *option.aliases)}


def _stands_alone(text: str, at: int, length: int) -> bool:
    around = text[max(0, at - 1) : at] + text[at + length : at + length + 1]
    return not re.search(r"[a-z0-9_]", around)


def _check_other(words: str, field: Field) -> None:
    if not words.strip():
        raise SchemaError("empty-other", f"{field.id}: other wants words")
    if len(words) > MAX_OTHER_CHARS:
        raise SchemaError("too-long", f"{field.id}: other has at most {MAX_OTHER_CHARS} characters")
