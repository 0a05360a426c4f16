"""How well duplicates and pasted posts are read: the reference workbook's re-posts, and posts told again. Part of `make score`.

    .venv/bin/python bench/score_duplicates.py [posts.json]

1 The reference workbook's rows, one after the other: of 49 re-posts those among the first 20 candidates, with contacts and without;
  the precision of the strong band. Rows of one chain are one case.
2 The districts of its addresses, read as a pasted post reads them.
3 Posts: its requests told as people tell them on Weibo, and told again: cut, reordered, reworded, by somebody else with another number,
  and copied for another place. Numbers hidden. The telling is made up here, so it is a regression test and no evidence.
4 Given a file of real posts, `[{"text": …, "group": …}]`, the same on those: `group` names the case, posts without one are only noise.

Exits 1 below the thresholds.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.divisions import find_division
from moderation.duplicates.index import Index
from moderation.duplicates.normal import Values, print_of
from moderation.duplicates.score import LIKELY, STRONG
from moderation.posts import read_post
from schema.sheets import SHEETS

REFERENCE = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "henan-style.gold.json"
HELP = SHEETS["help"]
WANTED_REPOSTS = 48
WANTED_STRONG = 0.97
WANTED_DISTRICTS = 0.97
WANTED_RECALL20 = 0.92
WANTED_PRECISION, AT_RECALL = 0.80, 0.60


@dataclass(frozen=True, slots=True)
class Result:
    """What one run over a stream of rows gave."""

    again: int
    found: int  # an earlier row of the case among the first 20
    pairs: Sequence[tuple[float, bool, str]]  # score, whether it is one case, kind: what would be suggested
    possible: int  # true pairs of a later and an earlier row


def main(arguments: Sequence[str]) -> int:
    """Score everything; the exit code."""
    if not REFERENCE.is_file():
        print(f"no reference rows in {REFERENCE}: nothing to score", file=sys.stderr)
        return 2
    gold = json.loads(REFERENCE.read_text(encoding="utf-8"))["help"]
    failures: list[str] = []
    for name, fields in (("with contacts", True), ("without contacts", False)):
        result = stream([(_values(row, contacts=fields), _case(row, gold)) for row in gold])
        strong = [pair for pair in result.pairs if pair[2] == "same_request" and pair[0] >= STRONG]
        precision = sum(true for _, true, _ in strong) / max(1, len(strong))
        print(
            f"re-posts {name}: {result.found} of {result.again} in the first 20; strong band {precision:.3f} of {len(strong)}"
        )
        if result.found < WANTED_REPOSTS:
            failures.append(f"re-posts {name}")
        if precision < WANTED_STRONG:
            failures.append(f"strong band {name}")
    right = sum(_district_right(row) for row in gold)
    print(f"districts: {right} of {len(gold)}")
    if right < WANTED_DISTRICTS * len(gold):
        failures.append("districts")
    failures += _score_posts("posts told again", told(gold))
    if arguments:
        posts = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        failures += _score_posts("real posts", [(one["text"], str(one.get("group") or "")) for one in posts])
    for failure in failures:
        print(f"BELOW: {failure}")
    return int(bool(failures))


def stream(rows: Sequence[tuple[Values, str]]) -> Result:
    """Rows come in one after the other; each is asked about before it is taken in. A case is a name, "" for none."""
    index, cases = Index(), {}
    again = found = possible = 0
    seen_of: dict[str, int] = {}
    pairs: list[tuple[float, bool, str]] = []
    for number, (values, case) in enumerate(rows):
        seen = print_of(HELP, values, row=f"r{number}")
        listed = index.candidates(seen)
        if case and seen_of.get(case):
            again += 1
            possible += seen_of[case]
            found += any(cases[one.row] == case for one in listed)
        for one in listed:
            pairs.append((one.finding.score, bool(case) and cases[one.row] == case, one.finding.kind))
        if case:
            seen_of[case] = seen_of.get(case, 0) + 1
        cases[seen.row] = case
        index.add(seen)
    return Result(again, found, pairs, possible)


def _score_posts(name: str, posts: Sequence[tuple[str, str]]) -> list[str]:
    """Posts as words only, numbers hidden: candidates, and precision and recall of what would be suggested."""
    started = time.thread_time()
    result = stream([({"summary": [_without_numbers(text)]}, case) for text, case in posts])
    cost_ms = (time.thread_time() - started) / max(1, len(posts)) * 1000
    recall20 = result.found / max(1, result.again)
    print(f"{name}: {len(posts)} posts, {result.again} told again; recall@20 {recall20:.3f}; {cost_ms:.2f} ms a post")
    best = 0.0
    for least in (0.1, 0.2, LIKELY, 0.4, 0.5, 0.6, 0.7, 0.8, STRONG):
        said = [pair for pair in result.pairs if pair[2] == "same_request" and pair[0] >= least]
        true = sum(pair[1] for pair in said)
        precision, recall = true / max(1, len(said)), true / max(1, result.possible)
        print(f"  from {least:.1f}: precision {precision:.3f} recall {recall:.3f} of {len(said)}")
        if recall >= AT_RECALL:
            best = max(best, precision)
    kinds = {kind: sum(pair[2] == kind and pair[0] >= LIKELY for pair in result.pairs) for kind in _KINDS}
    print("  kept apart: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()))
    failures = []
    if recall20 < WANTED_RECALL20:
        failures.append(f"{name}: recall@20")
    if best < WANTED_PRECISION:
        failures.append(f"{name}: precision {best:.2f} at recall {AT_RECALL}")
    return failures


_KINDS = ("same_contact", "same_building", "borrowed_template", "mistyped_phone")


def _values(row: Mapping[str, Any], *, contacts: bool) -> Values:
    values = {"place": [row["addr"]], "district": [row["district"]], "summary": [row["sit"]]}
    if contacts:
        values |= {"contact_phone": [row["phone"]], "person_name": [row["name"]]}
    return values


def _case(row: Mapping[str, Any], gold: Sequence[Mapping[str, Any]]) -> str:
    """The first row of a chain of re-posts."""
    by_no = {one["no"]: one for one in gold}
    while "dup_of" in row:
        row = by_no[row["dup_of"]]
    return str(row["no"])


def _district_right(row: Mapping[str, Any]) -> bool:
    direct = find_division(row["addr"])
    writes = read_post(f"求助！地址：{row['addr']}，{row['people']}人，电话{row['phone']}").writes
    pasted = str(writes.get("city", "")) + str(writes.get("district", ""))
    return (
        direct is not None
        and (direct.city + direct.district).endswith(row["district"])
        and pasted.endswith(row["district"])
    )


def _without_numbers(text: str) -> str:
    return re.sub(r"1[3-9][0-9][0-9 \-]{8,12}", " ", text)


# -- telling


_OPEN = (
    "#河南暴雨互助# 求助！",
    "【紧急求助】",
    "求扩散！！",
    "救命！！帮忙转发",
    "#郑州暴雨##河南暴雨救援#",
    "",
    "朋友圈看到的，帮忙转：",
    "请求救援！",
    "已核实！",
)
_CLOSE = (
    "请救援队看到联系",
    "联系电话{phone}",
    "联系人{name} {phone}",
    "求求大家扩散",
    "@河南消防 @平安郑州",
    "手机快没电了，打不通请发短信",
    "",
    "人命关天！！！",
    "截至今早还没有人来",
)
_FORMS = (
    "{open}{addr}，{people}人被困，{sit}，{close}",
    "{open}\n地址：{addr}\n人数：{people}人\n情况：{sit}\n{close}",
    "{open}我家人在{addr}，一共{people}个人，现在{sit}，{close}",
    "{open}{sit}！位置{addr}，{close}",
    "{open}{addr}这里{sit}，有{people}个人出不来，{close}",
)
_OTHER_WORDS = (
    ("停水停电", "没水没电"),
    ("没有食物和水", "没吃没喝"),
    ("水位还在上涨", "水还在涨"),
    ("人在二楼", "都在二楼上"),
    ("一楼已淹", "一楼全淹了"),
    ("屋顶漏水墙体开裂", "墙都裂了，屋顶漏水"),
)


def told(gold: Sequence[Mapping[str, Any]], *, seed: int = 3) -> list[tuple[str, str]]:
    """The reference requests as posts; a third told again once or more, a tenth copied for another place (another case)."""
    chance = random.Random(seed)
    posts: list[tuple[float, str, str]] = []
    for number, row in enumerate(one for one in gold if "dup_of" not in one):
        more = chance.sample([one["sit"] for one in gold], 2)
        sit = "，".join([row["sit"], *more])
        case = f"c{number}"
        first = _tell(row, sit, chance)
        at = chance.random()
        posts.append((at, first, case))
        if chance.random() < 0.33:
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                how = chance.random()
                if how < 0.25:
                    again = chance.choice(_OPEN) + first
                elif how < 0.45:
                    again = first[: int(len(first) * chance.uniform(0.6, 0.9))]
                else:
                    again = _tell(row, _reword(sit, chance), chance, short=chance.random() < 0.4)
                posts.append((at + chance.random() * 0.05, again, case))
        if chance.random() < 0.1:
            other = chance.choice(gold)
            elsewhere = re.sub(r"[0-9]+号(?!楼)", f"{chance.randint(400, 900)}号", _short(other["addr"]))
            posts.append((at + 0.01, first.replace(_short(row["addr"]), elsewhere), f"t{number}"))
    return [(text, case) for _, text, case in sorted(posts)]


def _tell(row: Mapping[str, Any], sit: str, chance: random.Random, *, short: bool = False) -> str:
    address = _short(row["addr"]) if not short else re.sub(r"[0-9]+号楼.*$", "", _short(row["addr"]))
    close = chance.choice(_CLOSE).format(phone=row["phone"], name=row["name"])
    people = row["people"] if chance.random() < 0.8 else row["people"] + 1
    return chance.choice(_FORMS).format(open=chance.choice(_OPEN), addr=address, people=people, sit=sit, close=close)


def _short(address: str) -> str:
    return re.sub(r"^河南省", "", address)


def _reword(sit: str, chance: random.Random) -> str:
    parts = sit.split("，")
    chance.shuffle(parts)
    words = "，".join(parts[: max(1, len(parts) - chance.randint(0, 2))])
    for old, new in _OTHER_WORDS:
        if chance.random() < 0.6:
            words = words.replace(old, new)
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
