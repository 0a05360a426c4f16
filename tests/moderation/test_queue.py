"""Ageing, calls and the queue: pure, by a clock in the test's hand."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.ageing import MINUTE_MS, age_of
from moderation.calls import LEASE_MS, PAUSE_MS, Leases, contact_of
from moderation.queue import Asked, Waiting, asked_of, escalated, queue_of, verification_of, waiting_at
from schema.row import Cells, project
from schema.sheets import SHEETS
from schema.status import status_of
from schema.values import Value
from tests.support.edits import ANN, BO, new_id, write

HELP = SHEETS["help"]
T0 = 1_626_785_940_000


def cells(*acts: tuple[int, Mapping[str, Value]]) -> Cells:
    """A row of these writes, each some minutes after the start; `@` in a path stands for the edit's id."""
    edits = []
    for minutes, writes in acts:
        edit = new_id()
        named = {path.replace("@", edit): value for path, value in writes.items()}
        edits.append(write(ANN, named, edit=edit, at_ms=T0 + minutes * MINUTE_MS))
    return project(edits)


def asked(row: Cells, *, no: int = 1, minutes: int = 0) -> Asked:
    found = asked_of(row, sheet=HELP, row=f"{no:016d}", no=no, created_ms=T0, now_ms=T0 + minutes * MINUTE_MS)
    assert found is not None
    return found


def band(row: Cells, minutes: float) -> str:
    now_ms = T0 + int(minutes * MINUTE_MS)
    return age_of(row, status_of(row, now_ms, sheet=HELP), sheet=HELP, now_ms=now_ms).band


def call(outcome: str, next_at: str = "") -> dict[str, Value]:
    return {"contact_log:@": ["call", outcome, "", next_at]}


def test_MO30_only_what_a_person_confirmed_makes_a_row_fresh() -> None:
    filed: tuple[int, dict[str, Value]] = (0, {"summary": "水到二楼", "urgency": "critical"})
    assert band(cells(filed), 40) == "amber"
    assert band(cells(filed, (20, {"water_depth_cm": 80})), 40) == "amber"  # a detail is no confirmation
    confirming: tuple[dict[str, Value], ...] = (
        {"still_needed_at": "2021-07-20T13:19:00Z"},
        {"verify_state": "verified"},
        call("confirmed_need"),
    )
    for confirms in confirming:
        assert band(cells(filed, (20, confirms)), 40) == ""
    assert band(cells(filed, (20, call("no_answer"))), 40) == "amber"


def test_MO31_amber_at_the_sheets_time_and_red_at_twice_that() -> None:
    for urgency, due in (("critical", 30), ("urgent", 120), ("normal", 360)):
        row = cells((0, {"summary": "水", "urgency": urgency}))
        assert [band(row, at) for at in (due - 0.1, due, 2 * due - 0.1, 2 * due)] == ["", "amber", "amber", "red"]
    row = cells((0, {"urgency": "normal", "recheck_at": "2021-07-20T13:09:00Z"}))  # ten minutes on
    assert [band(row, at) for at in (9, 10, 20)] == ["", "amber", "red"]


def test_MO32_a_row_is_never_closed_by_the_clock() -> None:
    row = cells((0, {"summary": "水", "urgency": "critical"}))
    for days in (1, 30, 3000):
        now_ms = T0 + days * 86_400_000
        assert not status_of(row, now_ms, sheet=HELP).over
        assert waiting_at(asked(row), now_ms) is not None


def test_MO33_what_is_red_with_no_team_on_it_is_escalated_verified_or_not() -> None:
    late = cells((0, {"urgency": "critical", "verify_state": "verified"}))
    urgent = cells((0, {"urgency": "urgent"}))
    taken = cells((0, {"urgency": "critical"}), (50, {"claim:abcdefghijklmnop": ["en_route", "", "60"]}))
    now_ms = T0 + 70 * MINUTE_MS
    rows = [asked(one, no=no, minutes=70) for no, one in enumerate((urgent, taken, late), 1)]
    assert [one.of.no for one in escalated(rows, now_ms)] == [3]
    assert [one.of.no for one in escalated(rows, now_ms + 200 * MINUTE_MS)] == [3, 1]


def test_MO40_a_lease_is_seen_runs_out_and_is_given_back() -> None:
    leases, row = Leases(), ("help", "r")
    assert leases.take(row, ANN, T0).held
    refused = leases.take(row, BO, T0 + 1)
    assert (refused.held, refused.by) == (False, ANN)
    assert not leases.release(row, BO, T0 + 1)
    assert leases.take(row, BO, T0 + LEASE_MS).held
    assert leases.release(row, BO, T0 + LEASE_MS + 1) and leases.running(T0 + LEASE_MS + 1) == {}


def test_MO41_whoever_insists_has_it_at_once() -> None:
    leases, row = Leases(), ("help", "r")
    leases.take(row, ANN, T0)
    taken = leases.take(row, BO, T0 + 1, insist=True)
    assert taken.held and taken.by == ANN
    assert leases.of(row, T0 + 2) == taken.lease


def test_MO42_a_row_waits_after_two_calls_in_vain_or_as_asked() -> None:
    once = contact_of(cells((5, call("no_answer"))))
    assert (once.tries, once.not_before_ms) == (1, 0)
    twice = contact_of(cells((5, call("no_answer")), (10, call("busy"))))
    assert (twice.tries, twice.not_before_ms) == (2, T0 + 10 * MINUTE_MS + PAUSE_MS)
    reached = contact_of(cells((5, call("no_answer")), (10, call("busy")), (11, call("confirmed_need"))))
    assert (reached.tries, reached.not_before_ms) == (0, 0)
    told = contact_of(cells((5, call("call_back", "2021-07-20T15:00:00Z"))))
    assert told.not_before_ms == 1_626_793_200_000
    row = cells((0, {"urgency": "critical"}), (5, call("call_back", "2021-07-20T15:00:00Z")))
    early, later = (waiting_at(asked(row, no=no), T0 + minutes * MINUTE_MS) for no, minutes in ((1, 6), (1, 200)))
    plain = waiting_at(asked(cells((0, {"urgency": "normal"})), no=2), T0 + 6 * MINUTE_MS)
    assert early and later and plain
    assert [one.of.no for one in queue_of([early, plain])] == [2, 1]
    assert [one.of.no for one in queue_of([later, plain])] == [1, 2]


def test_MO45_the_queue_holds_what_somebody_has_to_ask_about() -> None:
    def why(*acts: tuple[int, Mapping[str, Value]], minutes: int = 1) -> str:
        now_ms = T0 + minutes * MINUTE_MS
        kept = asked_of(cells(*acts), sheet=HELP, row="r", no=1, created_ms=T0, now_ms=now_ms)
        found = waiting_at(kept, now_ms) if kept else None
        return found.why if found else ""

    assert why((0, {"summary": "水"})) == "unverified"
    assert why((0, {"verify_state": "verified"})) == ""
    assert why((0, {"verify_state": "verified"}), minutes=121) == "due"
    assert why((0, {"verify_state": "recheck"})) == "due"
    assert why((0, {"verify_state": "unreachable"})) == "unreachable"
    assert (
        why((0, {"verify_state": "verified"}), (1, {"outcome": "rescued"}), (2, {"outcome": "open"}), minutes=3)
        == "disputed"
    )
    assert why((0, {"summary": "水"}), (1, {"outcome": "rescued"})) == ""
    assert why((0, {"verify_state": "false_report"})) == ""


def test_MO46_the_order_of_asking() -> None:
    now_ms = T0 + 100 * MINUTE_MS

    def one(no: int, writes: dict[str, Value], *, seen: int = 0, behind: bool = False, minutes: int = 0) -> Waiting:
        found = waiting_at(asked(cells((minutes, writes)), no=no), now_ms, seen=seen, behind=behind)
        assert found is not None
        return found

    rows = [
        one(1, {"urgency": "normal"}),
        one(2, {"urgency": "critical"}, seen=2),
        one(3, {"urgency": "critical"}, minutes=60),
        one(4, {"urgency": "critical"}, minutes=50),
        one(5, {"urgency": "critical", "battery_pct": 9}, seen=3, minutes=90),
        one(6, {"urgency": "critical"}, behind=True),
        one(7, {"summary": "没写多急"}),
    ]
    assert [row.of.no for row in queue_of(rows)] == [5, 4, 3, 2, 7, 1, 6]
    assert queue_of(reversed(rows)) == queue_of(rows)


def test_MO47_a_verification_names_who_when_and_how_and_runs_out() -> None:
    row = cells((0, {"urgency": "urgent"}), (10, {"verify_state": "verified", "verify_method": "phone"}))
    found = verification_of(row, sheet=HELP, now_ms=T0 + 11 * MINUTE_MS)
    assert (found.actor, found.at_ms, found.how) == (ANN, T0 + 10 * MINUTE_MS, "phone")
    assert found.until_ms == T0 + 130 * MINUTE_MS
    assert verification_of(cells((0, {"summary": "水"})), sheet=HELP, now_ms=T0).actor == ""
