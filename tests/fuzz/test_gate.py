"""Mutated updates at the gate, in a child process: nothing but canonical edits passes, and what passes harms nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time

from schema.encoding import encode_edit
from schema.errors import ProtocolError
from schema.gate import read_edit
from server.replica import Replica, same_cells
from tests.fuzz.mutations import honest, mutated

INPUTS = 200_000  # 12 s; `make proof` runs fifty times as many (tests.fuzz.proof)
SEED = 20210720
SLOW_S = 0.1


def test_ED1_ED3_SE8_of_many_mutated_updates_none_crashes_hangs_or_lies() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.test_gate", str(INPUTS), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {SEED}: the child died with {done.returncode}: {done.stderr[-500:]}"
    report = json.loads(done.stdout)
    assert report["inputs"] == INPUTS
    assert report["slow"] == 0, f"seed {SEED}: {report}"
    assert report["lies"] == 0, f"seed {SEED}: {report}"
    assert report["passed"] > 0, "no mutation survived: the mutations are too coarse to test anything"


def test_ED1_every_honest_update_passes() -> None:
    chance = random.Random(SEED)
    for _ in range(3000):
        update = honest(chance)
        assert encode_edit(read_edit(update)) == update


def main(inputs: int, seed: int) -> dict[str, int]:
    """Throw `inputs` mutations at the gate; what passes goes into yrs and must fold to what the gate read."""
    chance = random.Random(seed)
    report = {"inputs": 0, "passed": 0, "slow": 0, "lies": 0}
    for _ in range(inputs):
        update = mutated(chance)
        started = time.process_time()
        try:
            edit = read_edit(update)
        except ProtocolError:
            edit = None
        report["inputs"] += 1
        if edit is not None:
            report["passed"] += 1
            replica = Replica([update])
            again = Replica([replica.update_since(b"")])
            written = {path: value for path, value in edit.writes.items() if edit.edit not in edit.seen.get(path, ())}
            folded = {path: live[0].value for path, live in again.cells().items()}
            report["lies"] += folded != written or not same_cells(replica.cells(), again.cells())
        report["slow"] += time.process_time() - started > SLOW_S
    return report


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
