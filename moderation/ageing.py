"""Ageing: when a person last said that a row still holds, and how overdue asking again is. A row is never closed by the clock.

Pure. Imported by the queue, the statistics and the server. Times come from the sheet's definition (`recheck`, minutes by urgency).
Rules MO30–MO33 of docs/spec/moderation.md.

    fresh ──due──► amber ──twice that──► red ──a person says so──► fresh
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schema.fields.moment import is_moment
from schema.sheets import Sheet
from schema.status import Cells, Status, last_confirmed_ms

MINUTE_MS = 60_000
RED = 2  # times the time after which it is due

Band = Literal["", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Age:
    """`due_ms`: when somebody should ask again; `band` "" until then, amber from then on, red at twice the time."""

    confirmed_ms: int
    due_ms: int
    band: Band


def age_of(cells: Cells, status: Status, *, sheet: Sheet, now_ms: int) -> Age:
    """How old what a row says is. A row that is over has no age that matters: its band is ""."""
    last = last_confirmed_ms(cells) or 0
    minutes = sheet.recheck.get(status.urgency, sheet.recheck["normal"])
    due = last + minutes * MINUTE_MS
    asked = recheck_at_ms(cells)
    if last < asked < due:
        due = asked
    return Age(last, due, "" if status.over else band_at(last, due, now_ms))


def band_at(confirmed_ms: int, due_ms: int, now_ms: int) -> Band:
    """The band at a moment."""
    if not confirmed_ms or now_ms < due_ms:
        return ""
    return "red" if now_ms >= confirmed_ms + RED * (due_ms - confirmed_ms) else "amber"


def recheck_at_ms(cells: Cells) -> int:
    """When a verifier wants it asked again; 0 where nobody has said. Of several the first."""
    found = [moment for live in cells.get("recheck_at", ()) if (moment := moment_ms(live.value))]
    return min(found, default=0)


def moment_ms(value: object) -> int:
    """Milliseconds since 1970 of a time as cells hold it; 0 where it is none."""
    if not isinstance(value, str) or not is_moment(value):
        return 0
    return int(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() * 1000)
