"""The repository as the architecture tests see it: its root, its tracked files, their text.

Reads files and asks git. Imported by the tests beside it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schema", "moderation", "server")


@lru_cache
def tracked() -> tuple[Path, ...]:
    """Every file in git's index that is still there."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """(name, text) of every tracked text file, and of every part of a tracked workbook."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with ZipFile(path) as archive:
                for part in archive.namelist():
                    yield f"{name}!{part}", archive.read(part).decode("utf-8", "replace")
        elif b"\0" not in content:
            yield name, content.decode("utf-8", "replace")


def python_files() -> Iterator[Path]:
    """Every Python file of the three rooms, tracked or not yet."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
