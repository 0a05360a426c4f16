"""Connections: durable or not opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.errors import StorageError
from server.storage.connection import connect, storage_error
from server.storage.sqlite import DATABASE, open_storage


@pytest.mark.parametrize("reader", [False, True])
def test_SO23_every_connection_is_durable(tmp_path: Path, reader: bool) -> None:
    connect(tmp_path / DATABASE).close()
    conn = connect(tmp_path / DATABASE, reader=reader)
    settings = [
        conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert settings == ["wal", 2, 1]
    assert conn.execute("PRAGMA busy_timeout").fetchone()[0] >= 1000
    conn.close()


def test_SO23_a_connection_that_does_not_keep_its_settings_is_refused(tmp_path: Path) -> None:
    class Careless(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            if "synchronous=FULL" in arguments[0]:
                return super().execute("PRAGMA synchronous=NORMAL")
            return super().execute(*arguments)

    with pytest.raises(StorageError) as caught:
        open_storage(tmp_path, factory=Careless)
    assert caught.value.code == "storage-unsafe"


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    connect(tmp_path / DATABASE).close()
    conn = connect(tmp_path / DATABASE, reader=True)
    with pytest.raises(sqlite3.OperationalError):
        conn.execute("CREATE TABLE t (a)")
    conn.close()


def test_a_path_that_cannot_be_opened_is_our_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "missing" / DATABASE, tmp_path):
        with pytest.raises(StorageError) as caught:
            connect(path)
        assert caught.value.code == "storage-unreachable" and caught.value.hint
    with pytest.raises(StorageError) as caught:
        open_storage(tmp_path / "file")
    assert caught.value.code == "storage-unreachable"


def test_an_error_of_sqlite_keeps_its_name_and_loses_its_words() -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE t (secret TEXT UNIQUE)")
    conn.execute("INSERT INTO t VALUES ('14212345678')")
    with pytest.raises(sqlite3.IntegrityError) as caught:
        conn.execute("INSERT INTO t VALUES ('14212345678')")
    ours = storage_error("write", caught.value)
    assert (ours.code, ours.message) == ("storage-conflict", "could not write: SQLITE_CONSTRAINT_UNIQUE")
    assert "1421" not in str(ours)
    conn.close()
