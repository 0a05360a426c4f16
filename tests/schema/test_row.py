"""The fold: what the vectors say, and its laws."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from schema.edits import Edit, check_edit
from schema.row import TierState, from_plain, is_conflict, plain, project, shown
from tests.support.edits import ANN, BO, write

VECTORS: dict[str, Any] = json.loads(resources.files("schema").joinpath("vectors/rows.json").read_text("utf-8"))


def edits_of(case: dict[str, Any]) -> list[Edit]:
    return [check_edit(**edit) for edit in case["edits"]]


@pytest.mark.parametrize("case", VECTORS["rows"], ids=lambda case: case["why"])
def test_ED15_the_fold_is_what_the_vectors_say(case: dict[str, Any]) -> None:
    cells = project(edits_of(case))
    assert plain(cells) == case["live"]
    assert list(plain(cells)) == sorted(case["live"])
    assert from_plain(plain(cells)) == cells
    if "conflicts" in case:
        assert [path for path in cells if is_conflict(cells[path])] == case["conflicts"]


def test_ED15_a_clock_that_runs_ahead_does_not_stay_fresh() -> None:
    state = TierState()
    state.apply(write(ANN, {"place": "x"}, at_ms=2_000_000_000_000), received_ms=1_626_785_940_000)
    state.apply(write(BO, {"floor": 2}, at_ms=5), received_ms=1_626_785_940_000)
    assert state.live("place")[0].at_ms == 1_626_785_940_000
    assert state.live("floor")[0].at_ms == 5


def test_a_copy_of_a_state_is_its_own() -> None:
    state = TierState()
    first = write(ANN, {"place": "x"})
    state.apply(first)
    copy = state.copy()
    copy.apply(write(BO, {"place": "y"}, seen={"place": [first.edit]}))
    assert shown(state.live("place")) == "x"
    assert not state.is_dead("place", first.edit)
    assert copy.is_dead("place", first.edit)
