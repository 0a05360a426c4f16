"""Pasted words become a draft of a row: telephones, place with district, people, needs, source. A person looks at it before it is saved.

Pure. Imported by the server. Rules PO1–PO8 of docs/spec/posts.md. Nothing is invented: what was not understood stays in the words, and the
words stay whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moderation.divisions import Division, find_division
from schema.fields import normal, parse
from schema.phones import read_phones
from schema.sheets import SHEETS, Field
from schema.texts import find_personal, split_place
from schema.values import Value

MAX_PASTE_CHARS = 200_000  # a block of a thousand rows
MAX_POST_BYTES = 4096  # what a value holds, some 1,300 signs; what is longer is told as a doubt with the words
MAX_READ_CHARS = (
    2_500  # what follows is kept as words and searched no more: a pattern tried at each of 20,000 signs takes seconds
)
MAX_POSTS = 200
MAX_CLAUSES = 60

HELP = SHEETS["help"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words of the post that a person should look at, and why: `several-places`, `several-phones`, `no-place`, `no-phone`, `cut`, `unread`."""

    path: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A row to be: `{path: value}` of both tiers, as a form would hold it."""

    sheet: str
    writes: Mapping[str, Value]
    doubts: tuple[Doubt, ...] = ()


@dataclass(slots=True)
class _Making:
    writes: dict[str, Value] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def put(self, path: str, value: Value) -> None:
        if value not in (None, ""):
            self.writes.setdefault(path, value)


def read_posts(text: str, *, near: Iterable[str] = ()) -> tuple[Draft, ...]:
    """Every post in a pasted text. `near`: codes of the cities the other rows are in."""
    near = tuple(near)
    return tuple(read_post(part, near=near) for part in split_posts(text))


def split_posts(text: str) -> list[str]:
    """A text that lists several requests, apart; else the text.

    Lists are numbered or set apart by empty lines; only where every part has a telephone or says a place by a label is it a list of requests.
    """
    whole = text.replace("\r\n", "\n").strip()
    for rule in (_NUMBERED, _EMPTY_LINE):
        parts = [part.strip() for part in rule.split(whole)]
        parts = [part for part in parts if part]
        asking = [part for part in parts if _is_request(part)]
        if len(asking) >= 2 and len(asking) >= len(parts) - 1:
            return asking[:MAX_POSTS] if len(asking) == len(parts) else parts[:MAX_POSTS]
    return [whole] if whole else []


def read_post(text: str, *, near: Iterable[str] = ()) -> Draft:
    """One post as a draft of a help row."""
    words = text.strip()
    plain = unicodedata.normalize("NFKC", words[:MAX_READ_CHARS])[:MAX_READ_CHARS]
    labelled = _labelled(plain)
    making = _Making()
    making.put("summary", _cut(words, making))
    _read_phones(plain, labelled, making)
    _read_name(plain, labelled, making)
    _read_place(plain, labelled, making, tuple(near))
    _read_people(_without_numbers(plain), labelled, making)
    _read_needs(plain, labelled, making)
    _read_water(plain, making)
    link = _LINK.search(plain)
    if link is not None:
        making.put("source_url", link.group(0).rstrip(".,)"))
    if _FOR_OTHER.search(plain):
        making.put("is_for_other", True)
    return Draft("help", making.writes, tuple(making.doubts))


def place_writes(address: str, *, near: Iterable[str] = ()) -> dict[str, Value]:
    """An address as cells: province, city, district, the place to the estate, building and flat apart."""
    found = find_division(address, near=near)
    writes: dict[str, Value] = {}
    rest = address
    if found is not None:
        for path, name in (("province", found.province), ("city", found.city), ("district", found.district)):
            if name:
                writes[path] = name
        rest = _without(address, found)
    place, exact = split_place(rest)
    if place:
        writes["place"] = place
    if exact:
        writes["place_exact"] = exact
    return writes


# -- parts

_NUMBERED = re.compile(
    r"(?:^|\n)\s*(?:[0-9]{1,3}[.、)）．]|[①-⑳]|[（(][0-9一二三四五六七八九十]{1,3}[)）])\s*(?![0-9])"
)
_EMPTY_LINE = re.compile(r"\n\s*(?:[-—=*_]{3,}\s*)?\n")
_LINK = re.compile(r"https?://[^\s，。、；）)\u4e00-\u9fff]+", re.IGNORECASE)
_FOR_OTHER = re.compile(r"代发|代转|转发|帮转|替人|帮朋友|帮忙转|转自|朋友圈看到")
_LABEL = re.compile(
    r"(联系电话|联系方式|手机号码|手机号|电话|手机|联系人|求助人|被困人员姓名|姓名|详细地址|被困地址|被困地点|求助地址|具体位置|所在位置|所在地|地址|位置|地点|坐标"
    r"|被困人数|受困人数|人员数量|人数|具体情况|现场情况|情况说明|情况|所需物资|需求物资|急需物资|需求|所需|急需|物资|来源|核实时间|发布时间|时间|备注)\s*[:：】\]]\s*"
)
_FIELDS = {
    "phone": ("联系电话", "联系方式", "手机号码", "手机号", "电话", "手机"),
    "name": ("联系人", "求助人", "被困人员姓名", "姓名"),
    "place": (
        "详细地址",
        "被困地址",
        "被困地点",
        "求助地址",
        "具体位置",
        "所在位置",
        "所在地",
        "地址",
        "位置",
        "地点",
        "坐标",
    ),
    "people": ("被困人数", "受困人数", "人员数量", "人数"),
    "needs": ("所需物资", "需求物资", "急需物资", "需求", "所需", "急需", "物资"),
}
_OF_LABEL = {label: name for name, labels in _FIELDS.items() for label in labels}
_STOPS = re.compile(r"[，。,；;！!？?\n\r\t#【】|]|(?<=[\u4e00-\u9fff]) +")
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常"
    "乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍"
    "虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊惠甄曲家封储靳段富巫乌焦巴弓牧隗山谷车侯全班秋仲伊宫宁仇栾甘武符刘景詹龙叶幸司黎薄白蒲"
    "邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎连习艾容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄东欧利越"
    "师巩聂晁敖冷辛阚那简饶曾沙关相查游权岳"
)
_NAME_BEFORE = re.compile(r"([\u4e00-\u9fff]{1,3}?)(先生|女士|小姐|老师|阿姨|书记|村长|主任|队长)?[\s:：,，(（]{0,2}$")
_CHINESE_END = re.compile(r"[\u4e00-\u9fff]$")
_TITLE_END = re.compile(r"(?:支书|书记|村长|主任|队长|负责人|联系人|本人|我是|姓名|家属|求助人|机主)$")
_NAME_AFTER = re.compile(
    r"[\s:：,，(（]{0,2}([\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|老师|书记|村长|主任)|[\u4e00-\u9fff]{2,3}(?=[\s,，。)）;；]|$))"
)
_NAME = re.compile(
    r"[\u4e00-\u9fff·]{2,4}(?:先生|女士|小姐|老师|书记|村长|主任|队长)?|[\u4e00-\u9fff](?:先生|女士|小姐|老师|某某?|\*{1,2})"
)
_ADDRESS = re.compile(
    r"(?:号楼|号院|栋|幢|座|单元|室|号|组|队|小区|社区|花园|家园|公寓|家属院|新村|庄园|医院|卫生院|学校|中学|小学|大学|学院|幼儿园|酒店|宾馆|广场|大厦|大楼|村委会"
    r"|市场|商场|超市|地铁站|火车站|车站|养老院|敬老院|福利院|工地|隧道|国际|公馆|城邦|苑|庄|寨|村|湾|府|路|街|大道|巷|镇|乡|街道|办事处|桥|口|厂|区|县|市|楼|院|城|园|堤|坝|水库"
    r"|[0-9]+-[0-9]+(?:-[0-9]+)?)"
)
_FINE = re.compile(
    r"[0-9]号|栋|幢|单元|小区|社区|花园|家园|公寓|家属院|医院|学校|中学|小学|幼儿园|酒店|宾馆|广场|大厦|市场|地铁站|养老院|工地|国际|苑|庄|寨|村|湾|府|厂|路.{0,4}口|交叉口"
)
_ROAD = re.compile(r"路|街|大道|巷|镇|乡|办事处")
_LEAD = re.compile(
    r"^.*?(?:我家住在|我家住|家住|住在|位于|坐标|地址是|地址在|地址|位置在|位置|我们在|我在|我家在|现在在|被困在|困在|被困于|救救|求救|求助|急求|紧急)[:： ]*"
)
_TAIL = re.compile(
    r"(?:附近|旁边|对面|门口|路口|交叉口|东侧|西侧|南侧|北侧|向[东西南北][0-9]+米|[东南西北]门|一楼|二楼|楼顶|屋顶|[东西南北](?=$))+"
)
_COUNT = re.compile(
    r"(?:[0-9]{1,6}|[一二两三四五六七八九十百千]{1,8})(?:多|余|几)?\s*(?:个|名|位|口)?\s*(?:多|余)?(?:人|口|老人|孩子|小孩|儿童|孕妇|婴儿|学生|村民|群众|居民|大人|乘客)"
)
_NOT_PEOPLE = re.compile(r"人民|人次|小时|[0-9]人间")
_WANTING = re.compile(r"急需|需要|需|缺|求|没有|没|断|无|请求|支援|希望|派|送|要")
_WATER = re.compile(
    r"(?:水深|水位|积水|淹|水)[^，。,；;！!\n]{0,8}?(?:[0-9.]+|[一二两三半]+)\s*(?:米|m|厘米|cm|公分)[^，。,；;！!\n]{0,3}|(?:水|淹)[^，。,；;！!\n]{0,6}(?:齐腰|腰|胸口|胸|脖子|膝盖|大腿)"
)


def _is_request(part: str) -> bool:
    return bool(find_personal(part)) or any(_OF_LABEL.get(m.group(1)) == "place" for m in _LABEL.finditer(part))


def _labelled(plain: str) -> dict[str, list[str]]:
    """What stands after a label, to the next label or the end of its line, by what the label asks."""
    found: dict[str, list[str]] = {}
    matches = list(_LABEL.finditer(plain))
    for at, match in enumerate(matches):
        name = _OF_LABEL.get(match.group(1))
        end = matches[at + 1].start() if at + 1 < len(matches) else len(plain)
        said = re.split(r"[\n。;；]", plain[match.end() : end])[0].strip(" ,，、[]【】()")
        if name is not None and said:
            found.setdefault(name, []).append(said)
    return found


def _cut(words: str, making: _Making) -> str:
    kept = words.encode("utf-8", "replace")[:MAX_POST_BYTES].decode("utf-8", "ignore")
    if len(kept) < len(words):
        making.doubts.append(Doubt("summary", "cut", words[len(kept) :]))
    return words[: len(kept)]


def _read_phones(plain: str, labelled: Mapping[str, list[str]], making: _Making) -> None:
    numbers: dict[str, None] = {}
    for said in labelled.get("phone", ()):
        for number in read_phones(said).numbers:
            if len(re.sub("[^0-9]", "", number)) >= 7 or "*" in number:
                numbers[number] = None
    for span in find_personal(plain):
        if span.kind != "id":
            for number in read_phones(plain[span.start : span.end]).numbers:
                numbers[number] = None
    listed = list(numbers)
    if listed:
        making.put("contact_phone", normal(listed[0], HELP.fields["contact_phone"]))
        making.put("contact_phone2", ", ".join(listed[1:6]))
    else:
        making.doubts.append(Doubt("contact_phone", "no-phone", ""))
    if len(listed) > 2:
        making.doubts.append(Doubt("contact_phone", "several-phones", ", ".join(listed)))


def _read_name(plain: str, labelled: Mapping[str, list[str]], making: _Making) -> None:
    for said in labelled.get("name", ()):
        match = _NAME.match(said.strip())
        if match is not None:
            making.put("person_name", match.group(0))
            return
    for span in find_personal(plain):
        if span.kind == "id":
            continue
        before = _NAME_BEFORE.search(re.sub(r"(?:电话|手机|联系|联系人|联系电话|[:：\s])+$", "", plain[: span.start]))
        if before is None:
            continue
        name, title = before.group(1), before.group(2) or ""
        lead = plain[: before.start(1)]
        stands_alone = _CHINESE_END.search(lead) is None or _TITLE_END.search(lead) is not None
        if name[0] in _SURNAMES and (title or (len(name) >= 2 and stands_alone)):
            making.put("person_name", name + title)
            return
    for span in find_personal(plain):
        after = _NAME_AFTER.match(plain, span.end)
        if after is not None and after.group(1)[0] in _SURNAMES:
            making.put("person_name", after.group(1))
            return


def _read_place(plain: str, labelled: Mapping[str, list[str]], making: _Making, near: tuple[str, ...]) -> None:
    said = labelled.get("place", [])
    found = [address for one in said if len(address := _said_place(one)) >= 3]
    if not found:
        found = _addresses(plain, near)
    if not found:
        making.doubts.append(Doubt("place", "no-place", ""))
        return
    writes = place_writes(found[0], near=near)
    if "district" not in writes:
        # 新乡市的求助！耿黄镇…: the district or city may stand elsewhere in the post.
        for path, value in place_writes(plain, near=near).items():
            if path in ("province", "city", "district"):
                writes.setdefault(path, value)
    for path, value in writes.items():
        making.put(path, value)
    others = [address for address in dict.fromkeys(found[1:]) if address not in found[0] and found[0] not in address]
    if others:
        making.doubts.append(Doubt("place", "several-places", "；".join(others[:5])))


def _said_place(said: str) -> str:
    """What stands after the label of an address: all of it, to the first comma or number."""
    for span in find_personal(said)[:1]:
        said = said[: span.start]
    return re.split(r"[，,！!？?\t]", said)[0].strip(" :：、\"'“”()（）")[:80]


def _addresses(plain: str, near: tuple[str, ...]) -> list[str]:
    """Clauses that read as an address, the most telling first."""
    bare = _LINK.sub(" ", plain)
    for span in reversed(find_personal(bare)):
        bare = bare[: span.start] + "，" + bare[span.end :]
    ranked: list[tuple[int, int, str]] = []
    for at, clause in enumerate(_STOPS.split(bare)[:MAX_CLAUSES]):
        address = _trim(clause or "", near)
        if not address:
            continue
        certain = (
            3 * (find_division(address, near=near) is not None)
            + 2 * bool(_FINE.search(address))
            + bool(_ROAD.search(address))
        )
        if certain >= 2:
            ranked.append((-certain, at, address))
    return [address for _, _, address in sorted(ranked)]


def _trim(clause: str, near: tuple[str, ...]) -> str:
    """The address in a clause: from the district, or the word that leads to it, to the last word that is a part of an address."""
    text = clause.strip(" :：、\"'“”()（）")
    division = find_division(text, near=near)
    if division is not None:
        text = text[division.start :]
    else:
        text = _LEAD.sub("", text, count=1)
    if len(text) > 60:
        text = text[:60]
    last = 0
    for match in _ADDRESS.finditer(text):
        if match.start() - last > 12:
            break  # the address has ended; what follows is what happened
        last = match.end()
    tail = _TAIL.match(text, last)
    address = text[: tail.end() if tail is not None else last].strip(" ,，、的在")
    return address if len(address) >= 3 else ""


def _without(address: str, found: Division) -> str:
    """The address without the names of province, city and district that it begins with."""
    if address[: found.start].strip():
        return address
    rest = address[found.end :].lstrip(" ,，、-")
    return rest or address


def _without_numbers(plain: str) -> str:
    """The words with telephones and identity numbers taken out, so that the end of one is not a count: 142…0777 老人2人."""
    kept, at = [], 0
    for span in find_personal(plain):
        kept.append(plain[at : span.start])
        at = span.end
    return "，".join([*kept, plain[at:]])


def _read_people(plain: str, labelled: Mapping[str, list[str]], making: _Making) -> None:
    total = HELP.fields["people_total"]
    for said in labelled.get("people", ()):
        if _take(said, total, making):
            return
    # The clause that counts everybody, else the ones that count some.
    clauses = [
        clause
        for clause in re.split(r"[，。,；;！!？?\n#]", plain)
        if _COUNT.search(clause) and not _NOT_PEOPLE.search(clause)
    ]
    clauses.sort(
        key=lambda clause: (
            not re.search(
                r"被困|受困|共|一家|全家|[0-9一二两三四五六七八九十百]+(?:多|余|几)?(?:个|名|位)?(?:人|口)", clause
            ),
        )
    )
    for clause in clauses[:3]:
        match = _COUNT.search(clause)
        assert match is not None
        words = clause[match.start() : match.start() + 40]
        if _take(words, total, making):
            return


def _take(said: str, column: Field, making: _Making) -> bool:
    read = parse(said, column)
    for path, value in read.paths(column.id).items():
        making.put(path, value)
    for path, value in read.also.items():
        making.put(path, value)
    return bool(read.writes or read.also)


def _read_needs(plain: str, labelled: Mapping[str, list[str]], making: _Making) -> None:
    """Options of needs and kind that the post names: a need only where it is wanted, for 我们有船 wants none."""
    wanted = " ".join(labelled.get("needs", ()))
    clauses = [clause for clause in re.split(r"[，。,；;！!？?\n]", plain) if _WANTING.search(clause)]
    heard = wanted + " " + " ".join(clauses)
    for option in HELP.fields["needs"].options:
        if option.code != "other" and _named(heard, (option.label("zh"), *option.aliases)):
            making.put(f"needs:{option.code}", True)
    for option in HELP.fields["category"].options:
        if option.code != "other" and _named(plain, (option.label("zh"), *option.aliases)):
            making.put(f"category:{option.code}", True)


def _named(heard: str, names: Iterable[str]) -> bool:
    return any(len(name) >= 2 and name in heard for name in names)


def _read_water(plain: str, making: _Making) -> None:
    match = _WATER.search(plain)
    if match is not None:
        _take(match.group(0), HELP.fields["water_depth_cm"], making)
