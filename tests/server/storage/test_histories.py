"""Random histories: what the tables say is the fold of what the log says, whatever happened and however often it was
reopened.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.edits import TIERS, Edit, Tier
from schema.gate import read_edit
from schema.row import TierState, shown
from server.errors import CommitFailed
from server.storage.contract import Receipt, RowChange
from server.storage.search import fold
from server.storage.sqlite import SqliteStorage, open_storage
from tests.contracts.building import BOOK, OTHER, RECEIVED_MS, Author, Row, Wish, row_of, workbook
from tests.server.storage.test_verify import check

ROWS = 2
PATHS = ("place", "summary", "urgency", "outcome", "needs:boat", "geo")
PRIVATE_PATHS = ("contact_phone", "person_name")
PLACES = ("米河镇", "小里河村", "郑州 京广路", "a")

step = st.fixed_dictionaries(
    {
        "row": st.integers(0, ROWS - 1),
        "tier": st.sampled_from(TIERS),
        "path": st.integers(0, 5),
        "value": st.integers(0, 3),
        "saw": st.sampled_from(("nothing", "live", "stranger", "dead")),
        "verdict": st.sampled_from(("accepted", "accepted", "accepted", "suggested", "refused")),
        "then": st.sampled_from(("go on", "go on", "go on", "reopen", "decide", "stale", "together")),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(step, min_size=8, max_size=30))
def test_SO4_the_tables_are_the_fold_of_the_log_after_any_history(history: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live(Path(folder), history))


async def _live(folder: Path, history: list[dict[str, Any]]) -> None:
    store = open_storage(folder)
    await store.add_workbook(workbook())
    rows = [Row(row_of(number)) for number in range(ROWS)]
    authors = (Author(), Author(OTHER, offset=5_000))
    now_ms = RECEIVED_MS
    waiting: list[RowChange] = []
    receipts: list[Receipt] = []
    for at, told in enumerate(history):
        now_ms += 10 if told["value"] else -25  # clocks step back too
        row, author = rows[told["row"]], authors[at % 2]
        if told["then"] == "reopen":
            await store.close()
            store = open_storage(folder)
        if told["then"] == "decide" and (found := store.suggestions(BOOK, sheet="help", row=row.row)):
            first = found[0]
            change = _decide(row, first.id, read_edit(first.update), first.tier, now_ms)
            receipts += await store.commit([*waiting, change])
            waiting.clear()
            continue
        wish = _wish(row, author, told)
        if wish.tier == "private" and wish.verdict == "accepted" and not row.record.public.cells:
            continue  # waits until the row is known
        if told["then"] == "stale":
            await _stale(store, row, author, now_ms)
        change = row.change(wish, received_ms=now_ms)
        if told["then"] == "together":
            waiting.append(change)
            continue
        if waiting:
            receipts += await store.commit([*waiting, change])
            waiting.clear()
        else:
            receipts += await store.commit([change])
    if waiting:
        receipts += await store.commit(waiting)
    _compare(store, rows, receipts)
    await store.close()
    assert check(folder).differences == []


def _decide(row: Row, name: str, edit: Edit, tier: Tier, now_ms: int) -> RowChange:
    accepts = tier == "public" or bool(row.record.public.cells)
    wishes = [Wish(edit, tier, accepted_by=OTHER)] if accepts else []
    return row.change(*wishes, received_ms=now_ms, decided=((name, "accepted" if accepts else "declined", "x"),))


def _wish(row: Row, author: Author, told: dict[str, Any]) -> Wish:
    tier: Tier = told["tier"]
    paths = PATHS if tier == "public" else PRIVATE_PATHS
    path = paths[told["path"] % len(paths)]
    values: dict[str, Any] = {
        "geo": [f"34.{told['value']}", "113.2", "wgs84", "", ""],
        "urgency": ("critical", "high", "medium", "low")[told["value"]],
        "outcome": "rescued",
        "needs:boat": told["value"] > 1,
        "contact_phone": f"1421234567{told['value']}",
    }
    state = row.record.tier(tier)
    seen = {
        "nothing": [],
        "live": [live.edit for live in state.live(path)],
        "stranger": ["zzzzzzzz"],
        "dead": sorted(state.kills.get(path, ()))[:16],
    }[told["saw"]]
    edit = author.edit({path: values.get(path, PLACES[told["value"]])}, {path: sorted(seen)} if seen else {})
    return Wish(edit, tier, told["verdict"], "" if told["verdict"] == "accepted" else "held")


async def _stale(store: SqliteStorage, row: Row, author: Author, now_ms: int) -> None:
    """A change that skips a version is refused and leaves nothing."""
    record = replace(row.record, version=row.record.version + 1)
    late = Row(row.row)
    late.record = record
    change = late.change(author.edit({"place": "never"}), received_ms=now_ms)
    before = store.log(BOOK)
    try:
        await store.commit([change])
    except CommitFailed as error:
        assert error.code == "row-moved-on"
    else:
        raise AssertionError("a change that skips a version was written")
    assert store.log(BOOK) == before


def _compare(store: SqliteStorage, rows: list[Row], receipts: list[Receipt]) -> None:
    log = store.log(BOOK)
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert [step.position for step in store.feed(BOOK, after=0)] == list(range(1, store.position(BOOK) + 1))
    assert sorted(receipt.position for receipt in receipts if receipt.position) == list(
        range(1, store.position(BOOK) + 1)
    )
    for row in rows:
        folded = {tier: TierState() for tier in TIERS}
        for entry in store.log(BOOK, sheet="help", row=row.row):
            folded[entry.tier].apply(read_edit(entry.update), received_ms=entry.received_ms)
        loaded = store.load_row(BOOK, "help", row.row)
        if loaded is None:
            assert not row.record.known
            continue
        assert loaded.public == folded["public"] and loaded.private == folded["private"]
        assert loaded == replace(row.record, no=loaded.no)
        assert (loaded.no > 0) == bool(folded["public"].cells)
        for path in ("place", "summary"):
            word = shown(loaded.public.live(path))
            if isinstance(word, str):
                assert row.row in {view.row for view in store.list_rows(BOOK, search=fold(word)[:2], over=None)}
