"""Statistics from facts, by hand."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.statistics import HOUR_MS, MINUTE_MS, Fact, Firsts, Hour, fact_of, statistics_of
from schema.edits import Edit
from schema.row import project
from schema.sheets import SHEETS
from schema.values import Value
from tests.support.edits import ANN, write

HELP = SHEETS["help"]
T0 = 452_000 * HOUR_MS
TEAM = "abcdefghijklmnop"


def fact(no: int, created_min: int, *acts: tuple[int, Mapping[str, Value]], now_min: int = 600) -> Fact:
    edits: list[Edit] = []
    firsts = Firsts()
    for minutes, writes in acts:
        at_ms = T0 + minutes * MINUTE_MS
        live = {path: [one.edit for one in project(edits).get(path, ())] for path in writes}
        edits.append(write(ANN, writes, seen={path: seen for path, seen in live.items() if seen}, at_ms=at_ms))
        firsts.after(edits[-1], at_ms, sheet=HELP)
    created_ms, now_ms = T0 + created_min * MINUTE_MS, T0 + now_min * MINUTE_MS
    return fact_of(project(edits), firsts, sheet=HELP, no=no, created_ms=created_ms, now_ms=now_ms)


FACTS = [
    fact(
        1,
        0,
        (0, {"urgency": "critical", "district": "巩义市", "category:trapped": True}),
        (20, {"verify_state": "verified"}),
    ),
    fact(2, 10, (10, {"urgency": "normal", "district": "巩义市", "category:medical": True, "category:trapped": True})),
    fact(
        3,
        30,
        (30, {"district": "新密市"}),
        (40, {"verify_state": "verified"}),
        (70, {f"claim:{TEAM}": ["active", "", "60"]}),
        (90, {"outcome": "rescued"}),
    ),
    fact(4, 65, (65, {"district": "新密市"}), (580, {f"claim:{TEAM}": ["en_route", "", "60"]})),
    fact(
        5,
        66,
        (66, {"summary": "水"}),
        (70, {"outcome": "rescued"}),
        (80, {"outcome": "open"}),
        (85, {"verify_state": "recheck"}),
    ),
]
FOUND = statistics_of("help", FACTS, T0 + 600 * MINUTE_MS)


def test_MO61_by_status_all_rows_count_and_by_the_rest_those_that_are_not_over() -> None:
    assert FOUND.rows == 5 and sum(FOUND.by_status.values()) == 5
    assert FOUND.by_status == {"waiting": 1, "unverified": 1, "rescued": 1, "en_route": 1, "recheck": 1}
    assert FOUND.by_urgency == {"critical": 1, "normal": 1, "unknown": 2}
    assert FOUND.by_district == {"": 1, "巩义市": 2, "新密市": 1}
    assert FOUND.by_kind == {"medical": 1, "trapped": 2}


def test_MO62_things_go_by_the_hour_in_which_they_first_happened() -> None:
    assert FOUND.hours == {
        T0: Hour(new=3, verified=2),
        T0 + HOUR_MS: Hour(new=2, claimed=1, closed=1, rescued=1),
        T0 + 9 * HOUR_MS: Hour(claimed=1),
    }


def test_MO63_medians_are_minutes_from_filing() -> None:
    assert (FOUND.median_verify, FOUND.median_claim, FOUND.median_close) == (15.0, 277.5, 60.0)
    assert statistics_of("help", [FACTS[1]], T0).median_verify is None


def test_MO64_the_oldest_waiting_has_no_team_and_is_not_over() -> None:
    assert (FOUND.oldest_no, FOUND.oldest_minutes, FOUND.waiting) == (1, 600, 3)
    assert statistics_of("help", [], T0).oldest_no == 0


def test_MO65_a_teams_load_is_the_rows_it_is_on() -> None:
    assert FOUND.teams == {TEAM: 1}
    later = fact(4, 65, (65, {"district": "新密市"}), (580, {f"claim:{TEAM}": ["en_route", "", "60"]}), now_min=700)
    assert statistics_of("help", [later], T0).teams == {}  # the lease has run out
