"""The edit: what is one, by the vectors both languages run, and what each wrong part is told."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from schema.edits import check_edit, element_of, field_of, is_path
from schema.errors import ProtocolError

VECTORS: dict[str, Any] = json.loads(resources.files("schema").joinpath("vectors/edits.json").read_text("utf-8"))
EDIT, ACTOR = "Ab3dE6gH", "0aZ9bY8cX7dW"
OTHER = "00000001"


@pytest.mark.parametrize("given", VECTORS["values"], ids=lambda given: given["why"])
def test_ED1_ED5_ED6_what_a_cell_may_hold_and_where_it_may_stand(given: dict[str, Any]) -> None:
    found = True
    try:
        check_edit(EDIT, ACTOR, 5, {given["path"]: given["value"]}, {})
    except ProtocolError as error:
        found = False
        assert error.code == "malformed"
    assert found is given["ok"]
    assert given["ok"] or given["rule"] != "ED1" or not is_path(given["path"])


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("edit", "Ab3dE6g", "8 base-62"),
        ("edit", "Ab3dE6g-", "8 base-62"),
        ("edit", 12345678, "8 base-62"),
        ("actor", "0aZ9bY8cX7d", "12 base-62"),
        ("actor", "0aZ9bY8cX7d水", "12 base-62"),
        ("actor", None, "12 base-62"),
        ("at_ms", -1, "milliseconds"),
        ("at_ms", 2**53 + 1, "milliseconds"),
        ("at_ms", 5.0, "milliseconds"),
        ("at_ms", True, "milliseconds"),
        ("at_ms", "5", "milliseconds"),
        ("writes", {}, "1 to 64"),
        ("writes", {f"f{n}": 1 for n in range(65)}, "1 to 64"),
        ("writes", [["place", "x"]], "maps by path"),
        ("writes", {1: "x"}, "a path is"),
        ("writes", {"Place": "x"}, "a path is"),
        ("seen", [], "maps by path"),
        ("seen", {"floor": [OTHER]}, "does not write"),
        ("seen", {1: [OTHER]}, "does not write"),
        ("seen", {"place": []}, "1 to 16"),
        ("seen", {"place": [f"000000{n:02}" for n in range(17)]}, "1 to 16"),
        ("seen", {"place": OTHER}, "1 to 16"),
        ("seen", {"place": ["0000001"]}, "edit ids"),
        ("seen", {"place": [1]}, "edit ids"),
        ("seen", {"place": [EDIT]}, "seen itself"),
        ("seen", {"place": [OTHER, OTHER]}, "twice"),
    ],
)
def test_ED4_what_is_no_edit_is_told_why(part: str, value: object, words: str) -> None:
    given: dict[str, object] = {"edit": EDIT, "actor": ACTOR, "at_ms": 5, "writes": {"place": "x"}, "seen": {}}
    with pytest.raises(ProtocolError, match=words):
        check_edit(**given | {part: value})


def test_ED4_the_bounds_themselves_are_inside() -> None:
    seen = [f"000000{n:02}" for n in range(16)]
    for at_ms in (0, 2**53):
        assert check_edit(EDIT, ACTOR, at_ms, {"place": "x"}, {"place": seen}).at_ms == at_ms


def test_ED2_writes_and_seen_come_in_the_order_of_their_paths() -> None:
    edit = check_edit(EDIT, ACTOR, 5, {"b": 1, "a": 2}, {"b": ["00000002", OTHER], "a": [OTHER]})
    assert list(edit.writes) == list(edit.seen) == ["a", "b"]
    assert edit.seen["b"] == [OTHER, "00000002"]


def test_a_path_is_a_field_and_perhaps_an_element() -> None:
    assert (field_of("needs:boat"), element_of("needs:boat")) == ("needs", "boat")
    assert (field_of("place"), element_of("place")) == ("place", "")
