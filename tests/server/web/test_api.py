"""JSON over HTTP: who one is, what changed, edits, import, export."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from moderation.protection import Guard
from schema.ids import actor_id
from tests.server.web.visiting import BOOK, HOME, visiting
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.rooms import DEVICES, actor, grant, submit

PHONE = "14200001234"
SHEET_CSV = "地址,联系电话,人数\n临江市桥头,14200001234,3\n临江市村口,15400005678,2\n".encode()


def edit_of(
    writes: dict[str, Any], *, tier: str = "public", seen: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    return {"tier": tier, "edit": new_id(), "at_ms": 1_626_785_940_000, "writes": writes, "seen": seen or {}}


async def test_wb25_a_device_gets_a_session_that_says_who_it_is(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        answer = await program.post(f"{HOME}/login", json={"device": DEVICES["ann"], "name": "安"})
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        told = answer.json()
        assert told | {"session": ""} == {
            "session": "", "actor": actor("ann"), "role": "visitor", "team": "", "name": "安", "epoch": visit.storage.epoch,
        }  # fmt: skip
        assert len(told["session"]) == 22


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"device": 3}', '{"device": "short"}', '{"name": "x"}', "\x00", '{"device":' * 3000]
)
async def test_wb25_a_login_that_is_none_says_what_is_wrong(tmp_path: Path, body: str) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        answer = await program.post(f"{HOME}/login", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 403, 413)
        assert answer.json()["error"]["message"]


async def test_wb25_an_invite_is_made_used_once_and_taken_back(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        async with visit.program(await visit.session("sun")) as steward, visit.program() as program:
            made = await steward.post(f"{HOME}/invites", json={"role": "verifier", "uses": 1, "days": 7})
            assert made.status_code == 201
            address, _, secret = made.json()["url"].partition("#invite=")
            assert address == f"https://sheet.test{HOME}/"
            joined = await program.post(
                f"{HOME}/join", json={"device": DEVICES["vera"], "invite": secret, "name": "核"}
            )
            assert joined.json()["role"] == "verifier" and joined.json()["actor"] == actor("vera")
            spent = await program.post(f"{HOME}/join", json={"device": DEVICES["bo"], "invite": secret})
            assert spent.status_code == 403 and spent.json()["error"]["code"] == "invite-spent"
            listed = (await steward.get(f"{HOME}/invites")).json()["invites"]
            assert [(one["id"], one["role"], one["left"], one["revoked"]) for one in listed] == [
                (made.json()["id"], "verifier", 0, False)
            ]
            assert secret not in json.dumps(listed)
            await steward.post(f"{HOME}/invites/{made.json()['id']}/revoke", json={"reason": "done"})
            assert (await steward.get(f"{HOME}/invites")).json()["invites"][0]["revoked"] is True
            assert visit.room.who(actor("vera")).role == "visitor"


@pytest.mark.parametrize("role", ["visitor", "verifier", "team", "matcher"])
async def test_wb27_what_stewards_do_is_for_stewards(tmp_path: Path, role: str) -> None:
    async with visiting(tmp_path) as visit:
        if role != "visitor":
            await grant(visit.room, "bo", role)  # type: ignore[arg-type]
        async with visit.program(await visit.session("bo")) as program:
            assert (await program.get(f"{HOME}/invites")).status_code == 403
            assert (await program.post(f"{HOME}/invites", json={"role": "volunteer"})).status_code == 403
            assert (await program.post(f"{HOME}/import", files={"file": ("a.csv", SHEET_CSV)})).status_code == 403
            assert (await program.get(f"{HOME}/export/help.csv?full=1")).status_code == 403


async def test_the_workbook_says_what_it_is(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        visit.room.guards["help"] = Guard("careful")
        visit.room.notice = "泄洪"
        answer = await program.get(f"{HOME}/workbook.json")
        told = answer.json()
        assert told["id"] == BOOK and told["protection"] == {"help": "careful"} and told["notice"] == "泄洪"
        assert told["epoch"] == visit.storage.epoch and told["sheets"][0] == "help" and told["drill"] is False
        assert answer.headers["cache-control"] == "no-store", "the server's time is in it"
        listed = (await program.get("/workbooks.json")).json()
        assert listed == {"workbooks": [{"id": BOOK, "title": "洪水", "drill": False}]}


async def test_wb23_changes_give_each_touched_cell_once_as_it_stands(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        first = await visit.file(1, {"place": "桥", "people_total": 3})
        since = visit.storage.position(BOOK)
        change = write(actor("ann"), {"people_total": 5}, seen={"people_total": [first]})
        again = write(actor("ann"), {"people_total": 6}, seen={"people_total": [change.edit]})
        await submit(visit.room, visit.room.who(actor("ann")), change, row=1)
        await submit(visit.room, visit.room.who(actor("ann")), again, row=1)
        told = (await program.get(f"{HOME}/changes", params={"since": since})).json()
        assert told["cursor"] == since + 2 and told["more"] is False
        ((sheet, row, no, _, _, cells, masked, _),) = told["entries"]
        assert (sheet, row, no) == ("help", row_of(1), 1) and masked == {}
        assert [live[1] for live in cells["people_total"]] == [6] and set(cells) == {"people_total"}
        assert actor("ann") in told["names"]
        nothing = (await program.get(f"{HOME}/changes", params={"since": told["cursor"]})).json()
        assert nothing["entries"] == [] and nothing["cursor"] == told["cursor"]


async def test_wb23_a_cursor_or_epoch_of_another_store_is_gone(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        for asked in ({"since": "1"}, {"since": "0", "epoch": "another"}):
            assert (await program.get(f"{HOME}/changes", params=asked)).status_code == 410
        known = {"since": "0", "epoch": visit.storage.epoch}
        assert (await program.get(f"{HOME}/changes", params=known)).status_code == 200


async def test_wb26_an_edit_as_json_begins_a_row(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program(await visit.session("ann")) as program:
        body = {
            "sheet": "help",
            "row": row_of(1),
            "secret": secret_of(1),
            "edits": [edit_of({"place": "桥"}), edit_of({"contact_phone": PHONE}, tier="private")],
        }
        answer = (await program.post(f"{HOME}/edits", json=body)).json()
        assert [verdict[1] for verdict in answer["verdicts"]] == ["accepted", "accepted"]
        assert answer["no"] == 1 and answer["seq"] > 0
        again = (await program.post(f"{HOME}/edits", json=body)).json()
        assert again["verdicts"] == answer["verdicts"], "a known edit has its verdict again"
        assert {entry.origin for entry in visit.storage.log(BOOK)} == {"api"}
        assert {entry.actor for entry in visit.storage.log(BOOK)} == {actor_id(DEVICES["ann"])}


async def test_wb26_it_is_judged_like_any_other(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await visit.file(1, {"place": "桥"}, by="bo")
        async with visit.program(await visit.session("ann")) as program:
            body = {"sheet": "help", "row": row_of(1), "edits": [edit_of({"outcome": "rescued"})]}
            answer = (await program.post(f"{HOME}/edits", json=body)).json()
            assert answer["verdicts"][0][1] == "suggested"
            assert len(visit.storage.suggestions(BOOK)) == 1


@pytest.mark.parametrize("session", ["", "x" * 22])
async def test_wb26_without_a_session_it_is_401(tmp_path: Path, session: str) -> None:
    async with visiting(tmp_path) as visit, visit.program(session) as program:
        body = {"sheet": "help", "row": row_of(1), "edits": [edit_of({"place": "桥"})]}
        answer = await program.post(f"{HOME}/edits", json=body)
        assert answer.status_code == 401 and answer.json()["error"]["code"] == "not-authenticated"


@pytest.mark.parametrize(
    "change",
    [
        {"sheet": "nosheet"},
        {"row": "short"},
        {"edits": []},
        {"edits": [edit_of({"place": "桥"})] * 33},
        {"edits": [edit_of({"place": "桥"}) | {"tier": "secret"}]},
        {"edits": [edit_of({"place": "桥"}) | {"edit": "x"}]},
        {"edits": [edit_of({})]},
        {"edits": [edit_of({"Place!": "桥"})]},
        {"edits": [edit_of({"place": {"a": 1}})]},
        {"edits": [edit_of({"place": "x" * 5000})]},
        {"edits": "no"},
        {"secret": 5},
    ],
)
async def test_wb26_what_is_malformed_is_named_and_not_quoted(tmp_path: Path, change: dict[str, Any]) -> None:
    async with visiting(tmp_path) as visit, visit.program(await visit.session("ann")) as program:
        body = {"sheet": "help", "row": row_of(1), "edits": [edit_of({"place": "桥"})], **change}
        answer = await program.post(f"{HOME}/edits", json=body)
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["error"]["message"] and "桥" not in answer.text


async def test_wb26_a_form_of_another_kind_is_not_json(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program(await visit.session("ann")) as program:
        answer = await program.post(f"{HOME}/edits", content="{}", headers={"content-type": "text/plain"})
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad-json"


async def test_wb27_a_dry_run_says_what_would_be_and_writes_nothing(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        async with visit.program(await visit.session("sun")) as steward:
            upload = {"file": ("求助.csv", SHEET_CSV, "text/csv")}
            plan = (await steward.post(f"{HOME}/import?dry_run=1", files=upload)).json()
            assert plan["rows"] == 2 and plan["map"] and "added" not in plan
            assert visit.storage.count_rows(BOOK, over=None) == 0
            done = (await steward.post(f"{HOME}/import", files=upload, data={"map": json.dumps(plan["map"])})).json()
            assert (done["added"], done["known"]) == (2, 0)
            again = (await steward.post(f"{HOME}/import", files=upload)).json()
            assert (again["added"], again["known"]) == (0, 2)
            assert {entry.origin for entry in visit.storage.log(BOOK)} == {"import"}


async def test_wb27_a_file_that_cannot_be_used_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        async with visit.program(await visit.session("sun")) as steward:
            for files, data in (
                ({"other": ("a.csv", SHEET_CSV)}, {}),
                ({"file": ("a.csv", b"")}, {}),
                ({"file": ("a.csv", SHEET_CSV)}, {"map": "{no"}),
            ):
                answer = await steward.post(f"{HOME}/import", files=files, data=data)
                assert answer.status_code == 422 and answer.json()["error"]["message"]
            monkeypatch.setattr("server.web.api.MAX_IMPORT_BYTES", 1000)
            large = await steward.post(f"{HOME}/import", files={"file": ("a.csv", b"x" * 5000)})
            assert large.status_code == 413 and large.json()["error"]["code"] == "too-large"
            assert (await steward.post(f"{HOME}/import", json={})).status_code == 400


async def test_wb28_an_export_is_redacted_for_everybody(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        await visit.file(1, {"place": "桥", "people_total": 3}, {"contact_phone": PHONE})
        table = await program.get(f"{HOME}/export/help.csv")
        assert table.headers["content-type"].startswith("text/csv")
        assert table.headers["content-disposition"] == 'attachment; filename="flood-help.csv"'
        (row,) = csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff")))
        assert row["联系电话"] == "142****1234" and row["总人数"] == "3"
        await visit.file(2, {"place": "村"})
        assert len((await program.get(f"{HOME}/export/help.json")).json()) == 2
        assert "Phone" in (await program.get(f"{HOME}/export/help.csv", headers={"accept-language": "en"})).text


async def test_wb28_in_full_it_is_a_stewards_and_in_the_audit(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        await visit.file(1, {"place": "桥"}, {"contact_phone": PHONE})
        assert (await program.get(f"{HOME}/export/help.csv?full=1")).status_code == 401
        assert visit.storage.audit(BOOK, act="export") == []
        await grant(visit.room, "sun", "steward")
        async with visit.program(await visit.session("sun")) as steward:
            full = await steward.get(f"{HOME}/export/help.csv?full=1")
            assert PHONE in full.text and full.headers["cache-control"] == "no-store"
        (line,) = visit.storage.audit(BOOK, act="export")
        assert (line.actor, line.role, line.sheet) == (actor("sun"), "steward", "help")
