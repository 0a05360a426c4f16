"""What colours and strike-through mean, and who says so."""

from __future__ import annotations

import pytest

from server.imports.cells import Mark
from server.imports.legend import colour_name, decoration, learn, meanings, read_legend, read_swatches

CRITICAL, URGENT = Mark("urgency", "critical"), Mark("urgency", "urgent")
RESCUED, LOST = Mark("outcome", "rescued"), Mark("outcome", "lost_contact")


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ("FF0000", "red"), ("C00000", "red"), ("FFC7CE", "red"), ("FFC000", "orange"), ("ED7D31", "orange"),
        ("FFFF00", "yellow"), ("92D050", "green"), ("00B050", "green"), ("C6EFCE", "green"), ("00B0F0", "blue"),
        ("7030A0", "purple"), ("BFBFBF", "grey"), ("808080", "grey"), ("FFFFFF", ""), ("F2F2F2", ""), ("000000", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_fill_has_the_name_people_call_it(rgb: str, name: str) -> None:
    assert colour_name(rgb) == name


@pytest.mark.parametrize(
    "text",
    [
        "红色=非常紧急　橙色=较紧急　绿色=已救出　灰色=失联　已获救请划线不要删除",
        "红：特急；橙：紧急；绿：已获救；灰：失联；划掉代表已救出",
        "标红为特别紧急，标橙为紧急，标绿为已救，灰底表示失联，已救出请用删除线",
        "Red = critical; orange means urgent, green - rescued, grey: missing, struck through = rescued",
        "红色超级紧急橙色较紧急绿色已完成灰色失联划线已获救",
        "颜色说明：红-特急 橙-紧急 绿-已救 灰-失联 划线-已救出",
        "特急（红）、紧急（橙）、已获救（绿）、失联（灰）、已救出划线",
        "【红】特急【橙】紧急【绿】已获救【灰】失联【划线】已获救",
        "图例： 红底 超级紧急 | 橙底 紧急 | 绿底 已获救 | 灰底 失联 | 删除线 已获救",
    ],
)
def test_im15_a_legend_is_read_in_many_spellings(text: str) -> None:
    assert read_legend(text) == {
        "red": CRITICAL,
        "orange": URGENT,
        "green": RESCUED,
        "grey": LOST,
        "strike": RESCUED,
    }


@pytest.mark.parametrize(
    "text",
    [
        "请勿乱改文档",
        "红旗渠附近积水严重",
        "绿城小区3号楼",
        "黄河路封路",
        "蓝天救援队已到",
        "红十字会已救出20人",
        "Red Cross rescued 20",
    ],
)
def test_im15_words_with_a_colour_in_them_are_no_legend(text: str) -> None:
    assert read_legend(text) == {}


def test_im15_painted_cells_are_a_legend() -> None:
    assert read_swatches([("FF0000", "非常紧急"), ("92D050", "已获救"), ("00B0F0", "")]) == {
        "red": CRITICAL,
        "green": RESCUED,
    }


def test_im15_a_colour_is_learned_from_rows_that_say_both() -> None:
    rows = [("purple", {"urgency": "critical"})] * 6 + [("", {"urgency": "normal"})] * 20
    assert learn(rows) == {"purple": CRITICAL}


def test_im15_a_colour_on_rows_that_differ_teaches_nothing() -> None:
    rows = [("blue", {"urgency": code}) for code in ("critical", "urgent", "normal") * 5]
    assert learn(rows) == {}


def test_im15_the_legend_goes_before_rows_and_rows_before_custom() -> None:
    table = meanings({"red": URGENT}, {"red": CRITICAL, "blue": CRITICAL})
    assert (table["red"].mark, table["red"].by) == (URGENT, "legend")
    assert (table["blue"].mark, table["blue"].by) == (CRITICAL, "rows")
    assert (table["green"].mark, table["green"].by) == (RESCUED, "custom")


def test_im15_a_legends_yellow_may_be_painted_orange() -> None:
    table = meanings({"yellow": LOST}, {})
    assert table["orange"].mark == LOST


@pytest.mark.parametrize(
    ("colours", "found"),
    [
        (["grey", ""] * 10, {"grey"}),
        (["green"] * 19 + [""], {"green"}),
        (["red", "", "", "red", "", "orange", "", "", "", "red"], set()),
        (["grey"] * 4, set()),
    ],
    ids=["bands", "all but one", "marks", "too few to tell"],
)
def test_im15_a_colour_that_dresses_the_table_marks_nothing(colours: list[str], found: set[str]) -> None:
    assert decoration(colours) == found
