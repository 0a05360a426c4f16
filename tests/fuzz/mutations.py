"""Honest updates made hostile: seeded mutations of bytes, nothing ready-made."""

from __future__ import annotations

import random

from schema.encoding import encode_edit
from schema.values import Value
from tests.support.edits import ANN, BO, new_id, write

TEXTS = ("水到二楼", "🆘", "", "a" * 120, "14212345678", "河边" * 40)
CONTENTS = bytes((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x28, 0x88, 0x48, 0xA8, 0xC8, 0x87, 0x84, 0x81, 0x8A, 0x27))


def honest(chance: random.Random) -> bytes:
    """The canonical update of some edit."""
    paths = chance.sample(["summary", "place", "floor", "needs:boat", "geo", "people_total"], chance.randint(1, 4))
    values: list[Value] = [
        chance.choice(TEXTS),
        chance.randint(-5, 2**33),
        chance.random(),
        True,
        None,
        ["34.7", "113.6"],
    ]
    seen = {path: sorted({new_id() for _ in range(chance.randint(1, 3))}) for path in paths if chance.random() < 0.4}
    return encode_edit(write(chance.choice((ANN, BO)), {path: chance.choice(values) for path in paths}, seen=seen))


def mutated(chance: random.Random) -> bytes:
    """One to four mutations of an honest update."""
    data = bytearray(honest(chance))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data)) if data else 0
        kind = chance.randrange(9)
        if kind == 0 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1 and data:
            data[at] = chance.choice(CONTENTS)
        elif kind == 2:
            data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        elif kind == 3:
            del data[at : at + chance.randint(1, 8)]
        elif kind == 4:
            other = honest(chance)
            data[at:] = other[chance.randrange(len(other)) :]
        elif kind == 5:
            data += bytes((1, chance.randrange(128), 1, chance.randrange(128), chance.randrange(128)))
        elif kind == 6:
            data[at:at] = data[: chance.randint(1, 30)]
        elif kind == 7 and data:
            data[at : at + 1] = bytes((0x80 | data[at], *([0x80] * chance.randint(0, 6)), chance.randrange(128)))
        else:
            data[at:at] = bytes((0x75, 0x01)) * chance.randint(1, 2000)
    return bytes(data)
