"""Who is calling, what was seen, and the queue of rows to ask about.

I/O through storage reads and the room. Leases and seen counts live in memory: after a restart everybody asks anew, and nobody was blocked.
Rules MO40–MO49 of docs/spec/moderation.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moderation.calls import Lease, Leases, Taken
from moderation.queue import Asked, Kind, Waiting, asked_of, escalated, queue_of, waiting_at
from moderation.roles import Who
from schema.row import from_plain
from schema.sheets import SHEETS
from server.errors import AccessError
from server.following import Following, Key
from server.sync.frames import Control, write_frame

if TYPE_CHECKING:
    from server.room import Room
    from server.storage.contract import RowView

CALLS = frozenset({"volunteer", "verifier", "team", "matcher", "steward", "owner"})
HEARS = {"verify": CALLS, "escalated": frozenset({"matcher", "steward", "owner", "verifier"})}
ACTS = ("take", "insist", "release")
MAX_LISTED = 200
MAX_SEEN_ROWS = 50_000
SHEET = "help"  # whose rows people telephone about


class Calls:
    """Leases and seen counts of one workbook."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._leases = Leases()
        self._seen: dict[Key, set[str]] = {}
        self._asked: dict[Key, Asked] = {}
        self.following = Following(room, read=self._read)

    def call(self, who: Who, *, sheet: str, row: str, act: str) -> Taken:
        """Take, insist on, or give back a row for a call. Raises AccessError naming what is wrong."""
        if who.role not in CALLS:
            raise AccessError("not-permitted", "only those invited to help call people")
        if act not in ACTS or self._room.record(sheet, row) is None:
            raise AccessError("unknown-row", "take, insist or release, of a row that is here")
        now_ms = self._room.clock.now_ms()
        if act == "release":
            freed = self._leases.release((sheet, row), who.actor, now_ms)
            taken = Taken(False, self._leases.of((sheet, row), now_ms))
        else:
            taken = self._leases.take((sheet, row), who.actor, now_ms, insist=act == "insist")
            freed = False
        if taken.held or freed:
            self._tell(sheet, row, taken.lease, taken.by)
        return taken

    def is_calling(self, actor: str, sheet: str, row: str) -> bool:
        """Whether this actor has the row's call lease now."""
        lease = self._leases.of((sheet, row), self._room.clock.now_ms())
        return lease is not None and lease.actor == actor

    def saw(self, who: Who, sheet: str, row: str) -> None:
        """A member has opened a row."""
        if who.role in CALLS and len(self._seen) < MAX_SEEN_ROWS:
            self._seen.setdefault((sheet, row), set()).add(who.actor)

    def seen(self, sheet: str, row: str) -> int:
        return len(self._seen.get((sheet, row), ()))

    async def queue(self, who: Who, *, kind: Kind = "verify", limit: int = 50) -> tuple[list[Waiting], int]:
        """(the head of the queue, how many wait). Raises AccessError where it is not theirs to see."""
        if who.role not in HEARS.get(kind, frozenset()):
            raise AccessError("not-permitted", "the queue is for those invited to verify, match or lead")
        now_ms = await self.following.catch_up(again=self._moved)
        if kind == "escalated":
            ordered = escalated(self._asked.values(), now_ms)
        else:
            callers, guard = self._leases.running(now_ms), self._room.guard
            found = (
                waiting_at(
                    one,
                    now_ms,
                    seen=self.seen(*key),
                    caller=callers.get(key),
                    behind=guard.lists_behind(*key),
                )
                for key, one in self._asked.items()
            )
            ordered = queue_of(one for one in found if one is not None)
        return ordered[: max(1, min(limit, MAX_LISTED))], len(ordered)

    def _moved(self, now_ms: int) -> list[Key]:
        return [key for key, one in self._asked.items() if 0 < one.changes_ms <= now_ms]

    def _read(self, key: Key, view: RowView | None, now_ms: int) -> None:
        if key[0] != SHEET:
            return
        asked = None
        if view is not None:
            asked = asked_of(
                from_plain(view.cells),
                sheet=SHEETS[SHEET],
                row=view.row,
                no=view.no,
                created_ms=view.created_ms,
                now_ms=now_ms,
            )
        if asked is None:
            self._asked.pop(key, None)
        else:
            self._asked[key] = asked

    def _tell(self, sheet: str, row: str, lease: Lease | None, before: str) -> None:
        """Everybody who calls sees who is calling whom; who is insisted over, too."""
        actor, until = (lease.actor, lease.until_ms) if lease else ("", 0)
        said = {"sheet": sheet, "row": row, "actor": actor, "until_ms": until, "before": before}
        frame = write_frame(Control("call", said))
        for seat in tuple(self._room.seats.values()):
            if seat.who.role in CALLS:
                seat.send(frame)
