"""How an error is answered over HTTP: JSON for programs, a page for people, the status from the one table.

No I/O. Imported by `server.app` and `server.web`. Rules WB5, WB6 of docs/spec/web.md.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from traceback import extract_tb

import msgspec
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.errors import ProtocolError, SheetError
from server.errors import AccessError, Answer, StorageError, answer_to
from server.imports.errors import ImportFailed
from server.limits import TooMany
from server.web.language import language_of
from server.web.security import SAFE_METHODS, is_own_request
from server.web.shapes import ErrorAnswer, Fault
from server.web.site import Site
from server.web.words import say

log = logging.getLogger(__name__)

RETRY_AFTER_S = 2
IMPORT_FAILED = Answer(422, 4400)  # the file is at fault, not the server

# Addresses whose readers are programs, whatever they say they accept.
JSON_ENDINGS = (".json", "/edits", "/login", "/join", "/import", "/changes", "/duplicates", "/apart", "/paste")

# Pages whose forms come back filled in when there are too many: they count themselves (rules SE1, SE2).
FORMS = ("/help/new", "/mine")

Failing = Callable[[Request, Exception], Awaitable[Response]]


def wants_page(request: Request) -> bool:
    """Whether a person's browser waits for the answer."""
    if request.url.path.endswith(JSON_ENDINGS) or request.url.path.startswith("/app/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def error_body(code: str, message: str, hint: str = "") -> bytes:
    """The one JSON form of every error."""
    return msgspec.json.encode(ErrorAnswer(Fault(code, message, hint)))


def answer_error(site: Site, request: Request, error: SheetError) -> Response:
    """Status by the table; words by the code where a person reads them."""
    answer = IMPORT_FAILED if isinstance(error, ImportFailed) else answer_to(error)
    headers = {"cache-control": "no-store"}
    if answer.retry:
        headers["retry-after"] = str(error.after_s if isinstance(error, TooMany) else RETRY_AFTER_S)
    if not wants_page(request):
        body = error_body(error.code, error.message, error.hint)
        return Response(body, answer.status, headers, "application/json")
    words = say(_words_for(error, answer.status), language_of(request))
    return site.render(request, "error.html", status=answer.status, headers=headers, words=words, code=error.code)


def _words_for(error: SheetError, status: int) -> str:
    if error.code == "cross-site":
        return "error_cross_site"
    if isinstance(error, StorageError):
        return "error_busy"
    return {
        401: "error_login",
        403: "error_forbidden",
        404: "error_not_found",
        413: "error_too_large",
        429: "error_too_many",
    }.get(status, "error_bad" if status < 500 else "error_server")


def exception_handlers(site: Site) -> Mapping[type[Exception] | int, Failing]:
    """For the composition: our errors, Starlette's, and what nobody foresaw."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, SheetError)
        return answer_error(site, request, error)

    async def theirs(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = answer_error(site, request, _from_http(error))
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        response.status_code = error.status_code
        return response

    return {SheetError: ours, HTTPException: theirs}


def _from_http(error: HTTPException) -> SheetError:
    match error.status_code:
        case 404:
            return AccessError("not-found", "there is nothing at this address")
        case 405:
            return ProtocolError("wrong-method", "this address does not take this method")
        case 413:
            return ProtocolError("too-large", "the request is too large")
        case status if status < 500:
            return ProtocolError("bad-request", str(error.detail))
        case _:
            return SheetError("server-fault", "something went wrong on the server")


class LastResort:
    """Answers what nobody foresaw. The log gets the kind and the places, never the message: it may quote what was typed."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self.app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:  # the rim: above it only the server's own loop
            places = " < ".join(
                f"{frame.filename}:{frame.lineno}" for frame in reversed(extract_tb(error.__traceback__))
            )
            log.error("unforeseen %s at %s: %s", type(error).__name__, scope["path"], places)
            if started:
                return  # half an answer is out: the connection is all that is left to end
            fault = SheetError("server-fault", "something went wrong on the server")
            await answer_error(self._site, Request(scope, receive), fault)(scope, receive, send)


class OwnRequests:
    """Refuses state-changing requests that another site made a browser send (rule WB3), and counts the others to their address (SE1)."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self.app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            if not is_own_request(Headers(scope=scope), origins=self._site.origins):
                request = Request(scope, receive)
                error = AccessError(
                    "cross-site", "this request comes from another site", "post from this site's own pages"
                )
                await answer_error(self._site, request, error)(scope, receive, send)
                return
            if not scope["path"].endswith(FORMS):
                request = Request(scope, receive)
                try:
                    self._site.admit(request)
                except TooMany as later:
                    await answer_error(self._site, request, later)(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def json_answer(content: object, *, status: int = 200, cache: str = "no-store") -> Response:
    """A small JSON answer that is for one caller."""
    return Response(msgspec.json.encode(content), status, {"cache-control": cache}, "application/json")
