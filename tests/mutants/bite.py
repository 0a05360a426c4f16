"""Runs the pinned mutants, then hunts for the vectors they left; prints `{tried, unharmed}`. Run by test_vectors_bite.py."""

from __future__ import annotations

import json
import sys
import types
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from tests.mutants.checks import checks, names
from tests.mutants.mutate import Mutant
from tests.mutants.run import MODULES, run
from tests.mutants.search import KILLERS, all_mutants, counted, file_of

MOST_HUNTED = 500  # mutants, some 25 s: a vector or two that came with new code, not a new list


def bite(pinned: frozenset[str], *, hunts: int = MOST_HUNTED) -> dict[str, object]:
    """How many mutants were tried, and the vectors that none of them fails."""
    named = names()
    sizes = Counter(file_of(name) for name in named.values())
    mutants = all_mutants()
    left = set(named.values())
    tried = 0
    for outcome in run([mutant for mutant in mutants if mutant.name in pinned]):
        tried += 1
        left -= counted(outcome, sizes)
    if left:
        for outcome in run(_hunted(left, named, mutants, most=hunts)):
            tried += 1
            left -= counted(outcome, sizes)
            if not left:
                break
    return {"tried": tried, "unharmed": sorted(left)}


def _hunted(left: set[str], named: dict[str, str], mutants: list[Mutant], *, most: int) -> Iterator[Mutant]:
    """In turn for each vector that is still left, the mutants of the functions it runs through, the rarest functions first."""
    through = {check.vector: _functions(check.call) for check in checks(named) if check.vector}
    often = Counter(place for places in through.values() for place in places)
    ranked = sorted(mutants, key=lambda mutant: (often[_place(mutant)], zlib.crc32(mutant.name.encode())))
    waiting = {
        vector: iter([mutant for mutant in ranked if _place(mutant) in through.get(vector, ())]) for vector in left
    }
    tried: set[str] = set()
    while len(tried) < most and (still := sorted(left & waiting.keys())):
        for vector in still:
            mutant = next((mutant for mutant in waiting[vector] if mutant.name not in tried), None)
            if mutant is None:
                del waiting[vector]
            else:
                tried.add(mutant.name)
                yield mutant


def _place(mutant: Mutant) -> tuple[str, str]:
    return mutant.module, mutant.name.removeprefix(mutant.module).partition(":")[0].rpartition(".")[2]


def _functions(call: Callable[[], object]) -> set[tuple[str, str]]:
    """(module, function) of ours that a call runs through."""
    found: set[tuple[str, str]] = set()

    def note(frame: types.FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_globals.get("__name__") in MODULES:
            found.add((frame.f_globals["__name__"], frame.f_code.co_name))

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


if __name__ == "__main__":
    print(json.dumps(bite(frozenset(KILLERS.read_text(encoding="utf-8").splitlines())), ensure_ascii=False))
