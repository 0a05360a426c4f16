"""Who may import what: the arrows between the rooms, and one importer per dependency."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import grimp
import pytest

from tests.architecture.tree import ROOMS, ROOT, python_files

# All that the pure rooms may import directly. Longer than the forbidden list in imports.toml is strict:
# a new name here is a decision.
PURE = {
    "__future__",
    "base64",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",  # reads and writes times; what asks for the present one is found below
    "decimal",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "importlib",  # reads the definitions that ship with schema
    "itertools",
    "json",
    "math",
    "operator",
    "pathlib",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "array",
    "rapidfuzz",  # longest common subsequence of two texts in 5 µs, where difflib takes milliseconds; no I/O
    "geocoordinates_ffi",  # geocoordinates-rs: datum conversions, a pure library
}

# dependency -> the only modules (or folders, ending in a dot) that may import it
IMPORTERS = {
    "pycrdt": ("server.replica",),
    "sqlite_utils": ("server.storage.",),
    "sqlite3": ("server.storage.",),
    "starlette": ("server.app", "server.sockets", "server.web.", "server.sync.endpoint", "server.yjs.endpoint"),
    "uvicorn": ("server.cli",),
    "websockets": (),
    "time": ("server.clock",),
    "random": ("server.clock",),
    "secrets": ("server.clock",),
    "uuid": (),
    "openpyxl": ("server.imports.", "server.exports"),
    "defusedxml": ("server.imports.",),
    "ifaddr": ("server.addresses",),
    "segno": ("server.addresses", "server.web."),
}

# Names that read the clock or draw chance without importing one of the modules above.
CLOCK_CALLS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "os.urandom",
    "urandom",
}


@lru_cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


def test_the_import_contracts_hold() -> None:
    config = ROOT / "tests" / "architecture" / "imports.toml"
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("lint-imports")),
            "--config",
            str(config),
            "--no-cache",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ["schema", "moderation"])
def test_the_pure_rooms_import_only_what_is_named_here(room: str) -> None:
    foreign = {
        f"{module} imports {imported}"
        for module in graph().modules
        if module.split(".")[0] == room
        for imported in graph().find_modules_directly_imported_by(module)
        if imported.split(".")[0] not in ROOMS and imported.split(".")[0] not in PURE
    }
    assert not foreign


@pytest.mark.parametrize("dependency", sorted(IMPORTERS))
def test_each_dependency_has_one_home(dependency: str) -> None:
    if dependency not in graph().modules:
        return
    strays = {
        module
        for module in graph().find_modules_that_directly_import(dependency)
        if not any(_within(module, home) for home in IMPORTERS[dependency])
    }
    assert not strays, f"{dependency} is imported by {sorted(strays)}; allowed: {IMPORTERS[dependency]}"


def test_only_the_clock_reads_the_clock() -> None:
    calls = {
        f"{path.relative_to(ROOT)}:{node.lineno} {name}"
        for path in python_files()
        if path != ROOT / "server" / "clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name) and (name := ast.unparse(node)) in CLOCK_CALLS
    }
    assert not calls


def test_only_the_command_line_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    }
    # The fence hands the environment on to the child that reads a stranger's file.
    assert readers <= {"server/cli.py", "server/imports/fence.py"}


def test_no_log_line_is_built_before_it_is_wanted() -> None:
    """ruff's G rules hold the loggers; this holds print, which has no level at all."""
    printing = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files()
        if path != ROOT / "server" / "cli.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert not printing


def _within(module: str, home: str) -> bool:
    return module == home or (home.endswith(".") and (module + ".").startswith(home))
