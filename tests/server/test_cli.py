"""The commands an operator types, run in this process against a data folder of the test's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schema.sheets import SHEET_IDS
from server.cli import main
from server.lock import Lock
from server.settings import SETTINGS


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
