"""The cold open: complete, in order, one cursor, rendered once."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import msgspec
import pytest

from server.room import Room
from server.storage.contract import RowView
from server.web import snapshot
from server.web.packing import pack
from server.web.snapshot import Snapshots
from tests.server.web.visiting import BOOK, HOME, Visit, visiting
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, submit


async def open_page(program: httpx.AsyncClient, page: int = 0, **asked: object) -> dict[str, Any]:
    answer = await program.get(f"{HOME}/snapshot.json", params={"page": page, **asked})  # type: ignore[dict-item]
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def numbers(page: dict[str, Any]) -> list[int]:
    return [row[2] for row in page["rows"]]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(snapshot, "FIRST_PAGE_ROWS", 3)
    monkeypatch.setattr(snapshot, "PAGE_ROWS", 4)
    monkeypatch.setattr(snapshot, "READ_ROWS", 4)
    yield


async def test_wb20_a_page_has_the_form_of_the_protocol(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        edit = await visit.file(1, {"place": "桥头", "urgency": "normal"}, {"contact_phone": "14200001234"})
        await visit.file(2, {"place": "村口", "urgency": "critical"})
        await visit.session("ann")
        page = await open_page(program)
        assert set(page) == {"epoch", "cursor", "page", "pages", "rows", "names"}
        assert page["epoch"] == visit.storage.epoch and page["cursor"] == visit.storage.position(BOOK)
        assert numbers(page) == [2, 1], "most urgent first"
        sheet, row, no, created_ms, author, cells, masked, updated_ms = page["rows"][1]
        assert (sheet, row, no, author) == ("help", row_of(1), 1, actor("ann"))
        assert cells["place"] == [[edit, "桥头", actor("ann"), cells["place"][0][3]]]
        assert masked == {"contact_phone": ["142****1234"]} and created_ms <= updated_ms
        assert page["names"] == {actor("ann"): ["ann", "visitor"]}


async def test_wb20_later_pages_hold_every_row(tmp_path: Path, small_pages: None) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        for row in range(10):
            await visit.file(row, {"place": f"桥{row}"})
        first = await open_page(program)
        assert len(first["rows"]) == 3 and first["pages"] == 4
        later = [await open_page(program, page) for page in (1, 2, 3)]
        assert [len(page["rows"]) for page in later] == [4, 4, 2]
        assert sorted(no for page in later for no in numbers(page)) == list(range(1, 11))
        assert {page["cursor"] for page in (first, *later)} == {first["cursor"]}


async def test_wb20_a_small_workbook_is_one_page(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        assert (await open_page(program)) | {"epoch": ""} == {
            "epoch": "", "cursor": 0, "page": 0, "pages": 1, "rows": [], "names": {},
        }  # fmt: skip


async def test_wb21_a_page_of_an_earlier_open_is_still_there(tmp_path: Path, small_pages: None) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        for row in range(6):
            await visit.file(row, {"place": f"桥{row}"})
        first = await open_page(program)
        await visit.file(7, {"place": "新的"})
        assert (await open_page(program))["cursor"] == first["cursor"] + 1
        assert (await open_page(program, 1, cursor=first["cursor"]))["cursor"] == first["cursor"]
        newest = await open_page(program, 1)
        assert newest["cursor"] == first["cursor"] + 1


async def test_wb21_a_row_that_moves_while_the_pages_are_read_is_in_one_of_them(
    tmp_path: Path, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(tmp_path) as visit:
        firsts = {row: await visit.file(row, {"place": f"桥{row}", "urgency": "normal"}) for row in range(12)}
        vera = await grant(visit.room, "vera", "verifier")
        snapshots = Snapshots(visit.clock)
        page0 = await snapshots.page(visit.room, 0)
        assert page0 is not None
        moved = iter([0, 1, 2])
        honest = visit.storage.list_rows
        waiting: list[asyncio.Task[None]] = []

        async def make_urgent(row: int) -> None:
            seen = {"urgency": [firsts[row]]}
            await submit(visit.room, vera, write(vera.actor, {"urgency": "critical"}, seen=seen), row=row)

        async def close(row: int) -> None:
            await submit(visit.room, vera, write(vera.actor, {"outcome": "rescued"}), row=row)

        def reading(*args: Any, **kwargs: Any) -> list[RowView]:
            """After each read one of the last rows jumps to the front, and two of the front go: the rest moves up."""
            found = honest(*args, **kwargs)
            row = next(moved, None)
            if row is not None:
                waiting.append(asyncio.create_task(make_urgent(row)))
                waiting.append(asyncio.create_task(close(11 - 2 * row)))
                waiting.append(asyncio.create_task(close(10 - 2 * row)))
            return found

        async def yielding(seconds: float) -> None:
            for task in waiting:
                await task

        monkeypatch.setattr(visit.storage, "list_rows", reading)
        monkeypatch.setattr(asyncio, "sleep", yielding)
        cursor = msgspec.json.decode(page0.body)["cursor"]
        pages = [await snapshots.page(visit.room, page, cursor=cursor) for page in (1, 2, 3)]
        held = set()
        for page in pages:
            assert page is not None
            body = msgspec.json.decode(page.body or gzip.decompress(page.gzip))
            assert body["cursor"] == cursor
            held |= {row[1] for row in body["rows"]}
        over = {row_of(11 - row) for row in range(6)}
        assert len(waiting) >= 6, "the rows did move"
        assert held >= {row_of(row) for row in range(12)} - over


async def test_wb22_a_page_is_rendered_once_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = 0
    honest = pack

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal rendered
        rendered += 1
        return honest(*args, **kwargs)

    monkeypatch.setattr(snapshot, "pack", counting)
    async with visiting(tmp_path) as visit, visit.program() as program:
        for row in range(5):
            await visit.file(row, {"place": f"桥{row}"})
        answers = await asyncio.gather(*(program.get(f"{HOME}/snapshot.json") for _ in range(20)))
        assert rendered == 1 and len({answer.content for answer in answers}) == 1
        await visit.file(9, {"place": "新的"})
        assert 6 in numbers(await open_page(program))
        assert rendered == 2


async def test_wb22_a_page_comes_packed_and_is_not_sent_twice(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        for row in range(20):
            await visit.file(row, {"place": f"桥{row}"})
        address = f"{HOME}/snapshot.json"
        async with program.stream("GET", address, headers={"accept-encoding": "br"}) as answer:
            assert answer.headers["content-encoding"] == "br" and "max-age" in answer.headers["cache-control"]
            packed = b"".join([piece async for piece in answer.aiter_raw()])
        assert len(msgspec.json.decode(brotli.decompress(packed))["rows"]) == 20
        again = await program.get(address, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304 and not again.content


async def test_wb22_under_load_the_last_open_serves_a_little_longer(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await visit.file(1, {"place": "桥"})
        snapshots = Snapshots(visit.clock)
        await snapshots.page(visit.room, 0)
        shelf = snapshots._shelves[(BOOK, False)]
        shelf.budget.spend(1.0, visit.clock.monotonic())  # as much rendering as a large workbook costs
        await visit.file(2, {"place": "村"})
        assert await _cursor(snapshots, visit.room) == 1
        visit.clock.pass_s(10)
        assert await _cursor(snapshots, visit.room) == 2


async def test_wb24_rows_that_are_over_come_only_when_asked_for(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        await _one_over(visit)
        assert numbers(await open_page(program)) == [1]
        assert sorted(numbers(await open_page(program, over=1))) == [1, 2]


async def _one_over(visit: Visit) -> None:
    await visit.file(1, {"place": "桥"})
    await visit.file(2, {"place": "村"})
    vera = await grant(visit.room, "vera", "verifier")
    await submit(visit.room, vera, write(vera.actor, {"outcome": "rescued"}), row=2)


async def _cursor(snapshots: Snapshots, room: Room) -> int:
    page = await snapshots.page(room, 0)
    assert page is not None
    return int(msgspec.json.decode(page.body)["cursor"])
