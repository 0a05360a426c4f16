"""Field kinds by the golden vectors both languages run, and the laws of all kinds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import SchemaError
from schema.fields import from_datetime, mask, normal, parse, show, validate
from schema.sheets import SHEETS, Field
from schema.values import check_value
from tests.schema.vectors import cases

# One of each kind, and of each way a kind can be set: closed and open enumerations, units, bounds, records.
SAMPLE = [
    SHEETS["help"].field(name)
    for name in ("summary", "contact_phone", "people_total", "water_depth_cm", "floor", "sms_only", "urgency", "source",
                 "needs", "geo", "source_time", "source_url", "duplicate_of", "notes", "photos", "contact_log", "claim")
]  # fmt: skip
FIELDS = [field for sheet in SHEETS.values() for field in sheet.fields.values() if not field.derived]
WRITTEN = (
    "0123456789０１九十约人米半.-+:：/、，,() 　*×年月日点东经北纬°′″未没有已核实红橙boat船other:http://tel号楼女士王\n"
)


def _field(case: dict[str, Any]) -> Field:
    return SHEETS[case["sheet"]].field(case["field"])


def _read(case: dict[str, Any]) -> None:
    parsed = parse(case["text"], _field(case), year=case.get("year"), datum=case.get("datum", "unknown"))
    assert parsed.writes == case["writes"]
    assert [doubt.code for doubt in parsed.doubts] == case["doubts"]
    assert parsed.also == case.get("also", {})


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK19"))
def test_FK19_text_is_kept_as_it_was_typed(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK3"))
def test_FK3_phones_are_read_in_every_spelling(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK5"))
def test_FK5_counts_are_read_out_of_words(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK6"))
def test_FK6_depths_are_centimetres(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK7"))
def test_FK7_yes_and_no_in_both_languages(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK8"))
def test_FK8_an_option_is_found_by_code_label_or_synonym(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK10"))
def test_FK10_each_option_of_several_is_its_own_cell(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK11"))
def test_FK11_times_become_utc(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK12"))
def test_FK12_positions_are_read_in_any_notation(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK13"))
def test_FK13_links_and_references(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK14"))
def test_FK14_lines_of_a_log_and_claims(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "parse", rule="FK17"))
def test_FK17_words_too_long_for_a_value_are_a_doubt(case: dict[str, Any]) -> None:
    _read(case)


@pytest.mark.parametrize("case", cases("fields.json", "validate"))
def test_FK18_what_may_arrive(case: dict[str, Any]) -> None:
    code = ""
    try:
        validate(case["path"], check_value(case["value"]), _field(case))
    except SchemaError as error:
        code = error.code
    assert code == case["code"]


@pytest.mark.parametrize("case", cases("fields.json", "show"))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_FK20_what_a_person_reads(case: dict[str, Any], lang: str) -> None:
    assert show(case["path"], case["value"], _field(case), lang=lang) == case[lang]


def test_FK20_every_option_and_state_shows_its_label() -> None:
    for field in FIELDS:
        for option in field.options:
            value: bool | str = option.code if field.kind == "enum" else True
            path = field.id if field.kind == "enum" else f"{field.id}:{option.code}"
            assert show(path, value, field, lang="en") == option.label("en")


def test_FK8_every_label_and_synonym_reads_as_its_option() -> None:
    for field in FIELDS:
        for option in field.options:
            for word in (option.code, *option.labels.values(), *option.aliases):
                if option.code == "other":
                    continue
                parsed = parse(word, field)
                if field.kind == "enum":
                    assert (field.id, word, parsed.writes) == (field.id, word, {"": option.code})
                else:
                    assert (field.id, word, parsed.writes) == (field.id, word, {f":{option.code}": True})


@pytest.mark.parametrize("field", SAMPLE, ids=lambda field: field.id)
@given(text=st.one_of(st.text(max_size=40), st.text(alphabet=WRITTEN, max_size=40)))
def test_FK17_whatever_is_typed_is_read_or_doubted_and_what_is_read_may_arrive(text: str, field: Field) -> None:
    """Law: parse never raises, validate takes what it writes, and words never vanish without a doubt."""
    parsed = parse(text, field, year=2021)
    for path, value in parsed.paths(field.id).items():
        path = f"{path}:aaaaaaaa" if field.kind == "log" else path
        validate(path, value, field)
        show(path, value, field, lang="zh")
    if any(sign.isalnum() for sign in text):
        assert parsed.writes or parsed.doubts
    assert all(doubt.text for doubt in parsed.doubts)


@given(text=st.text(alphabet=WRITTEN, max_size=60))
def test_FK17_the_normal_form_is_its_own_normal_form(text: str) -> None:
    for name in ("contact_phone", "summary"):
        field = SHEETS["help"].field(name)
        once = normal(text, field)
        assert normal(once, field) == once


def test_FK17_reading_what_is_shown_gives_the_value_back() -> None:
    sheet = SHEETS["help"]
    for name, value in (("people_total", 5), ("water_depth_cm", 150), ("sms_only", False), ("urgency", "urgent"),
                        ("source_time", "2021-07-20T12:59:00Z"), ("contact_phone", "0371-12345678-801")):  # fmt: skip
        for lang in ("zh", "en"):
            assert parse(show(name, value, sheet.field(name), lang=lang), sheet.field(name)).writes == {"": value}


def test_FK11_a_date_of_a_spreadsheet_is_chinas_unless_it_says_otherwise() -> None:
    assert from_datetime(datetime(2021, 7, 20, 20, 59)) == "2021-07-20T12:59:00Z"
    assert from_datetime(datetime(2021, 7, 20, 20, 59), offset_minutes=0) == "2021-07-20T20:59:00Z"
    assert from_datetime(datetime(2021, 7, 20, 20, 59, tzinfo=UTC)) == "2021-07-20T20:59:00Z"


def test_FK4_the_mask_of_a_field_never_shows_the_value() -> None:
    sheet = SHEETS["help"]
    assert mask("14212345678", sheet.field("contact_phone")) == "142****5678"
    assert mask("王丽", sheet.field("person_name")) == "王**"
    assert mask("3号楼2单元", sheet.field("place_exact")) == ""
    assert mask("透析", sheet.field("medical_need")) == ""
    assert mask(["34.756789", "113.624321", "wgs84", "", ""], sheet.field("geo_exact")) == "≈34.76,113.62"
    assert mask(None, sheet.field("contact_phone")) == ""
    assert mask("海边", sheet.field("summary")) == ""
