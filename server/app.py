"""The composition: settings in, one Starlette application out.

I/O. Everything is built here once and passed down; nothing else knows the whole.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from server.clock import Clock, SystemClock
from server.room import Room
from server.settings import Settings
from server.storage.sqlite import SqliteStorage, open_storage
from server.sync import endpoint as sheet_socket
from server.web.application import web
from server.web.security import is_own_request
from server.yjs import endpoint as yjs_socket

log = logging.getLogger(__name__)

FORBIDDEN, UNKNOWN = 4403, 4404


class Rooms:
    """The workbooks' live sides, opened on first use."""

    def __init__(self, storage: SqliteStorage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock
        self._open: dict[str, Room] = {}

    def room(self, workbook: str) -> Room | None:
        """The room of a workbook; None where there is no such workbook."""
        if workbook not in self._open:
            found = self.storage.workbook(workbook)
            if found is None:
                return None
            self._open[workbook] = Room(found, self.storage, self.clock, key=self.storage.key)
        return self._open[workbook]

    def all(self) -> list[Room]:
        """Every room opened so far."""
        return list(self._open.values())


def create_app(settings: Settings, *, clock: Clock | None = None, storage: SqliteStorage | None = None) -> Starlette:
    """The application. Opens the store under `settings.data` at once, so that a bad one stops the start."""
    clock = clock or SystemClock()
    storage = storage or open_storage(settings.data, clock=clock)
    rooms = Rooms(storage, clock)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        for room in rooms.all():
            for seat in tuple(room.seats.values()):
                seat.close(1012, "restarting")
        await storage.close()

    async def sheet(socket: WebSocket) -> None:
        await _enter(socket, rooms, sheet_socket.serve)

    async def yjs(socket: WebSocket) -> None:
        await _enter(socket, rooms, yjs_socket.serve)

    sockets = [
        WebSocketRoute("/w/{workbook}/ws", sheet),
        WebSocketRoute("/yjs/{workbook}/{sheet}/{row}/{tier}/{generation}", yjs),
    ]
    app = web(settings, storage=storage, rooms=rooms, clock=clock, routes=sockets, lifespan=lifespan)
    app.state.rooms = rooms
    app.state.storage = storage
    return app


async def _enter(socket: WebSocket, rooms: Rooms, serve: sheet_socket.Serve) -> None:
    """Into the room a socket's address names, unless a foreign page opened it (rule SY2)."""
    if not is_own_request(socket.headers):
        await socket.close(FORBIDDEN, "foreign origin")
        return
    room = rooms.room(socket.path_params["workbook"])
    if room is None:
        await socket.close(UNKNOWN, "unknown workbook")
        return
    await serve(socket, room)
