"""What finding duplicates costs at 100,000 rows: mean and p99 per new row, memory, and building the index anew.

    .venv/bin/python bench/bench_duplicates.py [rows]

Times are CPU time of the thread, for the machine may be shared. The rows are made up: 60 districts, 900 roads, 4,000 estates, 900 villages;
one row in twelve is posted again in other words, as people do. Wanted: mean at most 3 ms, p99 at most 8 ms.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from moderation.duplicates.index import Index
from moderation.duplicates.normal import Values, print_of
from schema.sheets import SHEETS

HELP = SHEETS["help"]
WANTED_MEAN_MS, WANTED_P99_MS = 3.0, 8.0
NEW_ROWS = 3_000

_SIGNS = "金福瑞安康和龙凤祥鑫城园苑庭庄府华盛世纪阳光东方明珠翠绿湖山水河滨江南北春秋月星云海天佳美景乐居家兴旺富贵荣昌泰平永新民文化建设解放人民"
_DISTRICTS = "中原区 二七区 管城回族区 金水区 惠济区 上街区 中牟县 巩义市 荥阳市 新密市 新郑市 登封市 卫辉市 辉县市 凤泉区 牧野区 红旗区 浚县 淇县 滑县".split()
_WORDS = (
    "一楼已淹，人在二楼|老人透析断了两天|停水停电三天|手机只剩一格电|没有食物和水|水位还在上涨|有孕妇临产|孩子发烧39度|屋顶漏水墙体开裂|失联超过20小时|道路冲毁出不去"
    "|物业联系不上|急需冲锋舟|请求派船转移|药吃完了|村里一百多人没撤出来|地下车库全淹|有人骨折不能动|婴儿没有奶粉|信号时有时无|桥断了|在房顶等了一夜|求医生|住在低洼处|电梯停了"
).split("|")


def rows(count: int, *, seed: int = 7) -> Iterator[tuple[Values, int]]:
    """So many made-up requests, each with the number of the row it is a re-post of, or -1."""
    chance = random.Random(seed)

    def name(length: int) -> str:
        return "".join(chance.choice(_SIGNS) for _ in range(length))

    roads = [name(2) + chance.choice(("路", "街", "大道")) for _ in range(900)]
    estates = [
        name(chance.choice((2, 3))) + chance.choice(("小区", "花园", "家园", "苑", "家属院")) for _ in range(4000)
    ]
    villages = [name(2) + "镇" + name(2) + "村" for _ in range(900)]
    earlier: list[dict[str, list[str]]] = []
    for number in range(count):
        first = -1
        if earlier and chance.random() < 1 / 12:
            first = chance.randrange(max(0, number - 20_000), number)
            values = {path: list(found) for path, found in earlier[first].items()}
            said = values["summary"][0].split("，")
            chance.shuffle(said)
            values["summary"] = ["，".join(said[: max(1, len(said) - 1)])]
        else:
            district = chance.choice(_DISTRICTS)
            if chance.random() < 0.3:
                place = f"{district}{chance.choice(villages)}{chance.randint(1, 14)}组"
            else:
                place = f"{district}{chance.choice(roads)}{chance.randint(1, 300)}号{chance.choice(estates)}"
                place += f"{chance.randint(1, 30)}号楼{chance.randint(1, 6)}单元"
            values = {
                "district": [district],
                "place": [place],
                "contact_phone": [
                    chance.choice(("142", "143", "154", "161", "163")) + f"{chance.randrange(10**8):08d}"
                ],
                "person_name": [chance.choice("王李张刘陈杨赵黄周吴") + name(chance.choice((1, 2)))],
                "summary": ["，".join(chance.sample(_WORDS, chance.randint(1, 6)))],
            }
        earlier.append(values)
        yield values, first


def main(count: int) -> int:
    """Measure and print; 1 where it costs more than wanted."""
    made = list(rows(count + NEW_ROWS))
    rows_kb = _memory_kb()
    index = Index()
    started = time.thread_time()
    for number, (values, _) in enumerate(made[:count]):
        index.add(print_of(HELP, values, row=f"r{number}"))
    built_s = time.thread_time() - started
    gc.collect()
    index_kb = _memory_kb()
    times: list[float] = []
    found = hidden = again = 0
    for number, (values, first) in enumerate(made[count:], start=count):
        started = time.thread_time()
        seen = print_of(HELP, values, row=f"r{number}")
        listed = index.candidates(seen)
        index.add(seen)
        times.append((time.thread_time() - started) * 1000)
        if first >= 0:
            again += 1
            found += f"r{first}" in [one.row for one in listed]
            words = {path: said for path, said in values.items() if path not in ("contact_phone", "person_name")}
            blind = index.candidates(print_of(HELP, words, row=f"r{number}"))
            hidden += f"r{first}" in [one.row for one in blind]
    times.sort()
    mean, p99 = sum(times) / len(times), times[int(len(times) * 0.99)]
    result = {
        "rows": count,
        "mean_ms": round(mean, 2),
        "p50_ms": round(times[len(times) // 2], 2),
        "p99_ms": round(p99, 2),
        "max_ms": round(times[-1], 2),
        "build_s": round(built_s, 1),
        "index_mb": round((index_kb - rows_kb) / 1024),
        "recall20": round(found / again, 3),
        "recall20_without_contact": round(hidden / again, 3),
        "rss_mb": round(index_kb / 1024),
    }
    print(json.dumps(result))
    return int(mean > WANTED_MEAN_MS or p99 > WANTED_P99_MS)


def _memory_kb() -> int:
    """Resident memory now, from the kernel; the peak where it does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
