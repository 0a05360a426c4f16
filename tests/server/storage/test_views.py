"""The views people open with datasette."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from schema.sheets import SHEETS
from server.storage.sqlite import DATABASE, open_storage
from server.storage.views import PREFIX, refresh_views, view_of
from tests.contracts.building import BOOK, Author, Row, Wish, row_of, workbook


async def test_SO18_a_view_shows_a_sheets_fields_as_columns_and_nothing_private(tmp_path: Path) -> None:
    store = open_storage(tmp_path)
    await store.add_workbook(workbook())
    author, row = Author(), Row(row_of(1))
    place = author.edit({"place": "米河镇", "people_total": 3, "needs:boat": True, "needs:food": False})
    private = Wish(author.edit({"contact_phone": "14212345678", "person_name": "王大锤"}), "private")
    await store.commit([row.change(place, private)])
    await store.commit(
        [row.change(author.edit({"place": "小里河村", "needs:other": "婴儿奶粉"}, {"place": [place.edit]}))]
    )
    await store.close()
    conn = sqlite3.connect(tmp_path / DATABASE)
    conn.row_factory = sqlite3.Row
    [line] = conn.execute(f'SELECT * FROM "{PREFIX}help"').fetchall()
    conn.close()
    shown = dict(line)
    assert (shown["workbook"], shown["no"], shown["place"], shown["people_total"]) == (BOOK, 1, "小里河村", 3)
    assert shown["needs"] == "boat, 婴儿奶粉"
    assert shown["contact_phone"] == "142****5678"
    told = json.dumps(shown, ensure_ascii=False)
    assert "14212345678" not in told and "王大锤" not in told
    assert set(shown) >= {field.id for field in SHEETS["help"].fields.values() if not field.derived}


async def test_SO18_every_sheet_has_a_view_that_can_be_read(tmp_path: Path) -> None:
    await open_storage(tmp_path).close()
    conn = sqlite3.connect(tmp_path / DATABASE)
    for sheet in SHEETS.values():
        assert conn.execute(f'SELECT * FROM "{PREFIX}{sheet.id}"').fetchall() == []
    conn.close()


async def test_SO18_views_follow_the_definitions(tmp_path: Path) -> None:
    await open_storage(tmp_path).close()
    conn = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    assert refresh_views(conn) == []
    conn.execute(f'DROP VIEW "{PREFIX}help"')
    conn.execute(f'CREATE VIEW "{PREFIX}gone" AS SELECT 1')
    assert refresh_views(conn) == [f"{PREFIX}gone", f"{PREFIX}help"]
    [(made,)] = conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (f"{PREFIX}help",)).fetchall()
    assert made == view_of(SHEETS["help"])
    assert refresh_views(conn) == []
    conn.close()
