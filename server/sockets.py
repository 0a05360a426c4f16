"""The two sockets and who may open them: the sheet's, and the documents' for stock Yjs clients.

I/O. Mounted by `server/app.py`.
"""

from __future__ import annotations

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from server.limits import SOCKETS_BY_ADDRESS, Limits, address_key
from server.rooms import Rooms
from server.sync import endpoint as sheet_socket
from server.web.security import is_own_request
from server.yjs import endpoint as yjs_socket

FORBIDDEN, UNKNOWN, SLOW_DOWN = 4403, 4404, 4429


def socket_routes(
    rooms: Rooms, *, origins: frozenset[str] = frozenset(), limits: Limits | None = None
) -> list[WebSocketRoute]:
    """Their routes. `origins` are further names this server goes by."""
    limits = limits or Limits()

    async def sheet(socket: WebSocket) -> None:
        await _enter(socket, rooms, sheet_socket.serve, origins=origins, limits=limits)

    async def yjs(socket: WebSocket) -> None:
        await _enter(socket, rooms, yjs_socket.serve, origins=origins, limits=limits)

    return [
        WebSocketRoute("/w/{workbook}/ws", sheet),
        WebSocketRoute("/yjs/{workbook}/{sheet}/{row}/{tier}/{generation}", yjs),
    ]


async def _enter(
    socket: WebSocket, rooms: Rooms, serve: sheet_socket.Serve, *, origins: frozenset[str], limits: Limits
) -> None:
    """Into the room a socket's address names, unless a foreign page opened it (rule SY2) or its address has too many (SE5)."""
    if not is_own_request(socket.headers, origins=origins):
        await socket.close(FORBIDDEN, "foreign origin")
        return
    room = rooms.room(socket.path_params["workbook"])
    if room is None:
        await socket.accept()
        await socket.close(UNKNOWN, "unknown workbook")
        return
    address = address_key(socket.client.host) if socket.client else ""
    if not limits.open_socket("address", address, SOCKETS_BY_ADDRESS):
        await socket.accept()
        await socket.close(SLOW_DOWN, "too many sockets")
        return
    try:
        await serve(socket, room, limits)
    finally:
        limits.close_socket("address", address)
