"""A workbook for a cold open, page by page, each page rendered once and packed once for everybody.

I/O through storage reads. Imported by `server.web`. docs/protocol.md "Cold open"; rules WB20–WB24 of docs/spec/web.md.

Page 0 is the first paint; the pages after it hold every row, so that they are whole beside any page 0. They belong to one cursor
and are read while others write, and a row that moves between two reads must not fall between two pages: what is read later
reaches back by as many rows as feed steps have passed, and rows that moved meanwhile are added whole. A reader who then says
`hello` with the cursor misses nothing. `&cursor=` asks for the pages of the open that began there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from server.clock import Clock
from server.reading import actors_of, row_of
from server.room import Room
from server.storage.contract import RowView
from server.sync.frames import Names
from server.web.budget import Budget
from server.web.packing import Packed, pack

FIRST_PAGE_ROWS = 100  # three screens of a phone; ~4 kB packed
PAGE_ROWS = 1000
READ_ROWS = 200  # read at once: some 15 ms, between which the edits of others pass
KEPT_OPENS = 3  # a slow phone fetches the last page a minute after the first
KEPT_S = 90.0
FEED_STEPS = 1000

JSON = "application/json"


@dataclass(slots=True)
class Open:
    """One state of the workbook that readers open: its first page, and the others once somebody asks."""

    cursor: int
    over: bool
    pages: int
    first: Packed
    made_s: float
    rest: asyncio.Task[list[Packed]] | None = None


@dataclass(slots=True)
class _Shelf:
    """What is kept of one workbook, oldest first, and how much rendering it may still cost."""

    budget: Budget
    opens: list[Open] = field(default_factory=list)
    making: asyncio.Task[Open] | None = None


class Snapshots:
    """The cold opens of every workbook of this server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shelves: dict[tuple[str, bool], _Shelf] = {}

    async def page(self, room: Room, page: int, *, cursor: int | None = None, over: bool = False) -> Packed | None:
        """One page of the open that began at `cursor`, or of the newest one; None where it has no such page."""
        opened = await self._open(room, cursor=cursor if page else None, over=over)
        if page == 0:
            return opened.first
        if not 0 < page < opened.pages:
            return None
        if opened.rest is None:
            shelf = self._shelves[(room.workbook.id, over)]
            opened.rest = asyncio.create_task(self._render_rest(room, opened, shelf))
        # Shielded: whoever asked first may hang up, the others still wait for it.
        return (await asyncio.shield(opened.rest))[page - 1]

    async def _open(self, room: Room, *, cursor: int | None, over: bool) -> Open:
        now_s = self._clock.monotonic()
        shelf = self._shelves.setdefault((room.workbook.id, over), _Shelf(Budget(now_s)))
        if cursor is not None:
            for opened in shelf.opens:
                if opened.cursor == cursor:
                    return opened
        if shelf.opens:
            newest = shelf.opens[-1]
            fresh = newest.cursor == room.storage.position(room.workbook.id)
            if fresh or not shelf.budget.allows(now_s):
                return newest
        if shelf.making is None:
            shelf.making = asyncio.create_task(self._make(room, shelf, over=over))
        return await asyncio.shield(shelf.making)

    async def _make(self, room: Room, shelf: _Shelf, *, over: bool) -> Open:
        try:
            started_s = self._clock.monotonic()
            storage, workbook = room.storage, room.workbook.id
            cursor = storage.position(workbook)  # before the rows: what they hold beyond it comes again by the feed
            rows = _written(storage.list_rows(workbook, over=None if over else False, limit=FIRST_PAGE_ROWS))
            count = storage.count_rows(workbook, over=None if over else False)
            pages = 1 + (-(-count // PAGE_ROWS) if count > FIRST_PAGE_ROWS else 0)
            first = await asyncio.to_thread(pack, *self._body(room, rows, cursor=cursor, page=0, pages=pages))
            now_s = self._clock.monotonic()
            opened = Open(cursor, over, pages, first, now_s)
            shelf.budget.spend(now_s - started_s, now_s)
            shelf.opens = [kept for kept in shelf.opens if now_s - kept.made_s < KEPT_S][1 - KEPT_OPENS :] + [opened]
            return opened
        finally:
            shelf.making = None

    async def _render_rest(self, room: Room, opened: Open, shelf: _Shelf) -> list[Packed]:
        """Pages 1 and on: every row that was there at the cursor."""
        started_s = self._clock.monotonic()
        chunks = await self._read_rest(room, opened)
        packed = []
        for page, rows in enumerate(chunks, start=1):
            body, media = self._body(room, rows, cursor=opened.cursor, page=page, pages=opened.pages)
            packed.append(await asyncio.to_thread(pack, body, media, keep_body=False))
        now_s = self._clock.monotonic()
        shelf.budget.spend(now_s - started_s, now_s)
        return packed

    async def _read_rest(self, room: Room, opened: Open) -> list[list[_Written]]:
        storage, workbook = room.storage, room.workbook.id
        over = None if opened.over else False
        seen: set[tuple[str, str]] = set()
        found: list[_Written] = []
        reached = 0
        while True:
            # So many rows may have moved up past where the last read ended.
            moved = storage.position(workbook) - opened.cursor
            offset = max(0, reached - moved)
            limit = READ_ROWS + reached - offset
            rows = storage.list_rows(workbook, over=over, limit=limit, offset=offset)
            found.extend(_written(_unseen(rows, seen)))
            if len(rows) < limit:
                break
            reached = offset + len(rows)
            await asyncio.sleep(0)
        for sheet, row in _moved(room, opened.cursor):
            view = storage.view_row(workbook, sheet, row)
            if view is not None and (opened.over or not view.columns.over):
                found.extend(_written(_unseen([view], seen)))
        return _split(found, opened.pages - 1)

    def _body(self, room: Room, rows: list[_Written], *, cursor: int, page: int, pages: int) -> tuple[bytes, str]:
        names = room.names({actor for row in rows for actor in row.actors})
        body = _Page(room.storage.epoch, cursor, page, pages, [row.json for row in rows], names)
        return msgspec.json.encode(body), JSON


class _Page(msgspec.Struct):
    """`shapes.SnapshotAnswer` with its rows written already."""

    epoch: str
    cursor: int
    page: int
    pages: int
    rows: list[msgspec.Raw]
    names: Names


@dataclass(frozen=True, slots=True)
class _Written:
    """A row as it travels. Ten thousand rows as objects cost a garbage collection of half a second; as bytes, none."""

    json: msgspec.Raw
    actors: frozenset[str]


def _written(views: Iterable[RowView]) -> list[_Written]:
    rows = [row_of(view) for view in views]
    return [_Written(msgspec.Raw(msgspec.json.encode(row)), frozenset(actors_of([row]))) for row in rows]


def _unseen(rows: Iterable[RowView], seen: set[tuple[str, str]]) -> list[RowView]:
    fresh = [row for row in rows if (row.sheet, row.row) not in seen]
    seen.update((row.sheet, row.row) for row in fresh)
    return fresh


def _moved(room: Room, cursor: int) -> list[tuple[str, str]]:
    """Rows that the feed has touched since, each once."""
    moved: dict[tuple[str, str], None] = {}
    while steps := room.storage.feed(room.workbook.id, after=cursor, limit=FEED_STEPS):
        moved.update(((step.sheet, step.row), None) for step in steps)
        cursor = steps[-1].position
    return list(moved)


def _split(rows: list[_Written], pages: int) -> list[list[_Written]]:
    """Exactly as many pages as page 0 promised; the last takes what came meanwhile."""
    chunks = [rows[at * PAGE_ROWS : (at + 1) * PAGE_ROWS] for at in range(pages - 1)]
    return [*chunks, rows[(pages - 1) * PAGE_ROWS :]] if pages else []
