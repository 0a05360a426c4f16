"""Asking for help without JavaScript: the form, the post, the receipt.

I/O through the room. Imported by `server.web`. Rules WB30–WB38 of docs/spec/web.md.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schema.edits import Edit
from schema.gate import read_edit
from schema.ids import SECRET_CHARS, actor_id, is_base62, short_code
from schema.sheets import SHEETS, Sheet
from server.errors import StorageError
from server.ingest import Answered, submission_of
from server.limits import TooMany
from server.room import Room
from server.storage.contract import RowRecord
from server.web import own_row
from server.web.language import Language, language_of
from server.web.own_row import SHEET, Edits
from server.web.posting import device_of, keep_device, read_form
from server.web.request_form import (
    COUNTS,
    FOR_OTHER,
    MAX_FORM_BYTES,
    TICKED,
    Filled,
    Typed,
    fill,
    typed_of,
)
from server.web.site import Site
from server.web.words import say

ORIGIN = "form"
MAX_OWN_ROWS = 20  # who has filed more files for others, and knows the list


class Asking:
    """`/w/{workbook}/help/new` and `/w/{workbook}/receipt/{row}`."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def form(self, request: Request) -> Response:
        """The empty form, with a key of its own: a cached copy would give two people one key."""
        room = self.site.room_of(request)
        return self._form(request, room, Typed(), key=self.site.clock.random62(SECRET_CHARS))

    async def post(self, request: Request) -> Response:
        """File it, then to the receipt. A form sent twice is one row."""
        room = self.site.room_of(request)
        form = await read_form(request, MAX_FORM_BYTES)
        typed, key = typed_of(form), form.get("key", "")
        if not is_base62(key, SECRET_CHARS):
            key = self.site.clock.random62(SECRET_CHARS)
        if typed.is_empty:
            self.site.admit(request)
            return self._form(request, room, typed, key=key, message="form_empty", status=422)
        content = own_row.form_digest([*typed.texts.items(), *((tick, "1") for tick in typed.ticks)])
        device = device_of(request) or own_row.derived_device(room.workbook.key, key, content)
        try:
            self.site.admit(request)
            row, refused = await self._file(request, room, typed, key=key, device=device, content=content)
        except TooMany as error:
            # Later, not never: everything stays in the form, and the same key makes it the same row (rule SE2).
            response = self._form(request, room, typed, key=key, message="form_later", status=429)
            response.headers["retry-after"] = str(error.after_s)
            keep_device(request, response, device)
            return response
        except StorageError:
            # Nothing is saved and nothing is lost: the words go back to the person, under the same key.
            return self._form(request, room, typed, key=key, message="error_busy", status=503)
        if refused:
            return self._form(request, room, typed, key=key, message="error_forbidden", status=403)
        response = RedirectResponse(f"/w/{room.workbook.id}/receipt/{row}", 303, {"cache-control": "no-store"})
        keep_device(request, response, device)
        return response

    async def _file(
        self, request: Request, room: Room, typed: Typed, *, key: str, device: str, content: str
    ) -> tuple[str, bool]:
        """(the row, whether it was refused). Raises TooMany, with nothing written."""
        actor = actor_id(device)
        now_ms = self.site.clock.now_ms()
        edit = own_row.creating_edit(key, device)
        secret = own_row.secret_of(room.workbook.key, device, edit)
        row = own_row.row_of_secret(secret)
        filled = fill(typed, language_of(request), year=_year(now_ms))
        if room.record(SHEET, row) is None and self._filed_before(room, filled, actor=actor) is None:
            self._admit_row(request, room, actor)
        await room.storage.see_actor(actor, "", now_ms)
        # From here to the judge nothing waits, so that of two equal posts the second sees the first.
        record = room.record(SHEET, row)
        edits = own_row.creation(filled, edit=edit, actor=actor, at_ms=now_ms)
        if record is not None and ("public", edit) in record.known:
            if _is_logged(room, record, edits):
                return row, False
            edits = own_row.changes(
                filled,
                record=record,
                seen=own_row.own_seen(record, filled, actor),
                seed=own_row.form_seed(key, device, content),
                actor=actor,
                at_ms=now_ms,
            )
        elif (earlier := self._filed_before(room, filled, actor=actor)) is not None:
            return earlier, False
        verdicts = await submit_all(room, edits, record=record, row=row, actor=actor, secret=secret)
        return row, bool(verdicts) and all(verdict.verdict == "refused" for verdict in verdicts)

    def _admit_row(self, request: Request, room: Room, actor: str) -> None:
        """Count a row that begins. Raises TooMany (rule SE2)."""
        wait_s = self.site.limits.take_row(
            sheet=f"{room.workbook.id}/{SHEET}",
            actor=actor,
            address=self.site.address_of(request),
            member=room.role_of(actor)[0] != "visitor",
            now_s=self.site.clock.monotonic(),
        )
        if wait_s:
            raise TooMany(wait_s)

    def _filed_before(self, room: Room, filled: Filled, *, actor: str) -> str | None:
        """An open row that this device began with the same words: who goes back and sends again, or posts again to move up."""
        held = room.storage.holds(room.workbook.id, actor)
        if len(held) > MAX_OWN_ROWS:
            return None
        for sheet, row in held:
            record = room.record(sheet, row) if sheet == SHEET else None
            view = room.storage.view_row(room.workbook.id, sheet, row) if record else None
            if record is None or view is None or view.columns.over or record.author != actor:
                continue
            first = room.storage.log(room.workbook.id, sheet=sheet, row=row, limit=1)
            if first and _is_logged(room, record, own_row.creation(filled, edit=first[0].edit, actor=actor, at_ms=0)):
                return row
        return None

    def _form(
        self, request: Request, room: Room, typed: Typed, *, key: str, message: str = "", status: int = 200
    ) -> Response:
        language = language_of(request)
        return self.site.render(
            request,
            "ask.html",
            status=status,
            room=room,
            typed=typed,
            key=key,
            message=message,
            counts=[(name, _label(name, language)) for name in COUNTS],
            choices=[
                (
                    name,
                    _label(name, language),
                    [(o.code, o.label(language)) for o in SHEETS[SHEET].fields[name].options],
                )
                for name in TICKED
            ],
            label=lambda name: _label(name, language),
            for_other=FOR_OTHER,
        )

    async def receipt(self, request: Request) -> Response:
        """Number, link, QR, short code: for the browser that filed it."""
        room = self.site.room_of(request)
        row, device = request.path_params["row"], device_of(request)
        record = room.record(SHEET, row) if device else None
        secret = own_row.found_secret(room.workbook.key, device, record) if record else ""
        if not secret or not room.proves(SHEET, row, secret):  # another browser's, or issued anew since (rule ID11)
            return self.site.render(request, "receipt.html", status=403, room=room, secret="")
        view = room.storage.view_row(room.workbook.id, SHEET, row)
        base = f"{self.site.base_url(request)}/w/{room.workbook.id}"
        link = row_link(base, secret)
        page = f"{base}/{SHEET}/{view.no}" if view else f"{base}/"
        message = say("receipt_message", language_of(request), no=view.no if view else "–", page=page, link=link)
        return self.site.render(
            request,
            "receipt.html",
            room=room,
            secret=secret,
            no=view.no if view else 0,
            code=short_code(secret),
            link=link,
            qr=qr_address(link),
            message=message,
            sms=f"sms:?&body={quote(message)}",
            held=len(room.storage.suggestions(room.workbook.id, sheet=SHEET, row=row, actor=actor_id(device))),
        )


async def submit_all(
    room: Room, edits: Edits, *, record: RowRecord | None, row: str, actor: str, secret: str
) -> Sequence[Answered]:
    """Hand in what the row's ledger does not know yet."""
    fresh = own_row.new_only(edits, record) if record is not None else edits
    if not fresh:
        return ()
    submission = submission_of(
        fresh, sheet=SHEET, row=row, who=room.who(actor), session="", origin=ORIGIN, secret=secret
    )
    return (await room.submit(submission)).verdicts


def row_link(base: str, secret: str) -> str:
    """The row link: the secret is in the fragment, which no browser sends and no log sees."""
    return f"{base}/#row={SHEET}/{secret}"


def qr_address(text: str) -> str:
    """A QR code as a data: address, so that no request carries what is in it."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=3, dark="#000", light="#fff")


def qr_svg(text: str) -> bytes:
    """A QR code as a picture of its own."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", scale=8, border=3, dark="#000", light="#fff")
    return picture.getvalue()


def _is_logged(room: Room, record: RowRecord, edits: Edits) -> bool:
    """Whether a row began with exactly these words; where its beginning still waits for a verifier, it did."""
    logged: dict[str, Edit] = {}
    for entry in room.storage.log(room.workbook.id, sheet=record.sheet, row=record.row):
        logged[entry.edit] = read_edit(entry.update)
    begun = edits[0][1]
    if begun.edit not in logged:
        return True
    return all(
        (tier, edit.edit) in record.known and (edit.edit not in logged or logged[edit.edit].writes == edit.writes)
        for tier, edit in edits
    )


def _label(name: str, language: Language) -> str:
    sheet: Sheet = SHEETS[SHEET]
    return sheet.fields[name].label(language)


def _year(now_ms: int) -> int:
    """The year in Beijing."""
    return datetime.fromtimestamp(now_ms / 1000 + 8 * 3600, UTC).year
