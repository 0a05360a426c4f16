"""Identity: devices, sessions, invites, roles, on a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moderation.roles import ROLES, Who
from schema.ids import actor_id, read_link, short_code
from server import identity
from server.errors import AccessError
from server.room import Room
from tests.support.clock import FakeClock
from tests.support.edits import row_of, secret_of, write
from tests.support.rooms import DEVICES, actor, grant, open_room, storage_of, submit

DAY_S = 86_400


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


async def test_ID3_whoever_has_no_grant_is_a_visitor(room: Room) -> None:
    login = await identity.login(room, DEVICES["ann"], "  安\n安 ")
    assert (login.who.role, login.who.team, login.who.actor) == ("visitor", "", actor_id(DEVICES["ann"]))
    assert login.name == "安安"


async def test_a_device_that_is_none_is_named(room: Room) -> None:
    for device in ("", "short", "x" * 23, "水" * 22):
        with pytest.raises(AccessError) as caught:
            await identity.login(room, device)
        assert caught.value.code == "bad-device"


async def test_ID2_no_secret_is_in_the_database(room: Room, tmp_path: Path) -> None:
    olga = await grant(room, "olga", "owner")
    login = await identity.login(room, DEVICES["ann"])
    invitation = await identity.invite(room, olga, role="verifier")
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "x"}), secret="Q" * 22)
    await storage_of(room).close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for secret in (login.session, invitation.secret, DEVICES["ann"]):
        assert secret.encode() not in kept


async def test_a_session_ends_when_it_expires_or_is_revoked(room: Room) -> None:
    login = await identity.login(room, DEVICES["ann"])
    found = identity.authenticate(room.storage, room, login.session)
    assert found is not None and found[1].actor == actor("ann")
    await room.storage.revoke_session(found[0], room.clock.now_ms())
    assert identity.authenticate(room.storage, room, login.session) is None
    later = await identity.login(room, DEVICES["ann"])
    assert isinstance(room.clock, FakeClock)
    room.clock.pass_s(31 * DAY_S)
    assert identity.authenticate(room.storage, room, later.session) is None
    assert identity.authenticate(room.storage, room, "") is None


async def test_ID4_an_invite_gives_its_role_as_often_as_it_says(room: Room) -> None:
    olga = await grant(room, "olga", "owner")
    invitation = await identity.invite(room, olga, role="verifier", uses=1)
    tried = await asyncio.gather(
        *(identity.join(room, DEVICES[name], invitation.secret) for name in ("ann", "bo", "chen")),
        return_exceptions=True,
    )
    joined = [login for login in tried if isinstance(login, identity.Login)]
    assert [login.who.role for login in joined] == ["verifier"]
    assert all(isinstance(error, AccessError) for error in tried if error not in joined)


async def test_ID4_an_expired_or_unknown_invite_gives_nothing(room: Room) -> None:
    olga = await grant(room, "olga", "owner")
    invitation = await identity.invite(room, olga, role="verifier", days=1)
    assert isinstance(room.clock, FakeClock)
    room.clock.pass_s(2 * DAY_S)
    for secret in (invitation.secret, "x" * 22):
        with pytest.raises(AccessError) as caught:
            await identity.join(room, DEVICES["ann"], secret)
        assert caught.value.code == "invite-spent"
    assert room.who(actor("ann")).role == "visitor"


@pytest.mark.parametrize("role", ROLES)
async def test_ID5_one_invites_only_below_ones_own_role(room: Room, role: str) -> None:
    sun = await grant(room, "sun", "steward")
    vera = await grant(room, "vera", "verifier")
    with pytest.raises(AccessError):
        await identity.invite(room, vera, role=role)
    if role in ("volunteer", "verifier", "matcher"):
        assert (await identity.invite(room, sun, role=role)).role == role
    else:
        with pytest.raises(AccessError):
            await identity.invite(room, sun, role=role)


async def test_ID4_a_steward_who_opens_an_invite_loses_nothing_and_takes_no_use(room: Room) -> None:
    olga = await grant(room, "olga", "owner")
    invitation = await identity.invite(room, olga, role="volunteer", uses=1)
    with pytest.raises(AccessError) as caught:
        await identity.join(room, DEVICES["olga"], invitation.secret)
    assert caught.value.code == "already-in"
    assert room.who(olga.actor).role == "owner"
    assert (await identity.join(room, DEVICES["ann"], invitation.secret)).who.role == "volunteer"


async def test_ID6_revoking_an_invite_revokes_the_roles_it_gave(room: Room) -> None:
    olga = await grant(room, "olga", "owner")
    invitation = await identity.invite(room, olga, role="verifier", uses=5)
    await identity.join(room, DEVICES["ann"], invitation.secret)
    await identity.join(room, DEVICES["bo"], invitation.secret)
    await identity.revoke_invite(room, olga, invitation.id, reason="名单有误")
    assert {room.who(actor(name)).role for name in ("ann", "bo")} == {"visitor"}
    assert {one.actor for one in identity.grants_of(room)} == {actor("olga")}
    with pytest.raises(AccessError):
        await identity.join(room, DEVICES["chen"], invitation.secret)


async def test_ID6_a_verifier_revokes_nobody(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await grant(room, "ann", "volunteer")
    with pytest.raises(AccessError):
        await identity.revoke_role(room, vera, actor("ann"))
    sun = await grant(room, "sun", "steward")
    await identity.revoke_role(room, sun, actor("ann"))
    assert room.who(actor("ann")).role == "visitor"


async def test_ID7_a_team_invite_binds_to_the_teams_row(room: Room) -> None:
    olga = await grant(room, "olga", "owner")
    await submit(room, olga, write(olga.actor, {"name": "蓝天三队"}), row=7, sheet="civil_team")
    for team in ("", "civil_team/" + "0" * 16, "help/" + row_of(7)):
        with pytest.raises(AccessError):
            await identity.invite(room, olga, role="team", team=team)
    invitation = await identity.invite(room, olga, role="team", team="civil_team/" + row_of(7, sheet="civil_team"))
    login = await identity.join(room, DEVICES["tina"], invitation.secret)
    assert (login.who.role, login.who.team) == ("team", "civil_team/" + row_of(7, sheet="civil_team"))


async def test_ID9_a_session_of_one_workbook_opens_nothing_in_another(room: Room, tmp_path: Path) -> None:
    login = await identity.login(room, DEVICES["ann"])
    other = await open_room(tmp_path, workbook="other")
    try:
        assert identity.authenticate(other.storage, other, login.session) is None
    finally:
        await storage_of(other).close()


async def test_ID11_a_link_issued_anew_kills_the_old_one(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    ann, bo = actor("ann"), actor("bo")
    await submit(room, ann, write(ann, {"summary": "救命"}))
    await submit(room, bo, write(bo, {"floor": 2}), secret=secret_of(1))
    with pytest.raises(AccessError):
        await identity.reissue_link(room, room.who(bo), sheet="help", row=row_of(1), reason="丢了")
    with pytest.raises(AccessError):
        await identity.reissue_link(room, vera, sheet="help", row=row_of(1), reason=" ")
    link, code = await identity.reissue_link(room, vera, sheet="help", row=row_of(1), reason="回拨核对过")
    row, secret = read_link("help", link)
    assert row == row_of(1)
    for old in ("", secret_of(1)):
        answer = await submit(room, bo, write(bo, {"outcome": "self_safe"}), secret=old)
        assert answer.verdicts[0].verdict == "suggested"
    answer = await submit(room, bo, write(bo, {"outcome": "self_safe"}), secret=secret)
    assert answer.verdicts[0].verdict == "accepted"
    await identity.check_code(room, vera, sheet="help", row=row_of(1), code=code)
    again, _ = await identity.reissue_link(room, vera, sheet="help", row=row_of(1), reason="又丢了")
    assert not room.proves("help", row_of(1), secret)
    assert room.proves("help", row_of(1), read_link("help", again)[1])
    assert [line.reason for line in room.storage.audit("flood", act="reissue-link")] == ["又丢了", "回拨核对过"]


async def test_ID12_a_login_that_was_ended_opens_nothing(room: Room) -> None:
    lost, kept = [await identity.login(room, DEVICES["ann"]) for _ in range(2)]
    ann, bo, sun = room.who(actor("ann")), room.who(actor("bo")), await grant(room, "sun", "steward")
    found = identity.authenticate(room.storage, room, lost.session)
    assert found is not None
    with pytest.raises(AccessError):
        await identity.end_session(room, bo, found[0])
    await identity.end_session(room, ann, found[0])
    assert identity.authenticate(room.storage, room, lost.session) is None
    assert identity.authenticate(room.storage, room, kept.session) is not None
    assert len(room.storage.sessions("flood", ann.actor)) == 1
    with pytest.raises(AccessError):
        await identity.end_all_sessions(room, bo, ann.actor)
    assert await identity.end_all_sessions(room, sun, ann.actor, reason="手机丢了") == 1
    assert identity.authenticate(room.storage, room, kept.session) is None


async def test_ID10_a_short_code_is_checked_five_times_an_hour_and_for_fourteen_days(room: Room) -> None:
    vera = await grant(room, "vera", "verifier")
    await submit(room, actor("ann"), write(actor("ann"), {"summary": "救命"}), secret=secret_of(1))
    right = short_code(secret_of(1))
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    async def tried(code: str, who: Who = vera) -> str:
        try:
            await identity.check_code(room, who, sheet="help", row=row_of(1), code=code)
        except AccessError as error:
            return error.code
        return ""

    assert await tried(right) == ""
    assert await tried(right, room.who(actor("bo"))) == "not-permitted"
    assert [await tried(wrong) for _ in range(5)] == ["wrong-code"] * 5
    assert await tried(right) == "too-many"
    assert isinstance(room.clock, FakeClock)
    room.clock.pass_s(3601)
    assert await tried(right) == ""
    room.clock.pass_s(15 * DAY_S)
    assert await tried(right) == "no-code"
    assert {line.detail for line in room.storage.audit("flood", act="code")} == {"right", "wrong"}
