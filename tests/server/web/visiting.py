"""The whole application on a store of the test's own, and browsers without JavaScript that visit it."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette

from schema.edits import Edit, Tier
from schema.values import Value
from server.app import create_app
from server.identity import login
from server.room import Room
from server.settings import Settings
from server.storage.contract import Workbook
from server.storage.sqlite import SqliteStorage, open_storage
from tests.support.clock import FakeClock
from tests.support.edits import write
from tests.support.rooms import DEVICES, actor, submit

BOOK = "flood"
HOME = f"/w/{BOOK}"


@dataclass
class Visit:
    """A running site. `browser()` is a new phone; pages come as text, forms go as they stand on the page."""

    app: Starlette
    room: Room
    storage: SqliteStorage
    clock: FakeClock

    def browser(self, *, language: str = "zh-CN", **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="https://sheet.test",
            headers={"accept": "text/html", "accept-language": language, **headers},
        )

    def program(self, session: str = "") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {session}"} if session else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="https://sheet.test", headers=headers
        )

    async def session(self, name: str) -> str:
        return (await login(self.room, DEVICES[name], name)).session

    async def file(
        self,
        row: int,
        public: Mapping[str, Value],
        private: Mapping[str, Value] | None = None,
        *,
        by: str = "ann",
        sheet: str = "help",
    ) -> str:
        """A row filed by a named device; the creating edit's id."""
        first = write(actor(by), public, at_ms=self.clock.now_ms())
        edits: list[Edit | tuple[Tier, Edit]] = [first]
        if private:
            edits.append(("private", write(actor(by), private, at_ms=self.clock.now_ms())))
        answer = await submit(self.room, self.room.who(actor(by)), *edits, row=row, sheet=sheet)
        assert [verdict.verdict for verdict in answer.verdicts] == ["accepted"] * len(edits)
        return first.edit


@contextlib.asynccontextmanager
async def visiting(folder: Path, *, client: Path | None = None, drill: bool = False) -> AsyncIterator[Visit]:
    """A site with one empty workbook."""
    clock = FakeClock()
    storage = open_storage(folder / "data", clock=clock)
    await storage.add_workbook(Workbook(BOOK, "洪水", drill, "k" * 22, storage.server_id, clock.now_ms(), {}))
    settings = Settings(data=folder / "data", client=client or folder / "no-client")
    app = create_app(settings, clock=clock, storage=storage)
    room = app.state.rooms.room(BOOK)
    assert room is not None
    try:
        yield Visit(app, room, storage, clock)
    finally:
        await storage.close()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


def words(page: str) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def ask(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """Open the form, fill it in, send it."""
    page = await browser.get(f"{HOME}/help/new")
    return await browser.post(f"{HOME}/help/new", data={**hidden(page.text), **fields})


def row_in(response: httpx.Response) -> str:
    """The row a receipt's address names."""
    assert response.status_code == 303, response.text
    return response.headers["location"].rpartition("/")[2]
