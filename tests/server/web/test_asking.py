"""Asking for help without JavaScript, from the form to the receipt."""

from __future__ import annotations

import logging
import random
import re
from pathlib import Path

import pytest

from moderation.protection import Guard
from schema.edits import Edit
from schema.ids import row_id, short_code
from server.errors import StorageError
from server.ingest import Submission, submission_of
from server.room import Room
from server.web.request_form import NOTE, TYPED
from tests.server.web.visiting import BOOK, HOME, ask, hidden, row_in, visiting, words
from tests.support.edits import write
from tests.support.rooms import actor, grant

FORM = f"{HOME}/help/new"
KEY = "k" * 22
PHONE = "14200001234"


async def test_wb34_the_form_is_kept_by_no_cache_and_has_a_key_of_its_own(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        first, second = await browser.get(FORM), await browser.get(FORM)
    assert first.headers["cache-control"] == "no-store"
    assert hidden(first.text)["key"] != hidden(second.text)["key"]
    assert "content-encoding" not in first.headers


async def test_wb32_a_place_alone_or_a_phone_alone_is_enough(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        for fields in ({"place": "桥头"}, {"contact_phone": PHONE}):
            async with visit.browser() as browser:
                row = row_in(await ask(browser, **fields))
                assert visit.storage.view_row(BOOK, "help", row) is not None
                assert (await browser.get(f"{HOME}/receipt/{row}")).status_code == 200


async def test_wb31_an_empty_form_comes_back_with_a_kind_word(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await ask(browser, person_name="", is_for_other="1")
        assert answer.status_code == 422
        assert "写一个地点，或者留一个电话，就能登记" in answer.text
        assert re.search(r'name="is_for_other" value="1" checked', answer.text)
        assert visit.storage.count_rows(BOOK, over=None) == 0


async def test_wb30_the_row_says_what_was_typed_and_hides_what_is_private(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await ask(
            browser,
            place="临江市滨江小区3号楼501",
            contact_phone=PHONE,
            people_total="一家老小",
            summary=f"打 {PHONE}",
            water_depth_cm="齐胸",
            **{"needs:boat": "1"},
        )
        row = row_in(answer)
        page = words((await browser.get(f"{HOME}/help/1")).text)
        record = visit.room.record("help", row)
        assert visit.storage.log(BOOK, row=row)[0].origin == "form"
    assert "滨江小区" in page and "3号楼" not in page and PHONE not in page
    assert (
        "142****1234" in page
        and "总人数：一家老小" in page
        and "130 cm" in page
        and "船艇" in page
        and "网页表单" in page
    )
    assert record is not None
    assert record.private.live("place_exact")[0].value == "3号楼501"
    assert record.private.live("summary")[0].value == f"打 {PHONE}"


async def test_wb35_a_form_sent_twice_is_one_row(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        fields = {"key": KEY, "place": "桥头", "contact_phone": PHONE, "note": f"打 {PHONE}"}
        first, second = await browser.post(FORM, data=fields), await browser.post(FORM, data=fields)
        assert row_in(first) == row_in(second)
        assert visit.storage.count_rows(BOOK, over=None) == 1
        assert len(visit.storage.log(BOOK)) == 4, "place, phone, and a note in both tiers"


async def test_wb35_also_where_the_first_answer_never_came(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        fields = {"key": KEY, "place": "桥头"}
        async with visit.browser() as browser:
            first = await browser.post(FORM, data=fields)
        async with visit.browser() as browser:  # it kept no cookie
            second = await browser.post(FORM, data=fields)
            assert row_in(first) == row_in(second)
            assert (await browser.get(second.headers["location"])).status_code == 200
        assert len(visit.storage.log(BOOK)) == 1


async def test_wb35_the_same_words_from_one_device_are_one_row_until_it_is_over(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        first = row_in(await ask(browser, place="桥头", contact_phone=PHONE))
        assert row_in(await ask(browser, place="桥头", contact_phone=PHONE)) == first
        assert row_in(await ask(browser, place="桥尾", contact_phone=PHONE)) != first
        vera = await grant(visit.room, "vera", "verifier")
        await visit.room.submit(_closing(vera.actor, first, visit.room))
        assert row_in(await ask(browser, place="桥头", contact_phone=PHONE)) != first


async def test_wb36_the_same_form_with_other_words_changes_ones_own_row(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        first = await browser.post(FORM, data={"key": KEY, "place": "桥头", "people_total": "3"})
        row = row_in(first)
        other = write(actor("bo"), {"water_depth_cm": 90}, at_ms=visit.clock.now_ms())
        await visit.room.submit(_by(other, "bo", row, visit.room))
        again = {"key": KEY, "place": "桥头", "people_total": "5", "water_depth_cm": "120"}
        for _ in range(2):
            assert row_in(await browser.post(FORM, data=again)) == row
        record = visit.room.record("help", row)
        assert record is not None
        assert [live.value for live in record.public.live("people_total")] == [5]
        assert sorted(str(live.value) for live in record.public.live("water_depth_cm")) == ["120", "90"], (
            "both accounts stay"
        )
        assert visit.storage.count_rows(BOOK, over=None) == 1


async def test_wb37_two_people_on_one_copy_of_the_page_get_two_rows(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as ann, visit.browser() as bo:
        first = await ann.post(FORM, data={"key": KEY, "place": "桥头"})
        second = await bo.post(FORM, data={"key": KEY, "place": "村口"})
        assert row_in(first) != row_in(second)
        assert (await bo.get(first.headers["location"])).status_code == 403
        assert visit.storage.count_rows(BOOK) == 2


async def test_wb38_the_receipt_is_for_the_device_that_filed_it(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await ask(browser, place="桥头")
        cookie = answer.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))
        receipt = await browser.get(answer.headers["location"])
        assert receipt.headers["cache-control"] == "no-store" and "content-encoding" not in receipt.headers
        secret = hidden(receipt.text)["secret"]
        assert row_id("help", secret) == row_in(answer)
        assert short_code(secret) in receipt.text
        assert f"https://sheet.test{HOME}/#row=help/{secret}" in receipt.text
        assert 'src="data:image/svg+xml' in receipt.text
        async with visit.browser() as stranger:
            closed = await stranger.get(answer.headers["location"])
            assert closed.status_code == 403 and secret not in closed.text


async def test_wb38_the_secret_is_in_no_address_header_or_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with visiting(tmp_path) as visit, visit.browser() as browser:
            answer = await ask(browser, place="桥头", contact_phone=PHONE)
            receipt = await browser.get(answer.headers["location"])
            secret = hidden(receipt.text)["secret"]
            opened = await browser.post(f"{HOME}/mine", data={"secret": secret})
            saved = await browser.post(f"{HOME}/mine", data={**hidden(opened.text), "act": "safe"})
            for response in (answer, receipt, opened, saved):
                assert secret not in str(response.headers) and secret not in str(response.request.url)
            device = browser.cookies["device"]
    ours = "\n".join(record.getMessage() for record in caplog.records)
    assert secret not in ours and device not in ours and PHONE not in ours


async def test_wb38_the_secret_is_not_in_the_store(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await ask(browser, place="桥头")
        secret = hidden((await browser.get(answer.headers["location"])).text)["secret"]
        device = browser.cookies["device"]
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert "桥头".encode() in stored
    assert secret.encode() not in stored and device.encode() not in stored


async def test_wb39_where_the_store_cannot_write_the_words_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:

        async def fail(*args: object, **kwargs: object) -> object:
            raise StorageError("disk-full", "could not write: SQLITE_FULL", "make room")

        with monkeypatch.context() as patch:
            patch.setattr(visit.storage, "commit", fail)
            answer = await ask(browser, place="桥头", summary="三个人在屋顶", **{"needs:boat": "1"})
        assert answer.status_code == 503
        assert (
            'value="桥头"' in answer.text
            and "三个人在屋顶" in answer.text
            and 'name="needs:boat" value="1" checked' in answer.text
        )
        again = await browser.post(FORM, data={**hidden(answer.text), "place": "桥头", "summary": "三个人在屋顶"})
        assert visit.storage.view_row(BOOK, "help", row_in(again)) is not None


async def test_a_form_in_another_kind_of_body_is_told_so(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        assert (await browser.post(FORM, json={"place": "桥"})).status_code == 400
        assert (await browser.post(FORM, data={"place": "桥" * 40_000})).status_code == 413


async def test_asking_stays_open_at_every_step_of_protection(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        for step in ("open", "careful", "verified"):
            visit.room.guards["help"] = Guard(step)
            async with visit.browser() as browser:
                row = row_in(await ask(browser, place=f"桥头{step}", contact_phone=PHONE))
                assert visit.storage.view_row(BOOK, "help", row) is not None, step


async def test_the_form_speaks_english_too(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser(language="en") as browser:
        assert "I need help" in (await browser.get(FORM)).text
        answer = await ask(browser, people_total="a big family")
        assert "Not understood in the form: People：a big family" in words((await browser.get(f"{HOME}/help/1")).text)
        assert "Request received" in (await browser.get(answer.headers["location"])).text


def _closing(by: str, row: str, room: Room) -> Submission:
    return _by(write(by, {"outcome": "rescued"}), "vera", row, room)


def _by(edit: Edit, name: str, row: str, room: Room) -> Submission:
    who = room.who(actor(name))
    return submission_of([("public", edit)], sheet="help", row=row, who=who, session="s", origin="session")


ODD = (
    "", "\x00", "水" * 2000, PHONE, "１４２０００００００１", "<b>", "%", "1e999", "-1", "٣", "²", "³人", "9" * 400, "a\r\nb", "1" * 5000,
    "😀" * 1000, "12-13-99", "0x1f", "∞", "3号楼" * 50, "桥 ", "'\"", "{{ 7 * 7 }}", "null",
)  # fmt: skip


async def test_wb30_whatever_is_typed_is_filed_at_once_and_takes_no_page_away(tmp_path: Path) -> None:
    chance = random.Random(30)
    names = (*TYPED, NOTE, "needs:other", "category:other", "needs:boat", "is_for_other")
    filed = 0
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for _ in range(40):
            fields = {name: chance.choice(ODD) for name in chance.sample(names, chance.randint(0, 10))}
            answer = await ask(browser, **fields)
            assert answer.status_code in (303, 422), (answer.status_code, fields)
            if answer.status_code == 303:
                receipt = hidden((await browser.get(answer.headers["location"])).text)
                opened = hidden((await browser.post(f"{HOME}/mine", data=receipt)).text)
                texts = {name: chance.choice(ODD) for name in ("people_total", "battery_pct", "contact_phone", "note")}
                saved = await browser.post(f"{HOME}/mine", data={**opened, **texts, "act": "save"})
                assert saved.status_code == 200 and 'role="status"' in saved.text
                filed += 1
        for no in range(1, filed + 1):
            assert (await browser.get(f"{HOME}/help/{no}")).status_code == 200
        assert (await browser.get(f"{HOME}/help/")).status_code == 200
        assert visit.storage.count_rows(BOOK, over=None) > 20
        assert visit.storage.suggestions(BOOK) == []
