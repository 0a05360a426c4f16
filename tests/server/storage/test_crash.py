"""kill -9 at random points under load: everything that was acknowledged is there after reopening."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from server.storage.sqlite import DATABASE, open_storage
from tests.contracts.building import BOOK
from tests.server.storage.test_verify import check

KILLS = 20
ROOT = Path(__file__).resolve().parents[3]


async def test_SO2_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    chance = random.Random(7_20)
    acked: list[tuple[str, str]] = []
    for seed in range(KILLS):
        said = run_and_kill(tmp_path, seed, after_lines=chance.randrange(1, 400))
        acked.extend(said)
        conn = sqlite3.connect(tmp_path / DATABASE)
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        known = set(conn.execute("SELECT row, edit FROM ledger").fetchall())
        conn.close()
        assert set(acked) <= known, f"lost after kill {seed}"
    assert len(acked) > KILLS
    store = open_storage(tmp_path)
    [(last,)] = store._all("SELECT last_seq FROM workbooks")
    log = store.log(BOOK, limit=last + 1)
    assert [entry.seq for entry in log] == list(range(1, last + 1))
    await store.close()
    assert check(tmp_path).differences == []


def run_and_kill(folder: Path, seed: int, *, after_lines: int) -> list[tuple[str, str]]:
    """What a child acknowledged before it was killed, in the middle of whatever it was doing."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.server.storage.crashing", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(after_lines)]
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    assert child.returncode == -signal.SIGKILL
    lines.extend(rest.splitlines(keepends=True))
    whole = [line.decode().split() for line in lines if line.endswith(b"\n")]
    return [(row, edit) for row, edit in whole]
