"""Updating one's own row without JavaScript."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import httpx
import pytest

from schema.ids import short_code
from server import identity
from server.errors import StorageError
from server.ingest import submission_of
from tests.server.web.visiting import BOOK, HOME, Visit, ask, hidden, row_in, visiting, words
from tests.support.edits import secret_of, write
from tests.support.rooms import actor, grant

MINE = f"{HOME}/mine"
PHONE = "14200001234"


async def filed(browser: httpx.AsyncClient, **fields: str) -> tuple[str, str]:
    """(row, row secret) of a request just filed."""
    answer = await ask(browser, **({"place": "桥头", "people_total": "3", "contact_phone": PHONE} | fields))
    receipt = await browser.get(answer.headers["location"])
    return row_in(answer), hidden(receipt.text)["secret"]


def value(visit: Visit, row: str, path: str) -> list[object]:
    record = visit.room.record("help", row)
    assert record is not None
    return [live.value for live in (*record.public.live(path), *record.private.live(path))]


async def test_ID11_a_link_issued_anew_opens_the_row_and_the_old_one_and_its_browser_do_not(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.browser() as family:
        row, old = await filed(browser)
        vera = await grant(visit.room, "vera", "verifier")
        link, code = await identity.reissue_link(visit.room, vera, sheet="help", row=row, reason="回电核对过")
        opened = await family.post(MINE, data={"link": f"新链接：{HOME}/#row=help/{link}"})
        assert opened.status_code == 200 and hidden(opened.text)["secret"] == link
        saved = await family.post(MINE, data={**hidden(opened.text), "act": "save", "people_total": "5"})
        assert saved.status_code == 200 and 5 in value(visit, row, "people_total")
        for dead in (old, f"{row}.{old}", f"{row}.{'z' * 22}", f"{'R' * 16}.{link[-22:]}"):
            refused = await family.post(MINE, data={"link": dead, "act": "safe"})
            assert refused.status_code == 404, dead
        assert (await browser.post(MINE, data={"row": row, "act": "safe"})).status_code == 404
        assert value(visit, row, "outcome") == []
        assert row not in (await browser.get(MINE)).text
        receipt = await browser.get(f"{HOME}/receipt/{row}")
        assert receipt.status_code == 403 and old not in receipt.text


async def test_wb40_the_link_opens_the_row_on_any_phone(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.browser() as family:
        row, secret = await filed(browser)
        for pasted in (
            f"https://sheet.test{HOME}/#row=help/{secret}",
            f"妈，用这个 {HOME}/#row=help/{secret} 报平安",
            secret,
        ):
            page = await family.post(MINE, data={"link": pasted})
            assert page.status_code == 200 and "桥头" in page.text and page.headers["cache-control"] == "no-store"
            assert PHONE not in page.text and "142****1234" in page.text
        assert row not in str(page.headers)


@pytest.mark.parametrize("pasted", ["", "0" * 22, "第 1 行", f"#row=help/{secret_of(5)}", "x" * 5000])
async def test_wb40_anything_else_opens_none(tmp_path: Path, pasted: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.browser() as stranger:
        await filed(browser)
        page = await stranger.post(MINE, data={"link": pasted})
        assert page.status_code == 404 and "桥头" not in page.text
        assert html.escape(pasted) in page.text, "what was pasted is still there"


async def test_wb41_number_and_short_code_open_nothing(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.browser() as stranger:
        row, secret = await filed(browser)
        for fields in (
            {"link": f"1 {short_code(secret)}"},
            {"row": row},
            {"row": row, "secret": short_code(secret)},
            {"no": "1", "code": short_code(secret)},
        ):
            page = await stranger.post(MINE, data=fields)
            assert page.status_code == 404 and "桥头" not in page.text
        assert "打电话给核实员" in (await stranger.get(MINE)).text


async def test_a_row_of_another_sheet_is_for_the_app(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await browser.post(MINE, data={"link": f"#row=civil_team/{secret_of(1)}"})
        assert answer.status_code == 422 and "另一张表" in answer.text


async def test_the_browser_that_filed_it_needs_no_link(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = (await browser.get(MINE)).text
        assert hidden(page)["row"] == row and secret not in page
        assert hidden((await browser.post(MINE, data={"row": row})).text)["secret"] == secret


async def test_wb42_what_the_holder_writes_are_edits_of_the_form(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.browser() as family:
        row, secret = await filed(browser)
        page = await family.post(MINE, data={"link": secret})
        fields = {
            **hidden(page.text),
            "act": "save",
            "people_total": "5",
            "contact_phone": "161 0000 2222",
            "note": f"打 {PHONE}",
            "battery_pct": "没电了",
        }
        saved = await family.post(MINE, data=fields)
        assert saved.status_code == 200 and "已更新" in saved.text and "建议" not in saved.text
        assert value(visit, row, "people_total") == [5] and value(visit, row, "contact_phone") == ["16100002222"]
        log = visit.storage.log(BOOK, row=row)
        assert {entry.origin for entry in log} == {"form"} and len({entry.actor for entry in log}) == 2
        told = words((await family.get(f"{HOME}/help/1")).text)
        assert "打 142****1234" in told and "手机电量：没电了" in told and PHONE not in told


async def test_wb42_what_others_wrote_meanwhile_stays_beside_it(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        seen = json.loads(hidden(page.text)["seen"])
        bo = visit.room.who(actor("bo"))
        meanwhile = write(bo.actor, {"people_total": 4}, seen={"people_total": seen["people_total"]})
        await visit.room.submit(
            submission_of([("public", meanwhile)], sheet="help", row=row, who=bo, session="s", origin="session")
        )
        await browser.post(MINE, data={**hidden(page.text), "act": "save", "people_total": "6"})
        assert sorted(value(visit, row, "people_total")) == [4, 6]  # type: ignore[type-var]


@pytest.mark.parametrize(
    "seen", ["", "nonsense", "[]", '{"people_total": 3}', '{"people_total": ["no id"]}', "x" * 9000]
)
async def test_wb42_a_page_that_says_not_what_it_showed_loses_nothing(tmp_path: Path, seen: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        saved = await browser.post(MINE, data={**hidden(page.text), "seen": seen, "act": "save", "people_total": "6"})
        assert saved.status_code == 200
        assert sorted(value(visit, row, "people_total")) == [3, 6]  # type: ignore[type-var]


async def test_wb43_still_needed_safe_and_reopen_are_one_button_each(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        page = await browser.post(MINE, data={**hidden(page.text), "act": "still"})
        assert len(value(visit, row, "still_needed_at")) == 1 and "已更新" in page.text
        page = await browser.post(MINE, data={**hidden(page.text), "act": "safe"})
        assert value(visit, row, "outcome") == ["self_safe"] and value(visit, row, "closed_by_kind") == ["self"]
        assert "自行脱险" in page.text and 'value="reopen"' in page.text and 'value="safe"' not in page.text
        page = await browser.post(MINE, data={**hidden(page.text), "act": "reopen"})
        assert value(visit, row, "outcome") == ["open"] and 'value="safe"' in page.text


async def test_wb43_closing_for_a_reason_keeps_the_words(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        closing = {**hidden(page.text), "act": "close", "outcome": "done_by_others", "closed_note": "邻居的船"}
        await browser.post(MINE, data=closing)
        assert value(visit, row, "outcome") == ["done_by_others"] and value(visit, row, "closed_note") == ["邻居的船"]


@pytest.mark.parametrize("outcome", ["", "deceased", "duplicate", "nonsense"])
async def test_wb43_a_reason_that_is_not_offered_closes_nothing(tmp_path: Path, outcome: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        answer = await browser.post(MINE, data={**hidden(page.text), "act": "close", "outcome": outcome})
        assert value(visit, row, "outcome") == [] and "没有改动" in answer.text


async def test_wb43_enter_in_a_field_saves_and_closes_nothing(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        _, secret = await filed(browser)
        page = (await browser.post(MINE, data={"secret": secret})).text
        first = re.search(r'<button[^>]*name="act" value="(\w+)"', page)
        assert first and first[1] == "save"


async def test_wb44_an_update_sent_twice_changes_nothing(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})
        fields = {**hidden(page.text), "act": "save", "people_total": "5", "note": "水涨了"}
        await browser.post(MINE, data=fields)
        written = len(visit.storage.log(BOOK, row=row))
        assert (await browser.post(MINE, data=fields)).status_code == 200
        assert len(visit.storage.log(BOOK, row=row)) == written


async def test_wb44_also_from_a_phone_without_cookies(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        row, secret = await filed(browser)
        fields = {"secret": secret, "key": "u" * 22, "act": "save", "note": "水涨了"}
        for _ in range(2):
            async with visit.browser() as family:
                await family.post(MINE, data=fields)
        assert len([entry for entry in visit.storage.log(BOOK, row=row)]) == 3, "two of filing, one note"


async def test_wb39_an_update_that_cannot_be_written_comes_back_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        _, secret = await filed(browser)
        page = await browser.post(MINE, data={"secret": secret})

        async def fail(*args: object, **kwargs: object) -> object:
            raise StorageError("disk-full", "could not write: SQLITE_FULL", "make room")

        monkeypatch.setattr(visit.storage, "commit", fail)
        answer = await browser.post(
            MINE, data={**hidden(page.text), "act": "save", "people_total": "9", "note": "房子要塌了"}
        )
        assert answer.status_code == 503
        assert 'value="9"' in answer.text and "房子要塌了" in answer.text
