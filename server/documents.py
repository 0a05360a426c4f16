"""Row documents: built from the log when somebody reads them, written anew when they grow.

I/O through storage. Rule ED16: a document's fold equals the stored row. Compaction never deletes keys (yrs keeps key text for ever): it
writes a new document, a generation higher, from the live values and their stamps.
"""

from __future__ import annotations

from dataclasses import dataclass

from schema.edits import Tier
from schema.encoding import encode_items, stamp_key, value_key
from schema.gate import read_edit
from schema.row import TierState
from server.clock import Clock
from server.errors import RoomFailed
from server.replica import Replica, same_cells
from server.storage.contract import LogEntry, Storage

MAX_DOCUMENT_BYTES = 32 * 1024  # 1,000 edits are 99 kB; a row's live values ~2 kB
MAX_DEAD_KEYS = 200
CLIENTS = 2**48  # compacted documents are written under a client id no edit can have


@dataclass(frozen=True, slots=True)
class Document:
    """A row's document of one generation: the base it was written anew from, and the edits since."""

    generation: int
    base: bytes
    since: tuple[bytes, ...]
    seq: int

    @property
    def updates(self) -> tuple[bytes, ...]:
        return ((self.base,) if self.base else ()) + self.since

    @property
    def size(self) -> int:
        return sum(len(update) for update in self.updates)


async def open_document(
    storage: Storage, workbook: str, sheet: str, row: str, tier: Tier, *, clock: Clock, compacts: bool
) -> Document:
    """The row's document now. Where `compacts`, it is written anew first if it has grown or would not fold to the row."""
    found = read_document(storage, workbook, sheet, row, tier)
    record = storage.load_row(workbook, sheet, row)
    if record is None or not compacts:
        return found
    state = record.tier(tier)
    if not wants_compaction(found, state):
        return found
    seq = max([found.seq, *(entry.seq for entry in _entries(storage, workbook, sheet, row))])
    generation = found.generation + 1
    update = compact(tier_edits(storage, workbook, sheet, row, tier), state, clock=clock)
    await storage.save_document(workbook, sheet, row, tier, generation, update, seq)
    return Document(generation, update, (), seq)


def read_document(storage: Storage, workbook: str, sheet: str, row: str, tier: Tier) -> Document:
    """The newest generation as stored: its base and what was accepted since, except edits that are dead whole."""
    generation, base, seq = storage.document(workbook, sheet, row, tier)
    record = storage.load_row(workbook, sheet, row)
    since = []
    for entry in _entries(storage, workbook, sheet, row):
        if entry.tier != tier or entry.seq <= seq:
            continue
        if generation and record is not None and _dead(entry, record.tier(tier)):
            continue
        since.append(entry.update)
    return Document(generation, base, tuple(since), seq)


def wants_compaction(document: Document, state: TierState) -> bool:
    """Too large, too many dead keys, or an edit that came late and is partly dead (it would come alive again)."""
    if document.size > MAX_DOCUMENT_BYTES:
        return True
    try:
        replica = Replica(document.updates)
    except RoomFailed:
        return True  # yrs cannot build it: the document is lost, the log is not (rule ED23)
    held = sum(len(read_edit(update).writes) for update in document.since)
    if held - sum(len(values) for values in state.cells.values()) > MAX_DEAD_KEYS:
        return True
    return document.generation > 0 and not same_cells(replica.cells(), state.cells)


def compact(log: list[LogEntry], state: TierState, *, clock: Clock) -> bytes:
    """The live values and their stamps as one update of a fresh client: a new document, never merged with an older one."""
    items: list[tuple[str, object]] = []
    stamps = {entry.edit: read_edit(entry.update) for entry in log}
    live = {entry.edit for values in state.cells.values() for entry in values}
    for edit in sorted(live):
        stamp = stamps[edit]
        seen = {path: list(stamp.seen[path]) for path in sorted(stamp.seen)}
        items.append((stamp_key(edit), [stamp.actor, stamp.at_ms, seen]))
    for path in sorted(state.cells):
        items.extend((value_key(path, entry.edit), entry.value) for entry in state.cells[path])
    client = CLIENTS + int.from_bytes(clock.random62(4).encode(), "big") % 2**32
    return encode_items(client, items)


def tier_edits(storage: Storage, workbook: str, sheet: str, row: str, tier: Tier) -> list[LogEntry]:
    """Every accepted edit of one tier of a row, in log order."""
    return [entry for entry in _entries(storage, workbook, sheet, row) if entry.tier == tier]


def _entries(storage: Storage, workbook: str, sheet: str, row: str) -> list[LogEntry]:
    found: list[LogEntry] = []
    after = 0
    while helping := storage.log(workbook, sheet=sheet, row=row, after=after):
        found += helping
        after = helping[-1].seq
    return found


def _dead(entry: LogEntry, state: TierState) -> bool:
    return all(state.is_dead(path, entry.edit) for path in read_edit(entry.update).writes)
