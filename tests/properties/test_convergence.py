"""Any order, duplication, route and interleaved compaction of accepted edits gives one row: in the fold and in a pycrdt replica."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.edits import Edit
from schema.encoding import encode_edit
from schema.row import Cells, TierState, plain, project
from server.documents import Document, compact, wants_compaction
from server.replica import Replica, same_cells
from server.storage.contract import LogEntry
from tests.properties.histories import histories
from tests.support.clock import FakeClock

ROOT = Path(__file__).resolve().parents[2]


@given(histories(), st.randoms())
def test_ED15_project_is_order_free_and_duplicate_free(edits: list[Edit], chance: object) -> None:
    again = edits + edits[: len(edits) // 2]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert project(again) == project(edits)


@given(histories(), st.randoms())
def test_ED16_a_replica_that_merged_in_any_order_folds_to_the_row(edits: list[Edit], chance: object) -> None:
    updates = [encode_edit(edit) for edit in edits] * 2
    chance.shuffle(updates)  # type: ignore[attr-defined]
    assert same_cells(Replica(updates).cells(), project(edits))


@given(histories(), st.randoms())
def test_ED16_a_replica_synced_through_another_folds_to_the_row(edits: list[Edit], chance: object) -> None:
    """By way of a second replica that had half of it: what yrs itself sends, not the bytes we wrote."""
    updates = [encode_edit(edit) for edit in edits]
    chance.shuffle(updates)  # type: ignore[attr-defined]
    whole, half = Replica(updates), Replica(updates[::2])
    half.merge(whole.update_since(half.state_vector()))
    assert same_cells(half.cells(), project(edits))


def log_of(edits: list[Edit]) -> list[LogEntry]:
    return [
        LogEntry(n, "help", "r", "public", encode_edit(edit), edit.edit, edit.actor, "s", "session", n, "")
        for n, edit in enumerate(edits, 1)
    ]


def grow(edits: list[Edit], every: int) -> tuple[Cells, list[bytes]]:
    """(the row, its document's updates) of a document that is written anew after every `every` edits."""
    state = TierState()
    log: list[LogEntry] = []
    base: bytes = b""
    since: list[bytes] = []
    for n, entry in enumerate(log_of(edits), 1):
        edit = edits[n - 1]
        log.append(entry)
        state.apply(edit)
        dead = [path for path in edit.writes if state.is_dead(path, edit.edit)]
        if not base or len(dead) < len(edit.writes):
            since.append(entry.update)
        # Not only an edit that is dead in part: one that is dead whole may have replaced what the document still shows.
        if n % every == 0 or (base and wants_compaction(Document(1, base, tuple(since), n), state)):
            base, since = compact(log, state, clock=FakeClock(seed=n)), []
    return state.cells, ([base] if base else []) + since


@given(histories(), st.integers(1, 5), st.randoms())
def test_ED16_a_document_written_anew_at_any_moment_folds_to_the_row(
    edits: list[Edit], every: int, chance: object
) -> None:
    arrived = list(edits)
    chance.shuffle(arrived)  # type: ignore[attr-defined]
    row, updates = grow(arrived, every)
    chance.shuffle(updates)  # type: ignore[attr-defined]
    assert same_cells(Replica(updates).cells(), row)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@settings(max_examples=4, deadline=None)
@given(st.lists(st.tuples(histories(most=10), st.randoms()), min_size=40, max_size=60))
def test_ED16_a_yjs_replica_folds_to_the_row(rows: list[tuple[list[Edit], object]]) -> None:
    """The same updates in another order into npm yjs: its map, folded by the same rules, is the row."""
    asked = []
    for edits, chance in rows:
        updates = [encode_edit(edit).hex() for edit in edits] * 2
        chance.shuffle(updates)  # type: ignore[attr-defined]
        asked.append(updates)
    answers = yjs({"merge": asked})["merge"]
    for (edits, _), held in zip(rows, answers, strict=True):
        assert held == plain(project(edits))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(histories(most=10), st.integers(1, 4), st.randoms()), min_size=40, max_size=60))
def test_ED16_a_yjs_replica_of_a_document_written_anew_folds_to_the_row(
    documents: list[tuple[list[Edit], int, object]],
) -> None:
    """Compaction in the middle of shuffled arrival; the same generation in npm yjs, its updates in another order."""
    rows, asked = [], []
    for edits, every, chance in documents:
        arrived = list(edits)
        chance.shuffle(arrived)  # type: ignore[attr-defined]
        row, updates = grow(arrived, every)
        chance.shuffle(updates)  # type: ignore[attr-defined]
        rows.append(plain(row))
        asked.append([update.hex() for update in updates])
    assert yjs({"merge": asked})["merge"] == rows


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@settings(max_examples=4, deadline=None)
@given(st.lists(histories(most=10), min_size=40, max_size=60))
def test_ED2_yjs_writes_the_same_bytes_for_the_same_edit(rows: list[list[Edit]]) -> None:
    edits = [edit for row in rows for edit in row]
    asked = [
        {"edit": e.edit, "actor": e.actor, "at_ms": e.at_ms, "writes": dict(e.writes), "seen": dict(e.seen)}
        for e in edits
    ]
    assert yjs({"write": asked})["write"] == [encode_edit(edit).hex() for edit in edits]


def yjs(asked: object) -> dict[str, list[object]]:
    """What npm yjs answers; the script is tests/properties/yjs.mjs, the package the client's own."""
    done = subprocess.run(
        ["node", str(ROOT / "tests" / "properties" / "yjs.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=ROOT / "client",
        check=True,
    )
    answer: dict[str, list[object]] = json.loads(done.stdout)
    return answer
