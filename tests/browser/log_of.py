"""Every accepted write in a workbook's log, as JSON lines, read from the database while no server runs.

Arguments: the data folder, the workbook. Each line: sheet, row number, tier, path, value, origin.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from schema.gate import read_edit
from server.storage.sqlite import open_storage


async def write(folder: Path, workbook: str) -> None:
    """Reads the log itself, not the tables derived from it: what was acknowledged must be there."""
    storage = open_storage(folder)
    after = 0
    numbers: dict[tuple[str, str], int] = {}
    while entries := storage.log(workbook, after=after):
        after = entries[-1].seq
        for entry in entries:
            key = (entry.sheet, entry.row)
            if key not in numbers:
                view = storage.view_row(workbook, *key)
                numbers[key] = view.no if view is not None else 0
            for path, value in read_edit(entry.update).writes.items():
                line = [entry.sheet, numbers[key], entry.tier, path, value, entry.origin]
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    await storage.close()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2]))
