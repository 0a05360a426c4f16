"""Claims: the table, the lease, and the double claim."""

from __future__ import annotations

import itertools

import pytest

from moderation.claims import MOVES, STATES, claims_of, is_double, may_move, state_of, working_teams
from schema.row import Live

TEAM, OTHER = "T000000000000001", "T000000000000002"
MINUTE_MS = 60_000


def claim(state: str, *, at_ms: int = 0, lease: str = "60", edit: str = "E0000001") -> tuple[Live, ...]:
    return (Live(edit, [state, "", lease], "A00000000001", at_ms),)


@pytest.mark.parametrize(("now", "asked"), list(itertools.product(("", *STATES), STATES)))
def test_every_pair_of_states_is_allowed_or_not_by_the_table_alone(now: str, asked: str) -> None:
    assert may_move(now, asked) == ((now, asked) in MOVES)


@pytest.mark.parametrize("state", STATES)
def test_a_claim_that_was_given_back_can_be_taken_again(state: str) -> None:
    assert may_move("released", "active") and may_move("transferred", "active")
    assert (
        not may_move("", "released")
        and not may_move(state, "transferred")
        or state
        in (
            "active",
            "en_route",
            "on_scene",
        )
    )


def test_a_finished_claim_is_not_released() -> None:
    assert not may_move("done", "released")


def test_a_lease_that_ran_out_reads_as_expired_and_still_counts_as_a_team_on_the_row() -> None:
    cells = {f"claim:{TEAM}": claim("active", at_ms=0, lease="30")}
    assert not claims_of(cells, 30 * MINUTE_MS)[0].expired
    assert claims_of(cells, 30 * MINUTE_MS + 1)[0].expired
    assert working_teams(cells) == {TEAM}


def test_a_claim_without_a_lease_has_an_hour() -> None:
    cells = {f"claim:{TEAM}": claim("active", at_ms=0, lease="")}
    assert not claims_of(cells, 60 * MINUTE_MS)[0].expired
    assert claims_of(cells, 60 * MINUTE_MS + 1)[0].expired


def test_two_teams_working_on_a_row_are_a_double_claim_and_one_that_gave_back_is_not() -> None:
    one, two = {f"claim:{TEAM}": claim("active")}, {f"claim:{OTHER}": claim("en_route")}
    assert not is_double(one)
    assert is_double(one | two)
    assert not is_double(one | {f"claim:{OTHER}": claim("released")})
    assert not is_double(one | {f"claim:{OTHER}": claim("offered")})


def test_of_two_accounts_of_one_claim_the_one_that_helps_least_counts() -> None:
    both = (*claim("active", edit="E0000002"), *claim("released", edit="E0000001"))
    assert state_of(both) == "released"
    assert working_teams({f"claim:{TEAM}": both}) == frozenset()
    blank = (*claim("active"), Live("E0000003", None, "A00000000001", 0))
    assert state_of(blank) == ""


def test_an_empty_cell_has_no_state() -> None:
    assert state_of(()) == ""
    assert state_of(claim("done")) == "done"
