"""JSON over HTTP: login and invites, the cold open and what changed, edits, import, export. docs/openapi.json describes it.

I/O through rooms and storage. Imported by `server.web`. Rules WB20–WB29, WB50–WB55 of docs/spec/web.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from moderation.roles import RULES, Who
from schema.edits import Edit, Tier, check_edit
from schema.errors import ProtocolError
from schema.ids import ROW_ID_CHARS, actor_id, is_base62
from schema.sheets import SHEET_IDS, load_sheet
from server import identity
from server.errors import AccessError
from server.exports import FORMATS, export_text
from server.imports.apply import apply_plan
from server.imports.errors import ImportFailed
from server.imports.fence import MAX_FILE_BYTES, Given, plan_file, read_map
from server.imports.report import plan_json
from server.ingest import submission_of
from server.limits import (
    EDITS_BY_ACTOR,
    IMPORTS_BY_ACTOR,
    LOGINS_BY_ACTOR,
    LOGINS_BY_ADDRESS,
    WRONG_INVITES_BY_ADDRESS,
    Rate,
    TooMany,
)
from server.reading import actors_of, missed_rows
from server.room import Room
from server.storage.contract import AuditRecord
from server.sync.frames import MAX_EDITS_PER_PUSH
from server.web.answers import json_answer
from server.web.budget import Budget
from server.web.language import language_of
from server.web.openapi import printed
from server.web.packing import Packed, pack, send
from server.web.posting import bearer_of, limited, read_json
from server.web.shapes import (
    ChangesAnswer,
    EditBody,
    EditsAnswer,
    EditsBody,
    EmptyAnswer,
    InviteAnswer,
    InviteBody,
    InviteLine,
    InvitesAnswer,
    JoinBody,
    LoginAnswer,
    LoginBody,
    ReasonBody,
    WorkbookAnswer,
    WorkbookLine,
    WorkbooksAnswer,
)
from server.web.site import Site
from server.web.snapshot import FEED_STEPS, Snapshots

log = logging.getLogger(__name__)

MAX_LOGIN_BYTES = 4 * 1024
MAX_EDITS_BYTES = 1024 * 1024  # 32 edits of 16 kB, twice over for JSON's quoting
MAX_IMPORT_BYTES = MAX_FILE_BYTES + 256 * 1024  # the file, its map, and what multipart adds
KEPT_EXPORTS = 16

# The cursor is in the body: a copy some seconds old loses nothing, the reader catches up from it.
FOR_A_MOMENT = "public, max-age=2, stale-while-revalidate=10"
MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class Api:
    """Everything that answers JSON."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._snapshots = Snapshots(site.clock)
        self._exports: OrderedDict[tuple[str, ...], tuple[int, Packed]] = OrderedDict()
        self._budget = Budget(site.clock.monotonic())
        self._exporting = asyncio.Lock()
        self._planning = asyncio.Semaphore(2)  # each is a child with 512 MB

    # -- who

    async def login(self, request: Request) -> Response:
        room = self.site.room_of(request)
        body = await read_json(request, LoginBody, MAX_LOGIN_BYTES)
        self._admit_login(request, body.device)
        return self._logged_in(await identity.login(room, body.device, body.name))

    async def join(self, request: Request) -> Response:
        room = self.site.room_of(request)
        body = await read_json(request, JoinBody, MAX_LOGIN_BYTES)
        address, now_s = self.site.address_of(request), self.site.clock.monotonic()
        if wait_s := self.site.limits.wait("wrong-invites", address, WRONG_INVITES_BY_ADDRESS, now_s=now_s):
            raise TooMany(wait_s)
        self._admit_login(request, body.device)
        try:
            return self._logged_in(await identity.join(room, body.device, body.invite, body.name))
        except AccessError as error:
            if error.code == "invite-spent":
                self.site.limits.take("wrong-invites", address, WRONG_INVITES_BY_ADDRESS, now_s=now_s)
            raise

    def _admit_login(self, request: Request, device: str) -> None:
        """Count a login to its address and device: each writes a session. Raises TooMany (rule SE4)."""
        self._admit("logins-address", self.site.address_of(request), LOGINS_BY_ADDRESS)
        self._admit("logins-actor", actor_id(device), LOGINS_BY_ACTOR)

    def _admit(self, kind: str, key: str, rate: Rate, *, cost: float = 1.0) -> None:
        now_s = self.site.clock.monotonic()
        if wait_s := self.site.limits.take(kind, key, rate, now_s=now_s, cost=cost):
            raise TooMany(wait_s)

    def _logged_in(self, login: identity.Login) -> Response:
        who = login.who
        return json_answer(
            LoginAnswer(login.session, who.actor, who.role, who.team, login.name, self.site.storage.epoch)
        )

    async def invites(self, request: Request) -> Response:
        """The workbook's invites; secrets are not among them."""
        room = self.site.room_of(request)
        self._ruler(request, room)
        invites = self.site.storage.invites(room.workbook.id)
        lines = [
            InviteLine(one.id, one.role, one.team, one.uses_left, one.created_ms, one.expires_ms, bool(one.revoked_ms))
            for one in invites
        ]
        return json_answer(InvitesAnswer(lines))

    async def invite(self, request: Request) -> Response:
        """Make an invite. Its secret is told once, in the fragment of a link."""
        room = self.site.room_of(request)
        _, who = self._ruler(request, room)
        body = await read_json(request, InviteBody, MAX_LOGIN_BYTES)
        made = await identity.invite(room, who, role=body.role, team=body.team, uses=body.uses, days=body.days)
        url = f"{self.site.base_url(request)}/w/{room.workbook.id}/#invite={made.secret}"
        return json_answer(InviteAnswer(made.id, url, made.role, made.expires_ms), status=201)

    async def revoke_invite(self, request: Request) -> Response:
        room = self.site.room_of(request)
        _, who = self._ruler(request, room)
        body = await read_json(request, ReasonBody, MAX_LOGIN_BYTES)
        await identity.revoke_invite(room, who, request.path_params["invite"], reason=body.reason[:200])
        return json_answer(EmptyAnswer())

    def _session(self, request: Request, room: Room) -> tuple[str, Who]:
        """(session id, who). Raises AccessError `not-authenticated`."""
        found = identity.authenticate(self.site.storage, room, bearer_of(request))
        if found is None:
            raise AccessError("not-authenticated", "log in first", "POST login gives a session for a device secret")
        return found

    def _ruler(self, request: Request, room: Room) -> tuple[str, Who]:
        session, who = self._session(request, room)
        if who.role not in RULES:
            raise AccessError("not-permitted", "only a steward may do this")
        return session, who

    # -- reading

    async def openapi(self, request: Request) -> Response:
        """What this file and its neighbours answer to."""
        return send(request, pack(printed().encode(), "application/json"), cache="public, max-age=3600")

    async def workbooks(self, request: Request) -> Response:
        """The workbooks of this server."""
        listed = [WorkbookLine(one.id, one.title, one.drill) for one in self.site.storage.workbooks()]
        body = msgspec.json.encode(WorkbooksAnswer(listed))
        return send(request, pack(body, "application/json"), cache=FOR_A_MOMENT)

    async def workbook(self, request: Request) -> Response:
        """What a workbook is, and the server's time: so it is never answered from a cache."""
        room = self.site.room_of(request)
        book = room.workbook
        return json_answer(
            WorkbookAnswer(
                id=book.id,
                title=book.title,
                epoch=self.site.storage.epoch,
                drill=book.drill,
                sheets=list(SHEET_IDS),
                protection=dict(room.protection),
                notice=room.notice,
                server_time=self.site.clock.now_ms(),
            )
        )

    async def snapshot(self, request: Request) -> Response:
        """One page of the cold open."""
        room = self.site.room_of(request)
        page = _number(request, "page", default=0) or 0
        packed = await self._snapshots.page(
            room, page, cursor=_number(request, "cursor"), over=request.query_params.get("over") == "1"
        )
        if packed is None:
            raise AccessError("not-found", "the snapshot has no such page")
        return send(request, packed, cache=FOR_A_MOMENT)

    async def changes(self, request: Request) -> Response:
        """What changed since a cursor, each touched cell once as it stands now."""
        room = self.site.room_of(request)
        since = _number(request, "since")
        if since is None:
            raise ProtocolError("bad-cursor", "since is the cursor of a snapshot or of the last changes")
        storage, workbook = self.site.storage, room.workbook.id
        position = storage.position(workbook)
        if since > position or request.query_params.get("epoch", storage.epoch) != storage.epoch:
            raise ProtocolError("older-generation", "this store does not know the cursor: open the snapshot anew")
        steps = storage.feed(workbook, after=since, limit=FEED_STEPS)
        cursor = steps[-1].position if steps else since
        rows = missed_rows(room, steps)
        body = ChangesAnswer(storage.epoch, cursor, cursor < position, rows, room.names(actors_of(rows)))
        packed = pack(msgspec.json.encode(body), "application/json")
        return send(request, packed, cache="public, max-age=1")

    # -- writing

    async def edits(self, request: Request) -> Response:
        """Edits of one row as JSON; the server writes them canonically and judges them like any other."""
        room = self.site.room_of(request)
        session, who = self._session(request, room)
        body = await read_json(request, EditsBody, MAX_EDITS_BYTES)
        load_sheet(body.sheet)
        if not is_base62(body.row, ROW_ID_CHARS):
            raise ProtocolError("malformed", f"a row id is {ROW_ID_CHARS} base-62 characters")
        if not 1 <= len(body.edits) <= MAX_EDITS_PER_PUSH:
            raise ProtocolError("malformed", f"1 to {MAX_EDITS_PER_PUSH} edits at once")
        edits = [_edit_of(one, who.actor) for one in body.edits]
        self._admit("edits", who.actor, EDITS_BY_ACTOR, cost=len(edits))
        if room.record(body.sheet, body.row) is None:
            wait_s = self.site.limits.take_row(
                sheet=f"{room.workbook.id}/{body.sheet}",
                actor=who.actor,
                address=self.site.address_of(request),
                member=who.role != "visitor",
                now_s=self.site.clock.monotonic(),
            )
            if wait_s:
                raise TooMany(wait_s)
        submission = submission_of(
            edits, sheet=body.sheet, row=body.row, who=who, session=session, origin="api", secret=body.secret
        )
        answer = await room.submit(submission)
        verdicts = [(one.edit, one.verdict, one.reason) for one in answer.verdicts]
        return json_answer(EditsAnswer(verdicts, answer.seq, answer.no))

    async def take_in(self, request: Request) -> Response:
        """Import a file. A dry run says what it would do, and writes nothing."""
        room = self.site.room_of(request)
        session, who = self._ruler(request, room)
        self._admit("imports", who.actor, IMPORTS_BY_ACTOR)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "multipart/form-data":
            raise ProtocolError("bad-form", "a file is posted as multipart/form-data, in the field `file`")
        form = await limited(request, MAX_IMPORT_BYTES).form(max_files=1, max_fields=8)
        try:
            upload = form.get("file")
            if upload is None or isinstance(upload, str):
                raise ImportFailed("file-missing", "there is no file in the field `file`")
            data, name = await upload.read(), upload.filename or "file"
            given = _map_of(form.get("map"))
            dry = request.query_params.get("dry_run", form.get("dry_run")) in ("1", "true")
        finally:
            await form.close()
        async with self._planning:
            plan = await asyncio.to_thread(plan_file, data, name, key=room.workbook.key, given=given)
        if dry:
            return json_answer(plan_json(plan))
        report = await apply_plan(room, plan, who=who, session=session)
        log.info("import into %s: %d added, %d known", room.workbook.id, report.added, report.known)
        return json_answer(plan_json(plan, report))

    async def export(self, request: Request) -> Response:
        """A sheet's rows: redacted for everybody, in full for a steward and into the audit."""
        room = self.site.room_of(request)
        sheet, form = request.path_params["sheet"], request.path_params["form"]
        if sheet not in SHEET_IDS or form not in FORMATS:
            raise AccessError("not-found", "there is no such export")
        workbook, language = room.workbook.id, language_of(request)
        saved = {"content-disposition": f'attachment; filename="{workbook}-{sheet}.{form}"'}
        if request.query_params.get("full") == "1":
            _, who = self._ruler(request, room)
            audit = AuditRecord(self.site.clock.now_ms(), who.actor, who.role, "export", sheet=sheet, detail=form)
            await self.site.storage.write_audit(workbook, [audit])
            pieces = export_text(self.site.storage, workbook, sheet=sheet, form=form, full=True, lang=language)
            headers = {"cache-control": "no-store", **saved}
            return Response((await gathered(pieces)).encode(), 200, headers, MEDIA[form])
        response = send(
            request,
            await self._exported(workbook, sheet, form, language),
            cache=FOR_A_MOMENT,
            vary="Accept-Encoding, Accept-Language, Cookie",
        )
        response.headers.update(saved)
        return response

    async def _exported(self, workbook: str, sheet: str, form: str, language: str) -> Packed:
        """The redacted form, once per state of the workbook."""
        key, position = (workbook, sheet, form, language), self.site.storage.position(workbook)
        async with self._exporting:  # one at a time: each is seconds of work for a large sheet
            kept = self._exports.get(key)
            now_s = self.site.clock.monotonic()
            if kept is None or (kept[0] != position and self._budget.allows(now_s)):
                text = await gathered(export_text(self.site.storage, workbook, sheet=sheet, form=form, lang=language))
                ended_s = self.site.clock.monotonic()
                self._budget.spend(ended_s - now_s, ended_s)
                kept = (position, await asyncio.to_thread(pack, text.encode(), MEDIA[form], keep_body=False))
                self._exports[key] = kept
                while len(self._exports) > KEPT_EXPORTS:
                    self._exports.popitem(last=False)
            return kept[1]


async def gathered(pieces: Iterator[str]) -> str:
    """The pieces as one text; between them whatever else waits has its turn."""
    text = []
    for piece in pieces:
        text.append(piece)
        await asyncio.sleep(0)
    return "".join(text)


def _number(request: Request, name: str, *, default: int | None = None) -> int | None:
    """A whole number of the query. Raises ProtocolError where it is none."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise ProtocolError("bad-number", f"{name} is a whole number")
    return int(text)


def _edit_of(body: EditBody, actor: str) -> tuple[Tier, Edit]:
    """An edit by whoever is logged in. Raises ProtocolError naming what is wrong with it."""
    edit = check_edit(body.edit, actor, body.at_ms, body.writes, body.seen)
    match body.tier:
        case "public":
            return "public", edit
        case "private":
            return "private", edit
        case _:
            raise ProtocolError("malformed", "a tier is public or private")


def _map_of(text: object) -> Given | None:
    """The map of a file's columns. Raises ImportFailed where it is none."""
    if not isinstance(text, str) or not text.strip():
        return None
    given = read_map(text)
    for says in given.values():
        if says is not None and "" in says:
            says["@sheet"] = says.pop("")  # how the app names the target
    return given
