"""How well an import keeps what the reference workbooks in ../shared/data hold: `make score`.

Each file is imported into a fresh store as the command line would, exported again in full, and the export compared with what its
rows mean. Exits 1 below the thresholds of the brief; lists what is wrong.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moderation.roles import Who
from schema.ids import actor_id
from schema.sheets import SHEETS
from schema.texts import mask_text
from server.clock import SystemClock
from server.exports import export_text
from server.founding import found, room_of
from server.imports.apply import ImportReport, apply_plan
from server.imports.fence import plan_file
from server.imports.options import read_options
from server.imports.plan import ImportPlan
from server.storage.sqlite import SqliteStorage, open_storage

REFERENCE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
WANTED = 0.97  # of phone, people, urgency, rescued and verified
MAX_LISTED = 25
STEWARD = Who(actor_id("0" * 22), "steward")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """One field: how many cells came through right, wrong, or not at all; and which did not."""

    right: int = 0
    wrong: int = 0
    lost: int = 0
    examples: list[str] = field(default_factory=list)

    def count(self, wanted: object, found: object, place: str) -> None:
        if found == wanted:
            self.right += 1
            return
        if found in (None, "", []):
            self.lost += 1
        else:
            self.wrong += 1
        self.examples.append(f"{place}: wanted {wanted!r}, found {found!r}")

    @property
    def share(self) -> float:
        total = self.right + self.wrong + self.lost
        return self.right / total if total else 1.0


def main() -> int:
    """Score every reference file; the exit code."""
    if not REFERENCE.is_dir():
        print(f"no reference workbooks in {REFERENCE}: nothing to score", file=sys.stderr)
        return 2
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        failures += _score_henan(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        failures += _score_haiti(Path(folder))
    print()
    for failure in failures:
        print(f"BELOW: {failure}")
    print("score: " + ("below the thresholds" if failures else "all thresholds reached"))
    return 1 if failures else 0


@dataclass(frozen=True, slots=True)
class Imported:
    """A file imported, imported again, and exported."""

    plan: ImportPlan
    first: ImportReport
    again: ImportReport
    rows: Mapping[str, Sequence[Row]]  # sheet → rows, in full
    redacted: Mapping[str, str]


async def _import(name: str, data: bytes, folder: Path) -> Imported:
    clock = SystemClock()
    storage: SqliteStorage = open_storage(folder, clock=clock)
    try:
        workbook = await found(storage, clock, "score")
        started = time.perf_counter()
        plan = plan_file(data, name, key=workbook.key)
        planned = time.perf_counter()
        room = room_of(storage, clock, workbook)
        first = await apply_plan(room, plan, who=STEWARD, session="score")
        applied = time.perf_counter()
        again = await apply_plan(room, plan, who=STEWARD, session="score")
        rows, redacted = {}, {}
        for sheet in {one.sheet for one in plan.sheets if one.sheet}:
            rows[sheet] = json.loads("".join(export_text(storage, "score", sheet=sheet, form="json", full=True)))
            redacted[sheet] = "".join(export_text(storage, "score", sheet=sheet, form="json"))
        print(
            f"\n== {name}: {plan.rows} rows, read in {planned - started:.1f} s, written in {applied - planned:.1f} s;"
            f" again: {again.added} added, {again.filled} filled"
        )
        return Imported(plan, first, again, rows, redacted)
    finally:
        await storage.close()


# --- henan-style.xlsx ---


def _score_henan(folder: Path) -> list[str]:
    file = REFERENCE / "henan-style.xlsx"
    gold = json.loads((REFERENCE / "henan-style.gold.json").read_text("utf-8"))
    done = asyncio.run(_import(file.name, file.read_bytes(), folder))
    typed = _typed(file)
    failures = _common_failures(done)
    tallies: dict[str, Tally] = {}

    def tally(name: str) -> Tally:
        return tallies.setdefault(name, Tally())

    by_line = {_line(row): row for row in done.rows["help"]}
    missing = [item["row"] for item in gold["help"] if item["row"] not in by_line]
    extra = sorted(set(by_line) - {item["row"] for item in gold["help"]})
    if missing:
        failures.append(f"help rows not imported: lines {missing[:MAX_LISTED]}")
    if extra:
        failures.append(f"lines that are no help rows were imported: {extra[:MAX_LISTED]}")
    needs = SHEETS["help"].fields["needs"]
    for item in gold["help"]:
        row = by_line.get(item["row"])
        if row is None:
            continue
        place = f"line {item['row']}"
        cells = typed[item["row"]]
        whole = "*" not in str(cells["电话"])
        phone = item["phone"] if whole else f"{item['phone'][:3]}****{item['phone'][-4:]}"
        tally("phone" if whole else "phone (masked)").count(phone, row.get("contact_phone"), place)
        tally("people").count(item["people"], row.get("people_total"), place)
        tally("urgency").count(item["urgency"], row.get("urgency"), place)
        tally("rescued").count(item["rescued"], row.get("outcome") == "rescued", place)
        tally("verified").count(item["verified"], row.get("verify_state") == "verified", place)
        if cells["fill"] == "FFBFBFBF":
            tally("grey → lost contact").count("lost_contact", row.get("outcome"), place)
        if cells["联系人"] == item["name"]:
            tally("name").count(item["name"], row.get("person_name"), place)
        address = f"{row.get('place', '')}{row.get('place_exact', '')}"
        tally("address").count(str(cells["详细地址"]), address, place)
        tally("situation").count(item["sit"], row.get("summary"), place)
        wanted = sorted({code for word in item["need"] for code in read_options(needs, word).codes})
        tally("needs").count(wanted, row.get("needs"), place)
        if cells["登记时间"] is not None:
            tally("time").count(item["time"], _china(row.get("source_time")), place)
        if cells["备注"] is not None:
            tally("note kept").count(True, _holds(row, str(cells["备注"])), place)
        if cells["信息来源"] is not None:
            told = str(cells["信息来源"])
            found = row.get("source_url") if told.startswith("http") else _label("help", "source", row, told)
            tally("source").count(told, found, place)
    _score_side_sheets(done, gold, tally)
    _print(tallies)
    for name, share in _HENAN_WANTED.items():
        if tallies.get(name, Tally()).share < share:
            failures.append(f"{name}: {tallies[name].share:.1%} right, {share:.0%} wanted")
    failures += _leaks(done, [item["phone"] for sheet in gold.values() for item in sheet if item.get("phone")])
    return failures


_HENAN_WANTED = {
    "phone": WANTED,
    "phone (masked)": WANTED,
    "people": WANTED,
    "urgency": WANTED,
    "rescued": WANTED,
    "verified": WANTED,
    "grey → lost contact": 1.0,
    "note kept": 1.0,
}


def _score_side_sheets(done: Imported, gold: Mapping[str, Any], tally: Callable[[str], Tally]) -> None:
    """The other sheets have no line in the gold: rows are compared in order."""
    reading: dict[str, dict[str, Callable[[Row], object]]] = {
        "civil_team": {
            "name": lambda row: row.get("name"),
            "leader": lambda row: row.get("leader_name"),
            "members": lambda row: row.get("members"),
            "equip": lambda row: row.get("equipment_note"),
            "base": lambda row: row.get("base"),
            "status": lambda row: _label("civil_team", "status", row),
        },
        "hazard": {
            "place": lambda row: row.get("place"),
            "cut": lambda row: {"yes": "是", "no": "否", "unknown": "未知"}.get(str(row.get("power_cut"))),
        },
        "consult": {"doctor": lambda row: row.get("doctor_name"), "hospital": lambda row: row.get("hospital")},
    }
    for sheet, fields in reading.items():
        rows = sorted(done.rows.get(sheet, ()), key=_line)
        tally(f"{sheet} rows").count(len(gold[sheet]), len(rows), sheet)
        for item, row in zip(gold[sheet], rows, strict=False):
            for name, read in fields.items():
                tally(f"{sheet}.{name}").count(item[name], read(row), f"{sheet} line {_line(row)}")
            if "phone" in item:
                found = str(row.get("duty_phone") or row.get("contact_phone") or "")
                masked = f"{item['phone'][:3]}****{item['phone'][-4:]}"
                tally(f"{sheet}.phone").count(masked if "*" in found else item["phone"], found, sheet)


def _label(sheet: str, name: str, row: Row, told: str = "") -> str | None:
    """The option a row holds as people call it: by the name the file used, where it is one of its names."""
    option = SHEETS[sheet].fields[name].option(str(row.get(name)))
    if option is None:
        return None
    return told if told in option.aliases else option.label("zh")


def _typed(file: Path) -> dict[int, dict[str, Any]]:
    """The help sheet as the file has it, read with no code of ours: {line: {header: value}}."""
    from openpyxl import load_workbook

    sheet = load_workbook(file).worksheets[0]
    headers = [cell.value for cell in sheet[4]]
    out: dict[int, dict[str, Any]] = {}
    for row in sheet.iter_rows(min_row=5):
        cells = dict(zip(headers, (cell.value for cell in row), strict=False))
        cells["fill"] = row[0].fill.fgColor.rgb if row[0].fill.fill_type else ""
        out[row[0].row] = cells
    return out


# --- ushahidi-haiti-2010.csv ---


def _score_haiti(folder: Path) -> list[str]:
    file = REFERENCE / "ushahidi-haiti-2010.csv"
    done = asyncio.run(_import(file.name, file.read_bytes(), folder))
    failures = _common_failures(done)
    records = list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))
    rows = {str(row["ext_id"]).rpartition("№")[2]: row for row in done.rows["help"]}
    tallies = {
        name: Tally()
        for name in ("title kept", "text kept", "place", "position", "verified", "category kept", "approved kept")
    }
    missing = 0
    off_island: list[str] = []
    for record in records:
        row = rows.get(record["Serial"])
        if row is None:
            missing += 1
            continue
        place = f"serial {record['Serial']}"
        tallies["title kept"].count(True, _holds(row, record["INCIDENT TITLE"]), place)
        tallies["text kept"].count(True, _holds(row, record["DESCRIPTION"]), place)
        tallies["place"].count(record["LOCATION"].strip(), f"{row.get('place', '')}{row.get('place_exact', '')}", place)
        wanted = (float(record["LATITUDE"]), float(record["LONGITUDE"]))
        geo = row.get("geo") or {}
        tallies["position"].count(wanted, (float(geo["lat"]), float(geo["lon"])) if geo else None, place)
        tallies["verified"].count(record["VERIFIED"] == "YES", row.get("verify_state") == "verified", place)
        tallies["category kept"].count(True, _holds(row, record["CATEGORY"].strip(" ,")), place)
        tallies["approved kept"].count(True, _holds(row, f"APPROVED: {record['APPROVED']}"), place)
        if not (17.5 < wanted[0] < 20.5 and -75 < wanted[1] < -68):
            off_island.append(record["Serial"])
    _print(tallies)
    print(f"{len(records)} rows in the file, {len(rows)} in the workbook, {missing} lost")
    if missing or len(rows) != len(records):
        failures.append(f"haiti: {len(records)} rows in, {len(rows)} out")
    for name, one in tallies.items():
        if one.share < 1.0 and name != "place":
            failures.append(f"haiti {name}: {one.share:.2%}")
    lines = {row.line: next(iter(re.findall(r"№(\d+)", str(row.public["ext_id"])))) for row in done.plan.sheets[0].rows}
    named = Counter(doubt.code for doubt in done.plan.doubts if doubt.code.startswith("coordinates"))
    doubted = {lines[doubt.line] for doubt in done.plan.doubts if doubt.code == "coordinates-far"}
    print(f"doubtful coordinates named: {dict(named)}; off the island {off_island}")
    if not set(off_island) <= doubted:
        failures.append(f"haiti: positions off the island not named: {sorted(set(off_island) - doubted)}")
    return failures


# --- both ---


def _common_failures(done: Imported) -> list[str]:
    failures = []
    if done.again.added or done.again.filled:
        failures.append(f"importing again added {done.again.added} and changed {done.again.filled} rows")
    if done.first.refusals:
        failures.append(f"{len(done.first.refusals)} edits were not accepted: {done.first.refusals[:3]}")
    kept = 0
    for sheet in done.plan.sheets:
        rows = {
            _line(row): row for row in done.rows.get(sheet.sheet or "", ()) if f"#{sheet.name}!" in str(row["ext_id"])
        }
        for plan_row in sheet.rows:
            for doubt in plan_row.doubts:
                if doubt.text and not doubt.code.startswith(("coordinates", "may-be")):
                    kept += 1
                    if not _holds(rows[plan_row.line], doubt.text):
                        failures.append(f"{sheet.name} line {plan_row.line}: {doubt.text!r} listed and not kept")
    print(f"{kept} cells not understood, or in part: each is listed and kept word for word")
    return failures


def _leaks(done: Imported, phones: Sequence[str]) -> list[str]:
    """Numbers that the redacted export shows."""
    shown = sorted({phone for phone in phones for text in done.redacted.values() if phone in text})
    for text in done.redacted.values():
        assert mask_text(text) is not None
    return [f"the redacted export shows {len(shown)} telephone numbers"] if shown else []


def _holds(row: Row, words: str) -> bool:
    """Whether a row has these words anywhere in its cells, verbatim but for white space at the ends of lines."""
    # A text too long for one cell goes on in the notes.
    long = [str(row.get("summary", "")), *map(str, row.get("notes", ()))]
    return _squeezed(words) in _squeezed(json.dumps([row, "".join(long)], ensure_ascii=False))


def _squeezed(text: str) -> str:
    return re.sub(r"(?:\s|\\[nrt\"\\]|[\"\\])+", "", text)


def _line(row: Row) -> int:
    found = re.search(r"!(\d+)(?: №|\Z)", str(row.get("ext_id", "")))
    return int(found[1]) if found else 0


def _china(moment: object) -> str | None:
    if not isinstance(moment, str):
        return None
    at = dt.datetime.fromisoformat(moment.replace("Z", "+00:00")) + dt.timedelta(hours=8)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _print(tallies: Mapping[str, Tally]) -> None:
    print(f"{'field':<24}{'right':>8}{'wrong':>8}{'lost':>8}{'share':>9}")
    for name, one in tallies.items():
        print(f"{name:<24}{one.right:>8}{one.wrong:>8}{one.lost:>8}{one.share:>9.1%}")
    for name, one in tallies.items():
        for example in one.examples[:MAX_LISTED]:
            print(f"  {name}: {example[:300]}")


if __name__ == "__main__":
    sys.exit(main())
