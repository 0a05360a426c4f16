"""verify, rebuild: a healthy store is well, and no byte of what is derived can be altered unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from schema.row import plain
from server.clock import SystemClock
from server.errors import StorageError
from server.storage.contract import Columns, RowRecord, Storage
from server.storage.rebuild import rebuild
from server.storage.replay import Masked
from server.storage.sqlite import DATABASE, open_storage
from server.storage.verify import Report, verify
from tests.contracts.building import (
    BOOK,
    OTHER,
    RECEIVED_MS,
    Author,
    Row,
    Wish,
    audit,
    columns_of,
    masked_of,
    row_of,
    workbook,
)


def projection(record: RowRecord, now_ms: int) -> tuple[Masked, Columns]:
    record.masked = masked_of(record)
    return record.masked, columns_of(record, now_ms)


def check(folder: Path) -> Report:
    return verify(folder / DATABASE, projection=projection)


async def fill(store: Storage) -> None:
    """Three rows with everything a row can have."""
    await store.add_workbook(workbook())
    author, other = Author(), Author(OTHER, offset=500)
    first = Row(row_of(1))
    place = author.edit({"place": "米河镇", "urgency": "high", "geo": ["34.7", "113.2", "wgs84", "", ""]})
    await store.commit([first.change(place, Wish(author.edit({"contact_phone": "14212345678"}), "private"))])
    await store.commit([first.change(other.edit({"place": "巩义市米河镇"}, {"place": [place.edit]}))])
    wish = Wish(other.edit({"urgency": "critical"}), verdict="suggested", reason="needs-verifier")
    await store.commit([first.change(wish, received_ms=RECEIVED_MS + 7)])
    [waiting] = store.suggestions(BOOK)
    second = Row(row_of(2))
    await store.commit([second.change(author.edit({"place": "郑州", "summary": "三人"}), audit=(audit("import"),))])
    refused = Wish(other.edit({"nonsense": "x"}), verdict="refused", reason="unknown-field")
    await store.commit([second.change(refused, received_ms=RECEIVED_MS + 8)])
    declined = ((waiting.id, "declined", "已核实"),)
    await store.commit([first.change(decided=declined, received_ms=RECEIVED_MS + 9)])
    await store.commit([Row(row_of(3), sheet="hazard").change(author.edit({"place": "漏电"}))])
    held = Wish(other.edit({"summary": "x"}), verdict="suggested", reason="held")
    await store.commit([Row(row_of(4)).change(held)])


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    store = open_storage(tmp_path)
    await fill(store)
    await store.close()
    return tmp_path


def alter(folder: Path, statement: str) -> None:
    conn = sqlite3.connect(folder / DATABASE, isolation_level=None)
    changed = conn.execute(statement).rowcount
    conn.close()
    assert changed != 0, "the alteration altered nothing"


def test_SO16_an_untouched_store_is_well(folder: Path) -> None:
    report = check(folder)
    assert report.differences == []
    assert report.well and len(report.log_digest) == 64
    assert report.counts["entries"] == 5 and report.counts["rows"] == 3 and report.counts["ledger"] == 8


def test_verify_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        verify(tmp_path / DATABASE)
    assert caught.value.code == "storage-unreachable"


ROW_TEXTS = "status urgency verify_state summary place district contact author text public masked private"
ROW_NUMBERS = "no over rank lat lon created_ms updated_ms version"
LEDGER_TEXTS = "digest verdict reason actor"
ENTRY_TEXTS = "sheet row tier edit actor session origin accepted_by"

ALTERATIONS = [
    *(f"UPDATE rows SET {column} = {column} || 'x' WHERE id = 1" for column in ROW_TEXTS.split()),
    *(f"UPDATE rows SET {column} = {column} + 50 WHERE id = 1" for column in ROW_NUMBERS.split()),
    "UPDATE rows SET lat = NULL WHERE id = 1",
    "UPDATE rows SET public = replace(public, '巩义', '郑州') WHERE id = 1",
    "UPDATE rows SET row = 'AAAAAAAAAAAAAAAA' WHERE id = 1",
    "DELETE FROM rows WHERE id = 2",
    *(
        f"UPDATE ledger SET {column} = {column} || 'x' WHERE verdict = '{verdict}'"
        for column in LEDGER_TEXTS.split()
        for verdict in ("accepted", "suggested", "refused")
    ),
    "UPDATE ledger SET version = version + 1 WHERE verdict = 'refused'",
    "UPDATE ledger SET recorded_ms = 5 WHERE verdict = 'refused'",
    "UPDATE ledger SET seal = seal + 1 WHERE verdict = 'refused'",
    "UPDATE ledger SET verdict = 'refused' WHERE verdict = 'accepted'",
    "DELETE FROM ledger WHERE verdict = 'accepted'",
    "UPDATE kills SET edit = '00000000'",
    "UPDATE kills SET path = 'summary'",
    "UPDATE kills SET tier = 'private'",
    "DELETE FROM kills",
    "INSERT INTO kills SELECT workbook, sheet, row, tier, 'summary', edit FROM kills",
    f"INSERT INTO kills VALUES ('{BOOK}', 'help', '{row_of(9)}', 'public', 'place', '00000000')",
    "UPDATE search_content SET c0 = replace(c0, '米河', '米何') WHERE id = 1",
    "UPDATE search_content SET c0 = c0 || ' x' WHERE id = 2",
    "DELETE FROM search_content WHERE id = 1",
    "DELETE FROM search WHERE rowid = 1",
    "INSERT INTO search (rowid, grams) VALUES (77, 'x')",
    "UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10",
    "UPDATE search_docsize SET sz = x'01'",
    "UPDATE places SET north = north + 1 WHERE id = 1",
    "DELETE FROM places WHERE id = 1",
    "INSERT INTO places VALUES (88, 1, 1, 2, 2)",
    "UPDATE feed SET touched = '[\"summary\"]' WHERE position = 2",
    "UPDATE feed SET masked = '[\"person_name\"]' WHERE position = 1",
    "UPDATE feed SET touched = touched || 'x' WHERE position = 2",
    f"UPDATE feed SET row = '{row_of(3)}' WHERE position = 2",
    "DELETE FROM feed WHERE position = 2",
    "DELETE FROM feed WHERE position = (SELECT max(position) FROM feed)",
    *(f"UPDATE entries SET {column} = {column} || 'x' WHERE seq = 1" for column in ENTRY_TEXTS.split()),
    "UPDATE entries SET received_ms = received_ms + 1 WHERE seq = 1",
    'UPDATE entries SET "update" = CAST("update" || \'x\' AS BLOB) WHERE seq = 1',
    "UPDATE entries SET \"update\" = x'00' WHERE seq = 1",
    "UPDATE entries SET seq = 99 WHERE seq = 5",
    "DELETE FROM entries WHERE seq = 3",
    "UPDATE workbooks SET last_seq = last_seq + 1",
    "UPDATE workbooks SET last_position = last_position - 1",
    "UPDATE numbers SET last_no = last_no + 1 WHERE sheet = 'help'",
    "DELETE FROM numbers WHERE sheet = 'hazard'",
    "UPDATE suggestions SET \"update\" = x'00' WHERE state = 'pending'",
    "DELETE FROM suggestions WHERE state = 'pending'",
    "UPDATE suggestions SET version = version + 1 WHERE state = 'declined'",
]


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_SO16_an_altered_line_is_found(folder: Path, statement: str) -> None:
    alter(folder, statement)
    report = check(folder)
    assert not report.well
    told = "\n".join(report.differences)
    assert "14212345678" not in told and "米河" not in told and "142****" not in told


async def test_SO16_a_document_that_does_not_fold_to_the_row_is_found(folder: Path) -> None:
    store = open_storage(folder)
    [entry, *_] = store.log(BOOK, sheet="help", row=row_of(1))
    await store.save_document(BOOK, "help", row_of(1), "public", 1, entry.update, 1)
    await store.save_document(BOOK, "help", row_of(2), "public", 1, entry.update, 4)
    await store.close()
    assert check(folder).differences == [f"documents {BOOK}/help/{row_of(2)}/public: does not fold to the row"]


def test_SO16_a_flipped_byte_of_the_file_never_passes_for_well_read_wrong(folder: Path) -> None:
    """Any byte: either the flip is reported, or it lies where nothing is kept and everything still reads the same."""
    path = folder / DATABASE
    whole = path.read_bytes()
    before = check(folder)
    whole = path.read_bytes()
    quiet = 0
    for at in range(40, len(whole), 997):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        try:
            report = check(folder)
        except StorageError:
            continue
        if report.well:
            quiet += 1
            assert (report.log_digest, report.counts) == (before.log_digest, before.counts)
    path.write_bytes(whole)
    assert quiet < len(range(40, len(whole), 997))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rows",
        "DELETE FROM kills",
        "DELETE FROM ledger WHERE verdict <> 'refused'",
        "UPDATE ledger SET digest = 'x', actor = 'y'",
        "DELETE FROM search",
        "DELETE FROM places",
        "DELETE FROM feed",
        "DELETE FROM numbers",
        "UPDATE workbooks SET last_seq = 0, last_position = 0",
        "UPDATE rows SET public = '{}', private = '{}', masked = '{}', text = '', version = 9, no = no + 100",
    ],
)
async def test_SO17_rebuilding_restores_what_was_derived(folder: Path, statement: str) -> None:
    store = open_storage(folder)
    records = [store.load_row(BOOK, "help", row_of(number)) for number in (1, 2)]
    found = [view.row for view in store.list_rows(BOOK, search="米河")]
    epoch = store.epoch
    await store.close()
    alter(folder, statement)
    assert not check(folder).well
    assert rebuild(folder / DATABASE, clock=SystemClock(), projection=projection) == 3
    assert check(folder).differences == []
    store = open_storage(folder)
    for before in records:
        assert before is not None
        after = store.load_row(BOOK, "help", before.row)
        assert after is not None and plain(after.public.cells) == plain(before.public.cells)
        assert (after.no, after.private, after.public.kills) == (before.no, before.private, before.public.kills)
        assert (after.author, after.created_ms, after.updated_ms) == (
            before.author,
            before.created_ms,
            before.updated_ms,
        )
        assert after.masked == before.masked
    assert [view.row for view in store.list_rows(BOOK, search="米河")] == found
    assert store.epoch != epoch
    row = Row(row_of(2))
    loaded = store.load_row(BOOK, "help", row_of(2))
    assert loaded is not None
    row.record = loaded
    [receipt] = await store.commit([row.change(Author(offset=900).edit({"summary": "还在写"}))])
    assert receipt.seq == 6
    await store.close()
    assert check(folder).differences == []


def test_SO17_rebuilding_a_healthy_store_changes_no_row(folder: Path) -> None:
    rebuild(folder / DATABASE, clock=SystemClock(), projection=projection)
    report = check(folder)
    assert report.differences == [] and report.counts["rows"] == 3 and report.counts["ledger"] == 8


def test_rebuilding_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        rebuild(tmp_path / DATABASE, clock=SystemClock())
