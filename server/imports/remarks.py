"""Which lines under the header are no rows: notes shouted between rows, advertisements, totals, the header again.

Pure. Imported by `run`. When in doubt a line is a row: a plea typed into one cell must not be lost among remarks (rule IM9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from server.imports.book import Line, Merge, cell_text, filled
from server.imports.cells import plain
from server.imports.layout import Layout, is_header_again
from server.imports.legend import read_legend
from server.imports.plan import ColumnPlan, Remark
from server.imports.profile import PHONE

_ADVERTISEMENT = re.compile(
    r"广告(?!牌|位|布|箱)|低价|特价|优惠|促销|打折|批发|出售|售卖|代购|代办|代写|微商|兼职|招聘|招工|贷款|借款|推广|返利|包邮|免费领|扫码|关注公众号|淘宝|拼多多|京东店|"
    r"欢迎选购|厂家|直销|刷单|博彩|棋牌|彩票|诚招|加盟|保险咨询|开锁|疏通|价格(?:优|从|面议)|加(?:我|本人)?(?:微信|v信|vx|wx|qq)|租赁|"
    r"advert|buy now|for sale|discount|cheap|promo(?:tion)?\b|casino|soldes|à vendre",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|汇总|总数|total|subtotal|sum)\s*[:：]?", re.IGNORECASE)
_EXAMPLE = re.compile(
    r"[(（【\[]?(?:示例|例如|举例|范例|样例|模板|填写示范|例\s*[:：]|e\.g\.|example|exemple)", re.IGNORECASE
)
_NOTE = re.compile(
    r"^\s*(?:[-—=*·#※★☆]{2,}|注\s*[:：]|备注\s*[:：]|说明\s*[:：]|提示|提醒|注意|公告|通知|重要|温馨|请(?:大家|各位|勿|不要|先|在|把|按|志愿者)|"
    r"志愿者|各位|大家|以上|以下|截至|截止|更新|本表|此表|本文档|新增|please|note\s*:|attention)|"
    r"[-—=*]{2,}\s*$|以[上下]为|新增|接力|交接|值班|换班|夜班|勿删|不要删|请勿|更新至|更新于"
)
# What makes one lonely cell a plea and not a remark.
_PLEA = re.compile(
    r"被?困|救命|求救|求助|急需|救援|失联|受伤|孕妇|老人|小孩|孩子|断[水电粮]|没有?[水电吃]|淹|help|trapped|stuck|need|urgent|secours|besoin|manje|dlo",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[省市区县镇乡村路街巷]|小区|号楼|单元|\d+号|street|road|\brue\b", re.IGNORECASE)


def remark_of(line: Line, layout: Layout, columns: Sequence[ColumnPlan], merges: Sequence[Merge] = ()) -> Remark | None:
    """What a line is where it is no row; None for a row."""
    cells = filled(line)
    words = " ".join(cell_text(cell) for _, cell in cells)
    if is_header_again(line, layout.headers):
        return Remark(line.number, words, "header")
    paths = {column.column: column.path for column in columns}
    telling = [(column, cell) for column, cell in cells if paths.get(column) != "ext_id"]
    if not telling and len(words) <= 8 and words.replace(" ", "").isdigit():
        return Remark(line.number, words, "empty")  # a line numbered beforehand
    first = cell_text(cells[0][1])
    if _TOTAL.match(first) and not PHONE.search(plain(words)) and len(cells) <= max(3, len(columns) // 2):
        return Remark(line.number, words, "total")
    if _EXAMPLE.match(first) and len(first) <= 30:
        return Remark(line.number, words, "example")
    wide = any(m.top <= line.number <= m.bottom and m.right - m.left + 1 >= max(3, len(columns) // 2) for m in merges)
    if len(columns) <= 2 and not wide and not (len(columns) == 2 and len(cells) == 1):
        return None  # a list of one column: every line is a row
    advertises = _ADVERTISEMENT.search(words) is not None
    if advertises and (wide or len(telling) <= 2 or not _has_place(telling, paths)) and not _is_plea(words):
        return Remark(line.number, words, "advertisement")
    if len(cells) > 1 and not wide:
        return None
    if read_legend(words):
        return Remark(line.number, words, "legend")
    if not wide and _belongs(cells[0][0], cells[0][1].text, paths):
        return None
    if _is_plea(words) and not _NOTE.search(words):
        return None
    if PHONE.search(plain(words)) and not _NOTE.search(words) and not wide:
        return None
    return Remark(line.number, words, "note")


def may_be_advertisement(words: str) -> bool:
    """Whether a line that stays a row has words of an advertisement in it: listed, for a person to look at."""
    return _ADVERTISEMENT.search(words) is not None


def _has_place(cells: Sequence[tuple[int, object]], paths: Mapping[int, str | None]) -> bool:
    return any(paths.get(column) in ("place", "people_total", "district", "geo.lat") for column, _ in cells)


def _is_plea(words: str) -> bool:
    return _PLEA.search(words) is not None and (
        PHONE.search(plain(words)) is not None or _PLACE.search(words) is not None
    )


def _belongs(column: int, text: str, paths: Mapping[int, str | None]) -> bool:
    """A lonely cell under the right header: an address under 地址, a number under 电话."""
    path = paths.get(column) or ""
    if _NOTE.search(text):
        return False
    if "phone" in path:
        return PHONE.search(plain(text)) is not None
    if path in ("place", "base"):
        return _PLACE.search(text) is not None or len(text) <= 20
    return path in ("summary", "name", "item", "doctor_name", "person_name") and column > 0
