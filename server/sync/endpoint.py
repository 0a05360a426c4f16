"""The socket's rim: moves bytes between Starlette and the session, asks the room, answers.

I/O. Mounted by `server/app.py`. Frames: docs/protocol.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from moderation.roles import DECIDES, Who
from schema.edits import Edit
from schema.errors import ProtocolError, SheetError
from schema.gate import read_edit
from schema.row import plain
from schema.sheets import SHEETS
from server import erasure, identity, reading, showing, stewarding, suggestions
from server.errors import StorageError
from server.ingest import Submission
from server.limits import EDITS_BY_ACTOR, SOCKETS_BY_ACTOR, Limits, address_key
from server.room import Room
from server.storage.contract import FeedEntry
from server.sync.frames import (
    MAX_EDITS_PER_PUSH,
    PROTOCOL,
    Ack,
    Announce,
    AskHistory,
    AskQueue,
    AskRestrained,
    AskSessions,
    AskShowings,
    AskSuggestions,
    Call,
    CloseEmergency,
    Code,
    Control,
    Decide,
    Done,
    EndSession,
    Entries,
    Erase,
    Error,
    Fetch,
    FromClient,
    FromServer,
    Hello,
    Here,
    History,
    Hold,
    Link,
    LiveNow,
    Overseeing,
    Ping,
    Pong,
    Private,
    Protect,
    Push,
    Reissue,
    Report,
    Reset,
    Restore,
    Restrain,
    Reveal,
    RollBack,
    Row,
    Rules,
    Sessions,
    Showings,
    Suggestions,
    Welcome,
    read_frame,
    write_frame,
)
from server.sync.outbox import Outbox
from server.sync.overseeing import oversee
from server.sync.session import Event, Session, State

log = logging.getLogger(__name__)

Serve = Callable[[WebSocket, Room, Limits], Awaitable[None]]

CATCH_UP_STEPS = 500  # feed steps read at once
MAX_HELPING_BYTES = 256 * 1024  # a quarter of an outbox
MAX_MISSED = 20_000  # past this a cold open costs less than what was missed
WATCH_S = 5.0

MALFORMED, LOG_IN_AGAIN, TIMED_OUT, TOO_LARGE, SLOW_DOWN, TRY_AGAIN = 4400, 4401, 4408, 4413, 4429, 1013


class Connection:
    """One socket in one room: a seat of the room and a member of its feed."""

    def __init__(self, socket: WebSocket, room: Room, limits: Limits) -> None:
        self.id = room.clock.random62(12)
        self.who = Who("", "visitor")
        self.login = ""
        self._socket = socket
        self._room = room
        self._limits = limits
        self._address = address_key(socket.client.host) if socket.client else ""
        self._counted = ""  # the actor whose open sockets this one is among
        self._session = Session(room.clock.monotonic())
        self._outbox = Outbox(socket.send_bytes)
        self._cursor = 0
        self._closing: tuple[int, str] | None = None
        self._ended = asyncio.Event()
        self._behind = asyncio.Event()

    # -- as the room sees it

    def send(self, frame: bytes) -> None:
        if not self._outbox.offer(frame):
            self.close(SLOW_DOWN, "too slow")

    def deliver(self, frame: bytes, cursor: int) -> None:
        if self._session.state is not State.LIVE:
            return
        if self._outbox.offer(frame, cursor):
            self._cursor = cursor
        else:
            self._room.feed.leave(self)
            self._session.step(Event.FELL_BEHIND)
            self._outbox.drop_feed()
            self._cursor = self._outbox.sent_cursor
            self._behind.set()

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._ended.set()

    # -- the connection's life

    async def run(self) -> None:
        """From greeting to close; ends all its tasks."""
        await self._socket.accept()
        tasks = [
            asyncio.create_task(self._read()),
            asyncio.create_task(self._outbox.drain()),
            asyncio.create_task(self._watch()),
            asyncio.create_task(self._keep_up()),
        ]
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait([*tasks, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._room.leave(self)
            self._limits.close_socket("actor", self._counted)
            self._session.step(Event.CLOSED)
            for task in (*tasks, ended):
                task.cancel()
            for outcome in await asyncio.gather(*tasks, ended, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect | RuntimeError):
                    log.error("session %s ended by %s", self.id, type(outcome).__name__, exc_info=outcome)
            if self._closing is not None:
                with contextlib.suppress(Exception):  # the peer may be gone already
                    await self._socket.close(*self._closing)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if self._session.overdue(self._room.clock.monotonic()):
                self.close(TIMED_OUT, "silent")

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while self._closing is None:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect" or self._closing is not None:
                    return  # what arrives between the decision to close and the close is not taken (rule ID12)
                await self._take(message.get("bytes") or (message.get("text") or "").encode())

    async def _take(self, data: bytes) -> None:
        try:
            frame = read_frame(data)
        except ProtocolError as error:
            self._fail(TOO_LARGE if error.code == "frame-too-large" else MALFORMED, error.code, error.message)
            return
        fault = self._session.admit(frame, self._room.clock.monotonic(), size=len(data))
        if fault == "unexpected":
            self._fail(MALFORMED, "unexpected", f"{type(frame).__name__.lower()} cannot be said now")
        elif fault:
            self._fail(SLOW_DOWN, fault, "too many frames; keep what you have and come back in ten seconds")
        elif isinstance(frame, Push):
            await self._push(frame)
        else:
            await self._answer(frame)

    def _fail(self, code: int, error: str, message: str) -> None:
        self._say(Error(error, message))
        self.close(code, error)

    def _say(self, frame: FromServer) -> None:
        self.send(write_frame(frame))

    async def _answer(self, frame: FromClient) -> None:
        match frame:
            case Hello():
                self._hello(frame)
            case Ping(n):
                self._say(Pong(n, self._room.clock.now_ms()))
            case Here(sheet, row, doing):
                self._room.here(self, sheet, row, doing)
            case Reveal():
                await self._reveal(frame)
            case Hold():
                await self._hold(frame)
            case Code():
                await self._code(frame)
            case Protect() | Announce() | AskSessions() | EndSession() | Reissue() | Erase() | CloseEmergency():
                await self._steward(frame)
            case Call() | AskQueue() | Report() | Restrain() | AskRestrained() | Rules() | RollBack() | Restore():
                await self._oversee(frame)
            case AskHistory():
                await self._history(frame)
            case AskShowings():
                self._showings(frame)
            case AskSuggestions():
                self._suggestions(frame)
            case Decide():
                await self._decide(frame)
            case Fetch(n, sheet, row):
                self._say(Row(n, reading.plain_row(self._room, sheet, row)))
            case Push():
                raise AssertionError("pushes are taken before")

    # -- greeting and catching up

    def _hello(self, frame: Hello) -> None:
        room = self._room
        if frame.protocol != PROTOCOL:
            self._fail(MALFORMED, "unsupported-version", f"this server speaks protocol {PROTOCOL}; load the page again")
            return
        found = identity.authenticate(room.storage, room, frame.session)
        if found is None:
            self._fail(LOG_IN_AGAIN, "not-authenticated", "log in again")
            return
        self.login, self.who = found
        if not self._limits.open_socket("actor", self.who.actor, SOCKETS_BY_ACTOR):
            self._fail(SLOW_DOWN, "too-many", "this device has too many sockets open")
            return
        self._counted = self.who.actor
        self._session.step(Event.HELLO)
        room.enter(self)
        epoch, now = room.storage.epoch, room.storage.position(room.workbook.id)
        self._say(
            Welcome(epoch, now, self.who.actor, self.who.role, self.who.team, room.clock.now_ms(), room.protection)
        )
        if room.protection:
            self._say(stewarding.guards_frame(room))
        if room.notice:
            self._say(Control("notice", {"text": room.notice}))
        if self.who.role in DECIDES:
            self._say(Control("suggestion", {"waiting": room.storage.count_suggestions(room.workbook.id)}))
        foreign = frame.epoch not in ("", epoch) or frame.cursor > now
        if frame.epoch:  # it has something of this workbook: what was erased meanwhile has to go there too
            for control in erasure.erased_since(room, 0 if foreign else frame.cursor):
                self._say(control)
        if foreign or now - frame.cursor > MAX_MISSED:
            self._say(Reset(epoch))
            self._cursor = now
        else:
            self._cursor = frame.cursor
        self._outbox.sent_cursor = self._cursor
        self._behind.set()

    async def _keep_up(self) -> None:
        """Serve what was missed, then join the feed; again whenever the reader fell behind."""
        while True:
            await self._behind.wait()
            self._behind.clear()
            await self._outbox.empty()
            while not self._catch_up():
                await self._outbox.empty()

    def _catch_up(self) -> bool:
        """One helping of missed steps; True once the reader is live. No await between the last read and joining."""
        room = self._room
        if self._session.state is not State.CATCHING_UP:
            return True
        room.feed.flush()
        missed = [
            step
            for step in room.storage.feed(room.workbook.id, after=self._cursor, limit=CATCH_UP_STEPS)
            if step.position <= room.feed.position
        ]
        if missed:
            frame, self._cursor = self._helping(missed)
            self._outbox.offer(frame, self._cursor)
            return False
        self._session.step(Event.CAUGHT_UP)
        room.feed.join(self)
        self._say(LiveNow(self._cursor))
        return True

    def _helping(self, missed: list[FeedEntry]) -> tuple[bytes, int]:
        """(a frame of as many missed steps as one may be large, the cursor it brings)."""
        room = self._room
        while True:
            cursor = missed[-1].position
            entries = reading.missed_rows(room, missed)
            frame = write_frame(Entries(cursor, entries, room.names(reading.actors_of(entries))))
            if len(frame) <= MAX_HELPING_BYTES or len(missed) == 1:
                return frame, cursor
            missed = missed[: len(missed) // 2]

    # -- work

    async def _push(self, frame: Push) -> None:
        if len(frame.edits) > MAX_EDITS_PER_PUSH:
            self._fail(MALFORMED, "too-many-edits", f"a push has at most {MAX_EDITS_PER_PUSH} edits")
            return
        if self._is_too_much(frame):
            # The app's outbox keeps them and asks again by itself, a little later each time.
            self._say(Ack(frame.n, [(_edit_of(update), "retry", "too-many") for _, update in frame.edits], 0))
            return
        submission = Submission(
            frame.sheet, frame.row, tuple(frame.edits), self.who, self.login, "session", frame.secret[:64]
        )
        try:
            answer = await self._room.submit(submission)
        except StorageError as error:
            self._say(Ack(frame.n, [(_edit_of(update), "retry", error.code) for _, update in frame.edits], 0))
            return
        verdicts = [(said.edit, said.verdict, said.reason) for said in answer.verdicts]
        self._say(Ack(frame.n, verdicts, answer.seq))

    def _is_too_much(self, frame: Push) -> bool:
        """Count a push to its actor, and a row that it begins to its address and sheet too (rules SE2, SE3)."""
        room, limits, now_s = self._room, self._limits, self._room.clock.monotonic()
        actor = self.who.actor
        if limits.take("edits", actor, EDITS_BY_ACTOR, now_s=now_s, cost=len(frame.edits)):
            return True
        if frame.sheet not in SHEETS or room.record(frame.sheet, frame.row) is not None:
            return False
        return (
            limits.take_row(
                sheet=f"{room.workbook.id}/{frame.sheet}",
                actor=actor,
                address=self._address,
                member=self.who.role != "visitor",
                now_s=now_s,
            )
            > 0
        )

    async def _reveal(self, frame: Reveal) -> None:
        try:
            cells = await showing.show(
                self._room, self.who, sheet=frame.sheet, row=frame.row, reason=frame.reason, secret=frame.secret[:64]
            )
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))
            return
        self._say(Private(frame.n, frame.sheet, frame.row, plain(cells)))

    def _showings(self, frame: AskShowings) -> None:
        try:
            found = showing.showings(self._room, self.who, sheet=frame.sheet, row=frame.row)
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))
            return
        listed = [(line.at_ms, line.actor, line.role, line.reason) for line in found]
        self._say(Showings(frame.n, listed, self._room.names({line.actor for line in found})))

    async def _hold(self, frame: Hold) -> None:
        record = self._room.record(frame.sheet, frame.row)
        if record is None or not self._room.proves(frame.sheet, frame.row, frame.secret):
            self._say(Done(frame.n, "wrong-link", "this link opens no row here"))
            return
        await self._room.remember_hold(frame.sheet, frame.row, self.who.actor, frame.secret)
        self._say(Done(frame.n, "", ""))

    async def _code(self, frame: Code) -> None:
        try:
            await identity.check_code(self._room, self.who, sheet=frame.sheet, row=frame.row, code=frame.code)
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))
            return
        self._say(Done(frame.n, "", ""))

    async def _steward(
        self, frame: Protect | Announce | AskSessions | EndSession | Reissue | Erase | CloseEmergency
    ) -> None:
        """What is answered by `done`, or by the error that names why not."""
        room, who = self._room, self.who
        try:
            match frame:
                case Protect(n, sheet, step, reason, until_ms):
                    await stewarding.protect(room, who, sheet=sheet, step=step, reason=reason, until_ms=until_ms)
                case Announce(n, text):
                    await stewarding.announce(room, who, text=text)
                case AskSessions(n):
                    found = room.storage.sessions(room.workbook.id, who.actor)
                    self._say(Sessions(n, [(one.id, one.created_ms, one.id == self.login) for one in found]))
                    return
                case Erase(n, sheet, row, reason, whole):
                    await erasure.erase_row(room, who, sheet=sheet, row=row, reason=reason, whole=whole)
                case CloseEmergency(n, on_ms, text):
                    await erasure.close_emergency(room, who, on_ms=on_ms, text=text)
                case EndSession(n, session):
                    await identity.end_session(room, who, session)
                case Reissue(n, sheet, row, reason):
                    link, code = await identity.reissue_link(room, who, sheet=sheet, row=row, reason=reason)
                    self._say(Link(n, link, code))
                    return
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))
            return
        self._say(Done(n, "", ""))

    async def _oversee(self, frame: Overseeing) -> None:
        try:
            self._say(await oversee(self._room, self.who, frame))
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))

    async def _history(self, frame: AskHistory) -> None:
        room = self._room
        record = room.record(frame.sheet, frame.row)
        if record is None or frame.sheet not in SHEETS:
            self._say(Done(frame.n, "unknown-row", "there is no such row"))
            return
        private = showing.may_be_shown(room, self.who, sheet=frame.sheet, row=frame.row)
        if private and record.private.cells:
            try:
                await showing.show(room, self.who, sheet=frame.sheet, row=frame.row, reason="history")
            except SheetError:
                private = False  # too many this hour: the public part is shown all the same
        entries = reading.history(room, frame.sheet, frame.row, private=private)
        self._say(History(frame.n, frame.sheet, frame.row, entries, room.names({entry[3] for entry in entries})))

    def _suggestions(self, frame: AskSuggestions) -> None:
        found = suggestions.visible(self._room, self.who, sheet=frame.sheet, row=frame.row)
        listed = []
        for one in found:
            edit: Edit = read_edit(one.update)
            listed.append(
                (one.id, one.sheet, one.row, one.tier, one.edit, one.actor, one.received_ms, dict(edit.writes))
                + (one.reason if one.state == "pending" else one.decision or one.reason, one.state)
            )
        self._say(Suggestions(frame.n, listed, self._room.names({one.actor for one in found})))

    async def _decide(self, frame: Decide) -> None:
        try:
            await suggestions.decide(
                self._room,
                self.who,
                frame.suggestion,
                accept=frame.accept,
                reason=frame.reason,
                seen=frame.seen,
                session=self.login,
            )
        except SheetError as error:
            self._say(Done(frame.n, error.code, error.message))
            return
        self._say(Done(frame.n, "", ""))


def _edit_of(update: bytes) -> str:
    try:
        return read_edit(update).edit
    except ProtocolError:
        return ""


async def serve(socket: WebSocket, room: Room, limits: Limits) -> None:
    """Run one connection."""
    await Connection(socket, room, limits).run()
