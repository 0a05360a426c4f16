"""The golden vectors cover the rules: every rule about pure code and every field kind has at least three."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schema.sheets import KINDS, SHEETS
from tests.mutants.checks import FILES
from tests.schema.vectors import FOLDER

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
LEAST = 3

# Rules that vectors cannot hold, and who shows them instead.
ELSEWHERE = {
    "ED3": "bytes at the server's door",
    "ED7": "the session's actor",
    "ED8": "the ledger",
    "ED16": "row documents",
    "ED17": "suggestions",
    "ED18": "suggestions",
    "ED21": "rows in storage",
    "ED22": "the commit",
    "ED23": "documents",
    "FK1": "definitions: tests/schema/test_sheets.py",
    "FK2": "definitions: tests/schema/test_sheets.py",
}
# The parts of a file that are all of one rule.
OF_PART = {
    "masks/phones": "FK4",
    "masks/texts": "FK15",
    "masks/names": "FK16",
    "masks/places": "FK17",
    "fields/validate": "FK18",
    "fields/show": "FK20",
}


def _parts() -> dict[str, list[dict[str, Any]]]:
    return {
        f"{file}/{part}": cases
        for file in FILES
        for part, cases in json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8")).items()
        if isinstance(cases, list)
    }


def _rules(document: str) -> list[str]:
    return re.findall(r"^- \*\*([A-Z]+[0-9]+)\*\*", (SPEC / document).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("document", ["edits.md", "fields.md", "status.md"])
def test_every_rule_about_pure_code_has_three_vectors(document: str) -> None:
    told = Counter(OF_PART.get(part) or case.get("rule", "") for part, cases in _parts().items() for case in cases)
    rules = _rules(document)
    assert len(rules) > 10
    assert [rule for rule in rules if rule not in ELSEWHERE and told[rule] < LEAST] == []


def test_every_rule_a_vector_names_exists() -> None:
    known = {rule for document in SPEC.glob("*.md") for rule in _rules(document.name)}
    named = {case["rule"] for cases in _parts().values() for case in cases if "rule" in case}
    assert named <= known
    assert not named & set(ELSEWHERE)
    assert set(ELSEWHERE) <= known


def test_every_field_kind_has_three_vectors_and_one_of_each_question() -> None:
    told = {
        part: Counter(SHEETS[case["sheet"]].field(case["field"]).kind for case in _parts()[f"fields/{part}"])
        for part in ("parse", "validate", "show")
    }
    assert [kind for kind in KINDS if sum(counts[kind] for counts in told.values()) < LEAST] == []
    assert [(part, kind) for part, counts in told.items() for kind in KINDS if not counts[kind]] == []


def test_every_vector_says_why_it_is_there() -> None:
    """Except ids, where a vector is nothing but an input and its digest."""
    for part, cases in _parts().items():
        if not part.startswith("ids/"):
            assert [case for case in cases if not case.get("why")] == [], part
