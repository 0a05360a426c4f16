"""How a workbook begins, on a real store in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema.sheets import load_sheet
from server.clock import SystemClock
from server.drill import WORKBOOK as DRILL
from server.drill import drill_rows, file_drill
from server.errors import SettingsError
from server.founding import FIRST, found, found_first, owner_invitation, room_of
from server.identity import join
from server.storage.sqlite import open_storage

CLOCK = SystemClock()


async def test_a_new_store_begins_with_a_workbook_and_a_drill(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    assert await found_first(storage, CLOCK, drill=True)
    assert {(workbook.id, workbook.drill) for workbook in storage.workbooks()} == {(FIRST, False), (DRILL, True)}
    assert storage.count_rows(FIRST, over=None) == 0
    assert storage.count_rows(DRILL, over=None) == len(list(drill_rows()))
    assert not await found_first(storage, CLOCK, drill=True)
    await storage.close()


async def test_the_drill_holds_something_of_everything(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    await found_first(storage, CLOCK, drill=True)
    rows = storage.list_rows(DRILL, sheet="help", over=None, limit=100)
    conflicted = {row.no for row in rows if any(len(live) > 1 for live in row.cells.values())}
    claims = [sum(path.startswith("claim:") for path in row.cells) for row in rows]
    assert len(rows) == 40
    assert len(conflicted) == 2
    assert sorted(claims, reverse=True)[:3] == [2, 1, 1]
    assert any(row.columns.over for row in rows) and not all(row.columns.over for row in rows)
    await storage.close()


async def test_no_telephone_of_the_drill_is_public(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    await found_first(storage, CLOCK, drill=True)
    phones = {
        str(value)
        for drill in drill_rows()
        for path, value in drill.writes.items()
        if (field := load_sheet(drill.sheet).field_of(path)) is not None and field.mask == "phone"
    }
    shown = " ".join(str((row.cells, row.masked)) for row in storage.list_rows(DRILL, over=None, limit=200))
    assert phones
    assert not [phone for phone in phones if phone in shown]
    await storage.close()


async def test_filing_the_drill_twice_adds_no_row(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    room = room_of(storage, CLOCK, await found(storage, CLOCK, "d", drill=True))
    assert await file_drill(room) == await file_drill(room) == storage.count_rows("d", over=None)
    await storage.close()


async def test_the_owner_is_invited_until_somebody_is(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    workbook = await found(storage, CLOCK, "flood")
    assert await owner_invitation(storage, CLOCK, workbook) is not None
    invitation = await owner_invitation(storage, CLOCK, workbook)
    assert invitation is not None
    login = await join(room_of(storage, CLOCK, workbook), "a" * 22, invitation.secret, "林")
    assert login.who.role == "owner"
    assert await owner_invitation(storage, CLOCK, workbook) is None
    await storage.close()


@pytest.mark.parametrize("name", ["", "A", "a/b", "../a", "a" * 41, "-a", "水", "a b"])
async def test_a_name_that_cannot_stand_in_an_address_is_refused(tmp_path: Path, name: str) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    with pytest.raises(SettingsError, match="cannot name a workbook"):
        await found(storage, CLOCK, name)
    await storage.close()


async def test_a_workbook_is_not_founded_twice(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, clock=CLOCK)
    await found(storage, CLOCK, "flood")
    with pytest.raises(SettingsError, match="there is a workbook flood"):
        await found(storage, CLOCK, "flood")
    await storage.close()
