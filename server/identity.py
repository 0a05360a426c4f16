"""Who somebody is: devices, sessions, invites, roles, row links.

I/O through storage. Secrets are kept as digests; a name is what a person calls themselves. Rules ID1–ID12 of docs/spec/identity.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from moderation.roles import ROLES, RULES, Who, may_invite
from schema.ids import SECRET_CHARS, actor_id, digest_secret, is_base62, short_code
from server.clock import new_secret
from server.errors import AccessError
from server.room import CODE_TRIES, Room
from server.storage.contract import AuditRecord, Grant, Invite, SessionRecord, Storage

SESSION_DAYS = 30
DAY_MS = 86_400_000
MAX_NAME_CHARS = 24
MAX_INVITE_USES = 500
MAX_INVITE_DAYS = 60
CODE_DAYS = 14
REISSUE = frozenset({"verifier", "steward", "owner"})
ASK_CODES = frozenset({"volunteer", "verifier", "matcher", "steward", "owner"})


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh session: its secret is told once and kept nowhere."""

    session: str
    who: Who
    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh invite: its secret goes into the link's fragment and is kept nowhere."""

    id: str
    secret: str
    role: str
    team: str
    uses: int
    expires_ms: int


async def login(room: Room, device: str, name: str = "") -> Login:
    """A session for the actor a device secret proves. Raises AccessError `bad-device` where it is none."""
    if not is_base62(device, SECRET_CHARS):
        raise AccessError("bad-device", f"a device secret is {SECRET_CHARS} base-62 characters")
    actor = actor_id(device)
    now_ms = room.clock.now_ms()
    name = tidy_name(name)
    await room.storage.see_actor(actor, name, now_ms)
    if name:
        room.renamed(actor)
    secret = new_secret(room.clock)
    session = SessionRecord(
        id=room.clock.random62(12),
        secret_digest=digest_secret(secret),
        workbook=room.workbook.id,
        actor=actor,
        created_ms=now_ms,
        expires_ms=now_ms + SESSION_DAYS * DAY_MS,
        revoked_ms=0,
    )
    await room.storage.add_session(session)
    shown = room.names({actor})[actor][0]
    return Login(secret, room.who(actor), shown)


async def join(room: Room, device: str, invite: str, name: str = "") -> Login:
    """Take the role an invite gives. Raises AccessError `invite-spent` when it is unknown, used up, expired or revoked."""
    if not is_base62(device, SECRET_CHARS):
        raise AccessError("bad-device", f"a device secret is {SECRET_CHARS} base-62 characters")
    actor = actor_id(device)
    now_ms = room.clock.now_ms()
    await room.storage.see_actor(actor, tidy_name(name), now_ms)
    if room.role_of(actor)[0] in RULES:
        raise AccessError("already-in", "you are a steward here; open this invite on another device")
    grant = await room.storage.use_invite(room.workbook.id, digest_secret(invite), actor, now_ms)
    if grant is None:
        raise AccessError("invite-spent", "this invite is used up, expired or revoked", "ask for a new one")
    room.role_changed(actor)
    return await login(room, device, name)


def authenticate(storage: Storage, room: Room, secret: str) -> tuple[str, Who] | None:
    """(session id, who) of a session secret; None where it is unknown, expired or revoked."""
    session = storage.session(digest_secret(secret)) if secret else None
    if session is None or session.workbook != room.workbook.id:
        return None
    if session.revoked_ms or session.expires_ms < room.clock.now_ms():
        return None
    return session.id, room.who(session.actor)


async def invite(room: Room, by: Who, *, role: str, team: str = "", uses: int = 1, days: int = 7) -> Invitation:
    """An invite for a role below one's own. Raises AccessError `not-permitted` or `bad-invite`."""
    if role not in ROLES or not may_invite(by.role, role):
        raise AccessError("not-permitted", f"a {by.role} cannot invite a {role}")
    if not 1 <= uses <= MAX_INVITE_USES or not 1 <= days <= MAX_INVITE_DAYS:
        raise AccessError("bad-invite", f"an invite has 1 to {MAX_INVITE_USES} uses and 1 to {MAX_INVITE_DAYS} days")
    if role == "team":
        sheet, _, row = team.partition("/")
        if sheet not in ("official_team", "civil_team") or room.record(sheet, row) is None:
            raise AccessError("bad-invite", "a team's invite names the team's row, as sheet/row")
    return await make_invite(room, by.actor, role=role, team=team if role == "team" else "", uses=uses, days=days)


async def make_invite(room: Room, by: str, *, role: str, team: str = "", uses: int, days: int) -> Invitation:
    """An invite without asking who may: for the command line, whose user owns the machine."""
    secret = new_secret(room.clock)
    now_ms = room.clock.now_ms()
    made = Invite(
        id=room.clock.random62(8),
        workbook=room.workbook.id,
        secret_digest=digest_secret(secret),
        role=role,
        team=team,
        uses_left=uses,
        expires_ms=now_ms + days * DAY_MS,
        created_by=by,
        created_ms=now_ms,
        revoked_ms=0,
    )
    await room.storage.add_invite(
        made, AuditRecord(now_ms, by, "", "invite", detail=f"{made.id} {role} {team}".strip())
    )
    return Invitation(made.id, secret, role, team, uses, made.expires_ms)


async def revoke_invite(room: Room, by: Who, invite_id: str, *, reason: str = "") -> None:
    """Revoke an invite and every role it gave, on live sockets too (rule SY12). Raises AccessError `not-permitted`."""
    found = next((one for one in room.storage.invites(room.workbook.id) if one.id == invite_id), None)
    if found is None:
        raise AccessError("unknown-invite", "there is no such invite")
    if not may_invite(by.role, found.role):
        raise AccessError("not-permitted", f"a {by.role} cannot revoke an invite for a {found.role}")
    now_ms = room.clock.now_ms()
    audit = AuditRecord(now_ms, by.actor, by.role, "revoke-invite", reason=reason, detail=invite_id)
    for actor in await room.storage.revoke_invite(room.workbook.id, invite_id, now_ms, audit):
        room.role_changed(actor)


async def revoke_role(room: Room, by: Who, actor: str, *, reason: str = "") -> None:
    """Take an actor's role away. Raises AccessError `not-permitted`."""
    role, _ = room.role_of(actor)
    if not may_invite(by.role, role):
        raise AccessError("not-permitted", f"a {by.role} cannot revoke a {role}")
    now_ms = room.clock.now_ms()
    audit = AuditRecord(now_ms, by.actor, by.role, "revoke-role", reason=reason, detail=f"{actor} {role}")
    await room.storage.revoke_grant(room.workbook.id, actor, now_ms, audit)
    room.role_changed(actor)


async def reissue_link(room: Room, by: Who, *, sheet: str, row: str, reason: str) -> tuple[str, str]:
    """(link, short code) of a row whose link was lost or leaked; the old one is dead. Raises AccessError (rule ID11)."""
    if by.role not in REISSUE:
        raise AccessError("not-permitted", "verifiers and stewards issue a row's link anew, after a call")
    record = room.record(sheet, row)
    if record is None or not record.version:
        raise AccessError("unknown-row", "there is no such row")
    if not reason.strip():
        raise AccessError("reason-wanted", "say how you know the caller")
    secret = new_secret(room.clock)
    code = short_code(secret)
    now_ms = room.clock.now_ms()
    audit = AuditRecord(now_ms, by.actor, by.role, "reissue-link", sheet=sheet, row=row, reason=reason.strip()[:200])
    await room.storage.reissue_link(
        room.workbook.id, sheet, row, digest_secret(secret), room.code_digest(sheet, row, code), audit
    )
    room.holdings_ended()
    return f"{row}.{secret}", code


async def end_session(room: Room, by: Who, session: str) -> None:
    """Revoke one of one's own logins, or anybody's as a steward. Raises AccessError `unknown-session`."""
    actor = room.storage.session_actor(room.workbook.id, session)
    if actor != by.actor and (by.role not in RULES or not actor):
        raise AccessError("unknown-session", "you have no such session")
    await room.storage.revoke_session(session, room.clock.now_ms())
    room.session_ended(session)


async def end_all_sessions(room: Room, by: Who, actor: str, *, reason: str = "") -> int:
    """Revoke every login of an actor: a lost phone. Raises AccessError `not-permitted`."""
    role, _ = room.role_of(actor)
    if actor != by.actor and not (by.role in RULES and (role == "visitor" or may_invite(by.role, role))):
        raise AccessError("not-permitted", f"a {by.role} cannot log a {role} out")
    now_ms = room.clock.now_ms()
    found = room.storage.sessions(room.workbook.id, actor)
    for session in found:
        await room.storage.revoke_session(session.id, now_ms)
        room.session_ended(session.id)
    audit = AuditRecord(now_ms, by.actor, by.role, "log-out", reason=reason.strip()[:200], detail=actor)
    await room.storage.write_audit(room.workbook.id, [audit])
    return len(found)


async def check_code(room: Room, by: Who, *, sheet: str, row: str, code: str) -> None:
    """Whether a caller knows the row's short code (rule ID10). Raises AccessError naming why not; every try is in the audit."""
    if by.role not in ASK_CODES:
        raise AccessError("not-permitted", "volunteers and verifiers ask for short codes")
    record = room.record(sheet, row)
    now_ms = room.clock.now_ms()
    if record is None or now_ms > record.created_ms + CODE_DAYS * DAY_MS:
        raise AccessError(
            "no-code", "this row has no short code, or it has expired", "ask something only they can know"
        )
    if not room.may_try_code(sheet, row):
        raise AccessError("too-many", f"{CODE_TRIES} wrong codes in an hour; ask something only they can know")
    kept = room.storage.code_digest(room.workbook.id, sheet, row)
    right = kept != "" and hmac.compare_digest(kept, room.code_digest(sheet, row, code.strip()))
    tried = AuditRecord(now_ms, by.actor, by.role, "code", sheet=sheet, row=row, detail="right" if right else "wrong")
    await room.storage.write_audit(room.workbook.id, [tried])
    if not right:
        room.count_wrong_code(sheet, row)
        raise AccessError("wrong-code", "that is not this row's code")


def tidy_name(name: str) -> str:
    """A display name: one line, no control characters, at most MAX_NAME_CHARS."""
    return "".join(c for c in name.strip() if c.isprintable())[:MAX_NAME_CHARS]


def grants_of(room: Room) -> list[Grant]:
    """Everybody with a role, standing grants only."""
    return [grant for grant in room.storage.grants(room.workbook.id) if not grant.revoked_ms]
