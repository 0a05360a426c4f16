"""What is typed into the form becomes cells, and nothing is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.edits import field_of
from schema.fields import validate
from schema.texts import find_personal
from schema.values import check_value
from server.web.request_form import FOR_OTHER, HELP, NOTE, TYPED, Filled, Typed, fill, fill_changes, typed_of


def filled(**fields: str) -> Filled:
    return fill(typed_of(fields), "zh", year=2021)


def all_words(written: Filled) -> str:
    """Everything that is kept, of both tiers."""
    cells = [str(value) for writes in (written.public, written.private) for value in writes.values()]
    return " ".join(cells + [words for note in written.notes for words in note if words])


def test_wb30_what_a_kind_understands_is_a_value() -> None:
    written = filled(
        place="滨江路", people_total="三个人", water_depth_cm="1米2", battery_pct="15%", contact_phone="142 0000 1234"
    )
    assert written.public == {"place": "滨江路", "people_total": 3, "water_depth_cm": 120, "battery_pct": 15}
    assert written.private == {"contact_phone": "14200001234"}
    assert written.notes == ()


def test_wb30_what_is_not_understood_is_kept_in_a_note_word_for_word() -> None:
    written = filled(place="滨江路", people_total="很多人", battery_pct="快没了")
    assert "people_total" not in written.public
    ((public, raw),) = written.notes
    assert public == "表单里没看懂的内容：总人数：很多人；手机电量：快没了" and raw is None


def test_wb30_what_is_understood_in_part_is_a_value_and_a_note() -> None:
    written = filled(water_depth_cm="齐腰")
    assert written.public["water_depth_cm"] == 100
    assert "齐腰" in all_words(written)


def test_wb30_of_a_private_field_the_public_note_says_only_that_there_is_something() -> None:
    written = filled(contact_phone="打我妈的，14200001234，她姓张")
    assert written.private["contact_phone"] == "14200001234"
    ((public, raw),) = written.notes
    assert public == "表单里没看懂的内容：联系电话：已隐去"
    assert raw is not None and "她姓张" in raw and "14200001234" in raw


def test_wb30_numbers_in_public_words_are_masked_and_the_raw_words_private() -> None:
    written = filled(
        summary="快来，打 14200001234",
        directions="桥下 15400001234",
        note="或 16100001234",
        **{"needs:other": "问 17900001234"},
    )
    assert written.public["summary"] == "快来，打 142****1234"
    assert written.private["summary"] == "快来，打 14200001234"
    assert written.public["needs:other"] == "问 179****1234"
    assert ("或 161****1234", "或 16100001234") in written.notes
    assert ("问 179****1234", "问 17900001234") in written.notes


def test_wb33_of_a_place_the_public_sees_the_estate() -> None:
    written = filled(place="临江市滨江小区3号楼2单元501")
    assert written.public["place"] == "临江市滨江小区"
    assert written.private["place_exact"] == "3号楼2单元501"
    both = filled(place="临江市滨江小区3号楼", place_exact="门朝河")
    assert both.private["place_exact"] == "门朝河 3号楼"


def test_wb32_a_telephone_number_alone_begins_a_row() -> None:
    written = filled(contact_phone="14200001234")
    assert written.public == {"source": "self"} and written.private == {"contact_phone": "14200001234"}
    assert filled(place="桥头").public == {"place": "桥头"}


def test_ticks_are_cells() -> None:
    written = filled(place="桥", **{"needs:boat": "1", "category:trapped": "on", "needs:nonsense": "1", FOR_OTHER: "1"})
    assert written.public == {"place": "桥", "needs:boat": True, "category:trapped": True, "is_for_other": True}


@pytest.mark.parametrize(
    "fields", [{}, {"place": "  \n"}, {FOR_OTHER: "1"}, {"place": "\x00"}, {"nonsense": "x"}, {"needs:boat": ""}]
)
def test_wb31_a_form_with_nothing_in_it_is_empty(fields: dict[str, str]) -> None:
    assert typed_of(fields).is_empty


def test_wb31_a_tick_is_something() -> None:
    assert not typed_of({"needs:boat": "1"}).is_empty


def test_an_empty_field_of_an_update_leaves_its_cell_alone() -> None:
    assert fill_changes({"people_total": " ", "note": ""}, "zh", year=2021) == Filled({}, {}, ())


def test_wb30_a_long_plea_is_kept_whole() -> None:
    plea = "水越来越深，打 142 0000 1234，" * 700
    written = filled(summary=plea)
    kept = str(written.private["summary"]) + "".join(raw or public for public, raw in written.notes)
    assert kept == plea.strip()
    assert "0000 1234" not in str(written.public["summary"]) + "".join(public for public, _ in written.notes)


texts = (
    st.text(max_size=60)
    | st.text("0123456789 -约个人米cm十百/，;门", max_size=40)
    | st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
)


@given(
    st.dictionaries(st.sampled_from([*TYPED, NOTE, "needs:other", "category:other", "needs:boat"]), texts, max_size=8)
)
def test_wb30_whatever_is_typed_is_written_in_a_form_the_judge_takes_and_masked(fields: dict[str, str]) -> None:
    typed = typed_of(fields)
    written = fill(typed, "zh", year=2021)
    assert written.public
    for writes in (written.public, written.private):
        for path, value in writes.items():
            check_value(value)
            validate(path, value, HELP.fields[field_of(path)])
    for public, raw in written.notes:
        check_value(public)
        check_value(raw)
        assert not [span for span in find_personal(public) if span.kind != "masked"]
    for path, value in written.public.items():
        if isinstance(value, str) and HELP.fields[field_of(path)].free_text:
            assert not [span for span in find_personal(value) if span.kind != "masked"]


@given(
    st.dictionaries(st.sampled_from(["summary", "directions", NOTE, "person_name", "medical_need"]), texts, min_size=1)
)
def test_wb30_no_word_is_lost(fields: dict[str, str]) -> None:
    typed = typed_of(fields)
    kept = all_words(fill(typed, "zh", year=2021))
    for text in typed.texts.values():
        assert text in kept


def test_a_typed_form_shows_again_what_was_in_it() -> None:
    typed = typed_of({"place": " 桥 ", "needs:boat": "1"})
    assert typed.text("place") == "桥" and typed.text("summary") == "" and "needs:boat" in typed.ticks
    assert Typed().is_empty
