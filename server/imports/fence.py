"""The child process a foreign file is read and planned in: 512 MB, bounded CPU, and then it is dead, not the server.

I/O: starts a process. Imported by `server.cli` and `server.web`. Planning runs behind the fence too: it is pure, but its patterns run over
text from anywhere, and a pattern that takes for ever would take the server with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.imports.child import FAILED, Failure, Task, too_heavy
from server.imports.errors import ImportFailed
from server.imports.plan import ImportPlan

MAX_FILE_BYTES = 32 * 1024 * 1024
CHILD = [sys.executable, "-m", "server.imports.child"]
MAX_WALL_S = 120  # a busy machine may need longer than its CPU time

Given = Mapping[str, Mapping[str, object] | None]


def plan_file(data: bytes, name: str, *, key: str, given: Given | None = None) -> ImportPlan:
    """What importing a file would do; `key` is the workbook's, `given` a map (rule IM12). Raises ImportFailed.

    Blocks for seconds: call it from a thread.
    """
    if not data.strip():
        raise ImportFailed("file-empty", "the file is empty")
    if len(data) > MAX_FILE_BYTES:
        raise ImportFailed(
            "file-too-large",
            f"the file has {len(data) / 1e6:.0f} MB, more than {MAX_FILE_BYTES / 1e6:.0f} MB",
            "remove pictures, or split it",
        )
    task = Task(
        display_name(name), key, {sheet: dict(says) if says else None for sheet, says in (given or {}).items()}, data
    )
    return msgspec.msgpack.decode(_run(msgspec.msgpack.encode(task)), type=ImportPlan)


def read_map(text: str | bytes) -> dict[str, dict[str, object] | None]:
    """A map from JSON: {sheet: {header: path}}, or null for a sheet to leave out. Raises ImportFailed."""
    try:
        return msgspec.json.decode(text, type=dict[str, dict[str, object] | None])
    except msgspec.DecodeError as error:
        raise ImportFailed(
            "map-malformed",
            f"the map is not JSON of the form {{sheet: {{header: path}}}}: {error}",
            "a dry run prints one to begin with",
        ) from error


def display_name(name: str) -> str:
    """A file's name as provenance: no folder, no control characters, at most 80 of them."""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1]).strip()[-80:] or "file"


def _run(task: bytes) -> bytes:
    room = Path(__file__).resolve().parents[2]
    paths = [str(room), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    try:
        done = subprocess.run(
            CHILD,
            input=task,
            capture_output=True,
            timeout=MAX_WALL_S,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise too_heavy() from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode == FAILED:
        failure = msgspec.msgpack.decode(done.stdout, type=Failure)
        raise ImportFailed(failure.code, failure.message, failure.hint)
    if done.returncode < 0:  # ended by a signal: the kernel's, for CPU or memory
        raise too_heavy()
    # A fault of ours, not of the file's size. Its traceback may hold cells of the file, so only its last line's type is told.
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
    raise ImportFailed(
        "file-not-read",
        f"reading the file failed ({last[:60] or 'no reason given'})",
        "save it as CSV and import that; and tell whoever looks after this program",
    )
