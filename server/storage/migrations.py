"""The tables of `data.db`, made and changed by ordered, named steps that the database itself records.

I/O on the connection given. Imported under `server/storage/` only. A step that has been released is never edited: add
another.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlite_utils import Database, Migrations

from server.errors import StorageError
from server.storage.connection import storage_error

migrations = Migrations("rescue-sheet")


def migrate(conn: sqlite3.Connection) -> list[str]:
    """Apply what is pending; the names applied. Raises StorageError, also where another program has migrated."""
    try:
        database = Database(conn, execute_plugins=False)
        known = {step.name for step in migrations.pending(database)} | {
            step.name for step in migrations.applied(database)
        }
        names = [step.name for step in migrations._migrations]
        if known - set(names):
            raise StorageError(
                "storage-newer",
                "the database was migrated by another version of the program",
                "run that version, or restore a backup made by this one",
            )
        pending = [step.name for step in migrations.pending(database)]
        migrations.apply(database)
    except sqlite3.Error as error:
        raise storage_error("migrate", error) from error
    return pending


def _create(database: Database, name: str, columns: dict[str, Any], **options: Any) -> None:
    """One STRICT table, every column required unless named in `nullable`."""
    nullable = set(options.pop("nullable", ()))
    database.table(name).create(columns, not_null=set(columns) - nullable, strict=True, **options)


@migrations()
def m01_server_and_workbooks(database: Database) -> None:
    """Who this store is, and the workbooks it holds with their counters."""
    _create(database, "server", {"name": str, "value": str}, pk="name")
    _create(
        database,
        "workbooks",
        {
            "id": str,
            "title": str,
            "drill": int,
            "key": str,
            "home": str,
            "created_ms": int,
            "protection": str,
            "notice": str,
            "last_seq": int,
            "last_position": int,
        },
        pk="id",
    )
    _create(
        database,
        "numbers",
        {"workbook": str, "sheet": str, "last_no": int},
        pk=("workbook", "sheet"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )


@migrations()
def m02_log_and_ledger(database: Database) -> None:
    """The log, the ledger and the kills: never compacted.

    A row's entries are found by the `seq` its ledger keeps (0 where an edit was not accepted), and the ledger is what
    lets an edit be accepted once: an index on the log by row would be written in one more place for every edit.
    """
    _create(
        database,
        "entries",
        {
            "workbook": str,
            "seq": int,
            "sheet": str,
            "row": str,
            "tier": str,
            "edit": str,
            "actor": str,
            "session": str,
            "origin": str,
            "received_ms": int,
            "accepted_by": str,
            "update": bytes,
            "seal": int,
        },
        pk=("workbook", "seq"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.execute(
        "CREATE TABLE ledger (workbook TEXT NOT NULL, sheet TEXT NOT NULL, row TEXT NOT NULL, tier TEXT NOT NULL,"
        " edit TEXT NOT NULL, digest TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,"
        " version INTEGER NOT NULL, recorded_ms INTEGER NOT NULL, seq INTEGER NOT NULL, seal INTEGER NOT NULL,"
        " PRIMARY KEY (workbook, sheet, row, tier, edit)) STRICT, WITHOUT ROWID"
    )
    database.execute(
        "CREATE TABLE kills (workbook TEXT NOT NULL, sheet TEXT NOT NULL, row TEXT NOT NULL, tier TEXT NOT NULL,"
        " path TEXT NOT NULL, edit TEXT NOT NULL,"
        " PRIMARY KEY (workbook, sheet, row, tier, path, edit)) STRICT, WITHOUT ROWID"
    )
    _create(
        database,
        "documents",
        {
            "workbook": str,
            "sheet": str,
            "row": str,
            "tier": str,
            "generation": int,
            "seq": int,
            "update": bytes,
        },
        pk=("workbook", "sheet", "row", "tier"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )


@migrations()
def m03_projection(database: Database) -> None:
    """What is derived from the log: rows, the public feed, full text, places on the map."""
    _create(
        database,
        "rows",
        {
            "id": int,
            "workbook": str,
            "sheet": str,
            "no": int,
            "row": str,
            "status": str,
            "urgency": str,
            "verify_state": str,
            "over": int,
            "rank": int,
            "summary": str,
            "place": str,
            "district": str,
            "contact": str,
            "lat": float,
            "lon": float,
            "author": str,
            "created_ms": int,
            "updated_ms": int,
            "version": int,
            "erased": int,
            "text": str,
            "public": str,
            "masked": str,
            "private": str,
        },
        pk="id",
        nullable=("lat", "lon"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    rows = database.table("rows")
    rows.create_index(["workbook", "sheet", "row"], unique=True)
    rows.create_index(["workbook", "sheet", "no"], unique=True)
    # The order of reading, over all sheets and within one.
    database.execute(
        "CREATE INDEX rows_by_rank ON rows (workbook, over, rank, created_ms DESC, sheet, no DESC, status, urgency)"
    )
    database.execute(
        "CREATE INDEX rows_of_sheet_by_rank ON rows"
        " (workbook, sheet, over, rank, created_ms DESC, no DESC, status, urgency)"
    )
    database.execute(
        "CREATE TABLE feed (workbook TEXT NOT NULL REFERENCES workbooks(id), position INTEGER NOT NULL,"
        " sheet TEXT NOT NULL, row TEXT NOT NULL, touched TEXT NOT NULL, masked TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (workbook, position)) STRICT, WITHOUT ROWID"
    )
    # detail=full: with less, phrases and ranking break. ascii: every bigram is one token, whatever Unicode FTS5 knows.
    database.execute("CREATE VIRTUAL TABLE search USING fts5(grams, tokenize='ascii', detail=full)")
    database.execute("CREATE VIRTUAL TABLE places USING rtree(id, south, north, west, east)")


@migrations()
def m04_moderation(database: Database) -> None:
    """What waits for a decision, and who did what."""
    _create(
        database,
        "suggestions",
        {
            "workbook": str,
            "id": str,
            "sheet": str,
            "row": str,
            "tier": str,
            "edit": str,
            "actor": str,
            "received_ms": int,
            "reason": str,
            "state": str,
            "decided_by": str,
            "decided_ms": int,
            "decision": str,
            "version": int,
            "update": bytes,
        },
        pk=("workbook", "id"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    suggestions = database.table("suggestions")
    suggestions.create_index(["workbook", "state", "received_ms"])
    suggestions.create_index(["workbook", "sheet", "row"])
    _create(
        database,
        "audit",
        {
            "id": int,
            "workbook": str,
            "at_ms": int,
            "actor": str,
            "role": str,
            "act": str,
            "sheet": str,
            "row": str,
            "reason": str,
            "detail": str,
        },
        pk="id",
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    audit = database.table("audit")
    audit.create_index(["workbook", "row"])
    audit.create_index(["workbook", "act"])


@migrations()
def m05_identity(database: Database) -> None:
    """Who is who. Secrets only as digests."""
    _create(database, "actors", {"actor": str, "name": str, "first_ms": int, "last_ms": int}, pk="actor")
    _create(
        database,
        "sessions",
        {
            "id": str,
            "secret_digest": str,
            "workbook": str,
            "actor": str,
            "created_ms": int,
            "expires_ms": int,
            "revoked_ms": int,
        },
        pk="id",
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.table("sessions").create_index(["secret_digest"], unique=True)
    _create(
        database,
        "invites",
        {
            "id": str,
            "workbook": str,
            "secret_digest": str,
            "role": str,
            "team": str,
            "uses_left": int,
            "expires_ms": int,
            "created_by": str,
            "created_ms": int,
            "revoked_ms": int,
        },
        pk=("workbook", "id"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.table("invites").create_index(["workbook", "secret_digest"], unique=True)
    _create(
        database,
        "grants",
        {
            "workbook": str,
            "actor": str,
            "role": str,
            "team": str,
            "invite": str,
            "granted_ms": int,
            "revoked_ms": int,
        },
        pk=("workbook", "actor"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.table("grants").create_index(["workbook", "invite"])
    _create(
        database,
        "holds",
        {"workbook": str, "sheet": str, "row": str, "actor": str, "at_ms": int},
        pk=("workbook", "actor", "sheet", "row"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    _create(
        database,
        "codes",
        {"workbook": str, "sheet": str, "row": str, "code_digest": str},
        pk=("workbook", "sheet", "row"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )


@migrations()
def m06_links(database: Database) -> None:
    """Row links that were issued anew: the newest one opens the row, the row secret no longer does."""
    _create(
        database,
        "links",
        {"workbook": str, "sheet": str, "row": str, "secret_digest": str, "issued_ms": int, "issued_by": str},
        pk=("workbook", "sheet", "row"),
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.table("sessions").create_index(["workbook", "actor"])


@migrations()
def m07_erasures(database: Database) -> None:
    """What was erased, and when a workbook will be; the orders of reading carry the district.

    No foreign key: a store restored from a backup older than a row, or than its workbook, must know of its erasure.
    """
    _create(
        database,
        "erasures",
        {
            "workbook": str,
            "sheet": str,  # "" with "": the workbook itself, every row that will ever be in it
            "row": str,
            "whole": int,
            "at_ms": int,
            "seq": int,  # the log up to here has lost its private bytes
            "position": int,  # the feed's last step when it was done
            "version": int,
            "changed_ms": int,  # when the row was last changed before
        },
        pk=("workbook", "sheet", "row"),
    )
    database.table("erasures").create_index(["workbook", "position"])
    _create(
        database,
        "closings",
        {"workbook": str, "on_ms": int, "actor": str, "set_ms": int},
        pk="workbook",
        foreign_keys=[("workbook", "workbooks", "id")],
    )
    database.execute("DROP INDEX rows_by_rank")
    database.execute("DROP INDEX rows_of_sheet_by_rank")
    order = "over, rank, created_ms DESC"
    shown = "status, urgency, district"
    database.execute(f"CREATE INDEX rows_by_rank ON rows (workbook, {order}, sheet, no DESC, {shown})")
    database.execute(f"CREATE INDEX rows_of_sheet_by_rank ON rows (workbook, sheet, {order}, no DESC, {shown})")
