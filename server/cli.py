"""The command line: `rescue-sheet serve` and what an operator does beside it.

I/O. Imported by nobody. The only place that reads the environment and writes to a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import uvicorn

from moderation.roles import ROLES
from schema.errors import SheetError
from schema.ids import ROW_ID_CHARS
from schema.sheets import COLUMNS, SHEET_IDS, Sheet, load_sheet
from server.addresses import join_link, local_addresses, main_address, terminal_qr
from server.app import create_app
from server.clock import SystemClock
from server.erasure import DAY_MS, NOTICE_DAYS, close_emergency, erase_row, erase_workbook
from server.errors import SettingsError
from server.exports import FORMATS, export_text
from server.founding import OPERATOR_NAME, found, found_first, operator, owner_invitation, room_of
from server.identity import MAX_INVITE_DAYS, MAX_INVITE_USES, Invitation, make_invite
from server.imports.apply import apply_plan
from server.imports.fence import plan_file
from server.imports.plan import map_of
from server.imports.report import report_lines
from server.lock import Lock
from server.settings import Settings, read_settings, settings_help, settings_page
from server.storage.contract import AuditRecord, Workbook
from server.storage.copies import backup, restore
from server.storage.rebuild import rebuild
from server.storage.sqlite import DATABASE, SqliteStorage, open_storage
from server.storage.verify import verify

ENDED_WELL, ENDED_WITH_FINDINGS, ENDED_WRONG = 0, 1, 2
MAX_SOCKET_BYTES = 131_072  # twice the largest frame a client may send
TEAM_SHEETS = ("official_team", "civil_team")
NOTICE_MS = NOTICE_DAYS * DAY_MS
CLOCK = SystemClock()

Command = Callable[[argparse.Namespace, Settings], int]
T = TypeVar("T")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. 1: it found something wrong. 2: it could not run."""
    asked = _parser().parse_args(words)
    os.umask(0o077)  # the database and its copies hold telephones: other accounts of the machine read none of them
    try:
        settings = read_settings(os.environ)
        command: Command = asked.command
        return command(asked, settings)
    except SheetError as error:
        print(f"rescue-sheet: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return ENDED_WRONG
    except BrokenPipeError:
        # `rescue-sheet export … | head`: nothing is wrong, nobody reads on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ENDED_WELL
    except KeyboardInterrupt:
        return 130


# -- serve


def _serve(asked: argparse.Namespace, settings: Settings) -> int:
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _keep_people_out(logging.getLogger("uvicorn.error"))
    with Lock(settings.data):
        _welcome(settings)
        uvicorn.run(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            # Pinned: "auto" takes whichever implementation is installed; this is the one we measured.
            ws="websockets-sansio",
            ws_max_size=MAX_SOCKET_BYTES,
            # Compressing each frame doubles the CPU of a fan-out; snapshots are compressed once instead.
            ws_per_message_deflate=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.proxies,
            log_config=None,
            access_log=False,  # addresses of people in distress
            server_header=False,
        )
    return ENDED_WELL


def _keep_people_out(logger: logging.Logger) -> None:
    """Logs hold ids and codes only: uvicorn writes each socket's address and query at INFO, and at DEBUG what every frame carries."""
    logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))
    logger.addFilter(
        lambda record: "WebSocket" not in str(record.msg) and not str(record.msg).startswith("connection ")
    )


def _welcome(settings: Settings) -> None:
    """Sets up a store that is new, and tells the operator where everything is."""

    async def prepare(storage: SqliteStorage) -> list[tuple[Workbook, Invitation | None]]:
        await found_first(storage, CLOCK, drill=settings.drill)
        return [(workbook, await owner_invitation(storage, CLOCK, workbook)) for workbook in storage.workbooks()]

    print("Rescue Sheet · 救命文档\n")
    print(f"  {'公开地址 · public':<22}{settings.public_url or 'not set (SHEET_PUBLIC_URL)'}")
    for address in local_addresses(settings):
        print(f"  {'局域网 · this network':<22}{address}")
    print(f"  {'本机 · this machine':<22}http://localhost:{settings.port}")
    print(f"  {'数据 · data':<22}{settings.data.resolve()}\n")
    for workbook, invitation in _with_storage(settings, prepare):
        mark = "（演练 · drill）" if workbook.drill else ""
        print(f"  {workbook.title}{mark}  {main_address(settings)}/w/{workbook.id}/")
        if invitation is not None and not workbook.drill:
            link = join_link(settings, workbook=workbook.id, invite=invitation.secret)
            print("\n  创建者的邀请，只能用一次 · the owner's invitation, for one person:")
            print(f"  {link}\n")
            print(textwrap.indent(terminal_qr(link), "  "))
        elif invitation is not None:
            print(f"    创建者 · owner: {join_link(settings, workbook=workbook.id, invite=invitation.secret)}")
    print("", flush=True)


# -- workbooks, invitations


def _workbook_list(asked: argparse.Namespace, settings: Settings) -> int:
    async def each(storage: SqliteStorage) -> list[tuple[Workbook, int]]:
        return [(workbook, storage.count_rows(workbook.id, over=None)) for workbook in storage.workbooks()]

    for workbook, rows in _with_storage(settings, each):
        mark = "drill" if workbook.drill else ""
        print(f"{workbook.id}\t{rows} rows\t{mark}\t{workbook.title}")
    return ENDED_WELL


def _workbook_create(asked: argparse.Namespace, settings: Settings) -> int:
    async def create(storage: SqliteStorage) -> Invitation | None:
        workbook = await found(storage, CLOCK, asked.id, title=asked.title, drill=asked.drill)
        return await owner_invitation(storage, CLOCK, workbook)

    invitation = _with_storage(settings, create)
    print(f"{asked.id}: {main_address(settings)}/w/{asked.id}/")
    if invitation is not None:
        _print_invitation(settings, asked.id, invitation)
    return ENDED_WELL


def _invite(asked: argparse.Namespace, settings: Settings) -> int:
    async def invite(storage: SqliteStorage) -> Invitation:
        room = room_of(storage, CLOCK, _workbook(storage, asked.workbook))
        team = _team_row(storage, asked.workbook, asked.team) if asked.team else ""
        if (asked.role == "team") != bool(team):
            raise SettingsError(
                "bad-invite", "a team's invitation names the team's row, and no other does", "--team civil_team/2"
            )
        by = await operator(storage, CLOCK, OPERATOR_NAME)
        return await make_invite(room, by.actor, role=asked.role, team=team, uses=asked.uses, days=asked.days)

    _print_invitation(settings, asked.workbook, _with_storage(settings, invite))
    return ENDED_WELL


def _print_invitation(settings: Settings, workbook: str, invitation: Invitation) -> None:
    link = join_link(settings, workbook=workbook, invite=invitation.secret)
    until = datetime.fromtimestamp(invitation.expires_ms / 1000, UTC).strftime("%Y-%m-%d")
    print(f"{invitation.role} · {invitation.uses}× · {until}\n{link}\n")
    print(terminal_qr(link))


def _team_row(storage: SqliteStorage, workbook: str, team: str) -> str:
    """`sheet/row` of a team named by its row id or by the number people say aloud."""
    sheet, _, name = team.partition("/")
    if sheet not in TEAM_SHEETS:
        raise SettingsError(
            "bad-team", f"{team!r} is no team", f"{' or '.join(TEAM_SHEETS)}, a slash, the row's number"
        )
    view = (
        storage.view_number(workbook, sheet, int(name))
        if name.isascii() and name.isdecimal() and len(name) < ROW_ID_CHARS
        else storage.view_row(workbook, sheet, name)
    )
    if view is None:
        raise SettingsError(
            "unknown-row",
            f"sheet {sheet} has no row {name}",
            f"rescue-sheet export --workbook {workbook} --sheet {sheet} lists them",
        )
    return f"{sheet}/{view.row}"


def _workbook(storage: SqliteStorage, workbook: str) -> Workbook:
    known = storage.workbook(workbook)
    if known is None:
        names = ", ".join(one.id for one in storage.workbooks()) or "none yet"
        raise SettingsError("unknown-workbook", f"there is no workbook {workbook!r}", f"there are: {names}")
    return known


def _with_storage(settings: Settings, work: Callable[[SqliteStorage], Awaitable[T]]) -> T:
    """Runs some work on the store of the data folder, and closes it whatever happens."""

    async def run() -> T:
        storage = open_storage(settings.data, clock=CLOCK)
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(run())


# -- import


def _import(asked: argparse.Namespace, settings: Settings) -> int:
    data = _read_file(asked.file)
    given = _read_map(asked.map) if asked.map else None

    async def run(storage: SqliteStorage) -> int:
        workbook = storage.workbook(asked.workbook)
        if workbook is None and asked.dry_run:
            # Row secrets come from the workbook's key; without a workbook nothing is written, so any key will do.
            plan = plan_file(data, asked.file.name, key="", given=given)
        else:
            if workbook is None:
                workbook = await found(storage, CLOCK, asked.workbook, title=asked.title or asked.file.stem)
            plan = plan_file(data, asked.file.name, key=workbook.key, given=given)
        if asked.dry_run or workbook is None:
            print("\n".join(report_lines(plan, full=asked.full)), file=sys.stderr)
            print(json.dumps(map_of(plan), ensure_ascii=False, indent=2))
            return ENDED_WELL
        who = await operator(storage, CLOCK, OPERATOR_NAME)
        report = await apply_plan(room_of(storage, CLOCK, workbook), plan, who=who, session="command-line")
        print("\n".join(report_lines(plan, report, full=asked.full)))
        return ENDED_WITH_FINDINGS if report.refusals else ENDED_WELL

    if asked.dry_run:
        return _with_storage(settings, run)
    with Lock(settings.data):
        return _with_storage(settings, run)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError("unreadable-file", f"{path.name} cannot be read: {error.strerror}", "") from error


def _read_map(path: Path) -> dict[str, dict[str, object] | None]:
    try:
        return msgspec.json.decode(_read_file(path), type=dict[str, dict[str, object] | None])
    except msgspec.DecodeError as error:
        raise SettingsError(
            "bad-map", f"{path.name} is no map: {error}", "import --dry-run prints one: {sheet: {header: path}}"
        ) from error


# -- export


def _export(asked: argparse.Namespace, settings: Settings) -> int:
    async def run(storage: SqliteStorage) -> int:
        workbook = _workbook(storage, asked.workbook)
        if asked.full:
            who = await operator(storage, CLOCK, OPERATOR_NAME)
            audit = AuditRecord(CLOCK.now_ms(), who.actor, who.role, "export", sheet=asked.sheet, detail=asked.format)
            await storage.write_audit(workbook.id, [audit])
        pieces = export_text(
            storage, workbook.id, sheet=asked.sheet, form=asked.format, full=asked.full, lang=asked.lang
        )
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
        return ENDED_WELL

    return _with_storage(settings, run)


# -- erase


def _erase(asked: argparse.Namespace, settings: Settings) -> int:
    if asked.row and asked.after is not None:
        raise SettingsError("bad-erasure", "a row is erased at once, a workbook after a day", "leave one of them out")

    async def run(storage: SqliteStorage) -> str:
        room = room_of(storage, CLOCK, _workbook(storage, asked.workbook))
        who = await operator(storage, CLOCK, OPERATOR_NAME)
        if asked.row:
            sheet, row = _row(storage, asked.workbook, asked.row)
            await erase_row(room, who, sheet=sheet, row=row, reason=asked.reason, whole=asked.whole)
            return f"{asked.row}: erased"
        if asked.after is not None:
            await close_emergency(room, who, on_ms=asked.after)
            return room.notice or "no day is set any more"
        closing = next((one for one in storage.closings() if one.workbook == asked.workbook), None)
        if closing is None:
            raise SettingsError(
                "not-announced",
                "the day has to be announced first",
                f"--after {_day(CLOCK.now_ms() + NOTICE_MS)} or later",
            )
        return f"{asked.workbook}: {await erase_workbook(room, closing)} rows erased"

    with Lock(settings.data):
        print(_with_storage(settings, run))
    return ENDED_WELL


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def _midnight_after(text: str) -> int:
    """The end of a day of the calendar, UTC, in milliseconds; `never` is 0."""
    if text == "never":
        return 0
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("a day as 2021-08-20, or never") from None
    return int((day + timedelta(days=1)).timestamp() * 1000)


def _row(storage: SqliteStorage, workbook: str, named: str) -> tuple[str, str]:
    """(sheet, row id) of `sheet/number` or `sheet/row id`."""
    sheet, _, name = named.partition("/")
    is_number = name.isascii() and name.isdecimal() and len(name) < ROW_ID_CHARS
    view = storage.view_number(workbook, sheet, int(name)) if is_number else storage.view_row(workbook, sheet, name)
    if view is None:
        raise SettingsError("unknown-row", f"there is no row {named!r}", "help/12: its sheet and number")
    return sheet, view.row


# -- copies, and is it whole


def _backup(asked: argparse.Namespace, settings: Settings) -> int:
    proof = backup(settings.data / DATABASE, asked.file)
    print(f"{proof.path}: {proof.entries} entries, log {proof.log_digest}")
    return ENDED_WELL


def _restore(asked: argparse.Namespace, settings: Settings) -> int:
    with Lock(settings.data):
        proof = restore(asked.file, settings.data / DATABASE, clock=CLOCK)
    print(
        f"{proof.path}: {proof.entries} entries, log {proof.log_digest}, a new epoch: phones push again what they hold"
    )
    return ENDED_WELL


def _rebuild(asked: argparse.Namespace, settings: Settings) -> int:
    with Lock(settings.data):
        rows = rebuild(settings.data / DATABASE, clock=CLOCK)
    print(f"{rows} rows written anew from the log")
    return ENDED_WELL


def _verify(asked: argparse.Namespace, settings: Settings) -> int:
    report = verify(settings.data / DATABASE)
    for difference in report.differences:
        print(difference)
    if report.untold:
        print(f"and {report.untold} more")
    print(", ".join(f"{table} {count}" for table, count in report.counts.items()))
    print(f"log {report.log_digest}")
    print("whole" if report.well else f"NOT WHOLE: {len(report.differences) + report.untold} differences")
    return ENDED_WELL if report.well else ENDED_WITH_FINDINGS


# -- rights, settings: what needs no data


def _rights(asked: argparse.Namespace, settings: Settings) -> int:
    print(rights_table(load_sheet(asked.sheet), lang=asked.lang))
    return ENDED_WELL


def rights_table(sheet: Sheet, *, lang: str) -> str:
    """Who may do what to the fields of a sheet, as a Markdown table from its definition."""
    lines = [f"# {sheet.label(lang)}", ""]
    for name, acts in sorted(sheet.rights.items()):
        fields = [field.label(lang) for field in sheet.fields.values() if field.rights == name and not field.derived]
        if not fields:
            continue
        lines += [f"## {name}", "", ", ".join(fields), ""]
        lines += [f"| act | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
        lines += [f"| {act} | {' | '.join(tokens)} |" for act, tokens in acts.items()]
        lines += [f"| = {code} | {' | '.join(tokens)} |" for code, tokens in sheet.values.get(name, {}).items()]
        lines.append("")
    lines += [f"{token}: {meaning}" for token, meaning in TOKEN_MEANINGS.items()]
    return "\n".join(lines)


TOKEN_MEANINGS = {
    "y": "at once",
    "s": "becomes a suggestion",
    "-": "not offered; a suggestion if it arrives all the same",
    "open": "at once while the sheet is open, a suggestion from careful on",
    "careful": "at once until the sheet is for verified roles only, then a suggestion",
    "claimed": "at once in a row claimed by one's own team, else a suggestion",
    "own_team": "one's own team's",
    "own_row": "one's own row",
    "own": "rows one entered",
}


def _settings(asked: argparse.Namespace, settings: Settings) -> int:
    print(settings_page(), end="")
    return ENDED_WELL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rescue-sheet",
        description="Rescue Sheet · 救命文档: an offline-first collaborative rescue table",
        epilog=settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Command, meaning: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=meaning,
            description=meaning,
            epilog=settings_help(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(command=run)
        return made

    command("serve", _serve, "serve the workbooks of the data folder")

    made = command("workbook", _workbook_list, "list workbooks, or create one")
    kinds = made.add_subparsers(metavar="list|create")
    listing = kinds.add_parser("list", help="every workbook with its number of rows")
    listing.set_defaults(command=_workbook_list)
    creating = kinds.add_parser("create", help="an empty workbook")
    creating.add_argument("id", help="stands in the address: a-z, 0-9 and -")
    creating.add_argument("--title", default="")
    creating.add_argument("--drill", action="store_true", help="mark it as a drill on every screen")
    creating.set_defaults(command=_workbook_create)

    made = command("invite", _invite, "make an invitation and print its link and QR code")
    made.add_argument("--workbook", required=True)
    made.add_argument("--role", required=True, choices=[role for role in ROLES if role != "visitor"])
    made.add_argument("--team", default="", help="for role team: civil_team/2, a team's sheet and row number")
    made.add_argument("--uses", type=_between(1, MAX_INVITE_USES), default=1, help="how many people may take it [1]")
    made.add_argument("--days", type=_between(1, MAX_INVITE_DAYS), default=7, help="how long it is good for [7]")

    made = command("import", _import, "import a spreadsheet (xlsx, csv); the same file again adds nothing")
    made.add_argument("file", type=Path)
    made.add_argument("--workbook", required=True, help="made when there is none of this name")
    made.add_argument("--title", default="", help="of a workbook that is made")
    made.add_argument("--map", type=Path, help="JSON {sheet: {header: path}}, as a dry run prints it")
    made.add_argument("--dry-run", action="store_true", help="write nothing; tell what would be, and print the map")
    made.add_argument("--full", action="store_true", help="tell every remark and doubt")

    made = command("export", _export, "print the rows of a sheet, telephones and names masked")
    made.add_argument("--workbook", required=True)
    made.add_argument("--sheet", required=True, choices=SHEET_IDS)
    made.add_argument("--format", choices=FORMATS, default="csv", help="[csv]")
    made.add_argument("--full", action="store_true", help="with telephones, names and raw words; the audit says so")
    made.add_argument("--lang", choices=("zh", "en"), default="zh", help="of a CSV's header and values [zh]")

    made = command("erase", _erase, "erase the personal data of a row, or of a workbook on a day announced before")
    made.add_argument("--workbook", required=True)
    made.add_argument("--row", default="", help="help/12: a sheet and the row's number; at once")
    made.add_argument("--reason", default="", help="with --row: who asked for it")
    made.add_argument("--whole", action="store_true", help="with --row: its public sentences too")
    made.add_argument(
        "--after", type=_midnight_after, help="announce the day after which the workbook is erased; never: take it back"
    )

    made = command("backup", _backup, "copy the database while the server runs")
    made.add_argument("file", type=Path, help="the copy to make; never written over")
    made = command("restore", _restore, "make the data folder's database from a backup")
    made.add_argument("file", type=Path)
    command("rebuild", _rebuild, "write every derived table anew from the log")
    command("verify", _verify, "compare every table with a replay of the log, every line with its seal")

    made = command("rights", _rights, "print who may do what in a sheet, from its definition")
    made.add_argument("sheet", choices=SHEET_IDS)
    made.add_argument("--lang", choices=("zh", "en"), default="zh")
    command("settings", _settings, "print docs/settings.md")
    return parser


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most} is wanted")
        return int(text)

    return read


if __name__ == "__main__":
    sys.exit(main())
