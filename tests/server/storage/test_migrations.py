"""Migrations: ordered, recorded, whole; nothing foreign or damaged is touched."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from schema.ids import row_id
from server import identity
from server.clock import SystemClock, new_secret
from server.errors import StorageError
from server.room import Room
from server.storage import migrations as steps
from server.storage.connection import connect
from server.storage.migrations import migrate, migrations
from server.storage.sqlite import DATABASE, open_storage
from tests.contracts.building import ACTOR, BOOK, workbook


def test_SO24_migrations_are_applied_once_in_order_and_recorded(tmp_path: Path) -> None:
    conn = connect(tmp_path / DATABASE)
    applied = migrate(conn)
    assert applied == sorted(applied) and len(applied) == 7
    assert migrate(conn) == []
    recorded = conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert [name for (name,) in recorded] == applied
    conn.close()


def test_SO24_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conn = connect(tmp_path / DATABASE)
    migrate(conn)

    def fails(database: Database) -> None:
        database.execute("CREATE TABLE half (a)")
        database.execute("INSERT INTO no_such_table VALUES (1)")

    monkeypatch.setattr(migrations, "_migrations", [*migrations._migrations])
    migrations(name="m99_fails")(fails)
    with pytest.raises(StorageError) as caught:
        migrate(conn)
    assert caught.value.message == "could not migrate: SQLITE_ERROR"
    assert conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (7,)
    conn.close()


async def test_SO24_a_database_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    await open_storage(tmp_path).close()
    conn = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    conn.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm77_of_tomorrow', '')",
        (steps.migrations.name,),
    )
    conn.close()
    with pytest.raises(StorageError) as caught:
        open_storage(tmp_path)
    assert caught.value.code == "storage-newer"


@pytest.mark.parametrize("damage", [b"no database, a text " * 400, b"SQLite format 3\x00" + b"\xff" * 8176])
def test_SO24_a_damaged_file_is_never_replaced_by_an_empty_store(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(damage)
    with pytest.raises(StorageError) as caught:
        open_storage(tmp_path)
    assert caught.value.code == "storage-damaged"
    assert (tmp_path / DATABASE).read_bytes() == damage


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_SO25_no_secret_is_at_rest(tmp_path: Path) -> None:
    """Everybody who brings a secret has been: not one of them is in the files."""
    clock = SystemClock()
    store = open_storage(tmp_path, clock=clock)
    await store.add_workbook(workbook())
    room = Room(workbook(), store, clock, key=store.key)
    device, link = new_secret(clock), new_secret(clock)
    logged_in = await identity.login(room, device, "王某")
    invited = await identity.make_invite(room, ACTOR, role="volunteer", uses=2, days=2)
    joined = await identity.join(room, device, invited.secret)
    await room.remember_hold("help", row_id("help", link), joined.who.actor, link)
    assert store.holds(BOOK, joined.who.actor)
    kept = everything_in(tmp_path)  # the log of the database holds what is not in it yet
    await store.close()
    kept += everything_in(tmp_path)
    assert joined.who.actor.encode() in kept
    for secret in (device, link, logged_in.session, joined.session, invited.secret):
        assert secret.encode() not in kept
