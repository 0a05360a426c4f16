"""Frames: any bytes give a frame or a ProtocolError."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import ProtocolError
from server.sync.frames import MAX_FRAME_BYTES, Ack, Hello, PlainRow, Push, Row, read_frame, write_frame

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
tags = st.sampled_from(["hello", "push", "ping", "here", "reveal", "hold", "history", "suggestions", "decide", "fetch"])


@given(st.binary(max_size=200))
def test_SY1_any_bytes_give_a_frame_or_a_protocol_error(data: bytes) -> None:
    try:
        read_frame(data)
    except ProtocolError as error:
        assert error.code == "malformed"


@given(tags, st.lists(plain, max_size=7))
def test_SY1_any_fields_under_a_true_tag_give_a_frame_or_a_protocol_error(tag: str, fields: list[object]) -> None:
    try:
        read_frame(msgspec.msgpack.encode([tag, *fields]))
    except ProtocolError as error:
        assert error.code == "malformed"


def test_SY1_a_frame_over_64_KB_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ProtocolError) as caught:
        read_frame(b"\xc1" * (MAX_FRAME_BYTES + 1))
    assert caught.value.code == "frame-too-large"


def test_SY1_deep_nesting_is_malformed_and_no_more() -> None:
    with pytest.raises(ProtocolError):
        read_frame(b"\x91" * 60_000)


def test_a_frame_is_an_array_that_begins_with_its_tag() -> None:
    assert read_frame(msgspec.msgpack.encode(["hello", 1, "s", 7, "e"])) == Hello(1, "s", 7, "e")
    pushed = ["push", 3, "help", "r", "", [["public", b"\x01"]]]
    assert read_frame(msgspec.msgpack.encode(pushed)) == Push(3, "help", "r", "", [("public", b"\x01")])
    assert msgspec.msgpack.decode(write_frame(Ack(1, [("e", "accepted", "ok")], 9))) == [
        "ack",
        1,
        [["e", "accepted", "ok"]],
        9,
    ]
    row = PlainRow("help", "r", 1, 2, "a", {}, {}, 3)
    assert msgspec.msgpack.decode(write_frame(Row(1, row))) == ["row", 1, ["help", "r", 1, 2, "a", {}, {}, 3]]


def test_fields_a_later_version_appends_are_passed_over() -> None:
    assert read_frame(msgspec.msgpack.encode(["hello", 1, "s", 7, "e", "more"])) == Hello(1, "s", 7, "e")
