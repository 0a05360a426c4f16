"""Rows read beside the loop, by a connection of its own."""

from __future__ import annotations

from pathlib import Path

from server.storage.scan import Scan
from tests.support.edits import row_of, write
from tests.support.rooms import actor, open_room, storage_of, submit


async def test_du21_pages_hold_every_row_once_and_touched_says_what_came_since(tmp_path: Path) -> None:
    room = await open_room(tmp_path)
    ann = actor("ann")
    for row in range(1, 8):
        await submit(room, ann, write(ann, {"place": f"桥头{row}"}), row=row)
    scan = Scan(storage_of(room).path)
    rows, after = [], -1
    while (page := scan.page("flood", after=after, limit=3))[0]:
        rows += page[0]
        assert len(page[0]) <= 3 and page[1] > after
        after = page[1]
    assert [one.row for one in rows] == [row_of(row) for row in range(1, 8)]
    assert [one.no for one in rows] == list(range(1, 8))
    last = scan.last_seq("flood")
    assert scan.touched("flood", after=last, limit=9) == ([], last)
    answer = await submit(
        room, ann, write(ann, {"people_total": 3}), ("private", write(ann, {"contact_phone": "14212345678"})), row=2
    )
    touched, reached = scan.touched("flood", after=last, limit=9)
    assert touched == [("help", row_of(2))] and reached == answer.seq > last
    found = scan.row("flood", "help", row_of(2))
    assert found is not None and found.private["contact_phone"][0].value == "14212345678" and not found.erased
    assert scan.row("flood", "help", row_of(99)) is None and scan.last_seq("nowhere") == 0
    scan.close()
    assert scan.row("flood", "help", row_of(1)) is not None, "opened anew"
    scan.close()
    await room.storage.close()
