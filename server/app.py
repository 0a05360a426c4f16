"""The composition: settings in, one Starlette application out.

I/O. Everything is built here once and passed down; nothing else knows the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from server.clock import Clock, SystemClock
from server.erasure import keep_days
from server.limits import Limits
from server.rooms import Rooms
from server.settings import Settings
from server.sockets import socket_routes
from server.storage.sqlite import SqliteStorage, open_storage
from server.web.application import web

RESTARTING = 1012


def create_app(settings: Settings, *, clock: Clock | None = None, storage: SqliteStorage | None = None) -> Starlette:
    """The application. Opens the store under `settings.data` at once, so that a bad one stops the start."""
    clock = clock or SystemClock()
    storage = storage or open_storage(settings.data, clock=clock)
    rooms = Rooms(storage, clock)

    origins = frozenset({settings.public_url}) if settings.public_url else frozenset()
    limits = Limits()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        days = asyncio.create_task(keep_days(rooms))
        yield
        days.cancel()
        for room in rooms.all():
            for seat in tuple(room.seats.values()):
                seat.close(RESTARTING, "restarting")
            await room.duplicates.close()
        await storage.close()

    app = web(
        settings,
        storage=storage,
        rooms=rooms,
        clock=clock,
        limits=limits,
        routes=socket_routes(rooms, origins=origins, limits=limits),
        lifespan=lifespan,
    )
    app.state.rooms = rooms
    app.state.storage = storage
    app.state.limits = limits
    return app
