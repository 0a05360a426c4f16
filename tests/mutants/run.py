"""Runs the vectors against mutants: one forked child for each, with the mutant in the place of its module.

The parent has everything imported; a child imports anew only what stands on the mutated module, so that a mutant costs some twenty
milliseconds. Time and memory of a child are bounded: some mutants never end.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import os
import resource
import select
import signal
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.checks import TESTS, checks, names
from tests.mutants.mutate import Mutant

MODULES = (
    "schema.ids", "schema.values", "schema.edits", "schema.encoding", "schema.gate", "schema.row", "schema.phones", "schema.texts",
    "schema.coordinates", "schema.status", "schema.fields", "schema.fields.boolean", "schema.fields.choice",
    "schema.fields.choices", "schema.fields.claim", "schema.fields.integer", "schema.fields.link", "schema.fields.log",
    "schema.fields.moment", "schema.fields.parsed", "schema.fields.phone", "schema.fields.position",
    "schema.fields.reference", "schema.fields.text", "moderation.judge", "moderation.claims", "moderation.roles",
)  # fmt: skip
ROOMS = ("schema", "moderation", "tests.schema", "tests.moderation", "tests.support")
CHECK_S = 0.5  # processor time of one check; the slowest takes 3 ms
CHILD_S = 10
CHILD_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What failed under one mutant. `born`: the module could be imported at all, and the child came to its end."""

    mutant: Mutant
    born: bool
    vectors: frozenset[str]
    tests: frozenset[str]


class _TooLong(BaseException):
    """A check that used up its time."""


def run(mutants: Iterable[Mutant], *, workers: int = 2, others: bool = False) -> Iterator[Outcome]:
    """What each mutant does to the vectors, in the order in which children end; `others`: to the tests beside them too."""
    named = names()
    for test in TESTS:
        importlib.import_module(test)
    standing = _dependents()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of the parent
    running: dict[int, tuple[int, Mutant, list[bytes]]] = {}
    waiting = iter(mutants)
    more = True
    while more or running:
        while more and len(running) < workers:
            mutant = next(waiting, None)
            if mutant is None:
                more = False
                break
            read, child = _start(lambda m=mutant: _check(m, standing[m.module], named, others))  # type: ignore[misc]
            running[read] = (child, mutant, [])
        for read in select.select(list(running), [], [])[0] if running else ():
            chunk = os.read(read, 1 << 16)
            child, mutant, chunks = running[read]
            if chunk:
                chunks.append(chunk)
                continue
            os.close(read)
            os.waitpid(child, 0)
            del running[read]
            found = json.loads(b"".join(chunks) or b"null")
            if found is None:
                yield Outcome(mutant, False, frozenset(), frozenset())
            else:
                yield Outcome(mutant, True, frozenset(found["vectors"]), frozenset(found["tests"]))


def _start(work: Callable[[], dict[str, list[str]] | None]) -> tuple[int, int]:
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return read, child
    try:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_CPU, (CHILD_S, CHILD_S))
        resource.setrlimit(resource.RLIMIT_AS, (CHILD_BYTES, CHILD_BYTES))
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(work()).encode())
    finally:
        os._exit(0)


def _check(mutant: Mutant, standing: set[str], named: dict[str, str], others: bool) -> dict[str, list[str]] | None:
    gc.disable()
    signal.signal(signal.SIGVTALRM, _too_long)
    try:
        _install(mutant, standing)
        touched = tuple(test for test in TESTS if test in standing)
        calls = [check for check in checks(named, tests=touched) if others or check.vector]
    except Exception:
        return None
    failed: dict[str, list[str]] = {"vectors": [], "tests": []}
    for check in calls:
        signal.setitimer(signal.ITIMER_VIRTUAL, CHECK_S)
        try:
            check.call()
        except (Exception, _TooLong, pytest.fail.Exception):  # the last: `raises` where nothing was raised
            failed["vectors" if check.vector else "tests"].append(check.vector or check.test)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return failed


def _too_long(number: int, frame: types.FrameType | None) -> None:
    raise _TooLong


def _install(mutant: Mutant, standing: set[str]) -> None:
    """Put the mutant in the place of its module: whatever stands on it forgets it and is imported again."""
    code = mutant.compile()
    honest = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> types.CodeType | None:
        return code if fullname == mutant.module else honest(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]
    for name in {mutant.module} | standing:
        sys.modules.pop(name, None)
    importlib.import_module(mutant.module)


def _dependents() -> dict[str, set[str]]:
    """{module: every loaded module of ours that imports it, through others too}."""
    direct: dict[str, set[str]] = {}
    for name in [n for n in sys.modules if n.startswith(ROOMS)]:
        for imported in _imports(name):
            direct.setdefault(imported, set()).add(name)
    whole: dict[str, set[str]] = {}
    for module in direct:
        found: set[str] = set()
        todo = [module]
        while todo:
            more = direct.get(todo.pop(), set()) - found
            found |= more
            todo += more
        whole[module] = found
    return whole


def _imports(name: str) -> Iterator[str]:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
