"""Ten million mutated updates at the gate, spread over this machine's cores; every seed is printed, so that a failing one is one command.

I/O: starts processes, prints. Run by `make proof`: python -m tests.fuzz.proof [inputs].
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

INPUTS = 10_000_000
BATCH = 250_000
FIRST_SEED = 20210720_000


def batch(number: int) -> tuple[int, int, str]:
    """(seed, exit code, what it printed) of one child."""
    seed = FIRST_SEED + number
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.test_gate", str(BATCH), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    return seed, done.returncode, done.stdout.strip() or done.stderr[-300:]


def main(inputs: int) -> int:
    """0 where no input crashed, hung, or was folded to anything but what the gate had read."""
    started, totals, failed = time.monotonic(), {"inputs": 0, "passed": 0, "slow": 0, "lies": 0}, []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for seed, code, said in pool.map(batch, range(max(1, inputs // BATCH))):
            print(f"seed {seed}: exit {code} {said}", flush=True)
            if code:
                failed.append(seed)
                continue
            report = json.loads(said)
            totals = {name: totals[name] + report[name] for name in totals}
            if report["slow"] or report["lies"]:
                failed.append(seed)
    print(f"gate: {totals} in {time.monotonic() - started:.0f} s; failing seeds: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS))
