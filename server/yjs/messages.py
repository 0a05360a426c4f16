"""Messages of y-protocols' sync and awareness, as y-websocket frames them.

Pure. Imported by the endpoint. Names are y-protocols' own.
"""

from __future__ import annotations

from schema.errors import ProtocolError
from schema.values import write_uint

SYNC, AWARENESS, AUTH, QUERY_AWARENESS = 0, 1, 2, 3
STEP_1, STEP_2, UPDATE = 0, 1, 2
MAX_MESSAGE_BYTES = 64 * 1024
MAX_CLIENTS = 5000  # every edit of a row is a client of its own
MAX_CLOCK = 2**31


def read_message(data: bytes) -> tuple[int, int, bytes]:
    """(kind, step, payload). Raises ProtocolError on anything that is not one whole message."""
    if not data or len(data) > MAX_MESSAGE_BYTES:
        raise ProtocolError("malformed", "not a y-websocket message")
    kind = data[0]
    if kind == QUERY_AWARENESS:
        return kind, 0, b""
    at = 1
    step = 0
    if kind == SYNC:
        if len(data) < 2 or data[1] > UPDATE:
            raise ProtocolError("malformed", "not a sync message")
        step, at = data[1], 2
    elif kind not in (AWARENESS, AUTH):
        raise ProtocolError("malformed", "not a y-websocket message")
    size, at = _uint(data, at)
    if at + size != len(data):
        raise ProtocolError("malformed", "a message of another length than it says")
    return kind, step, data[at:]


def read_state_vector(payload: bytes) -> bytes:
    """A reader's state vector, read whole before yrs sees it and written anew. Raises ProtocolError (rule ED3)."""
    count, at = _uint(payload, 0)
    if count > MAX_CLIENTS:
        raise ProtocolError("malformed", f"a state vector names at most {MAX_CLIENTS} clients")
    clocks: dict[int, int] = {}
    for _ in range(count):
        client, at = _uint(payload, at)
        clock, at = _uint(payload, at)
        if clock > MAX_CLOCK or client in clocks:
            raise ProtocolError("malformed", "a state vector with a clock nobody reaches, or a client twice")
        clocks[client] = clock
    if at != len(payload):
        raise ProtocolError("malformed", "bytes left over")
    out = bytearray()
    write_uint(len(clocks), out)
    for client, clock in clocks.items():
        write_uint(client, out)
        write_uint(clock, out)
    return bytes(out)


def write_awareness() -> bytes:
    """An awareness answer with nobody in it: presence of the sheet is on the sheet's own socket."""
    return bytes((AWARENESS, 1, 0))


def _uint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(data) and shift <= 49:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ProtocolError("malformed", "a number that does not end")
