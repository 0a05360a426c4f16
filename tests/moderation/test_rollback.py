"""Rollback against every history that hypothesis thinks of: vandals and others write the same cells, seeing what they see."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.rollback import Logged, plan_row
from schema.edits import Tier
from schema.row import TierState
from schema.values import Value
from tests.support.edits import ANN, BO, CHEN, write

PATHS = ("place", "summary", "notes:aaaaaaaa")
ACTS = st.lists(
    st.tuples(
        st.sampled_from((ANN, BO, CHEN)),
        st.sets(st.sampled_from(PATHS), min_size=1),
        st.sampled_from(("水", "人", "楼", None)),
        st.booleans(),  # they had seen what stood there
    ),
    min_size=1,
    max_size=14,
)


def history(acts: list[tuple[str, set[str], Value, bool]]) -> tuple[list[Logged], TierState]:
    state, logged = TierState(), []
    for at, (actor, paths, value, saw) in enumerate(acts):
        seen = {path: [one.edit for one in state.live(path)] for path in paths if saw and state.live(path)}
        edit = write(actor, dict.fromkeys(paths, value), seen=seen)
        state.apply(edit)
        logged.append(Logged("public", edit, at))
    return logged, state


def rolled(logged: list[Logged], state: TierState, taken: set[str]) -> tuple[list[Logged], TierState]:
    """The history with the rollback in it."""
    now: dict[Tier, TierState] = {"public": state, "private": TierState()}
    plan = plan_row(logged, taken, now=now)
    after, more = state.copy(), list(logged)
    for tier, (writes, seen) in plan.changes:
        edit = write("S" * 12, writes, seen=seen)
        after.apply(edit)
        more.append(Logged(tier, edit, len(more)))
    return more, after


def values(state: TierState, path: str) -> set[Value]:
    return {one.value for one in state.live(path)} - {None}


@settings(max_examples=300, deadline=None)
@given(ACTS)
def test_MO20_cells_that_still_hold_come_back_and_all_others_stay(
    acts: list[tuple[str, set[str], Value, bool]],
) -> None:
    logged, state = history(acts)
    taken = {one.edit.edit for one in logged if one.edit.actor == BO}
    _, after = rolled(logged, state, taken)
    ought = TierState()
    for one in logged:
        if one.edit.edit not in taken:
            ought.apply(one.edit)
    for path in PATHS:
        if any(one.edit in taken for one in state.live(path)):
            theirs = {one.value for one in state.live(path) if one.edit not in taken} - {None}
            assert values(after, path) == values(ought, path) | theirs
            assert not any(one.edit in taken for one in after.live(path))
        else:
            assert after.live(path) == state.live(path)


@settings(max_examples=200, deadline=None)
@given(ACTS)
def test_MO22_a_rollback_of_a_rollback_shows_what_was_shown(acts: list[tuple[str, set[str], Value, bool]]) -> None:
    logged, state = history(acts)
    taken = {one.edit.edit for one in logged if one.edit.actor == BO}
    more, after = rolled(logged, state, taken)
    _, again = rolled(more, after, {one.edit.edit for one in more[len(logged) :]})
    for path in PATHS:
        assert values(again, path) == values(state, path)
