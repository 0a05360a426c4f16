"""What waits to be sent to one reader: bounded, so that a slow one is cut back and never grows the server.

I/O through the `send` it is given. Used by `endpoint.py`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

MAX_OUTBOX_BYTES = 1024 * 1024  # ten seconds of a busy feed; a phone on 2G drains 20 kB/s


class Outbox:
    """Frames in order. `offer` never blocks; it says when there is no room."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._frames: deque[tuple[bytes, int]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self.sent_cursor = 0  # the feed position that has left for the reader

    def offer(self, frame: bytes, cursor: int = 0) -> bool:
        """Queue a frame; `cursor` is the position it brings the reader to. False: no room, nothing was queued."""
        if self._bytes + len(frame) > MAX_OUTBOX_BYTES and self._frames:
            return False
        self._frames.append((frame, cursor))
        self._bytes += len(frame)
        self._drained.clear()
        self._wake.set()
        return True

    def drop_feed(self) -> None:
        """Forget feed frames that have not left: the reader will be served from its cursor."""
        kept = [(frame, cursor) for frame, cursor in self._frames if not cursor]
        self._frames = deque(kept)
        self._bytes = sum(len(frame) for frame, _ in kept)

    async def drain(self) -> None:
        """Send for ever; ends with the connection."""
        while True:
            while self._frames:
                frame, cursor = self._frames.popleft()
                self._bytes -= len(frame)
                await self._send(frame)
                if cursor:
                    self.sent_cursor = cursor
            self._wake.clear()
            self._drained.set()
            if not self._frames:
                await self._wake.wait()

    async def empty(self) -> None:
        """Return when everything offered has left, or been forgotten and what was leaving has left."""
        await self._drained.wait()
