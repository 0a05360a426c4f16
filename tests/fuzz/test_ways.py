"""Two thousand hostile inputs through each way in of a real server on a real port: none crashes it, holds it up, or moves what it must not."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from schema.edits import Edit
from server.sync.frames import PROTOCOL
from server.web.request_form import TYPED
from tests.fuzz import odd
from tests.fuzz.imports import mutated_file
from tests.fuzz.mutations import honest, mutated
from tests.server.web.visiting import HOME, Visit, visiting
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.live import serving
from tests.support.rooms import actor, grant, submit

INPUTS, SEED = 2000, 20210720
SLOW_S = 0.1
FRAMES_A_SOCKET = 80  # below the session's own limit of frames
FIELDS = ("key", "link", "secret", "row", "act", "seen", "outcome", *TYPED)


@dataclass
class Fuzzed:
    """A running server with a row that nobody here may harm."""

    visit: Visit
    address: str
    place: Edit
    roles: set[str] = field(default_factory=lambda: {"verifier"})
    slow: list[tuple[float, str]] = field(default_factory=list)

    @contextlib.contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """CPU of client and server together; what was slow once is tried by name."""
        started = time.process_time()
        yield
        if (took_s := time.process_time() - started) > SLOW_S:
            self.slow.append((took_s, what))

    def is_unharmed(self) -> bool:
        """The verified row, everybody's role, the protection and the notice are what they were."""
        room = self.visit.room
        room.forget("help", row_of(1))
        record = room.record("help", row_of(1))
        assert record is not None
        values = {
            path: [live.value for live in record.public.live(path)] for path in ("place", "verify_state", "outcome")
        }
        return (
            values == {"place": ["河边"], "verify_state": ["verified"], "outcome": []}
            and [live.value for live in record.private.live("contact_phone")] == ["14212345678"]
            and {grant.role for grant in room.storage.grants("flood")} == self.roles
            and not room.protection
            and room.notice == ""
        )

    async def answers(self) -> bool:
        """Whether an honest person is still served: reads the row, files another."""
        async with httpx.AsyncClient(base_url=f"http://{self.address}", headers={"accept": "text/html"}) as browser:
            page = await browser.get(f"{HOME}/help/1")
            sent = await browser.post(f"{HOME}/help/new", data={"key": new_id() * 2 + "k" * 6, "place": "新来的"})
        return page.status_code == 200 and "河边" in page.text and sent.status_code == 303


@pytest.fixture
def no_collector() -> Iterator[None]:
    """A collection walks whatever 2,500 tests before this one left in the process: 120 ms that are no input's."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture
async def fuzzed(tmp_path: Path, caplog: pytest.LogCaptureFixture, no_collector: None) -> AsyncIterator[Fuzzed]:
    caplog.set_level(logging.WARNING)
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        place = write(actor("ann"), {"place": "河边"})
        await submit(
            visit.room,
            visit.room.who(actor("ann")),
            place,
            ("private", write(actor("ann"), {"contact_phone": "14212345678"})),
            secret=secret_of(1),
        )
        vera = await grant(visit.room, "vera", "verifier")
        await submit(visit.room, vera, write(vera.actor, {"verify_state": "verified"}))
        target = Fuzzed(visit, address, place)
        yield target
        assert target.is_unharmed()
        assert await target.answers()
        assert not target.slow, f"seed {SEED}: {target.slow[:5]}"
        bad = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert not bad, f"seed {SEED}: {bad[:5]}"


# -- the sheet's socket


class Speaker:
    """A visitor's socket, opened again whenever the server has had enough."""

    def __init__(self, target: Fuzzed, session: str) -> None:
        self._target = target
        self._session = session
        self._socket: ClientConnection | None = None
        self._said = 0

    async def say(self, data: bytes) -> bool:
        """Say bytes; whether the server answered a ping after them (else it closed)."""
        if self._socket is None or self._said >= FRAMES_A_SOCKET:
            await self.close()
            self._socket = await connect(f"ws://{self._target.address}{HOME}/ws", compression=None, close_timeout=1)
            await self._socket.send(msgspec.msgpack.encode(["hello", PROTOCOL, self._session, 0, ""]))
            self._said = 0
        self._said += 1
        try:
            await self._socket.send(data)
            await self._socket.send(msgspec.msgpack.encode(["ping", 77_777]))
            async with asyncio.timeout(10):
                while msgspec.msgpack.decode(await self._socket.recv())[:2] != ["pong", 77_777]:  # type: ignore[arg-type]
                    pass
        except ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code in (4400, 4401, 4413, 4429), closed
            self._socket = None
            return False
        return True

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None


async def test_SE8_two_thousand_frames_through_the_socket(fuzzed: Fuzzed) -> None:
    chance = random.Random(SEED)
    speaker = Speaker(fuzzed, await fuzzed.visit.session("bo"))
    taken = 0
    for n in range(INPUTS):
        data = odd.frame(chance)
        with fuzzed.timed(f"frame {n}"):
            taken += await speaker.say(data)
    await speaker.close()
    assert INPUTS // 4 < taken < INPUTS, "some are taken and some close the connection, or this tests nothing"


# -- the documents' socket


def yjs_message(chance: random.Random) -> bytes:
    """A y-websocket message: a state vector, an update, awareness; or what only looks like one."""
    body = bytearray(chance.choice((b"\x00", b"\x01\x05\x01", honest(chance), mutated(chance)[:3000])))
    if chance.random() < 0.5:
        size = bytearray()
        number = len(body) if chance.random() < 0.8 else chance.choice((0, 2**31, 2**62))
        while number > 127:
            size.append(number & 127 | 128)
            number >>= 7
        size.append(number)
        body[:0] = size
    head = chance.choice((b"\x00\x00", b"\x00\x01", b"\x00\x02", b"\x01", b"\x02", b"\x03", b"\x00", b"\x80"))
    return head + bytes(body)


async def test_SE8_two_thousand_messages_through_the_documents_socket(fuzzed: Fuzzed) -> None:
    chance = random.Random(SEED)
    path = f"ws://{fuzzed.address}/yjs/flood/help/{row_of(1)}/public/0"
    socket: ClientConnection | None = None
    for n in range(INPUTS):
        with fuzzed.timed(f"message {n}"):
            if socket is None:
                socket = await connect(path, compression=None, close_timeout=1)
            try:
                await socket.send(yjs_message(chance))
                await socket.send(b"\x03")
                async with asyncio.timeout(10):
                    while (await socket.recv())[:1] != b"\x01":
                        pass
            except ConnectionClosed as closed:
                assert closed.rcvd is not None and closed.rcvd.code in (4400, 4403, 4429), closed
                socket = None
    if socket is not None:
        await socket.close()


# -- HTTP


async def test_SE8_two_thousand_forms(fuzzed: Fuzzed) -> None:
    chance = random.Random(SEED)
    async with httpx.AsyncClient(base_url=f"http://{fuzzed.address}", headers={"accept": "text/html"}) as browser:
        for n in range(INPUTS):
            fields = {name: odd.text(chance) for name in chance.sample(FIELDS, chance.randint(1, 8))}
            if chance.random() < 0.3:
                fields["seen"] = odd.as_json(odd.value(chance)).decode()[:9000]
            body = bytearray(urlencode(fields, errors="surrogatepass").encode())
            for _ in range(chance.choice((0, 0, 1, 5))):
                body[chance.randrange(len(body))] = chance.randrange(256)
            to = f"{HOME}/{chance.choice(('help/new', 'mine'))}"
            with fuzzed.timed(f"form {n}"):
                answer = await browser.post(
                    to, content=bytes(body), headers={"content-type": "application/x-www-form-urlencoded"}
                )
            assert answer.status_code < 500, f"seed {SEED} input {n}: {answer.status_code}"


async def test_SE8_two_thousand_bodies_of_edits(fuzzed: Fuzzed) -> None:
    chance = random.Random(SEED)
    headers = {"authorization": f"Bearer {await fuzzed.visit.session('bo')}", "content-type": "application/json"}
    verdicts: set[str] = set()
    async with httpx.AsyncClient(base_url=f"http://{fuzzed.address}", headers=headers) as app:
        for n in range(INPUTS):
            row = chance.randint(1, 3)
            one = {"tier": "public", "edit": new_id(), "at_ms": 1_626_785_940_000, "writes": {"floor": 2}, "seen": {}}
            thing: dict[str, Any] = {"sheet": "help", "row": row_of(row), "secret": "", "edits": [one]}
            one["writes"] = {
                chance.choice(("place", "verify_state", "floor", "outcome", "needs:boat")): odd.text(chance)
            }
            if chance.random() < 0.4:
                one["seen"] = {next(iter(one["writes"])): [fuzzed.place.edit]}  # type: ignore[call-overload]
            body = odd.as_json(odd.bent(chance, thing) if chance.random() < 0.7 else thing)
            with fuzzed.timed(f"edits {n}"):
                answer = await app.post(f"{HOME}/edits", content=body)
            assert answer.status_code < 500, f"seed {SEED} input {n}: {answer.status_code} {answer.text[:200]}"
            if answer.status_code == 200:
                verdicts |= {verdict[1] for verdict in answer.json()["verdicts"]}
    assert verdicts >= {"accepted", "suggested"}, "the inputs reach the judge"


# -- files


def test_SE8_two_thousand_files_behind_the_fence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.imports", str(INPUTS), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {SEED}: the child died with {done.returncode}: {done.stderr[-800:]}"
    report = json.loads(done.stdout)
    assert report["inputs"] == INPUTS and report["slow"] == 0, f"seed {SEED}: {report}"
    assert min(report["planned"], report["refused"]) > INPUTS // 10, report


async def test_SE8_hostile_files_are_answered_by_the_server(fuzzed: Fuzzed) -> None:
    """Few, for each starts a child of its own: that the two thousand above speak for the whole way."""
    chance = random.Random(SEED)
    await grant(fuzzed.visit.room, "sun", "steward")
    fuzzed.roles.add("steward")
    headers = {"authorization": f"Bearer {await fuzzed.visit.session('sun')}"}
    async with httpx.AsyncClient(base_url=f"http://{fuzzed.address}", headers=headers, timeout=60) as steward:
        for n in range(12):
            data, name = mutated_file(chance)
            answer = await steward.post(
                f"{HOME}/import?dry_run={n % 2}",
                files={"file": (name or "x", data)},
                data={"map": chance.choice(("", "{", "[]"))},
            )
            assert answer.status_code in (200, 400, 422), (
                f"seed {SEED} input {n}: {answer.status_code} {answer.text[:200]}"
            )
