"""The derived status by the golden vectors both languages run, and its laws."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.row import Live, from_plain
from schema.sheets import SHEETS, STATUSES
from schema.status import CLAIM_STATES, WORKING, label_of, sort_key, status_of
from tests.schema.vectors import cases

HELP = SHEETS["help"]
NOW = 1_626_786_000_000


def _status(case: dict[str, Any]) -> None:
    status = status_of(from_plain(case["cells"]), case["now"], sheet=SHEETS[case["sheet"]])
    assert (status.code, status.over, sorted(status.alerts)) == (case["code"], case["over"], case["alerts"])
    for name in {"urgency", "verify", "teams"} & set(case):
        assert getattr(status, name) == (tuple(case[name]) if name == "teams" else case[name])


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST1"))
def test_ST1_the_first_line_of_the_table_that_fits_is_the_status(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST2"))
def test_ST2_absent_blank_and_unknown_read_as_the_default(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST3"))
def test_ST3_of_two_accounts_the_more_dangerous_counts(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST4"))
def test_ST4_over_against_not_over_is_to_be_checked(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST5"))
def test_ST5_a_duplicate_only_where_every_account_says_so(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST6"))
def test_ST6_a_row_is_over_by_its_outcome(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST7"))
def test_ST7_a_sheet_without_claims_shows_its_own_axis(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST8"))
def test_ST8_the_furthest_team_is_shown(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST9"))
def test_ST9_a_lease_runs_out(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST10"))
def test_ST10_what_is_left_when_no_team_is_on_it(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST11"))
def test_ST11_without_a_team_the_verification_is_shown(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST12"))
def test_ST12_what_people_must_look_at_is_an_alert(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "status", rule="ST13"))
def test_ST13_a_row_is_due_to_be_asked_again(case: dict[str, Any]) -> None:
    _status(case)


@pytest.mark.parametrize("case", cases("status.json", "order"))
def test_ST14_rows_come_most_urgent_and_longest_waiting_first(case: dict[str, Any]) -> None:
    sheet = SHEETS[case["sheet"]]
    keys = {
        name: sort_key(status_of(from_plain(cells), 0, sheet=sheet), at, sheet=sheet)
        for name, cells, at in case["rows"]
    }
    assert sorted(keys, key=keys.__getitem__) == case["order"]


def _lives(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Live]]:
    return st.lists(values, max_size=3).map(
        lambda found: [Live(f"{i:08d}", value, "actorAAAAAAA", NOW - 1000 * i) for i, value in enumerate(found)]
    )


def _codes(name: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, "nonsense", *(option.code for option in HELP.fields[name].options)])


CLAIMS = st.tuples(st.sampled_from(CLAIM_STATES), st.just(""), st.sampled_from(["", "5", "60"])).map(list)
CELLS = st.fixed_dictionaries(
    {
        "outcome": _lives(_codes("outcome")),
        "verify_state": _lives(_codes("verify_state")),
        "urgency": _lives(_codes("urgency")),
        "duplicate_of": _lives(st.sampled_from([None, "", "0123456789abcdEF"])),
        "claim:teamAAAAAAAAAAAA": _lives(CLAIMS),
        "claim:teamBBBBBBBBBBBB": _lives(CLAIMS),
    }
)


@given(cells=CELLS, data=st.data())
def test_ST1_the_order_in_which_accounts_came_does_not_matter(
    cells: dict[str, list[Live]], data: st.DataObject
) -> None:
    shuffled = {
        path: data.draw(st.permutations(values)) for path, values in data.draw(st.permutations(list(cells.items())))
    }
    assert status_of(cells, NOW) == status_of(shuffled, NOW)


@given(cells=CELLS, minutes=st.integers(0, 10_000))
def test_ST4_a_row_is_over_only_if_no_account_says_otherwise(cells: dict[str, list[Live]], minutes: int) -> None:
    status = status_of(cells, NOW + minutes * 60_000)
    outcomes = [live.value for live in cells["outcome"]]
    waiting = any(value not in HELP.over for value in outcomes)
    ended = bool(outcomes) and not waiting
    linked = bool(cells["duplicate_of"]) and all(live.value for live in cells["duplicate_of"])
    assert status.over == (ended or (linked and not any(value in HELP.over for value in outcomes)))
    assert status.code in STATUSES or status.code in HELP.fields["outcome"].danger


@given(cells=CELLS)
def test_ST9_the_clock_alone_never_puts_a_team_on_a_row_and_never_ends_it(cells: dict[str, list[Live]]) -> None:
    now, later = status_of(cells, NOW), status_of(cells, NOW + 10**9)
    assert later.over == now.over
    assert set(later.teams) <= set(now.teams)


def test_every_status_and_state_has_a_name() -> None:
    for sheet in SHEETS.values():
        for code in (*STATUSES, *sheet.fields[sheet.axis].danger):
            assert label_of(code, sheet).label("zh") and label_of(code, sheet).label("en")


def test_ST8_the_states_of_a_claim_are_those_of_the_sheet_and_of_the_machine() -> None:
    from moderation import claims

    assert {option.code for option in HELP.fields["claim"].entry[0].options} == set(CLAIM_STATES) == set(claims.STATES)
    assert set(WORKING) == set(claims.WORKING)
