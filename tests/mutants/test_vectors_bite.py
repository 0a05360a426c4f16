"""Every golden vector fails under some mistake in the code: one that never fails says nothing.

`killers.txt` names mutants that together fail every vector; `python -m tests.mutants.search` chooses them. A vector that none of them
fails (new, or the code changed) is hunted for among the mutants of what it runs through; what is found then is worth keeping.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.checks import FILES, checks, names, vectors
from tests.mutants.mutate import mutants_of
from tests.mutants.run import MODULES
from tests.mutants.search import KILLERS

ROOT = Path(__file__).resolve().parents[2]


def test_every_vector_fails_under_some_mutant_of_the_code() -> None:
    """In a process of its own: a mutant replaces modules, and pytest reads tests in its own way."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.mutants.bite"], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout)
    assert told["tried"] > 0
    assert told["unharmed"] == [], (
        "no mutant fails these vectors: say something else with them, or choose again: python -m tests.mutants.search"
    )


def test_every_vector_is_run_by_an_ordinary_test() -> None:
    named = names()
    run = Counter(check.vector for check in checks(named))
    assert [name for name in named.values() if not run[name]] == []


def test_no_two_vectors_of_a_file_say_the_same() -> None:
    for file in FILES:
        keys = Counter(vector.key for vector in vectors() if vector.file == file)
        assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("module", MODULES)
def test_mutants_are_the_same_each_time_and_each_differs_from_the_code(module: str) -> None:
    once, again = mutants_of(module), mutants_of(module)
    assert [mutant.name for mutant in once] == [mutant.name for mutant in again]
    assert len({mutant.name for mutant in once}) == len(once) > 0
    assert all(mutant.name.partition(" → ")[0].partition(": ")[2] != mutant.name.partition(" → ")[2] for mutant in once)


def test_the_killers_are_named_once_each() -> None:
    listed = KILLERS.read_text(encoding="utf-8").splitlines()
    assert len(set(listed)) == len(listed) > 0
