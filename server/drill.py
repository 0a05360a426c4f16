"""The drill workbook 演练: invented rows to practise on, so that nobody's first touch is in an emergency.

Rows are plain writes and enter through ingest like any import. Imported by `server.cli`.

The city, its people and its telephones do not exist: fixture numbers start 142, 143, 154, 161, 163, 169 or 179, which
no operator has given out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moderation.roles import Who
from schema.edits import Edit, Tier
from schema.ids import SECRET_CHARS, RowId, actor_id, digest62, row_id
from schema.sheets import load_sheet
from schema.values import Value
from server.clock import new_edit_id
from server.ingest import submission_of
from server.room import Room

WORKBOOK = "drill"
TITLE = "演练：临江市暴雨（全部虚构）"
CITY = {"province": "演练省", "city": "临江市"}
# A point in the East China Sea: a drill row on a map must not lie on anybody's house.
SEA = (30.2500, 123.6500)
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One row to file: its sheet, a stable name for its secret, when it was written, its cells of both tiers.

    `claims` are by the names of team rows; `apart` is what a second hand wrote without having seen the first.
    """

    sheet: str
    name: str
    minutes_ago: int
    writes: Mapping[str, Value]
    claims: Mapping[str, list[str]] = field(default_factory=dict)
    apart: Mapping[str, Value] = field(default_factory=dict)


def drill_rows() -> Iterator[DrillRow]:
    """Every row of the drill, teams first, so that claims can name them."""
    yield from _teams()
    yield from _help()
    yield from _hazards()
    yield from _shelters()


async def file_drill(room: Room) -> int:
    """Files every row of the drill in a workbook; how many. Filing it twice adds nothing but edits of equal value."""
    now_ms = room.clock.now_ms()
    hands = [Who(actor_id(f"drill/{room.workbook.id}/{hand}"), "owner") for hand in ("first", "second")]
    for who, name in zip(hands, ("演练", "演练二"), strict=True):
        await room.storage.see_actor(who.actor, name, now_ms)
    filed = 0
    for drill in drill_rows():
        at_ms = now_ms - drill.minutes_ago * MINUTE_MS
        for who, edits in zip(
            hands, _edits(room, drill, actors=[who.actor for who in hands], at_ms=at_ms), strict=True
        ):
            if not edits:
                continue
            secret = _secret(room, drill.name)
            submission = submission_of(
                edits,
                sheet=drill.sheet,
                row=row_id(drill.sheet, secret),
                who=who,
                session="drill",
                origin="import",
                secret=secret,
            )
            answer = await room.submit(submission)
            for verdict in answer.verdicts:
                # The rows are ours: one that the program's own rules turn away is a defect of the drill.
                assert verdict.verdict == "accepted", f"{drill.name}: {verdict.reason}"
        filed += 1
    return filed


def _edits(room: Room, drill: DrillRow, *, actors: list[str], at_ms: int) -> list[list[tuple[Tier, Edit]]]:
    """What each hand writes: the first all cells by tier, the second what it wrote apart, having seen nothing."""
    sheet = load_sheet(drill.sheet)
    claims: dict[str, Value] = {f"claim:{_row(room, team)}": state for team, state in drill.claims.items()}
    by_hand: list[list[tuple[Tier, Edit]]] = []
    for actor, writes in zip(actors, ({**drill.writes, **claims}, drill.apart), strict=True):
        tiers: dict[Tier, dict[str, Value]] = {}
        for path, value in writes.items():
            known = sheet.field_of(path)
            assert known is not None, f"{drill.name}: {drill.sheet} has no {path}"
            tiers.setdefault(known.tier, {})[path] = value
        by_hand.append(
            [
                (tier, Edit(new_edit_id(room.clock), actor, at_ms, tiers[tier], {}))
                for tier in ("public", "private")
                if tier in tiers
            ]
        )
    return by_hand


def _secret(room: Room, name: str) -> str:
    """The row secret of a drill row: the same for the same workbook, guessable by nobody without its key."""
    return digest62(f"{room.workbook.key}/drill/{name}".encode(), SECRET_CHARS)


def _row(room: Room, name: str) -> RowId:
    return row_id(name.partition("/")[0], _secret(room, name))


def _help() -> Iterator[DrillRow]:
    prefixes = ("142", "143", "154", "161", "163", "169", "179")
    for index, line in enumerate(_HELP.strip().splitlines(), start=1):
        parts = [part.strip() for part in line.split("|")]
        ago, urgency, verify, outcome, district, place, summary, people, category, needs, more = parts
        writes: dict[str, Value] = {
            **CITY,
            "district": district,
            "place": place,
            "summary": summary,
            "person_name": _NAMES[index % len(_NAMES)],
            "contact_phone": f"{prefixes[index % len(prefixes)]}{index:08d}",
            "people_total": int(people),
            "urgency": urgency,
            "verify_state": verify,
            "source": ("self", "relative", "volunteer", "weibo", "hotline")[index % 5],
            "geo": _geo(index),
        }
        writes.update({f"category:{code}": "需要有人看一眼" if code == "other" else True for code in category.split()})
        writes.update({f"needs:{code}": True for code in needs.split()})
        for pair in more.split():
            path, _, word = pair.partition("=")
            writes[path] = int(word) if word.isdecimal() else True if word == "true" else word
        if outcome:
            writes["outcome"] = outcome
        name = f"help/{index}"
        yield DrillRow("help", name, int(ago), writes, _CLAIMS.get(name, {}), _APART.get(name, {}))


def _teams() -> Iterator[DrillRow]:
    for sheet, table in (("official_team", _OFFICIAL), ("civil_team", _CIVIL)):
        for index, line in enumerate(table.strip().splitlines(), start=1):
            name, kind, status, members, boats, capabilities, base = (part.strip() for part in line.split("|"))
            writes: dict[str, Value] = {
                "name": name,
                "org_type": kind,
                "status": status,
                "members": int(members),
                "boats": int(boats),
                "base": base,
                "duty_phone": f"169{index:04d}{'1000' if sheet == 'civil_team' else '2000'}",
            }
            writes.update({f"capabilities:{code}": True for code in capabilities.split()})
            yield DrillRow(sheet, f"{sheet}/{index}", 300 + index, writes)


def _hazards() -> Iterator[DrillRow]:
    for index, line in enumerate(_HAZARDS.strip().splitlines(), start=1):
        ago, kind, severity, certainty, passable, district, place, detour = (part.strip() for part in line.split("|"))
        writes: dict[str, Value] = {
            **CITY,
            "kind": kind,
            "severity": severity,
            "certainty": certainty,
            "passable": passable,
            "district": district,
            "place": place,
            "geo": _geo(100 + index),
        }
        if detour:
            writes["detour"] = detour
        yield DrillRow("hazard", f"hazard/{index}", int(ago), writes)


def _shelters() -> Iterator[DrillRow]:
    for index, line in enumerate(_SHELTERS.strip().splitlines(), start=1):
        name, kind, status, capacity, occupancy, facilities, district, place = (
            part.strip() for part in line.split("|")
        )
        writes: dict[str, Value] = {
            **CITY,
            "name": name,
            "kind": kind,
            "status": status,
            "capacity": int(capacity),
            "occupancy": int(occupancy),
            "district": district,
            "place": place,
            "contact_phone": f"163{index:04d}3000",
            "geo": _geo(200 + index),
        }
        writes.update({f"facilities:{code}": True for code in facilities.split()})
        yield DrillRow("shelter", f"shelter/{index}", 240 + index, writes)


def _geo(index: int) -> list[str]:
    lat = SEA[0] + (index * 37 % 101) / 2000
    lon = SEA[1] + (index * 53 % 97) / 2000
    return [f"{lat:.5f}", f"{lon:.5f}", "wgs84", "500", "told"]


_NAMES = (
    "演练·王秀兰", "演练·李建国", "演练·张桂英", "演练·赵明", "演练·陈小雨", "演练·刘芳", "演练·周大勇", "演练·孙美玲",
    "演练·吴志强", "演练·郑淑珍", "演练·冯雨", "演练·何丽",
)  # fmt: skip

# Something to practise on: teams on their way, two teams for one roof, two people who wrote one cell apart.
_CLAIMS: Mapping[str, Mapping[str, list[str]]] = {
    "help/10": {"civil_team/2": ["en_route", "", "90"]},
    "help/12": {"civil_team/1": ["active", "", "60"], "official_team/1": ["en_route", "", "60"]},
    "help/22": {"official_team/1": ["on_scene", "", "60"]},
}
_APART: Mapping[str, Mapping[str, Value]] = {
    "help/5": {"people_total": 3},
    "help/18": {"summary": "现场的人说桥洞已经清空，没有车"},
}

# minutes ago | urgency | verification | outcome | district | place | what happened | people | kinds | needs | more
_HELP = """
9   | critical | unverified |  | 河东区 | 柳树街老院3号楼 | 一楼全淹，两位老人困在二楼楼梯口 | 3 | trapped | boat stretcher | elderly=2 water_depth_cm=150 water_trend=rising floor=2
14  | critical | unverified |  | 河东区 | 地铁站B口地下商场 | 出口被水堵住，手机快没电 | 6 | trapped | boat rope | battery_pct=8 water_trend=rising
21  | critical | verified |  | 西岭镇 | 卫生院旁平房 | 透析病人，明早必须透析 | 1 | medical | boat medic stretcher | elderly=1 water_depth_cm=80
26  | urgent   | verified |  | 西岭镇 | 桥头村小学 | 三十多名学生在教学楼三楼，安全但没有食物 | 35 | trapped supplies | boat food water | children=33 floor=3 supplies_hours=6
33  | urgent   | unverified |  | 河东区 | 柳树街老院5号楼 | 断水断电，有孕妇 | 2 | trapped birth | boat medic | pregnant=1 power=no
38  | normal   | unverified |  | 南屏乡 | 水库下游第二组 | 房屋漏雨，暂时安全，可以等 | 4 | structure | shelter | children=1
41  | urgent   | unverified |  | 东湖新区 | 东湖新村9栋4层 | 婴儿没有奶粉 | 3 | supplies | food water | infants=1 supplies_hours=4
47  | critical | in_progress |  | 南屏乡 | 石桥组山脚第三户 | 山体滑坡压住偏房，一人被埋半身 | 4 | landslide structure | medic rope stretcher | injured=1
52  | urgent   | unreachable |  | 河东区 | 码头路加油站对面 | 车被淹，人在车顶 | 2 | vehicle_trapped | boat rope | water_depth_cm=120 battery_pct=15
58  | urgent   | verified |  | 东湖新区 | 湖滨养老院 | 四十位老人，一楼进水，需要整体转移 | 46 | evacuate medical | boat high_vehicle stretcher | elderly=40 water_depth_cm=40
63  | normal   | verified |  | 西岭镇 | 镇中学操场 | 临时安置点缺被子和热水 | 120 | supplies | food water | children=30
69  | critical | verified |  | 河东区 | 铁路桥下棚户 | 水已到屋顶，一家五口在屋顶 | 5 | trapped | boat rope | children=2 elderly=1 water_depth_cm=220 water_trend=rising
74  | urgent   | unverified |  | 河东区 | 柳树街老院3号楼西单元 | 楼里还有老人下不来，一楼全淹 | 3 | trapped | boat | elderly=1
80  | unknown  | unverified |  | 东湖新区 | 体育馆西侧 | 联系不上父母，最后一次通话说水进屋了 | 2 | lost_contact | boat | elderly=2
86  | urgent   | verified | rescued | 河东区 | 河东区图书馆 | 读者被困二楼，已全部接出 | 14 | trapped | boat | floor=2
91  | normal   | verified | self_safe | 南屏乡 | 茶场宿舍 | 已自行走到乡政府 | 3 | evacuate | shelter | children=1
97  | urgent   | unverified |  | 西岭镇 | 上岭村祠堂 | 村路塌了，药品送不进来 | 60 | supplies medical | medicine food | elderly=25
103 | critical | disputed |  | 东湖新区 | 东湖大道立交桥洞 | 有人说桥洞里还有车，有人说已清空 | 1 | vehicle_trapped | diver boat | water_depth_cm=300
108 | urgent   | verified |  | 河东区 | 二医院住院部 | 备用电只够三小时，有呼吸机病人 | 9 | medical | power high_vehicle | injured=2 power=partial
115 | normal   | unverified |  | 南屏乡 | 梅子坳 | 牛羊被困坡上，人没事 | 2 | animal | boat | elderly=1
121 | urgent   | unverified |  | 河东区 | 菜市场北门二楼 | 糖尿病人胰岛素只剩一支 | 2 | medical | medicine boat | elderly=1
126 | critical | verified |  | 西岭镇 | 河滩养殖场 | 两名工人抱着树，水流很急 | 2 | trapped | boat rope diver | water_trend=rising
133 | normal   | verified | not_needed | 东湖新区 | 湖景花园物业 | 抽水机已借到 | 1 | supplies | pump | power=yes
139 | urgent   | unverified |  | 东湖新区 | 工业园三号宿舍 | 工人被困三楼，饮水用完 | 28 | trapped supplies | water boat | floor=3 supplies_hours=0
145 | urgent   | verified |  | 河东区 | 幼儿园后巷 | 产妇宫缩，路不通 | 2 | birth | boat medic | pregnant=1 water_depth_cm=90
152 | unknown  | unverified |  | 西岭镇 | 下岭村 | 只收到一条短信：水来了 | 1 | lost_contact | boat | sms_only=true
158 | normal   | unverified |  | 河东区 | 老粮站家属院 | 地下室进水，电表箱冒火花 | 8 | structure other | pump | power=partial
166 | urgent   | verified | done_by_others | 南屏乡 | 水电站值班室 | 值班人员已被消防接走 | 3 | trapped | boat | water_depth_cm=60
171 | critical | verified | rescued | 西岭镇 | 老街邮局屋顶 | 四人由民间船队救出，一人手臂骨折 | 4 | trapped | boat medic | injured=1
180 | urgent   | false_report |  | 河东区 | 广场大屏下 | 报称百人被困，现场核实没有 | 100 | other | boat | water_depth_cm=0
188 | normal   | unverified |  | 东湖新区 | 阳光小区12栋 | 独居老人需要有人看一眼 | 1 | other | food | elderly=1 floor=6
195 | urgent   | recheck |  | 南屏乡 | 竹林组 | 昨晚说有水漫进来，今天没有消息 | 5 | lost_contact | boat | children=2
204 | urgent   | verified |  | 河东区 | 木材厂宿舍 | 轮椅老人在一楼，水到床沿 | 2 | trapped | boat stretcher | disabled=1 elderly=1 water_depth_cm=55
211 | normal   | verified | self_safe | 河东区 | 职校宿舍 | 学生已转到礼堂二楼 | 210 | evacuate | food | floor=2
223 | critical | unverified |  | 东湖新区 | 隧道南口 | 大巴熄火在隧道口，车里有人 | 19 | vehicle_trapped | boat high_vehicle rope | water_depth_cm=110 water_trend=rising
231 | urgent   | unverified |  | 西岭镇 | 采石场工棚 | 路断，有人发烧三十九度 | 7 | medical | medic medicine | injured=1
240 | normal   | partly |  | 南屏乡 | 敬老院 | 缺尿不湿和降压药，人安全 | 18 | supplies | medicine food | elderly=16
255 | urgent   | verified |  | 河东区 | 滨河路小区7号楼 | 氧气瓶只剩半瓶 | 2 | medical | medic power boat | elderly=1 power=no
268 | unknown  | unverified |  | 东湖新区 | 湖心岛渔民点 | 船没回来，岛上信号断了 | 6 | lost_contact | boat | signal=no
290 | normal   | verified | handed_official | 南屏乡 | 变电站北侧 | 电线落水，已转电力抢修 | 1 | other | power | power=no
"""  # noqa: E501

# name | kind | state | people | boats | skills | base
_OFFICIAL = """
演练·临江消防一中队 | fire           | working  | 24 | 4 | water collapse medical | 河东区消防站
演练·临江急救站     | medical_120    | ready    | 12 | 0 | medical transport      | 二医院
演练·供电抢修班     | power_grid     | working  | 9  | 0 | power                  | 河东变电站
"""

_CIVIL = """
演练·蓝鲸水上救援队 | registered_ngo  | working      | 18 | 3 | water evac        | 体育馆
演练·青松应急志愿队 | volunteer_group | ready        | 9  | 1 | water transport   | 镇中学
演练·橙光无人机队   | volunteer_group | ready        | 4  | 0 | drone info        | 体育馆
演练·临江越野车友会 | volunteer_group | need_support | 15 | 0 | transport evac    | 东湖服务区
"""

# minutes ago | kind | severity | certainty | passable | district | place | way round
_HAZARDS = """
30  | leak         | extreme  | observed | no           | 河东区   | 老粮站家属院配电箱 | 走北门
55  | road_flooded | severe   | observed | boat         | 河东区   | 码头路全段         | 绕滨河路高架
70  | tunnel       | extreme  | observed | no           | 东湖新区 | 隧道南口           | 绕湖滨路
95  | road_closed  | severe   | likely   | no           | 西岭镇   | 上岭村口           |
110 | manhole      | moderate | possible | foot         | 河东区   | 菜市场北门         | 靠墙走
140 | landslide    | severe   | observed | foot         | 南屏乡   | 石桥组山脚         |
185 | wire_down    | extreme  | observed | no           | 南屏乡   | 变电站北侧         | 绕后山路
220 | bridge       | severe   | likely   | high_vehicle | 西岭镇   | 桥头村老桥         | 走新桥
"""

# name | kind | state | places | taken | has | district | place
_SHELTERS = """
演练·体育馆安置点 | shelter  | open    | 600 | 320 | power water food toilet medical charging | 东湖新区 | 体育馆
演练·镇中学安置点 | school   | limited | 150 | 120 | water food toilet                        | 西岭镇   | 镇中学
演练·图书馆充电点 | charging | open    | 80  | 20  | power wifi charging                      | 河东区   | 图书馆三楼
演练·乡政府礼堂   | shelter  | full    | 90  | 90  | power water toilet bedding               | 南屏乡   | 乡政府
"""
