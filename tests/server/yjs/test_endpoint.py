"""The documents' socket, read by a stock npm yjs + y-websocket client, and by hostile ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from schema.errors import ProtocolError
from server.errors import RoomFailed
from server.identity import login
from server.replica import Replica
from server.room import Room
from server.storage.contract import Workbook
from server.storage.sqlite import open_storage
from server.yjs.messages import read_message, read_state_vector
from tests.support.edits import row_of, write
from tests.support.live import sockets
from tests.support.rooms import DEVICES, actor, grant, submit

CLIENT = Path(__file__).resolve().parents[3] / "client"
SCRIPT = Path(__file__).with_name("reader.mjs")
ANN = actor("ann")
PATIENCE_S = 20.0


@dataclass
class Live:
    address: str
    room: Room


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    storage = open_storage(tmp_path)
    await storage.add_workbook(Workbook("flood", "洪水", False, "k" * 22, storage.server_id, 1, {}))
    async with sockets(storage) as (address, rooms):
        room = rooms.room("flood")
        assert room is not None
        yield Live(address, room)
    await storage.close()


class StockClient:
    """A Node process running reader.mjs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def event(self, name: str) -> dict[str, Any]:
        """The next event that has this key."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._process.stdout.readline():
                event: dict[str, Any] = json.loads(line)
                if name in event:
                    return event
        raise AssertionError(f"the client ended without {name}")


@contextlib.asynccontextmanager
async def stock_client(live: Live, path: str, *more: str) -> AsyncIterator[StockClient]:
    base, _, room = f"ws://{live.address}/yjs/flood/{path}".rpartition("/")
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        base,
        room,
        *more,
        cwd=CLIENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield StockClient(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()


pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


async def test_SY15_a_stock_client_reads_the_row_and_hears_what_is_accepted_later(live: Live) -> None:
    first = write(ANN, {"summary": "救命", "people_total": 3})
    await submit(live.room, ANN, first)
    async with stock_client(live, f"help/{row_of(1)}/public/0") as client:
        held = (await client.event("synced"))["map"]
        assert held[f"summary~{first.edit}"] == "救命"
        assert held[f"~{first.edit}"][0] == ANN
        later = write(ANN, {"floor": 2})
        await submit(live.room, ANN, later)
        assert (await client.event("map"))["map"][f"floor~{later.edit}"] == 2


async def test_SY15_a_write_of_a_stock_client_ends_its_session_and_reaches_no_row(live: Live) -> None:
    await submit(live.room, ANN, write(ANN, {"summary": "救命"}))
    async with stock_client(live, f"help/{row_of(1)}/public/0", "write") as client:
        closed = await client.event("closed")
    assert (closed["closed"], closed["reason"]) == (4403, "read-only")
    assert len(live.room.storage.log("flood")) == 1


async def test_SY15_an_older_generation_is_closed_with_the_new_number(live: Live) -> None:
    await submit(live.room, ANN, write(ANN, {"summary": "救命"}))
    async with stock_client(live, f"help/{row_of(1)}/public/7") as client:
        closed = await client.event("closed")
    assert (closed["closed"], closed["reason"]) == (4410, "0")


async def test_SY15_the_private_tier_needs_the_readers_right_and_is_logged(live: Live) -> None:
    name = write(ANN, {"person_name": "王某"})
    await submit(live.room, ANN, write(ANN, {"summary": "救命"}), ("private", name))
    async with stock_client(live, f"help/{row_of(1)}/private/0") as client:
        assert (await client.event("closed"))["closed"] == 4403
    await grant(live.room, "vera", "verifier")
    session = (await login(live.room, DEVICES["vera"])).session
    async with stock_client(live, f"help/{row_of(1)}/private/0", "read", session) as client:
        assert (await client.event("synced"))["map"][f"person_name~{name.edit}"] == "王某"
    assert [(line.actor, line.reason) for line in live.room.storage.audit("flood", act="reveal")] == [
        (actor("vera"), "yjs")
    ]


@pytest.mark.parametrize("path", [f"help/{'0' * 16}/public/0", "nonsense/x/public/0"])
async def test_SY15_a_row_that_is_none_is_closed(live: Live, path: str) -> None:
    async with connect(f"ws://{live.address}/yjs/flood/{path}") as socket:
        async with asyncio.timeout(PATIENCE_S):
            await socket.wait_closed()
        assert socket.close_code == 4404


async def test_ED23_a_document_that_cannot_be_built_sends_its_reader_away_and_nobody_else(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit(live.room, ANN, write(ANN, {"summary": "救命"}))
    await submit(live.room, ANN, write(ANN, {"summary": "第二户"}), row=2)
    merge = Replica.merge

    def fails(self: Replica, update: bytes) -> None:
        if "救命".encode() in update:
            raise RoomFailed("replica-failed", "yrs gave up")
        merge(self, update)

    monkeypatch.setattr(Replica, "merge", fails)
    base = f"ws://{live.address}/yjs/flood/help"
    async with connect(f"{base}/{row_of(1)}/public/1") as lost, connect(f"{base}/{row_of(2)}/public/0") as well:
        async with asyncio.timeout(PATIENCE_S):
            await lost.wait_closed()
            await well.send(bytes((0, 0, 1, 0)))
            answer = await well.recv()
        assert lost.close_code == 1012
        assert isinstance(answer, bytes) and "第二户".encode() in answer


HOSTILE = [
    b"",
    b"\x00",
    b"\x00\x09\x00",
    b"\x00\x00\x05\x00",
    b"\x00\x00\x00\x00",
    b"\x63\x00",
    b"\x00\x00\x06\xff\xff\xff\xff\xff\x7f",
    b"\x00\x00\x03\x01\x05\x80",
    b"\x00\x00\x07\x01\x05\xff\xff\xff\xff\x7f",
    b"\x00\x00\x05\x02\x05\x01\x05\x01",
]


@pytest.mark.parametrize("data", HOSTILE, ids=bytes.hex)
async def test_ED3_hostile_sync_messages_are_malformed_and_never_reach_yrs(live: Live, data: bytes) -> None:
    await submit(live.room, ANN, write(ANN, {"summary": "救命"}))
    async with connect(f"ws://{live.address}/yjs/flood/help/{row_of(1)}/public/0") as socket:
        await socket.send(data)
        async with asyncio.timeout(PATIENCE_S):
            await socket.wait_closed()
        assert socket.close_code == 4400


def test_ED3_a_state_vector_is_read_whole_and_written_anew() -> None:
    assert read_state_vector(b"\x02\x05\x01\x09\x03") == b"\x02\x05\x01\x09\x03"
    assert read_state_vector(b"\x00") == b"\x00"
    for wrong in (b"", b"\x01", b"\x00\x00", b"\x01\x05\x01\x00", b"\xff\xff\x7f"):
        with pytest.raises(ProtocolError):
            read_state_vector(wrong)
    with pytest.raises(ProtocolError):
        read_message(b"\x00" * 70_000)
