"""Odd values for every way in: what a program, a broken phone or an enemy might put where a text, number or list is wanted."""

from __future__ import annotations

import json
import random
import types
import typing
from typing import Any

import msgspec

from server.sync.frames import Work
from tests.fuzz.mutations import honest, mutated
from tests.support.edits import new_id, row_of, secret_of

MARKS = (
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "' OR 1=1 --",
    "{{7*7}}",
    "../../etc/passwd",
    "%00",
    "\x00",
)
TEXTS = (
    *MARKS,
    "",
    "河边",
    "🆘" * 50,
    "a" * 5000,
    "\ud800",
    "‮gnp",
    "0" * 400,
    "1e999",
    "NaN",
    "-1",
    "help",
    "hazard",
    "civil_team",
    "zz",
    "__proto__",
    "open",
    "verified",
    "calling",
    "public",
    "private",
    "14212345678",
)
NUMBERS = (0, 1, -1, 2**31, 2**53, 2**63, -(2**63), 2**64 - 1, 4711)


def text(chance: random.Random) -> str:
    """A text: odd, or the name of something that is there."""
    if chance.random() < 0.4:
        return chance.choice((row_of(chance.randint(1, 3)), secret_of(chance.randint(1, 3)), new_id(), "help"))
    return chance.choice(TEXTS)


def value(chance: random.Random, depth: int = 3) -> Any:
    """Anything that MessagePack and JSON can say."""
    kind = chance.randrange(9 if depth else 6)
    match kind:
        case 0 | 1:
            return text(chance).replace("\ud800", "?")
        case 2:
            return chance.choice(NUMBERS)
        case 3:
            return chance.choice((True, False, None))
        case 4:
            return chance.choice((0.5, 1e308, -0.0))
        case 5:
            return mutated(chance)[: chance.randint(0, 4000)]
        case 6:
            return [value(chance, depth - 1) for _ in range(chance.randint(0, 5))]
        case 7:
            return {text(chance).replace("\ud800", "?"): value(chance, depth - 1) for _ in range(chance.randint(0, 4))}
        case _:
            nested: Any = []
            for _ in range(chance.choice((10, 500, 3000))):
                nested = [nested]
            return nested


def fitting(chance: random.Random, kind: Any) -> Any:
    """A value of a frame field's type, odd within it."""
    origin = typing.get_origin(kind)
    if kind is str:
        return text(chance).replace("\ud800", "?")
    if kind is int:
        return chance.choice(NUMBERS)
    if kind is bool:
        return chance.random() < 0.5
    if kind is bytes:
        return chance.choice((honest, mutated))(chance)
    if origin in (list, tuple) or (origin is not None and origin not in (dict, typing.Union, types.UnionType)):
        parts = typing.get_args(kind)
        if origin is tuple and Ellipsis not in parts:
            return [fitting(chance, part) for part in parts]
        return [fitting(chance, parts[0]) for _ in range(chance.randint(0, 4))]
    if origin is dict:
        of_key, of_value = typing.get_args(kind)
        return {fitting(chance, of_key): fitting(chance, of_value) for _ in range(chance.randint(0, 3))}
    return value(chance)


def frame(chance: random.Random) -> bytes:
    """A frame of any tag: fitting, with a field of the wrong kind, or with its bytes broken."""
    struct = chance.choice(typing.get_args(Work))
    kinds = typing.get_type_hints(struct)
    said: list[Any] = [
        struct.__struct_config__.tag,
        *(fitting(chance, kinds[name]) for name in struct.__struct_fields__),
    ]
    if chance.random() < 0.3:
        at = chance.randrange(len(said))
        said[at : at + 1] = chance.choice(([], [value(chance)], [value(chance), value(chance)]))
    data = bytearray(_pack(said))
    if chance.random() < 0.3 and data:
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    del data[at : at + chance.randint(1, 8)]
                case 2:
                    data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
                case _:
                    data[at] = chance.choice((0xC1, 0xDD, 0xDF, 0xC6, 0xDB, 0xD4, 0xC9, 0x91, 0x80))
            if not data:
                break
    return bytes(data) or b"\xc0"


def bent(chance: random.Random, thing: Any) -> Any:
    """A JSON-like thing with one or two of its places replaced by something odd."""
    whole = [thing]
    for _ in range(chance.randint(1, 2)):
        place: Any = whole
        key: Any = 0
        while isinstance(place[key], dict | list) and place[key] and chance.random() < 0.75:
            place = place[key]
            key = chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
        if isinstance(place, dict) and chance.random() < 0.2:
            place[text(chance).replace("\ud800", "?")] = place.pop(key)
        else:
            place[key] = value(chance)
    return whole[0]


def as_json(thing: Any) -> bytes:
    """As JSON; too deep for the library is deep brackets."""
    try:
        return json.dumps(thing, default=lambda data: data.decode("latin-1")).encode("utf-8", "replace")
    except RecursionError:
        return b"[" * 3000 + b"]" * 3000


def _pack(said: list[Any]) -> bytes:
    try:
        return msgspec.msgpack.encode(said)
    except (RecursionError, OverflowError):
        return b"\x91" * 3000 + b"\xc0"
