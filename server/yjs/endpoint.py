"""y-websocket's protocol over one row document, read-only: `/yjs/{workbook}/{sheet}/{row}/{tier}/{generation}`.

I/O. Mounted by `server/app.py`. A stock client reads with the reader's rights; what it writes is not canonical and cannot be judged, so a write
ends the session with 4403 (decision in docs/protocol.md). An older generation is closed with 4410 and the new number.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.websockets import WebSocket, WebSocketDisconnect

from schema.edits import TIERS
from schema.errors import ProtocolError
from schema.sheets import SHEETS
from schema.values import write_uint
from server import identity, showing
from server.documents import open_document, read_document
from server.errors import AccessError, RoomFailed
from server.limits import DOCUMENTS_BY_ADDRESS, MESSAGES_BY_READER, Limits, address_key
from server.replica import Replica
from server.room import Room
from server.yjs.messages import (
    AWARENESS,
    QUERY_AWARENESS,
    STEP_1,
    STEP_2,
    SYNC,
    UPDATE,
    read_message,
    read_state_vector,
    write_awareness,
)

FORBIDDEN, OLDER_GENERATION, MALFORMED, UNKNOWN, SLOW_DOWN, RESTARTING = 4403, 4410, 4400, 4404, 4429, 1012
POLL_S = 0.25  # a reader of a document waits at most this long for what is new


async def serve(socket: WebSocket, room: Room, limits: Limits) -> None:
    """Serve one row document until the reader leaves."""
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        address = address_key(socket.client.host) if socket.client else ""
        if limits.take("documents", address, DOCUMENTS_BY_ADDRESS, now_s=room.clock.monotonic()):
            await socket.close(SLOW_DOWN, "too many documents")
            return
        try:
            await _serve(socket, room, limits)
        except RoomFailed:
            await socket.close(RESTARTING, "this document could not be built")


async def _serve(socket: WebSocket, room: Room, limits: Limits) -> None:
    sheet, row, tier = (socket.path_params[name] for name in ("sheet", "row", "tier"))
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None or not record.version or tier not in TIERS:
        await socket.close(UNKNOWN, "unknown row")
        return
    if tier == "private" and not await _may_read(socket, room, sheet, row):
        await socket.close(FORBIDDEN, "forbidden")
        return
    home = room.workbook.home == room.storage.server_id
    document = await open_document(room.storage, room.workbook.id, sheet, row, tier, clock=room.clock, compacts=home)
    if str(document.generation) != socket.path_params["generation"]:
        await socket.close(OLDER_GENERATION, str(document.generation))
        return
    reader = _Reader(socket, Replica(document.updates), set(document.since), room=room, limits=limits)
    tasks = [
        asyncio.create_task(reader.listen()),
        asyncio.create_task(_follow(reader, room, sheet, row, tier, document.generation)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(reader: _Reader, room: Room, sheet: str, row: str, tier: str, generation: int) -> None:
    """Send what is accepted while the reader is here; end when the document is written anew."""
    record = room.record(sheet, row)
    version = record.version if record else 0
    while True:
        await asyncio.sleep(POLL_S)
        record = room.record(sheet, row)
        if record is None or record.version == version:
            continue
        version = record.version
        document = read_document(
            room.storage, room.workbook.id, sheet, row, "public" if tier == "public" else "private"
        )
        if document.generation != generation:
            await reader.close(OLDER_GENERATION, str(document.generation))
            return
        await reader.tell(document.since)


class _Reader:
    """One stock client and the replica it is served from."""

    def __init__(self, socket: WebSocket, replica: Replica, held: set[bytes], *, room: Room, limits: Limits) -> None:
        self._id = room.clock.random62(12)
        self._socket = socket
        self._replica = replica
        self._held = held
        self._clock = room.clock
        self._limits = limits

    async def listen(self) -> None:
        """Answer sync step 1; a write ends the session."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if self._limits.take("messages", self._id, MESSAGES_BY_READER, now_s=self._clock.monotonic()):
                    await self.close(SLOW_DOWN, "too many messages")
                    return
                try:
                    kind, step, payload = read_message(message.get("bytes") or b"")
                    if kind == SYNC and step == STEP_1:
                        await self._send(STEP_2, self._replica.update_since(read_state_vector(payload)))
                    elif kind == SYNC and payload != b"\x00\x00":
                        await self.close(FORBIDDEN, "read-only")
                        return
                    elif kind == QUERY_AWARENESS:
                        await self._socket.send_bytes(write_awareness())
                    elif kind not in (SYNC, AWARENESS):
                        raise ProtocolError("malformed", "not a y-websocket message")
                except (ProtocolError, RoomFailed):
                    await self.close(MALFORMED, "malformed")
                    return

    async def tell(self, updates: tuple[bytes, ...]) -> None:
        """Send the edits this reader has not been sent."""
        for update in updates:
            if update not in self._held:
                self._held.add(update)
                self._replica.merge(update)
                await self._send(UPDATE, update)

    async def close(self, code: int, reason: str) -> None:
        with contextlib.suppress(Exception):  # the peer may be gone already
            await self._socket.close(code, reason)

    async def _send(self, step: int, payload: bytes) -> None:
        out = bytearray((SYNC, step))
        write_uint(len(payload), out)
        await self._socket.send_bytes(bytes(out) + payload)


async def _may_read(socket: WebSocket, room: Room, sheet: str, row: str) -> bool:
    """The reader's right to the private tier, by the session in the Authorization header or cookie; the showing is logged."""
    secret = socket.headers.get("authorization", "").removeprefix("Bearer ") or socket.cookies.get("sheet_session", "")
    found = identity.authenticate(room.storage, room, secret)
    if found is None:
        return False
    try:
        await showing.show(room, found[1], sheet=sheet, row=row, reason="yjs")
    except AccessError:
        return False
    return True
