"""The pages for reading: workbooks, one workbook, a sheet, a row. They work without JavaScript and are the app's first paint.

Reads through storage. Imported by `server.web`. Rules WB10–WB16 of docs/spec/web.md. What a page shows is public and the same for everybody, so
each is rendered once and packed once for all who ask within its minute.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from schema.row import from_plain
from schema.sheets import SHEET_IDS, SHEETS, STATUSES, Sheet, load_sheet
from server.errors import AccessError
from server.room import Room
from server.storage.contract import RowView
from server.web.asking import qr_svg
from server.web.budget import Budget
from server.web.language import VARY, keep_language, language_of
from server.web.packing import Packed, pack, send
from server.web.site import Site, moment
from server.web.view import Teller

PAGE_ROWS = 50
MAX_PAGE = 2000
URGENT_SHOWN = 5
DISTRICT_SAMPLE = 300  # districts offered are those of so many most urgent rows
MAX_QUERY_CHARS = 100

KEPT_PAGES = 512
KEPT_MS = 30_000  # ages are told in minutes
FOR_A_MOMENT = "public, max-age=3, stale-while-revalidate=30"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to."""

    q: str
    status: str
    urgency: str
    district: str
    over: bool
    page: int

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.status or self.urgency or self.district or self.over)

    def address(self, page: int) -> str:
        """This list at another page."""
        named = {
            "q": self.q,
            "status": self.status,
            "urgency": self.urgency,
            "district": self.district,
            "over": "1" if self.over else "",
            "page": str(page) if page > 1 else "",
        }
        return "?" + urlencode({name: text for name, text in named.items() if text})


class Pages:
    """`/`, `/w/{workbook}/`, `/w/{workbook}/{sheet}/`, `/w/{workbook}/{sheet}/{no}`."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._kept: OrderedDict[tuple[object, ...], tuple[int, int, Packed]] = OrderedDict()
        self._budget = Budget(site.clock.monotonic())

    async def home(self, request: Request) -> Response:
        """The workbooks of this server."""
        storage = self.site.storage
        books = [
            {"id": one.id, "title": one.title, "drill": one.drill, "open": storage.count_rows(one.id)}
            for one in storage.workbooks()
        ]
        return self._answer(request, self.site.html(request, "home.html", workbooks=books))

    async def overview(self, request: Request) -> Response:
        """One workbook: what there is, how much of it waits, what is most urgent."""
        room = self.site.room_of(request)
        return self._once(request, room, lambda: self._overview(request, room))

    def _overview(self, request: Request, room: Room) -> str:
        teller = self._teller(request, room)
        storage, workbook = self.site.storage, room.workbook.id
        urgent = storage.list_rows(workbook, sheet="help", limit=URGENT_SHOWN)
        return self.site.html(
            request,
            "overview.html",
            **self._frame(room, teller, here="", protected=True),
            sheets=[self._counts(room, SHEETS[name], teller) for name in SHEET_IDS],
            urgent=[teller.card(view) for view in urgent],
            help_label=SHEETS["help"].label(teller.language),
        )

    def _counts(self, room: Room, sheet: Sheet, teller: Teller) -> dict[str, object]:
        storage, workbook = self.site.storage, room.workbook.id
        waiting = storage.count_rows(workbook, sheet=sheet.id)
        counts, counted = [], 0
        for code in _statuses(sheet):
            if counted >= waiting:
                break
            n = storage.count_rows(workbook, sheet=sheet.id, status=code)
            counted += n
            if n:
                mark = teller.status_tag(sheet, code)
                counts.append(({"code": code, "text": mark.text, "tone": mark.tone}, n))
        over = storage.count_rows(workbook, sheet=sheet.id, over=True)
        return {"id": sheet.id, "label": sheet.label(teller.language), "open": waiting, "over": over, "counts": counts}

    async def sheet(self, request: Request) -> Response:
        """The rows of a sheet, the most urgent first."""
        room, sheet = self.site.room_of(request), _sheet_of(request)
        asked = _asked(request)
        return self._once(request, room, lambda: self._sheet(request, room, sheet, asked), asked=asked)

    def _sheet(self, request: Request, room: Room, sheet: Sheet, asked: Asked) -> str:
        teller = self._teller(request, room)
        storage, workbook = self.site.storage, room.workbook.id
        search = f"{asked.q} {asked.district}".strip()
        over = None if asked.over or asked.status in _over_codes(sheet) else False
        count = storage.count_rows(
            workbook, sheet=sheet.id, search=search, status=asked.status, urgency=asked.urgency, over=over
        )
        offset = (asked.page - 1) * PAGE_ROWS
        views = storage.list_rows(
            workbook,
            sheet=sheet.id,
            search=search,
            status=asked.status,
            urgency=asked.urgency,
            over=over,
            limit=PAGE_ROWS,
            offset=offset,
        )
        if asked.page == 1:
            views = self._by_number(workbook, sheet, asked.q, views)
        language = teller.language
        urgency = sheet.fields.get("urgency")
        return self.site.html(
            request,
            "sheet.html",
            **self._frame(room, teller, here=sheet.id),
            label=sheet.label(language),
            meaning=sheet.meaning(language),
            asked=asked,
            statuses=[(code, teller.status_tag(sheet, code).text) for code in _statuses(sheet)],
            urgencies=[(option.code, option.label(language)) for option in urgency.options] if urgency else [],
            districts=self._districts(workbook, sheet),
            rows=[teller.card(view) for view in views],
            first=offset + 1,
            last=offset + len(views),
            count=max(count, len(views)),
            previous=asked.address(asked.page - 1) if asked.page > 1 else "",
            next=asked.address(asked.page + 1) if offset + PAGE_ROWS < count else "",
        )

    def _by_number(self, workbook: str, sheet: Sheet, q: str, views: list[RowView]) -> list[RowView]:
        """What somebody read out over the telephone is a row's number: that row comes first, over or not."""
        if not (q.isascii() and q.isdecimal() and len(q) < 10):
            return views
        named = self.site.storage.view_number(workbook, sheet.id, int(q))
        return [named, *(view for view in views if view.row != named.row)] if named else views

    def _districts(self, workbook: str, sheet: Sheet) -> list[str]:
        views = self.site.storage.list_rows(workbook, sheet=sheet.id, limit=DISTRICT_SAMPLE)
        return sorted({view.columns.district for view in views} - {""})

    async def row(self, request: Request) -> Response:
        """Everything public about one row."""
        room, sheet, no = self.site.room_of(request), _sheet_of(request), request.path_params["no"]
        view = self.site.storage.view_number(room.workbook.id, sheet.id, no) if no < 2**53 else None
        if view is None:
            raise AccessError("not-found", "there is no row of this number")
        return self._once(request, room, lambda: self._row(request, room, view))

    def _row(self, request: Request, room: Room, view: RowView) -> str:
        teller = self._teller(request, room)
        sheet, cells = SHEETS[view.sheet], from_plain(view.cells)
        groups = teller.groups(view)
        status = teller.state(view)
        return self.site.html(
            request,
            "row.html",
            **self._frame(room, teller, here=sheet.id),
            view=view,
            label=sheet.label(teller.language),
            title=teller.title(view),
            status=teller.status_tag(sheet, status.code),
            over=status.over,
            urgency=teller.urgency(view, status),
            ages=teller.ages(view, status),
            groups=groups,
            masked=any(fact.masked for _, facts in groups for fact in facts),
            has_claims="claim" in sheet.fields,
            claims=teller.claims(cells),
            double=teller.double_claims(cells),
            contact=teller.log(view, "contact_log"),
            notes=teller.log(view, "notes"),
            changes=teller.history(view),
        )

    async def row_qr(self, request: Request) -> Response:
        """A QR code of the public page of a row, for a poster on the door. It never carries a secret."""
        room = self.site.room_of(request)
        for sheet in SHEET_IDS:
            view = self.site.storage.view_row(room.workbook.id, sheet, request.path_params["row"])
            if view is not None:
                address = f"{self.site.base_url(request)}/w/{room.workbook.id}/{sheet}/{view.no}"
                return Response(qr_svg(address), 200, {"cache-control": "no-store"}, "image/svg+xml")
        raise AccessError("not-found", "there is no such row")

    # -- what all of them have

    def _frame(self, room: Room, teller: Teller, *, here: str, protected: bool = False) -> dict[str, object]:
        language = teller.language
        steps = [(name, room.protection.get(name, "open")) for name in SHEET_IDS]
        return {
            "room": room,
            "here": here,
            "tabs": [{"id": name, "label": SHEETS[name].label(language)} for name in SHEET_IDS],
            "protected": [
                teller.t(f"protect_{step}", sheet=SHEETS[name].label(language))
                for name, step in steps
                if step in ("careful", "verified") and (protected or name == here)
            ],
            "now": moment(teller.now_ms),
        }

    def _teller(self, request: Request, room: Room) -> Teller:
        return Teller(room, language_of(request), now_ms=self.site.clock.now_ms())

    def _once(self, request: Request, room: Room, render: Callable[[], str], *, asked: Asked | None = None) -> Response:
        """Rendered once per state of the workbook, language and address; anew when the ages on it have gone stale."""
        position = self.site.storage.position(room.workbook.id)
        now_ms, now_s = self.site.clock.now_ms(), self.site.clock.monotonic()
        frame = (room.notice, tuple(sorted(room.protection.items())), self.site.assets.shell())
        key = (request.url.path, language_of(request), asked, frame)
        kept = self._kept.get(key)
        young = kept is not None and 0 <= now_ms - kept[1] < KEPT_MS
        if kept is None or not young or (kept[0] != position and self._budget.allows(now_s)):
            kept = (position, now_ms, pack(render().encode(), "text/html; charset=utf-8"))
            ended_s = self.site.clock.monotonic()
            self._budget.spend(ended_s - now_s, ended_s)
            self._kept[key] = kept
            while len(self._kept) > KEPT_PAGES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._sent(request, kept[2])

    def _answer(self, request: Request, html: str) -> Response:
        return self._sent(request, pack(html.encode(), "text/html; charset=utf-8"))

    def _sent(self, request: Request, packed: Packed) -> Response:
        # What sets a cookie is for one browser: a shared cache would hand the cookie on.
        cache = "private, max-age=3" if "lang" in request.query_params else FOR_A_MOMENT
        response = send(request, packed, cache=cache, vary=VARY)
        keep_language(request, response)
        return response


def _sheet_of(request: Request) -> Sheet:
    name = request.path_params["sheet"]
    if name not in SHEETS:
        raise AccessError("not-found", "there is no such sheet")
    return load_sheet(name)


def _asked(request: Request) -> Asked:
    asked: Mapping[str, str] = request.query_params
    page = asked.get("page", "1")
    return Asked(
        q=asked.get("q", "").strip()[:MAX_QUERY_CHARS],
        status=asked.get("status", "")[:40],
        urgency=asked.get("urgency", "")[:40],
        district=asked.get("district", "").strip()[:MAX_QUERY_CHARS],
        over=asked.get("over") == "1",
        page=min(MAX_PAGE, max(1, int(page))) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
    )


def _statuses(sheet: Sheet) -> list[str]:
    """The statuses a row of this sheet can have: those that are worked out, where it has claims, and its own axis's."""
    own = [option.code for option in sheet.fields[sheet.axis].options]
    if "claim" not in sheet.fields:
        return ["to_check", *own, "duplicate"]
    worked_out = [code for code in STATUSES if code != "duplicate"]
    return [*worked_out, *(code for code in own if code != "open" and code not in STATUSES), "duplicate"]


def _over_codes(sheet: Sheet) -> frozenset[str]:
    return sheet.over | {"duplicate"}
