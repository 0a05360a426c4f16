"""Time and chance: the only module that reads a clock or draws a random number.

I/O. Imported by `server/`; tests pass their own `Clock`.
"""

from __future__ import annotations

import secrets
import time
from typing import Protocol

from schema.ids import ALPHABET, EDIT_ID_CHARS, SECRET_CHARS


class Clock(Protocol):
    """What the server asks of time and chance."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def random62(self, chars: int) -> str:
        """That many unguessable base-62 characters."""


class SystemClock:
    """The machine's own."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def random62(self, chars: int) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(chars))


def new_edit_id(clock: Clock) -> str:
    """A fresh edit id."""
    return clock.random62(EDIT_ID_CHARS)


def new_secret(clock: Clock) -> str:
    """A fresh capability: row link, invite, session, device."""
    return clock.random62(SECRET_CHARS)
