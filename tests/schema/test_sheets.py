"""The definitions that ship, and what a bad one is told."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import schema
from schema.edits import is_path
from schema.errors import SchemaError
from schema.sheets import COLUMNS, SHEET_IDS, SHEETS, STATUSES, Sheet, load_sheet, read_sheet

FOLDER = Path(schema.__file__).parent / "sheets"


def _json(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_FK1_no_two_columns_of_a_sheet_answer_to_the_same_header(sheet: Sheet) -> None:
    """Import finds a column's field by its header; a word that fits two fields would be a guess."""
    words: Counter[str] = Counter()
    for field in sheet.fields.values():
        if not field.derived:
            words.update({word.casefold() for word in (*field.aliases, *field.labels.values(), field.id)})
    assert [word for word, times in words.items() if times > 1] == []


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_FK1_no_word_stands_for_two_options(sheet: Sheet) -> None:
    for field in sheet.fields.values():
        words: Counter[str] = Counter()
        for option in field.options:
            words.update({word.casefold() for word in (*option.aliases, *option.labels.values(), option.code)})
        assert (field.id, [word for word, times in words.items() if times > 1]) == (field.id, [])


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_FK1_every_path_a_definition_can_make_is_a_path(sheet: Sheet) -> None:
    for field in sheet.fields.values():
        assert is_path(field.id)
        for option in field.options:
            assert is_path(f"{field.id}:{option.code}")


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.id)
def test_FK2_a_phone_that_is_not_meant_for_the_public_is_private_and_masked(sheet: Sheet) -> None:
    for field in sheet.fields.values():
        if field.kind == "phone" and field.id != "public_phone":
            assert (field.tier, field.mask) == ("private", "phone"), field.id


def test_FK2_names_and_medical_facts_of_help_are_private() -> None:
    sheet = load_sheet("help")
    private = {f.id for f in sheet.fields.values() if f.tier == "private"}
    assert private == {
        "person_name", "contact_phone", "contact_phone2", "reporter_name", "reporter_phone", "medical_need",
        "medical_conditions", "place_exact", "geo_exact", "import_raw",
    }  # fmt: skip


def test_FK2_free_text_is_written_in_both_tiers() -> None:
    sheet = load_sheet("help")
    assert "summary" in sheet.paths_of_tier("public") and "summary" in sheet.paths_of_tier("private")
    assert "water_depth_cm" not in sheet.paths_of_tier("private")
    assert "contact_phone" not in sheet.paths_of_tier("public")
    assert "no" not in sheet.paths_of_tier("public")


def _row(sheet: str, rights: str, act: str) -> str:
    return " ".join(SHEETS[sheet].rights[rights][act])


def test_FK9_the_rights_of_help_are_the_table_that_was_decided() -> None:
    yes = "y y y y y y y"
    assert [_row("help", name, "add") for name in ("fact", "critical", "urgency", "note")] == [yes] * 4
    assert _row("help", "fact", "set") == yes
    assert _row("help", "critical", "change") == "open y careful y y y y"
    assert _row("help", "critical", "change_verified") == "s y s y claimed y y"
    assert _row("help", "fact", "change_verified") == _row("help", "fact", "change")
    assert _row("help", "call", "append") == "- - y y claimed y y"
    assert _row("help", "verify", "change") == _row("help", "duplicate", "set") == "s s s y s s y"
    assert _row("help", "urgency", "change") == "s s s y s y y"
    assert _row("help", "outcome", "change") == "s y s y claimed y y"
    assert _row("help", "claim", "set") == "- - - - own_team y y"
    assert _row("help", "critical", "blank") == "s s s s s s y"
    assert _row("help", "critical", "see") == "- y own y claimed y y"
    outcome = SHEETS["help"].values["outcome"]
    assert " ".join(outcome["deceased"]) == "s s s s s s s"
    assert " ".join(outcome["open"]) == "s y y y y y y"
    assert " ".join(SHEETS["help"].values["claim"]["active"]) == "- - - - own_team s y"


def test_FK9_place_contact_people_and_kind_are_the_critical_facts_of_help() -> None:
    sheet = load_sheet("help")
    critical = {f.id for f in sheet.fields.values() if f.rights == "critical"}
    assert {"place", "geo", "contact_phone", "people_total", "category", "person_name"} <= critical
    assert not {"summary", "needs", "water_depth_cm", "notes"} & critical


def test_FK9_only_stewards_write_notices() -> None:
    sheet = SHEETS["notice"]
    for name in {f.rights for f in sheet.fields.values()}:
        table = sheet.rights[name]
        for act in set(table) - {"see"}:
            assert set(table[act][:-1]) <= {"-", "s"}, act


def test_FK9_nobody_but_the_private_classes_says_who_may_see() -> None:
    """The judge shows the private tier to whoever any class lets see, so a class of public facts must not say so."""
    for sheet in SHEETS.values():
        private = {f.rights for f in sheet.fields.values() if f.tier == "private"}
        for name in private:
            assert sheet.rights[name]["see"][COLUMNS.index("visitor")] == "-"
        assert "see" not in sheet.rights["computed"]


def test_the_statuses_of_a_row_are_named_in_both_languages() -> None:
    assert {"to_check", "waiting", "claimed", "duplicate"} <= set(STATUSES)
    assert all(status.meaning("zh") and status.meaning("en") and status.tone for status in STATUSES.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(colour="red"), "unknown key colour"),
        (lambda d: d.pop("contact"), "without contact"),
        (lambda d: d["fields"][0].update(kind="textt"), "field summary: unknown kind textt"),
        (lambda d: d["fields"][0].update(rights="facts"), "field summary: unknown class facts"),
        (lambda d: d["fields"][0]["label"].pop("en"), "field summary: without en"),
        (lambda d: d["fields"][0]["label"].update(en=""), "field summary: an empty label"),
        (lambda d: d["fields"][0].update(maks="name"), "field summary: unknown key maks"),
        (lambda d: d["fields"][0].update(tier="private"), "field summary: a private field declares its mask"),
        (lambda d: d["fields"][1]["options"][0].update(tone="pink"), "option trapped: unknown tone pink"),
        (lambda d: d["fields"][1]["options"].append(d["fields"][1]["options"][0]), "field category: a code twice"),
        (lambda d: d["include"].append("summary"), "includes summary, which shared.json does not have"),
        (lambda d: d["form"].append("created_at"), "the form asks for created_at"),
        (lambda d: d["card"].append("nothing"), "card names nothing"),
        (lambda d: d["rights"]["claim"].update(set="y y y"), "rights claim.set: 7 tokens"),
        (lambda d: d["rights"]["claim"].update(set="y y y y y y x"), "unknown token x"),
        (lambda d: d["rights"]["outcome"]["values"].update(dead="y y y y y y y"), "rights outcome has a row"),
        (lambda d: d["over"].append("closed"), "outcome cannot say whether a row is over"),
        (lambda d: d["recheck"].pop("normal"), "recheck has no time for normal"),
        (lambda d: d.update(id="helps"), "its id is helps"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_FK1_a_bad_definition_names_its_file_and_what_is_wrong(change: Any, words: str) -> None:
    source = copy.deepcopy(_json("help"))
    change(source)
    with pytest.raises(SchemaError) as caught:
        read_sheet(source, _json("shared"), name="help")
    assert "help.json" in caught.value.message and words in caught.value.message


def test_an_unknown_sheet_and_field_are_named() -> None:
    with pytest.raises(SchemaError, match="unknown-sheet.*'rumours'"):
        load_sheet("rumours")
    with pytest.raises(SchemaError, match="unknown-field.*help.*'colour'"):
        load_sheet("help").field("colour")
    assert load_sheet("help").field_of("needs:boat") is load_sheet("help").field("needs")
    assert load_sheet("help").field_of("colour:red") is None


def test_every_definition_in_the_folder_is_loaded() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*SHEET_IDS, "shared"}
