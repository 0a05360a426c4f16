"""The whole application on the attacked room's store, on a real port.

I/O. Imported by the attacks beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette

from schema.edits import Edit
from schema.values import Value
from server.app import create_app
from server.identity import login
from server.room import Room
from server.settings import Settings
from tests.support.edits import secret_of, write
from tests.support.live import FakeBrowser, browse, serving
from tests.support.rooms import DEVICES, actor, storage_of, submit

HOME = "/w/flood"
PHONE = "14212345678"


@dataclass
class Site:
    """A server under attack."""

    app: Starlette
    room: Room
    address: str

    async def socket(self, name: str, **options: object) -> FakeBrowser:
        return await browse(self.address, self.room, name, **options)  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def http(self, name: str = "", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        if name:
            headers["authorization"] = f"Bearer {(await login(self.room, DEVICES[name])).session}"
        async with httpx.AsyncClient(base_url=f"http://{self.address}", headers=headers) as client:
            yield client

    async def victim(self, row: int = 1, public: Mapping[str, Value] | None = None) -> Edit:
        """Ann's row with a telephone number; the edit that began it."""
        first = write(actor("ann"), public or {"place": "河边"})
        private = write(actor("ann"), {"contact_phone": PHONE})
        who = self.room.who(actor("ann"))
        await submit(self.room, who, first, ("private", private), row=row, secret=secret_of(row))
        return first


@contextlib.asynccontextmanager
async def site(room: Room) -> AsyncIterator[Site]:
    """Serve the store that a room stands on."""
    app = create_app(Settings(client=Path("nowhere")), clock=room.clock, storage=storage_of(room))
    served = app.state.rooms.room(room.workbook.id)
    async with serving(app) as address:
        yield Site(app, served, address)
        for seat in tuple(served.seats.values()):
            seat.close(1012, "over")


def heard(browser: FakeBrowser, tag: str) -> bool:
    """Whether such a frame came."""
    return any(frame[0] == tag for frame in browser.heard)


async def settle(browser: FakeBrowser) -> bool:
    """Wait until everything said before is answered; False where the server closed instead."""
    try:
        await browser.say("ping", 424_242)
        await browser.hear("pong", lambda frame: frame[1] == 424_242)
    except Exception:
        return False
    return True
