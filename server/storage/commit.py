"""Changes of rows as SQL: checked one by one, gathered, and written table by table.

I/O on the writer's connection, inside its transaction. Imported by `writer.py`. Python's `executemany` costs a third
of as many `execute`s, and a row changed ten times in a group is projected and indexed once.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from zlib import crc32

import msgspec

from schema.row import Cells
from server.errors import StorageError
from server.storage.contract import Columns, Receipt, Recorded, RowChange, suggestion_id
from server.storage.search import grams

RowKey = tuple[str, str, str]  # workbook, sheet, row

MAX_KEPT = 8_192  # rows remembered between transactions: some 1 kB each

ENTRY = (
    "INSERT INTO entries (workbook, seq, sheet, row, tier, edit, actor, session, origin, received_ms, accepted_by,"
    ' "update", seal)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
LEDGER_COLUMNS = "workbook, sheet, row, tier, edit, digest, verdict, reason, actor, version, recorded_ms, seq, seal"
# What is accepted stays accepted, and an edit id keeps its bytes: anything else is no line of the ledger.
LEDGER = (
    f"INSERT INTO ledger ({LEDGER_COLUMNS})"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET verdict = excluded.verdict,"
    " reason = excluded.reason, version = excluded.version, recorded_ms = excluded.recorded_ms, seq = excluded.seq,"
    " seal = excluded.seal"
    " WHERE digest = excluded.digest AND actor = excluded.actor AND verdict <> 'accepted'"
)
KILL = "INSERT OR IGNORE INTO kills (workbook, sheet, row, tier, path, edit) VALUES (?, ?, ?, ?, ?, ?)"
FEED = "INSERT INTO feed (workbook, position, sheet, row, touched, masked, seq) VALUES (?, ?, ?, ?, ?, ?, ?)"
SUGGESTION = (
    "INSERT INTO suggestions (workbook, id, sheet, row, tier, edit, actor, received_ms, reason, state,"
    " decided_by, decided_ms, decision, version, \"update\") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, '', 0, ?)"
)
DECIDE = (
    "UPDATE suggestions SET state = ?, decided_by = ?, decided_ms = ?, decision = ?, version = ?"
    " WHERE workbook = ? AND id = ? AND sheet = ? AND row = ? AND state IN ('pending', 'collision')"
)
AUDIT = (
    "INSERT INTO audit (workbook, at_ms, actor, role, act, sheet, row, reason, detail)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ROW = (
    "INSERT INTO rows (id, workbook, sheet, row, no, author, created_ms, status, urgency, over, rank, district,"
    " verify_state, summary, place, contact, lat, lon, updated_ms, version, erased, text, public, masked, private)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# Most edits leave a row where it is in the order of reading; naming an indexed column would write its two indexes anew.
ROW_CELLS = (
    "UPDATE rows SET verify_state = ?, summary = ?, place = ?, contact = ?, lat = ?, lon = ?,"
    " updated_ms = ?, version = ?, erased = ?, text = ?, public = ?, masked = ?, private = ? WHERE id = ?"
)
# And most leave the private tier alone: its columns are half of the row.
ROW_PUBLIC = (
    "UPDATE rows SET verify_state = ?, summary = ?, place = ?, lat = ?, lon = ?, updated_ms = ?, version = ?, text = ?,"
    " public = ? WHERE id = ?"
)
ROW_ORDER = "UPDATE rows SET status = ?, urgency = ?, over = ?, rank = ?, district = ? WHERE id = ?"
UNWORDS = "DELETE FROM search WHERE rowid = ?"
WORDS = "INSERT INTO search (rowid, grams) VALUES (?, ?)"
STORED = (
    "SELECT id, no, author, created_ms, updated_ms, version, text, lat, lon, status, urgency, over, rank,"
    " district FROM rows"
    " WHERE workbook = ? AND sheet = ? AND row = ?"
)


@dataclass(slots=True)
class Projected:
    """A row as this batch has brought it so far, and what the tables held before it."""

    id: int
    no: int
    author: str
    created_ms: int
    updated_ms: int
    version: int
    indexed_text: str | None  # None: not in the tables yet
    indexed_place: tuple[float | None, float | None]
    indexed_order: tuple[object, ...]
    change: RowChange | None = None
    is_private: bool = False  # the private tier, or what the public sees of it, is to be written too


class Batch:
    """A transaction's changes. `add` checks one and numbers what it writes; `write` writes all that was added.

    `kept` is what the tables held of rows after earlier batches: a row that many people write is not read for each of them.
    """

    def __init__(self, conn: sqlite3.Connection, kept: dict[RowKey, Projected] | None = None) -> None:
        self._conn = conn
        self._kept = {} if kept is None else kept
        self._rows: dict[RowKey, Projected] = {}
        self._counters: dict[str, list[int]] = {}  # workbook → [last seq, last position]
        self._numbers: dict[tuple[str, str], int] = {}
        self._last_id = -1
        self._entries: list[tuple[object, ...]] = []
        self._ledger: list[tuple[object, ...]] = []
        self._kills: list[tuple[object, ...]] = []
        self._feed: list[tuple[object, ...]] = []
        self._suggestions: list[tuple[object, ...]] = []
        self._decided: list[tuple[object, ...]] = []
        self._audit: list[tuple[object, ...]] = []

    def add(self, change: RowChange) -> Receipt | StorageError:
        """The receipt of a change, or why it cannot be written; then nothing of it is."""
        record = change.record
        key = (record.workbook, record.sheet, record.row)
        counters = self._counters_of(record.workbook)
        if counters is None:
            return StorageError("workbook-unknown", "a change names a workbook that does not exist")
        if not change.recorded and not change.decided:
            return StorageError("change-empty", "a change neither records nor decides an edit")
        stored = self._stored(key)
        accepted = [one for one in change.recorded if one.verdict == "accepted" and not one.ledger_only]
        author = next((one.edit.actor for one in accepted if one.tier == "public"), "")
        creates = stored is None and author != ""
        if stored is None and not creates:
            if accepted:
                return StorageError("row-unknown", "a private edit was accepted for a row that does not exist")
            self._record(change, key, version=0)
            return Receipt(0, counters[0], 0)
        if record.version != (stored.version if stored else 0) + 1:
            return StorageError(
                "row-moved-on",
                "the row was changed since it was read",
                "the row is read anew and the edit judged again",
            )
        if stored is None:
            stored = self._create(key, author=author, now_ms=change.received_ms)
        self._record(change, key, version=record.version)
        stored.version = record.version
        stored.change = change
        if change.masked_touched or any(one.tier == "private" for one in accepted):
            stored.is_private = True
        if accepted:
            stored.updated_ms = max(stored.updated_ms, change.received_ms)
        position = 0
        if change.touched or change.masked_touched:
            counters[1] = position = counters[1] + 1
            told = to_json(change.touched), to_json(change.masked_touched)
            self._feed.append((*key[:1], position, *key[1:], *told, counters[0]))
        return Receipt(stored.no, counters[0], position)

    def write(self) -> None:
        """Write everything added. Raises sqlite3.Error or StorageError; the caller rolls back."""
        conn = self._conn
        for statement, lines in (
            (ENTRY, self._entries),
            (KILL, self._kills),
            (FEED, self._feed),
            (SUGGESTION, self._suggestions),
            (AUDIT, self._audit),
        ):
            if lines:
                conn.executemany(statement, lines)
        if self._ledger and conn.executemany(LEDGER, self._ledger).rowcount != len(self._ledger):
            raise StorageError("edit-recorded", "the edit was recorded already, with other bytes or as accepted")
        if self._decided and conn.executemany(DECIDE, self._decided).rowcount != len(self._decided):
            raise StorageError("suggestion-decided", "the suggestion was decided already, or there is none")
        changed = [(row, row.change) for row in self._rows.values() if row.change is not None]
        if changed:
            self._project(changed)
            self._index(changed)
        conn.executemany(
            "UPDATE workbooks SET last_seq = ?, last_position = ? WHERE id = ?",
            [(*counters, workbook) for workbook, counters in self._counters.items()],
        )
        conn.executemany(
            "INSERT INTO numbers (workbook, sheet, last_no) VALUES (?, ?, ?)"
            " ON CONFLICT (workbook, sheet) DO UPDATE SET last_no = excluded.last_no",
            [(*key, last) for key, last in self._numbers.items()],
        )
        self._keep()

    def _keep(self) -> None:
        for key, row in self._rows.items():
            if row.change is not None:
                columns = row.change.columns
                row.indexed_text, row.indexed_place = columns.text, (columns.lat, columns.lon)
                row.indexed_order, row.change, row.is_private = order_of(columns), None, False
            self._kept[key] = row
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]

    # -- what the tables hold

    def _counters_of(self, workbook: str) -> list[int] | None:
        if workbook not in self._counters:
            found = self._conn.execute(
                "SELECT last_seq, last_position FROM workbooks WHERE id = ?", (workbook,)
            ).fetchone()
            if found is None:
                return None
            self._counters[workbook] = list(found)
        return self._counters[workbook]

    def _stored(self, key: RowKey) -> Projected | None:
        if key not in self._rows and (kept := self._kept.pop(key, None)) is not None:
            self._rows[key] = kept
        if key not in self._rows:
            found = self._conn.execute(STORED, key).fetchone()
            if found is None:
                return None
            name, no, author, created_ms, updated_ms, version, text, lat, lon, *order = found
            self._rows[key] = Projected(
                name, no, author, created_ms, updated_ms, version, text, (lat, lon), tuple(order)
            )
        return self._rows[key]

    # -- what a change adds

    def _create(self, key: RowKey, *, author: str, now_ms: int) -> Projected:
        if self._last_id < 0:
            self._last_id = self._conn.execute("SELECT coalesce(max(id), 0) FROM rows").fetchone()[0]
        self._last_id += 1
        row = Projected(
            self._last_id,
            self._next_number(key[0], key[1]),
            author,
            now_ms,
            now_ms,
            0,
            None,
            (None, None),
            (),
        )
        self._rows[key] = row
        return row

    def _next_number(self, workbook: str, sheet: str) -> int:
        key = (workbook, sheet)
        if key not in self._numbers:
            found = self._conn.execute("SELECT last_no FROM numbers WHERE workbook = ? AND sheet = ?", key).fetchone()
            self._numbers[key] = found[0] if found else 0
        self._numbers[key] += 1
        return self._numbers[key]

    def _record(self, change: RowChange, key: RowKey, *, version: int) -> None:
        lines: dict[tuple[str, str], tuple[object, ...]] = {}
        for recorded in change.recorded:
            seq = 0
            if not recorded.ledger_only and recorded.verdict == "accepted":
                seq = self._accept(change, recorded, key)
            elif not recorded.ledger_only and recorded.verdict == "suggested":
                self._suggest(change, recorded, key)
            if recorded.reason != "collision":  # of a collision the ledger keeps the edit that came first
                lines[recorded.tier, recorded.edit.edit] = sealed(
                    *key,
                    recorded.tier,
                    recorded.edit.edit,
                    recorded.digest,
                    recorded.verdict,
                    recorded.reason,
                    recorded.edit.actor,
                    version,
                    change.received_ms,
                    seq,
                )
        self._ledger.extend(lines.values())
        for suggestion, state, reason in change.decided:
            workbook, sheet, row = key
            self._decided.append(
                (state, change.actor, change.received_ms, reason, version, workbook, suggestion, sheet, row)
            )
        for line in change.audit:
            self._audit.append(
                (
                    key[0],
                    line.at_ms,
                    line.actor,
                    line.role,
                    line.act,
                    line.sheet,
                    line.row,
                    line.reason,
                    line.detail,
                )
            )

    def _accept(self, change: RowChange, recorded: Recorded, key: RowKey) -> int:
        workbook, sheet, row = key
        counters = self._counters[workbook]
        counters[0] += 1
        edit = recorded.edit
        self._entries.append(
            sealed(
                workbook,
                counters[0],
                sheet,
                row,
                recorded.tier,
                edit.edit,
                edit.actor,
                change.session,
                change.origin,
                change.received_ms,
                recorded.accepted_by,
                recorded.update,
            )
        )
        for path, replaced in edit.seen.items():
            self._kills.extend((workbook, sheet, row, recorded.tier, path, dead) for dead in replaced)
        return counters[0]

    def _suggest(self, change: RowChange, recorded: Recorded, key: RowKey) -> None:
        workbook, sheet, row = key
        edit = recorded.edit
        collision = recorded.reason == "collision"
        name = suggestion_id(
            sheet, row, tier=recorded.tier, edit=edit.edit, collision=recorded.digest if collision else ""
        )
        self._suggestions.append(
            (
                workbook,
                name,
                sheet,
                row,
                recorded.tier,
                edit.edit,
                edit.actor,
                change.received_ms,
                recorded.reason,
                "collision" if collision else "pending",
                recorded.update,
            )
        )

    def _project(self, changed: list[tuple[Projected, RowChange]]) -> None:
        """The rows themselves: new ones whole, others by their cells, and by their order only where that moved."""
        conn = self._conn
        new: list[tuple[object, ...]] = []
        cells: list[tuple[object, ...]] = []
        public: list[tuple[object, ...]] = []
        moved: list[tuple[object, ...]] = []
        for row, change in changed:
            record, order = change.record, order_of(change.columns)
            if row.indexed_text is not None and order != row.indexed_order:
                moved.append((*order, row.id))
            if row.indexed_text is not None and not row.is_private:
                public.append((*_public_line(row, change), row.id))
                continue
            line = (*words_of(change.columns), *_cells_line(row, change))
            if row.indexed_text is None:
                key = (row.id, record.workbook, record.sheet, record.row, row.no, row.author, row.created_ms)
                new.append((*key, *order, *line))
                continue
            cells.append((*line, row.id))
        for statement, lines in ((ROW, new), (ROW_CELLS, cells), (ROW_PUBLIC, public), (ROW_ORDER, moved)):
            if lines:
                conn.executemany(statement, lines)

    def _index(self, changed: list[tuple[Projected, RowChange]]) -> None:
        """Full text and places of the rows whose words or place are other than before."""
        conn = self._conn
        worded = [(row, change) for row, change in changed if change.columns.text != row.indexed_text]
        for statement, lines in (
            (UNWORDS, [(row.id,) for row, _ in worded if row.indexed_text is not None]),
            (WORDS, [(row.id, grams(change.columns.text)) for row, change in worded]),
        ):
            if lines:
                conn.executemany(statement, lines)
        moved = [
            (row, change.columns)
            for row, change in changed
            if (change.columns.lat, change.columns.lon) != row.indexed_place
        ]
        if not moved:
            return
        conn.executemany("DELETE FROM places WHERE id = ?", [(row.id,) for row, _ in moved])
        conn.executemany(
            "INSERT INTO places (id, south, north, west, east) VALUES (?, ?, ?, ?, ?)",
            [
                (row.id, columns.lat, columns.lat, columns.lon, columns.lon)
                for row, columns in moved
                if columns.lat is not None and columns.lon is not None
            ],
        )


def sealed(*fields: object) -> tuple[object, ...]:
    """A line of the log or ledger and its checksum: what nothing else in the database could show to be altered."""
    return (*fields, crc32(repr(fields).encode()))


def to_json(value: object) -> str:
    """Compact JSON, Chinese as it is: an operator reads these cells."""
    return msgspec.json.encode(value).decode()


def _cells(cells: Cells) -> str:
    """`plain` as JSON, in one go: every edit writes its row's cells anew, and calls per value were a third of that."""
    return to_json(
        {path: [[live.edit, live.value, live.actor, live.at_ms] for live in cells[path]] for path in sorted(cells)}
    )


def _cells_line(row: Projected, change: RowChange) -> tuple[object, ...]:
    record = change.record
    return (
        row.updated_ms,
        row.version,
        int(record.erased),
        change.columns.text,
        _cells(record.public.cells),
        to_json({path: record.masked[path] for path in sorted(record.masked)}),
        _cells(record.private.cells),
    )


def _public_line(row: Projected, change: RowChange) -> tuple[object, ...]:
    columns = change.columns
    words = columns.verify_state, columns.summary, columns.place, columns.lat, columns.lon
    return (*words, row.updated_ms, row.version, columns.text, _cells(change.record.public.cells))


def order_of(columns: Columns) -> tuple[object, ...]:
    """What the order of reading and its filters stand on: status, urgency, over, rank, district."""
    return columns.status, columns.urgency, int(columns.over), columns.rank, columns.district


def words_of(columns: Columns) -> tuple[object, ...]:
    """The other real columns, text apart: verify_state, summary, place, contact, lat, lon."""
    return (
        columns.verify_state,
        columns.summary,
        columns.place,
        columns.contact,
        columns.lat,
        columns.lon,
    )
