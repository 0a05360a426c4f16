"""The gate: only canonical bytes of an edit pass, whatever else is thrown at it."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest

from schema.edits import MAX_EDIT_BYTES, Edit, check_edit
from schema.encoding import encode_edit, encode_items
from schema.errors import ProtocolError
from schema.gate import read_edit
from schema.ids import decode62
from schema.values import write_text, write_uint

VECTORS: dict[str, Any] = json.loads(resources.files("schema").joinpath("vectors/edits.json").read_text("utf-8"))
EDIT = Edit("Ab3dE6gH", "0aZ9bY8cX7dW", 1626785940000, {"place": "米河镇", "people_total": 5}, {"place": ["00000001"]})


def of_vector(case: dict[str, Any]) -> Edit:
    return check_edit(case["edit"], case["actor"], case["at_ms"], case["writes"], case["seen"])


@pytest.mark.parametrize("case", VECTORS["edits"], ids=lambda case: case["why"])
def test_ED2_the_canonical_update_is_what_yjs_writes(case: dict[str, Any]) -> None:
    assert encode_edit(of_vector(case)).hex() == case["update"]


@pytest.mark.parametrize("case", VECTORS["edits"], ids=lambda case: case["why"])
def test_ED1_what_the_gate_reads_is_what_was_written(case: dict[str, Any]) -> None:
    assert read_edit(bytes.fromhex(case["update"])) == of_vector(case)


def items(*, stamp: object = None, **more: object) -> bytes:
    """An update of the edit's client with any stamp and any further keys."""
    keys: list[tuple[str, object]] = [("~Ab3dE6gH", stamp or ["0aZ9bY8cX7dW", 5, {}])]
    return encode_items(decode62("Ab3dE6gH"), [*keys, *more.items()])


CANONICAL = encode_edit(EDIT)
OTHER_CLIENT = encode_items(decode62("Ab3dE6gI"), [("~Ab3dE6gH", ["0aZ9bY8cX7dW", 5, {}]), ("place~Ab3dE6gH", "x")])


def overlong(update: bytes) -> bytes:
    """The same with the client count as a two-byte varint."""
    return b"\x81\x00" + update[1:]


def two_clients() -> bytes:
    return b"\x02" + CANONICAL[1:-1] + CANONICAL[1:]


def nested(depth: int) -> bytes:
    """A value of lists in lists."""
    out = bytearray(encode_items(decode62("Ab3dE6gH"), [("~Ab3dE6gH", ["0aZ9bY8cX7dW", 5, {}])])[:-1])
    out[1] = 2
    out.append(0x28)
    write_uint(1, out)
    write_text("row", out)
    write_text("place~Ab3dE6gH", out)
    write_uint(1, out)
    out += b"\x75\x01" * depth + b"\x7e\x00"
    return bytes(out)


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "an empty update": b"\x00\x00",
    "a byte left over": CANONICAL + b"\x00",
    "cut short": CANONICAL[:-3],
    "an overlong count": overlong(CANONICAL),
    "two clients": two_clients(),
    "a clock that does not start at 0": CANONICAL.replace(b"\x00\x28", b"\x01\x28", 1),
    "a delete set": CANONICAL[:-1] + b"\x01\x05\x01\x00\x01",
    "a future delete set alone": b"\x00\x01\x05\x01\x00\x7f",
    "a client that is not the edit": OTHER_CLIENT,
    "a stamp without writes": encode_items(decode62("Ab3dE6gH"), [("~Ab3dE6gH", ["0aZ9bY8cX7dW", 5, {}])]),
    "writes without a stamp": encode_items(decode62("Ab3dE6gH"), [("a~Ab3dE6gH", 1), ("b~Ab3dE6gH", 2)]),
    "another edit's key": items(**{"place~Ab3dE6gI": "x"}),
    "a key that is no path": items(**{"Place~Ab3dE6gH": "x"}),
    "keys out of order": items(**{"b~Ab3dE6gH": "x", "a~Ab3dE6gH": "y"}),
    "a path twice": items(**{"a~Ab3dE6gH": "x"})[:-1] + items(**{"a~Ab3dE6gH": "x"})[-30:],
    "seen of a path not written": items(stamp=["0aZ9bY8cX7dW", 5, {"b": ["00000001"]}], **{"a~Ab3dE6gH": 1}),
    "seen out of order": items(stamp=["0aZ9bY8cX7dW", 5, {"a": ["00000002", "00000001"]}], **{"a~Ab3dE6gH": 1}),
    "seen itself": items(stamp=["0aZ9bY8cX7dW", 5, {"a": ["Ab3dE6gH"]}], **{"a~Ab3dE6gH": 1}),
    "seen twice": items(stamp=["0aZ9bY8cX7dW", 5, {"a": ["00000001", "00000001"]}], **{"a~Ab3dE6gH": 1}),
    "an actor that is none": items(stamp=["me", 5, {}], **{"a~Ab3dE6gH": 1}),
    "a time before 1970": items(stamp=["0aZ9bY8cX7dW", -5, {}], **{"a~Ab3dE6gH": 1}),
    "a time that is no whole number": items(stamp=["0aZ9bY8cX7dW", 5.5, {}], **{"a~Ab3dE6gH": 1}),
    "a stamp of two parts": items(stamp=["0aZ9bY8cX7dW", 5], **{"a~Ab3dE6gH": 1}),
    "a stamp that is a number": items(stamp=7, **{"a~Ab3dE6gH": 1}),
    "a stamp that is text of three signs": items(stamp="abc", **{"a~Ab3dE6gH": 1}),
    "a key without an author": items(**{"a": 1}),
    "text that is not UTF-8": items(**{"a~Ab3dE6gH": "xy"}).replace(b"\x02xy", b"\x02\xff\xfe"),
    "a float cut short": items(**{"a~Ab3dE6gH": 1})[:-3] + b"\x7b\x40",
    "a list that says it is longer than the bytes": items(**{"a~Ab3dE6gH": []})[:-2] + b"\xff\x7f\x00",
    "a count that never ends": b"\x01" + b"\xff" * 400,
    "a kind of value that no cell has": items(**{"a~Ab3dE6gH": 1})[:-3] + b"\x74\x00\x00",
    "a stamp of four parts": items(stamp=["0aZ9bY8cX7dW", 5, {}, 1], **{"a~Ab3dE6gH": 1}),
    "an object as value": items(**{"a~Ab3dE6gH": {"b": 1}}),
    "a list of numbers": items(**{"a~Ab3dE6gH": [1]}),
    "NUL in text": items(**{"a~Ab3dE6gH": "a\x00b"}),
    "a value over 4 KB": items(**{"a~Ab3dE6gH": "救" * 1400}),
    "deep values": nested(4),
    "very deep values": nested(7000),
    "65 cells": items(**{f"f{n:02}~Ab3dE6gH": 1 for n in range(65)}),
    "another root": CANONICAL.replace(b"\x03row", b"\x03wor"),
    "more than 16 KB": CANONICAL + b"\x00" * MAX_EDIT_BYTES,
}


@pytest.mark.parametrize("update", HOSTILE.values(), ids=HOSTILE.keys())
def test_ED1_anything_but_canonical_bytes_is_malformed(update: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_edit(update)
    assert caught.value.code == "malformed"


@pytest.mark.parametrize(
    "tail",
    [
        b"\x7b" + struct.pack(">d", 3.0),
        b"\x7c" + struct.pack(">f", 1.0),
        b"\x7b" + struct.pack(">d", 0.5),
        b"\x7d\x80\x00",
        b"\x7d\x40",
    ],
    ids=["an int as a double", "an int as a float", "a float as a double", "an overlong int", "minus zero"],
)
def test_ED1_a_number_has_one_spelling(tail: bytes) -> None:
    one = items(**{"a~Ab3dE6gH": 1})
    assert one.endswith(b"\x7d\x01\x00")
    with pytest.raises(ProtocolError):
        read_edit(one[:-3] + tail + b"\x00")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2.0**60])
def test_ED6_numbers_no_cell_can_hold_are_refused(number: float) -> None:
    one = items(**{"a~Ab3dE6gH": 1})
    with pytest.raises(ProtocolError):
        read_edit(one[:-3] + b"\x7b" + struct.pack(">d", number) + b"\x00")


@pytest.mark.parametrize(
    "value",
    [2**53 + 1, float("nan"), float("inf"), "a\x00", "\ud800", "救" * 1400, [1], ["a\x00"], {"a": 1}, b"x"],
    ids=repr,
)
def test_ED6_a_value_that_is_none_is_named(value: object) -> None:
    with pytest.raises(ProtocolError):
        check_edit("Ab3dE6gH", "0aZ9bY8cX7dW", 5, {"a": value}, {})


def test_ED5_a_value_of_4_KB_and_an_edit_of_16_KB_pass() -> None:
    edit = replace(EDIT, writes={f"f{n}": "x" * 4096 for n in range(3)}, seen={})
    assert read_edit(encode_edit(edit)) == edit


def test_ED5_an_edit_of_exactly_16_KB_passes_and_one_byte_more_does_not() -> None:
    edit = replace(EDIT, writes={f"f{n}": "x" * 4096 for n in range(3)} | {"f3": ""}, seen={})
    room = MAX_EDIT_BYTES - len(encode_edit(edit)) - 1  # a length above 127 takes a second byte
    full = replace(edit, writes={**edit.writes, "f3": "x" * room})
    assert len(encode_edit(full)) == MAX_EDIT_BYTES
    assert read_edit(encode_edit(full)) == full
    with pytest.raises(ProtocolError, match="16384 bytes"):
        read_edit(encode_edit(replace(edit, writes={**edit.writes, "f3": "x" * (room + 1)})))


def test_ED4_64_cells_and_16_seen_pass() -> None:
    seen = [f"0000000{n:x}" for n in range(16)]
    edit = replace(EDIT, writes={f"f{n:02}": n for n in range(64)}, seen={"f00": sorted(seen)})
    assert read_edit(encode_edit(edit)) == edit
    with pytest.raises(ProtocolError):
        check_edit("Ab3dE6gH", "0aZ9bY8cX7dW", 5, {"a": 1}, {"a": [f"000000{n:02}" for n in range(17)]})
