"""Cell values: which ones there are, and their bytes in a Yjs update (lib0 `Any`).

Pure. Imported by `encoding` and `gate`. A value is a string, a boolean, null, a finite number or a flat list of strings.
Numbers are ints where integral, so that Python and JavaScript see the same one.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

from schema.errors import ProtocolError

Value = str | bool | int | float | None | list[str]
Seen = Mapping[str, list[str]]

MAX_VALUE_BYTES = 4096  # a long plea is ~600 characters; a 4 kB cell is a document, not a cell
MAX_SAFE = 2**53
BITS31 = 0x7FFFFFFF


# What no eye sees and `strip` leaves: joiners, direction marks, fillers, the word joiner, the byte order mark.
_UNSEEN = dict.fromkeys(
    (0xAD, 0x61C, 0x115F, 0x1160, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))
    + (0x2800, 0x3164, 0xFE0F, 0xFEFF, 0xFFA0)
)


def is_blank(value: Value) -> bool:
    """Whether a cell with this value shows nothing: null, or text without a sign that can be seen (rule ED12)."""
    return value is None or (isinstance(value, str) and not value.translate(_UNSEEN).strip())


def malformed(message: str) -> ProtocolError:
    return ProtocolError("malformed", message)


def check_value(value: object) -> Value:
    """`value` as a cell value. Raises ProtocolError naming what is wrong (rule ED6)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        _check_text(value)
        return value
    if isinstance(value, int | float):
        return normal_number(value)
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, str):
                raise malformed("a list holds only strings")
            _check_text(item)
        if sum(len(item.encode()) for item in value) > MAX_VALUE_BYTES:
            raise malformed(f"a value is at most {MAX_VALUE_BYTES} bytes")
        return value
    raise malformed(f"a value is text, a number, true, false, null or a list of texts, not {type(value).__name__}")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise malformed("text with a NUL")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise malformed("text with half a surrogate pair") from None
    if size > MAX_VALUE_BYTES:
        raise malformed(f"a value is at most {MAX_VALUE_BYTES} bytes")


def normal_number(number: int | float) -> int | float:
    """The one Python form of a JavaScript number. Raises ProtocolError where there is none."""
    if isinstance(number, float):
        if not math.isfinite(number):
            raise malformed("a number that is not finite")
        if not number.is_integer():
            return number
        number = int(number)  # -0 becomes 0: no cell needs the sign of nothing
    if abs(number) > MAX_SAFE:
        raise malformed("a whole number beyond 2^53")
    return number


def write_uint(number: int, out: bytearray) -> None:
    """lib0 varuint."""
    while number > 0x7F:
        out.append(0x80 | (number & 0x7F))
        number >>= 7
    out.append(number)


def write_text(text: str, out: bytearray) -> None:
    """lib0 var string."""
    data = text.encode()
    write_uint(len(data), out)
    out += data


def write_any(value: object, out: bytearray) -> None:
    """lib0 `writeAny` of a checked value, a stamp or a `seen` map: the bytes Yjs itself writes."""
    if isinstance(value, str):
        out.append(119)
        write_text(value, out)
    elif value is None:
        out.append(126)
    elif value is True:
        out.append(120)
    elif value is False:
        out.append(121)
    elif isinstance(value, int | float):
        _write_number(value, out)
    elif isinstance(value, list):
        out.append(117)
        write_uint(len(value), out)
        for item in value:
            write_any(item, out)
    elif isinstance(value, dict):
        out.append(118)
        write_uint(len(value), out)
        for key, item in value.items():
            write_text(key, out)
            write_any(item, out)
    else:
        raise AssertionError(f"unchecked value of type {type(value).__name__}")


def _write_number(number: int | float, out: bytearray) -> None:
    if (isinstance(number, int) or number.is_integer()) and abs(number) <= BITS31:
        out.append(125)
        rest = abs(int(number))
        out.append((0x80 if rest > 0x3F else 0) | (0x40 if number < 0 else 0) | (rest & 0x3F))
        rest >>= 6
        if number > 0x3F or number < -0x3F:
            write_uint(rest, out)
        return
    wide = float(number)
    narrow = struct.pack(">f", wide)  # nothing beyond 2^53 comes here, so it fits
    if struct.unpack(">f", narrow)[0] == wide:
        out.append(124)
        out += narrow
    else:
        out.append(123)
        out += struct.pack(">d", wide)
