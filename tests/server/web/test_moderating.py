"""Possible duplicates while typing, the verifiers' queue, groups, pasted posts: over HTTP, on a real store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from server.erasure import erase_row
from tests.server.web.visiting import HOME, Visit, visiting
from tests.support.edits import row_of, write
from tests.support.rooms import grant, submit

PLACE = {"district": "中原区", "place": "嵩山南路122号福苑小区"}
FLAT = {"place_exact": "19号楼3单元"}


async def fill(visit: Visit) -> None:
    """Four rows: a request, its re-post, the same number elsewhere, a stranger."""
    await visit.file(
        1,
        {**PLACE, "summary": "一楼已淹，人在二楼，老人透析断了两天", "urgency": "critical"},
        {"contact_phone": "14212345678", "person_name": "王秀丽", **FLAT},
    )
    await visit.file(
        2,
        {**PLACE, "summary": "老人透析断了两天，急需转移"},
        {"contact_phone": "14212345678", "person_name": "王秀丽", **FLAT},
    )
    await visit.file(
        3,
        {"district": "巩义市", "place": "米河镇小里河村", "summary": "全村断水断电"},
        {"contact_phone": "14212345678"},
    )
    await visit.file(
        4, {"district": "新密市", "place": "来集镇宋楼村", "summary": "孩子发烧"}, {"contact_phone": "16312345678"}
    )
    await visit.room.duplicates.built()


async def ask(visit: Visit, who: str, **writes: Any) -> dict[str, Any]:
    async with visit.program(await visit.session(who)) as program:
        answer = await program.post(f"{HOME}/duplicates", json={"sheet": "help", "writes": writes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def queue(visit: Visit, who: str, query: str = "") -> httpx.Response:
    async with visit.program(await visit.session(who)) as program:
        return await program.get(f"{HOME}/duplicates{query}")


async def settled(visit: Visit, who: str, query: str = "") -> dict[str, Any]:
    """The queue once every row has been looked at."""
    await visit.room.duplicates.settled()
    found: dict[str, Any] = (await queue(visit, who, query)).json()
    assert found["complete"]
    return found


async def test_du24_who_types_a_row_that_is_there_hears_of_it(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        found = await ask(visit, "bo", contact_phone="14212345678", place="福苑小区19号楼3单元")
        assert found["ready"]
        first = found["candidates"][0]
        assert (
            (first["row"] in (row_of(1), row_of(2))) and first["kind"] == "same_request" and first["band"] == "strong"
        )
        assert row_of(4) not in [one["row"] for one in found["candidates"]]


async def test_du4_a_visitor_cannot_find_out_a_number_by_guessing(tmp_path: Path) -> None:
    """Numbers of one mask get one answer; a verifier, who may see them, is told them apart."""
    async with visiting(tmp_path) as visit:
        await fill(visit)
        await grant(visit.room, "vera", "verifier")
        asked = [dict(contact_phone=number, place="嵩山南路122号福苑小区") for number in ("14212345678", "14299995678")]
        assert await ask(visit, "bo", **asked[0]) == await ask(visit, "bo", **asked[1])
        right, wrong = [await ask(visit, "vera", **one) for one in asked]
        assert right != wrong and "phone" in right["candidates"][0]["why"]


async def test_du4_no_answer_holds_anything_private(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        await grant(visit.room, "vera", "verifier")
        for who in ("bo", "vera"):
            said = str(
                await ask(visit, who, contact_phone="14212345678", person_name="王秀丽", place="福苑小区19号楼3单元")
            )
            assert not [word for word in ("12345678", "秀丽", "19号楼", "福苑") if word in said]


async def test_du4_a_building_that_is_private_is_not_confirmed_to_a_visitor(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        right = await ask(visit, "bo", place="嵩山南路122号福苑小区", place_exact="19号楼3单元")
        wrong = await ask(visit, "bo", place="嵩山南路122号福苑小区", place_exact="7号楼1单元")
        assert right == wrong and right["candidates"]


async def test_du20_the_queue_lists_pairs_and_leaves_out_what_is_linked_or_kept_apart(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        vera = await grant(visit.room, "vera", "verifier")
        found = await settled(visit, "vera")
        assert [(p["one"]["row"], p["other"]["row"], p["kind"]) for p in found["pairs"]] == [
            (row_of(1), row_of(2), "same_request")
        ]
        contacts = await settled(visit, "vera", "?kind=same_contact")
        assert {p["other"]["row"] for p in contacts["pairs"]} == {row_of(3)} and contacts["total"] == 2
        await submit(visit.room, vera, write(vera.actor, {"duplicate_of": row_of(1)}), row=2)
        await visit.room.duplicates.settled()
        assert (await settled(visit, "vera"))["total"] == 0


async def test_du22_two_rows_kept_apart_leave_the_queue_and_stay_so_after_a_restart(tmp_path: Path) -> None:
    body = {"one": f"help/{row_of(1)}", "other": f"help/{row_of(2)}", "reason": "two families"}
    async with visiting(tmp_path) as visit:
        await fill(visit)
        await grant(visit.room, "vera", "verifier")
        async with visit.program(await visit.session("vera")) as program:
            assert (await settled(visit, "vera"))["total"] == 1
            assert (await program.post(f"{HOME}/duplicates/apart", json=body)).status_code == 200
            assert (await settled(visit, "vera"))["total"] == 0
        fresh = type(visit.room.duplicates)(visit.room)
        await fresh.built()
        await fresh.settled()
        assert (await fresh.pairs(limit=9, offset=0))[0] == []
        await fresh.close()
        async with visit.program(await visit.session("vera")) as program:
            assert (await program.post(f"{HOME}/duplicates/apart", json={**body, "apart": False})).status_code == 200
        assert (await settled(visit, "vera"))["total"] == 1


async def test_du21_a_row_that_changes_is_followed(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        await grant(visit.room, "vera", "verifier")
        await visit.file(
            5,
            {"district": "新密市", "place": "来集镇宋楼村", "summary": "孩子发烧，没有药"},
            {"contact_phone": "16312345678"},
        )
        await visit.room.duplicates.settled()
        found = await settled(visit, "vera")
        assert (row_of(4), row_of(5)) in [(p["one"]["row"], p["other"]["row"]) for p in found["pairs"]]


async def test_du21_what_is_erased_is_compared_no_more(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        await visit.room.duplicates.settled()
        olga = await grant(visit.room, "olga", "owner")
        await erase_row(visit.room, olga, sheet="help", row=row_of(1), reason="asked for", whole=False)
        await visit.room.duplicates.settled()
        kept = visit.room.duplicates._queue.index.get("help", row_of(1))
        assert kept is None or not (kept.phones or kept.names)


async def test_du15_du16_a_group_shows_contacts_and_status_of_all_its_rows_masked(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        vera = await grant(visit.room, "vera", "verifier")
        await submit(visit.room, vera, write(vera.actor, {"duplicate_of": row_of(4)}), row=3)
        await visit.room.duplicates.settled()
        async with visit.program() as program:
            found = (await program.get(f"{HOME}/duplicates/help/{row_of(3)}")).json()
            alone = (await program.get(f"{HOME}/duplicates/help/{row_of(1)}")).json()
            nowhere = await program.get(f"{HOME}/duplicates/help/{row_of(99)}")
        assert found["primary"] == f"help/{row_of(4)}"
        assert [one["row"] for one in found["rows"]] == [row_of(4), row_of(3)]
        assert [one["masked"] for one in found["contacts"]] == ["163****5678", "142****5678"]
        assert found["status"] == "unverified" and not found["over"]
        assert [one["row"] for one in alone["rows"]] == [row_of(1)] and nowhere.status_code == 404


async def test_du17_a_circle_is_told_to_verifiers_and_its_primary_stays_in_sight(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await fill(visit)
        vera = await grant(visit.room, "vera", "verifier")
        await submit(visit.room, vera, write(vera.actor, {"duplicate_of": row_of(1)}), row=2)
        await submit(visit.room, vera, write(vera.actor, {"duplicate_of": row_of(2)}), row=1)
        await visit.room.duplicates.settled()
        found = await settled(visit, "vera")
        assert {one["row"] for one in found["rings"][0]} == {row_of(1), row_of(2)}
        async with visit.program() as program:
            group = (await program.get(f"{HOME}/duplicates/help/{row_of(2)}")).json()
        assert group["primary"] == "help/" + min(row_of(1), row_of(2)) and not group["over"]


@pytest.mark.parametrize(
    ("who", "role", "address", "status"),
    [
        ("bo", "", "GET duplicates", 403),
        ("bo", "volunteer", "GET duplicates", 403),
        ("matt", "matcher", "GET duplicates", 200),
        ("matt", "matcher", "POST duplicates/apart", 403),
        ("", "", "POST duplicates", 401),
        ("", "", "POST paste", 401),
    ],
)
async def test_du23_the_queue_is_for_who_checks_and_asking_for_who_has_a_session(
    tmp_path: Path, who: str, role: Any, address: str, status: int
) -> None:
    async with visiting(tmp_path) as visit:
        if role:
            await grant(visit.room, who, role)
        method, _, path = address.partition(" ")
        async with visit.program(await visit.session(who) if who else "") as program:
            answer = await program.request(method, f"{HOME}/{path}", json={} if method == "POST" else None)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("duplicates", {"sheet": "nosheet", "writes": {}}, "unknown-sheet"),
        ("duplicates", {"sheet": "help", "writes": {}, "row": "short"}, "malformed"),
        ("duplicates", {"sheet": "help", "writes": {"place": {"a": 1}}}, "malformed"),
        ("duplicates", {"sheet": "help", "writes": {f"p{n}": "x" for n in range(101)}}, "malformed"),
        ("duplicates/apart", {"one": "help/x", "other": "help/y"}, "malformed"),
        ("duplicates/apart", {"one": f"help/{row_of(1)}", "other": f"help/{row_of(1)}"}, "malformed"),
        ("paste", {"text": " \n"}, "paste-empty"),
        ("paste", {"text": "救" * 200_001}, "too-large"),
    ],
)
async def test_du23_what_is_wrong_is_named(tmp_path: Path, path: str, body: dict[str, Any], code: str) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "vera", "verifier")
        async with visit.program(await visit.session("vera")) as program:
            answer = await program.post(f"{HOME}/{path}", json=body)
        assert answer.status_code in (400, 404, 413, 422) and answer.json()["error"]["code"] == code, answer.text


async def test_du23_who_asks_too_often_waits(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program(await visit.session("bo")) as program:
        codes = [
            (await program.post(f"{HOME}/duplicates", json={"sheet": "help", "writes": {}})).status_code
            for _ in range(62)
        ]
        assert codes[:60] == [200] * 60 and codes[60:] == [429, 429]
        visit.clock.pass_s(61)
        assert (await program.post(f"{HOME}/duplicates", json={"sheet": "help", "writes": {}})).status_code == 200


async def test_po8_a_pasted_post_comes_back_as_a_draft_and_nothing_is_written(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        text = "求助！巩义市米河镇小里河村，8人被困屋顶，需要冲锋舟，电话14212345678"
        async with visit.program(await visit.session("bo")) as program:
            found = (await program.post(f"{HOME}/paste", json={"text": text})).json()
        assert found["kind"] == "posts" and len(found["drafts"]) == 1
        writes = found["drafts"][0]["writes"]
        assert (writes["district"], writes["place"], writes["people_total"]) == ("巩义市", "米河镇小里河村", 8)
        assert writes["summary"] == text and visit.storage.count_rows("flood", over=None) == 0


async def test_po8_pasted_cells_are_read_as_an_import_reads_them_with_their_district(tmp_path: Path) -> None:
    cells = (
        "姓名\t电话\t地址\t人数\t情况\n"
        "王秀丽\t14212345678\t郑州中原区嵩山南路122号福苑小区\t5\t一楼已淹\n"
        "李强\t163 1234 5678\t新密来集镇宋楼村\t约3人\t孩子发烧\n"
    )
    async with visiting(tmp_path) as visit:
        async with visit.program(await visit.session("bo")) as program:
            found = (await program.post(f"{HOME}/paste", json={"text": cells})).json()
        assert found["kind"] == "cells"
        drafts = [one["writes"] for one in found["drafts"]]
        assert [(one["district"], one["contact_phone"], one["people_total"]) for one in drafts] == [
            ("中原区", "14212345678", 5),
            ("新密市", "16312345678", 3),
        ]


async def test_po5_where_the_other_rows_are_settles_which_district_is_meant(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        for row in range(1, 4):
            await visit.file(row, {"city": "开封市", "district": "鼓楼区", "place": f"北兴街{row}号"})
        await visit.room.duplicates.built()
        async with visit.program(await visit.session("bo")) as program:
            found = (await program.post(f"{HOME}/paste", json={"text": "鼓楼区北兴街9号，2人被困，14212345678"})).json()
        assert found["drafts"][0]["writes"]["city"] == "开封市"
