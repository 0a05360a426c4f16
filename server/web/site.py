"""What the pages stand on: storage, rooms, clock, settings, templates; and how a page is rendered.

No I/O of its own. Built by `server.app`, passed to everything in `server.web`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from server.clock import Clock
from server.errors import AccessError
from server.limits import POSTS_BY_ADDRESS, Limits, TooMany, address_key
from server.room import Room
from server.settings import Settings
from server.storage.contract import Storage
from server.web.assets import Assets
from server.web.language import Language, keep_language, language_of
from server.web.words import say

DEVICE_COOKIE = "device"

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("server.web"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Rooms(Protocol):
    """Where the live side of a workbook is found; building one on first use is the composition's."""

    def room(self, workbook: str) -> Room | None:
        """The workbook's room, or None where there is no such workbook."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything a page may need, passed explicitly."""

    settings: Settings
    storage: Storage
    rooms: Rooms
    clock: Clock
    assets: Assets
    origins: frozenset[str] = frozenset()  # further names this server goes by, as browsers write an origin
    limits: Limits = field(default_factory=Limits, repr=False)
    environment: jinja2.Environment = field(default=_TEMPLATES, repr=False)

    def room_of(self, request: Request) -> Room:
        """The room of the workbook in the address. Raises AccessError `not-found`."""
        room = self.rooms.room(request.path_params["workbook"])
        if room is None:
            raise AccessError("not-found", "there is no such workbook")
        return room

    def address_of(self, request: Request) -> str:
        """What the caller's address is counted as; "" has no budget. A proxy's word for it is taken by the rim (SHEET_PROXIES)."""
        return address_key(request.client.host) if request.client else ""

    def admit(self, request: Request) -> None:
        """Count a post to its address. Raises TooMany (rule SE1)."""
        now_s = self.clock.monotonic()
        wait_s = self.limits.take("posts", self.address_of(request), POSTS_BY_ADDRESS, now_s=now_s)
        if wait_s:
            raise TooMany(wait_s)

    def base_url(self, request: Request) -> str:
        """What links that leave this server begin with."""
        return self.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"

    def html(self, request: Request, template: str, /, **values: object) -> str:
        """A template in the reader's language."""
        language = language_of(request)

        def t(key: str, /, **params: object) -> str:
            return say(key, language, **params)

        return self.environment.get_template(template).render(  # nosec B604: a template's variable, no process
            lang=language,
            t=t,
            other_language=_other_language(request, language),
            style=self.assets.style,
            shell=self.assets.shell(),
            moment=moment,
            **values,
        )

    def render(
        self,
        request: Request,
        template: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response:
        """A page for one reader: kept by nobody, and not compressed, for it may hold a secret beside what was typed."""
        body = self.html(request, template, **values)
        response = Response(body, status, {"cache-control": "no-store", **(headers or {})}, "text/html; charset=utf-8")
        keep_language(request, response)
        return response


def _other_language(request: Request, language: Language) -> str:
    """This address in the other language; what was asked for stays asked for."""
    other = "en" if language == "zh" else "zh"
    if request.method not in ("GET", "HEAD"):
        return f"?lang={other}"
    return "?" + str(request.url.include_query_params(lang=other).query)


def moment(ms: int) -> str:
    """A time as pages write it, in Beijing: what everybody on a flood's sheet reads."""
    try:
        at = datetime.fromtimestamp(ms / 1000 + 8 * 3600, UTC)
    except (ValueError, OverflowError, OSError):
        return "—"  # a year no calendar has: one such cell must not take its page away
    return at.strftime("%m-%d %H:%M")
