"""Duplicate links: chains, circles, and what follows the primary."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.duplicates.links import contacts_of, groups_of, standing, target_of, would_circle
from schema.row import Live
from schema.sheets import SHEETS
from tests.schema.vectors import cases

HELP = SHEETS["help"]


def live(value: Any, edit: str = "e1", at_ms: int = 0) -> Live:
    return Live(edit, value, "ann", at_ms)


@pytest.mark.parametrize("case", cases("duplicates.json", "links"))
def test_du16_du17_du18_groups_are_as_the_vectors_say(case: dict[str, Any]) -> None:
    targets = {("help", row): ("help", to) if to else None for row, to in case["targets"].items()}
    groups = {group.primary: group for group in groups_of(targets).values()}
    assert [
        {
            "primary": group.primary[1],
            "rows": [row for _, row in group.rows],
            "ring": [row for _, row in group.ring],
        }
        for _, group in sorted(groups.items())
    ] == case["groups"]


KEYS = [("help", name) for name in "abcdefgh"]
TARGETS = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.sampled_from([*KEYS, ("help", "gone")])))


@given(TARGETS, st.randoms())
def test_du16_du17_groups_do_not_depend_on_the_order_in_which_links_came(targets: Any, random: Any) -> None:
    shuffled = list(targets.items())
    random.shuffle(shuffled)
    groups = groups_of(targets)
    assert groups_of(dict(shuffled)) == groups
    for row, group in groups.items():
        assert row in group.rows and group.rows[0] == group.primary and groups[group.primary] is group
        assert len(set(group.rows)) == len(group.rows) > 1
        ahead = targets[group.primary]
        assert group.ring or ahead is None or ahead not in targets or ahead == group.primary
    for row, to in targets.items():
        if to is not None and to in targets and to != row:
            assert groups[row] is groups[to], "linked rows are one group"


@given(TARGETS, st.sampled_from(KEYS), st.sampled_from(KEYS))
def test_du17_a_link_that_would_close_a_circle_is_foretold(targets: Any, row: Any, to: Any) -> None:
    targets = {**{key: None for key in KEYS}, **targets, row: None}
    rings = any(group.ring and row in group.ring for group in groups_of({**targets, row: to}).values())
    assert would_circle(targets, row, to) == (rings or row == to)


def test_du18_one_account_that_takes_the_link_back_unlinks_the_row() -> None:
    assert target_of("help", {"duplicate_of": [live("b", "e1")]}) == ("help", "b")
    assert target_of("help", {"duplicate_of": [live("b", "e1"), live(None, "e2")]}) is None
    assert target_of("help", {"duplicate_of": []}) is None
    assert target_of("help", {"duplicate_of": [live("supply/b", "e1")]}) == ("supply", "b")


def test_du18_of_two_accounts_that_differ_the_last_in_edit_order_counts() -> None:
    values = [live("b", "e2"), live("c", "e1")]
    assert target_of("help", {"duplicate_of": values}) == ("help", "b")
    assert target_of("help", {"duplicate_of": values[::-1]}) == ("help", "b")


def test_du15_contacts_of_all_rows_stand_together_each_once() -> None:
    group = [
        (("help", "a"), {"contact_phone": [live("14212345678")], "person_name": [live("王秀")]}),
        (("help", "b"), {"contact_phone": [live("16312345678, 14212345678")], "reporter_phone": [live("17912345678")]}),
    ]
    found = contacts_of(HELP, group)
    assert [(one.row, one.path, one.value) for one in found] == [
        ("a", "contact_phone", "14212345678"),
        ("b", "contact_phone", "16312345678"),
        ("b", "reporter_phone", "17912345678"),
    ]


def test_du16_claims_on_a_duplicate_are_the_group_s_and_its_end_is_the_primary_s() -> None:
    a, b = ("help", "a"), ("help", "b")
    group = groups_of({a: None, b: a})[b]
    cells = {
        a: {"claim:t1": [live(["active", "", "60"])]},
        b: {"duplicate_of": [live("a")], "claim:t2": [live(["en_route", "", "60"])]},
    }
    status = standing(group, cells, 60_000, sheet=HELP)
    assert status.code == "en_route" and "double_claim" in status.alerts and not status.over
    ended = standing(group, {**cells, a: {"outcome": [live("rescued")]}}, 60_000, sheet=HELP)
    assert ended.over and ended.code == "rescued" and "claim_on_over" in ended.alerts


def test_du17_the_primary_of_a_circle_stays_in_sight() -> None:
    a, b = ("help", "a"), ("help", "b")
    group = groups_of({a: b, b: a})[a]
    cells = {a: {"duplicate_of": [live("b")]}, b: {"duplicate_of": [live("a")]}}
    assert group.primary == a and group.ring == (a, b)
    assert not standing(group, cells, 0, sheet=HELP).over


def test_du19_taking_the_link_back_leaves_every_row_as_it_was() -> None:
    a, b = ("help", "a"), ("help", "b")
    assert groups_of({a: None, b: a}) and not groups_of({a: None, b: None})
