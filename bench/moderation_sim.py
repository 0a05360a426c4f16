"""A flood with vandals in it: what the rules of moderation/vandalism.py let through, and whom they wrongly stop.

Run: .venv/bin/python bench/moderation_sim.py [first seed] [seeds]. Every edit is a real edit, judged by the judge and the rules on real
folded rows. Seeds 100–109 are for tuning, 200–209 for reporting. Everything here is made up; the numbers start 142 to 179.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from moderation.judge import Case, judge
from moderation.roles import Role, Who
from moderation.vandalism import MINUTE_MS, State, deed_of, look
from schema.edits import Edit, Tier
from schema.ids import encode62
from schema.row import TierState
from schema.sheets import SHEETS
from schema.values import Value

START_MS = 1_626_785_940_000
DAY_MIN = 24 * 60
BENIGN, ATTACKS = 500, 60
HELP = SHEETS["help"]
PLACES = (
    "米河镇 小里河村 高村乡 王宗店村 阜民里 白沙镇 贾鲁河 东风渠 金水花园 龙湖南岸 草店村 汜水口 崔庙镇 竹川村".split()
)
PLIGHTS = (
    "水已经到一楼窗台 老人行动不便 急需转移|两个孩子和奶奶在二楼 手机快没电|车被冲到路边 人在车顶|村里断水断电 联系不上家人|"
    "孕妇三十八周 见红了 需要救护车|透析病人明天要做透析 路断了|地下室进水 有人没上来|桥断了 二十几户出不来|"
    "屋后山体滑坡 墙裂了|养老院三十多位老人 水在涨|工地板房被淹 工友在屋顶|缺奶粉和药 婴儿发烧"
).split("|")
FAMILIES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
NOTES = "打过电话 占线|邻居说人还在楼上|冲锋舟过不去 要绕东边|已转给村支书|水退了一点|听说有队伍在附近|附近小学可以落脚".split(
    "|"
)
PITCH = "无抵押贷款 当天到账|加微信 abc{0}kk 低价送物资 先付定金|刷单兼职 日结 点击领取|www.rescue{0}.top 领取救灾补贴".split(
    "|"
)


@dataclass(slots=True)
class Row:
    author: str
    public: TierState = field(default_factory=TierState)
    private: TierState = field(default_factory=TierState)
    wrote: dict[str, dict[str, str]] = field(default_factory=lambda: {"public": {}, "private": {}})

    def tier(self, tier: str) -> TierState:
        return self.public if tier == "public" else self.private


@dataclass(frozen=True, slots=True)
class Doing:
    """One edit somebody is about to make. `row` "" creates one; `beside` leaves what was there."""

    writes: dict[str, Value]
    row: str = ""
    tier: Tier = "public"
    harmful: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    at_ms: int
    actor: str
    role: Role
    group: str
    attack: bool
    session: int
    do: Callable[[World], list[Doing]]
    made_ms: int = 0  # 0: when received


@dataclass(slots=True)
class World:
    rng: random.Random
    rows: dict[str, Row] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    mine: dict[str, list[str]] = field(default_factory=dict)
    edits: int = 62**7

    def other(self, actor: str) -> str:
        """A row of somebody else, the newer the likelier."""
        for _ in range(20):
            at = int(len(self.order) * self.rng.random() ** 0.7)
            row = self.order[min(at, len(self.order) - 1)]
            if self.rows[row].author != actor:
                return row
        return self.order[0]


@dataclass(slots=True)
class Score:
    harmful: int = 0
    live: int = 0
    benign: int = 0
    held: int = 0
    sessions: int = 0
    quarantined: int = 0
    locks: int = 0
    by_live: Counter[str] = field(default_factory=Counter)
    by_harm: Counter[str] = field(default_factory=Counter)
    by_held: Counter[str] = field(default_factory=Counter)
    by_benign: Counter[str] = field(default_factory=Counter)
    wrongly: list[str] = field(default_factory=list)
    blocked_creates: int = 0
    creates: int = 0
    bulk: int = 0

    def add(self, other: Score) -> None:
        for name in (
            "harmful",
            "live",
            "benign",
            "held",
            "sessions",
            "quarantined",
            "locks",
            "blocked_creates",
            "creates",
            "bulk",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("by_live", "by_harm", "by_held", "by_benign"):
            getattr(self, name).update(getattr(other, name))
        self.wrongly += other.wrongly


def phone(rng: random.Random) -> str:
    return rng.choice(("142", "143", "154", "161", "163", "169", "179")) + f"{rng.randrange(10**8):08d}"


def place(rng: random.Random) -> str:
    return f"{rng.choice(PLACES)}{rng.randrange(1, 30)}号楼{rng.randrange(1, 6)}单元{rng.randrange(101, 1200)}"


def plea(rng: random.Random) -> str:
    return f"{rng.choice(FAMILIES)}家{rng.choice(PLIGHTS)}，{rng.choice(PLIGHTS)}，一共{rng.randrange(1, 30)}人"


def request(rng: random.Random, *, where: str = "", text: str = "") -> list[Doing]:
    public: dict[str, Value] = {
        "summary": text or plea(rng),
        "place": where or place(rng),
        "people_total": rng.randrange(1, 30),
    }
    return [Doing(public), Doing({"contact_phone": phone(rng)}, tier="private", row="+")]


# -- people who mean well


def benign(rng: random.Random, session: int) -> list[Step]:
    kind = rng.choices(
        (
            "requester",
            "family",
            "helper",
            "fixer",
            "transcriber",
            "template",
            "refiler",
            "volunteer",
            "offline",
            "verifier",
            "closer",
        ),
        (30, 12, 14, 6, 8, 4, 4, 8, 5, 5, 4),
    )[0]
    at_ms = START_MS + int(rng.betavariate(1.3, 2) * DAY_MIN * MINUTE_MS)
    roles: dict[str, Role] = {"volunteer": "volunteer", "offline": "volunteer", "verifier": "verifier"}
    role = roles.get(kind, "visitor")
    actor = f"b{session:06d}aaaaa"
    steps: list[Step] = []

    def then(do: Callable[[World], list[Doing]], minutes: float, made_ms: int = 0) -> None:
        nonlocal at_ms
        at_ms += int(minutes * MINUTE_MS)
        steps.append(Step(at_ms, actor, role, kind, False, session, do, made_ms))

    def own(writes: Callable[[], dict[str, Value]]) -> Callable[[World], list[Doing]]:
        return lambda world: [Doing(writes(), row=world.mine[actor][-1])] if world.mine.get(actor) else []

    def other(
        writes: Callable[[World, str], dict[str, Value]], tier: Tier = "public"
    ) -> Callable[[World], list[Doing]]:
        def do(world: World) -> list[Doing]:
            row = world.other(actor)
            return [Doing(writes(world, row), row=row, tier=tier)]

        return do

    def note(world: World, row: str) -> dict[str, Value]:
        return {"notes:@": rng.choice(NOTES)}

    def fix(world: World, row: str) -> dict[str, Value]:
        """Most corrections add; some change a house number, a count."""
        dice = rng.random()
        old = world.rows[row].public.live("place")
        said = str(old[-1].value) if old else place(rng)
        if dice < 0.55:
            return {"place": said + rng.choice((" 三楼", "（靠河一侧）", " 东门进"))}
        if dice < 0.75:
            return {"people_total": rng.randrange(1, 30)}
        if dice < 0.9:
            return {"place": said.replace("号楼", "栋", 1) if rng.random() < 0.5 else place(rng)}
        return {"summary": plea(rng)}

    if kind == "requester":
        then(lambda world: request(rng), 0)
        for _ in range(rng.randrange(0, 5)):
            then(own(lambda: {"summary": plea(rng), "battery_pct": rng.randrange(100)}), rng.expovariate(1 / 40))
        if rng.random() < 0.3:
            then(own(lambda: {"outcome": "self_safe"}), rng.expovariate(1 / 200))
    elif kind == "family":
        target: list[str] = []

        def kin(
            writes: Callable[[World, str], dict[str, Value]], tier: Tier = "public"
        ) -> Callable[[World], list[Doing]]:
            def do(world: World) -> list[Doing]:
                if not target:
                    target.append(world.other(actor))
                return [Doing(writes(world, target[0]), row=target[0], tier=tier)]

            return do

        for _ in range(rng.randrange(1, 6)):
            then(kin(rng.choice((fix, note, note))), rng.expovariate(1 / 20))
        if rng.random() < 0.4:
            then(kin(lambda world, row: {"contact_phone": phone(rng)}, "private"), 5)
        if rng.random() < 0.3:
            then(kin(lambda world, row: {"outcome": "rescued"}), 30)
    elif kind in ("helper", "fixer"):
        for _ in range(rng.randrange(3, 20)):
            then(other(fix if rng.random() < (0.15 if kind == "helper" else 0.35) else note), rng.expovariate(1 / 6))
    elif kind == "transcriber":
        for _ in range(rng.randrange(3, 25)):
            then(lambda world: request(rng), 1 + rng.expovariate(1 / 3))
    elif kind == "template":
        text = plea(rng)
        where = rng.choice(PLACES)
        for number in range(rng.randrange(4, 22)):
            then(
                lambda world, number=number: request(  # type: ignore[misc]
                    rng, where=f"{where}{number + 1}号楼", text=f"{where}{number + 1}号楼 {text}"
                ),
                rng.expovariate(1 / 2),
            )
    elif kind == "refiler":
        text, where = plea(rng), place(rng)
        for _ in range(rng.randrange(2, 5)):
            then(lambda world: request(rng, where=where, text=text), rng.expovariate(1 / 10))
    elif kind in ("volunteer", "offline"):
        base = at_ms
        for index in range(rng.randrange(5, 30)):
            made = base - (30 - index) * 4 * MINUTE_MS if kind == "offline" else 0
            do = other(
                rng.choice((fix, note, note)) if rng.random() < 0.8 else (lambda world, row: {"urgency": "urgent"})
            )
            then(do, 0.01 if kind == "offline" else rng.expovariate(1 / 4), made)
            if rng.random() < 0.15:
                then(other(lambda world, row: {"contact_phone": phone(rng)}, "private"), 0.5)
    elif kind == "verifier":
        for _ in range(rng.randrange(10, 50)):
            state = rng.choices(("verified", "unreachable", "false_report", "in_progress"), (70, 20, 4, 6))[0]
            then(other(lambda world, row, state=state: {"verify_state": state}), rng.expovariate(1 / 4))  # type: ignore[misc]
            if rng.random() < 0.15:
                then(other(lambda world, row: {"outcome": "rescued"}), 1)
    else:
        for _ in range(rng.randrange(1, 5)):
            then(other(lambda world, row: {"outcome": "rescued"}), rng.expovariate(1 / 15))
    return steps


# -- people who do not

VANDALS = (
    "blanker", "overwriter", "resolver", "slow", "sybils", "scammer", "spammer", "rogue", "flood", "sleeper", "shifter", "clock",
    "mixed", "faker", "inside",
)  # fmt: skip


def attack(rng: random.Random, session: int, kind: str) -> list[Step]:
    at_ms = START_MS + int((0.2 + 0.7 * rng.random()) * DAY_MIN * MINUTE_MS)
    roles: dict[str, Role] = {"rogue": "verifier", "inside": "volunteer"}
    role = roles.get(kind, "visitor")
    steps: list[Step] = []

    def then(actor: str, do: Callable[[World], list[Doing]], seconds: float, made_ms: int = 0) -> None:
        nonlocal at_ms
        at_ms += int(seconds * 1000)
        steps.append(Step(at_ms, actor, role, kind, True, session, do, made_ms))

    def hit(
        actor: str, writes: Callable[[World, str], dict[str, Value]], tier: Tier = "public"
    ) -> Callable[[World], list[Doing]]:
        def do(world: World) -> list[Doing]:
            row = world.other(actor)
            return [Doing(writes(world, row), row=row, tier=tier, harmful=True)]

        return do

    def blank(world: World, row: str) -> dict[str, Value]:
        return {"summary": None, "place": None, "people_total": None}

    def overwrite(world: World, row: str) -> dict[str, Value]:
        return {"summary": rng.choice(("没事了", "假的 别去", "已解决", plea(rng))), "place": place(rng)}

    def shift(world: World, row: str) -> dict[str, Value]:
        old = world.rows[row].public.live("place")
        said = str(old[-1].value) if old else place(rng)
        return {"place": "".join(str((int(one) + 3) % 10) if one.isdigit() else one for one in said)}

    def ends(world: World, row: str) -> dict[str, Value]:
        return {"outcome": rng.choice(("rescued", "not_needed", "invalid"))}

    actor = f"v{session:06d}aaaaa"
    number = phone(rng)
    if kind in ("blanker", "overwriter", "resolver", "shifter"):
        writes = {"blanker": blank, "overwriter": overwrite, "resolver": ends, "shifter": shift}[kind]
        for _ in range(rng.randrange(30, 150)):
            then(actor, hit(actor, writes), rng.expovariate(1 / 8))
    elif kind == "slow":
        for _ in range(rng.randrange(10, 40)):
            then(actor, hit(actor, rng.choice((overwrite, shift))), 60 * rng.expovariate(1 / 8))
    elif kind == "sybils":
        for index in range(rng.randrange(6, 16)):
            for _ in range(3):
                then(
                    f"v{session:06d}s{index:04d}",
                    hit(f"v{session:06d}s{index:04d}", rng.choice((overwrite, shift))),
                    rng.expovariate(1 / 6),
                )
    elif kind == "scammer":
        for _ in range(rng.randrange(10, 60)):
            spaced = number if rng.random() < 0.6 else f"{number[:3]} {number[3:7]} {number[7:]}"
            if rng.random() < 0.6:
                then(
                    actor, hit(actor, lambda world, row: {"contact_phone": number}, "private"), rng.expovariate(1 / 30)
                )
            else:
                then(
                    actor,
                    hit(actor, lambda world, row, spaced=spaced: {"notes:@": f"救援队电话 {spaced}"}),  # type: ignore[misc,arg-type]
                    rng.expovariate(1 / 30),
                )
    elif kind == "spammer":
        for _ in range(rng.randrange(10, 80)):
            text = rng.choice(PITCH).format(rng.randrange(100, 999))
            then(actor, hit(actor, lambda world, row, text=text: {"notes:@": text}), rng.expovariate(1 / 15))  # type: ignore[misc]
    elif kind == "rogue":
        for _ in range(rng.randrange(100, 170)):
            then(
                actor,
                hit(actor, lambda world, row: {"outcome": "invalid", "verify_state": "false_report"}),
                rng.expovariate(1 / 3),
            )
    elif kind == "flood":
        text = plea(rng)
        for index in range(rng.randrange(60, 200)):
            then(
                actor,
                lambda world, index=index: [  # type: ignore[misc]
                    Doing({"summary": f"{text} {rng.random()}", "place": place(rng)}, harmful=True)
                ],
                rng.expovariate(1 / 3),
            )
    elif kind == "sleeper":
        for _ in range(rng.randrange(11, 16)):
            then(actor, lambda world: [Doing({"notes:@": rng.choice(NOTES)}, row=world.other(actor))], 200)
        for _ in range(rng.randrange(20, 60)):
            then(actor, hit(actor, rng.choice((overwrite, shift))), rng.expovariate(1 / 20))
    elif kind == "clock":
        for _ in range(rng.randrange(20, 60)):
            then(actor, hit(actor, rng.choice((overwrite, shift))), 0.05, START_MS + rng.randrange(DAY_MIN) * 1000)
    elif kind == "mixed":
        for _ in range(rng.randrange(30, 80)):
            then(
                actor,
                lambda world: [Doing({"notes:@": rng.choice(NOTES)}, row=world.other(actor))],
                rng.expovariate(1 / 10),
            )
            then(actor, hit(actor, rng.choice((overwrite, shift, ends))), rng.expovariate(1 / 10))
    elif kind == "faker":
        for _ in range(rng.randrange(15, 60)):
            then(
                actor, hit(actor, lambda world, row: {"contact_phone": phone(rng)}, "private"), rng.expovariate(1 / 25)
            )
    else:
        for _ in range(rng.randrange(60, 150)):
            then(actor, hit(actor, rng.choice((overwrite, shift))), rng.expovariate(1 / 10))
    return steps


# -- the day


def steps_of(seed: int, *, people: int = BENIGN, attacks: int = ATTACKS) -> list[Step]:
    rng = random.Random(seed)
    steps = [step for session in range(people) for step in benign(rng, session)]
    for index in range(attacks):
        steps += attack(rng, people + index, VANDALS[index % len(VANDALS)])
    return sorted(steps, key=lambda step: step.at_ms)


def run(seed: int, *, people: int = BENIGN, attacks: int = ATTACKS, rules: bool = True, judging: bool = True) -> Score:
    """One day. `judging` False takes rights away: the rules alone stand against it."""
    world, state, score = World(random.Random(seed + 1)), State(on=rules), Score()
    _seed_rows(world)
    quarantined: set[int] = set()
    for step in steps_of(seed, people=people, attacks=attacks):
        made = ""
        for doing in step.do(world):
            if doing.row == "+" and not made:
                continue
            row = {"": "", "+": made}.get(doing.row, doing.row)
            was = state.locked_until_ms
            made = _take(world, state, score, step, doing, row, judging=judging) or made
            score.locks += state.locked_until_ms > was and was < step.at_ms
        record = state.actors.get(step.actor)
        if record is not None and record.restraint != "free" and not step.attack and step.session not in quarantined:
            quarantined.add(step.session)
            score.wrongly.append(f"{step.group} {record.rule}")
    score.sessions, score.quarantined = people, len(quarantined)
    return score


def _seed_rows(world: World) -> None:
    for number in range(60):
        actor = f"s{number:06d}aaaaa"
        row = _new_row(world, actor)
        edit = Edit(
            _id(world), actor, START_MS, {"summary": plea(world.rng), "place": place(world.rng), "people_total": 3}, {}
        )
        world.rows[row].public.apply(edit)
        world.rows[row].wrote["public"][edit.edit] = actor


def _new_row(world: World, actor: str) -> str:
    row = encode62(len(world.rows) + 62**14, 16)
    world.rows[row] = Row(actor)
    world.order.append(row)
    world.mine.setdefault(actor, []).append(row)
    return row


def _id(world: World) -> str:
    world.edits += 1
    return encode62(world.edits, 8)


def _take(world: World, state: State, score: Score, step: Step, doing: Doing, row: str, *, judging: bool) -> str:
    """One edit through the judge and the rules; the row it made, if it made one."""
    creates = not row
    id = encode62(len(world.rows) + 62**14, 16) if creates else row
    kept = world.rows.get(row, Row(""))
    tier = kept.tier(doing.tier)
    edit_id = _id(world)
    writes = {path.replace("@", edit_id): value for path, value in doing.writes.items()}
    seen = {path: [live.edit for live in tier.live(path)] for path in writes if tier.live(path)}
    edit = Edit(edit_id, step.actor, step.made_ms or step.at_ms, writes, seen)
    who = Who(step.actor, step.role)
    case = Case(HELP, id, not creates, kept.author, kept.public, kept.private, "open", kept.wrote[doing.tier])
    live = not judging or judge(edit, doing.tier, case=case, who=who).code == "accepted"
    decision = look(state, deed_of(edit, doing.tier, case=case, who=who, received_ms=step.at_ms, live=live))
    stands = live and decision.action == "pass"
    if step.attack and doing.harmful:
        shown = stands and not (creates and decision.lane == "bulk")
        score.harmful += 1
        score.live += shown
        score.by_harm[step.group] += 1
        score.by_live[step.group] += shown
    elif not step.attack:
        score.benign += 1
        score.by_benign[step.group] += 1
        score.creates += creates
        score.bulk += creates and decision.lane == "bulk"
        held = live and decision.action != "pass"
        score.held += held
        score.by_held[step.group] += held
        if held:
            score.by_held[f"{step.group} {decision.rule}"] += 1
    if creates and decision.action != "pass":
        score.blocked_creates += 1
    if not stands:
        return ""
    if creates:
        id = _new_row(world, step.actor)
        kept = world.rows[id]
    kept.tier(doing.tier).apply(edit, received_ms=step.at_ms)
    kept.wrote[doing.tier][edit_id] = step.actor
    return id if creates else ""


def total(seeds: range, **options: object) -> Score:
    score = Score()
    for seed in seeds:
        score.add(run(seed, **options))  # type: ignore[arg-type]
    return score


def main() -> None:
    first, count = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (200, 10)
    for name, options in (
        ("rights and rules", {}),
        ("rules alone", {"judging": False}),
        ("rights alone", {"rules": False}),
        ("neither", {"rules": False, "judging": False}),
    ):
        began = time.process_time()
        score = total(range(first, first + count), **options)
        took = time.process_time() - began
        print(f"{name}: {score.live}/{score.harmful} harmful edits live ({score.live / score.harmful:.2%}),"
              f" {score.held}/{score.benign} benign held ({score.held / score.benign:.2%}),"
              f" {score.quarantined}/{score.sessions} sessions quarantined, {score.locks} locks, {score.bulk}/{score.creates} requests behind,"
              f" {took / (score.harmful + score.benign) * 1e6:.0f} us an edit")  # fmt: skip
        if name == "neither":
            continue
        print("  live:", ", ".join(f"{kind} {score.by_live[kind]}/{score.by_harm[kind]}" for kind in VANDALS))
        print("  held:", dict(score.by_held.most_common(14)), "wrongly:", Counter(score.wrongly))


if __name__ == "__main__":
    main()
