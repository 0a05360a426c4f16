"""The workbook the story imports: as people really keep one, title lines, merged cells, two phones in a cell.

Writes the file named on the command line. Every name is invented and every telephone is one that no operator gave out.
"""

from __future__ import annotations

import sys

from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

RED = PatternFill("solid", fgColor="FFFF5050")

HELP = [
    # 序号, 求助人, 电话, 地址, 情况, 人数, 紧急程度, 备注
    (
        1,
        "王秀兰",
        "14200000001",
        "河东区柳树街12号院3号楼",
        "一楼进水，老人被困",
        "3人（2老1小）",
        "超级紧急",
        "水到膝盖",
    ),
    (2, "李 建国", "142 0000 0002 / 16300000002", "河东区柳树街12号院5号楼", "断水断电，有孕妇", "2", "紧急", None),
    (3, "张桂英", 14300000003, "西岭镇桥头村小学", "三十多名学生在教学楼三楼", "约35", "紧急", "校长在现场"),
    (4, None, "142-0000-0004", "西岭镇桥头村卫生室旁", "透析病人，需要转移", "1", "超级紧急", "联系电话是儿子的"),
    (5, "赵明", "１４２０００００００５", "南屏乡水库下游第二组", "房屋漏雨，暂时安全", "4", "一般", "可以等"),
    (
        6,
        "王秀兰女士",
        "+86 142 0000 0001",
        "柳树街12号院3号楼",
        "老人下不来，一楼全淹",
        "3",
        "紧急",
        "转发自朋友圈",
    ),
    (7, "陈小雨", "15400000007", "河东区地铁站B口地下商场", "商场积水，出口被堵", "6", "超级紧急", "手机快没电"),
    (8, "刘芳", "16100000008", "东湖新村9栋401", "婴儿没有奶粉", "2大1婴", "紧急", None),
]

TEAMS = [
    # 队名, 类型, 值班电话, 船, 人数
    ("蓝鲸水上救援队", "民间", "16900000001", "3条冲锋舟", 18),
    ("青松应急志愿队", "民间", "16900000002", "1艘橡皮艇", 9),
]


def write(path: str) -> None:
    """One workbook with three sheets, none of which begins at its first row."""
    book = Workbook()
    help_sheet = book.active
    assert isinstance(help_sheet, Worksheet)
    _help(help_sheet)
    _teams(book.create_sheet("民间救援队"))
    book.create_sheet("Sheet3")
    book.save(path)


def _help(sheet: Worksheet) -> None:
    sheet.title = "待救援人员信息"
    sheet["A1"] = "待救援人员信息（演练用，全部虚构）"
    sheet.merge_cells("A1:H1")
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"] = "填写须知：请勿删除别人的行！电话务必写对。"
    sheet.merge_cells("A2:H2")
    header = ("序号", "求助人 姓名", "联系电话*", "详细地址", "具体情况", "被困人数", "紧急程度", "备注")
    for column, name in enumerate(header, start=1):
        sheet.cell(row=4, column=column, value=name)
    at = 5
    for index, row in enumerate(HELP):
        if index == 4:
            at += 1  # somebody left a line empty in the middle
        for column, value in enumerate(row, start=1):
            sheet.cell(row=at, column=column, value=value)
        if row[6] == "超级紧急":
            sheet.cell(row=at, column=7).fill = RED
        at += 1
    sheet.cell(row=at + 1, column=1, value="以上信息如有变动请及时更新，谢谢！")


def _teams(sheet: Worksheet) -> None:
    sheet["B1"] = "民间救援队登记"
    header = ("队伍名称", "性质", "值班电话", "船艇", "人数")
    for column, name in enumerate(header, start=2):
        sheet.cell(row=3, column=column, value=name)
    for at, row in enumerate(TEAMS, start=4):
        for column, value in enumerate(row, start=2):
            sheet.cell(row=at, column=column, value=value)


if __name__ == "__main__":
    write(sys.argv[1])
