"""The commands an operator types, run in this process against a data folder of the test's own."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schema.sheets import SHEET_IDS
from server.cli import _keep_people_out, main
from server.clock import SystemClock
from server.lock import Lock
from server.settings import SETTINGS
from server.storage.sqlite import DATABASE
from tests.browser.messy_workbook import write
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("SHEET_DATA", str(tmp_path))
    monkeypatch.setenv("SHEET_PUBLIC_URL", "https://sheet.example")
    return tmp_path


def test_a_workbook_is_created_with_its_owners_invitation_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workbook", "create", "flood", "--title", "河东区暴雨"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"https://sheet\.example/w/flood/#invite=[0-9A-Za-z]{22}\n", said)
    assert main(["workbook", "list"]) == 0
    assert capsys.readouterr().out == "flood\t0 rows\t\t河东区暴雨\n"


def test_other_accounts_of_the_machine_read_neither_the_database_nor_its_copies(data: Path) -> None:
    main(["workbook", "create", "flood"])
    assert main(["backup", str(data / "copy.db")]) == 0
    for path in [*data.glob(f"{DATABASE}*"), data / "copy.db"]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_logs_hold_neither_addresses_nor_queries_nor_frames(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.Logger("uvicorn.error", logging.DEBUG)
    logger.addHandler(caplog.handler)
    _keep_people_out(logger)
    logger.info('%s - "WebSocket %s" [accepted]', "192.0.2.7:5", "/w/flood/ws?token=x")
    logger.info("connection open")
    logger.debug("< %s", "BINARY 14200000000")
    logger.info("Application startup complete.")
    logger.error("ASGI callable returned without completing handshake.")
    assert [record.levelname for record in caplog.records] == ["INFO", "ERROR"]


def test_every_role_can_be_invited_but_a_visitor(capsys: pytest.CaptureFixture[str]) -> None:
    main(["workbook", "create", "flood"])
    capsys.readouterr()
    for role in ("volunteer", "verifier", "matcher", "steward", "owner"):
        assert main(["invite", "--workbook", "flood", "--role", role, "--uses", "3", "--days", "2"]) == 0
        assert f"{role} · 3×" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["invite", "--workbook", "flood", "--role", "visitor"])


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["invite", "--workbook", "nowhere", "--role", "steward"], "nowhere"),
        (["invite", "--workbook", "flood", "--role", "team"], "team"),
        (["invite", "--workbook", "flood", "--role", "steward", "--team", "civil_team/1"], "team"),
        (["invite", "--workbook", "flood", "--role", "team", "--team", "help/1"], "help/1"),
        (["invite", "--workbook", "flood", "--role", "team", "--team", "civil_team/99"], "99"),
        (["workbook", "create", "flood"], "flood"),
        (["workbook", "create", "Flood 2"], "Flood 2"),
    ],
)
def test_what_cannot_be_done_is_named_with_a_hint(
    capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    main(["workbook", "create", "flood"])
    capsys.readouterr()
    assert main(words) == 2
    said = capsys.readouterr().err
    assert named in said
    assert len(said.splitlines()) == 2


def test_a_wrong_setting_stops_a_command_before_it_does_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.setenv("SHEET_PORT", "eighty")
    assert main(["workbook", "create", "flood"]) == 2
    assert "SHEET_PORT" in capsys.readouterr().err
    assert not list(data.iterdir())


def test_a_server_is_not_started_on_a_folder_in_use(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    with Lock(data):
        assert main(["serve"]) == 2
    assert "another rescue-sheet process" in capsys.readouterr().err


@pytest.mark.parametrize("sheet", SHEET_IDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rights_of_every_sheet_can_be_read(capsys: pytest.CaptureFixture[str], sheet: str, lang: str) -> None:
    assert main(["rights", sheet, "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert "| act | visitor | holder | volunteer | verifier | team | matcher | steward |" in said
    assert "y: at once" in said


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["invite", "--help"]])
def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert not [setting.name for setting in SETTINGS if setting.name not in said]


@pytest.fixture
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "待救援人员信息.xlsx"
    write(str(path))
    return path


def test_a_dry_run_writes_nothing_and_prints_a_map_that_import_takes_back(
    capsys: pytest.CaptureFixture[str], book: Path
) -> None:
    assert main(["import", str(book), "--workbook", "flood", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "dry run: 10 rows" in said.err
    main(["workbook", "list"])
    assert capsys.readouterr().out == ""

    plan = json.loads(said.out)
    plan["待救援人员信息"]["备注"] = None
    changed = book.with_name("map.json")
    changed.write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    assert main(["import", str(book), "--workbook", "flood", "--map", str(changed)]) == 0
    assert "备注 → kept word for word (map)" in capsys.readouterr().out


def test_an_import_makes_its_workbook_and_adds_nothing_the_second_time(
    capsys: pytest.CaptureFixture[str], book: Path
) -> None:
    assert main(["import", str(book), "--workbook", "flood", "--title", "河东区暴雨"]) == 0
    assert "10 rows added, 0 there already" in capsys.readouterr().out
    assert main(["import", str(book), "--workbook", "flood"]) == 0
    assert "0 rows added, 10 there already" in capsys.readouterr().out
    main(["workbook", "list"])
    assert capsys.readouterr().out == "flood\t10 rows\t\t河东区暴雨\n"


def test_a_team_is_invited_by_the_number_of_its_row(capsys: pytest.CaptureFixture[str], book: Path) -> None:
    main(["import", str(book), "--workbook", "flood"])
    capsys.readouterr()
    assert main(["invite", "--workbook", "flood", "--role", "team", "--team", "civil_team/2"]) == 0
    assert "#invite=" in capsys.readouterr().out


def test_nothing_is_imported_while_a_server_has_the_folder(
    capsys: pytest.CaptureFixture[str], data: Path, book: Path
) -> None:
    with Lock(data):
        assert main(["import", str(book), "--workbook", "flood"]) == 2
    assert "another rescue-sheet process" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["import", "nowhere.xlsx", "--workbook", "flood"], ["restore", "nowhere.db"]])
def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) >= 1


def test_a_backup_restores_to_the_same_log_and_overwrites_nothing(
    capsys: pytest.CaptureFixture[str], data: Path, book: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    main(["import", str(book), "--workbook", "flood"])
    copy = tmp_path_factory.mktemp("kept") / "copy.db"
    assert main(["backup", str(copy)]) == 0
    capsys.readouterr()
    assert main(["backup", str(copy)]) == 2
    assert main(["restore", str(copy)]) == 2
    assert "already" in capsys.readouterr().err

    assert main(["verify"]) == 0
    before = capsys.readouterr().out
    for left in data.glob(f"{DATABASE}*"):
        left.unlink()
    assert main(["restore", str(copy)]) == 0
    capsys.readouterr()
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == before
    assert before.endswith("whole\n")


def test_verify_finds_what_rebuild_mends(capsys: pytest.CaptureFixture[str], data: Path, book: Path) -> None:
    main(["import", str(book), "--workbook", "flood"])
    spoiled = sqlite3.connect(data / DATABASE)
    spoiled.execute("UPDATE rows SET urgency = 'normal' WHERE sheet = 'help'")
    spoiled.commit()
    spoiled.close()
    capsys.readouterr()
    assert main(["verify"]) == 1
    assert "NOT WHOLE" in capsys.readouterr().out
    assert main(["rebuild"]) == 0
    assert "10 rows" in capsys.readouterr().out
    assert main(["verify"]) == 0


def test_ER10_the_command_line_erases_a_row_at_once_and_a_workbook_after_its_day(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "in.csv"
    file.write_text("姓名,电话,地址,情况\n阚昀锵,14211112222,枣花巷,水到二楼\n", encoding="utf-8")
    assert main(["import", str(file), "--workbook", "flood"]) in (0, 1)
    erase = ["erase", "--workbook", "flood"]
    assert b"14211112222" in (data / DATABASE).read_bytes()
    assert main([*erase, "--row", "help/1"]) == 2 and "who asked" in capsys.readouterr().err
    assert main([*erase, "--row", "help/1", "--after", "2099-01-01"]) == 2
    assert main([*erase, "--row", "help/9", "--reason", "asked"]) == 2
    assert main(erase) == 2 and "--after" in capsys.readouterr().err
    assert main([*erase, "--row", "help/1", "--reason", "asked"]) == 0
    file.unlink()
    assert not [path for path in data.rglob("*") if path.is_file() and b"14211112222" in path.read_bytes()]
    clock = FakeClock(now_ms=SystemClock().now_ms())
    monkeypatch.setattr("server.cli.CLOCK", clock)
    assert main([*erase, "--after", "2001-01-01"]) == 2
    day = datetime.fromtimestamp(clock.ms / 1000 + 5 * 86_400, UTC).strftime("%Y-%m-%d")
    assert main([*erase, "--after", "never"]) == 0
    assert main([*erase, "--after", day]) == 0
    assert main(erase) == 2 and "day" in capsys.readouterr().err
    clock.pass_s(6 * 86_400)
    assert main(erase) == 0 and "0 rows erased" in capsys.readouterr().out
    assert main(["verify"]) == 0
