"""What comes in a request's body, read with limits: forms, JSON, the device cookie.

I/O on the request only. Imported by `server.web`.
"""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from schema.errors import ProtocolError
from schema.ids import SECRET_CHARS, is_base62
from server.web.language import ONE_YEAR_S
from server.web.site import DEVICE_COOKIE

T = TypeVar("T")

MAX_FIELDS = 200


async def read_body(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes of it. Raises ProtocolError `too-large` before it is all in memory."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def limited(request: Request, limit: int) -> Request:
    """The same request, whose body ends in ProtocolError `too-large` past `limit` bytes: for what reads it in pieces."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return Request(request.scope, receive)


async def read_form(request: Request, limit: int) -> dict[str, str]:
    """A posted form, the last value of each name. Raises ProtocolError for another kind of body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ProtocolError("bad-form", "a form is posted as application/x-www-form-urlencoded")
    body = await read_body(request, limit)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise ProtocolError("bad-form", f"a form has at most {MAX_FIELDS} fields") from None
    return dict(pairs)


async def read_json(request: Request, kind: type[T], limit: int) -> T:
    """A JSON body of this shape. Raises ProtocolError naming what is wrong, never what was sent."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "application/json":
        # A form of another site can send text/plain without asking; it cannot send this.
        raise ProtocolError("bad-json", "send JSON with Content-Type: application/json")
    body = await read_body(request, limit)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise ProtocolError("bad-json", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProtocolError("bad-json", "the body is not JSON") from None


def device_of(request: Request) -> str:
    """The device secret of this browser, "" where it has none yet."""
    device = request.cookies.get(DEVICE_COOKIE, "")
    return device if is_base62(device, SECRET_CHARS) else ""


def keep_device(request: Request, response: Response, device: str) -> None:
    """The browser keeps its device secret where no script can read it."""
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=ONE_YEAR_S,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def bearer_of(request: Request) -> str:
    """The session secret of `Authorization: Bearer …`, "" where there is none."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _too_large(limit: int) -> ProtocolError:
    return ProtocolError("too-large", f"at most {limit // 1024} KiB", "send less at once")
