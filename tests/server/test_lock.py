"""One process at a time on a data folder, held against a real second process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import StorageError
from server.lock import Lock

HOLD = """
import sys
from pathlib import Path
from server.lock import Lock

with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StorageError, match="another rescue-sheet process") as caught, Lock(tmp_path):
            raise AssertionError("two hold it")
        assert caught.value.code == "data-in-use"
    finally:
        other.kill()
        other.communicate()
    with Lock(tmp_path):
        pass


def test_the_folder_is_made_and_the_lock_let_go_after_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with pytest.raises(RuntimeError), Lock(folder):
        raise RuntimeError
    with Lock(folder):
        assert folder.is_dir()


def test_a_folder_that_cannot_be_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught, Lock(tmp_path / "file" / "data"):
        raise AssertionError("locked nothing")
    assert caught.value.code == "storage-unreachable"
