"""Statistics of a real room: at every moment exactly its rows."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections import Counter
from pathlib import Path

from schema.edits import Edit
from schema.row import from_plain
from schema.sheets import SHEETS
from schema.status import status_of
from server.room import Room
from tests.server.web.visiting import HOME, visiting
from tests.support.clock import FakeClock
from tests.support.edits import row_of, write
from tests.support.rooms import actor, grant, open_room, storage_of, submit

TEAM = "abcdefghijklmnop"


def counted(room: Room, now_ms: int) -> tuple[Counter[str], Counter[str], int]:
    """(status, district of what is not over, teams' load) by reading every row anew."""
    status: Counter[str] = Counter()
    district: Counter[str] = Counter()
    load = 0
    for view in room.storage.list_rows(room.workbook.id, sheet="help", over=None, limit=10_000):
        cells = from_plain(view.cells)
        found = status_of(cells, now_ms, sheet=SHEETS["help"])
        status[found.code] += 1
        if not found.over:
            values = cells.get("district", ())
            district[str(values[-1].value or "") if values else ""] += 1
            load += len(found.teams)
    return status, district, load


async def test_MO60_at_every_moment_the_sums_are_the_committed_rows(tmp_path: Path) -> None:
    rng = random.Random(7)
    clock = FakeClock()
    room = await open_room(tmp_path, clock=clock)
    vera = await grant(room, "vera", "verifier")
    tina = await grant(room, "tina", "team", team=f"civil_team/{TEAM}")
    people = [room.who(actor("ann")), room.who(actor("bo")), vera, tina]

    def some_edit(number: int, who: str) -> Edit:
        writes = rng.choice(
            (
                {"summary": "水", "district": rng.choice(("巩义市", "新密市", None))},
                {"urgency": rng.choice(("critical", "normal"))},
                {"verify_state": rng.choice(("verified", "disputed", "recheck"))},
                {"outcome": rng.choice(("rescued", "open", "invalid"))},
                {f"claim:{TEAM}": [rng.choice(("active", "en_route", "released", "done")), "", "30"]},
            )
        )
        record = room.record("help", row_of(number))
        live = {path: record.public.live(path) if record else () for path in writes}
        seen = {path: [one.edit for one in values] for path, values in live.items() if values and rng.random() < 0.8}
        return write(who, dict(writes), seen=seen, at_ms=clock.now_ms())

    for turn in range(60):
        several = {rng.randrange(12) for _ in range(4)}
        await asyncio.gather(
            *(
                submit(room, who, some_edit(number, who.actor), row=number)
                for number in several
                for who in [rng.choice(people)]
            )
        )
        clock.pass_s(rng.choice((1, 60, 900)))
        found = await room.statistics.report("help")
        status, district, load = counted(room, found.at_ms)
        assert found.by_status == dict(sorted(status.items())), turn
        assert found.by_district == dict(sorted(district.items())), turn
        assert sum(found.teams.values()) == load
        assert found.rows == sum(status.values()) == sum(hour.new for hour in found.hours.values())
    anew = Room(room.workbook, room.storage, clock, key=storage_of(room).key)
    again, before = await anew.statistics.report("help"), await room.statistics.report("help")
    assert (again.hours, again.median_verify, again.median_close) == (
        before.hours,
        before.median_verify,
        before.median_close,
    )
    await storage_of(room).close()


async def test_MO66_they_are_served_as_json_and_csv_without_formulas(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, visit.program() as program:
        await visit.file(1, {"summary": "水", "district": "=1+1"})
        found = (await program.get(f"{HOME}/statistics/help.json")).json()
        assert (found["rows"], found["by_district"], found["oldest_no"]) == (1, {"=1+1": 1}, 1)
        text = (await program.get(f"{HOME}/statistics/help.csv")).text
        lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        assert ["by_district", "'=1+1", "1"] in lines and ["rows", "", "1"] in lines
        assert (await program.get(f"{HOME}/statistics/nothing.json")).status_code == 404


async def test_MO25_a_steward_exports_a_sheet_as_it_was(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        await visit.file(1, {"summary": "水到二楼"}, {"contact_phone": "14212345678"})
        moment = visit.room.clock.now_ms()
        await visit.file(2, {"summary": "后来的"})
        await grant(visit.room, "sun", "steward")
        async with visit.program(await visit.session("sun")) as program:
            then = await program.get(f"{HOME}/then/help.json?at={moment}")
            assert [row["summary"] for row in then.json()] == ["水到二楼"]
            assert "14212345678" not in then.text
            whole = await program.get(f"{HOME}/then/help.csv?at={moment}&full=1")
            assert "14212345678" in whole.text and "后来的" not in whole.text
            assert (await program.get(f"{HOME}/then/help.csv?at=soon")).status_code == 400
        async with visit.program(await visit.session("bo")) as program:
            assert (await program.get(f"{HOME}/then/help.json?at={moment}")).status_code == 403
        details = [line.detail for line in visit.room.storage.audit(visit.room.workbook.id, act="export")]
        assert details == [f"csv at {moment} full=True", f"json at {moment} full=False"]
