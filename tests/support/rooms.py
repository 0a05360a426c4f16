"""A real room on a real store in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

from moderation.roles import Role, Who
from schema.edits import Edit, Tier
from schema.ids import actor_id
from server.clock import Clock
from server.ingest import Answer, submission_of
from server.room import Room
from server.storage.contract import AuditRecord, Grant, Workbook
from server.storage.sqlite import SqliteStorage, open_storage
from tests.support.clock import FakeClock
from tests.support.edits import row_of

DEVICES = {name: f"{name:0<22}"[:22] for name in ("ann", "bo", "chen", "vera", "sun", "olga", "tina", "matt")}


def actor(name: str) -> str:
    """The actor of one of the named test devices."""
    return actor_id(DEVICES[name])


async def open_room(folder: Path, *, clock: Clock | None = None, workbook: str = "flood") -> Room:
    """A room of an empty workbook, or of the one that is there."""
    clock = clock or FakeClock()
    storage = open_storage(folder, clock=clock)
    found = storage.workbook(workbook)
    if found is None:
        found = Workbook(workbook, "洪水", False, "k" * 22, storage.server_id, clock.now_ms(), {})
        await storage.add_workbook(found)
    return Room(found, storage, clock, key=storage.key)


def storage_of(room: Room) -> SqliteStorage:
    assert isinstance(room.storage, SqliteStorage)
    return room.storage


async def grant(room: Room, name: str, role: Role, *, team: str = "") -> Who:
    """Give a named actor a role; who they are now."""
    now_ms = room.clock.now_ms()
    given = Grant(room.workbook.id, actor(name), role, team, "", now_ms, 0)
    await room.storage.set_grant(given, AuditRecord(now_ms, "operator", "owner", "grant"))
    room.role_changed(actor(name))
    return room.who(actor(name))


async def submit(
    room: Room,
    who: Who | str,
    *edits: Edit | tuple[Tier, Edit],
    row: int = 1,
    sheet: str = "help",
    secret: str = "",
    origin: str = "session",
) -> Answer:
    """Edits of one row from one actor; public where no tier is said."""
    tiered: list[tuple[Tier, Edit]] = [edit if isinstance(edit, tuple) else ("public", edit) for edit in edits]
    who = Who(who, "visitor") if isinstance(who, str) else who
    return await room.submit(
        submission_of(
            tiered, sheet=sheet, row=row_of(row, sheet=sheet), who=who, session="s", origin=origin, secret=secret
        )
    )
