"""The rules against vandalism, deed by deed, and on simulated days."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.judge import Case
from moderation.roles import Who
from moderation.vandalism import (
    DAY_MS,
    KNOWN,
    MINUTE_MS,
    VERIFIER,
    Decision,
    Deed,
    State,
    deed_of,
    is_noise,
    is_pitch,
    kept,
    look,
    numbers_in,
    report,
    restrain,
    switch,
)
from schema.row import TierState
from schema.sheets import SHEETS
from schema.values import Value
from tests.support.edits import ANN, BO, CHEN, write

START = 1_626_785_940_000


def deed(row: int = 1, *harms: str, actor: str = BO, at_min: float = 0, **more: object) -> Deed:
    at_ms = START + int(at_min * MINUTE_MS)
    made = Deed("e" * 8, actor, 0, f"help/{row}", at_ms, at_ms, False, False, True, False, frozenset(harms))
    return replace(made, **more)  # type: ignore[arg-type]


def destroy(state: State, rows: int, *, every_min: float = 20, **more: object) -> list[Decision]:
    return [look(state, deed(row, "rewrite", at_min=row * every_min, **more)) for row in range(rows)]  # type: ignore[arg-type]


def actions(decisions: list[Decision]) -> str:
    return "".join(one.action[0] for one in decisions)


# -- what an edit destroys


def harms(old: Value, new: Value, path: str = "place", *, seen: bool = True, author: str = ANN) -> frozenset[str]:
    public = TierState()
    first = write(author, {path: old})
    public.apply(first)
    case = Case(SHEETS["help"], "r" * 16, True, ANN, public, public, "open", {first.edit: author})
    edit = write(BO, {path: new}, seen={path: [first.edit]} if seen else None)
    tier = "private" if path == "contact_phone" else "public"
    return deed_of(edit, tier, case=case, who=Who(BO, "visitor"), received_ms=START, live=True).harms  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "old", "new", "harm"),
    [
        ("place", "米河镇3号楼", None, "blank"),
        ("place", "米河镇3号楼", "米河镇8号楼", "place"),
        ("place", "米河镇３号楼", "米河镇 3 号楼 东侧", ""),
        ("place", "米河镇小里河村", "瞎写", "rewrite"),
        ("place", "米河镇小里河村", "米河镇小里河村三组", ""),
        ("summary", "老人在二楼", "假的别去", "rewrite"),
        ("contact_phone", "14212345678", "14298765432", "phone"),
        ("contact_phone", "14212345678", "14212345678, 14298765432", ""),
        ("people_total", 20, 3, "number"),
        ("people_total", 3, 20, ""),
        ("urgency", "critical", "normal", "lower"),
        ("outcome", "open", "rescued", "over"),
        ("outcome", "open", "invalid", "reject"),
        ("geo", ["34.7", "113.3", "wgs84", "", "pin"], ["34.8", "113.3", "wgs84", "", "pin"], "place"),
    ],
)
def test_MO2_what_is_taken_from_others_is_known_by_its_kind(path: str, old: Value, new: Value, harm: str) -> None:
    assert harms(old, new, path) == (frozenset({harm}) if harm else frozenset())


def test_MO2_beside_another_value_and_over_ones_own_nothing_is_destroyed() -> None:
    assert not harms("米河镇小里河村", "瞎写", seen=False)
    assert not harms("米河镇小里河村", "瞎写", author=BO)


def test_MO7_selling_and_noise_are_told_from_pleas() -> None:
    assert is_pitch("低价冲锋舟 加 微信 abc12345") and is_pitch("无抵押 贷 款")
    assert not is_pitch("请加救援微信群联系村支书") and not is_pitch("付不起船钱")
    assert is_noise("哈哈哈哈哈哈哈哈哈") and is_noise("sdkfjghwrtplkjh")
    assert not is_noise("救命救命救命") and not is_noise("shelter at school gate")
    assert numbers_in("电话１４２ 1234-5678 或 +86 161 1234 5678") == ("14212345678", "16112345678")
    assert kept("abcd", "abxx") == 0.5


# -- what is done about it


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda row, harms, actor, at, kind, words, phones, trust: deed(
                row,
                *harms,
                actor=actor,
                at_min=at,
                creates=kind == "c",
                own=kind == "o",
                words=words,
                phones=phones,
                trust=trust,
            ),
            st.integers(1, 40),
            st.sets(st.sampled_from(("blank", "phone", "over", "place"))),
            st.sampled_from((ANN, BO, CHEN)),
            st.integers(0, 600),
            st.sampled_from(("c", "o", "e", "e", "e")),
            st.sampled_from(("", "水来了", "加微信abc12345 贷款")),
            st.sampled_from(((), ("14212345678",))),
            st.sampled_from((0, 0, 1, 2)),
        ),
        max_size=80,
    ),
    st.sampled_from(("free", "quarantined", "banned")),
)
def test_MO1_MO13_no_request_is_held_and_the_same_deeds_decide_the_same(deeds: list[Deed], step: str) -> None:
    states = State(), State()
    for state in states:
        restrain(state, BO, step, now_ms=START, reason="试")  # type: ignore[arg-type]
    for one in deeds:
        first, second = (look(state, one) for state in states)
        assert first == second
        if one.creates or one.own:
            assert first.action == "pass"
    assert states[0] == states[1]


def test_MO2_a_strangers_destruction_of_a_verified_row_is_held() -> None:
    assert look(State(), deed(1, "rewrite", verified=True)) == Decision("hold", "r1")
    assert look(State(), deed(1, "rewrite", verified=True, trust=KNOWN)).action == "pass"


def test_MO3_a_stranger_destroys_three_rows_in_a_sitting() -> None:
    state = State()
    assert actions(destroy(state, 5)) == "ppphh"
    assert look(state, deed(2, "rewrite", at_min=101)).action == "pass"  # a row already counted
    assert look(state, deed(9, "rewrite", at_min=60 * 12)).action == "pass"  # the next sitting


def test_MO3_who_has_helped_has_a_larger_budget() -> None:
    state = State()
    for row in range(12):
        look(state, deed(row, at_min=row * 4))
    assert actions([look(state, deed(50 + n, "rewrite", at_min=60 + 11 * n)) for n in range(8)]) == "pppppphh"


def test_MO4_haste_quarantines() -> None:
    state = State()
    assert actions(destroy(state, 8, every_min=0.5)) == "ppphhhhh"
    assert state.actors[BO].restraint == "quarantined"
    assert look(state, deed(99, words="一句话", at_min=60)) == Decision("hold", "r3")
    known = State()
    assert destroy(known, 12, every_min=0.5, trust=KNOWN)[-1].restrains
    verifier = State()
    assert destroy(verifier, 20, every_min=0.3, trust=VERIFIER)[-1].restrains


def test_MO4_many_called_rescued_by_a_verifier_is_a_good_day() -> None:
    state = State()
    done = [look(state, deed(row, "over", at_min=row * 0.2, trust=VERIFIER)) for row in range(39)]
    assert {one.action for one in done} == {"pass"}


def test_MO4_a_days_offline_work_is_no_haste_and_a_wrong_clock_no_licence() -> None:
    state = State()
    late = [
        look(
            state,
            deed(row, *(("rewrite",) if row % 4 == 0 else ()), made_ms=START - (60 - row) * 5 * MINUTE_MS, trust=KNOWN),
        )
        for row in range(60)
    ]
    assert {one.action for one in late} == {"pass"}
    lying = State()
    lies = [look(lying, deed(row, "rewrite", made_ms=START - row * 60 * MINUTE_MS)) for row in range(9)]
    assert actions(lies) == "ppphhhhhh"


def test_MO5_one_number_in_the_rows_of_many_is_held_whoever_puts_it_there() -> None:
    state = State()
    said = [
        look(state, deed(row, actor=actor, phones=("14212345678",)))
        for row, actor in enumerate((ANN, BO, CHEN, "D" * 12))
    ]
    assert [(one.action, one.restrains) for one in said] == [
        ("pass", False),
        ("hold", False),
        ("hold", False),
        ("hold", True),
    ]


def test_MO6_floods_of_requests_are_listed_behind_and_none_is_held() -> None:
    state = State()
    same = [look(state, deed(row, creates=True, words="水已经到二楼了快点来救人", at_min=row)) for row in range(6)]
    assert [one.lane for one in same] == ["", "", "bulk", "bulk", "bulk", "bulk"]
    assert same[-1].restrains and actions(same) == "pppppp"
    borrowed = [
        look(state, deed(row, creates=True, actor=ANN, words=f"{row}号楼 老人行动不便急需转移", at_min=row * 3))
        for row in range(24)
    ]
    assert [one.lane for one in borrowed] == [""] * 7 + ["bulk"] * 17
    assert not any(one.restrains for one in borrowed)
    hasty = [
        look(state, deed(row, creates=True, actor=CHEN, words=f"{'水火风土'[row % 4] * (row + 1)}", at_min=row / 10))
        for row in range(22)
    ]
    assert hasty[-1].lane == "bulk" and hasty[10].lane == ""


def test_MO7_selling_in_the_rows_of_others_is_held_and_the_third_time_quarantines() -> None:
    state = State()
    said = [look(state, deed(row, words="加微信abc12345 贷款", at_min=row)) for row in range(3)]
    assert actions(said) == "hhh" and [one.restrains for one in said] == [False, False, True]
    assert look(State(), deed(1, words="见 https://weibo.com/1")).action == "hold"
    assert look(State(), deed(1, words="见 https://weibo.com/1", trust=KNOWN)).action == "pass"


def test_MO8_many_strangers_at_once_lock_and_requests_go_on() -> None:
    state = State()
    decisions = [
        look(state, deed(author * 3 + row, "rewrite", actor=f"s{author:011d}", at_min=author / 2))
        for author in range(6)
        for row in range(3)
    ]
    assert actions(decisions) == "p" * 11 + "h" * 7
    assert decisions[11].locks
    assert look(state, deed(90, "rewrite", actor=ANN, trust=KNOWN, at_min=3)).rule == "r7"
    assert look(state, deed(91, actor=ANN, words="加一句", at_min=3)).action == "pass"
    assert look(state, deed(92, actor=ANN, creates=True, at_min=3)).action == "pass"
    assert look(state, deed(93, "rewrite", actor=ANN, at_min=40)).action == "pass"


def test_MO9_reports_halve_the_budget() -> None:
    state = State()
    report(state, BO, by=ANN, trust=KNOWN)
    report(state, BO, by=ANN, trust=KNOWN)
    report(state, BO, by=BO, trust=KNOWN)
    assert actions(destroy(state, 3)) == "phh"
    strangers = State()
    for name in (ANN, CHEN):
        report(strangers, BO, by=name, trust=0)
    assert actions(destroy(strangers, 3)) == "ppp"


def test_MO10_of_the_banned_edits_of_others_rows_are_refused_and_who_is_let_go_is_spared() -> None:
    state = State()
    restrain(state, BO, "banned", now_ms=START, reason="乱改")
    assert look(state, deed(1, words="好话")).action == "refuse"
    assert look(state, deed(2, own=True)).action == "pass"
    restrain(state, BO, "free", now_ms=START, reason="误会")
    assert actions(destroy(state, 9, every_min=0.5)) == "ppphhhhhh"
    assert state.actors[BO].restraint == "free"
    again = [look(state, deed(100 + n, "rewrite", received_ms=START + DAY_MS + n * 1000)) for n in range(9)]
    assert again[-1].rule == "r3"


def test_MO12_switched_off_the_rules_hold_nothing_and_the_banned_stay_banned() -> None:
    state = State()
    restrain(state, CHEN, "banned", now_ms=START, reason="乱改")
    switch(state, on=False)
    assert actions(destroy(state, 20, every_min=0.1)) == "p" * 20
    assert look(state, deed(1, actor=CHEN)).action == "refuse"


def _simulator() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "moderation_sim.py"
    spec = importlib.util.spec_from_file_location("moderation_sim", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["moderation_sim"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("judging", [True, False])
def test_MO14_on_a_simulated_day_vandals_are_stopped_and_others_are_not(judging: bool) -> None:
    score = _simulator().total(range(200, 202), judging=judging)
    assert score.harmful > 5000 and score.benign > 8000
    assert score.live / score.harmful <= 0.08
    assert score.held / score.benign <= 0.015
    assert score.quarantined == 0  # of 1,000 sessions; the bench runs 5,000
    assert score.blocked_creates == 0
    without = _simulator().total(range(200, 201), judging=judging, rules=False)
    assert without.live / without.harmful > 0.6  # the days are dangerous ones
