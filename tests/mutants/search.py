"""Chooses the mutants that show each vector to bite, and lists what no vector notices. Run by hand:

    .venv/bin/python -m tests.mutants.search                 every module (6,000 mutants, some minutes), writes killers.txt
    .venv/bin/python -m tests.mutants.search schema.row ...  the survivors of these, writes nothing

A mutant that fails half of a file shows nothing about one vector of it, so of those that a vector notices the one that the fewest notice
is taken.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.mutants.checks import names
from tests.mutants.mutate import Mutant, mutants_of
from tests.mutants.run import MODULES, Outcome, run

KILLERS = Path(__file__).with_name("killers.txt")
NARROW = 6  # vectors; a mutant noticed by no more may stand for several, to keep the list short


def all_mutants(modules: Iterable[str] = MODULES) -> list[Mutant]:
    """Every mutant of the modules, each name once."""
    return [mutant for module in modules for mutant in mutants_of(module)]


def counted(outcome: Outcome, sizes: Mapping[str, int]) -> frozenset[str]:
    """The vectors that a mutant shows to bite: those it fails in files of which it leaves at least half standing."""
    failed = Counter(file_of(name) for name in outcome.vectors)
    return frozenset(name for name in outcome.vectors if failed[file_of(name)] * 2 <= sizes[file_of(name)])


def file_of(vector: str) -> str:
    """The file a vector lies in, by its name."""
    return vector.partition("/")[0]


def choose(outcomes: Iterable[Outcome]) -> list[str]:
    """Names of mutants that together show every vector that any shows, narrow ones first."""
    sizes = Counter(file_of(name) for name in names().values())
    shows = {outcome.mutant.name: counted(outcome, sizes) for outcome in outcomes if outcome.vectors}
    shown_by: dict[str, list[str]] = {}
    for mutant, shown in shows.items():
        for vector in shown:
            shown_by.setdefault(vector, []).append(mutant)
    chosen: list[str] = []
    left = set(shown_by)
    for vector in sorted(shown_by, key=lambda name: (min(len(shows[m]) for m in shown_by[name]), name)):
        if vector not in left:
            continue
        narrowest = min(len(shows[mutant]) for mutant in shown_by[vector])
        fit = [m for m in shown_by[vector] if len(shows[m]) <= max(narrowest, NARROW)]
        best = max(fit, key=lambda m: (len(shows[m] & left), -len(shows[m]), m))
        chosen.append(best)
        left -= shows[best]
    return sorted(chosen)


def main(modules: list[str]) -> None:
    begun = time.monotonic()
    mutants = all_mutants(modules or MODULES)
    outcomes = []
    for at, outcome in enumerate(run(mutants, others=True), 1):
        outcomes.append(outcome)
        if at % 200 == 0:
            print(f"{at} of {len(mutants)} mutants, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    born = [outcome for outcome in outcomes if outcome.born]
    for module in modules or MODULES:
        own = [outcome for outcome in born if outcome.mutant.module == module]
        by_vector = sum(bool(outcome.vectors) for outcome in own)
        alive = sorted((o.mutant.line, o.mutant.name) for o in own if not o.vectors and not o.tests)
        print(
            f"{module}: {len(own)} mutants, {by_vector} noticed by a vector, {len(own) - by_vector - len(alive)} by a test"
        )
        if modules:
            print("\n".join(f"  {line}: {name}" for line, name in alive))
    if not modules:
        chosen = choose(born)
        KILLERS.write_text("\n".join(chosen) + "\n", encoding="utf-8")
        alone = {next(iter(o.vectors)) for o in born if len(o.vectors) == 1}
        shown = set().union(*(o.vectors for o in born))
        print(
            f"{len(chosen)} mutants show {len(shown)} of {len(names())} vectors; {len(alone)} alone notice some mutant"
        )
        print("\n".join(f"  never fails: {name}" for name in names().values() if name not in shown))


if __name__ == "__main__":
    main(sys.argv[1:])
