"""Which options of an enumeration a cell names."""

from __future__ import annotations

import pytest

from schema.sheets import SHEETS
from server.imports.options import one_option, option_names, read_options

HELP = SHEETS["help"].fields


@pytest.mark.parametrize(
    "text", ["橡皮艇、发电机/药品", "橡皮艇 发电机 药品", "橡皮艇，发电机；药品", "两艘橡皮艇+一台发电机+退烧药"]
)
def test_a_list_names_its_options_however_it_is_written(text: str) -> None:
    assert read_options(HELP["needs"], text).codes == ("boat", "power", "medicine")


def test_im21_words_no_option_covers_are_given_back() -> None:
    assert read_options(HELP["needs"], "食物、和平鸽").rest == ("和平鸽",)


def test_categories_of_an_ushahidi_export_are_read_in_both_languages() -> None:
    text = "2a. Penurie d'aliments | Food Shortage, 1c. Personnes prises au piege | People trapped, 8f. Other, "
    options = read_options(HELP["category"], text)
    assert options.codes == ("supplies", "trapped")
    assert options.rest == ("8f. Other",)


def test_every_name_of_every_option_is_read_as_that_option() -> None:
    for sheet in SHEETS.values():
        for field in sheet.fields.values():
            for name, code in option_names(field).items():
                assert one_option(field, name) == code
