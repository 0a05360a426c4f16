"""The two sockets and who may open them: the sheet's, and the documents' for stock Yjs clients.

I/O. Mounted by `server/app.py`.
"""

from __future__ import annotations

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from server.rooms import Rooms
from server.sync import endpoint as sheet_socket
from server.web.security import is_own_request
from server.yjs import endpoint as yjs_socket

FORBIDDEN, UNKNOWN = 4403, 4404


def socket_routes(rooms: Rooms, *, origins: frozenset[str] = frozenset()) -> list[WebSocketRoute]:
    """Their routes. `origins` are further names this server goes by."""

    async def sheet(socket: WebSocket) -> None:
        await _enter(socket, rooms, sheet_socket.serve, origins=origins)

    async def yjs(socket: WebSocket) -> None:
        await _enter(socket, rooms, yjs_socket.serve, origins=origins)

    return [
        WebSocketRoute("/w/{workbook}/ws", sheet),
        WebSocketRoute("/yjs/{workbook}/{sheet}/{row}/{tier}/{generation}", yjs),
    ]


async def _enter(socket: WebSocket, rooms: Rooms, serve: sheet_socket.Serve, *, origins: frozenset[str]) -> None:
    """Into the room a socket's address names, unless a foreign page opened it (rule SY2)."""
    if not is_own_request(socket.headers, origins=origins):
        await socket.close(FORBIDDEN, "foreign origin")
        return
    room = rooms.room(socket.path_params["workbook"])
    if room is None:
        await socket.accept()
        await socket.close(UNKNOWN, "unknown workbook")
        return
    await serve(socket, room)
