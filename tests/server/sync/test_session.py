"""The session's table, and what may be said when."""

from __future__ import annotations

import itertools

import pytest

from server.sync.frames import Fetch, Hello, Here, Ping, Push
from server.sync.session import MAX_FRAMES_PER_10S, SPEAKS, TRANSITIONS, Event, Session, State


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_SY14_every_pair_of_state_and_event_is_in_the_table_or_a_bug(state: State, event: Event) -> None:
    session = Session(0.0)
    session.state = state
    if (state, event) in TRANSITIONS:
        assert session.step(event) is TRANSITIONS[(state, event)]
    else:
        with pytest.raises(KeyError):
            session.step(event)


def test_SY14_every_state_can_be_reached_and_only_closed_is_an_end() -> None:
    reached = {State.GREETING}
    for _ in State:
        reached |= {to for (source, _), to in TRANSITIONS.items() if source in reached}
    assert reached == set(State)
    for state in State:
        leaves = {to for (source, _), to in TRANSITIONS.items() if source is state} - {state}
        assert bool(leaves) == (state is not State.CLOSED)


@pytest.mark.parametrize("frame", [Ping(1), Here("", "", ""), Push(1, "help", "", "", []), Fetch(1, "", "")])
def test_SY3_nothing_but_hello_is_taken_before_the_greeting(frame: Ping | Here | Push | Fetch) -> None:
    assert Session(0.0).admit(frame, 0.0) == "unexpected"
    assert Session(0.0).admit(Hello(1, "", 0, ""), 0.0) == ""
    assert set(SPEAKS) == set(State)


def test_SY3_a_second_greeting_is_unexpected() -> None:
    session = Session(0.0)
    session.step(Event.HELLO)
    assert session.admit(Hello(1, "", 0, ""), 0.0) == "unexpected"


def test_SY7_silence_is_overdue_after_thirty_seconds_and_a_stranger_after_ten() -> None:
    session = Session(0.0)
    assert not session.overdue(10.0)
    assert session.overdue(10.1)
    session.step(Event.HELLO)
    session.admit(Ping(1), 5.0)
    assert not session.overdue(35.0)
    assert session.overdue(35.1)
    session.step(Event.CLOSED)
    assert not session.overdue(1000.0)


def test_SY11_too_many_frames_in_ten_seconds_are_too_fast_and_later_ones_are_not() -> None:
    session = Session(0.0)
    session.step(Event.HELLO)
    assert all(session.admit(Ping(n), 0.0) == "" for n in range(MAX_FRAMES_PER_10S))
    assert session.admit(Ping(0), 9.9) == "too-fast"
    assert session.admit(Ping(0), 10.1) == ""
