"""Calls: who is telephoning about a row now, what came of calls before, and when to call again.

Pure. Imported by the queue and `server/calls.py`. A lease is a courtesy, not a lock: it is seen, it runs out, and whoever insists calls
all the same. Rules MO40–MO44 of docs/spec/moderation.md.

    free ──take──► leased ──release, or the time──► free
                     └──insist──► leased by the one who insists; both are told
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from moderation.ageing import moment_ms
from schema.status import Cells

LEASE_MS = 5 * 60_000  # a call, and one tap after it
REFUSED_AFTER = 2  # calls without an answer, after which the row waits a while
PAUSE_MS = 15 * 60_000
UNANSWERED = frozenset({"no_answer", "busy", "phone_off"})
REACHED = frozenset({"confirmed_need", "safe", "rescued"})

Row = tuple[str, str]  # sheet, row


@dataclass(frozen=True, slots=True)
class Lease:
    actor: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking: `held` whether it is the asker's now; `by` whose it was, "" where nobody's."""

    held: bool
    lease: Lease | None
    by: str = ""


@dataclass(slots=True)
class Leases:
    """Every lease that may still run."""

    rows: dict[Row, Lease] = field(default_factory=dict)

    def of(self, row: Row, now_ms: int) -> Lease | None:
        """Who is calling; None where nobody is."""
        lease = self.rows.get(row)
        if lease is not None and lease.until_ms <= now_ms:
            del self.rows[row]
            return None
        return lease

    def take(self, row: Row, actor: str, now_ms: int, *, insist: bool = False) -> Taken:
        """Ask for the row. Somebody else's lease stands, unless the asker insists."""
        lease = self.of(row, now_ms)
        other = lease.actor if lease is not None and lease.actor != actor else ""
        if other and not insist:
            return Taken(False, lease, other)
        self.rows[row] = Lease(actor, now_ms + LEASE_MS)
        return Taken(True, self.rows[row], other)

    def release(self, row: Row, actor: str, now_ms: int) -> bool:
        """Give it back; whether it was theirs."""
        lease = self.of(row, now_ms)
        if lease is None or lease.actor != actor:
            return False
        del self.rows[row]
        return True

    def running(self, now_ms: int) -> dict[Row, Lease]:
        self.rows = {row: lease for row, lease in self.rows.items() if lease.until_ms > now_ms}
        return dict(self.rows)


Channel = Literal["call", "sms"]


@dataclass(frozen=True, slots=True)
class Contact:
    """What a row's contact log adds up to."""

    tries: int  # since somebody was last reached
    last_ms: int  # the last try of any kind
    last_outcome: str
    not_before_ms: int  # "do not call before": as asked, or a pause after two calls in vain
    sms_only: bool
    battery: int | None  # per cent, as last said


def contact_of(cells: Cells) -> Contact:
    """The contact log of a row, and its marks. Order-free."""
    calls = sorted(
        (live.at_ms, live.edit, live.value)
        for path, values in cells.items()
        if path.startswith("contact_log:")
        for live in values
        if isinstance(live.value, list) and len(live.value) >= 2 and live.value[1] not in ("", "calling")
    )
    tries = 0
    not_before = 0
    for at_ms, _, value in calls:
        outcome = value[1]
        tries = tries + 1 if outcome in UNANSWERED else 0
        asked = moment_ms(value[3]) if len(value) > 3 else 0
        not_before = asked or (at_ms + PAUSE_MS if tries >= REFUSED_AFTER else 0)
    last = calls[-1] if calls else None
    batteries = sorted(
        (live.at_ms, live.value) for live in cells.get("battery_pct", ()) if isinstance(live.value, int | float)
    )
    return Contact(
        tries=tries,
        last_ms=last[0] if last else 0,
        last_outcome=last[2][1] if last else "",
        not_before_ms=not_before,
        sms_only=any(live.value is True for live in cells.get("sms_only", ())),
        battery=int(batteries[-1][1]) if batteries else None,
    )
