"""JSON for stewards: who has which role, taking a role or every login away, and searching the audit.

I/O through rooms and storage. Imported by `server.web`. Rules WB60–WB62 of docs/spec/web.md.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from moderation.roles import RULES, Who, may_invite
from schema.errors import ProtocolError
from schema.ids import ACTOR_ID_CHARS, ROW_ID_CHARS, is_base62
from server import identity
from server.errors import AccessError
from server.room import Room
from server.web.answers import json_answer
from server.web.posting import bearer_of, read_json
from server.web.shapes import (
    AuditAnswer,
    AuditLine,
    EmptyAnswer,
    EndedAnswer,
    PeopleAnswer,
    PersonLine,
    ReasonBody,
)
from server.web.site import Site

MAX_BODY_BYTES = 4096
AUDIT_LINES = 200
_ACT = re.compile(r"[a-z][a-z-]{0,39}")


class Office:
    """Roles and the audit, over HTTP."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def people(self, request: Request) -> Response:
        """Everybody with a role that stands, the newest first."""
        room = self.site.room_of(request)
        by = self._ruler(request, room)
        grants = sorted(identity.grants_of(room), key=lambda grant: (-grant.granted_ms, grant.actor))
        names = room.names({grant.actor for grant in grants})
        lines = [
            PersonLine(
                actor=grant.actor,
                name=names[grant.actor][0] if grant.actor in names else "",
                role=grant.role,
                team=grant.team,
                invite=grant.invite,
                granted_ms=grant.granted_ms,
                logins=len(self.site.storage.sessions(room.workbook.id, grant.actor)),
                below=may_invite(by.role, grant.role),
            )
            for grant in grants
        ]
        return json_answer(PeopleAnswer(lines))

    async def revoke(self, request: Request) -> Response:
        """Take a role away, on live sockets within the second (rule SY12)."""
        room, by, actor, reason = await self._about(request)
        await identity.revoke_role(room, by, actor, reason=reason)
        return json_answer(EmptyAnswer())

    async def log_out(self, request: Request) -> Response:
        """End every login of somebody: a lost phone. Their role stays, for the next phone's invite to give again."""
        room, by, actor, reason = await self._about(request)
        return json_answer(EndedAnswer(await identity.end_all_sessions(room, by, actor, reason=reason)))

    async def audit(self, request: Request) -> Response:
        """Who did what, newest first, to one row or of one kind where asked."""
        room = self.site.room_of(request)
        self._ruler(request, room)
        act, row = request.query_params.get("act", ""), request.query_params.get("row", "")
        if act and not _ACT.fullmatch(act):
            raise ProtocolError("malformed", "an act is a word such as reveal, protect or revoke-role")
        if row and not is_base62(row, ROW_ID_CHARS):
            raise ProtocolError("malformed", f"a row id is {ROW_ID_CHARS} base-62 characters")
        found = self.site.storage.audit(room.workbook.id, row=row, act=act, limit=AUDIT_LINES)
        lines = [
            AuditLine(one.at_ms, one.actor, one.role, one.act, one.sheet, one.row, one.reason, one.detail)
            for one in found
        ]
        return json_answer(AuditAnswer(lines, room.names({one.actor for one in found if one.actor})))

    async def _about(self, request: Request) -> tuple[Room, Who, str, str]:
        """(room, the steward, the person, why). Raises AccessError or ProtocolError naming what is wrong."""
        room = self.site.room_of(request)
        self.site.admit(request)
        by = self._ruler(request, room)
        actor = request.path_params["actor"]
        if not is_base62(actor, ACTOR_ID_CHARS):
            raise ProtocolError("malformed", f"an actor id is {ACTOR_ID_CHARS} base-62 characters")
        body = await read_json(request, ReasonBody, MAX_BODY_BYTES)
        reason = body.reason.strip()[:200]
        if not reason:
            raise AccessError("reason-wanted", "say why: it goes into the audit")
        return room, by, actor, reason

    def _ruler(self, request: Request, room: Room) -> Who:
        found = identity.authenticate(self.site.storage, room, bearer_of(request))
        if found is None:
            raise AccessError("not-authenticated", "log in first", "POST login gives a session for a device secret")
        if found[1].role not in RULES:
            raise AccessError("not-permitted", "only a steward may do this")
        return found[1]
