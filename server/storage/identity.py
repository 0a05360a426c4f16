"""Who is who, as rows of tables: actors, sessions, invites, grants, holds.

I/O on the connection given; writes run inside the writer's transaction. Imported by `sqlite.py`. Secrets come as
digests only.
"""

from __future__ import annotations

import sqlite3

import msgspec

from server.errors import StorageError
from server.storage.contract import Actor, AuditRecord, Grant, Invite, SessionRecord

INVITE = (
    "SELECT id, workbook, secret_digest, role, team, uses_left, expires_ms, created_by, created_ms, revoked_ms"
    " FROM invites"
)
GRANT = "SELECT workbook, actor, role, team, invite, granted_ms, revoked_ms FROM grants"
SESSION = "SELECT id, secret_digest, workbook, actor, created_ms, expires_ms, revoked_ms FROM sessions"


def write_audit(conn: sqlite3.Connection, workbook: str, *records: AuditRecord) -> None:
    conn.executemany(
        "INSERT INTO audit (workbook, at_ms, actor, role, act, sheet, row, reason, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(workbook, r.at_ms, r.actor, r.role, r.act, r.sheet, r.row, r.reason, r.detail) for r in records],
    )


def see_actor(conn: sqlite3.Connection, actor: str, *, name: str, now_ms: int) -> None:
    """First and last time seen; an empty name leaves the one known."""
    conn.execute(
        "INSERT INTO actors (actor, name, first_ms, last_ms) VALUES (?, ?, ?, ?) ON CONFLICT (actor) DO UPDATE SET"
        " name = iif(excluded.name = '', name, excluded.name), last_ms = max(last_ms, excluded.last_ms)",
        (actor, name, now_ms, now_ms),
    )


def add_session(conn: sqlite3.Connection, session: SessionRecord) -> None:
    conn.execute(
        "INSERT INTO sessions (id, secret_digest, workbook, actor, created_ms, expires_ms, revoked_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            session.id,
            session.secret_digest,
            session.workbook,
            session.actor,
            session.created_ms,
            session.expires_ms,
            session.revoked_ms,
        ),
    )


def revoke_session(conn: sqlite3.Connection, session: str, *, now_ms: int) -> None:
    conn.execute("UPDATE sessions SET revoked_ms = ? WHERE id = ? AND revoked_ms = 0", (now_ms, session))


def add_invite(conn: sqlite3.Connection, invite: Invite) -> None:
    conn.execute(
        "INSERT INTO invites (id, workbook, secret_digest, role, team, uses_left, expires_ms, created_by, created_ms,"
        " revoked_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            invite.id,
            invite.workbook,
            invite.secret_digest,
            invite.role,
            invite.team,
            invite.uses_left,
            invite.expires_ms,
            invite.created_by,
            invite.created_ms,
            invite.revoked_ms,
        ),
    )


def use_invite(conn: sqlite3.Connection, workbook: str, *, secret_digest: str, actor: str, now_ms: int) -> Grant | None:
    found = conn.execute(f"{INVITE} WHERE workbook = ? AND secret_digest = ?", (workbook, secret_digest)).fetchone()
    if found is None:
        return None
    invite = Invite(*found)
    if invite.revoked_ms:
        return None
    held = grant(conn, workbook, actor=actor)
    if held is not None and not held.revoked_ms and held.invite == invite.id:
        return held
    if invite.uses_left <= 0 or invite.expires_ms <= now_ms:
        return None
    conn.execute("UPDATE invites SET uses_left = uses_left - 1 WHERE workbook = ? AND id = ?", (workbook, invite.id))
    given = Grant(workbook, actor, invite.role, invite.team, invite.id, now_ms, 0)
    set_grant(conn, given)
    return given


def revoke_invite(conn: sqlite3.Connection, workbook: str, *, invite: str, now_ms: int) -> list[str]:
    """The actors whose grants ended with it. Raises StorageError where there is no such invite."""
    changed = conn.execute(
        "UPDATE invites SET revoked_ms = iif(revoked_ms = 0, ?, revoked_ms) WHERE workbook = ? AND id = ?",
        (now_ms, workbook, invite),
    )
    if changed.rowcount == 0:
        raise StorageError("invite-unknown", "no such invite in this workbook")
    where = "workbook = ? AND invite = ? AND revoked_ms = 0"
    concerned = conn.execute(f"SELECT actor FROM grants WHERE {where} ORDER BY actor", (workbook, invite)).fetchall()
    conn.execute(f"UPDATE grants SET revoked_ms = ? WHERE {where}", (now_ms, workbook, invite))
    return [actor for (actor,) in concerned]


def set_grant(conn: sqlite3.Connection, given: Grant) -> None:
    conn.execute(
        "INSERT INTO grants (workbook, actor, role, team, invite, granted_ms, revoked_ms) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (workbook, actor) DO UPDATE SET role = excluded.role, team = excluded.team,"
        " invite = excluded.invite, granted_ms = excluded.granted_ms, revoked_ms = excluded.revoked_ms",
        (given.workbook, given.actor, given.role, given.team, given.invite, given.granted_ms, given.revoked_ms),
    )


def revoke_grant(conn: sqlite3.Connection, workbook: str, *, actor: str, now_ms: int) -> None:
    conn.execute(
        "UPDATE grants SET revoked_ms = ? WHERE workbook = ? AND actor = ? AND revoked_ms = 0",
        (now_ms, workbook, actor),
    )


def hold(
    conn: sqlite3.Connection, workbook: str, *, sheet: str, row: str, actor: str, code_digest: str, now_ms: int
) -> None:
    conn.execute(
        "INSERT OR IGNORE INTO holds (workbook, sheet, row, actor, at_ms) VALUES (?, ?, ?, ?, ?)",
        (workbook, sheet, row, actor, now_ms),
    )
    if code_digest:
        conn.execute(
            "INSERT INTO codes (workbook, sheet, row, code_digest) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (workbook, sheet, row) DO UPDATE SET code_digest = excluded.code_digest",
            (workbook, sheet, row, code_digest),
        )


def reissue_link(
    conn: sqlite3.Connection,
    workbook: str,
    *,
    sheet: str,
    row: str,
    secret_digest: str,
    code_digest: str,
    audit: AuditRecord,
) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO links (workbook, sheet, row, secret_digest, issued_ms, issued_by) VALUES (?, ?, ?, ?, ?, ?)",
        (workbook, sheet, row, secret_digest, audit.at_ms, audit.actor),
    )
    conn.execute("DELETE FROM holds WHERE workbook = ? AND sheet = ? AND row = ?", (workbook, sheet, row))
    conn.execute(
        "INSERT OR REPLACE INTO codes (workbook, sheet, row, code_digest) VALUES (?, ?, ?, ?)",
        (workbook, sheet, row, code_digest),
    )
    write_audit(conn, workbook, audit)


def link_digest(conn: sqlite3.Connection, workbook: str, *, sheet: str, row: str) -> str:
    found = conn.execute(
        "SELECT secret_digest FROM links WHERE workbook = ? AND sheet = ? AND row = ?", (workbook, sheet, row)
    ).fetchone()
    return str(found[0]) if found else ""


def sessions(conn: sqlite3.Connection, workbook: str, *, actor: str) -> list[SessionRecord]:
    found = conn.execute(
        f"{SESSION} WHERE workbook = ? AND actor = ? AND revoked_ms = 0 ORDER BY created_ms DESC, id", (workbook, actor)
    )
    return [SessionRecord(*line) for line in found]


def actors(conn: sqlite3.Connection, wanted: list[str]) -> dict[str, Actor]:
    found = conn.execute(
        "SELECT actor, name, first_ms, last_ms FROM actors WHERE actor IN (SELECT value FROM json_each(?))",
        (_json_list(wanted),),
    )
    return {line[0]: Actor(*line) for line in found}


def grant(conn: sqlite3.Connection, workbook: str, *, actor: str) -> Grant | None:
    found = conn.execute(f"{GRANT} WHERE workbook = ? AND actor = ?", (workbook, actor)).fetchone()
    return Grant(*found) if found else None


def grants(conn: sqlite3.Connection, workbook: str) -> list[Grant]:
    found = conn.execute(f"{GRANT} WHERE workbook = ? ORDER BY granted_ms, actor", (workbook,))
    return [Grant(*line) for line in found]


def invites(conn: sqlite3.Connection, workbook: str) -> list[Invite]:
    found = conn.execute(f"{INVITE} WHERE workbook = ? ORDER BY created_ms, id", (workbook,))
    return [Invite(*line) for line in found]


def session(conn: sqlite3.Connection, secret_digest: str) -> SessionRecord | None:
    found = conn.execute(f"{SESSION} WHERE secret_digest = ?", (secret_digest,)).fetchone()
    return SessionRecord(*found) if found else None


def holds(conn: sqlite3.Connection, workbook: str, *, actor: str) -> set[tuple[str, str]]:
    return set(
        conn.execute("SELECT sheet, row FROM holds WHERE workbook = ? AND actor = ?", (workbook, actor)).fetchall()
    )


def code_digest(conn: sqlite3.Connection, workbook: str, *, sheet: str, row: str) -> str:
    found = conn.execute(
        "SELECT code_digest FROM codes WHERE workbook = ? AND sheet = ? AND row = ?", (workbook, sheet, row)
    ).fetchone()
    return str(found[0]) if found else ""


def _json_list(texts: list[str]) -> str:
    return msgspec.json.encode(texts).decode()
