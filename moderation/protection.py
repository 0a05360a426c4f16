"""Protection: how far a sheet is closed to changes, by whom, why, until when. Adding stays open at every step.

Pure. Imported by the judge's callers. Rules PT1–PT4 of docs/spec/protection.md.

    open ⇄ careful ⇄ verified        a steward moves it either way; past its end it reads as open again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = ("open", "careful", "verified")


@dataclass(frozen=True, slots=True)
class Guard:
    """A sheet's protection as a steward set it. `until_ms` 0: until somebody lowers it."""

    step: str
    reason: str = ""
    until_ms: int = 0
    by: str = ""
    since_ms: int = 0


OPEN = Guard("open")


def step_of(guards: Mapping[str, Guard], sheet: str, now_ms: int) -> str:
    """The step a sheet is at now (rule PT2)."""
    guard = guards.get(sheet, OPEN)
    return "open" if guard.until_ms and now_ms >= guard.until_ms else guard.step


def steps_of(guards: Mapping[str, Guard], now_ms: int) -> dict[str, str]:
    """Every sheet that is not open now, and its step."""
    steps = {sheet: step_of(guards, sheet, now_ms) for sheet in sorted(guards)}
    return {sheet: step for sheet, step in steps.items() if step != "open"}
