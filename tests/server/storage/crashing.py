"""The child of `test_crash.py`: writes under load and says each durable edit on stdout, until it is killed.

I/O. Run as `python -m tests.server.storage.crashing FOLDER SEED`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from server.storage.sqlite import open_storage
from tests.contracts.building import BOOK, Author, Row, Wish, audit, row_of, workbook

WRITERS = 20


async def run(folder: Path, seed: int) -> None:
    store = open_storage(folder)
    if store.workbook(BOOK) is None:
        await store.add_workbook(workbook())

    async def write(number: int) -> None:
        author = Author(offset=(seed * WRITERS + number) * 100_000)
        while True:
            row = Row(row_of((seed * WRITERS + number) * 100_000 + author.made))
            first = author.edit({"place": "米河镇", "geo": ["34.7", "113.2", "wgs84", "", ""]})
            private = author.edit({"contact_phone": "14212345678"})
            await said(row, [first.edit, private.edit], row.change(first, Wish(private, "private")))
            second = author.edit({"place": "小里河村"}, {"place": [first.edit]})
            suggested = Wish(author.edit({"urgency": "high"}), verdict="suggested", reason="held")
            await said(row, [second.edit, suggested.edit.edit], row.change(second, suggested, audit=(audit(),)))

    async def said(row: Row, edits: list[str], change: object) -> None:
        await store.commit([change])  # type: ignore[list-item]
        os.write(1, "".join(f"{row.row} {edit}\n" for edit in edits).encode())

    await asyncio.gather(*(write(number) for number in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
