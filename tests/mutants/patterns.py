"""Patterns with one part taken away: an alternative, a sign of a class, an anchor, a look ahead, a count.

Works on the text, so that a pattern put together of others keeps its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ANCHOR = re.compile(r"(?<!\\)(?:\^(?!\])|\$|\\Z|\\b)")
_AHEAD = re.compile(r"\(\?[!=][^()]*\)")
_COUNT = re.compile(r"(?<!\\)\{([0-9]+)(,?)([0-9]*)\}")
_MANY = re.compile(r"(?<=[\])\w\ue000-\ue0ff])(?<!\\)[?*+](?!\?)|(?<=\\[sd])[?*+]")
_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")


def weaker_patterns(pattern: str) -> Iterator[str]:
    """Every pattern that is `pattern` with one part taken away or one count moved, each once."""
    made = {pattern}
    for weaker in (*_alternatives(pattern), *_classes(pattern), *_parts(pattern), *_counts(pattern)):
        if weaker not in made:
            made.add(weaker)
            yield weaker


def _alternatives(pattern: str) -> Iterator[str]:
    """Without each alternative, at every depth."""
    opened: list[list[int]] = [[-1]]  # for each open group: where its alternatives begin
    in_class = False
    at = 0
    while at <= len(pattern):
        sign = pattern[at] if at < len(pattern) else ")"
        if sign == "\\":
            at += 2
            continue
        if in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
            at += pattern[at + 1 : at + 2] == "]"
        elif sign == "(":
            head = re.match(r"\((?:\?(?::|[=!]|<[=!]|P<\w+>))?", pattern[at:])
            assert head is not None
            opened.append([at + head.end() - 1])
            at += head.end() - 1
        elif sign == "|":
            opened[-1].append(at)
        elif sign == ")":
            marks = [*opened.pop(), at]
            if len(marks) > 2:
                for begin, end in zip(marks, marks[1:], strict=False):
                    last = end == marks[-1]
                    yield pattern[: begin if last else begin + 1] + pattern[end if last else end + 1 :]
            if not opened:
                return
        at += 1


def _classes(pattern: str) -> Iterator[str]:
    """Without each sign or range of a class."""
    for match in _CLASS.finditer(pattern):
        items = re.findall(r"\\u[0-9a-f]{4}(?:-\\u[0-9a-f]{4})?|(?:\\.|[^\\])-[^\]]|\\.|[^\\]", match.group(2))
        for at in range(len(items)):
            rest = "".join(items[:at] + items[at + 1 :])
            if rest:
                yield f"{pattern[: match.start()]}[{match.group(1)}{rest}]{pattern[match.end() :]}"


def _parts(pattern: str) -> Iterator[str]:
    """Without each anchor, each look ahead, each ?, *, +."""
    for part in (_ANCHOR, _AHEAD, _MANY):
        for match in part.finditer(pattern):
            yield pattern[: match.start()] + pattern[match.end() :]


def _counts(pattern: str) -> Iterator[str]:
    """With each bound of a count one more and one less."""
    for match in _COUNT.finditer(pattern):
        low, comma, high = match.groups()
        bounds = [(int(low) + step, high) for step in (1, -1)]
        bounds += [(int(low), str(int(high) + step)) for step in (1, -1) if high]
        for least, most in bounds:
            if least >= 0 and (not most or least <= int(most)):
                yield f"{pattern[: match.start()]}{{{least}{comma}{most}}}{pattern[match.end() :]}"
