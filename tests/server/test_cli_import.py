"""`rescue-sheet import` and `export`, typed as an operator types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from server.cli import main
from server.settings import SETTINGS
from tests.server.imports.books import HEADER, book

ROW = (1, "张三", "14200001111", "金水区花园路1号3号楼", 3, "紧急", "没水", "食物", "是", "")
DATA = book(("求助", [("登记表",), HEADER, ROW, ("志愿者休息，请夜班接力",)]))


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("SHEET_DATA", str(tmp_path / "data"))
    path = tmp_path / "求助.xlsx"
    path.write_bytes(DATA)
    return str(path)


def test_im12_a_dry_run_prints_a_map_and_writes_nothing(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", file, "--workbook", "flood", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["求助"]["电话"] == "contact_phone"
    assert "line 4 is no row (note): 志愿者休息，请夜班接力" in said.err
    main(["workbook", "list"])
    assert capsys.readouterr().out == ""


def test_im12_the_map_of_a_dry_run_edited_and_given_back_decides(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", file, "--workbook", "flood", "--dry-run"])
    given = json.loads(capsys.readouterr().out)
    given["求助"]["现状"] = "directions"
    (tmp_path / "map.json").write_text(json.dumps(given), "utf-8")
    assert main(["import", file, "--workbook", "flood", "--map", str(tmp_path / "map.json")]) == 0
    capsys.readouterr()
    main(["export", "--workbook", "flood", "--sheet", "help", "--format", "json"])
    assert json.loads(capsys.readouterr().out)[0]["directions"] == "没水"


def test_im24_an_unknown_workbook_is_made_and_a_second_import_adds_nothing(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for counted in ("1 rows added, 0 there already", "0 rows added, 1 there already"):
        assert main(["import", file, "--workbook", "flood"]) == 0
        assert counted in capsys.readouterr().out
    main(["workbook", "list"])
    assert capsys.readouterr().out.startswith("flood\t1 rows")


def test_im32_an_export_is_redacted_unless_it_is_asked_for_in_full(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", file, "--workbook", "flood"])
    capsys.readouterr()
    assert main(["export", "--workbook", "flood", "--sheet", "help", "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"), newline=""))
    assert (row["联系电话"], row["求助人"], row.get("门牌")) == ("142****1111", "张**", None)
    assert main(["export", "--workbook", "flood", "--sheet", "help", "--format", "json", "--full"]) == 0
    (whole,) = json.loads(capsys.readouterr().out)
    assert (whole["contact_phone"], whole["person_name"], whole["place_exact"]) == ("14200001111", "张三", "3号楼")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["import", "nowhere.xlsx", "--workbook", "flood"], "nowhere.xlsx"),
        (["export", "--workbook", "nowhere", "--sheet", "help"], "nowhere"),
    ],
)
def test_what_is_not_there_is_named(
    file: str, words: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert named in capsys.readouterr().err
