"""Mutated files through what runs behind the import's fence: a child of its own reads and plans them, as the server's child would.

Run as python -m tests.fuzz.imports INPUTS SEED: prints a report as JSON. Imported by the test beside it.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import time
from zipfile import ZIP_DEFLATED, ZipFile

from schema.errors import SheetError
from server.imports.child import read_book
from server.imports.run import plan_book
from tests.fuzz.odd import TEXTS
from tests.server.imports.books import HEADER, KEY, book

SLOW_S = 5.0  # the fence ends a child at 20; a sheet of two lines that takes five is a trap
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
LINES = (
    HEADER,
    (1, "王某", "14212345678", "河边小区3号楼", "4", "紧急", "未救援", "船, 药", "已核实", "老人"),
    (2, "李某", "16312345678 / 15412345678", "桥头", "约十人", "", "已获救", "", "", ""),
)
XLSX = book(("求助", LINES))
CSV = "\n".join(",".join(str(cell).replace(",", "、") for cell in line) for line in LINES).encode()
MARKUP = (
    b"<",
    b">",
    b'"',
    b"&",
    b"&#0;",
    b"&x;",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
    b"<row>",
    b"</c>",
    b"99999999",
    b"-1",
    b"ZZZ9",
)


def mutated_file(chance: random.Random) -> tuple[bytes, str]:
    """(a file, its name): a CSV or XLSX with some bytes, cells or parts of it made hostile."""
    kind = chance.randrange(4)
    if kind == 0:
        data = _rezipped(chance)
    elif kind == 1:
        data = _bitten(chance, XLSX)
    elif kind == 2:
        data = _bitten(chance, CSV)
    else:
        lines = [[chance.choice(TEXTS) if chance.random() < 0.3 else str(cell) for cell in line] for line in LINES]
        joined = "\n".join(chance.choice((",", ",", ";", "\t")).join(line) for line in lines)
        data = joined.encode(chance.choice(("utf-8", "utf-8", "gb18030", "utf-16")), "replace")
    return data, chance.choice(("求助.xlsx", "求助.csv", "../../x.csv", "a\x00b", ""))


def _bitten(chance: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = chance.choice((*MARKUP, b"\x00" * 30, b"\xff\xfe", b'"' * 5, b"=cmd|' /C calc'!A0"))
            case _:
                data[at:at] = data[: chance.randint(1, 200)]
        if not data:
            return b"\x00"
    return bytes(data)


def _rezipped(chance: random.Random) -> bytes:
    """A sound archive whose parts are not: what a checksum alone would have caught otherwise."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(XLSX)) as whole, ZipFile(out, "w", ZIP_DEFLATED) as made:
        names = whole.namelist()
        hit = chance.choice([name for name in names if "sheet1" in name or "workbook.xml" in name or "styles" in name])
        for name in names:
            if name != hit or chance.random() < 0.9:
                made.writestr(name, _bitten(chance, whole.read(name)) if name == hit else whole.read(name))
    return out.getvalue()


def main(inputs: int, seed: int) -> dict[str, int]:
    """Read and plan so many files; anything but a plan or one of our errors ends the run."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    chance = random.Random(seed)
    report = {"inputs": 0, "planned": 0, "refused": 0, "slow": 0, "slowest_ms": 0}
    for _ in range(inputs):
        data, name = mutated_file(chance)
        started = time.process_time()
        try:
            plan_book(read_book(data, name), key=KEY)
            report["planned"] += 1
        except SheetError:
            report["refused"] += 1
        took_s = time.process_time() - started
        report["inputs"] += 1
        report["slow"] += took_s > SLOW_S
        report["slowest_ms"] = max(report["slowest_ms"], int(took_s * 1000))
    return report


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
