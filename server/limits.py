"""How much one address, one actor, one sheet may ask for in a time: budgets that honest crowds never notice.

Pure: the time comes in. Imported by the two rims, `server.web` and `server.sync.endpoint`, and built by `server.app`. Rules SE1–SE6 of
docs/spec/security.md.

A help request is never refused for there being many. Past the flood level it is answered "later" with everything kept: the form comes back
filled in, a program is told the seconds, an app's outbox asks again by itself. An address may be a shelter, or ten thousand phones behind one
operator's gateway; so addresses are held far looser than actors, and tightly only while their sheet is being flooded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from server.errors import AccessError


@dataclass(frozen=True, slots=True)
class Rate:
    """What may be asked for at once, and what comes back each second."""

    burst: float
    per_s: float


# Twice 200 people behind one address, each filing three times; then two a second, which no shelter keeps up.
ROWS_BY_ADDRESS = Rate(1200, 2.0)
# Somebody who collected a village's requests on paper sends them at once; twenty a minute is typing without a pause.
ROWS_BY_VISITOR = Rate(120, 1 / 3)
# A telephone bank's outbox after a day without a network.
ROWS_BY_MEMBER = Rate(1000, 2.0)
# The flood of 2021 brought some 5,000 rows in its fullest day. Fifty times that rate, for an hour, is not people.
ROWS_BY_SHEET = Rate(2000, 5.0)
# While a sheet is past that: what one address, one visitor still files at once. Who helped to flood it has used this up already.
FLOODED_BY_ADDRESS = Rate(60, 0.2)
FLOODED_BY_VISITOR = Rate(5, 1 / 30)

# Every post of a form or a body, whatever it says: ~1 ms of the loop each, so a fiftieth of a core.
POSTS_BY_ADDRESS = Rate(2000, 20.0)
# A login writes a session. A shelter's phones come in the same minute after a power cut.
LOGINS_BY_ADDRESS = Rate(1000, 5.0)
LOGINS_BY_ACTOR = Rate(30, 0.2)
# Invites that opened nothing. 130 bits are not guessed; a queue of 300 people at a spent QR code is not an attack.
WRONG_INVITES_BY_ADDRESS = Rate(300, 1.0)
# Edits over every way in: a day's outbox at once (ten a minute for five hours), then faster than anybody types.
EDITS_BY_ACTOR = Rate(3000, 20.0)
# A row's document is built for each reader that opens it: some milliseconds of yrs.
DOCUMENTS_BY_ADDRESS = Rate(600, 10.0)
MESSAGES_BY_READER = Rate(60, 2.0)
# A file costs a child process up to 40 s of CPU.
IMPORTS_BY_ACTOR = Rate(20, 0.1)
# Open at once. Phones behind one operator's gateway look like one; a device has one talker, and old links linger for half a minute.
SOCKETS_BY_ADDRESS = 4000
SOCKETS_BY_ACTOR = 40

MAX_KEPT = 100_000  # budgets in memory, ~150 bytes each; the longest unused goes first, and comes back full
SLOWEST_S = 60.0  # nobody is told to wait longer: an attack that ends is over for everybody within a minute


class TooMany(AccessError):
    """Slow down: the same request succeeds after `after_s` seconds."""

    def __init__(self, after_s: float) -> None:
        super().__init__(
            "too-many", "too many requests at once", "keep what you have; the same again succeeds a little later"
        )
        self.after_s = max(1, int(after_s + 0.999))


class Limits:
    """The budgets of one server: buckets that fill again with time."""

    __slots__ = ("_kept", "_open")

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()  # key -> (left, counted at)
        self._open: dict[tuple[str, str], int] = {}

    # -- one budget

    def take(self, kind: str, key: str, rate: Rate, *, now_s: float, cost: float = 1.0) -> float:
        """Spend, and 0.0; or the seconds until it can be spent, and nothing spent. An empty key has no budget."""
        if not key:
            return 0.0
        wait_s = self.wait(kind, key, rate, now_s=now_s, cost=cost)
        if not wait_s:
            self._spend(kind, key, rate, now_s=now_s, cost=cost)
        return wait_s

    def wait(self, kind: str, key: str, rate: Rate, *, now_s: float, cost: float = 1.0) -> float:
        """Seconds until this much can be spent; 0.0 now. What costs more than a burst may be spent from a full budget."""
        if not key:
            return 0.0
        missing = min(cost, rate.burst) - self._left((kind, key), rate, now_s)
        return min(SLOWEST_S, missing / rate.per_s) if missing > 1e-9 else 0.0

    def _left(self, key: tuple[str, ...], rate: Rate, now_s: float) -> float:
        left, counted_s = self._kept.get(key, (rate.burst, now_s))
        return min(rate.burst, left + rate.per_s * max(0.0, now_s - counted_s))

    def _spend(self, kind: str, key: str, rate: Rate, *, now_s: float, cost: float = 1.0) -> None:
        if key:
            self._kept[(kind, key)] = (max(0.0, self._left((kind, key), rate, now_s) - cost), now_s)
            self._kept.move_to_end((kind, key))
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)

    # -- new rows: the one budget that help requests meet

    def row_wait(self, *, sheet: str, actor: str, address: str, member: bool, now_s: float) -> float:
        """Seconds until this actor may begin a row; 0.0 now. `sheet` is workbook/sheet; `member` has a role somebody gave."""
        if member:
            return self.wait("rows-member", actor, ROWS_BY_MEMBER, now_s=now_s)
        waits = [
            self.wait("rows-visitor", actor, ROWS_BY_VISITOR, now_s=now_s),
            self.wait("rows-address", address, ROWS_BY_ADDRESS, now_s=now_s),
        ]
        if self.is_flooded(sheet, now_s=now_s):
            waits.append(self.wait("flooded-visitor", actor, FLOODED_BY_VISITOR, now_s=now_s))
            waits.append(self.wait("flooded-address", address, FLOODED_BY_ADDRESS, now_s=now_s))
        return max(waits)

    def take_row(self, *, sheet: str, actor: str, address: str, member: bool, now_s: float) -> float:
        """Count a row that begins, and 0.0; or the seconds until it may."""
        wait_s = self.row_wait(sheet=sheet, actor=actor, address=address, member=member, now_s=now_s)
        if not wait_s:
            self.count_row(sheet=sheet, actor=actor, address=address, member=member, now_s=now_s)
        return wait_s

    def count_row(self, *, sheet: str, actor: str, address: str, member: bool, now_s: float) -> None:
        """A row begins."""
        self._spend("rows-sheet", sheet, ROWS_BY_SHEET, now_s=now_s)
        if member:
            self._spend("rows-member", actor, ROWS_BY_MEMBER, now_s=now_s)
            return
        self._spend("rows-visitor", actor, ROWS_BY_VISITOR, now_s=now_s)
        self._spend("rows-address", address, ROWS_BY_ADDRESS, now_s=now_s)
        # Always counted, asked only in a flood: so the flood's makers meet it first.
        self._spend("flooded-visitor", actor, FLOODED_BY_VISITOR, now_s=now_s)
        self._spend("flooded-address", address, FLOODED_BY_ADDRESS, now_s=now_s)

    def is_flooded(self, sheet: str, *, now_s: float) -> bool:
        """Whether more rows begin in a sheet than people can write."""
        return self.wait("rows-sheet", sheet, ROWS_BY_SHEET, now_s=now_s) > 0

    # -- open sockets

    def open_socket(self, kind: str, key: str, most: int) -> bool:
        """Count a socket in; False where there are enough. Whoever got True says `close_socket` once."""
        if not key:
            return True
        if self._open.get((kind, key), 0) >= most:
            return False
        self._open[(kind, key)] = self._open.get((kind, key), 0) + 1
        return True

    def close_socket(self, kind: str, key: str) -> None:
        """Count it out again."""
        left = self._open.get((kind, key), 0) - 1
        if left > 0:
            self._open[(kind, key)] = left
        else:
            self._open.pop((kind, key), None)


def address_key(host: str) -> str:
    """What an address is counted as: IPv4 whole, IPv6 by its /64, which is one household.

    "", which has no budget, for this machine itself: a reverse proxy that does not say for whom it asks is everybody.
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return "" if address.is_loopback else str(IPv6Address(int(address) >> 64 << 64))
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)
