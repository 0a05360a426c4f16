"""How a workbook begins: the one from the template at the first start, the drill, those made by hand or by an import.

I/O through storage. Imported by `server.cli`.
"""

from __future__ import annotations

import re

from moderation.roles import Who
from schema.ids import SECRET_CHARS, actor_id
from server.clock import Clock
from server.drill import TITLE as DRILL_TITLE
from server.drill import WORKBOOK as DRILL
from server.drill import file_drill
from server.errors import SettingsError
from server.identity import Invitation, make_invite
from server.room import Room
from server.storage.contract import Workbook
from server.storage.sqlite import SqliteStorage

FIRST = "rescue"
FIRST_TITLE = "救命文档"
OPERATOR_NAME = "服务器"

_WORKBOOK_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")


async def found(
    storage: SqliteStorage, clock: Clock, workbook: str, *, title: str = "", drill: bool = False
) -> Workbook:
    """Makes an empty workbook. Raises SettingsError for an id that cannot stand in an address or is taken."""
    if not _WORKBOOK_ID.match(workbook):
        raise SettingsError(
            "bad-workbook-id",
            f"{workbook!r} cannot name a workbook",
            "up to 40 of a-z, 0-9 and -, as in zhengzhou-2021",
        )
    if storage.workbook(workbook) is not None:
        raise SettingsError("workbook-exists", f"there is a workbook {workbook} already", "rescue-sheet workbook list")
    made = Workbook(
        id=workbook,
        title=title or workbook,
        drill=drill,
        key=clock.random62(SECRET_CHARS),
        home=storage.server_id,
        created_ms=clock.now_ms(),
        protection={},
    )
    await storage.add_workbook(made)
    return made


async def found_first(storage: SqliteStorage, clock: Clock, *, drill: bool) -> bool:
    """What a store that holds nothing yet begins with; whether it did."""
    if storage.workbooks():
        return False
    await found(storage, clock, FIRST, title=FIRST_TITLE)
    if drill:
        await file_drill(room_of(storage, clock, await found(storage, clock, DRILL, title=DRILL_TITLE, drill=True)))
    return True


async def owner_invitation(storage: SqliteStorage, clock: Clock, workbook: Workbook) -> Invitation | None:
    """A fresh owner's invitation as long as nobody has taken the role: its secret cannot be shown a second time."""
    grants = storage.grants(workbook.id)
    if any(grant.role == "owner" and not grant.revoked_ms for grant in grants):
        return None
    by = await operator(storage, clock, OPERATOR_NAME)
    return await make_invite(room_of(storage, clock, workbook), by.actor, role="owner", uses=1, days=7)


async def operator(storage: SqliteStorage, clock: Clock, name: str) -> Who:
    """Who the command line acts as: whoever owns the machine, with a device secret that never leaves it."""
    who = Who(actor_id(f"operator/{storage.key}"), "owner")
    await storage.see_actor(who.actor, name, clock.now_ms())
    return who


def room_of(storage: SqliteStorage, clock: Clock, workbook: Workbook) -> Room:
    """The workbook's room, for a command that runs while no server does."""
    return Room(workbook, storage, clock, key=storage.key)
