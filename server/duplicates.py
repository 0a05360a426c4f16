"""The live index of one workbook: built from the store on first use, fed after commits, asked at entry and by verifiers.

I/O through a reading connection of its own, in one thread at a time, never on the loop. It may lag a second and can be dropped and built
again at any moment. Owned by the room. Rules DU4, DU20–DU24 of docs/spec/duplicates.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from moderation.divisions import find_division
from moderation.duplicates.index import Candidate
from moderation.duplicates.links import Group, Key, target_of
from moderation.duplicates.normal import Print, Values, print_of, public_of
from moderation.duplicates.queue import DUPLICATES, Facts, Pair, Queue
from moderation.duplicates.score import LIKELY, Kind
from schema.row import Cells, Live
from schema.sheets import SHEETS, Sheet
from schema.status import sort_key, status_of
from schema.values import Value
from server.errors import StorageError
from server.storage.contract import AuditRecord
from server.storage.scan import Scan, ScannedRow

if TYPE_CHECKING:
    from moderation.roles import Who
    from server.room import Room

log = logging.getLogger(__name__)

T = TypeVar("T")

LAG_S = 0.5  # commits are gathered for so long
PAGE_ROWS = 40  # read and taken in at one go: 10 ms of a thread that shares the interpreter with the loop
SWEEP_ROWS = 8
IDLE_SHARE = 2  # the first sweep rests twice as long as it works: it is no hurry, and rescuers are
MAX_APART = 100_000
NEAR_SHARE = 0.2  # a city that a fifth of the rows are in is where the flood is
FULL_VIEW = frozenset({"verifier", "matcher", "steward", "owner"})  # who is shown private fields of any row


@dataclass(frozen=True, slots=True)
class Found:
    """What an asker is told: `ready` is false while the index is still being built."""

    ready: bool
    candidates: tuple[Candidate, ...]


class OnDisk(Protocol):
    """A store whose file a second connection can read."""

    path: Path


class LiveIndex:
    """Prints of every row of a workbook, and the pairs among them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._scan = Scan(cast(OnDisk, room.storage).path)
        self._queue = Queue()
        self._lock = asyncio.Lock()
        self._seq = 0
        self._forgotten: dict[Key, None] = {}
        self._cities: Counter[str] = Counter()
        self._city_of: dict[Key, str] = {}
        self._built = asyncio.Event()
        self._stale = asyncio.Event()
        self._quiet = asyncio.Event()  # everything committed is taken in, and every pair worked out
        self._task: asyncio.Task[None] | None = None

    # -- asking

    async def candidates(self, sheet: Sheet, values: Values, *, row: str = "", who: Who) -> Found:
        """Rows that may be the same case as what is being typed; as much of them as the asker may know (DU4)."""
        self.start()
        seen, view = print_of(sheet, values, row=row), None
        if who.role not in FULL_VIEW:
            view = public_of
        found = await self._apart(lambda: self._queue.index.candidates(seen, view=view))
        return Found(self.is_built, tuple(one for one in found if one.finding.score >= LIKELY))

    async def pairs(
        self, *, kinds: Sequence[Kind] = tuple(DUPLICATES), limit: int, offset: int
    ) -> tuple[list[Pair], int, list[Group], bool]:
        """(a page of the queue, how many there are, circles to settle, whether every row has been looked at)."""
        self.start()

        def ask() -> tuple[list[Pair], int, list[Group], bool]:
            listed, total = self._queue.listed(kinds=kinds, limit=limit, offset=offset)
            return listed, total, self._queue.rings(), self.is_built and not self._queue.waiting

        return await self._apart(ask)

    async def group(self, key: Key) -> Group | None:
        """The group a row belongs to; None where it stands alone."""
        self.start()
        return await self._apart(lambda: self._queue.groups().get(key))

    async def near(self) -> tuple[str, ...]:
        """Codes of the cities, and their provinces, that many of the rows are in."""
        self.start()

        def ask() -> tuple[str, ...]:
            least = max(2.0, NEAR_SHARE * len(self._city_of))
            cities = [code for code, count in self._cities.most_common(3) if count >= least]
            return (*cities, *dict.fromkeys(code[:2] for code in cities))

        return await self._apart(ask)

    def facts(self, key: Key) -> Facts | None:
        return self._queue.facts(key)

    @property
    def is_built(self) -> bool:
        return self._built.is_set()

    async def built(self) -> None:
        """Wait until every row there was has been taken in."""
        self.start()
        await self._built.wait()

    async def settled(self) -> None:
        """Wait until every commit so far has been followed and every pair worked out."""
        self.start()
        await self._quiet.wait()

    # -- deciding

    async def part(self, one: Key, other: Key, *, apart: bool, who: Who, reason: str) -> None:
        """Keep two rows apart, or take that back. In the audit, from which it is read again after a restart."""
        record = AuditRecord(
            self._room.clock.now_ms(),
            who.actor,
            who.role,
            _APART if apart else _TOGETHER,
            sheet=one[0],
            row=one[1],
            reason=reason,
            detail="/".join(other),
        )
        await self._room.storage.write_audit(self._room.workbook.id, [record])
        await self._apart(lambda: self._queue.part(one, other, apart=apart))

    # -- living

    def start(self) -> None:
        """Begin, if nobody has yet."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._live())

    def tell(self) -> None:
        """A commit has returned."""
        self._stale.set()
        self._quiet.clear()

    def forget(self, sheet: str, row: str) -> None:
        """A row changed beside the log (erasure): what is kept of it is read anew."""
        self._forgotten[(sheet, row)] = None
        self.tell()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        async with self._lock:
            self._scan.close()

    async def _live(self) -> None:
        while True:
            try:
                if not self.is_built:
                    await self._build()
                await self._follow()
            except StorageError as error:
                log.warning("duplicates of %s wait: %s", self._room.workbook.id, error.code)
                await asyncio.sleep(5 * LAG_S)

    async def _build(self) -> None:
        started_s = self._room.clock.monotonic()
        workbook = self._room.workbook.id
        self._seq = await self._apart(lambda: self._scan.last_seq(workbook))
        after = -1
        while True:
            before = after
            after = await self._apart(lambda: self._take_page(before))  # noqa: B023 - awaited before it changes
            if after == before:
                break
        parted = self._room.storage.audit(workbook, act=_APART, limit=MAX_APART)
        parted += self._room.storage.audit(workbook, act=_TOGETHER, limit=MAX_APART)
        await self._apart(lambda: self._read_parted(parted))
        self._built.set()
        log.info(
            "duplicates of %s: %d rows in %.1f s", workbook, len(self._queue), self._room.clock.monotonic() - started_s
        )

    async def _follow(self) -> None:
        """Take in what was committed; in between, work out pairs."""
        while True:
            self._stale.clear()
            while await self._apart(self._catch_up):
                pass
            await self._sweep()
            if not self._stale.is_set():
                self._quiet.set()
            await self._stale.wait()
            await asyncio.sleep(LAG_S)

    async def _sweep(self) -> None:
        """Work out pairs until none wait or something was committed."""
        waiting = 1
        while waiting and not self._stale.is_set():
            started_s = self._room.clock.monotonic()
            waiting = await self._apart(lambda: self._queue.sweep(SWEEP_ROWS))
            await asyncio.sleep(IDLE_SHARE * (self._room.clock.monotonic() - started_s))

    async def _apart(self, act: Callable[[], T]) -> T:
        """Run beside the loop, one at a time. Cancelled, it still ends before the next one begins."""
        async with self._lock:
            running = asyncio.ensure_future(asyncio.to_thread(act))
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                with contextlib.suppress(Exception):
                    await running
                raise

    # -- in the thread

    def _take_page(self, after: int) -> int:
        rows, reached = self._scan.page(self._room.workbook.id, after=after, limit=PAGE_ROWS)
        for row in rows:
            self._take(row)
        return reached

    def _catch_up(self) -> bool:
        """Whether there may be more."""
        workbook = self._room.workbook.id
        touched, reached = self._scan.touched(workbook, after=self._seq, limit=PAGE_ROWS)
        while self._forgotten:
            touched.append(self._forgotten.popitem()[0])
        for sheet, row in touched:
            found = self._scan.row(workbook, sheet, row)
            if found is not None:
                self._take(found)
            else:
                self._queue.remove((sheet, row))
        self._seq, before = reached, self._seq
        return reached != before

    def _take(self, row: ScannedRow) -> None:
        sheet, key = SHEETS.get(row.sheet), (row.sheet, row.row)
        if sheet is None:
            return
        if not row.public:
            self._queue.remove(key)
            return
        self._queue.put(print_of_row(sheet, row.public, row.private, row=row.row), self._facts_of(sheet, row))
        self._place(key, row.public)

    def _facts_of(self, sheet: Sheet, row: ScannedRow) -> Facts:
        status = status_of(row.public, self._room.clock.now_ms(), sheet=sheet)
        over, rank, _ = sort_key(status, row.created_ms, sheet=sheet)
        return Facts(row.no, rank, bool(over), row.created_ms, target_of(row.sheet, row.public))

    def _place(self, key: Key, cells: Cells) -> None:
        where = "".join(str(v) for name in ("city", "district", "place") for v in _values(cells.get(name, ()))[:1])
        found = find_division(where) if where else None
        city = found.code[:4] if found is not None and len(found.code) >= 4 else ""
        before = self._city_of.pop(key, "")
        if before:
            self._cities[before] -= 1
        if city:
            self._city_of[key] = city
            self._cities[city] += 1

    def _read_parted(self, records: Sequence[AuditRecord]) -> None:
        for record in sorted(records, key=lambda record: record.at_ms):
            sheet, _, row = record.detail.partition("/")
            self._queue.part((record.sheet, record.row), (sheet, row), apart=record.act == _APART)


_APART = "apart"
_TOGETHER = "apart-undone"


def print_of_row(sheet: Sheet, public: Cells, private: Cells, *, row: str) -> Print:
    """The print of a row from both its tiers."""
    values: dict[str, list[Value]] = {path: _values(live) for path, live in public.items()}
    for path, live in private.items():
        column = sheet.fields.get(path)
        if column is not None and column.free_text:
            values[path] = _values(live)  # raw words stand in place of their masked form
        else:
            values.setdefault(path, []).extend(_values(live))
    return print_of(sheet, values, row=row)


def _values(live: Sequence[Live]) -> list[Value]:
    return [one.value for one in live if one.value not in (None, "")]
