"""A real server on a real port, and a client that speaks frames: push through both ends."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from schema.edits import Edit, Tier
from schema.encoding import encode_edit
from server.clock import Clock, SystemClock
from server.identity import login
from server.room import Room
from server.rooms import Rooms
from server.sockets import socket_routes
from server.storage.sqlite import SqliteStorage
from server.sync.frames import MAX_FRAME_BYTES, PROTOCOL
from tests.support.edits import row_of
from tests.support.rooms import DEVICES

PATIENCE_S = 10.0


@contextlib.asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app on a free port of this machine; `host:port`."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=2 * MAX_FRAME_BYTES,
        log_level="error",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task


@contextlib.asynccontextmanager
async def sockets(storage: SqliteStorage, *, clock: Clock | None = None) -> AsyncIterator[tuple[str, Rooms]]:
    """The sockets of a store, without the pages; (address, rooms)."""
    rooms = Rooms(storage, clock or SystemClock())
    async with serving(Starlette(routes=list(socket_routes(rooms)))) as address:
        yield address, rooms
        for browser in _open_browsers:
            await browser.close()
        _open_browsers.clear()


class FakeBrowser:
    """One socket, as a browser would hold it. Every frame that came is in `heard`."""

    def __init__(self, socket: ClientConnection, *, actor: str) -> None:
        self.actor = actor
        self.heard: list[list[Any]] = []
        self.raw: list[bytes] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in self._socket:
                assert isinstance(data, bytes)
                async with self._news:
                    self.raw.append(data)
                    self.heard.append(msgspec.msgpack.decode(data))
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def say(self, *frame: Any) -> None:
        await self._socket.send(msgspec.msgpack.encode(list(frame)))

    async def send_raw(self, data: bytes) -> None:
        await self._socket.send(data)

    async def hear(self, tag: str, fits: Callable[[list[Any]], bool] = lambda frame: True) -> list[Any]:
        """The first frame of this tag that fits, waiting for it."""

        def found() -> list[Any] | None:
            return next((frame for frame in self.heard if frame[0] == tag and fits(frame)), None)

        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: found() is not None or self._reader.done())
        frame = found()
        assert frame is not None, f"closed with {self._socket.close_code}, never heard {tag}"
        return frame

    async def ask(self, tag: str, *fields: Any, answer: str = "done") -> list[Any]:
        """Say a numbered frame and wait for the answer of that number."""
        number = next(self._numbers)
        await self.say(tag, number, *fields)
        return await self.hear(answer, lambda frame: frame[1] == number)

    async def push(
        self, *edits: Edit | tuple[Tier, Edit], row: int = 1, sheet: str = "help", secret: str = ""
    ) -> list[list[str]]:
        """Push edits of one row; the verdicts."""
        tiered = [edit if isinstance(edit, tuple) else ("public", edit) for edit in edits]
        updates = [[tier, encode_edit(edit)] for tier, edit in tiered]
        ack = await self.ask("push", sheet, row_of(row, sheet=sheet), secret, updates, answer="ack")
        return list(ack[2])

    def cells(self, row: int = 1, sheet: str = "help") -> dict[str, Any]:
        """What the entries heard so far say of a row."""
        cells: dict[str, Any] = {}
        for frame in self.heard:
            for entry in frame[2] if frame[0] == "entries" else []:
                if (entry[0], entry[1]) == (sheet, row_of(row, sheet=sheet)):
                    cells.update(entry[5])
        return {path: live for path, live in cells.items() if live}

    async def closed(self) -> int | None:
        """The close code, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            await self._socket.wait_closed()
        return self._socket.close_code

    async def close(self) -> None:
        await self._socket.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


_open_browsers: list[FakeBrowser] = []


async def browse(
    address: str, room: Room, name: str, *, cursor: int = 0, epoch: str = "", greet: bool = True, **options: Any
) -> FakeBrowser:
    """Log a named device in and open its socket; live when it returns, unless it is not to greet."""
    session = await login(room, DEVICES[name], name)
    socket = await connect(
        f"ws://{address}/w/{room.workbook.id}/ws", compression=None, max_size=None, close_timeout=1, **options
    )
    browser = FakeBrowser(socket, actor=session.who.actor)
    _open_browsers.append(browser)
    if greet:
        await browser.say("hello", PROTOCOL, session.session, cursor, epoch)
        await browser.hear("live")
    return browser
