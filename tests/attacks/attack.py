"""What an attack is: an act that must fail here and must have succeeded on a build without the rule.

`sabotage` takes one rule out of the running program (monkeypatch puts it back); `act` tries and says whether it got through.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from server.room import Room

Sabotage = Callable[[pytest.MonkeyPatch], None]
Act = Callable[[Room], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Attack:
    """`rule` is an id of docs/spec; `act` answers True where the attack got through."""

    name: str
    rule: str
    sabotage: Sabotage
    act: Act
