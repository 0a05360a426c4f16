"""Roles and relations: who somebody is to a workbook and to a row.

Pure. Imported by the judge and the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["visitor", "volunteer", "verifier", "team", "matcher", "steward", "owner"]

ROLES: tuple[Role, ...] = ("visitor", "volunteer", "verifier", "team", "matcher", "steward", "owner")
DECIDES: frozenset[str] = frozenset({"verifier", "matcher", "steward", "owner"})  # accept and decline suggestions
RULES: frozenset[str] = frozenset({"steward", "owner"})  # protect, import, export in full, invite

# Whom a role may invite: below its own; an owner also stewards.
_INVITES: dict[str, frozenset[str]] = {
    "steward": frozenset({"volunteer", "verifier", "team", "matcher"}),
    "owner": frozenset({"volunteer", "verifier", "team", "matcher", "steward"}),
}


@dataclass(frozen=True, slots=True)
class Who:
    """An actor as the judge sees them: proved by the session, never taken from the edit."""

    actor: str
    role: Role
    team: str = ""  # "sheet/row" of their team
    holds: bool = False  # has shown this row's link, or filed it as a visitor
    calls: bool = False  # has taken the row to call it, and the lease runs

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a rights table that speak for them, the best counting; an owner reads as a steward."""
        own = "steward" if self.role == "owner" else self.role
        return (own, "holder") if self.holds else (own,)


def may_invite(role: str, invited: str) -> bool:
    """Whether a role may hand out another."""
    return invited in _INVITES.get(role, frozenset())
