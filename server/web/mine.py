"""Updating one's own row without JavaScript: by the row link, or on the browser that filed it.

I/O through the room. Imported by `server.web`. Rules WB40–WB45 of docs/spec/web.md. The secret travels in a POST's body only; a number and
a short code open nothing here, for six digits are guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from schema.ids import EDIT_ID_CHARS, SECRET_CHARS, actor_id, digest62, is_base62
from schema.row import from_plain
from schema.sheets import SHEETS
from schema.values import Value
from server.errors import StorageError
from server.ingest import Answered
from server.limits import TooMany
from server.room import Room
from server.storage.contract import RowRecord, RowView
from server.web import own_row
from server.web.asking import row_link, submit_all
from server.web.cells import Fact
from server.web.language import language_of
from server.web.own_row import SHEET
from server.web.posting import device_of, keep_device, read_form
from server.web.request_form import MAX_FORM_BYTES, NOTE, Filled, fill_changes
from server.web.site import Site
from server.web.view import Teller

ASKED = ("people_total", "injured", "water_depth_cm", "battery_pct", "contact_phone", "directions")
STATE = ("outcome", "closed_by_kind", "closed_note", "still_needed_at")
ENDS = ("self_safe", "rescued", "done_by_others", "not_needed")
ACTS = ("still", "safe", "close", "reopen", "save")
MAX_SEEN_BYTES = 8 * 1024


class Mine:
    """`/w/{workbook}/mine`."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def ask(self, request: Request) -> Response:
        """Where the link is pasted; below it the rows that this browser filed."""
        room = self.site.room_of(request)
        return self._ask(request, room)

    async def post(self, request: Request) -> Response:
        """Open a row by its link, or carry out what its holder says."""
        room = self.site.room_of(request)
        form = await read_form(request, MAX_FORM_BYTES)
        sheet, row, secret = own_row.read_link(form.get("secret", "") or form.get("link", ""))
        if sheet not in ("", SHEET):
            # Rows of other sheets are long and their holders (teams, shelters) have the app.
            return self._ask(request, room, pasted=form.get("link", ""), message="mine_other_sheet", status=422)
        if not secret and form.get("row"):
            record = room.record(SHEET, form["row"]) if device_of(request) else None
            secret = own_row.found_secret(room.workbook.key, device_of(request), record) if record else ""
            row = form["row"] if secret else ""
        try:
            self.site.admit(request)
        except TooMany as error:
            return self._later(request, room, form, row=row, secret=secret, error=error)
        if not self._opens(room, row, secret):
            return self._ask(request, room, pasted=form.get("link", ""), message="mine_bad", status=404)
        act = form.get("act", "")
        if act not in ACTS:
            return self._open(request, room, secret, row=row)
        return await self._carry_out(request, room, form, secret=secret, row=row, act=act)

    def _opens(self, room: Room, row: str, secret: str) -> bool:
        """Whether a link opens a row that is there; one that was issued anew is dead (rule ID11)."""
        found = row != "" and room.storage.view_row(room.workbook.id, SHEET, row) is not None
        return found and room.proves(SHEET, row, secret)

    def _later(
        self, request: Request, room: Room, form: Mapping[str, str], *, row: str, secret: str, error: TooMany
    ) -> Response:
        """Slow down, with everything that was typed still there (rule SE2)."""
        if self._opens(room, row, secret):
            texts = {name: form[name] for name in (*ASKED, NOTE, "closed_note") if form.get(name, "").strip()}
            response = self._open(request, room, secret, row=row, typed=texts, message="form_later", status=429)
        else:
            response = self._ask(request, room, pasted=form.get("link", ""), message="form_later", status=429)
        response.headers["retry-after"] = str(error.after_s)
        return response

    def _ask(self, request: Request, room: Room, *, pasted: str = "", message: str = "", status: int = 200) -> Response:
        device = device_of(request)
        views: list[RowView] = []
        for sheet, row in sorted(room.storage.holds(room.workbook.id, actor_id(device))) if device else ():
            view = room.storage.view_row(room.workbook.id, sheet, row) if sheet == SHEET else None
            record = room.record(SHEET, row) if view else None
            secret = own_row.found_secret(room.workbook.key, device, record) if record else ""
            if view and secret and room.proves(SHEET, row, secret):
                views.append(view)
        teller = self._teller(request, room)
        return self.site.render(
            request,
            "mine_ask.html",
            status=status,
            room=room,
            pasted=pasted,
            message=message,
            example=row_link(f"{self.site.base_url(request)}/w/{room.workbook.id}", "•" * 6),
            filed=[(view, teller.title(view), teller.status(view)) for view in views],
        )

    def _open(
        self,
        request: Request,
        room: Room,
        secret: str,
        *,
        row: str,
        verdicts: Sequence[Answered] | None = None,
        typed: Mapping[str, str] | None = None,
        message: str = "",
        status: int = 200,
    ) -> Response:
        """The row with what its holder may say about it."""
        view = room.storage.view_row(room.workbook.id, SHEET, row)
        record = room.record(SHEET, row)
        assert view is not None and record is not None, "asked for before"
        teller = self._teller(request, room)
        sheet, cells = SHEETS[SHEET], from_plain(view.cells)
        outcome = sheet.fields["outcome"]
        facts: dict[str, Fact | None] = {
            name: teller.fact(sheet, sheet.fields[name], cells, view.masked) for name in ASKED
        }
        return self.site.render(
            request,
            "mine.html",
            status=status,
            room=room,
            view=view,
            title=teller.title(view),
            state=teller.status(view),
            secret=own_row.link_of(row, secret),
            key=self.site.clock.random62(SECRET_CHARS),
            seen=_shown_edits(record),
            asked=[(name, sheet.fields[name].label(teller.language), facts[name]) for name in ASKED],
            ends=[(code, option.label(teller.language)) for code in ENDS if (option := outcome.option(code))],
            typed=typed or {},
            message=message,
            suggested=sum(verdict.verdict == "suggested" for verdict in verdicts or ()),
            refused=[verdict.reason for verdict in verdicts or () if verdict.verdict in ("refused", "retry")],
            note=NOTE,
        )

    async def _carry_out(
        self, request: Request, room: Room, form: Mapping[str, str], *, secret: str, row: str, act: str
    ) -> Response:
        key = form.get("key", "")
        if not is_base62(key, SECRET_CHARS):
            key = self.site.clock.random62(SECRET_CHARS)
        texts = {name: form[name] for name in (*ASKED, NOTE, "closed_note") if form.get(name, "").strip()}
        device = device_of(request) or own_row.derived_device(room.workbook.key, key, secret)
        actor, now_ms = actor_id(device), self.site.clock.now_ms()
        language = language_of(request)
        filled = fill_changes(texts, language, year=datetime.fromtimestamp(now_ms / 1000, UTC).year)
        filled = Filled({**filled.public, **_state(act, form.get("outcome", ""), now_ms)}, filled.private, filled.notes)
        content = own_row.form_digest([("act", act), ("outcome", form.get("outcome", "")), *texts.items()])
        try:
            await room.storage.see_actor(actor, "", now_ms)
            record = room.record(SHEET, row)
            assert record is not None, "asked for before"
            edits = own_row.changes(
                filled,
                record=record,
                seen=_seen_of(form.get("seen", "")),
                seed=digest62(f"{own_row.form_seed(key, device, content)}/{secret}".encode(), EDIT_ID_CHARS),
                actor=actor,
                at_ms=now_ms,
            )
            verdicts = await submit_all(room, edits, record=record, row=row, actor=actor, secret=secret)
        except StorageError:
            return self._open(request, room, secret, row=row, typed=texts, message="error_busy", status=503)
        failed = any(verdict.verdict in ("refused", "retry") for verdict in verdicts)
        response = self._open(
            request,
            room,
            secret,
            row=row,
            verdicts=verdicts,
            typed=texts if failed else None,
            message="mine_saved" if edits else "mine_nothing",
        )
        keep_device(request, response, device)
        return response

    def _teller(self, request: Request, room: Room) -> Teller:
        return Teller(room, language_of(request), now_ms=self.site.clock.now_ms())


def _state(act: str, outcome: str, now_ms: int) -> dict[str, Value]:
    """What a button says of the row."""
    now = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    match act:
        case "still":
            return {"still_needed_at": now}
        case "safe":
            return {"outcome": "self_safe", "closed_by_kind": "self"}
        case "close" if outcome in ENDS:
            return {"outcome": outcome, "closed_by_kind": "self"}
        case "reopen":
            return {"outcome": "open", "still_needed_at": now}
        case _:
            return {}


def _shown_edits(record: RowRecord) -> str:
    """Which live edits the page shows, so that what somebody writes meanwhile becomes a conflict and is not run over."""
    seen = {name: [live.edit for live in record.public.live(name)] for name in (*ASKED, *STATE)}
    seen |= {name: [live.edit for live in record.private.live(name)] for name in ASKED if record.private.live(name)}
    return msgspec.json.encode({name: edits for name, edits in seen.items() if edits}).decode()


def _seen_of(text: str) -> dict[str, list[str]]:
    """What the page had shown, as it came back; what is not in its form counts as not seen."""
    if len(text) > MAX_SEEN_BYTES:
        return {}
    try:
        seen = msgspec.json.decode(text or "{}", type=dict[str, list[str]])
    except msgspec.MsgspecError:
        return {}
    return {path: edits for path, edits in seen.items() if all(is_base62(edit, EDIT_ID_CHARS) for edit in edits)}
