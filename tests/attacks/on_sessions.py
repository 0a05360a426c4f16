"""Attacks on sockets, sessions, invites, codes and links, each with the build that lets it through."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.asyncio.client import connect

import server.identity
import server.room
import server.sockets
import server.sync.session
from schema.ids import digest_secret, read_link, row_id, short_code
from server import identity
from server.errors import AccessError
from server.room import Room
from server.storage.contract import Workbook
from server.sync.session import SPEAKS, State
from tests.attacks.attack import Attack
from tests.attacks.site import heard, settle, site
from tests.support.edits import row_of, secret_of, write
from tests.support.live import FakeBrowser
from tests.support.rooms import DEVICES, actor, grant

HELP = ("help", row_of(1))


async def speaks_before_the_greeting(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        bo = await it.socket("bo", greet=False)
        await bo.say("fetch", 1, *HELP)
        await settle(bo)
        return heard(bo, "row")


async def opens_a_socket_from_a_foreign_page(room: Room) -> bool:
    async with site(room) as it:
        try:
            bo = await it.socket("bo", additional_headers={"origin": "https://evil.test"})
        except Exception:
            return False
        return heard(bo, "welcome")


async def writes_on_after_the_session_was_revoked(room: Room) -> bool:
    async with site(room) as it:
        edit = await it.victim()
        bo = await it.socket("bo")
        ann = it.room.who(actor("bo"))
        for session in it.room.storage.sessions("flood", actor("bo")):
            await identity.end_session(it.room, ann, session.id)
        await bo.say("push", 1, *HELP, "", [["public", _bytes(write(bo.actor, {"floor": 3}))]])
        await settle(bo)
        record = it.room.record(*HELP)
        assert record is not None and edit.edit
        return "floor" in record.public.cells


async def greets_with_a_revoked_session(room: Room) -> bool:
    async with site(room) as it:
        login = await identity.login(it.room, DEVICES["bo"])
        for session in it.room.storage.sessions("flood", actor("bo")):
            await identity.end_session(it.room, it.room.who(actor("bo")), session.id)
        return await _greets(it.address, login.session)


async def greets_with_a_session_of_another_workbook(room: Room) -> bool:
    async with site(room) as it:
        book = Workbook("other", "别处", False, "o" * 22, room.storage.server_id, room.clock.now_ms(), {})
        await room.storage.add_workbook(book)
        other = it.app.state.rooms.room("other")
        login = await identity.login(other, DEVICES["bo"])
        return await _greets(it.address, login.session)


async def verifies_after_the_role_was_revoked(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        await grant(it.room, "vera", "verifier")
        sun = await grant(it.room, "sun", "steward")
        vera = await it.socket("vera")
        await identity.revoke_role(it.room, sun, actor("vera"))
        verdicts = await vera.push(write(vera.actor, {"verify_state": "verified"}))
        return verdicts[0][1] == "accepted"


async def keeps_the_role_of_a_revoked_invite(room: Room) -> bool:
    sun = await grant(room, "sun", "steward")
    made = await identity.invite(room, sun, role="verifier")
    await identity.join(room, DEVICES["bo"], made.secret)
    await identity.revoke_invite(room, sun, made.id)
    return room.who(actor("bo")).role == "verifier"


async def invites_an_owner_as_a_steward(room: Room) -> bool:
    sun = await grant(room, "sun", "steward")
    try:
        made = await identity.invite(room, sun, role="steward")
    except AccessError:
        return False
    return made.role == "steward"


async def ends_somebody_elses_session(room: Room) -> bool:
    async with site(room) as it:
        ann = await it.socket("ann")
        bo = await it.socket("bo")
        target = it.room.storage.sessions("flood", actor("ann"))[0].id
        await bo.say("end_session", 1, target)
        await settle(bo)
        return not await settle(ann)


async def claims_in_presence_to_be_whom_it_likes(room: Room) -> bool:
    async with site(room) as it:
        ann, bo = await it.socket("ann"), await it.socket("bo")
        await bo.say("here", *HELP, "我是管理员")
        await bo.say("here", *HELP, "我是管理员")
        await settle(bo)
        presence = it.room.presence()
        await settle(ann)
        return "管理员" in str(presence)


async def guesses_a_short_code(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        by = await grant(it.room, "vera", "verifier")
        right = short_code(secret_of(1))
        wrong = [f"{n:06d}" for n in range(6) if f"{n:06d}" != right]
        for code in (*wrong, right):
            try:
                await identity.check_code(it.room, by, sheet="help", row=row_of(1), code=code)
            except AccessError:
                continue
            return True
        return False


async def holds_a_row_by_the_link_of_another(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        bo = await it.socket("bo")
        await bo.say("hold", 1, *HELP, secret_of(2))
        await bo.say("reveal", 2, *HELP, "我的", "")
        await settle(bo)
        return heard(bo, "private")


async def uses_a_link_that_was_issued_anew(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        vera = await grant(it.room, "vera", "verifier")
        await identity.reissue_link(it.room, vera, sheet="help", row=row_of(1), reason="核对过")
        bo = await it.socket("bo")
        await bo.say("reveal", 1, *HELP, "我的", secret_of(1))
        await settle(bo)
        return heard(bo, "private")


async def uses_the_new_link_on_another_row(room: Room) -> bool:
    async with site(room) as it:
        await it.victim()
        await it.victim(row=2)
        vera = await grant(it.room, "vera", "verifier")
        link, _ = await identity.reissue_link(it.room, vera, sheet="help", row=row_of(1), reason="核对过")
        bo = await it.socket("bo")
        await bo.say("reveal", 1, "help", row_of(2), "我的", read_link("help", link)[1])
        await settle(bo)
        return heard(bo, "private")


def _bytes(edit: Any) -> bytes:
    from schema.encoding import encode_edit

    return encode_edit(edit)


async def _greets(address: str, session: str) -> bool:
    socket = await connect(f"ws://{address}/w/flood/ws", compression=None, close_timeout=1)
    bo = FakeBrowser(socket, actor="")
    await bo.say("hello", 1, session, 0, "")
    try:
        await bo.hear("welcome")
    except AssertionError:
        return False
    finally:
        await bo.close()
    return True


# -- sabotage


def anything_may_be_said_first(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(SPEAKS, State.GREETING, (*SPEAKS[State.GREETING], *SPEAKS[State.LIVE]))


def any_page_is_ours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.sockets, "is_own_request", lambda headers, **kwargs: True)


def sockets_outlive_their_session(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Room, "session_ended", lambda self, login: None)


def sessions_are_not_looked_at(*names: str) -> Any:
    """An `authenticate` for which a session's workbook or end does not count."""

    def sabotage(patch: pytest.MonkeyPatch) -> None:
        def lax(storage: Any, room: Room, secret: str) -> Any:
            session = storage.session(digest_secret(secret))
            if session is None or ("workbook" not in names and session.workbook != room.workbook.id):
                return None
            if "revoked" not in names and session.revoked_ms:
                return None
            return session.id, room.who(session.actor)

        patch.setattr(server.identity, "authenticate", lax)

    return sabotage


def roles_are_remembered(patch: pytest.MonkeyPatch) -> None:
    changed = Room.role_changed

    def once(self: Room, actor: str) -> None:
        if actor not in self._roles:
            changed(self, actor)
            self.role_of(actor)

    patch.setattr(Room, "role_changed", once)
    role_of = Room.role_of

    def sticky(self: Room, actor: str) -> Any:
        found = role_of(self, actor)
        if found[0] == "visitor":
            self._roles.pop(actor, None)
        return found

    patch.setattr(Room, "role_of", sticky)


def everybody_may_invite(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.identity, "may_invite", lambda role, invited: True)


def whose_session_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    async def end(room: Room, by: Any, session: str) -> None:
        await room.storage.revoke_session(session, room.clock.now_ms())
        room.session_ended(session)

    patch.setattr(server.identity, "end_session", end)


def presence_is_believed(patch: pytest.MonkeyPatch) -> None:
    class Anything(tuple[str, ...]):
        def __contains__(self, said: object) -> bool:
            return True

    patch.setattr(server.room, "PRESENCE_DOINGS", Anything())


def codes_may_be_tried_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Room, "may_try_code", lambda self, sheet, row: True)


def any_secret_proves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Room, "proves", lambda self, sheet, row, secret: bool(secret))


def old_links_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Room, "proves", lambda self, sheet, row, secret: row_id(sheet, secret) == row)


def any_issued_link_will_do(patch: pytest.MonkeyPatch) -> None:
    def proves(self: Room, sheet: str, row: str, secret: str) -> bool:
        issued = {self.storage.link_digest(self.workbook.id, sheet, row_of(n)) for n in (1, 2)}
        return digest_secret(secret) in issued or row_id(sheet, secret) == row

    patch.setattr(Room, "proves", proves)


SESSION_ATTACKS = [
    Attack("speaks before the greeting", "SY3", anything_may_be_said_first, speaks_before_the_greeting),
    Attack("opens a socket from a foreign page", "SY2", any_page_is_ours, opens_a_socket_from_a_foreign_page),
    Attack(
        "writes on after its session was revoked",
        "ID12",
        sockets_outlive_their_session,
        writes_on_after_the_session_was_revoked,
    ),
    Attack(
        "greets with a revoked session", "ID12", sessions_are_not_looked_at("revoked"), greets_with_a_revoked_session
    ),
    Attack(
        "greets with a session of another workbook",
        "ID9",
        sessions_are_not_looked_at("workbook"),
        greets_with_a_session_of_another_workbook,
    ),
    Attack("verifies after its role was revoked", "SY12", roles_are_remembered, verifies_after_the_role_was_revoked),
    Attack("keeps the role of a revoked invite", "ID6", roles_are_remembered, keeps_the_role_of_a_revoked_invite),
    Attack("invites a steward as a steward", "ID5", everybody_may_invite, invites_an_owner_as_a_steward),
    Attack("ends somebody else's session", "ID12", whose_session_is_not_asked, ends_somebody_elses_session),
    Attack("says in presence to be a steward", "SY13", presence_is_believed, claims_in_presence_to_be_whom_it_likes),
    Attack("guesses a short code", "ID10", codes_may_be_tried_for_ever, guesses_a_short_code),
    Attack("holds a row by the link of another", "ID8", any_secret_proves, holds_a_row_by_the_link_of_another),
    Attack("uses a link that was issued anew", "ID11", old_links_stay, uses_a_link_that_was_issued_anew),
    Attack("uses the new link on another row", "ID11", any_issued_link_will_do, uses_the_new_link_on_another_row),
]
