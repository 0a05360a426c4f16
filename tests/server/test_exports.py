"""Rows out of a workbook: what they show, and that an import reads them back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import SchemaError
from server.exports import export_text, guarded
from server.imports.apply import apply_plan
from server.imports.child import read_book
from server.imports.positions import read_cell, write_cell
from server.imports.reading import clean
from server.imports.run import plan_book
from server.room import Room
from tests.server.imports.books import GREEN, GREY, HEADER, RED, book, paint, plan
from tests.support.edits import write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

ANN = actor("ann")
LINES = [
    (
        1,
        "张三",
        "+86 142 0000 1111",
        "金水区花园路1号3号楼2单元",
        "约3人（含老人1小孩2）",
        "紧急",
        "没水 打14300002222",
        "食物、吉他",
        "是",
        "-5楼",
    ),
    (2, "李四", "143****2222", "二七区大学路", 2, "特急", '他说"救命"\n没电', "药", "打不通", "@所有人 =1+1"),
    (3, "王女士", "15400003333/16100004444", "中原区", None, None, None, None, None, None),
]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path / "one")
    yield made
    await storage_of(made).close()


async def filled(room: Room) -> None:
    def dress(made: Any) -> None:
        paint(made.worksheets[0], 2, RED)
        paint(made.worksheets[0], 3, GREEN)
        paint(made.worksheets[0], 4, GREY)

    sun = await grant(room, "sun", "steward")
    await apply_plan(room, plan(book(("求助", [HEADER, *LINES]), dress=dress)), who=sun, session="s")


def exported(room: Room, form: str, *, full: bool = False, sheet: str = "help") -> str:
    return "".join(export_text(room.storage, room.workbook.id, sheet=sheet, form=form, full=full))


def table(room: Room, *, full: bool = False) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(room, "csv", full=full).removeprefix("\ufeff"), newline="")))


async def test_im32_a_redacted_export_shows_masked_forms_only(room: Room) -> None:
    await filled(room)
    for form in ("csv", "json"):
        text = exported(room, form)
        assert "142****1111" in text
        for secret in ("14200001111", "14300002222", "15400003333", "张三", "3号楼", "约3人"):
            assert secret not in text


async def test_a_full_export_shows_the_private_tier_and_the_raw_words(room: Room) -> None:
    await filled(room)
    rows = json.loads(exported(room, "json", full=True))
    assert [row["no"] for row in rows] == [1, 2, 3]
    first = rows[0]
    assert (first["contact_phone"], first["person_name"], first["place_exact"]) == ("14200001111", "张三", "3号楼2单元")
    assert first["summary"] == "没水 打14300002222"
    assert (first["people_total"], first["elderly"], first["urgency"]) == (3, 1, "critical")
    assert first["needs"] == ["food", "other:吉他"]
    assert rows[1]["outcome"] == "rescued"
    assert rows[2]["outcome"] == "lost_contact"


async def test_im30_no_cell_of_a_csv_can_be_a_formula(room: Room) -> None:
    await filled(room)
    await submit(room, ANN, write(ANN, {"summary": '=HYPERLINK("http://x.example")', "place": "+路", "floor": -1}))
    for row in csv.reader(io.StringIO(exported(room, "csv", full=True).removeprefix("\ufeff"), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
            assert not cell.startswith("-") or cell == "-1", cell
    assert table(room)[3]["情况"] == '\'=HYPERLINK("http://x.example")'
    assert table(room)[3]["所在楼层"] == "-1"


TYPED = st.text(max_size=30).map(lambda text: clean(text).strip()).filter(bool)
STARTS = st.sampled_from(["", "=", "+", "-", "@", "'", "''=", '="'])


@given(STARTS, TYPED)
def test_im30_the_guard_comes_off_again(start: str, text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["a", guarded(start + text), "z"])
    cell = read_book(b"x,y,z\n" + out.getvalue().encode(), "x.csv").leaves[0].lines[1].cells[1]
    assert cell is not None
    assert (cell.text.strip(), cell.formula) == (start + text, "")


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.sampled_from(["wgs84", "unknown"]),
    st.sampled_from(["", "50"]),
    st.sampled_from(["", "pin"]),
)
def test_im31_a_position_reads_back(lat: float, lon: float, datum: str, accuracy: str, by: str) -> None:
    value = [f"{lat:.6f}", f"{lon:.6f}", datum, accuracy, by]
    assert read_cell(write_cell(value)) == value


async def test_im31_what_is_exported_in_full_is_imported_again_as_the_same_cells(room: Room, tmp_path: Path) -> None:
    await filled(room)
    await submit(
        room,
        ANN,
        write(
            ANN,
            {
                "summary": "第一行\n第二行，\"引号\"",
                "place": "'=路",
                "floor": -1,
                "geo": ["34.75", "113.62", "gcj02", "50", "pin"],
                "source_time": "2021-07-20T12:59:07Z",
                "is_for_other": True,
                "category:trapped": True,
                "category:other": "屋顶",
                "power": "other:时好时坏",
                "water_trend": "rising",
                "source_url": "https://weibo.com/1/a?b=c",
                "tags": "老人、高血压",
            },
        ),
        ("private", write(ANN, {"contact_phone": "142****0000, 14300009999", "reporter_name": "王某", "medical_conditions:dialysis": True})),
        row=7,
    )  # fmt: skip
    other = await open_room(tmp_path / "two", workbook="copy")
    try:
        sun = await grant(other, "sun", "steward")
        data = exported(room, "csv", full=True).encode()
        made = plan_book(read_book(data, "help.csv"), key=other.workbook.key)
        assert made.rows == 4
        await apply_plan(other, made, who=sun, session="s")
        assert [_cells(row) for row in json.loads(exported(other, "json", full=True))] == [
            _cells(row) for row in json.loads(exported(room, "json", full=True))
        ]
    finally:
        await storage_of(other).close()


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """A row's cells: without what a store gives (numbers, times), what an import adds (its origin, its own log)."""
    given = ("row", "no", "created_at", "updated_at", "ext_id", "source", "import_raw", "status")
    cells = {name: value for name, value in row.items() if name not in given}
    return cells | {"notes": "\n".join(cells.get("notes", []))}


async def test_values_nobody_has_settled_are_all_shown(room: Room) -> None:
    await submit(room, ANN, write(ANN, {"summary": "水到二楼"}))
    await submit(room, actor("bo"), write(actor("bo"), {"summary": "水退了"}))
    (row,) = json.loads(exported(room, "json"))
    assert sorted(row["conflicts"]["summary"]) == ["水到二楼", "水退了"]
    assert sorted(table(room)[0]["情况"].split(" ‖ ")) == ["水到二楼", "水退了"]


async def test_a_sheet_without_rows_is_an_empty_list_and_a_header(room: Room) -> None:
    assert json.loads(exported(room, "json", sheet="hazard")) == []
    assert exported(room, "csv", sheet="hazard").startswith("\ufeff系统编号,系统状态,")


def test_a_form_or_sheet_there_is_not_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        export_text(None, "x", sheet="help", form="xml")  # type: ignore[arg-type]
    with pytest.raises(SchemaError):
        export_text(None, "x", sheet="cats", form="csv")  # type: ignore[arg-type]
