"""Attacks on the private tier and on the web, each with the build that lets it through."""

from __future__ import annotations

import functools
import html
from typing import Any

import jinja2
import pytest
from websockets.asyncio.client import connect

import server.showing
import server.suggestions
import server.sync.endpoint
import server.web.answers
import server.web.api
import server.web.application
import server.web.posting
import server.yjs.endpoint
from moderation.roles import Who
from server import showing
from server.errors import AccessError
from server.limits import Limits
from server.room import Room
from server.web.site import Site as WebSite
from tests.attacks.attack import Attack
from tests.attacks.site import HOME, PHONE, heard, settle, site
from tests.support.edits import row_of, write
from tests.support.live import FakeBrowser
from tests.support.rooms import grant

HELP = ("help", row_of(1))
SCRIPT = "<script>alert(1)</script>"


def leaked(browser: FakeBrowser) -> bool:
    return any(PHONE.encode() in raw for raw in browser.raw)


async def asks(room: Room, *frame: Any) -> bool:
    async with site(room) as it:
        await it.victim()
        bo = await it.socket("bo")
        await bo.say(*frame)
        await settle(bo)
        return leaked(bo)


async def reveals_a_strangers_row(room: Room) -> bool:
    return await asks(room, "reveal", 1, *HELP, "好奇", "")


async def reads_private_edits_in_the_history(room: Room) -> bool:
    return await asks(room, "history", 1, *HELP)


async def reads_the_private_document(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        path = f"ws://{it.address}/yjs/flood/help/{row_of(1)}/private/0"
        async with connect(path, compression=None) as socket:
            try:
                await socket.send(b"\x00\x00\x01\x00")
                while True:
                    if PHONE.encode() in bytes(await socket.recv()):  # type: ignore[arg-type]
                        return True
            except Exception:
                return False


async def reads_suggestions_of_others(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        ann = await it.socket("chen")
        await ann.push(write(ann.actor, {"verify_state": "verified"}))
        bo = await it.socket("bo")
        await bo.say("suggestions", 1, *HELP)
        await settle(bo)
        return any(frame[0] == "suggestions" and frame[2] for frame in bo.heard)


async def reads_in_bulk(room: Room) -> bool:
    vera = await grant(room, "vera", "verifier")
    async with site(room) as it:
        shown = 0
        for row in range(125):
            await it.victim(row=row)
            try:
                await showing.show(it.room, vera, sheet="help", row=row_of(row), reason="看看")
            except AccessError:
                break
            shown += 1
        return shown > 120


async def reads_without_a_trace(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        await grant(it.room, "vera", "verifier")
        vera = await it.socket("vera")
        await vera.say("reveal", 1, *HELP, "核实", "")
        await settle(vera)
        return heard(vera, "private") and not it.room.storage.audit("flood", act="reveal")


async def sees_who_else_was_shown_a_row(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        bo = await it.socket("bo")
        await bo.say("showings", 1, *HELP)
        await settle(bo)
        return heard(bo, "showings")


# -- the web


async def posts_from_another_site(room: Room) -> bool:
    async with site(room) as it, it.http(origin="https://evil.test") as browser:
        await browser.post(f"{HOME}/help/new", data={"key": "k" * 22, "place": "假的"})
        return it.room.storage.count_rows("flood", over=None) > 0


async def takes_the_full_export(room: Room) -> bool:
    async with site(room) as it, it.http("bo") as browser:
        await it.victim()
        return PHONE in (await browser.get(f"{HOME}/export/help.csv?full=1")).text


async def imports_as_a_visitor(room: Room) -> bool:
    async with site(room) as it, it.http("bo") as browser:
        files = {"file": ("a.csv", "姓名,电话,地址\n王某,14212345678,桥头\n".encode())}
        await browser.post(f"{HOME}/import", files=files)
        return it.room.storage.count_rows("flood", over=None) > 0


async def puts_a_script_on_a_page(room: Room) -> bool:
    async with site(room) as it, it.http(accept="text/html") as browser:
        await it.victim(public={"place": SCRIPT, "summary": SCRIPT})
        pages = [(await browser.get(f"{HOME}/{path}")).text for path in ("help/", "help/1")]
        assert all(SCRIPT in html.unescape(page) for page in pages), "it is told, as text"
        return any(SCRIPT in page for page in pages)


async def floods_past_its_budget(room: Room) -> bool:
    async with site(room) as it:
        limits: Limits = it.app.state.limits
        limits._kept[("rows-visitor", (bo := await it.socket("bo")).actor)] = (0.0, it.room.clock.monotonic())
        verdicts = await bo.push(write(bo.actor, {"place": "假的"}))
        return verdicts[0][1] == "accepted"


async def sends_a_body_without_end(room: Room) -> bool:
    async with site(room) as it, it.http() as browser:
        body = b"place=a&unknown=" + b"a" * (8 * 1024 * 1024)  # in a field nobody reads
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return (await browser.post(f"{HOME}/help/new", content=body, headers=headers)).status_code != 413


# -- sabotage


def everybody_may_see(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.showing, "may_see", lambda **kwargs: True)


def yjs_asks_nobody(patch: pytest.MonkeyPatch) -> None:
    async def yes(*args: Any) -> bool:
        return True

    patch.setattr(server.yjs.endpoint, "_may_read", yes)


def all_suggestions_are_for_all(patch: pytest.MonkeyPatch) -> None:
    def visible(room: Room, who: Who, *, sheet: str = "", row: str = "") -> Any:
        return room.storage.suggestions(room.workbook.id, sheet=sheet, row=row)

    patch.setattr(server.suggestions, "visible", visible)


def showings_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.showing, "_count", lambda *args: [])


def showings_are_not_logged(patch: pytest.MonkeyPatch) -> None:
    async def show(room: Room, who: Who, *, sheet: str, row: str, **rest: Any) -> Any:
        record = room.record(sheet, row)
        assert record is not None
        return record.private.cells

    patch.setattr(server.showing, "show", show)


def everybody_answers_for_the_sheet(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.showing, "RULES", frozenset({"visitor", "steward", "owner"}))


def every_site_is_ours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.web.answers, "is_own_request", lambda headers, **kwargs: True)


def everybody_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.web.api, "RULES", frozenset({"visitor", "steward", "owner"}))


def templates_do_not_escape(patch: pytest.MonkeyPatch) -> None:
    naked = jinja2.Environment(loader=jinja2.PackageLoader("server.web"), autoescape=False)
    patch.setattr(server.web.application, "Site", functools.partial(WebSite, environment=naked))


def nothing_is_budgeted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Limits, "wait", lambda self, *args, **kwargs: 0.0)


def bodies_have_no_limit(patch: pytest.MonkeyPatch) -> None:
    async def whole(request: Any, limit: int) -> bytes:
        return bytes(await request.body())

    patch.setattr(server.web.posting, "read_body", whole)


READING_ATTACKS = [
    Attack("reveals a stranger's row", "ED20", everybody_may_see, reveals_a_strangers_row),
    Attack("reads private edits in the history", "ED20", everybody_may_see, reads_private_edits_in_the_history),
    Attack("reads the private document", "SY15", yjs_asks_nobody, reads_the_private_document),
    Attack("reads suggestions of others", "SE9", all_suggestions_are_for_all, reads_suggestions_of_others),
    Attack("reads in bulk", "PR2", showings_are_not_counted, reads_in_bulk),
    Attack("reads without a trace", "PR1", showings_are_not_logged, reads_without_a_trace),
    Attack("sees who was shown a row", "PR4", everybody_answers_for_the_sheet, sees_who_else_was_shown_a_row),
    Attack("posts from another site", "WB3", every_site_is_ours, posts_from_another_site),
    Attack("takes the full export", "WB28", everybody_rules, takes_the_full_export),
    Attack("imports as a visitor", "WB27", everybody_rules, imports_as_a_visitor),
    Attack("puts a script on a page", "SE12", templates_do_not_escape, puts_a_script_on_a_page),
    Attack("floods past its budget", "SE1", nothing_is_budgeted, floods_past_its_budget),
    Attack("sends a body without end", "WB7", bodies_have_no_limit, sends_a_body_without_end),
]
