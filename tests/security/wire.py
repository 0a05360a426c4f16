"""Everything that leaves an application, byte by byte: each body, header, frame and close reason, with who it went to.

No I/O of its own. Wraps the application that a test serves.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Wire:
    """An ASGI application that keeps what it sends."""

    app: ASGIApp
    sent: list[tuple[str, bytes]] = field(default_factory=list)  # (kind and path, bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        where = f"{scope['type']} {scope.get('path', '')}"

        async def keep(message: Message) -> None:
            for name, value in message.get("headers", ()):
                self.sent.append((where, bytes(name) + b": " + bytes(value)))
            for part in ("body", "bytes", "text", "reason"):
                said = message.get(part)
                if said:
                    self.sent.append((where, said.encode() if isinstance(said, str) else bytes(said)))
            await send(message)

        await self.app(scope, receive, keep)

    def carried(self, mark: str) -> list[str]:
        """Where these characters left, if anywhere."""
        return [where for where, data in self.sent if mark.encode() in data]


def digits_in(data: bytes) -> str:
    """All digits of some bytes in a row, however they are spelt, spaced, escaped or marked up: a number split by anything is found in it."""
    text = html.unescape(unquote_to_bytes(data).decode("utf-8", "ignore"))
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isascii() and c.isdigit())
