"""The pages for reading: what is on them, in which order, how often they are rendered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moderation.protection import Guard
from schema.sheets import SHEET_IDS, SHEETS, STATUSES
from server.storage.contract import AuditRecord
from server.web.pages import PAGE_ROWS, Pages
from tests.server.web.visiting import BOOK, HOME, Visit, visiting, words
from tests.support.edits import ANN, row_of, write
from tests.support.rooms import actor, grant, submit

CANARIES = ("14200007777", "15400007777", "14300007777", "16100007777", "17900007777")


def numbers(page: str) -> list[int]:
    """The rows of a list, in its order."""
    return [int(no) for no in re.findall(r'p-row__title"><a href="[^"]*?(\d+)"', page)]


async def test_wb13_a_list_goes_by_urgency_then_the_newest(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for row, urgency in enumerate(("normal", "critical", "urgent", "critical"), start=1):
            await visit.file(row, {"place": f"地点{row}", "urgency": urgency})
        page = (await browser.get(f"{HOME}/help/")).text
    assert numbers(page) == [4, 2, 3, 1]
    assert words(page).count("超级紧急") >= 2


async def test_wb13_words_status_urgency_and_district_narrow_it(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥", "district": "甲区", "urgency": "urgent", "summary": "水到腰"})
        await visit.file(2, {"place": "西桥", "district": "乙区", "urgency": "normal"})
        for asked, found in (
            ({"q": "水到腰"}, [1]),
            ({"q": "桥"}, [1, 2]),
            ({"q": "没有的词"}, []),
            ({"urgency": "normal"}, [2]),
            ({"district": "乙区"}, [2]),
            ({"q": "桥", "district": "甲区"}, [1]),
            ({"status": "unverified"}, [1, 2]),
            ({"status": "on_scene"}, []),
        ):
            page = (await browser.get(f"{HOME}/help/", params=asked)).text
            assert sorted(numbers(page)) == found, asked
        assert "没有符合条件的行" in words(page)
        assert re.findall(r"<option>(.区)", (await browser.get(f"{HOME}/help/")).text) == ["乙区", "甲区"]


async def test_wb13_pages_turn_and_keep_what_was_asked_for(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for row in range(PAGE_ROWS + 3):
            await visit.file(row, {"place": f"长街{row}号"})
        first = (await browser.get(f"{HOME}/help/", params={"q": "长街"})).text
        assert len(numbers(first)) == PAGE_ROWS and 'rel="prev"' not in first
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        second = (await browser.get(f"{HOME}/help/{following[1].replace('&amp;', '&')}")).text
        assert len(numbers(second)) == 3 and 'rel="next"' not in second and 'rel="prev"' in second
        assert set(numbers(first)) | set(numbers(second)) == set(range(1, PAGE_ROWS + 4))


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999", "１"])
async def test_wb13_a_page_number_that_is_none_is_no_error(tmp_path: Path, page: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        assert (await browser.get(f"{HOME}/help/", params={"page": page})).status_code == 200


async def test_wb13_rows_that_are_over_come_when_asked_for_struck_through(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥"})
        await visit.file(2, {"place": "西桥"})
        vera = await grant(visit.room, "vera", "verifier")
        await submit(visit.room, vera, write(vera.actor, {"outcome": "rescued"}), row=2)
        assert numbers((await browser.get(f"{HOME}/help/")).text) == [1]
        both = (await browser.get(f"{HOME}/help/?over=1")).text
        assert numbers(both) == [1, 2]
        assert both.count('p-row--over"') == 1 and "已获救" in words(both)
        assert 'class="p-is-over-title"' in (await browser.get(f"{HOME}/help/2")).text
        assert numbers((await browser.get(f"{HOME}/help/?status=rescued")).text) == [2]


async def test_wb14_a_conflict_shows_every_account(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥", "people_total": 3})
        await submit(visit.room, actor("bo"), write(actor("bo"), {"people_total": 7}), row=1)
        listed = words((await browser.get(f"{HOME}/help/")).text)
        assert "说法不一" in listed and re.search("3 人 或 7 人|7 人 或 3 人", listed)
        row = words((await browser.get(f"{HOME}/help/1")).text)
        assert "总人数有 2 种说法" in row and "3 人" in row and "7 人" in row


async def test_wb14_the_same_words_twice_are_no_conflict(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥", "people_total": 3})
        await submit(visit.room, actor("bo"), write(actor("bo"), {"people_total": 3}), row=1)
        assert "说法" not in words((await browser.get(f"{HOME}/help/")).text)


async def test_wb15_a_number_brings_its_row_first_over_or_not(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥2号", "urgency": "critical"})
        await visit.file(2, {"place": "西桥"})
        vera = await grant(visit.room, "vera", "verifier")
        await submit(visit.room, vera, write(vera.actor, {"outcome": "rescued"}), row=2)
        assert numbers((await browser.get(f"{HOME}/help/?q=2")).text)[0] == 2


async def test_wb16_a_page_is_rendered_once_per_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = 0
    honest = Pages._sheet

    def counting(self: Pages, *args: object) -> str:
        nonlocal rendered
        rendered += 1
        return honest(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Pages, "_sheet", counting)
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "东桥"})
        first = await browser.get(f"{HOME}/help/")
        assert (await browser.get(f"{HOME}/help/")).text == first.text
        assert rendered == 1
        again = await browser.get(f"{HOME}/help/", headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        await visit.file(2, {"place": "西桥"})
        assert "西桥" in (await browser.get(f"{HOME}/help/", headers={"if-none-match": first.headers["etag"]})).text
        assert rendered == 2
        visit.clock.pass_s(40)
        assert "1 分钟前" not in (await browser.get(f"{HOME}/help/")).text
        visit.clock.pass_s(40)
        assert "1 分钟前登记" in words((await browser.get(f"{HOME}/help/")).text), "ages do not stand still"


async def test_wb16_a_notice_is_on_a_page_that_was_rendered_before_it(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await browser.get(f"{HOME}/")
        visit.room.notice = "水库今晚泄洪"
        assert "水库今晚泄洪" in (await browser.get(f"{HOME}/")).text


async def test_wb17_history_tells_public_edits_and_nothing_of_private_ones(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        first = await visit.file(1, {"place": "东桥", "people_total": 3, "needs:boat": True}, {"person_name": "张三丰"})
        change = write(actor("ann"), {"people_total": 5}, seen={"people_total": [first]})
        await submit(visit.room, visit.room.who(actor("ann")), change, row=1)
        private = write(actor("ann"), {"medical_need": "隐疾"})
        await submit(visit.room, visit.room.who(actor("ann")), ("private", private), row=1)
        page = (await browser.get(f"{HOME}/help/1")).text
    told = words(page.partition("修改历史")[2])
    assert "登记了这一行" in told and "总人数： 3 人 → 5 人" in told and "需要： 船艇" in told
    assert "张三丰" not in page and "隐疾" not in page and "病情" not in told


async def test_wb18_drill_notice_and_protection_are_said(tmp_path: Path) -> None:
    async with visiting(tmp_path, drill=True) as visit, visit.browser() as browser:
        visit.room.notice = "请优先核实老人"
        visit.room.guards["help"] = Guard("careful")
        page = words((await browser.get(f"{HOME}/")).text)
    assert "不会有人出动" in page and "请优先核实老人" in page and "“求助信息”正受保护" in page


async def test_wb18_the_overview_counts_what_waits(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for row in range(3):
            await visit.file(row, {"place": f"桥{row}"})
        page = words((await browser.get(f"{HOME}/")).text)
    assert "待核实 3" in page and "3 行进行中" in page and "110" in page


async def test_wb10_nothing_private_leaves_by_any_address(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser, visit.program() as program:
        await _plant(visit)
        addresses = ["/", "/workbooks.json", f"{HOME}/", f"{HOME}/mine", f"{HOME}/help/new", f"{HOME}/help/1"]
        addresses += [f"{HOME}/{sheet}/?over=1" for sheet in SHEET_IDS]
        addresses += [f"{HOME}/help/?q={canary}" for canary in CANARIES[:1]]
        addresses += [
            f"{HOME}/workbook.json",
            f"{HOME}/snapshot.json",
            f"{HOME}/snapshot.json?over=1",
            f"{HOME}/changes?since=0",
        ]
        addresses += [f"{HOME}/export/{sheet}.{form}" for sheet in SHEET_IDS for form in ("csv", "json")]
        addresses += [f"{HOME}/row/{row_of(1)}/qr.svg", f"{HOME}/receipt/{row_of(1)}"]
        for client in (browser, program):
            for address in addresses:
                answer = await client.get(address)
                text = answer.text + str(answer.headers)
                if "?q=" in address:
                    text = text.replace(CANARIES[0], "")  # what the reader asked for stands in the search field
                for canary in (*CANARIES, "张三丰", "3号楼"):
                    assert canary not in text, (address, canary)
        assert "142****7777" in (await browser.get(f"{HOME}/help/1")).text


async def test_wb10_a_search_does_not_find_what_is_private(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await _plant(visit)
        for asked in (CANARIES[0], "张三丰", "3号楼"):
            assert numbers((await browser.get(f"{HOME}/help/", params={"q": asked})).text) == []


@pytest.mark.parametrize("sheet", SHEET_IDS)
async def test_every_field_of_every_sheet_can_be_told(tmp_path: Path, sheet: str) -> None:
    async with visiting(tmp_path) as visit:
        olga = await grant(visit.room, "olga", "owner")
        values = {
            "text": "字",
            "phone": "14200001234",
            "int": 1,
            "bool": True,
            "url": "https://a.test/",
            "time": "2021-07-20T12:59:00Z",
            "ref": row_of(2),
        }
        definition = SHEETS[sheet]
        public: dict[str, object] = {}
        for field in definition.fields.values():
            if field.derived or field.tier == "private":
                continue
            if field.kind in values:
                public[field.id] = values[field.kind]
            elif field.kind == "enum":
                public[field.id] = field.options[0].code
            elif field.kind == "multi":
                public[f"{field.id}:{field.options[0].code}"] = True
            elif field.kind == "geo":
                public[field.id] = ["34.75", "113.62", "gcj02", "10", "pin"]
        for path, value in public.items():
            await submit(visit.room, olga, write(olga.actor, {path: value}), row=1, sheet=sheet)  # type: ignore[dict-item]
        for language in ("zh-CN", "en"):
            async with visit.browser(language=language) as browser:
                for address in (f"{HOME}/{sheet}/?over=1", f"{HOME}/{sheet}/1"):
                    page = await browser.get(address)
                    assert page.status_code == 200, page.text
                for path in public:
                    named = definition.fields[path.partition(":")[0]]
                    if named.kind != "log":
                        assert named.label("zh" if language == "zh-CN" else "en") in page.text, path


def test_every_status_has_words_in_both_languages() -> None:
    for option in STATUSES.values():
        assert option.label("zh") and option.label("en")


async def test_what_a_person_typed_is_never_markup(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(
            1,
            {"place": "<script>alert(1)</script>", "summary": "\"'><img src=x>", "source_url": 'https://a.test/"><b>'},
        )
        for address in (f"{HOME}/help/", f"{HOME}/help/1", f"{HOME}/help/?q=<script>"):
            page = (await browser.get(address)).text
            assert "<script" not in page and "<img src=x" not in page and '<b>"' not in page


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_a_time_at_the_end_of_the_calendar_takes_no_page_away(tmp_path: Path, time: str) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "桥", "source_time": time})
        assert (await browser.get(f"{HOME}/help/1")).status_code == 200
        assert (await browser.get(f"{HOME}/help/")).status_code == 200


async def test_wb10_a_telephone_number_somebody_signs_with_is_masked(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.storage.see_actor(actor("ann"), "老张14200001234", visit.clock.now_ms())
        await visit.file(1, {"place": "桥"})
        page = (await browser.get(f"{HOME}/help/1")).text
    assert "14200001234" not in page and "老张142****1234" in page


async def test_wb10_search_engines_may_find_the_way_in_and_keep_no_row(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "桥"})
        for address, kept in ((f"{HOME}/", False), ("/", False), (f"{HOME}/help/", True), (f"{HOME}/help/1", True)):
            assert ('content="noindex, noarchive"' in (await browser.get(address)).text) is kept, address


async def test_wb16_an_answer_that_sets_a_cookie_is_for_one_browser(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        answer = await browser.get(f"{HOME}/?lang=en")
        assert "set-cookie" in answer.headers and answer.headers["cache-control"].startswith("private")
        plain = await browser.get(f"{HOME}/")
        assert "set-cookie" not in plain.headers and plain.headers["cache-control"].startswith("public")


async def test_a_link_that_is_no_web_address_is_not_followed(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "桥", "summary": "javascript:alert(1)"})
        olga = await grant(visit.room, "olga", "owner")
        await submit(visit.room, olga, write(olga.actor, {"source_url": "javascript:alert(1)"}), row=1)
        assert 'href="javascript' not in (await browser.get(f"{HOME}/help/1")).text


async def test_an_address_without_its_slash_is_sent_on(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        for address in (HOME, f"{HOME}/help"):
            answer = await browser.get(address)
            assert answer.status_code == 308 and answer.headers["location"].endswith(address + "/")


async def test_the_qr_of_a_row_is_of_its_public_page(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.browser() as browser:
        await visit.file(1, {"place": "桥"})
        answer = await browser.get(f"{HOME}/row/{row_of(1)}/qr.svg")
        assert answer.headers["content-type"] == "image/svg+xml" and answer.headers["cache-control"] == "no-store"
        assert (await browser.get(f"{HOME}/row/{row_of(9)}/qr.svg")).status_code == 404


async def _plant(visit: Visit) -> None:
    """Rows with invented numbers in every private field and inside public words."""
    ann = visit.room.who(actor("ann"))
    await visit.file(
        1,
        {"place": "桥头", "summary": f"打 {CANARIES[1]} 找我", "directions": "桥下"},
        {
            "contact_phone": CANARIES[0],
            "person_name": "张三丰",
            "medical_need": f"问 {CANARIES[3]}",
            "place_exact": "3号楼",
        },
    )
    note = write(ann.actor, {"directions": f"先打 {CANARIES[4]}"})
    await submit(visit.room, ann, note, row=1)
    await visit.file(2, {"name": "蓝队"}, {"leader_phone": CANARIES[2]}, sheet="civil_team")
    await visit.storage.write_audit(
        BOOK, [AuditRecord(1, ANN, "visitor", "reveal", "help", row_of(1), reason=CANARIES[0])]
    )
