"""The settings table, the environment it reads and the page it writes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from server.errors import SettingsError
from server.settings import SETTINGS, Settings, read_settings, settings_help, settings_page

ROOT = Path(__file__).resolve().parents[2]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_every_field_has_one_row_in_the_table() -> None:
    assert [setting.field for setting in SETTINGS] == [field.name for field in fields(Settings)]


def test_values_are_read_and_other_variables_left_alone() -> None:
    settings = read_settings(
        {
            "SHEET_DATA": "/srv/sheet",
            "SHEET_PORT": "9000",
            "SHEET_PUBLIC_URL": "https://sheet.example/",
            "SHEET_DRILL": "no",
            "SHEET_LOG_LEVEL": "debug",
            "HOME": "/root",
        }
    )
    assert settings == Settings(
        data=Path("/srv/sheet"),
        port=9000,
        public_url="https://sheet.example",
        drill=False,
        log_level="DEBUG",
    )


def test_a_variable_set_to_nothing_means_the_default() -> None:
    assert read_settings({"SHEET_PORT": "", "SHEET_HOST": " "}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SHEET_PORT", "0"),
        ("SHEET_PORT", "65536"),
        ("SHEET_PORT", "eighty"),
        ("SHEET_PORT", "٨٠"),
        ("SHEET_HOST", "example.org"),
        ("SHEET_PUBLIC_URL", "sheet.example"),
        ("SHEET_PUBLIC_URL", "https://sheet.example/sub"),
        ("SHEET_PUBLIC_URL", "ftp://sheet.example"),
        ("SHEET_DATA", "da\0ta"),
        ("SHEET_DRILL", "perhaps"),
        ("SHEET_LOG_LEVEL", "LOUD"),
        ("SHEET_PROXIES", "nginx"),
        ("SHEET_PROT", "8000"),
    ],
)
def test_a_wrong_value_or_name_is_refused_and_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({name: text})
    assert caught.value.code == "settings-invalid"
    assert name in caught.value.message
    assert caught.value.hint


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"SHEET_PORT": "x", "SHEET_DRILL": "x", "SHEET_NOPE": "x"})
    for name in ("SHEET_PORT", "SHEET_DRILL", "SHEET_NOPE"):
        assert name in caught.value.message


def test_help_names_every_setting() -> None:
    for setting in SETTINGS:
        assert setting.name in settings_help()


def test_the_page_in_docs_is_the_table_of_the_program() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page(), (
        "docs/settings.md is out of date: .venv/bin/rescue-sheet settings > docs/settings.md"
    )
