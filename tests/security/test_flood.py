"""Floods through the real application: honest crowds pass, floods wait, and no help request is lost."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from moderation.roles import Role
from schema.ids import row_id
from server import identity
from server.errors import AccessError
from server.limits import (
    LOGINS_BY_ACTOR,
    POSTS_BY_ADDRESS,
    ROWS_BY_ADDRESS,
    ROWS_BY_VISITOR,
    SOCKETS_BY_ACTOR,
    WRONG_INVITES_BY_ADDRESS,
    Limits,
    TooMany,
)
from server.sync.frames import MAX_FRAME_BYTES, Hello, Ping
from server.sync.session import MAX_BYTES_PER_MIN, Event, Session
from tests.server.web.visiting import BOOK, HOME, Visit, hidden, row_in, visiting, words
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.live import browse, serving
from tests.support.rooms import DEVICES, actor, grant

SHELTER, STRANGER = "203.0.113.7", "198.51.100.1"
FORM = f"{HOME}/help/new"


def phone(visit: Visit, *, address: str = SHELTER) -> httpx.AsyncClient:
    """A new phone without JavaScript behind an address."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(visit.app, client=(address, 4711)),
        base_url="https://sheet.test",
        headers={"accept": "text/html", "accept-language": "zh-CN"},
    )


def spend(visit: Visit, kind: str, key: str, many: float) -> None:
    """As if so many had been asked for just now."""
    limits: Limits = visit.app.state.limits
    limits._kept[(kind, key)] = (many, visit.clock.monotonic())


async def test_SE3_two_hundred_people_behind_one_address_file_within_a_minute(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as browser:
        rows = set()
        for n in range(200):
            browser.cookies.clear()  # the next phone
            page = await browser.get(FORM)
            rows.add(row_in(await browser.post(FORM, data={**hidden(page.text), "place": f"安置点{n}号帐篷"})))
        assert len(rows) == 200 == visit.storage.count_rows(BOOK, over=None)


async def test_SE3_two_hundred_apps_behind_one_address_log_in_and_file(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as app:
        for n in range(200):
            login = (await app.post(f"{HOME}/login", json={"device": f"{n:022d}"})).json()
            session = {"authorization": f"Bearer {login['session']}"}
            answer = await app.post(f"{HOME}/edits", json=one_row(n, login["actor"]), headers=session)
            assert answer.status_code == 200 and answer.json()["verdicts"][0][1] == "accepted"
        assert visit.storage.count_rows(BOOK, over=None) == 200


async def test_SE2_past_the_flood_level_the_form_comes_back_whole_and_is_the_same_row_later(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as browser:
        page = await browser.get(FORM)
        fields = {**hidden(page.text), "place": "桥头", "summary": "水到胸口", "contact_phone": "14200001234"}
        spend(visit, "rows-address", SHELTER, 0.0)
        held = await browser.post(FORM, data=fields)
        assert held.status_code == 429 and 1 <= int(held.headers["retry-after"]) <= 60
        for word in ("桥头", "水到胸口", "14200001234", "你写的内容都还在", "请等几秒再按一次"):
            assert word in held.text
        assert hidden(held.text)["key"] == fields["key"]
        assert visit.storage.count_rows(BOOK, over=None) == 0
        async with phone(visit, address=STRANGER) as other:
            other_page = await other.get(FORM)
            row_in(await other.post(FORM, data={**hidden(other_page.text), "place": "别处"}))
        visit.clock.pass_s(int(held.headers["retry-after"]))
        first = row_in(await browser.post(FORM, data=fields))
        assert row_in(await browser.post(FORM, data=fields)) == first
        assert visit.storage.count_rows(BOOK, over=None) == 2


async def test_SE2_what_was_filed_already_is_answered_even_in_a_flood(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as browser:
        page = await browser.get(FORM)
        fields = {**hidden(page.text), "place": "桥头"}
        row = row_in(await browser.post(FORM, data=fields))
        spend(visit, "rows-address", SHELTER, 0.0)
        spend(visit, "rows-visitor", visit.storage.view_row(BOOK, "help", row).author, 0.0)  # type: ignore[union-attr]
        assert row_in(await browser.post(FORM, data=fields)) == row
        again = await browser.get(FORM)
        assert row_in(await browser.post(FORM, data={**hidden(again.text), "place": "桥头"})) == row


async def test_SE1_a_flood_of_forms_from_one_address_ends_and_others_go_on(tmp_path: Path) -> None:
    """Each form is a new actor, as without a cookie."""
    async with visiting(tmp_path) as visit, phone(visit) as flood:
        spend(visit, "rows-address", SHELTER, 5.0)
        answers = []
        for n in range(20):
            flood.cookies.clear()
            key = f"{n:022d}"
            answers.append((await flood.post(FORM, data={"key": key, "place": f"假的{n}"})).status_code)
        assert answers.count(303) == 5 and answers.count(429) == 15
        async with phone(visit, address=STRANGER) as other:
            row_in(await other.post(FORM, data={"key": "k" * 22, "place": "真的"}))


async def test_SE1_posts_of_any_kind_are_counted_to_their_address(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as browser:
        for address in (FORM, f"{HOME}/mine", f"{HOME}/login", f"{HOME}/join", f"{HOME}/edits", f"{HOME}/invites"):
            spend(visit, "posts", SHELTER, 0.0)
            if address in (FORM, f"{HOME}/mine"):
                answer = await browser.post(address, data={"link": "我的链接", "place": "我的话"})
                assert "我的" in answer.text, "what was typed is still there"
            else:
                answer = await browser.post(address, json={}, headers={"accept": "*/*"})
                assert answer.json()["error"]["code"] == "too-many"
            assert answer.status_code == 429 and "retry-after" in answer.headers, address


async def test_SE2_an_update_past_the_flood_level_keeps_its_words(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as browser:
        page = await browser.get(FORM)
        sent = await browser.post(FORM, data={**hidden(page.text), "place": "桥头"})
        secret = hidden((await browser.get(sent.headers["location"])).text)["secret"]
        opened = await browser.post(f"{HOME}/mine", data={"link": secret})
        spend(visit, "posts", SHELTER, 0.0)
        held = await browser.post(
            f"{HOME}/mine", data={**hidden(opened.text), "act": "save", "directions": "从南门进", "note": "还有两人"}
        )
        assert held.status_code == 429 and "从南门进" in held.text and "还有两人" in held.text
        assert "请等几秒再按一次" in words(held.text)


async def test_SE4_logins_of_one_device_and_wrong_invites_of_one_address_are_counted(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as app:
        said = [
            (await app.post(f"{HOME}/login", json={"device": "d" * 22})).status_code
            for _ in range(int(LOGINS_BY_ACTOR.burst) + 1)
        ]
        assert said[:-1] == [200] * (len(said) - 1) and said[-1] == 429
        assert (await app.post(f"{HOME}/login", json={"device": "e" * 22})).status_code == 200

        spend(visit, "wrong-invites", SHELTER, 2.0)
        wrong = [
            (await app.post(f"{HOME}/join", json={"device": f"{n:022d}", "invite": f"{n:022d}"})).status_code
            for n in range(4)
        ]
        assert wrong[:2] == [403, 403] and wrong[2:] == [429, 429]
        async with phone(visit, address=STRANGER) as other:
            answer = await other.post(f"{HOME}/join", json={"device": "f" * 22, "invite": "x" * 22})
            assert answer.status_code == 403


async def test_SE4_three_hundred_at_a_spent_invite_do_not_lock_out_who_has_a_good_one(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as app:
        sun = await grant(visit.room, "sun", "steward")
        made = await identity.invite(visit.room, sun, role="volunteer", uses=250)
        assert WRONG_INVITES_BY_ADDRESS.burst >= 300
        for n in range(100):
            answer = await app.post(f"{HOME}/join", json={"device": f"{n:022d}", "invite": made.secret})
            assert answer.status_code == 200, "right ones are not counted"
        limits: Limits = visit.app.state.limits
        assert not limits.wait("wrong-invites", SHELTER, WRONG_INVITES_BY_ADDRESS, now_s=visit.clock.monotonic())


def one_row(number: int, who: str) -> dict[str, object]:
    edit = {"tier": "public", "edit": new_id(), "at_ms": 1_626_785_940_000, "writes": {"place": "桥头"}, "seen": {}}
    return {"sheet": "help", "row": row_of(number), "secret": secret_of(number), "edits": [edit]}


async def test_SE2_a_program_is_told_the_seconds_and_the_same_later_succeeds(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, phone(visit) as app:
        session = {"authorization": f"Bearer {await visit.session('ann')}"}
        spend(visit, "rows-visitor", actor("ann"), 0.0)
        body = one_row(1, actor("ann"))
        held = await app.post(f"{HOME}/edits", json=body, headers=session)
        assert held.status_code == 429 and held.json()["error"]["code"] == "too-many"
        assert visit.storage.count_rows(BOOK, over=None) == 0
        visit.clock.pass_s(int(held.headers["retry-after"]))
        assert (await app.post(f"{HOME}/edits", json=body, headers=session)).json()["verdicts"][0][1] == "accepted"


@pytest.mark.parametrize("kind", ["rows-visitor", "edits"])
async def test_SE2_SE6_a_push_past_the_flood_level_is_answered_retry_and_taken_later(tmp_path: Path, kind: str) -> None:
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        ann = await browse(address, visit.room, "ann")
        spend(visit, kind, ann.actor, 0.0)
        edit = write(ann.actor, {"place": "桥头"})
        assert await ann.push(edit, secret=secret_of(1)) == [[edit.edit, "retry", "too-many"]]
        assert visit.room.record("help", row_of(1)) is None
        visit.clock.pass_s(60)
        assert await ann.push(edit, secret=secret_of(1)) == [[edit.edit, "accepted", "ok"]]
        spend(visit, "rows-visitor", ann.actor, 0.0)
        more = write(ann.actor, {"floor": 2})
        assert await ann.push(more) == [[more.edit, "accepted", "ok"]], "only beginning a row is counted"
        await ann.close()


async def test_SE5_a_device_holds_so_many_sockets_and_gets_a_place_again_when_one_closes(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        limits: Limits = visit.app.state.limits
        ann = await browse(address, visit.room, "ann")
        limits._open[("actor", ann.actor)] = SOCKETS_BY_ACTOR
        refused = await browse(address, visit.room, "ann", greet=False)
        session = await identity.login(visit.room, DEVICES["ann"])
        await refused.say("hello", 1, session.session, 0, "")
        assert await refused.closed() == 4429
        await ann.close()
        while limits._open[("actor", ann.actor)] == SOCKETS_BY_ACTOR:
            await visit.room.storage.see_actor(ann.actor, "", 1)
        again = await browse(address, visit.room, "ann")
        bo = await browse(address, visit.room, "bo")
        await again.close()
        await bo.close()


def test_SE6_a_session_that_sends_too_many_bytes_a_minute_is_too_fast() -> None:
    session = Session(0.0)
    session.step(Event.HELLO)
    most = MAX_BYTES_PER_MIN // MAX_FRAME_BYTES
    said = [session.admit(Ping(n), n / 4, size=MAX_FRAME_BYTES) for n in range(most + 1)]
    assert said[:-1] == [""] * most and said[-1] == "too-fast"
    assert session.admit(Ping(0), 61.0, size=MAX_FRAME_BYTES) == ""
    assert Session(0.0).admit(Hello(1, "", 0, ""), 0.0, size=100) == ""


@pytest.mark.parametrize("role", ["visitor", "volunteer", "steward"])
async def test_SE7_while_a_sheet_is_flooded_members_and_newcomers_file(tmp_path: Path, role: Role) -> None:
    async with visiting(tmp_path) as visit, phone(visit, address=STRANGER) as app:
        spend(visit, "rows-sheet", f"{BOOK}/help", 0.0)
        who = await grant(visit.room, "bo", role) if role != "visitor" else visit.room.who(actor("bo"))
        session = {"authorization": f"Bearer {await visit.session('bo')}"}
        assert (await app.post(f"{HOME}/edits", json=one_row(1, who.actor), headers=session)).status_code == 200
        spend(visit, "rows-sheet", f"{BOOK}/help", 0.0)
        spend(visit, "flooded-address", STRANGER, 0.0)
        answer = await app.post(f"{HOME}/edits", json=one_row(2, who.actor), headers=session)
        assert answer.status_code == (429 if role == "visitor" else 200)


def test_SE2_too_many_is_an_answer_that_says_come_again() -> None:
    assert isinstance(TooMany(1.0), AccessError)
    assert ROWS_BY_VISITOR.burst < ROWS_BY_ADDRESS.burst < POSTS_BY_ADDRESS.burst
    assert row_id("help", secret_of(1)) == row_of(1)
