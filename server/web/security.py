"""What a browser is told to refuse, and which requests are not the person's own: headers and the cross-site guard.

Pure ASGI. Imported by `server.app` and `server.web`. Rules WB1–WB4 of docs/spec/web.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# A Host header goes into the policy, so nothing but what a host can hold may pass.
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?\Z|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?\Z")

# `no-referrer` would make every browser send `Origin: null` with our own forms (Fetch, "append a request Origin header";
# rails/rails#28299), and a hub on plain http gets no Sec-Fetch-Site beside it: the guard below could not tell our own
# form from a stranger's. `same-origin` tells other sites as little, and no secret is ever in a path or a query.
REFERRER_POLICY = "same-origin"

HEADERS: tuple[tuple[str, str], ...] = (
    ("referrer-policy", REFERRER_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),  # for WebViews older than frame-ancestors
    ("permissions-policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
)


def content_policy(host: str) -> str:
    """The Content-Security-Policy of every answer. `'self'` does not cover ws: before Chromium 86 and Safari 15.4."""
    sockets = f" ws://{host} wss://{host}" if _HOST.match(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            f"connect-src 'self'{sockets}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def is_own_request(headers: Headers, *, origins: Iterable[str] = ()) -> bool:
    """Whether a state-changing request comes from this site's own pages, or from no browser at all.

    Browsers say where a request comes from in Sec-Fetch-Site (secure contexts) or Origin (always with POST); what says
    neither is a program, which has no one's cookies. `origins` are further names of this server.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin in origins or (urlsplit(origin).netloc or None) == headers.get("host")


class SecurityHeaders:
    """Adds the headers to every HTTP answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = content_policy(Headers(scope=scope).get("host", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS:
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", policy)
            await send(message)

        await self.app(scope, receive, send_with_headers)
