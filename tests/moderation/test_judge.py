"""The judge: what the vectors say, and what no vector can."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from moderation.claims import STATES, may_move
from moderation.judge import Case, Verdict, judge, may_see
from moderation.roles import Who
from schema.edits import check_edit
from schema.row import Live, TierState, from_plain
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
def test_ED9_to_ED14_the_verdict_is_what_the_vectors_say(given: dict[str, Any]) -> None:
    verdict = judge(check_edit(**given["edit"]), given["tier"], case=case_of(given), who=Who(**given["who"]))
    assert verdict == Verdict(*given["verdict"])


def test_ED10_ED11_ED12_ED14_each_rule_has_cases_that_end_both_ways() -> None:
    reasons = {given["verdict"][1] for given in VECTORS["cases"]}
    assert {"ok", "protection", "verified-row", "blank-other", "cap-live-values", "cap-visitor-keys"} <= reasons


@pytest.mark.parametrize("given", VECTORS["sees"], ids=lambda given: given["why"])
def test_ED20_who_may_be_shown_the_private_tier(given: dict[str, Any]) -> None:
    assert may_see(case=case_of(given), who=Who(**given["who"])) is given["sees"]


@pytest.mark.parametrize("given", VECTORS["moves"], ids=lambda given: given["why"])
def test_FK9_a_claim_goes_where_the_vectors_say_and_nowhere_else(given: dict[str, Any]) -> None:
    assert {asked for asked in ("", *STATES) if may_move(given["from"], asked)} == set(given["to"])


def test_ED14_a_row_holds_500_live_values_and_replacing_one_is_never_over_the_cap() -> None:
    def verdict(live: int, **seen: list[str]) -> Verdict:
        cells = {f"notes:M{n:07d}": (Live(f"M{n:07d}", "x", "B00000000001", 1),) for n in range(live - 1)}
        floor = {"floor": (Live("B0000001", 1, "B00000000001", 1),)}
        wrote = {"B0000001": "B00000000001"}
        row = TierState({**cells, **floor})
        case = Case(SHEETS["help"], "R000000000000001", True, "B00000000001", row, TierState(), wrote=wrote)
        edit = check_edit("E0000001", "A00000000001", 5, {"floor": 9}, seen)
        return judge(edit, "public", case=case, who=Who("A00000000001", "verifier"))

    assert verdict(499) == Verdict("accepted")
    assert verdict(500) == Verdict("suggested", "cap-row-keys")
    assert verdict(500, floor=["B0000001"]) == Verdict("accepted")
    assert verdict(501, floor=["B0000001"]) == Verdict("accepted")  # merged from a hub, or the cap was lowered
