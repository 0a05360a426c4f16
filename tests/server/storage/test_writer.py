"""The one writer when things fail: the n-th call, a full disk, too much at once."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moderation.protection import Guard
from server.errors import CommitFailed, StorageError
from server.storage import writer
from server.storage.contract import Receipt
from server.storage.sqlite import open_storage
from tests.contracts.building import ACTOR, BOOK, Author, Row, Wish, audit, row_of, workbook
from tests.server.storage.test_verify import check


class Faulty(sqlite3.Connection):
    """Fails the n-th call while armed: before it is done, or after."""

    calls_left = 0
    done_first = False

    def _call(self, call: Any, *arguments: Any) -> sqlite3.Cursor:
        if Faulty.calls_left == 0:
            return call(*arguments)  # type: ignore[no-any-return]
        Faulty.calls_left -= 1
        if Faulty.calls_left == 0:
            if Faulty.done_first:
                call(*arguments)
            raise sqlite3.OperationalError("disk I/O error")
        return call(*arguments)  # type: ignore[no-any-return]

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        return self._call(super().execute, *arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        return self._call(super().executemany, *arguments)


class Narrow(sqlite3.Connection):
    """A disk with room for so many pages."""

    pages = 0

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        if arguments[0].startswith("BEGIN") and Narrow.pages:
            super().execute(f"PRAGMA max_page_count = {Narrow.pages}")
        return super().execute(*arguments)


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    Faulty.calls_left, Faulty.done_first, Narrow.pages = 0, False, 0


@pytest.mark.parametrize("done_first", [False, True], ids=["before", "after"])
async def test_SO20_whichever_call_fails_a_change_is_whole_or_not_there(tmp_path: Path, done_first: bool) -> None:
    store = open_storage(tmp_path, factory=Faulty)
    await store.add_workbook(workbook())
    author = Author()
    base = Row(row_of(0))
    await store.commit([base.change(author.edit({"place": "米河镇"}))])
    failures = 0
    for nth in range(1, 200):
        row = Row(row_of(nth))
        place = author.edit({"place": "郑州", "geo": ["34.7", "113.2", "wgs84", "", ""]})
        created = row.change(place, Wish(author.edit({"contact_phone": "14212345678"}), "private"), audit=(audit(),))
        changed = row.change(author.edit({"place": "巩义"}, {"place": [place.edit]}))
        Faulty.done_first, Faulty.calls_left = done_first, nth
        failed = False
        try:
            await store.commit([created, changed])
        except CommitFailed as error:
            assert error.code == "storage-failed" and len(error.results) == 2
            failed = True
        armed = Faulty.calls_left
        Faulty.calls_left = 0
        loaded = store.load_row(BOOK, "help", row_of(nth))
        assert failed == (armed == 0)
        assert loaded is None or (loaded.version == 2 and len(store.log(BOOK, sheet="help", row=row_of(nth))) == 3)
        assert failed or loaded is not None
        failures += failed
        if not failed:
            break
    assert failures > 10
    [receipt] = await store.commit([base.change(author.edit({"summary": "仍在写"}))])
    assert [entry.seq for entry in store.log(BOOK)] == list(range(1, receipt.seq + 1))
    await store.close()
    assert check(tmp_path).differences == []


async def test_SO20_a_failed_act_fails_alone_and_whole(tmp_path: Path) -> None:
    store = open_storage(tmp_path, factory=Faulty)
    await store.add_workbook(workbook())
    for nth in range(1, 50):
        Faulty.calls_left = nth
        try:
            await store.set_protection(BOOK, "help", Guard("careful"), audit("protect"))
        except StorageError:
            Faulty.calls_left = 0
            found = store.workbook(BOOK)
            assert found is not None and (found.protection, store.audit(BOOK)) == ({}, [])
            continue
        break
    Faulty.calls_left = 0
    found = store.workbook(BOOK)
    assert found is not None and found.protection == {"help": Guard("careful")}
    assert nth > 4 and store.audit(BOOK) == [audit("protect")]
    await store.close()


async def test_SO20_a_failed_read_is_ours_and_the_next_one_works(tmp_path: Path) -> None:
    store = open_storage(tmp_path, factory=Faulty)
    await store.add_workbook(workbook())
    await store.commit([Row(row_of(1)).change(Author().edit({"place": "a"}))])
    for nth in range(1, 6):
        Faulty.calls_left = nth
        with pytest.raises(StorageError):
            store.load_row(BOOK, "help", row_of(1))
        Faulty.calls_left = 0
        assert store.load_row(BOOK, "help", row_of(1)) is not None
    await store.close()


async def test_SO21_a_full_disk_fails_all_who_wait_reads_go_on_and_room_ends_it(tmp_path: Path) -> None:
    store = open_storage(tmp_path, factory=Narrow)
    await store.add_workbook(workbook())
    author = Author()
    rows = [Row(row_of(at)) for at in range(10)]
    await asyncio.gather(*(store.commit([row.change(author.edit({"place": "a"}))]) for row in rows))
    Narrow.pages = 1  # SQLite keeps to the pages there are
    acked, refused = 0, 0
    long = "长" * 1000
    for at in range(100, 140):
        try:
            await store.commit([Row(row_of(at)).change(author.edit({"summary": long}))])
            acked += 1
        except CommitFailed as error:
            assert error.code == "disk-full" and "room" in error.hint
            refused += 1
    assert refused > 0
    waiting = [store.commit([Row(row_of(at)).change(author.edit({"summary": long}))]) for at in range(200, 220)]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, CommitFailed) for result in results)
    assert len(store.list_rows(BOOK, limit=1000)) == 10 + acked
    assert store.load_row(BOOK, "help", row_of(3)) is not None
    Narrow.pages = 1_000_000
    receipts = await store.commit([Row(row_of(300)).change(author.edit({"summary": long}))])
    assert receipts == [Receipt(11 + acked, 11 + acked, 11 + acked)]
    await store.close()
    assert check(tmp_path).differences == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB, where this machine lets us make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
        ).returncode
    except FileNotFoundError:
        made = 1
    if made != 0:
        pytest.skip("needs the right to mount; the test above does it with SQLite's own page limit")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_SO21_a_really_full_disk_recovers_without_a_restart(small_disk: Path) -> None:
    store = open_storage(small_disk)
    await store.add_workbook(workbook())
    author, acked, at = Author(), [], 0
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 300_000)
    while True:
        row, edit = Row(row_of(at)), author.edit({"summary": f"{at} " + "长" * 500})
        at += 1
        try:
            await store.commit([row.change(edit)])
        except CommitFailed as error:
            assert error.code in ("disk-full", "disk-failed")
            break
        acked.append((row.row, edit.edit))
    assert acked
    for _ in range(3):
        with pytest.raises(CommitFailed):
            await store.commit([Row(row_of(9_000)).change(author.edit({"summary": "长" * 1200}))])
    assert [entry.edit for entry in store.log(BOOK)] == [edit for _, edit in acked]
    filler.unlink()
    await store.commit([Row(row_of(9_001)).change(author.edit({"place": "又有地方了"}))])
    assert len(store.log(BOOK)) == len(acked) + 1
    await store.close()
    assert check(small_disk).differences == []


async def test_SO22_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_storage(tmp_path)
    await store.add_workbook(workbook())
    monkeypatch.setattr(writer, "MAX_WAITING", 0)
    with pytest.raises(CommitFailed) as caught:
        await store.commit([Row(row_of(1)).change(Author().edit({"place": "a"}))])
    assert caught.value.code == "storage-busy"
    monkeypatch.undo()
    await store.commit([Row(row_of(1)).change(Author().edit({"place": "a"}))])
    await store.close()


async def test_SO22_what_waits_together_shares_a_transaction(tmp_path: Path) -> None:
    commits = 0

    class Counting(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            nonlocal commits
            commits += arguments[0] == "COMMIT"
            return super().execute(*arguments)

    store = open_storage(tmp_path, factory=Counting)
    await store.add_workbook(workbook())
    before = commits
    author = Author()
    await asyncio.gather(*(store.commit([Row(row_of(at)).change(author.edit({"place": "a"}))]) for at in range(200)))
    assert commits - before < 20
    await store.close()


async def test_SO5_one_bad_change_in_a_group_costs_the_others_nothing(tmp_path: Path) -> None:
    store = open_storage(tmp_path)
    await store.add_workbook(workbook())
    author = Author()
    twice = author.edit({"place": "a"})
    rows = [Row(row_of(at)) for at in range(20)]
    await store.commit([rows[0].change(twice)])
    changes = [row.change(twice if at == 0 else author.edit({"place": "b"})) for at, row in enumerate(rows)]
    results = await asyncio.gather(*(store.commit([change]) for change in changes), return_exceptions=True)
    assert [at for at, result in enumerate(results) if isinstance(result, BaseException)] == [0]
    assert len(store.log(BOOK)) == 20 and store.position(BOOK) == 20
    await store.close()
    assert check(tmp_path).differences == []


async def test_errors_carry_no_value(tmp_path: Path) -> None:
    store = open_storage(tmp_path)
    await store.add_workbook(workbook())
    row, edit = Row(row_of(1)), Author().edit({"place": "米河镇"})
    await store.commit([row.change(edit, Wish(Author(offset=50).edit({"contact_phone": "14212345678"}), "private"))])
    with pytest.raises(CommitFailed) as caught:
        await store.commit([row.change(edit)])
    told = f"{caught.value} {caught.value.message} {caught.value.hint} {caught.value.results}"
    assert "米河" not in told and "1421234" not in told and ACTOR not in told
    await store.close()
