"""Backup and restore: proved equal, under a new epoch, and nothing written over."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from server.clock import SystemClock
from server.errors import StorageError
from server.storage import copies
from server.storage.copies import backup, restore
from server.storage.sqlite import DATABASE, SqliteStorage, open_storage
from tests.contracts.building import BOOK, Author, Row, row_of, workbook
from tests.server.storage.test_verify import check, fill

CLOCK = SystemClock()


async def filled(folder: Path) -> SqliteStorage:
    store = open_storage(folder)
    await fill(store)
    return store


async def test_SO19_a_restored_store_is_the_backed_up_one_under_a_new_epoch(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    taken = await store.backup(tmp_path / "backup.db")
    assert (taken.entries, taken.epoch) == (5, store.epoch)
    before = [store.load_row(BOOK, "help", row_of(number)) for number in (1, 2)]
    new = tmp_path / "new"
    new.mkdir()
    made = restore(tmp_path / "backup.db", new / DATABASE, clock=CLOCK)
    assert made.log_digest == taken.log_digest and made.epoch != taken.epoch
    restored = open_storage(new)
    assert restored.epoch == made.epoch
    assert (restored.server_id, restored.key) == (store.server_id, store.key)
    assert [restored.load_row(BOOK, "help", row_of(number)) for number in (1, 2)] == before
    assert restored.position(BOOK) == store.position(BOOK)
    await restored.close()
    await store.close()
    report = check(new)
    assert report.differences == [] and report.log_digest == taken.log_digest
    assert names(new) == [DATABASE]


async def test_SO19_a_backup_taken_while_writing_is_one_moment(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")

    async def write(number: int) -> None:
        author, row = Author(offset=number * 1000), Row(row_of(100 + number))
        for _ in range(20):
            await store.commit([row.change(author.edit({"place": f"{author.made}"}))])

    writing = [asyncio.create_task(write(number)) for number in range(5)]
    taken = [await store.backup(tmp_path / f"backup{number}.db") for number in range(3)]
    await asyncio.gather(*writing)
    await store.close()
    for proof in taken:
        folder = tmp_path / proof.path.stem
        folder.mkdir()
        restore(proof.path, folder / DATABASE, clock=CLOCK)
        report = check(folder)
        assert report.differences == [] and report.log_digest == proof.log_digest


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_SO19_a_backup_is_one_plain_file(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    await store.backup(tmp_path / "backup.db")
    await store.close()
    assert names(tmp_path) == ["backup.db", "old"]
    conn = sqlite3.connect(f"{(tmp_path / 'backup.db').as_uri()}?mode=ro&immutable=1", uri=True)
    assert conn.execute("SELECT count(*) FROM entries").fetchone() == (5,)
    conn.close()


async def test_SO19_nothing_is_written_over(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    await store.backup(tmp_path / "backup.db")
    with pytest.raises(StorageError) as caught:
        await store.backup(tmp_path / "backup.db")
    assert caught.value.code == "backup-exists"
    await store.close()
    before = (tmp_path / "old" / DATABASE).read_bytes()
    with pytest.raises(StorageError) as caught:
        restore(tmp_path / "backup.db", tmp_path / "old" / DATABASE, clock=CLOCK)
    assert caught.value.code == "storage-exists"
    assert (tmp_path / "old" / DATABASE).read_bytes() == before


async def test_SO19_a_broken_backup_is_not_restored(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    await store.backup(tmp_path / "backup.db")
    await store.close()
    whole = (tmp_path / "backup.db").read_bytes()
    (tmp_path / "cut.db").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.db").write_bytes(b"")
    (tmp_path / "text.db").write_bytes(b"no database at all, but a text" * 100)
    for name in ("cut.db", "empty.db", "text.db", "missing.db"):
        with pytest.raises(StorageError):
            restore(tmp_path / name, tmp_path / DATABASE, clock=CLOCK)
        assert not (tmp_path / DATABASE).exists()


@pytest.mark.parametrize("statement", ["DELETE FROM entries WHERE seq = 5", "UPDATE entries SET origin = 'x'"])
async def test_SO19_a_copy_that_differs_is_no_backup_and_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """A disk that returns other bytes than it was given, played by a copy that is altered as it is made."""
    store = await filled(tmp_path / "old")
    await store.backup(tmp_path / "good.db")
    copied = copies._copy

    def copy(conn: sqlite3.Connection, part: Path) -> None:
        copied(conn, part)
        made = sqlite3.connect(part, isolation_level=None)
        made.execute(statement)
        made.close()

    monkeypatch.setattr(copies, "_copy", copy)
    with pytest.raises(StorageError) as caught:
        await store.backup(tmp_path / "bad.db")
    assert caught.value.code == "copy-differs"
    with pytest.raises(StorageError) as caught:
        restore(tmp_path / "good.db", tmp_path / DATABASE, clock=CLOCK)
    assert caught.value.code == "copy-differs"
    await store.close()
    assert "bad.db" not in names(tmp_path) and DATABASE not in names(tmp_path)


async def test_a_backup_that_was_interrupted_can_be_made_again(tmp_path: Path) -> None:
    store = open_storage(tmp_path)
    await store.add_workbook(workbook())
    (tmp_path / "backup.db.part").write_bytes(b"half a copy")
    proof = await asyncio.to_thread(backup, tmp_path / DATABASE, tmp_path / "backup.db")
    assert proof.entries == 0 and not (tmp_path / "backup.db.part").exists()
    await store.close()
