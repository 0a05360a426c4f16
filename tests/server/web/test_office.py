"""Roles and the audit over HTTP: who reads them, what is taken away, what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.roles import Role
from server import identity
from server.showing import show
from tests.server.web.visiting import HOME, visiting
from tests.support.edits import row_of
from tests.support.rooms import DEVICES, actor, grant


async def test_wb60_a_steward_reads_who_has_which_role(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        await grant(visit.room, "vera", "verifier")
        await identity.login(visit.room, DEVICES["vera"], "核")
        async with visit.program(await visit.session("sun")) as steward:
            people = {one["actor"]: one for one in (await steward.get(f"{HOME}/people")).json()["people"]}
        assert people[actor("vera")]["name"] == "核" and people[actor("vera")]["role"] == "verifier"
        assert people[actor("vera")]["logins"] == 1
        assert people[actor("vera")]["below"] is True and people[actor("sun")]["below"] is False


@pytest.mark.parametrize("role", ["volunteer", "verifier", "team", "matcher"])
async def test_wb60_nobody_but_stewards_reads_roles_or_the_audit(tmp_path: Path, role: Role) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "vera", role)
        async with visit.program(await visit.session("vera")) as verifier, visit.program() as stranger:
            for address in (f"{HOME}/people", f"{HOME}/audit"):
                assert (await verifier.get(address)).status_code == 403
                assert (await stranger.get(address)).status_code == 401
            for act in ("revoke", "log-out"):
                answer = await verifier.post(f"{HOME}/people/{actor('ann')}/{act}", json={"reason": "x"})
                assert answer.status_code == 403


async def test_wb61_a_role_is_taken_away_with_a_reason_and_at_once(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        await grant(visit.room, "vera", "verifier")
        async with visit.program(await visit.session("sun")) as steward:
            address = f"{HOME}/people/{actor('vera')}/revoke"
            assert (await steward.post(address, json={"reason": " "})).json()["error"]["code"] == "reason-wanted"
            assert visit.room.who(actor("vera")).role == "verifier"
            assert (await steward.post(address, json={"reason": "left the group"})).status_code == 200
            assert visit.room.who(actor("vera")).role == "visitor"
            told = (await steward.get(f"{HOME}/people")).json()["people"]
            assert [one["actor"] for one in told] == [actor("sun")]
            line = (await steward.get(f"{HOME}/audit?act=revoke-role")).json()["lines"][0]
        assert (line["actor"], line["reason"]) == (actor("sun"), "left the group")
        assert actor("vera") in line["detail"]


async def test_wb60_a_steward_takes_nothing_from_another_steward(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        await grant(visit.room, "olga", "steward")
        async with visit.program(await visit.session("sun")) as steward:
            for act in ("revoke", "log-out"):
                answer = await steward.post(f"{HOME}/people/{actor('olga')}/{act}", json={"reason": "x"})
                assert answer.json()["error"]["code"] == "not-permitted"
        assert visit.room.who(actor("olga")).role == "steward"


async def test_wb61_a_lost_phone_is_logged_out_and_its_owner_keeps_the_role(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await grant(visit.room, "sun", "steward")
        await grant(visit.room, "vera", "verifier")
        lost = await visit.session("vera")
        async with visit.program(await visit.session("sun")) as steward:
            answer = await steward.post(f"{HOME}/people/{actor('vera')}/log-out", json={"reason": "phone lost"})
            assert answer.json() == {"ended": 1}
        assert identity.authenticate(visit.storage, visit.room, lost) is None
        assert visit.room.who(actor("vera")).role == "verifier"


async def test_wb62_the_audit_is_searched_by_act_and_by_row(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        sun = await grant(visit.room, "sun", "steward")
        for row in (1, 2):
            await visit.file(row, {"place": "临江市桥头"}, {"contact_phone": "14200001234"})
            await show(visit.room, sun, sheet="help", row=row_of(row), reason=f"call {row}")
        async with visit.program(await visit.session("sun")) as steward:
            every = (await steward.get(f"{HOME}/audit")).json()["lines"]
            shown = (await steward.get(f"{HOME}/audit?act=reveal")).json()
            one = (await steward.get(f"{HOME}/audit?act=reveal&row={row_of(2)}")).json()["lines"]
            assert (await steward.get(f"{HOME}/audit?act=%27;drop")).status_code == 400
            assert (await steward.get(f"{HOME}/audit?row=x")).status_code == 400
        assert [line["reason"] for line in shown["lines"]] == ["call 2", "call 1"]
        assert shown["names"][actor("sun")][1] == "steward"
        assert [line["reason"] for line in one] == ["call 2"]
        assert len(every) > 2 and "14200001234" not in str(every)
