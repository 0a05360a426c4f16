"""What never leaves: forged and refused words to anybody, telephone numbers and names to whoever may not see them. Every byte is searched."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from schema.encoding import encode_edit
from schema.sheets import SHEET_IDS
from server import identity
from tests.security.wire import Wire, digits_in
from tests.server.web.visiting import BOOK, HOME, Visit, hidden, row_in, visiting
from tests.support.edits import new_id, row_of, secret_of, write
from tests.support.live import FakeBrowser, browse, serving
from tests.support.rooms import DEVICES, actor, grant

PUBLIC_ADDRESSES = (
    "/",
    "/workbooks.json",
    f"{HOME}/",
    f"{HOME}/workbook.json",
    f"{HOME}/snapshot.json?page=0",
    f"{HOME}/snapshot.json?page=0&over=1",
    f"{HOME}/changes?since=0",
    f"{HOME}/mine",
    f"{HOME}/help/new",
    *(f"{HOME}/{sheet}/?over=1" for sheet in SHEET_IDS),
    *(f"{HOME}/export/{sheet}.{form}" for sheet in SHEET_IDS for form in ("csv", "json")),
)


async def read_everything(
    reader: httpx.AsyncClient, visit: Visit, searches: tuple[str, ...] = ()
) -> list[tuple[str, bytes]]:
    """Every page, export, snapshot and row there is for this reader; headers too."""
    rows = [(row.sheet, row.no, row.row) for row in visit.storage.list_rows(BOOK, over=None, limit=500)]
    found = []
    for address in (
        *PUBLIC_ADDRESSES,
        *(f"{HOME}/{sheet}/{no}" for sheet, no, _ in rows),
        *(f"{HOME}/receipt/{row}" for _, _, row in rows),
        *(f"{HOME}/row/{row}/qr.svg" for _, _, row in rows),
        *(f"{HOME}/help/?q={words}" for words in searches),
    ):
        for language in ("zh-CN", "en"):
            answer = await reader.get(address, headers={"accept-language": language})
            found.append((address, answer.content + str(answer.headers.items()).encode()))
    return found


async def document_of(address: str, row: str, tier: str, session: str = "") -> list[bytes]:
    """What a stock Yjs client gets of a row's document, of this generation or the next."""
    got: list[bytes] = []
    for generation in (0, 1):
        headers = {"authorization": f"Bearer {session}"} if session else None
        path = f"ws://{address}/yjs/{BOOK}/help/{row}/{tier}/{generation}"
        async with connect(path, compression=None, additional_headers=headers) as socket:
            got += await _answers(socket)
    return got


async def _answers(socket: ClientConnection) -> list[bytes]:
    got = []
    try:
        await socket.send(b"\x00\x00\x01\x00")
        while True:
            message = await socket.recv()
            got.append(message if isinstance(message, bytes) else message.encode())
            if message[:2] == b"\x00\x01":
                break
    except Exception:  # closed: there is nothing for this reader
        assert socket.close_code in (4403, 4404, 4410)
    return got


async def ask_for_everything(browser: FakeBrowser, rows: list[str]) -> None:
    """Each question a socket can put about each row, answered or refused."""
    for row in rows:
        for tag in ("fetch", "history", "suggestions", "showings"):
            await browser.say(tag, 1, "help", row)
        await browser.say("reveal", 1, "help", row, "要联系", "")
        await browser.say("code", 1, "help", row, "123456")
        await browser.say("hold", 1, "help", row, "z" * 22)
    await browser.say("suggestions", 1, "", "")
    mark = len(browser.raw) + 1_000_000
    await browser.say("ping", mark)
    await browser.hear("pong", lambda frame: frame[1] == mark)


async def test_SE9_no_forged_or_refused_text_leaves_by_any_way(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        wire = Wire(visit.app)
        async with serving(wire) as address:
            ann, bo, chen = [await browse(address, visit.room, name) for name in ("ann", "bo", "chen")]
            await grant(visit.room, "vera", "verifier")
            await grant(visit.room, "sun", "steward")
            vera, sun = [await browse(address, visit.room, name) for name in ("vera", "sun")]
            first = write(ann.actor, {"place": "河边", "summary": "水到二楼"})
            await ann.push(first, ("private", write(ann.actor, {"contact_phone": "14212345678"})), secret=secret_of(1))

            forged = write(ann.actor, {"place": "FORGED1"}, seen={"place": [first.edit]})
            reused = write(bo.actor, {"floor": 2}, edit="zzzzzzzz")
            await bo.push(reused)
            again = write(bo.actor, {"directions": "FORGED2"}, edit="zzzzzzzz")
            broken = encode_edit(write(bo.actor, {"directions": "FORGED3"})) + b"\x00"
            deleting = encode_edit(write(bo.actor, {"directions": "FORGED4"}))[:-1] + b"\x01\x05\x01\x00\x01"
            early = write(bo.actor, {"place_exact": "FORGED5"})
            assert (await bo.push(forged))[0][1] == "refused"
            assert (await bo.push(again))[0][1] == "refused"
            for data in (broken, deleting):
                ack = await bo.ask("push", "help", row_of(1), "", [["public", data]], answer="ack")
                assert ack[2][0][1] == "refused"
            assert (await bo.push(("private", early), row=2))[0][1] == "retry"
            assert (await bo.push(write(bo.actor, {"place": "FORGED6"}), sheet="nosheet"))[0][1] == "refused"
            for _ in range(55):
                last = (await bo.push(write(bo.actor, {"verify_state": "verified"})))[0][1]
            assert last == "refused"
            over = write(bo.actor, {"place": "FORGED7"}, seen={"place": [first.edit]})
            await grant(visit.room, "vera", "verifier")
            await vera.push(write(vera.actor, {"verify_state": "verified"}))
            assert (await bo.push(over))[0][1] == "refused", "this row has enough of this sender's suggestions"
            await bo.say("here", "FORGED8", "FORGED8", "FORGED8")

            for browser in (ann, bo, chen, vera, sun):
                await ask_for_everything(browser, [row_of(1), row_of(2)])
            for tier, session in (("public", ""), ("private", await visit.session("sun"))):
                await document_of(address, row_of(1), tier, session)
            for who in ("", await visit.session("bo"), await visit.session("sun")):
                headers = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {who}"} if who else {})
                async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as reader:
                    await read_everything(reader, visit)
                    await reader.get(f"{HOME}/export/help.json?full=1")
            for browser in (ann, bo, chen, vera, sun):
                await browser.close()
        assert wire.carried("河边") and wire.carried("水到二楼"), "the search finds what did leave"
        for n in range(1, 8):
            assert not wire.carried(f"FORGED{n}"), wire.carried(f"FORGED{n}")[:3]
        assert all("/ws" in where for where in wire.carried("FORGED8")), "presence is where somebody says they are"


async def test_SE9_suggested_words_reach_their_author_and_who_decides_and_nobody_else(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        await grant(visit.room, "vera", "verifier")
        await grant(visit.room, "matt", "volunteer")
        ann, bo, chen, vera, matt = [
            await browse(address, visit.room, name) for name in ("ann", "bo", "chen", "vera", "matt")
        ]
        first = write(ann.actor, {"place": "河边"})
        await ann.push(first, secret=secret_of(1))
        await vera.push(write(vera.actor, {"verify_state": "verified"}))
        hidden_words = write(bo.actor, {"place": "SUGGESTED"}, seen={"place": [first.edit]})
        assert (await bo.push(hidden_words))[0][1] == "suggested"
        for browser in (ann, bo, chen, vera, matt):
            await ask_for_everything(browser, [row_of(1)])
        heard = {
            name: any(b"SUGGESTED" in raw for raw in browser.raw)
            for name, browser in (("ann", ann), ("bo", bo), ("chen", chen), ("vera", vera), ("matt", matt))
        }
        assert heard == {"ann": False, "bo": True, "chen": False, "vera": True, "matt": False}
        async with httpx.AsyncClient(base_url=f"http://{address}") as reader:
            assert not [where for where, data in await read_everything(reader, visit) if b"SUGGESTED" in data]
        for browser in (ann, bo, chen, vera, matt):
            await browser.close()


# One number for each way in and each spelling; none of them exists.
CANARIES = {
    "form field": "14270000001",
    "form words": "14270000002",
    "form note": "14270000003",
    "reporter": "14270000004",
    "edits private": "14270000005",
    "edits words": "14270000006",
    "push private": "14270000007",
    "push words": "14270000008",
    "file column": "14270000009",
    "file remark": "14270000010",
    "suggestion": "14270000011",
    "unmasked note": "14270000012",
}
NAMES = ("甄隐名", "甄不露")


def spelt(number: str, how: int) -> str:
    """A number as people write it."""
    wide = number.translate({ord("0") + n: ord("０") + n for n in range(10)})
    parts = (number[:3], number[3:7], number[7:])
    return (number, "-".join(parts), " ".join(parts), f"+86{number}", wide)[how % 5]


async def test_SE10_planted_numbers_and_names_reach_nobody_who_may_not_see_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with visiting(tmp_path) as visit, serving(visit.app) as address:
        await grant(visit.room, "sun", "steward")
        await grant(visit.room, "vera", "verifier")
        await grant(visit.room, "matt", "volunteer")
        unauthorised = {name: await browse(address, visit.room, name) for name in ("bo", "matt")}
        ann, vera = await browse(address, visit.room, "ann"), await browse(address, visit.room, "vera")

        # Planting, by every way in.
        spelling = {way: spelt(number, n) for n, (way, number) in enumerate(CANARIES.items())}
        async with httpx.AsyncClient(base_url=f"http://{address}", headers={"accept": "text/html"}) as victim:
            page = await victim.get(f"{HOME}/help/new")
            sent = await victim.post(
                f"{HOME}/help/new",
                data={
                    **hidden(page.text),
                    "place": "临江小区",
                    "place_exact": "3号楼501",
                    "contact_phone": CANARIES["form field"],
                    "summary": f"水到二楼，打 {spelling['form words']}",
                    "note": f"邻居 {spelling['form note']}",
                    "person_name": NAMES[0],
                    "reporter_phone": CANARIES["reporter"],
                },
            )
            form_row = row_in(sent)
            assert (await victim.get(sent.headers["location"])).headers["cache-control"] == "no-store"
        tiers = [("public", {"place": "桥头", "directions": f"问 {spelling['edits words']}"})]
        tiers.append(("private", {"contact_phone": CANARIES["edits private"], "person_name": NAMES[1]}))
        edits = [
            {"tier": tier, "edit": new_id(), "at_ms": visit.clock.now_ms(), "writes": writes, "seen": {}}
            for tier, writes in tiers
        ]
        async with httpx.AsyncClient(base_url=f"http://{address}") as program:
            session = {"authorization": f"Bearer {await visit.session('ann')}"}
            body = {"sheet": "help", "row": row_of(1), "secret": secret_of(1), "edits": edits}
            assert (await program.post(f"{HOME}/edits", json=body, headers=session)).status_code == 200
            steward = {"authorization": f"Bearer {await visit.session('sun')}"}
            lines = f"姓名,电话,地址,备注\n{NAMES[0]},{CANARIES['file column']},学校,另打{spelling['file remark']}\n"
            files = {"file": ("a.csv", lines.encode())}
            answer = await program.post(f"{HOME}/import", files=files, headers=steward)
            assert answer.status_code == 200, answer.text
        note = new_id()
        first = write(ann.actor, {"place": "车站", "summary": f"叫 {spelling['push words']}"})
        private = write(ann.actor, {"contact_phone": CANARIES["push private"]})
        said = await ann.push(first, ("private", private), row=2, secret=secret_of(2))
        assert [verdict[1] for verdict in said] == ["accepted", "accepted"]
        await ann.push(write(ann.actor, {f"notes:{note}": f"再打 {spelling['unmasked note']}"}, edit=note), row=2)
        await vera.push(write(vera.actor, {"verify_state": "verified"}), row=2)
        chen = await browse(address, visit.room, "chen")
        held = await chen.push(
            write(actor("chen"), {"place": f"打 {spelling['suggestion']}"}, seen={"place": [first.edit]}), row=2
        )
        assert held[0][1] == "suggested"

        # It is all there, for who may see it.
        rows = [row.row for row in visit.storage.list_rows(BOOK, over=None, limit=100)]
        assert form_row in rows and len(rows) == 4
        for row in rows:
            await vera.ask("reveal", "help", row, "核实", "", answer="private")
        await vera.ask("suggestions", "", "", answer="suggestions")
        for row in rows:
            await vera.ask("history", "help", row, answer="history")
        seen_by_verifier = "".join(digits_in(raw) for raw in vera.raw)
        missing = [way for way, number in CANARIES.items() if number not in seen_by_verifier]
        assert not missing, f"planted badly: {missing}"

        # Everybody else asks for everything.
        blobs: list[tuple[str, bytes]] = []
        for name, browser in unauthorised.items():
            await ask_for_everything(browser, rows)
            blobs += [(f"socket of {name}", raw) for raw in browser.raw]
            for row in rows:
                for tier in ("public", "private"):
                    got = await document_of(address, row, tier, await visit.session(name))
                    blobs += [(f"{tier} document for {name}", data) for data in got]
        searches = ("142", CANARIES["form field"][-4:], NAMES[0], "甄")
        for name in ("", "bo", "matt"):
            headers = {"accept-encoding": "identity"}
            if name:
                headers["authorization"] = f"Bearer {await visit.session(name)}"
            async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers) as reader:
                blobs += [
                    (f"{where} for {name}", data) for where, data in await read_everything(reader, visit, searches)
                ]
                full = await reader.get(f"{HOME}/export/help.csv?full=1")
                assert full.status_code in (401, 403)
                blobs.append(("full export refused", full.content))
        async with httpx.AsyncClient(base_url=f"http://{address}", headers=steward) as reader:
            assert (await reader.get(f"{HOME}/export/help.csv?full=1")).headers["cache-control"] == "no-store"
        blobs += [("log", record.getMessage().encode()) for record in caplog.records]
        blobs += [("log", str(record.exc_info).encode()) for record in caplog.records if record.exc_info]
        for browser in (*unauthorised.values(), ann, vera, chen):
            await browser.close()

    assert len(blobs) > 300 and any(b"142****0001" in data for _, data in blobs), "the masked form is what they see"
    leaks = [
        f"{way} in {where}" for where, data in blobs for way, number in CANARIES.items() if number in digits_in(data)
    ]
    leaks += [
        f"{name} in {where}" for where, data in blobs for name in NAMES if name.encode() in data and "q=" not in where
    ]
    assert not leaks, leaks[:10]


async def test_SE11_no_usable_secret_lies_in_the_store_or_in_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with visiting(tmp_path) as visit:
        room = visit.room
        sun = await grant(room, "sun", "steward")
        invite = await identity.invite(room, sun, role="volunteer")
        session = await identity.login(room, DEVICES["ann"], "安")
        joined = await identity.join(room, DEVICES["bo"], invite.secret)
        async with visit.browser() as browser:
            page = await browser.get(f"{HOME}/help/new")
            sent = await browser.post(f"{HOME}/help/new", data={**hidden(page.text), "place": "桥头"})
            receipt = hidden((await browser.get(sent.headers["location"])).text)
            cookie = browser.cookies["device"]
        async with visit.program(session.session) as program:
            edit = {"tier": "public", "edit": new_id(), "at_ms": 1, "writes": {"place": "桥头"}, "seen": {}}
            body = {"sheet": "help", "row": row_of(1), "secret": secret_of(1), "edits": [edit]}
            assert (await program.post(f"{HOME}/edits", json=body)).status_code == 200
        link, code = await identity.reissue_link(room, sun, sheet="help", row=row_of(1), reason="核对过")
        secrets = {
            "invite": invite.secret,
            "session": session.session,
            "session of who joined": joined.session,
            "device": DEVICES["ann"],
            "device cookie": cookie,
            "row secret": secret_of(1),
            "row secret of the form": receipt["secret"],
            "link issued anew": link.partition(".")[2],
        }
    stored = b"".join(path.read_bytes() for path in sorted((tmp_path / "data").rglob("*")) if path.is_file())
    assert row_of(1).encode() in stored, "the search finds what is there"
    assert not [what for what, secret in secrets.items() if secret.encode() in stored]
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert not [what for what, secret in secrets.items() if secret in logged]
    assert code not in logged


@pytest.mark.parametrize("how", range(5))
@pytest.mark.parametrize("wrapped", ["{}", "电话{}。", "<b>{}</b>", "tel:%2B86{}", '["{}"]'])
def test_SE10_the_search_would_find_a_number_however_it_is_spelt(how: int, wrapped: str) -> None:
    number = CANARIES["form field"]
    assert number in digits_in(wrapped.format(spelt(number, how)).encode())
    assert number not in digits_in(wrapped.format("142****0001").encode())
