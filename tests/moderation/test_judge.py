"""The judge: what the vectors say, and what no vector can."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from moderation.judge import Case, Verdict, judge, may_see
from moderation.roles import Who
from schema.edits import check_edit
from schema.row import TierState, from_plain
from schema.sheets import SHEETS

VECTORS: dict[str, Any] = json.loads(resources.files("schema").joinpath("vectors/judge.json").read_text("utf-8"))


def case_of(given: dict[str, Any]) -> Case:
    row = given["row"]
    return Case(
        sheet=SHEETS[given["sheet"]],
        row=row["id"],
        exists=row["exists"],
        author=row["author"],
        public=TierState(from_plain(row["public"])),
        private=TierState(from_plain(row["private"])),
        step=row["step"],
        wrote=row["wrote"],
    )


@pytest.mark.parametrize("given", VECTORS["cases"], ids=lambda given: given["why"])
def test_ED9_to_ED12_the_verdict_is_what_the_vectors_say(given: dict[str, Any]) -> None:
    verdict = judge(check_edit(**given["edit"]), given["tier"], case=case_of(given), who=Who(**given["who"]))
    assert verdict == Verdict(*given["verdict"])


def test_ED10_ED11_ED12_ED14_each_rule_has_cases_that_end_both_ways() -> None:
    reasons = {given["verdict"][1] for given in VECTORS["cases"]}
    assert {"ok", "protection", "verified-row", "blank-other", "cap-live-values", "cap-visitor-keys"} <= reasons


SEES = [
    (Who("A00000000001", "visitor"), False),
    (Who("A00000000001", "visitor", holds=True), True),
    (Who("A00000000001", "volunteer"), False),
    (Who("B00000000001", "volunteer"), True),  # who entered the row
    (Who("A00000000001", "verifier"), True),
    (Who("A00000000001", "team", "civil_team/T000000000000001"), True),
    (Who("A00000000001", "team", "civil_team/T000000000000002"), False),
    (Who("A00000000001", "matcher"), True),
    (Who("A00000000001", "owner"), True),
]


@pytest.mark.parametrize(("who", "sees"), SEES)
def test_ED20_who_may_be_shown_the_private_tier(who: Who, sees: bool) -> None:
    claim = {"claim:T000000000000001": [["C0000001", ["active", "", "60"], "B00000000001", 1]]}
    public = TierState(from_plain(claim))
    case = Case(SHEETS["help"], "R000000000000001", True, "B00000000001", public, TierState())
    assert may_see(case=case, who=who) is sees
