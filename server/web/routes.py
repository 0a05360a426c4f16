"""Every address of the HTTP side, in one table.

Imported by `server.web.application`. docs/openapi.json lists the same; a test compares the two.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.web.api import Api
from server.web.asking import Asking
from server.web.counting import Counting
from server.web.mine import Mine
from server.web.moderating import Moderating
from server.web.office import Office
from server.web.pages import Pages
from server.web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    """The routes in the order they are tried: fixed names before the names of sheets."""
    pages, asking, mine, api = Pages(site), Asking(site), Mine(site), Api(site)
    moderating, office, counting = Moderating(site), Office(site), Counting(site)
    return [
        Route("/", pages.home, methods=["GET"]),
        Route("/workbooks.json", api.workbooks, methods=["GET"]),
        Route("/openapi.json", api.openapi, methods=["GET"]),
        *site.assets.routes(),
        Route("/w/{workbook}", _with_slash, methods=["GET"]),
        Route("/w/{workbook}/", pages.overview, methods=["GET"]),
        Route("/w/{workbook}/login", api.login, methods=["POST"]),
        Route("/w/{workbook}/join", api.join, methods=["POST"]),
        Route("/w/{workbook}/invites", api.invites, methods=["GET"]),
        Route("/w/{workbook}/invites", api.invite, methods=["POST"]),
        Route("/w/{workbook}/invites/{invite}/revoke", api.revoke_invite, methods=["POST"]),
        Route("/w/{workbook}/people", office.people, methods=["GET"]),
        Route("/w/{workbook}/people/{actor}/revoke", office.revoke, methods=["POST"]),
        Route("/w/{workbook}/people/{actor}/log-out", office.log_out, methods=["POST"]),
        Route("/w/{workbook}/audit", office.audit, methods=["GET"]),
        Route("/w/{workbook}/workbook.json", api.workbook, methods=["GET"]),
        Route("/w/{workbook}/snapshot.json", api.snapshot, methods=["GET"]),
        Route("/w/{workbook}/changes", api.changes, methods=["GET"]),
        Route("/w/{workbook}/edits", api.edits, methods=["POST"]),
        Route("/w/{workbook}/import", api.take_in, methods=["POST"]),
        Route("/w/{workbook}/export/{sheet}.{form}", api.export, methods=["GET"]),
        Route("/w/{workbook}/statistics/{sheet}.{form}", counting.statistics, methods=["GET"]),
        Route("/w/{workbook}/then/{sheet}.{form}", counting.then, methods=["GET"]),
        Route("/w/{workbook}/duplicates", moderating.ask, methods=["POST"]),
        Route("/w/{workbook}/duplicates", moderating.queue, methods=["GET"]),
        Route("/w/{workbook}/duplicates/apart", moderating.part, methods=["POST"]),
        Route("/w/{workbook}/duplicates/{sheet}/{row}", moderating.group, methods=["GET"]),
        Route("/w/{workbook}/paste", moderating.paste, methods=["POST"]),
        Route("/w/{workbook}/help/new", asking.form, methods=["GET"]),
        Route("/w/{workbook}/help/new", asking.post, methods=["POST"]),
        Route("/w/{workbook}/receipt/{row}", asking.receipt, methods=["GET"]),
        Route("/w/{workbook}/mine", mine.ask, methods=["GET"]),
        Route("/w/{workbook}/mine", mine.post, methods=["POST"]),
        Route("/w/{workbook}/row/{row}/qr.svg", pages.row_qr, methods=["GET"]),
        Route("/w/{workbook}/{sheet}", _with_slash, methods=["GET"]),
        Route("/w/{workbook}/{sheet}/", pages.sheet, methods=["GET"]),
        Route("/w/{workbook}/{sheet}/{no:int}", pages.row, methods=["GET"]),
    ]


async def _with_slash(request: Request) -> Response:
    """Relative links on these pages want the slash."""
    return RedirectResponse(request.url.replace(path=request.url.path + "/"), 308)
