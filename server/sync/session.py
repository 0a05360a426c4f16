"""The state of one connection: what a client may say when, and what the clock does to it.

Pure: frames and times in, permission out. Driven by `endpoint.py`.

A session greets (`hello` proves a login), catches up from its cursor, and is live: it hears the feed as it happens. A reader too slow for
its outbox falls behind: it is cut back to its cursor and catches up again, and never grows the server (rule SY8).

    greeting ──hello──► catching_up ──caught_up──► live ──fell_behind──► catching_up
        └──────────── any ──closed──► closed ◄──── silent, malformed, revoked ────┘
"""

from __future__ import annotations

from enum import Enum, auto
from typing import get_args

from server.sync.frames import FromClient, Hello, Work

GREETING_LIMIT_S = 10.0  # a stranger that says nothing holds no place
SILENCE_LIMIT_S = 30.0  # three pings missed
MAX_FRAMES_PER_10S = 200  # an outbox of a day's work goes out in batches of 32 edits
MAX_BYTES_PER_MIN = 8 * 1024 * 1024  # 2,000 edits of 4 kB, the largest value there is: a day's outbox is a tenth


class State(Enum):
    """Where a connection is."""

    GREETING = auto()
    CATCHING_UP = auto()
    LIVE = auto()
    CLOSED = auto()


class Event(Enum):
    """What can happen to it."""

    HELLO = auto()
    CAUGHT_UP = auto()
    FELL_BEHIND = auto()
    CLOSED = auto()


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.GREETING, Event.HELLO): State.CATCHING_UP,
    (State.GREETING, Event.CLOSED): State.CLOSED,
    (State.CATCHING_UP, Event.CAUGHT_UP): State.LIVE,
    (State.CATCHING_UP, Event.FELL_BEHIND): State.CATCHING_UP,
    (State.CATCHING_UP, Event.CLOSED): State.CLOSED,
    (State.LIVE, Event.FELL_BEHIND): State.CATCHING_UP,
    (State.LIVE, Event.CLOSED): State.CLOSED,
    (State.CLOSED, Event.CLOSED): State.CLOSED,
}

_WORK: tuple[type[object], ...] = get_args(Work)
SPEAKS: dict[State, tuple[type[object], ...]] = {
    State.GREETING: (Hello,),
    State.CATCHING_UP: _WORK,
    State.LIVE: _WORK,
    State.CLOSED: (),
}


class Session:
    """One connection's state machine."""

    __slots__ = ("_bytes", "_bytes_s", "_heard_s", "_recent", "_window_s", "state")

    def __init__(self, now_s: float) -> None:
        self.state = State.GREETING
        self._heard_s = now_s
        self._window_s = now_s
        self._recent = 0
        self._bytes_s = now_s
        self._bytes = 0

    def step(self, event: Event) -> State:
        """Follow the table. An event that a state does not have is a bug of ours."""
        self.state = TRANSITIONS[(self.state, event)]
        return self.state

    def admit(self, frame: FromClient, now_s: float, *, size: int = 0) -> str:
        """ "" when the frame may be said now; otherwise the code of the error: `unexpected` or `too-fast`."""
        self._heard_s = now_s
        if not isinstance(frame, SPEAKS[self.state]):
            return "unexpected"
        if now_s - self._window_s > 10.0:
            self._window_s, self._recent = now_s, 0
        if now_s - self._bytes_s > 60.0:
            self._bytes_s, self._bytes = now_s, 0
        self._recent += 1
        self._bytes += size
        return "too-fast" if self._recent > MAX_FRAMES_PER_10S or self._bytes > MAX_BYTES_PER_MIN else ""

    def overdue(self, now_s: float) -> bool:
        """Whether it has been silent too long (rule SY7)."""
        limit_s = GREETING_LIMIT_S if self.state is State.GREETING else SILENCE_LIMIT_S
        return self.state is not State.CLOSED and now_s - self._heard_s > limit_s
