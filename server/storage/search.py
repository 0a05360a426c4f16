"""Full text over our own bigrams: text to tokens, and what a person typed to an FTS5 query.

Pure. Imported under `server/storage/`. FTS5's trigram tokenizer finds no two-character word, and most Chinese words
have two.

A run of word characters c1…cn becomes the tokens c1c2, c2c3, …, c(n-1)cn, cn. A query of two or more characters is
the phrase of its bigrams; one of one character is the prefix c*, which meets a token wherever the character stands.
The lone last character also keeps two runs apart: "AB BC" is AB B BC C, so the phrase AB BC (the query "ABC") does
not match it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MAX_QUERY_CHARS = 100  # a name, a place, half a sentence


class _InWord(dict[str, bool]):
    """Whether a character is a letter, a digit or a mark on one; asked once of each there is (a row asks a thousand times)."""

    def __missing__(self, char: str) -> bool:
        self[char] = answer = char.isalnum() or unicodedata.category(char)[0] == "M"
        return answer


_IN_WORD = _InWord()


def fold(text: str) -> str:
    """The form that is compared: full-width to half-width, no case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def runs(text: str) -> Iterator[str]:
    """The maximal runs of letters, digits and their marks in folded text."""
    found = "".join([char if _IN_WORD[char] else " " for char in text])
    yield from found.split()


def grams(text: str) -> str:
    """The tokens of a text, as the `search` table stores them."""
    tokens: list[str] = []
    for run in runs(fold(text)):
        tokens.extend([run[at : at + 2] for at in range(len(run))])
    return " ".join(tokens)


def query(typed: str) -> str:
    """The FTS5 query for what a person typed: every run of it must occur. "" where nothing in it can be searched."""
    clauses: list[str] = []
    for run in runs(fold(typed[:MAX_QUERY_CHARS])):
        if len(run) == 1:
            clauses.append(f'"{run}" *')
        else:
            clauses.append('"' + " ".join(map("".join, zip(run, run[1:], strict=False))) + '"')
    return " AND ".join(clauses)
