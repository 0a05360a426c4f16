"""Every attack fails on the program as it is, and got through on the build without its rule: so the rule is what stops it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moderation.vandalism import switch
from server.room import Room
from tests.attacks.attack import Attack
from tests.attacks.on_edits import EDIT_ATTACKS
from tests.attacks.on_reading import READING_ATTACKS
from tests.attacks.on_sessions import SESSION_ATTACKS
from tests.support.rooms import open_room, storage_of

ATTACKS = [*EDIT_ATTACKS, *SESSION_ATTACKS, *READING_ATTACKS]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    switch(
        made.guard.state, on=False
    )  # a second net under many of these: the rules against vandalism are tested on their own
    yield made
    await storage_of(made).close()


def named(attack: Attack) -> str:
    return f"{attack.rule} {attack.name}"


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
async def test_the_program_stops_the_attack(room: Room, attack: Attack) -> None:
    assert await attack.act(room) is False


@pytest.mark.parametrize("attack", ATTACKS, ids=named)
async def test_the_build_without_the_rule_lets_it_through(
    room: Room, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack.sabotage(monkeypatch)
    assert await attack.act(room) is True
