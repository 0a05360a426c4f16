"""What a workbook adds up to, for everybody; and a sheet as it was at a moment, for stewards. JSON and CSV.

I/O through the room. Imported by `server.web`. Rules MO25, MO60–MO66 of docs/spec/moderation.md.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from moderation.roles import RULES
from schema.errors import ProtocolError
from schema.sheets import SHEET_IDS, load_sheet
from server import identity
from server.errors import AccessError
from server.exports import FORMATS, csv_pieces, json_pieces
from server.rollbacks import sheet_at
from server.statistics import as_csv, plain
from server.storage.contract import AuditRecord
from server.web.language import language_of
from server.web.packing import pack, send
from server.web.posting import bearer_of
from server.web.site import Site

MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FOR_A_MOMENT = "public, max-age=5, stale-while-revalidate=10"


class Counting:
    """Statistics, and the past."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def statistics(self, request: Request) -> Response:
        """A sheet's sums, consistent with its rows to the last one."""
        room = self.site.room_of(request)
        sheet, form = _named(request)
        found = await room.statistics.report(sheet)
        body = as_csv(found).encode() if form == "csv" else msgspec.json.encode(plain(found))
        response = send(request, pack(body, MEDIA[form]), cache=FOR_A_MOMENT)
        if form == "csv":
            name = f"{room.workbook.id}-{sheet}-statistics.csv"
            response.headers["content-disposition"] = f'attachment; filename="{name}"'
        return response

    async def then(self, request: Request) -> Response:
        """Every row of a sheet as it was at a moment; private cells with `full`, into the audit."""
        room = self.site.room_of(request)
        sheet, form = _named(request)
        found = identity.authenticate(self.site.storage, room, bearer_of(request))
        if found is None:
            raise AccessError("not-authenticated", "log in first", "POST login gives a session for a device secret")
        who = found[1]
        if who.role not in RULES:
            raise AccessError("not-permitted", "only stewards look at what was")
        at = request.query_params.get("at", "")
        if not (at.isascii() and at.isdecimal()) or len(at) > 15:
            raise ProtocolError("bad-number", "at is a moment in milliseconds since 1970")
        full = request.query_params.get("full") == "1"
        audit = AuditRecord(
            self.site.clock.now_ms(), who.actor, who.role, "export", sheet=sheet, detail=f"{form} at {at} full={full}"
        )
        await self.site.storage.write_audit(room.workbook.id, [audit])
        rows = iter(await sheet_at(room, sheet, int(at), full=full))
        definition = load_sheet(sheet)
        pieces = (
            csv_pieces(definition, rows, full=full, lang=language_of(request))
            if form == "csv"
            else json_pieces(definition, rows, full=full)
        )
        name = f"{room.workbook.id}-{sheet}-{at}.{form}"
        headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
        return Response("".join(pieces).encode(), 200, headers, MEDIA[form])


def _named(request: Request) -> tuple[str, str]:
    """(sheet, form) of the address."""
    sheet, form = request.path_params["sheet"], request.path_params["form"]
    if sheet not in SHEET_IDS or form not in FORMATS:
        raise AccessError("not-found", "there is no such sheet, or not in this form")
    return sheet, form
