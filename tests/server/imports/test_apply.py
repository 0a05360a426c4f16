"""A plan becomes rows: once, under who imports, and never over what somebody wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from schema.edits import MAX_EDIT_BYTES
from schema.encoding import encode_edit
from schema.row import shown
from server.imports.apply import apply_plan, edits_of
from server.imports.plan import ImportPlan, RowPlan
from server.imports.report import plan_json, report_lines
from server.room import Room
from server.storage.contract import RowRecord
from tests.server.imports.books import GREEN, HEADER, book, paint, plan, strike
from tests.support.edits import write
from tests.support.rooms import actor, grant, open_room, storage_of

LINES = [
    (
        1,
        "张三",
        "14200001111",
        "金水区花园路1号",
        "约3人",
        "紧急",
        "没水 打14300002222",
        "食物、吉他",
        "是",
        "儿子 15400003333",
    ),
    (2, "李四", "14300002222", "二七区大学路", 2, "一般", "没电", "药", "打不通", None),
    (3, "李四", "14300002222", "二七区大学路", 2, "一般", "没电", "药", "打不通", None),
]
DATA = book(("求助", [("登记表",), HEADER, *LINES]))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = await open_room(tmp_path)
    yield made
    await storage_of(made).close()


def record(room: Room, made: ImportPlan, line: int) -> RowRecord:
    from schema.ids import row_id

    row = next(row for sheet in made.sheets for row in sheet.rows if row.line == line)
    found = room.record("help", row_id("help", row.secret))
    assert found is not None
    return found


async def test_im27_rows_enter_under_who_imports_with_the_origin_named(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    report = await apply_plan(room, plan(DATA), who=sun, session="s")
    assert (report.added, report.known, report.filled, report.refusals) == (3, 0, 0, ())
    log = room.storage.log("flood")
    assert {(entry.origin, entry.actor, entry.session) for entry in log} == {("import", sun.actor, "s")}
    imports = room.storage.audit("flood", act="import")
    assert [(line.actor, line.role) for line in imports] == [(sun.actor, "steward")]
    assert "3 rows" in imports[0].detail
    assert "求助" not in imports[0].detail


async def test_im22_both_tiers_arrive_and_the_public_sees_masked_forms(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    made = plan(DATA)
    await apply_plan(room, made, who=sun, session="s")
    row = record(room, made, 3)
    assert shown(row.public.live("summary")) == "没水 打143****2222"
    assert shown(row.private.live("summary")) == "没水 打14300002222"
    assert row.masked["contact_phone"] == ["142****1111"]
    notes = [live.value for path, found in row.public.cells.items() if path.startswith("notes:") for live in found]
    raw = [live.value for path, found in row.private.cells.items() if path.startswith("import_raw:") for live in found]
    assert notes == ["儿子 154****3333"]
    assert "约3人" in str(raw)
    assert "吉他" in str(raw)


async def test_im24_the_same_file_again_adds_nothing(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    await apply_plan(room, plan(DATA), who=sun, session="s")
    before = len(room.storage.log("flood"))
    again = await apply_plan(room, plan(DATA, "副本.xlsx"), who=sun, session="t")
    assert (again.added, again.known, again.filled) == (0, 3, 0)
    assert len(room.storage.log("flood")) == before


async def test_im24_holds_for_another_steward_and_after_a_restart(tmp_path: Path) -> None:
    first = await open_room(tmp_path)
    await apply_plan(first, plan(DATA), who=await grant(first, "sun", "steward"), session="s")
    await storage_of(first).close()
    second = await open_room(tmp_path)
    try:
        again = await apply_plan(second, plan(DATA), who=await grant(second, "olga", "owner"), session="s")
        assert (again.added, again.known) == (0, 3)
        assert second.storage.count_rows("flood", over=None) == 3
    finally:
        await storage_of(second).close()


async def test_im24_a_copy_inside_the_file_adds_nothing(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    twice = book(("求助", [HEADER, *LINES]), ("求助备份", [HEADER, *LINES]))
    report = await apply_plan(room, plan(twice), who=sun, session="s")
    assert (report.added, report.known) == (3, 3)
    assert room.storage.count_rows("flood", over=None) == 3


async def test_im24_an_import_that_was_cut_off_is_finished_by_the_next(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    whole = plan(DATA)
    from dataclasses import replace

    sheet = whole.sheets[0]
    await apply_plan(room, replace(whole, sheets=(replace(sheet, rows=sheet.rows[:1]),)), who=sun, session="s")
    report = await apply_plan(room, whole, who=sun, session="s")
    assert (report.added, report.known) == (2, 1)


async def test_im25_a_later_copy_fills_what_is_empty_and_changes_nothing(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    made = plan(DATA)
    await apply_plan(room, made, who=sun, session="s")

    def dress(changed: Workbook) -> None:
        strike(changed.worksheets[0], 3)
        paint(changed.worksheets[0], 4, GREEN)

    later = plan(book(("求助", [("登记表",), HEADER, *LINES]), dress=dress))
    report = await apply_plan(room, later, who=sun, session="s")
    assert (report.added, report.filled) == (0, 2)
    assert shown(record(room, made, 3).public.live("outcome")) == "rescued"
    assert shown(record(room, made, 5).public.live("outcome")) is None


async def test_im25_what_somebody_changed_or_blanked_since_is_theirs(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    made = plan(DATA)
    await apply_plan(room, made, who=sun, session="s")
    row = record(room, made, 3)
    seen = {path: [live.edit for live in row.public.live(path)] for path in ("urgency", "verify_state")}
    vera = await grant(room, "vera", "steward")
    from server.ingest import submission_of

    changed = write(vera.actor, {"urgency": "critical", "verify_state": None}, seen=seen)
    await room.submit(
        submission_of([("public", changed)], sheet="help", row=row.row, who=vera, session="s", origin="session")
    )
    report = await apply_plan(room, plan(DATA), who=sun, session="s")
    assert report.filled == 0
    assert shown(record(room, made, 3).public.live("urgency")) == "critical"
    assert shown(record(room, made, 3).public.live("verify_state")) is None


async def test_im26_an_import_confirms_nothing(room: Room) -> None:
    sun = await grant(room, "sun", "steward")
    lines = [
        ("电话", "地址", "登记时间"),
        ("14200001111", "花园路", "2021-07-19 08:00"),
        ("14300002222", "经三路", None),
    ]
    made = plan(book(("求助", lines)))
    await apply_plan(room, made, who=sun, session="s")
    old, unknown = (record(room, made, line).public.live("place")[0].at_ms for line in (2, 3))
    assert old == 1_626_652_800_000
    assert unknown > old


async def test_im27_what_an_importer_may_not_write_waits_as_a_suggestion(room: Room) -> None:
    ann = room.who(actor("ann"))
    lines = [("电话", "地址", "是否核实"), ("14200001111", "花园路", "是")]
    report = await apply_plan(room, plan(book(("求助", lines))), who=ann, session="s")
    assert [(one.line, one.verdict) for one in report.refusals][0] == (2, "suggested")


def test_im28_words_beyond_one_edit_take_several_and_none_is_too_large() -> None:
    row = RowPlan(
        line=2,
        secret="s" * 22,
        public={f"needs:{i}": "水" * 1300 for i in range(6)} | {"summary": "x"},
        private={"contact_phone": "14200001111"},
        notes=("一" * 1300, "二" * 1300, "三" * 1300),
        raw=("四" * 1300, "五" * 1300),
    )
    edits = list(edits_of(row, actor=actor("sun"), at_ms=1))
    assert all(len(encode_edit(edit)) <= MAX_EDIT_BYTES for _, edit in edits)
    said = {path: value for _, edit in edits for path, value in edit.writes.items()}
    assert [value for path, value in said.items() if path.startswith("notes:")] == list(row.notes)
    assert [value for path, value in said.items() if path.startswith("import_raw:")] == list(row.raw)
    assert {path for path in said if ":" not in path or path.startswith("needs:")} == {*row.public, *row.private}
    assert all(path.endswith(edit.edit) for _, edit in edits for path in edit.writes if path.startswith("notes:"))


async def test_the_report_says_what_became_of_every_line(room: Room) -> None:
    made = plan(book(("求助", [("登记表",), HEADER, *LINES, ("志愿者休息，请夜班接力",)]), ("说明", [("谢谢",)])))
    dry = "\n".join(report_lines(made))
    assert "dry run: 3 rows" in dry
    assert "line 6 is no row (note): 志愿者休息，请夜班接力" in dry
    assert "电话 → contact_phone (name)" in dry
    assert "吉他" in dry
    sun = await grant(room, "sun", "steward")
    report = await apply_plan(room, made, who=sun, session="s")
    assert "3 rows added, 0 there already" in "\n".join(report_lines(made, report))
    told = plan_json(made, report)
    assert (told["rows"], told["added"]) == (3, 3)
