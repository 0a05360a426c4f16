"""Whole files: every line is accounted for, whatever the file."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.imports.book import Book, Cell, Leaf, Line, Merge
from server.imports.child import read_book
from server.imports.errors import ImportFailed
from server.imports.naming import GROUP
from server.imports.plan import SheetPlan
from server.imports.run import plan_book
from tests.server.imports.books import GREEN, HEADER, KEY, ORANGE, RED, book, paint, plan, strike

WORDS = st.sampled_from(
    ["序号", "电话", "联系人", "详细地址", "被困人数", "现状", "14200001111", "约5人", "紧急", "红色=特急", "合计", "【广告】加微信", "—— 新增 ——",
     "示例", "2021-07-20 20:59", "34.7,113.6", "=1+1", "是", "未知", "-", "花园路1号", "救命 花园路 被困", "a" * 50, "１２", "Latitude", "\u200b"]
)  # fmt: skip
CELLS = st.one_of(
    st.none(),
    st.builds(
        Cell,
        text=st.one_of(WORDS, st.text(max_size=12)),
        kind=st.sampled_from(["text", "number", "time", "bool", "error"]),
        fill=st.sampled_from(["", "FF0000", "92D050", "BFBFBF", "00B0F0"]),
        strike=st.sampled_from(["", "part", "all"]),
        formula=st.sampled_from(["", "=A1"]),
        cached=st.booleans(),
        note=st.sampled_from(["", "红色=已获救"]),
    ),
)
LINES = st.lists(st.lists(CELLS, max_size=9).map(tuple), max_size=14)
MERGES = st.lists(
    st.builds(
        lambda top, left, high, wide: Merge(top, left, top + high, left + wide),
        *(st.integers(lo, hi) for lo, hi in ((1, 9), (0, 6), (0, 3), (0, 4))),
    ),
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(LINES, MERGES, st.sampled_from(["求助", "Sheet1", "民间救援队", "物资", "说明"]))
def test_im9_every_line_is_a_row_or_a_remark_or_the_header(
    lines: list[tuple[Cell | None, ...]], merges: list[Merge], name: str
) -> None:
    numbered = [(i, cells) for i, cells in enumerate(lines, 1) if any(cell and cell.text.strip() for cell in cells)]
    leaf = Leaf(name, tuple(Line(i, cells) for i, cells in numbered), tuple(merges))
    sheet = plan_book(Book("x.xlsx", (leaf,)), key=KEY).sheets[0]
    written = {i for i, _ in numbered}
    told = [row.line for row in sheet.rows] + [remark.line for remark in sheet.remarks]
    assert len(told) == len(set(told))
    header = written - set(told)
    assert len(header) <= 2
    if header:
        assert sheet.header_line in header
        assert all(abs(line - sheet.header_line) <= 1 for line in header)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "xl/sharedStrings.xml"]),
)
def test_im4_a_damaged_workbook_gives_a_plan_or_a_clear_error(seed: int, part: str) -> None:
    chance = random.Random(seed)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(MESSY)) as source, zipfile.ZipFile(out, "w") as made:
        for one in source.infolist():
            data = bytearray(source.read(one.filename))
            if one.filename == part:
                for _ in range(chance.randint(1, 6)):
                    place = chance.randrange(len(data))
                    data[place : place + chance.randint(0, 4)] = chance.choice(
                        [b"", b"9", b"<", b'"', b"-1", b"\xff", b"&a;"]
                    )
            made.writestr(one.filename, bytes(data))
    try:
        plan(out.getvalue())
    except ImportFailed as error:
        assert error.code in ("file-damaged", "sheet-too-wide", "sheet-too-long", "file-bomb")


def _messy() -> bytes:
    def dress(made: object) -> None:
        sheet = made["求救汇总（最新）"]  # type: ignore[index]
        sheet.merge_cells("A1:J1")
        paint(sheet, 5, RED)
        paint(sheet, 6, ORANGE)
        paint(sheet, 8, GREEN)
        strike(sheet, 8)

    lines = [
        ("河南暴雨待救援信息汇总　请勿乱改！！",),
        ("红色=非常紧急　橙色=较紧急　绿色=已救出　已获救请划线不要删除",),
        (),
        HEADER,
        (
            1,
            "张三",
            "142 0000 1111",
            "金水区花园路1号3号楼",
            "约3人",
            None,
            "没水",
            "食物、饮用水",
            "√",
            '=HYPERLINK("http://x.example","点我")',
        ),
        (2, "李女士", "143****2222", "二七区大学路", "2（含老人1）", "普通", "没电", "药", "打不通", None),
        ("【广告】本店抽水泵低价，加微信xx",),
        (3, None, 15400003333, "中原区建设路", 8, "特急", "被困车顶", "冲锋舟", "已核实 志愿者小王", "第二次求救"),
        ("——以下为21日凌晨新增——",),
        (
            4,
            "孙强",
            "电话：16100004444（微信同号）",
            "巩义市米河镇",
            "十二人",
            None,
            "失联超过17小时",
            "转移",
            None,
            None,
        ),
    ]
    teams = [
        ("队伍名称", "负责人", "电话", "人数", "装备", "状态"),
        ("蓝天", "王", "14200009999", 20, "冲锋舟3艘", "待命"),
    ]
    return book(("求救汇总（最新）", lines), ("民间救援队", teams), ("使用说明", [("求救请填第一个表",)]), dress=dress)


MESSY = _messy()


def test_a_messy_workbook_is_read_as_a_person_would_read_it() -> None:
    made = plan(MESSY)
    help_, teams, words = made.sheets
    assert [sheet.sheet for sheet in made.sheets] == ["help", "civil_team", None]
    assert [row.line for row in help_.rows] == [5, 6, 8, 10]
    assert [(remark.line, remark.kind) for remark in help_.remarks] == [
        (1, "title"),
        (2, "legend"),
        (7, "advertisement"),
        (9, "note"),
    ]
    assert [row.private["contact_phone"] for row in help_.rows] == [
        "14200001111",
        "143****2222",
        "15400003333",
        "16100004444",
    ]
    assert [row.public["people_total"] for row in help_.rows] == [3, 2, 8, 12]
    assert [row.public["urgency"] for row in help_.rows] == ["critical", "urgent", "critical", "normal"]
    assert [row.public.get("outcome") for row in help_.rows] == [None, None, "rescued", None]
    assert [row.public.get("verify_state") for row in help_.rows] == ["verified", "unreachable", "verified", None]
    assert [(doubt.line, doubt.code) for doubt in made.doubts] == [(5, "formula"), (6, "mark-and-word-differ")]
    assert teams.rows[0].public["members"] == 20
    assert [remark.text for remark in words.remarks] == ["求救请填第一个表"]


def test_two_leaves_of_one_kind_both_come_in() -> None:
    line = (1, "张三", "14200001111", "花园路", 3, "急", "x", "食物", "是", "")
    made = plan(book(("20日求助", [HEADER, line]), ("21日求助", [HEADER, (1, "李四", *line[2:])])))
    assert [sheet.sheet for sheet in made.sheets] == ["help", "help"]
    assert made.rows == 2


def test_im12_the_map_names_every_leaf_and_column() -> None:
    from server.imports.plan import map_of

    told = map_of(plan(MESSY))
    assert set(told) == {"求救汇总（最新）", "民间救援队", "使用说明"}
    assert told["求救汇总（最新）"]["@header"] == 4
    assert set(HEADER) <= set(told["求救汇总（最新）"])


@pytest.mark.parametrize("name", ["北京", GROUP, "🚣"])
def test_im7_any_leaf_name_will_do(name: str) -> None:
    line = (1, "张三", "14200001111", "花园路", 3, "急", "x", "食物", "是", "")
    sheets: tuple[SheetPlan, ...] = plan(book((name, [HEADER, line]))).sheets
    assert [sheet.sheet for sheet in sheets] == ["help"]


def test_im1_the_name_of_a_file_does_not_decide_what_it_is() -> None:
    assert read_book(MESSY, "x.csv").leaves[0].name == "求救汇总（最新）"
    assert read_book("电话,地址\n14200001111,花园路\n".encode(), "x.xlsx").encoding == "utf-8"
