"""docs/openapi.json: every address, what goes in and comes out, with an example of each JSON.

Pure. Served at /openapi.json; `python -m server.web.openapi` writes the page, and tests compare it with the routes and the shapes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.web import shapes

VERSION = "0.1.0"
ROW = [
    "help",
    "CS4mUA1hM5rU5g2X",
    7,
    1626785940000,
    "Ks0a1Xw3pQ9Z",
    {"place": [["04Fz9Qp1", "临江市桥头", "Ks0a1Xw3pQ9Z", 1626785940000]]},
    {"contact_phone": ["142****1234"]},
    1626785940000,
]
NAMES = {"Ks0a1Xw3pQ9Z": ["安", "visitor"]}
EPOCH = "5Qd0kW2aYc7T"
DEVICE, SECRET = "3vYq0p8WnXk2LrT6sBd9Ma", "7hGq2m0ZsXw4RtP9cVb1Ne"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `takes` and `gives` are JSON shapes; a page or a file names its media type instead."""

    method: str
    path: str
    summary: str
    takes: type[msgspec.Struct] | None = None
    takes_example: Any = None
    gives: type[msgspec.Struct] | None = None
    gives_example: Any = None
    media: str = ""
    status: int = 200
    query: Mapping[str, str] | None = None
    session: bool = False
    form: Mapping[str, str] | None = None
    file: bool = False


W = "/w/{workbook}"
PAGE = "text/html"
PAGED = {
    "q": "words, or a row's number",
    "status": "a status's code",
    "urgency": "an urgency's code",
    "district": "a district's name",
    "over": "1: also rows that are over",
    "page": "from 1",
}

OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "/", "The workbooks of this server, as a page.", media=PAGE, query={"lang": "zh or en"}),
    Operation(
        "get",
        "/workbooks.json",
        "The workbooks of this server.",
        gives=shapes.WorkbooksAnswer,
        gives_example={"workbooks": [{"id": "rescue", "title": "救命文档", "drill": False}]},
    ),
    Operation("get", "/openapi.json", "This document.", media="application/json"),
    Operation("get", "/style/{name}", "The style sheet of the pages, by its hashed name.", media="text/css"),
    Operation("get", "/app/{name}", "The built app, by hashed names.", media="text/javascript"),
    Operation("get", "/sw.js", "The app's service worker.", media="text/javascript"),
    Operation("get", "/sw-off.js", "A service worker that takes itself away.", media="text/javascript"),
    Operation("get", "/manifest.webmanifest", "The app's manifest.", media="application/manifest+json"),
    Operation("get", "/favicon.ico", "The app's icon.", media="image/x-icon"),
    Operation("get", "/{name}.png", "The app's icons.", media="image/png"),
    Operation("get", "/{name}.svg", "The app's icon.", media="image/svg+xml"),
    Operation("get", W, "To the address with its slash.", status=308),
    Operation(
        "get",
        f"{W}/",
        "A workbook: what waits, emergency numbers, the way to ask for help; the app's first paint.",
        media=PAGE,
    ),
    Operation(
        "post",
        f"{W}/login",
        "A session for a device.",
        takes=shapes.LoginBody,
        takes_example={"device": DEVICE, "name": "安"},
        gives=shapes.LoginAnswer,
        gives_example={
            "session": SECRET,
            "actor": "Ks0a1Xw3pQ9Z",
            "role": "visitor",
            "team": "",
            "name": "安",
            "epoch": EPOCH,
        },
    ),
    Operation(
        "post",
        f"{W}/join",
        "A session with the role an invite gives.",
        takes=shapes.JoinBody,
        takes_example={"device": DEVICE, "invite": SECRET, "name": "核"},
        gives=shapes.LoginAnswer,
        gives_example={
            "session": SECRET,
            "actor": "Ks0a1Xw3pQ9Z",
            "role": "verifier",
            "team": "",
            "name": "核",
            "epoch": EPOCH,
        },
    ),
    Operation(
        "get",
        f"{W}/invites",
        "The workbook's invites; stewards.",
        session=True,
        gives=shapes.InvitesAnswer,
        gives_example={
            "invites": [
                {
                    "id": "4kPq09Xz",
                    "role": "verifier",
                    "team": "",
                    "left": 9,
                    "created_ms": 1626785940000,
                    "expires_ms": 1627390740000,
                    "revoked": False,
                }
            ]
        },
    ),
    Operation(
        "post",
        f"{W}/invites",
        "An invite for a role below one's own; stewards.",
        session=True,
        status=201,
        takes=shapes.InviteBody,
        takes_example={"role": "verifier", "uses": 10, "days": 7},
        gives=shapes.InviteAnswer,
        gives_example={
            "id": "4kPq09Xz",
            "url": f"https://sheet.example/w/rescue/#invite={SECRET}",
            "role": "verifier",
            "expires_ms": 1627390740000,
        },
    ),
    Operation(
        "post",
        f"{W}/invites/{{invite}}/revoke",
        "Take an invite back, and every role it gave; stewards.",
        session=True,
        takes=shapes.ReasonBody,
        takes_example={"reason": "posted in public"},
        gives=shapes.EmptyAnswer,
        gives_example={},
    ),
    Operation(
        "get",
        f"{W}/people",
        "Everybody with a role; stewards.",
        session=True,
        gives=shapes.PeopleAnswer,
        gives_example={
            "people": [
                {
                    "actor": "Ks0a1Xw3pQ9Z",
                    "name": "核",
                    "role": "verifier",
                    "team": "",
                    "invite": "4kPq09Xz",
                    "granted_ms": 1626785940000,
                    "logins": 1,
                    "below": True,
                }
            ]
        },
    ),
    Operation(
        "post",
        f"{W}/people/{{actor}}/revoke",
        "Take somebody's role away, with a reason; stewards, of roles below their own.",
        session=True,
        takes=shapes.ReasonBody,
        takes_example={"reason": "left the group"},
        gives=shapes.EmptyAnswer,
        gives_example={},
    ),
    Operation(
        "post",
        f"{W}/people/{{actor}}/log-out",
        "End every login of somebody, with a reason: a lost phone; stewards.",
        session=True,
        takes=shapes.ReasonBody,
        takes_example={"reason": "phone lost"},
        gives=shapes.EndedAnswer,
        gives_example={"ended": 2},
    ),
    Operation(
        "get",
        f"{W}/audit",
        "Who did what, newest first, at most 200 lines; stewards.",
        session=True,
        query={"act": "only this act: reveal, protect, revoke-role …", "row": "only this row's id"},
        gives=shapes.AuditAnswer,
        gives_example={
            "lines": [
                {
                    "at_ms": 1626785940000,
                    "actor": "Ks0a1Xw3pQ9Z",
                    "role": "verifier",
                    "act": "reveal",
                    "sheet": "help",
                    "row": "CS4mUA1hM5rU5g2X",
                    "reason": "to call",
                    "detail": "",
                }
            ],
            "names": NAMES,
        },
    ),
    Operation(
        "get",
        f"{W}/workbook.json",
        "What a workbook is.",
        gives=shapes.WorkbookAnswer,
        gives_example={
            "id": "rescue",
            "title": "救命文档",
            "epoch": EPOCH,
            "drill": False,
            "sheets": ["help"],
            "protection": {"help": "careful"},
            "notice": "",
            "server_time": 1626785940000,
        },
    ),
    Operation(
        "get",
        f"{W}/snapshot.json",
        "One page of a cold open: most urgent first, then newest. Page 0 is the first paint, the later ones hold every row.",
        query={"page": "from 0", "cursor": "the open these pages belong to", "over": "1: also rows that are over"},
        gives=shapes.SnapshotAnswer,
        gives_example={"epoch": EPOCH, "cursor": 41, "page": 0, "pages": 1, "rows": [ROW], "names": NAMES},
    ),
    Operation(
        "get",
        f"{W}/changes",
        "What moved since a cursor: each touched cell's complete live set as it stands now. 410 where the store does not know the cursor.",
        query={"since": "a cursor", "epoch": "the epoch it is of"},
        gives=shapes.ChangesAnswer,
        gives_example={"epoch": EPOCH, "cursor": 42, "more": False, "entries": [ROW], "names": NAMES},
    ),
    Operation(
        "post",
        f"{W}/edits",
        "Edits of one row; the server writes them canonically and judges each.",
        session=True,
        takes=shapes.EditsBody,
        takes_example={
            "sheet": "help",
            "row": "CS4mUA1hM5rU5g2X",
            "secret": "",
            "edits": [
                {
                    "tier": "public",
                    "edit": "04Fz9Qp1",
                    "at_ms": 1626785940000,
                    "writes": {"people_total": 5, "needs:boat": True},
                    "seen": {"people_total": ["04Fz9Qo7"]},
                }
            ],
        },
        gives=shapes.EditsAnswer,
        gives_example={"verdicts": [["04Fz9Qp1", "accepted", "ok"]], "seq": 812, "no": 7},
    ),
    Operation(
        "post",
        f"{W}/import",
        "Import a spreadsheet; stewards. A dry run says what would be and writes nothing.",
        session=True,
        file=True,
        media="application/json",
        query={"dry_run": "1: write nothing"},
    ),
    Operation(
        "get",
        f"{W}/export/{{sheet}}.{{form}}",
        "A sheet's rows as csv or json, redacted; in full for stewards.",
        media="text/csv",
        query={"full": "1: in full"},
    ),
    Operation(
        "get",
        f"{W}/statistics/{{sheet}}.{{form}}",
        "A sheet's sums as csv or json: by status, urgency, district and kind, by the hour, medians, teams.",
        media="application/json",
    ),
    Operation(
        "get",
        f"{W}/then/{{sheet}}.{{form}}",
        "A sheet's rows as they were at a moment, csv or json; stewards.",
        session=True,
        media="text/csv",
        query={"at": "milliseconds since 1970", "full": "1: in full"},
    ),
    Operation(
        "post",
        f"{W}/duplicates",
        "Rows that may be the same case as what is being typed; who sees no private fields is answered from public forms.",
        session=True,
        takes=shapes.PossibleBody,
        takes_example={"sheet": "help", "writes": {"place": "临江市桥头", "contact_phone": "14200001234"}, "row": ""},
        gives=shapes.PossibleAnswer,
        gives_example={
            "ready": True,
            "candidates": [
                {
                    "sheet": "help",
                    "row": "CS4mUA1hM5rU5g2X",
                    "no": 7,
                    "kind": "same_request",
                    "band": "strong",
                    "score": 0.96,
                    "why": ["masked_phone", "place"],
                    "over": False,
                    "primary": "",
                }
            ],
        },
    ),
    Operation(
        "get",
        f"{W}/duplicates",
        "Pairs of rows that may be one case, the urgent and the likely first; verifiers, matchers, stewards.",
        session=True,
        query={
            "kind": "same_request, same_contact, same_building, borrowed_template, mistyped_phone; the first and the last unless said",
            "limit": "at most 200",
            "offset": "from 0",
        },
        gives=shapes.QueueAnswer,
        gives_example={
            "total": 1,
            "complete": True,
            "pairs": [
                {
                    "one": {"sheet": "help", "row": "CS4mUA1hM5rU5g2X", "no": 7, "over": False},
                    "other": {"sheet": "help", "row": "DS4mUA1hM5rU5g2X", "no": 9, "over": False},
                    "kind": "same_request",
                    "band": "strong",
                    "score": 0.96,
                    "why": ["phone", "place"],
                }
            ],
            "rings": [],
        },
    ),
    Operation(
        "post",
        f"{W}/duplicates/apart",
        "Two rows are not one case: the pair leaves the queue; verifiers and stewards.",
        session=True,
        takes=shapes.ApartBody,
        takes_example={
            "one": "help/CS4mUA1hM5rU5g2X",
            "other": "help/DS4mUA1hM5rU5g2X",
            "apart": True,
            "reason": "two families",
        },
        gives=shapes.EmptyAnswer,
        gives_example={},
    ),
    Operation(
        "get",
        f"{W}/duplicates/{{sheet}}/{{row}}",
        "The rows linked with one as one case: primary, masked contacts, status and claims of all together.",
        gives=shapes.GroupAnswer,
        gives_example={
            "primary": "help/CS4mUA1hM5rU5g2X",
            "rows": [{"sheet": "help", "row": "CS4mUA1hM5rU5g2X", "no": 7, "over": False}],
            "ring": [],
            "contacts": [
                {"sheet": "help", "row": "CS4mUA1hM5rU5g2X", "path": "contact_phone", "masked": "142****1234"}
            ],
            "status": "waiting",
            "over": False,
            "teams": [],
            "alerts": [],
        },
    ),
    Operation(
        "post",
        f"{W}/paste",
        "Pasted words or cells as drafts of rows; nothing is written.",
        session=True,
        takes=shapes.PasteBody,
        takes_example={"text": "求助！临江市桥头，5人被困，电话14200001234"},
        gives=shapes.PasteAnswer,
        gives_example={
            "kind": "posts",
            "drafts": [
                {
                    "sheet": "help",
                    "writes": {"place": "临江市桥头", "contact_phone": "14200001234", "people_total": 5},
                    "doubts": [{"path": "", "code": "unread", "words": "求助！"}],
                }
            ],
            "remarks": [],
        },
    ),
    Operation("get", f"{W}/help/new", "The request form.", media=PAGE),
    Operation(
        "post",
        f"{W}/help/new",
        "File a request; to its receipt. The same form again is the same row.",
        status=303,
        form={
            "key": "drawn for this view of the form",
            "place": "where",
            "contact_phone": "telephone",
            "people_total": "how many",
            "needs:boat": "1",
            "summary": "what happened",
            "note": "anything else",
        },
    ),
    Operation(
        "get", f"{W}/receipt/{{row}}", "Number, row link, QR and short code, for the browser that filed it.", media=PAGE
    ),
    Operation("get", f"{W}/mine", "Where a row link is pasted.", media=PAGE),
    Operation(
        "post",
        f"{W}/mine",
        "Open one's own row, or update it.",
        media=PAGE,
        form={
            "link": "the row link",
            "secret": "the row secret",
            "act": "still, safe, close, reopen or save",
            "seen": "the live edits the page showed",
        },
    ),
    Operation("get", f"{W}/row/{{row}}/qr.svg", "A QR code of a row's public page.", media="image/svg+xml"),
    Operation("get", f"{W}/{{sheet}}", "To the address with its slash.", status=308),
    Operation("get", f"{W}/{{sheet}}/", "A sheet's rows as a page.", media=PAGE, query=PAGED),
    Operation("get", f"{W}/{{sheet}}/{{no}}", "One row as a page.", media=PAGE),
)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    kinds = [kind for one in OPERATIONS for kind in (one.takes, one.gives) if kind] + [shapes.ErrorAnswer]
    schemas, components = msgspec.json.schema_components(
        dict.fromkeys(kinds), ref_template="#/components/schemas/{name}"
    )
    refs = dict(zip(dict.fromkeys(kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rescue Sheet · 救命文档",
            "version": VERSION,
            "description": "The HTTP side. The socket and the forms of ids, paths and values are in docs/protocol.md and docs/architecture.md.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation, refs: Mapping[type[msgspec.Struct], dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": one.summary}
    named = [part[1:-1] for part in one.path.replace(".", "/").split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named]
    for name, meaning in (one.query or {}).items():
        parameters.append({"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}})
    if parameters:
        described["parameters"] = parameters
    if one.session:
        described["security"] = [{"session": []}]
    body = _body(one, refs)
    if body:
        described["requestBody"] = {"required": True, "content": body}
    answer: dict[str, Any] = {"description": _DESCRIPTIONS.get(one.status, "well")}
    if one.gives:
        answer["content"] = {"application/json": {"schema": refs[one.gives], "example": one.gives_example}}
    elif one.media:
        answer["content"] = {one.media: {}}
        if one.path.endswith(".{form}"):
            answer["content"] = {"text/csv": {}, "application/json": {}}
    wrong: dict[str, Any] = {"application/json": {"schema": refs[shapes.ErrorAnswer], "example": ERROR_EXAMPLE}}
    if one.form or one.media == PAGE:
        wrong[PAGE] = {}
    described["responses"] = {
        str(one.status): answer,
        "default": {"description": "an error; a page where a browser asks", "content": wrong},
    }
    return described


def _body(one: Operation, refs: Mapping[type[msgspec.Struct], dict[str, Any]]) -> dict[str, Any]:
    if one.takes:
        return {"application/json": {"schema": refs[one.takes], "example": one.takes_example}}
    if one.file:
        properties = {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "map": {"type": "string", "description": "JSON {sheet: {header: path}}, as a dry run gives it"},
            "dry_run": {"type": "string", "enum": ["1"]},
        }
        return {"multipart/form-data": {"schema": {"type": "object", "properties": properties, "required": ["file"]}}}
    if one.form:
        texts = {name: {"type": "string", "description": meaning} for name, meaning in one.form.items()}
        return {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": texts}}}
    return {}


_DESCRIPTIONS = {201: "made", 303: "filed: on to the receipt", 308: "on to the address with its slash"}
ERROR_EXAMPLE = {
    "error": {"code": "not-authenticated", "message": "log in first", "hint": "POST login gives a session"}
}


def printed() -> str:
    """The page as it lies in docs/."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(printed())
