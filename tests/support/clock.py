"""A clock and chance that tests hold in their hand."""

from __future__ import annotations

import random

from schema.ids import ALPHABET

START_MS = 1_626_785_940_000  # 20 July 2021, 20:59 in Zhengzhou


class FakeClock:
    """Time that moves when told to; chance from a seed."""

    def __init__(self, *, now_ms: int = START_MS, seed: int = 0) -> None:
        self.ms = now_ms
        self._random = random.Random(seed)

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def random62(self, chars: int) -> str:
        return "".join(self._random.choice(ALPHABET) for _ in range(chars))

    def pass_s(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)
