"""JSON for who enters and who checks rows: possible duplicates while typing, the queue of pairs, groups of linked rows, pasted posts.

I/O through the room's live index. Imported by `server.web`. Rules DU4, DU20–DU24 of docs/spec/duplicates.md, PO8 of docs/spec/posts.md.
"""

from __future__ import annotations

from collections import deque
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from moderation.duplicates.links import Group, Key, standing
from moderation.duplicates.queue import DUPLICATES, Pair
from moderation.duplicates.score import Kind
from moderation.posts import MAX_PASTE_CHARS
from moderation.roles import Who
from schema.errors import ProtocolError
from schema.ids import ROW_ID_CHARS, is_base62
from schema.sheets import SHEETS, load_sheet
from schema.values import check_value
from server import identity
from server.duplicates import FULL_VIEW
from server.errors import AccessError
from server.pasting import paste
from server.room import Room
from server.web.answers import json_answer
from server.web.posting import bearer_of, read_json
from server.web.shapes import (
    ApartBody,
    CandidateLine,
    ContactLine,
    DoubtLine,
    DraftLine,
    EmptyAnswer,
    GroupAnswer,
    PairLine,
    PasteAnswer,
    PasteBody,
    PossibleAnswer,
    PossibleBody,
    QueueAnswer,
    RowLine,
)
from server.web.site import Site

MAX_ASK_BYTES = 64 * 1024  # a row as it is typed
MAX_PASTE_BYTES = 4 * MAX_PASTE_CHARS
MAX_WRITES = 100
ASKS_PER_MINUTE = 60  # one a second: a person who types stops less often
MAX_ASKERS = 10_000
MAX_PAGE = 200
VERIFIES = frozenset({"verifier", "steward", "owner"})  # who may say of two rows that they are not one case
KINDS: tuple[Kind, ...] = get_args(Kind)


class Moderating:
    """Duplicates and pasting, over HTTP."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._asked: dict[str, deque[float]] = {}

    async def ask(self, request: Request) -> Response:
        """Rows that may be the same case as what is being typed."""
        room = self.site.room_of(request)
        who = self._who(request, room)
        body = await read_json(request, PossibleBody, MAX_ASK_BYTES)
        sheet = load_sheet(body.sheet)
        if body.row and not is_base62(body.row, ROW_ID_CHARS):
            raise ProtocolError("malformed", f"a row id is {ROW_ID_CHARS} base-62 characters")
        if len(body.writes) > MAX_WRITES:
            raise ProtocolError("malformed", f"at most {MAX_WRITES} cells at once")
        values = {path: [check_value(value)] for path, value in body.writes.items()}
        self._count(who)
        found = await room.duplicates.candidates(sheet, values, row=body.row, who=who)
        lines = []
        for one in found.candidates:
            key = (one.sheet, one.row)
            facts, group = room.duplicates.facts(key), await room.duplicates.group(key)
            lines.append(
                CandidateLine(
                    sheet=one.sheet,
                    row=one.row,
                    no=facts.no if facts else 0,
                    kind=one.finding.kind,
                    band=one.finding.band,
                    score=round(one.finding.score, 3),
                    why=list(one.finding.why),
                    over=bool(facts and facts.over),
                    primary="/".join(group.primary) if group and group.primary != key else "",
                )
            )
        return json_answer(PossibleAnswer(found.ready, lines))

    async def queue(self, request: Request) -> Response:
        """Pairs that may be one case, the urgent and the likely first; and circles of links."""
        room = self.site.room_of(request)
        self._deciding(request, room, FULL_VIEW)
        asked = [kind for kind in request.query_params.get("kind", "").split(",") if kind]
        if any(kind not in KINDS for kind in asked):
            raise ProtocolError("bad-kind", f"kind is one or more of {', '.join(KINDS)}")
        kinds = [kind for kind in KINDS if kind in asked] or sorted(DUPLICATES)
        limit, offset = _number(request, "limit", 50), _number(request, "offset", 0)
        pairs, total, rings, complete = await room.duplicates.pairs(
            kinds=kinds, limit=min(max(limit, 1), MAX_PAGE), offset=offset
        )
        return json_answer(
            QueueAnswer(
                total=total,
                complete=complete,
                pairs=[self._pair(room, pair) for pair in pairs],
                rings=[[_line(room, key) for key in group.ring] for group in rings],
            )
        )

    async def part(self, request: Request) -> Response:
        """Two rows are not one case; or, taken back, they may be."""
        room = self.site.room_of(request)
        who = self._deciding(request, room, VERIFIES)
        body = await read_json(request, ApartBody, MAX_ASK_BYTES)
        one, other = _key(body.one), _key(body.other)
        if one == other or any(room.record(*key) is None for key in (one, other)):
            raise ProtocolError("malformed", "name two different rows that there are, each as sheet/row")
        await room.duplicates.part(one, other, apart=body.apart, who=who, reason=body.reason[:200])
        return json_answer(EmptyAnswer())

    async def group(self, request: Request) -> Response:
        """The rows that are linked with one: which is worked on, and what is theirs together."""
        room = self.site.room_of(request)
        key: Key = (request.path_params["sheet"], request.path_params["row"])
        if key[0] not in SHEETS or room.record(*key) is None:
            raise AccessError("not-found", "there is no such row")
        found = await room.duplicates.group(key) or Group(key, (key,))
        contacts: list[ContactLine] = []
        cells = {}
        for sheet, row in found.rows:
            record = room.record(sheet, row)
            if record is None:
                continue
            cells[(sheet, row)] = record.public.cells
            for path, forms in sorted(record.masked.items()):
                column = SHEETS[sheet].fields.get(path)
                if column is not None and column.kind == "phone":
                    contacts += [ContactLine(sheet, row, path, form) for form in forms]
        status = standing(found, cells, self.site.clock.now_ms(), sheet=SHEETS[found.primary[0]])
        return json_answer(
            GroupAnswer(
                primary="/".join(found.primary),
                rows=[_line(room, one) for one in found.rows],
                ring=["/".join(one) for one in found.ring],
                contacts=_once(contacts),
                status=status.code,
                over=status.over,
                teams=list(status.teams),
                alerts=sorted(status.alerts),
            )
        )

    async def paste(self, request: Request) -> Response:
        """Pasted words or cells as drafts of rows. Nothing is written."""
        room = self.site.room_of(request)
        who = self._who(request, room)
        body = await read_json(request, PasteBody, MAX_PASTE_BYTES)
        if len(body.text) > MAX_PASTE_CHARS:
            raise ProtocolError("too-large", f"at most {MAX_PASTE_CHARS} characters", "import it as a file")
        self._count(who)
        found = await paste(body.text, key=room.workbook.key, near=await room.duplicates.near())
        drafts = [
            DraftLine(
                one.sheet,
                {path: value for path, value in one.writes.items()},
                [DoubtLine(doubt.path, doubt.code, doubt.words) for doubt in one.doubts],
            )
            for one in found.drafts
        ]
        return json_answer(PasteAnswer(found.kind, drafts, list(found.remarks)))

    def _who(self, request: Request, room: Room) -> Who:
        found = identity.authenticate(self.site.storage, room, bearer_of(request))
        if found is None:
            raise AccessError("not-authenticated", "log in first", "POST login gives a session for a device secret")
        return found[1]

    def _deciding(self, request: Request, room: Room, roles: frozenset[str]) -> Who:
        who = self._who(request, room)
        if who.role not in roles:
            raise AccessError("not-permitted", "only verifiers and stewards may do this")
        return who

    def _count(self, who: Who) -> None:
        """Each asking costs two milliseconds, and an answer is worth something to who collects them. Raises AccessError."""
        now_s = self.site.clock.monotonic()
        if len(self._asked) > MAX_ASKERS:
            self._asked.clear()
        recent = self._asked.setdefault(who.actor, deque())
        while recent and now_s - recent[0] > 60:
            recent.popleft()
        if len(recent) >= ASKS_PER_MINUTE:
            raise AccessError("too-many", f"at most {ASKS_PER_MINUTE} a minute", "wait a little")
        recent.append(now_s)

    def _pair(self, room: Room, pair: Pair) -> PairLine:
        finding = pair.finding
        return PairLine(
            one=_line(room, pair.one),
            other=_line(room, pair.other),
            kind=finding.kind,
            band=finding.band,
            score=round(finding.score, 3),
            why=list(finding.why),
        )


def _line(room: Room, key: Key) -> RowLine:
    facts = room.duplicates.facts(key)
    return RowLine(key[0], key[1], facts.no if facts else 0, bool(facts and facts.over))


def _once(contacts: list[ContactLine]) -> list[ContactLine]:
    """Each form once, the first row's: two numbers of one mask are shown as one until somebody is shown them whole."""
    return list({one.masked: one for one in reversed(contacts)}.values())[::-1]


def _key(named: str) -> Key:
    sheet, _, row = named.partition("/")
    if sheet not in SHEETS or not is_base62(row, ROW_ID_CHARS):
        raise ProtocolError("malformed", "a row is named sheet/row")
    return sheet, row


def _number(request: Request, name: str, default: int) -> int:
    said = request.query_params.get(name, "")
    if not said:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 8):
        raise ProtocolError("bad-number", f"{name} is a whole number from 0")
    return int(said)
