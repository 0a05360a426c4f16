"""Erasure of personal data: who may ask for it, when a workbook's is due, and who is told.

I/O through storage and the room. Rules ER1–ER12 of docs/spec/erasure.md. How bytes leave the tables is storage's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from moderation.roles import RULES, Who
from schema.sheets import SHEETS
from schema.texts import mask_text
from server.errors import AccessError, StorageError
from server.ingest import relate
from server.room import Room
from server.rooms import Rooms
from server.storage.contract import AuditRecord, Closing, Erased, RowRecord
from server.sync.frames import MAX_REASON_CHARS, Control, write_frame

log = logging.getLogger(__name__)

T = TypeVar("T")

DAY_MS = 86_400_000
NOTICE_DAYS = 3  # whoever needs a list for the authorities, or their own row, has time to take it
MAX_AHEAD_DAYS = 366
MAX_NOTICE_CHARS = 500
LOOK_S = 3600.0  # a day named is kept to the hour
ROWS_PER_FRAME = 500
ROWS_PER_TURN = 200  # of a workbook told at once before others have their turn


async def erase_row(room: Room, by: Who, *, sheet: str, row: str, reason: str = "", whole: bool = False) -> None:
    """Erase a row's private data for good, its public words too where `whole`.

    Raises AccessError: unknown-row, not-permitted, reason-wanted; StorageError where it could not be done.
    """
    record = room.record(sheet, row) if sheet in SHEETS else None
    if record is None or not record.version:
        raise AccessError("unknown-row", "there is no such row")
    holds = relate(by, record, room=room).holds
    if not holds and by.role not in RULES:
        raise AccessError("not-permitted", "the person concerned and stewards erase a row's personal data")
    reason = mask_text(reason.strip())[:MAX_REASON_CHARS]
    if not holds and not reason:
        raise AccessError("reason-wanted", "say who asked for it, or why it has to go")
    detail = "whole" if whole else ""
    audit = AuditRecord(room.clock.now_ms(), by.actor, by.role, "erase", sheet, row, reason, detail)

    async def act() -> None:
        done = await room.storage.erase_row(room.workbook.id, sheet, row, audit, whole=whole)
        if done is not None:
            await _tell(room, [done])
            room.broadcast(write_frame(Control("erased", {"sheet": sheet, "row": row, "whole": whole})))

    await _whole(act())


async def close_emergency(room: Room, by: Who, *, on_ms: int, text: str = "") -> None:
    """Name the day on which the workbook's personal data goes, and tell everybody; 0 takes it back. Raises AccessError."""
    if by.role != "owner":
        raise AccessError("not-permitted", "only the owner closes an emergency")
    now_ms = room.clock.now_ms()
    if on_ms and not now_ms + NOTICE_DAYS * DAY_MS <= on_ms <= now_ms + MAX_AHEAD_DAYS * DAY_MS:
        raise AccessError("bad-day", f"the day lies {NOTICE_DAYS} to {MAX_AHEAD_DAYS} days ahead")
    text = text.strip()[:MAX_NOTICE_CHARS] or (_announcement(on_ms) if on_ms else "")
    audit = AuditRecord(now_ms, by.actor, by.role, "close", detail=str(on_ms))
    await room.storage.plan_erasure(room.workbook.id, on_ms, text, audit)
    room.notice = text
    room.broadcast(write_frame(Control("notice", {"text": text})))
    room.changed()


async def erase_workbook(room: Room, closing: Closing) -> int:
    """Erase every row's private data, the day having come; the number of rows. Raises AccessError `not-due`."""
    now_ms = room.clock.now_ms()
    if closing.workbook != room.workbook.id or closing.on_ms > now_ms:
        raise AccessError("not-due", "the day that was announced has not come")
    audit = AuditRecord(now_ms, closing.actor, "owner", "erase", detail=f"workbook, announced {closing.set_ms}")

    async def act() -> int:
        done = await room.storage.erase_workbook(room.workbook.id, audit)
        room.erased = True
        room.holdings_ended()
        await _tell(room, done)
        room.broadcast(write_frame(Control("erased", {"all": True})))
        return len(done)

    return await _whole(act())


async def erase_due(rooms: Rooms) -> int:
    """Erase every workbook whose day has come; how many were. One that fails does not keep the others waiting."""
    count = 0
    for closing in rooms.storage.closings():
        room = rooms.room(closing.workbook)
        if room is None or closing.on_ms > rooms.clock.now_ms():
            continue
        try:
            rows = await erase_workbook(room, closing)
        except StorageError as error:
            log.error("workbook %s could not be erased, once more in an hour: %s", closing.workbook, error.code)
            continue
        log.info("workbook %s: personal data of %d rows erased, as announced", closing.workbook, rows)
        count += 1
    return count


async def keep_days(rooms: Rooms) -> None:
    """Look now and every hour for days that have come, and for files still to be freed of what was erased. Endless."""
    while True:
        try:
            await erase_due(rooms)
            await rooms.storage.scour()
        except StorageError as error:
            log.error("erasures are put off for an hour: %s", error.code)
        await asyncio.sleep(LOOK_S)


def erased_since(room: Room, cursor: int) -> list[Control]:
    """What a client that was away since this cursor must forget; of a workbook that was erased, everything."""
    if room.erased:
        return [Control("erased", {"all": True})]
    gone = room.storage.erasures(room.workbook.id, after=cursor - 1)
    rows = [[one.sheet, one.row, one.whole] for one in gone]
    return [Control("erased", {"rows": rows[at : at + ROWS_PER_FRAME]}) for at in range(0, len(rows), ROWS_PER_FRAME)]


async def _whole(work: Coroutine[Any, Any, T]) -> T:
    """Do it to the end, whoever asked has hung up or not: a step of the feed that nobody told would stop the feed."""
    return await asyncio.shield(asyncio.ensure_future(work))


async def _tell(room: Room, done: list[Erased]) -> None:
    """Nothing of these rows stays in memory; the feed says that their masked forms are gone."""
    for one in done:
        room.forget(one.sheet, one.row)
        for actor in one.people:
            room.renamed(actor)
    for at, one in enumerate(done, 1):
        if one.position:
            room.feed.publish(one.position, _bare(room, one), one.touched, one.masked_touched)
        if at % ROWS_PER_TURN == 0:
            await asyncio.sleep(0)
    room.changed()
    room.suggestions_changed()


def _bare(room: Room, one: Erased) -> RowRecord:
    """The row as the feed has to tell it; its cells only where public words went too."""
    if one.whole:
        record = room.record(one.sheet, one.row)
        if record is not None:
            return record
    view = room.storage.view_row(room.workbook.id, one.sheet, one.row)
    no, author, created_ms, updated_ms = (
        (view.no, view.author, view.created_ms, view.updated_ms) if view else (0, "", 0, 0)
    )
    return RowRecord(room.workbook.id, one.sheet, one.row, no, author, created_ms, updated_ms, 0)


def _announcement(on_ms: int) -> str:
    day = datetime.fromtimestamp(on_ms / 1000, UTC).strftime("%Y-%m-%d")
    return f"个人信息（电话、姓名等）将于 {day} 清除 · Personal data will be erased on {day}"
