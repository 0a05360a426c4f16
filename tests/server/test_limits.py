"""Budgets: what an honest crowd never meets, and what a flood does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import limits
from server.limits import (
    EDITS_BY_ACTOR,
    FLOODED_BY_ADDRESS,
    LOGINS_BY_ADDRESS,
    POSTS_BY_ADDRESS,
    ROWS_BY_ADDRESS,
    ROWS_BY_SHEET,
    ROWS_BY_VISITOR,
    SLOWEST_S,
    Limits,
    Rate,
    TooMany,
    address_key,
)

ADDRESS, SHEET = "203.0.113.7", "flood/help"


def rows(
    budget: Limits, many: int, *, actor: str = "", address: str = ADDRESS, now_s: float = 0.0, member: bool = False
) -> int:
    """How many of so many rows may begin; each by a new actor where none is named."""
    return sum(
        not budget.take_row(
            sheet=SHEET, actor=actor or f"{address}/{n}", address=address, member=member, now_s=now_s + n * 1e-4
        )
        for n in range(many)
    )


def test_SE1_a_budget_is_spent_and_comes_back_with_time() -> None:
    budget, rate = Limits(), Rate(3, 0.5)
    assert [budget.take("posts", "a", rate, now_s=0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert budget.take("posts", "b", rate, now_s=0.0) == 0.0, "everybody has a budget of their own"
    assert budget.take("posts", "a", rate, now_s=1.9) > 0
    assert budget.take("posts", "a", rate, now_s=2.0) == 0.0
    assert budget.take("posts", "a", rate, now_s=2.0) > 0


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 40)), max_size=60), st.floats(1, 20), st.floats(0.1, 5))
def test_SE1_never_more_than_the_burst_and_what_came_back(
    asked: list[tuple[float, float]], burst: float, per_s: float
) -> None:
    budget, rate, now_s, spent = Limits(), Rate(burst, per_s), 0.0, 0.0
    for pause_s, cost in asked:
        now_s += pause_s
        if not budget.take("x", "a", rate, now_s=now_s, cost=cost):
            spent += min(cost, burst)
    assert spent <= burst + per_s * now_s + 1e-6


@given(st.floats(0.1, 40), st.floats(1, 20), st.floats(0.1, 5))
def test_SE2_who_waits_as_told_is_let_in(cost: float, burst: float, per_s: float) -> None:
    budget, rate = Limits(), Rate(burst, per_s)
    budget.take("x", "a", rate, now_s=0.0, cost=burst)
    wait_s = budget.take("x", "a", rate, now_s=0.0, cost=cost)
    assert 0 < wait_s <= SLOWEST_S
    assert wait_s == SLOWEST_S or budget.take("x", "a", rate, now_s=wait_s + 1e-6, cost=cost) == 0.0


def test_SE3_two_hundred_honest_people_behind_one_address_meet_no_budget() -> None:
    budget = Limits()
    assert rows(budget, 200) == 200
    assert rows(budget, 200, now_s=60.0) == 200, "and once more, each for a neighbour"
    for rate in (POSTS_BY_ADDRESS, LOGINS_BY_ADDRESS, ROWS_BY_ADDRESS):
        assert rate.burst >= 5 * 200, "each of them may come five times in one minute"


def test_SE3_a_telephone_bank_is_counted_by_person_and_not_by_its_address() -> None:
    budget = Limits()
    assert rows(budget, 5000) == ROWS_BY_ADDRESS.burst, "its address is spent"
    assert rows(budget, 500, actor="volunteer", member=True) == 500


def test_SE2_one_address_and_one_visitor_end_somewhere_and_others_do_not_notice() -> None:
    budget = Limits()
    assert rows(budget, 5000) == ROWS_BY_ADDRESS.burst
    assert rows(budget, 1000, address="203.0.113.8", actor="one visitor") == ROWS_BY_VISITOR.burst
    assert rows(budget, 200, address="198.51.100.1") == 200


def test_SE7_in_a_flood_its_makers_wait_and_who_comes_new_does_not() -> None:
    budget = Limits()
    for address in ("203.0.113.7", "203.0.113.8"):
        rows(budget, 1200, address=address)
    assert budget.is_flooded(SHEET, now_s=0.2)
    assert rows(budget, 50, address="198.51.100.1", now_s=0.2) == 50, "an address that filed nothing yet"
    assert rows(budget, 50, address="203.0.113.7", now_s=0.2) == 0
    assert rows(budget, 20, actor="verifier", member=True, now_s=0.2) == 20
    assert not budget.is_flooded("flood/hazard", now_s=0.2), "the other sheets stay as they are"
    later_s = 0.2 + ROWS_BY_SHEET.burst / ROWS_BY_SHEET.per_s
    assert not budget.is_flooded(SHEET, now_s=later_s)
    assert rows(budget, 200, address="203.0.113.7", now_s=later_s) == 200


def test_SE7_many_addresses_together_are_held_by_the_sheet() -> None:
    budget = Limits()
    filed = sum(rows(budget, 200, address=f"203.0.113.{n}", now_s=0.0) for n in range(250))
    assert filed < ROWS_BY_SHEET.burst + 250 * FLOODED_BY_ADDRESS.burst + 50


def test_SE6_a_days_outbox_passes_at_once_and_an_endless_one_does_not() -> None:
    budget = Limits()
    pushes = [budget.take("edits", "actor", EDITS_BY_ACTOR, now_s=0.0, cost=32) for _ in range(200)]
    assert pushes[:93] == [0.0] * 93 and all(wait_s > 0 for wait_s in pushes[94:])


def test_SE5_open_sockets_are_counted_in_and_out() -> None:
    budget = Limits()
    assert [budget.open_socket("actor", "a", 2) for _ in range(3)] == [True, True, False]
    budget.close_socket("actor", "a")
    assert budget.open_socket("actor", "a", 2) and not budget.open_socket("actor", "a", 2)
    assert all(budget.open_socket("address", "", 2) for _ in range(5)), "no address, no budget"
    budget.close_socket("actor", "never opened")


def test_SE1_budgets_nobody_used_for_long_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_KEPT", 100)
    budget, rate = Limits(), Rate(1, 0.001)
    for n in range(1000):
        budget.take("posts", str(n), rate, now_s=0.0)
    assert len(budget._kept) == 100
    assert budget.take("posts", "999", rate, now_s=0.0) > 0 and budget.take("posts", "0", rate, now_s=0.0) == 0


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_SE1_an_address_is_a_household_and_this_machine_is_everybody(host: str, key: str) -> None:
    assert address_key(host) == key


def test_SE2_the_answer_says_whole_seconds() -> None:
    assert [TooMany(wait_s).after_s for wait_s in (0.001, 1.0, 1.2, 60)] == [1, 1, 2, 60]
