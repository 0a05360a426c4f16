"""The ordinary tests of the golden vectors, as calls: which vector, and what checks it. No second reading of a vector.

A check is a test function of the modules below with one set of its parameters, one of which is a vector. Imports what it names anew each
time it is asked, so that a mutant put in before is what is checked.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "schema" / "vectors"
FILES = ("ids", "edits", "rows", "judge", "fields", "masks", "status")
TESTS = (
    "tests.schema.test_ids", "tests.schema.test_edits", "tests.schema.test_gate", "tests.schema.test_row",
    "tests.schema.test_fields", "tests.schema.test_texts", "tests.schema.test_status", "tests.moderation.test_judge",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vector:
    """One golden vector: where it lies, and the whole of it."""

    file: str
    part: str
    index: int
    case: dict[str, Any]

    @property
    def name(self) -> str:
        """For people, and stable while its words are: `judge/cases: anyone adds a note`."""
        says = " ".join(str(self.case[key]) for key in ("field", "why") if key in self.case)
        return f"{self.file}/{self.part}: {says or json.dumps(self.case, ensure_ascii=False)}"

    @property
    def key(self) -> str:
        """What it says, to find it among the parameters of a test."""
        return json.dumps(self.case, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Check:
    """One call of a test: `vector` is the name of the vector it checks, "" for a test of something else."""

    test: str
    vector: str
    call: Callable[[], object]


def vectors() -> list[Vector]:
    """Every vector of every file, in their order."""
    found = []
    for file in FILES:
        parts = json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))
        for part, cases in parts.items():
            if isinstance(cases, list):
                found += [Vector(file, part, index, case) for index, case in enumerate(cases)]
    return found


def names() -> dict[str, str]:
    """{key: name} of every vector; of several of one name the later ones are numbered."""
    times: Counter[str] = Counter()
    found = {}
    for vector in vectors():
        times[vector.name] += 1
        found[vector.key] = vector.name if times[vector.name] == 1 else f"{vector.name} ({times[vector.name]})"
    return found


def checks(named: dict[str, str], *, tests: tuple[str, ...] = TESTS) -> Iterator[Check]:
    """Every call of the tests; `named` is {key: name} of the vectors."""
    for module in tests:
        for name, test in vars(importlib.import_module(module)).items():
            if name.startswith("test_") and inspect.isfunction(test) and test.__module__ == module:
                yield from _calls(name, test, named)


def _calls(name: str, test: Callable[..., object], named: dict[str, str]) -> Iterator[Check]:
    if hasattr(test, "hypothesis"):
        return  # a law, with cases of its own making
    sets: list[list[dict[str, Any]]] = []
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            sets.append([_bound(mark.args[0], values) for values in mark.args[1]])
    for chosen in itertools.product(*sets):
        given = {key: value for part in chosen for key, value in part.items()}
        if set(given) != set(inspect.signature(test).parameters):
            return
        vector = next((named[key] for key in map(_key, given.values()) if key in named), "")
        yield Check(name, vector, lambda given=given: test(**given))  # type: ignore[misc]


def _bound(names: str | tuple[str, ...], values: Any) -> dict[str, Any]:
    listed = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    given = values.values if hasattr(values, "marks") else (values if len(listed) > 1 else (values,))
    return dict(zip(listed, given, strict=True))


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else ""
