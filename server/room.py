"""The workbook room: the live side of one workbook. Resident rows, who is here, the feed.

I/O through storage only. Membership and memory, no decisions: those are `ingest`, the judge and the session's.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from moderation.protection import Guard, steps_of
from moderation.roles import DECIDES, Role, Who
from schema.ids import digest_secret, row_id, short_code
from server.calls import Calls
from server.clock import Clock
from server.duplicates import LiveIndex
from server.feed import Feed, Member
from server.guarding import Guarding
from server.ingest import Answer, Submission, ingest, publish
from server.statistics import LiveStatistics
from server.storage.contract import Receipt, RowChange, RowRecord, Storage, Workbook
from server.sync.frames import Control, Names, Presence, write_frame

MAX_RESIDENT_ROWS = 4000  # a row is ~10 kB with its ledger: 40 MB
MAX_NAMES = 20_000
LOG_IN_AGAIN = 4401
PRESENCE_TICK_S = 0.5
CODE_TRIES = 5  # wrong guesses at a row's short code in an hour
CODE_WINDOW_S = 3600.0
PRESENCE_DOINGS = ("", "viewing", "editing", "calling")

Here = tuple[str, str, str]  # sheet, row, doing


class Seat(Member, Protocol):
    """A session in the room."""

    id: str
    who: Who
    login: str  # the session record it greeted with

    def send(self, frame: bytes) -> None:
        """Queue a frame that is no step of the feed; never blocks."""

    def close(self, code: int, reason: str) -> None:
        """End the session with a close code."""


class Room:
    """One workbook, live. Everything here can be dropped and loaded again from storage."""

    def __init__(self, workbook: Workbook, storage: Storage, clock: Clock, *, key: str) -> None:
        self.workbook = workbook
        self.storage = storage
        self.clock = clock
        self.guards: dict[str, Guard] = dict(workbook.protection)
        self.notice = workbook.notice
        self.erased = storage.is_erased(workbook.id)  # the emergency is over: nothing private comes in
        self.feed = Feed(storage.position(workbook.id), clock=clock, names=self.names)
        self.seats: dict[str, Seat] = {}
        self._key = key
        self._rows: OrderedDict[tuple[str, str], RowRecord] = OrderedDict()
        self._in_flight: dict[tuple[str, str], int] = {}
        self._roles: dict[str, tuple[Role, str]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._holds: dict[str, set[tuple[str, str]]] = {}
        self._here: dict[str, Here] = {}
        self._presence_timer: asyncio.TimerHandle | None = None
        self._shown: dict[str, dict[tuple[str, str], float]] = {}
        self._wrong_codes: dict[tuple[str, str], list[float]] = {}
        self.on_change: list[Callable[[], None]] = []  # snapshot caches
        self.guard = Guarding(self)
        self.calls = Calls(self)
        self.statistics = LiveStatistics(self)
        self.duplicates = LiveIndex(self)
        self.on_change.append(self.duplicates.tell)

    @property
    def protection(self) -> dict[str, str]:
        """Every sheet that is not open now, and its step."""
        return steps_of(self.guards, self.clock.now_ms())

    async def submit(self, submission: Submission) -> Answer:
        """The one way in for edits: `ingest` is the story."""
        return await ingest(self, submission)

    # -- rows

    def record(self, sheet: str, row: str) -> RowRecord | None:
        """The row as it is, commits in flight included; never shown to anybody before they return."""
        key = (sheet, row)
        record = self._rows.get(key)
        if record is not None:
            self._rows.move_to_end(key)
            return record
        record = self.storage.load_row(self.workbook.id, sheet, row)
        if record is not None:
            self._keep(key, record)
        return record

    def commit(self, change: RowChange) -> Awaitable[Receipt]:
        """Make a change durable and publish it. On failure the row in memory is dropped, so that it is read anew.

        Once begun it is done to the end, whether or not its sender still waits: a step of the feed that nobody told
        would keep everybody from all later ones.
        """
        key = (change.record.sheet, change.record.row)
        self._in_flight[key] = self._in_flight.get(key, 0) + 1
        self._keep(key, change.record)
        return asyncio.shield(asyncio.ensure_future(self._commit(change, key)))

    async def _commit(self, change: RowChange, key: tuple[str, str]) -> Receipt:
        try:
            receipt = (await self.storage.commit([change]))[0]
        except BaseException:
            self._rows.pop(key, None)
            raise
        finally:
            left = self._in_flight[key] - 1
            if left:
                self._in_flight[key] = left
            else:
                del self._in_flight[key]
        if receipt.no:
            change.record.no = receipt.no
            resident = self._rows.get(key)
            if resident is not None:
                resident.no = receipt.no
        publish(self, change, receipt)
        self.changed()
        return receipt

    def changed(self) -> None:
        """What is kept of this workbook elsewhere (rendered pages, snapshots) is out of date."""
        for tell in self.on_change:
            tell()

    def forget(self, sheet: str, row: str) -> None:
        """Drop a row from memory: its stored form changed beside the feed (compaction, erasure)."""
        self._rows.pop((sheet, row), None)
        self.calls.following.forget(sheet, row)
        self.duplicates.forget(sheet, row)
        self.statistics.following.forget(sheet, row)

    def _keep(self, key: tuple[str, str], record: RowRecord) -> None:
        self._rows[key] = record
        self._rows.move_to_end(key)
        while len(self._rows) > MAX_RESIDENT_ROWS:
            oldest = next((old for old in self._rows if old not in self._in_flight), None)
            if oldest is None:
                return
            del self._rows[oldest]

    # -- people

    def role_of(self, actor: str) -> tuple[Role, str]:
        """(role, team) an actor holds here."""
        if actor not in self._roles:
            grant = self.storage.grant(self.workbook.id, actor)
            standing = grant is not None and not grant.revoked_ms
            self._roles[actor] = (grant.role, grant.team) if grant is not None and standing else ("visitor", "")  # type: ignore[assignment]
        return self._roles[actor]

    def who(self, actor: str) -> Who:
        """An actor as the judge sees them, before any relation to a row."""
        role, team = self.role_of(actor)
        return Who(actor, role, team)

    def role_changed(self, actor: str) -> None:
        """A grant was given or revoked: live sessions act under the new role from here on (rule SY12)."""
        self._roles.pop(actor, None)
        self._names.pop(actor, None)
        who = self.who(actor)
        for seat in self.seats.values():
            if seat.who.actor == actor:
                seat.who = who
                seat.send(write_frame(Control("role", {"role": who.role, "team": who.team})))

    def names(self, actors: set[str]) -> Names:
        """What to call them: (name, role)."""
        missing = [actor for actor in actors if actor not in self._names]
        if missing:
            known = self.storage.actors(missing)
            for actor in missing:
                name = known[actor].name if actor in known else ""
                self._names[actor] = (name, self.role_of(actor)[0])
        found = {actor: self._names[actor] for actor in sorted(actors)}
        if len(self._names) > MAX_NAMES:
            self._names.clear()
        return found

    def renamed(self, actor: str) -> None:
        self._names.pop(actor, None)

    def holds(self, sheet: str, row: str, actor: str) -> bool:
        """Whether this actor has shown the row's link."""
        if actor not in self._holds:
            self._holds[actor] = self.storage.holds(self.workbook.id, actor)
        return (sheet, row) in self._holds[actor]

    def proves(self, sheet: str, row: str, secret: str) -> bool:
        """Whether a secret is the row's link: the row secret, or the one that was issued in its place (rule ID11)."""
        issued = self.storage.link_digest(self.workbook.id, sheet, row)
        return issued == digest_secret(secret) if issued else row_id(sheet, secret) == row

    def holdings_ended(self) -> None:
        """A row's link was issued anew: who holds what is read again."""
        self._holds.clear()

    async def remember_hold(self, sheet: str, row: str, actor: str, secret: str) -> None:
        """Keep that this actor holds the row, and the digest of the row's short code."""
        if self.holds(sheet, row, actor):
            return
        digest = self.code_digest(sheet, row, short_code(secret))
        await self.storage.hold(self.workbook.id, sheet, row, actor, digest, self.clock.now_ms())
        self._holds[actor].add((sheet, row))

    def code_digest(self, sheet: str, row: str, code: str) -> str:
        """A short code under the server's key: six digits alone would be guessed from a plain digest."""
        return hmac.new(self._key.encode(), f"{sheet}/{row}/{code}".encode(), hashlib.sha256).hexdigest()

    def may_try_code(self, sheet: str, row: str) -> bool:
        """Whether another guess at a row's short code is allowed now: six digits fall to a million guesses."""
        now_s = self.clock.monotonic()
        recent = [at_s for at_s in self._wrong_codes.get((sheet, row), ()) if now_s - at_s < CODE_WINDOW_S]
        self._wrong_codes[(sheet, row)] = recent
        return len(recent) < CODE_TRIES

    def count_wrong_code(self, sheet: str, row: str) -> None:
        self._wrong_codes.setdefault((sheet, row), []).append(self.clock.monotonic())

    def rows_shown(self, actor: str, *, window_s: float) -> set[tuple[str, str]]:
        """Rows whose private tier this actor was shown within the window."""
        since_s = self.clock.monotonic() - window_s
        recent = {key: at_s for key, at_s in self._shown.get(actor, {}).items() if at_s > since_s}
        self._shown[actor] = recent
        return set(recent)

    def count_shown(self, actor: str, sheet: str, row: str) -> None:
        self._shown.setdefault(actor, {})[(sheet, row)] = self.clock.monotonic()

    # -- presence and control

    def enter(self, seat: Seat) -> None:
        self.seats[seat.id] = seat
        self._tell_presence()

    def leave(self, seat: Seat) -> None:
        self.feed.leave(seat)
        if self.seats.pop(seat.id, None) is not None:
            self._here.pop(seat.id, None)
            self._tell_presence()

    def here(self, seat: Seat, sheet: str, row: str, doing: str) -> None:
        """What a session says it is looking at; name and role are the server's own (rule SY13)."""
        now: Here = (sheet[:40], row[:16], doing if doing in PRESENCE_DOINGS else "")
        if self._here.get(seat.id) != now:
            self._here[seat.id] = now
            if now[2]:
                self.calls.saw(seat.who, now[0], now[1])
            self._tell_presence()

    def presence(self) -> Presence:
        listed = []
        for id, (sheet, row, doing) in self._here.items():
            seat = self.seats.get(id)
            if seat is not None and doing:
                name, role = self.names({seat.who.actor})[seat.who.actor]
                listed.append((seat.who.actor, name, role, sheet, row, doing))
        return Presence(listed)

    def _tell_presence(self) -> None:
        """Gathered: a thousand people who come and go cost one list a second, not a list each."""
        if self._presence_timer is None:
            self._presence_timer = asyncio.get_running_loop().call_later(PRESENCE_TICK_S, self._send_presence)

    def _send_presence(self) -> None:
        self._presence_timer = None
        self.broadcast(write_frame(self.presence()))

    def session_ended(self, login: str) -> None:
        """A session was revoked: its sockets close and write nothing more (rule SY12)."""
        for seat in tuple(self.seats.values()):
            if seat.login == login:
                seat.close(LOG_IN_AGAIN, "session revoked")

    def suggestions_changed(self) -> None:
        """Who may decide hears how many wait; what they say is fetched, never fanned out."""
        waiting = self.storage.count_suggestions(self.workbook.id)
        frame = write_frame(Control("suggestion", {"waiting": waiting}))
        for seat in tuple(self.seats.values()):
            if seat.who.role in DECIDES:
                seat.send(frame)

    def broadcast(self, frame: bytes) -> None:
        for seat in tuple(self.seats.values()):
            seat.send(frame)
