"""Protection: steps and their ends."""

from __future__ import annotations

from moderation.protection import Guard, step_of, steps_of


def test_PT2_a_guard_ends_by_itself() -> None:
    guards = {"help": Guard("careful", "有人捣乱", until_ms=1000), "hazard": Guard("verified")}
    assert step_of(guards, "help", 999) == "careful"
    assert step_of(guards, "help", 1000) == "open"
    assert step_of(guards, "hazard", 10**15) == "verified"
    assert step_of(guards, "shelter", 0) == "open"
    assert steps_of(guards, 999) == {"help": "careful", "hazard": "verified"}
    assert steps_of(guards, 1000) == {"hazard": "verified"}
