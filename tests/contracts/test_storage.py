"""What every store must do: one suite, run on each engine. Rules of docs/spec/storage.md are named in the tests.

An engine's test file subclasses `StorageContract` and gives the `engine` fixture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Protocol

import pytest

from moderation.protection import Guard
from schema.row import plain
from server.errors import CommitFailed, StorageError
from server.storage.contract import (
    Actor,
    Grant,
    Invite,
    Receipt,
    SessionRecord,
    Storage,
    suggestion_id,
)
from tests.contracts.building import (
    ACTOR,
    BOOK,
    OTHER,
    RECEIVED_MS,
    Author,
    Row,
    Wish,
    audit,
    row_of,
    workbook,
)

ROW = row_of(1)


class Engine(Protocol):
    """How a suite opens the same store again."""

    def open(self) -> Storage: ...


def invite_of(number: int = 1, *, role: str = "volunteer", uses: int = 2, expires_ms: int = 10_000) -> Invite:
    return Invite(f"invite{number}", BOOK, f"digest{number}", role, "", uses, expires_ms, ACTOR, 5, 0)


class StorageContract:
    @pytest.fixture
    async def store(self, engine: Engine) -> AsyncIterator[Storage]:
        store = engine.open()
        await store.add_workbook(workbook())
        yield store
        await store.close()

    # -- who the store is

    async def test_SO1_a_store_keeps_its_epoch_and_id_when_opened_again(self, engine: Engine) -> None:
        first = engine.open()
        named = (first.epoch, first.server_id, first.key)
        await first.close()
        second = engine.open()
        assert (second.epoch, second.server_id, second.key) == named
        assert all(named)
        await second.close()

    # -- workbooks

    async def test_a_workbook_is_read_as_it_was_added(self, store: Storage) -> None:
        added = replace(
            workbook("second", created_ms=2), drill=True, protection={"help": Guard("careful")}, notice="演练"
        )
        await store.add_workbook(added)
        assert store.workbook("second") == added
        assert store.workbooks() == [workbook(), added]

    async def test_an_unknown_workbook_is_none(self, store: Storage) -> None:
        assert store.workbook("elsewhere") is None
        assert store.position("elsewhere") == 0

    async def test_a_workbook_is_added_once(self, store: Storage) -> None:
        with pytest.raises(StorageError) as caught:
            await store.add_workbook(workbook())
        assert caught.value.code == "storage-conflict"

    async def test_protection_is_set_per_sheet_and_audited(self, store: Storage) -> None:
        await store.set_protection(BOOK, "help", Guard("careful"), audit("protect"))
        await store.set_protection(BOOK, "hazard", Guard("verified"), audit("protect"))
        found = store.workbook(BOOK)
        assert found is not None and found.protection == {"help": Guard("careful"), "hazard": Guard("verified")}
        assert store.audit(BOOK) == [audit("protect"), audit("protect")]

    async def test_protection_of_an_unknown_workbook_is_an_error_and_not_audited(self, store: Storage) -> None:
        with pytest.raises(StorageError) as caught:
            await store.set_protection("elsewhere", "help", Guard("careful"), audit("protect"))
        assert caught.value.code == "workbook-unknown"
        assert store.audit("elsewhere") == []

    async def test_a_notice_is_set_and_audited(self, store: Storage) -> None:
        await store.set_notice(BOOK, "堤坝决口", audit("notice"))
        found = store.workbook(BOOK)
        assert found is not None and found.notice == "堤坝决口"
        assert store.audit(BOOK, act="notice") == [audit("notice")]
        with pytest.raises(StorageError):
            await store.set_notice("elsewhere", "", audit("notice"))

    # -- rows

    async def test_SO4_a_committed_row_is_read_back_whole(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        first = author.edit({"place": "米河镇", "needs:boat": True, "geo": ["34.7", "113.2", "wgs84", "10", "gps"]})
        private = author.edit({"contact_phone": "14212345678"})
        await store.commit([row.change(first, Wish(private, "private"))])
        second = author.edit({"place": "米河镇小里河村"}, {"place": [first.edit]})
        doubted = Wish(author.edit({"urgency": "critical"}), verdict="suggested", reason="needs-verifier")
        refused = Wish(author.edit({"nonsense": "x"}), verdict="refused", reason="unknown-field")
        [receipt] = await store.commit([row.change(second, doubted, refused, received_ms=RECEIVED_MS + 5)])
        assert receipt == Receipt(no=1, seq=3, position=2)
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded == replace(row.record, no=1)
        assert loaded.author == ACTOR and loaded.version == 2
        assert loaded.created_ms == RECEIVED_MS and loaded.updated_ms == RECEIVED_MS + 5
        assert loaded.public.kills == {"place": {first.edit}}
        assert loaded.masked == {"contact_phone": ["142****5678"]}

    async def test_SO4_each_tier_has_its_own_dead_values(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        first = author.edit({"contact_phone": "14212345678", "exact": "3 号楼"})
        await store.commit([row.change(author.edit({"place": "a"}), Wish(first, "private"))])
        second = author.edit({"contact_phone": "14312345678"}, {"contact_phone": [first.edit, "zzzzzzzz"]})
        await store.commit([row.change(Wish(second, "private"))])
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded == replace(row.record, no=1)
        assert loaded.private.kills == {"contact_phone": {first.edit, "zzzzzzzz"}} and loaded.public.kills == {}

    async def test_SO4_a_row_is_the_same_after_reopening(self, store: Storage, engine: Engine) -> None:
        author, row = Author(), Row(ROW)
        first = author.edit({"place": "米河镇"})
        await store.commit([row.change(first, Wish(author.edit({"contact_phone": "14212345678"}), "private"))])
        await store.commit([row.change(author.edit({"place": "巩义"}, {"place": [first.edit]}))])
        before = store.load_row(BOOK, "help", ROW)
        await store.close()
        again = engine.open()
        assert before is not None and again.load_row(BOOK, "help", ROW) == before
        await again.close()

    async def test_a_row_nobody_wrote_is_none(self, store: Storage) -> None:
        assert store.load_row(BOOK, "help", ROW) is None
        assert store.view_row(BOOK, "help", ROW) is None
        assert store.view_number(BOOK, "help", 1) is None
        assert store.log(BOOK, sheet="help", row=ROW) == []

    async def test_readers_get_public_cells_masked_forms_and_columns(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        change = row.change(
            author.edit({"place": "米河镇", "urgency": "high"}),
            Wish(author.edit({"contact_phone": "14212345678", "exact": "3 号楼"}), "private"),
        )
        await store.commit([change])
        view = store.view_row(BOOK, "help", ROW)
        assert view is not None and view == store.view_number(BOOK, "help", 1)
        assert (view.sheet, view.row, view.no, view.author) == ("help", ROW, 1, ACTOR)
        assert view.cells == plain(row.record.public.cells)
        assert view.masked == {"contact_phone": ["142****5678"]}
        assert view.columns == change.columns
        assert "14212345678" not in repr(view) and "3 号楼" not in repr(view)

    async def test_SO6_numbers_count_rows_of_a_sheet_from_one(self, store: Storage) -> None:
        author = Author()
        numbers = []
        for number, sheet in enumerate(("help", "help", "hazard", "help")):
            row = Row(row_of(number), sheet=sheet)
            numbers += await store.commit([row.change(author.edit({"place": "a"}))])
        assert [receipt.no for receipt in numbers] == [1, 2, 1, 3]

    async def test_SO6_each_workbook_counts_for_itself(self, store: Storage) -> None:
        await store.add_workbook(workbook("second"))
        author = Author()
        for book in (BOOK, "second"):
            [receipt] = await store.commit([Row(ROW, book=book).change(author.edit({"place": "a"}))])
            assert receipt == Receipt(1, 1, 1)

    async def test_SO7_a_row_without_an_accepted_edit_has_only_a_ledger(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        wish = Wish(author.edit({"urgency": "critical"}), verdict="suggested", reason="needs-verifier")
        [receipt] = await store.commit([row.change(wish)])
        assert receipt == Receipt(0, 0, 0)
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded is not None and loaded.no == 0 and loaded.version == 0
        assert loaded.known == row.record.known and loaded.public.cells == {}
        assert store.view_row(BOOK, "help", ROW) is None
        assert store.list_rows(BOOK) == [] and store.feed(BOOK, after=0) == []
        assert [one.edit for one in store.suggestions(BOOK)] == [wish.edit.edit]
        [receipt] = await store.commit([row.change(author.edit({"place": "米河镇"}))])
        assert receipt == Receipt(1, 1, 1)
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded == replace(row.record, no=1)

    async def test_a_private_edit_for_a_row_that_does_not_exist_is_an_error(self, store: Storage) -> None:
        row = Row(ROW)
        change = row.change(Wish(Author().edit({"contact_phone": "14212345678"}), "private"))
        with pytest.raises(StorageError) as caught:
            await store.commit([change])
        assert caught.value.code == "row-unknown"
        assert store.load_row(BOOK, "help", ROW) is None

    # -- committing

    async def test_committing_nothing_is_nothing(self, store: Storage) -> None:
        assert await store.commit([]) == []

    async def test_SO5_a_stale_version_fails_alone_and_names_the_others_receipts(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        await store.commit([row.change(author.edit({"place": "a"}))])
        stale = Row(ROW)
        stale.record = row.record
        good = row.change(author.edit({"place": "b"}))
        late = stale.change(author.edit({"place": "c"}))
        other = Row(row_of(2)).change(author.edit({"place": "d"}))
        with pytest.raises(CommitFailed) as caught:
            await store.commit([good, late, other])
        first, second, third = caught.value.results
        assert isinstance(second, StorageError) and second.code == "row-moved-on"
        assert first == Receipt(1, 2, 2) and third == Receipt(2, 3, 3)
        assert caught.value.code == "row-moved-on"
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded == replace(good.record, no=1)
        assert [entry.seq for entry in store.log(BOOK)] == [1, 2, 3]

    async def test_SO5_what_was_built_on_a_failed_change_fails_too(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        row.change(author.edit({"place": "never committed"}))
        with pytest.raises(CommitFailed) as caught:
            await store.commit([row.change(author.edit({"place": "b"})), row.change(author.edit({"place": "c"}))])
        assert [getattr(result, "code", "") for result in caught.value.results] == ["row-moved-on"] * 2
        assert store.log(BOOK) == []

    async def test_SO5_an_edit_is_accepted_once(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        edit = author.edit({"place": "a"})
        await store.commit([row.change(edit)])
        other = Row(row_of(2)).change(author.edit({"place": "b"}))
        with pytest.raises(CommitFailed) as caught:
            await store.commit([row.change(edit), other])
        again, beside = caught.value.results
        assert isinstance(again, StorageError) and again.code == "edit-recorded"
        assert beside == Receipt(2, 2, 2)
        assert [entry.edit for entry in store.log(BOOK, sheet="help", row=ROW)] == [edit.edit]

    async def test_an_unknown_workbook_cannot_be_committed_to(self, store: Storage) -> None:
        with pytest.raises(CommitFailed) as caught:
            await store.commit([Row(ROW, book="elsewhere").change(Author().edit({"place": "a"}))])
        assert caught.value.code == "workbook-unknown"

    async def test_an_empty_change_is_an_error(self, store: Storage) -> None:
        row = Row(ROW)
        await store.commit([row.change(Author().edit({"place": "a"}))])
        with pytest.raises(CommitFailed) as caught:
            await store.commit([row.change()])
        assert caught.value.code == "change-empty"

    async def test_SO2_concurrent_writers_get_gapless_seqs_and_positions(self, store: Storage) -> None:
        authors = [Author(offset=1000 * number) for number in range(20)]

        async def write(author: Author, row: Row) -> list[Receipt]:
            return [
                receipt
                for _ in range(10)
                for receipt in await store.commit([row.change(author.edit({"place": f"{author.made}"}))])
            ]

        written = await asyncio.gather(*(write(author, Row(row_of(at))) for at, author in enumerate(authors)))
        receipts = [receipt for own in written for receipt in own]
        assert sorted(receipt.seq for receipt in receipts) == list(range(1, 201))
        assert sorted(receipt.position for receipt in receipts) == list(range(1, 201))
        assert sorted({receipt.no for receipt in receipts}) == list(range(1, 21))
        assert [entry.seq for entry in store.log(BOOK)] == list(range(1, 201))
        assert [entry.position for entry in store.feed(BOOK, after=0)] == list(range(1, 201))
        assert all(own[0].seq < own[-1].seq for own in written)

    async def test_changes_of_one_row_in_one_commit_follow_each_other(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        changes = [row.change(author.edit({f"needs:{at}": True})) for at in range(5)]
        receipts = await store.commit(changes)
        assert [receipt.seq for receipt in receipts] == [1, 2, 3, 4, 5]
        assert store.load_row(BOOK, "help", ROW) == replace(row.record, no=1)

    async def test_a_cancelled_caller_harms_nobody(self, store: Storage) -> None:
        author = Author()
        leaving = asyncio.create_task(store.commit([Row(ROW).change(author.edit({"place": "a"}))]))
        await asyncio.sleep(0)
        leaving.cancel()
        [receipt] = await store.commit([Row(row_of(2)).change(author.edit({"place": "b"}))])
        assert receipt.seq == 2

    # -- the log and the feed

    async def test_SO3_accepted_edits_are_in_the_log_with_their_actor_and_bytes(self, store: Storage) -> None:
        author, other, row = Author(), Author(OTHER, offset=500), Row(ROW)
        public = author.edit({"place": "a"})
        private = author.edit({"contact_phone": "14212345678"})
        suggested = Wish(author.edit({"urgency": "high"}), verdict="suggested", reason="needs-verifier")
        change = row.change(public, Wish(private, "private"), suggested, session="phone", origin="form")
        await store.commit([change])
        accepted = Wish(other.edit({"summary": "b"}), accepted_by=ACTOR)
        await store.commit([row.change(accepted, received_ms=RECEIVED_MS + 1, origin="decide")])
        first, second, third = store.log(BOOK)
        assert (first.seq, first.tier, first.edit, first.update) == (
            1,
            "public",
            public.edit,
            change.recorded[0].update,
        )
        assert (first.session, first.origin, first.received_ms) == ("phone", "form", RECEIVED_MS)
        assert (second.seq, second.tier, second.actor) == (2, "private", ACTOR)
        assert (third.actor, third.accepted_by, third.origin) == (OTHER, ACTOR, "decide")

    async def test_the_log_is_read_by_row_and_from_a_seq_on(self, store: Storage) -> None:
        author, first, second = Author(), Row(ROW), Row(row_of(2))
        for row in (first, second, first, second):
            await store.commit([row.change(author.edit({"place": "a"}))])
        assert [entry.seq for entry in store.log(BOOK, sheet="help", row=ROW)] == [1, 3]
        assert [entry.seq for entry in store.log(BOOK, after=2)] == [3, 4]
        assert [entry.seq for entry in store.log(BOOK, limit=3)] == [1, 2, 3]
        assert store.log("elsewhere") == []

    async def test_SO8_the_feed_names_what_changed_and_never_a_value(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        await store.commit(
            [
                row.change(
                    author.edit({"place": "米河镇"}), Wish(author.edit({"contact_phone": "14212345678"}), "private")
                )
            ]
        )
        quiet = await store.commit([row.change(Wish(author.edit({"exact": "3 号楼"}), "private"))])
        await store.commit([row.change(author.edit({"summary": "b"}))])
        assert quiet == [Receipt(1, 3, 0)]
        first, second = store.feed(BOOK, after=0)
        assert (first.position, first.sheet, first.row) == (1, "help", ROW)
        assert first.touched == ("place",) and first.masked_touched == ("contact_phone",)
        assert second.touched == ("summary",) and second.masked_touched == ()
        assert store.feed(BOOK, after=1) == [second]
        assert store.feed(BOOK, after=0, limit=1) == [first]
        assert store.position(BOOK) == 2
        assert "米河镇" not in repr(first) and "1421234" not in repr(first)

    # -- the ledger

    async def test_SO9_the_ledger_knows_every_verdict(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        edits = [author.edit({"place": "a"}), author.edit({"urgency": "high"}), author.edit({"nonsense": "x"})]
        await store.commit(
            [
                row.change(
                    edits[0],
                    Wish(edits[1], verdict="suggested", reason="needs-verifier"),
                    Wish(edits[2], verdict="refused", reason="unknown-field"),
                )
            ]
        )
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded is not None
        verdicts = [loaded.known["public", edit.edit] for edit in edits]
        assert [known.verdict for known in verdicts] == ["accepted", "suggested", "refused"]
        assert [known.reason for known in verdicts] == ["", "needs-verifier", "unknown-field"]
        assert all(known.actor == ACTOR and len(known.digest) == 64 for known in verdicts)

    async def test_SO9_one_edit_id_in_two_tiers_or_rows_is_two_edits(self, store: Storage) -> None:
        edit = Author().edit({"notes": "a"})
        row = Row(ROW)
        await store.commit([row.change(edit, Wish(edit, "private"))])
        await store.commit([Row(ROW, sheet="hazard").change(edit)])
        assert len(store.log(BOOK)) == 3

    async def test_SO9_masked_words_are_logged_and_what_arrived_is_known_by_its_digest(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        arrived = author.edit({"summary": "电话 14212345678"})
        masked = replace(arrived, writes={"summary": "电话 142****5678"})
        change = row.change(masked)
        original = Row(ROW).change(Wish(arrived, reason="masked")).recorded[0]
        change = replace(change, recorded=(*change.recorded, replace(original, ledger_only=True)))
        await store.commit([change])
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded is not None and loaded.known["public", arrived.edit].digest == original.digest
        assert [entry.update for entry in store.log(BOOK)] == [change.recorded[0].update]
        assert b"14212345678" not in store.log(BOOK)[0].update

    # -- suggestions

    async def test_SO10_a_suggestion_is_kept_whole_until_it_is_decided(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        await store.commit([row.change(author.edit({"place": "a"}))])
        wish = Wish(author.edit({"urgency": "critical"}), verdict="suggested", reason="needs-verifier")
        change = row.change(wish)
        await store.commit([change])
        [waiting] = store.suggestions(BOOK)
        assert waiting.id == suggestion_id("help", ROW, tier="public", edit=wish.edit.edit)
        assert waiting == store.suggestion(BOOK, waiting.id)
        assert waiting.update == change.recorded[0].update
        assert (waiting.state, waiting.reason, waiting.actor) == ("pending", "needs-verifier", ACTOR)
        decided = ((waiting.id, "accepted", "打过电话"),)
        accepted = replace(wish, verdict="accepted", reason="", accepted_by=OTHER)
        await store.commit([row.change(accepted, received_ms=RECEIVED_MS + 9, actor=OTHER, decided=decided)])
        after = store.suggestion(BOOK, waiting.id)
        assert after is not None and store.suggestions(BOOK) == []
        assert (after.state, after.decided_by, after.decided_ms) == ("accepted", OTHER, RECEIVED_MS + 9)
        assert after.decision == "打过电话" and after.update == waiting.update
        assert store.suggestions(BOOK, state="") == store.suggestions(BOOK, state="accepted") == [after]
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded == replace(row.record, no=1)
        assert loaded.known["public", wish.edit.edit].verdict == "accepted"
        assert store.log(BOOK)[-1].accepted_by == OTHER

    async def test_SO10_a_suggestion_is_decided_once(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        await store.commit([row.change(author.edit({"place": "a"}))])
        wish = Wish(author.edit({"urgency": "critical"}), verdict="suggested", reason="needs-verifier")
        await store.commit([row.change(wish)])
        [waiting] = store.suggestions(BOOK)
        await store.commit([row.change(decided=((waiting.id, "declined", "重复"),))])
        before = row.record
        with pytest.raises(CommitFailed) as caught:
            await store.commit([row.change(decided=((waiting.id, "accepted", ""),))])
        assert caught.value.code == "suggestion-decided"
        found = store.suggestion(BOOK, waiting.id)
        assert found is not None and (found.state, found.decision) == ("declined", "重复")
        assert store.load_row(BOOK, "help", ROW) == replace(before, no=1)

    async def test_a_suggestion_for_a_row_that_does_not_exist_can_be_declined(self, store: Storage) -> None:
        row = Row(ROW)
        await store.commit([row.change(Wish(Author().edit({"place": "a"}), verdict="suggested", reason="held"))])
        [waiting] = store.suggestions(BOOK)
        await store.commit([row.change(decided=((waiting.id, "declined", "广告"),))])
        assert store.suggestions(BOOK) == []

    async def test_a_collision_keeps_both_texts(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        edit = author.edit({"place": "a"})
        await store.commit([row.change(edit)])
        other = replace(edit, writes={"place": "b"})
        change = row.change(Wish(other, verdict="suggested", reason="collision"))
        await store.commit([change, row.change(author.edit({"summary": "c"}))])
        [kept] = store.suggestions(BOOK, state="collision")
        assert kept.update == change.recorded[0].update
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded is not None and loaded.known["public", edit.edit].verdict == "accepted"

    async def test_suggestions_are_found_by_row_and_actor_longest_waiting_first(self, store: Storage) -> None:
        author, other = Author(), Author(OTHER, offset=500)
        for at, who, sheet in ((3, author, "help"), (1, other, "help"), (2, author, "hazard")):
            wish = Wish(who.edit({"place": "a"}), verdict="suggested", reason="held")
            await store.commit([Row(row_of(at), sheet=sheet).change(wish, received_ms=RECEIVED_MS + at)])
        assert [one.row for one in store.suggestions(BOOK)] == [row_of(1), row_of(2), row_of(3)]
        assert [one.row for one in store.suggestions(BOOK, actor=OTHER)] == [row_of(1)]
        assert [one.row for one in store.suggestions(BOOK, sheet="hazard")] == [row_of(2)]
        assert [one.row for one in store.suggestions(BOOK, sheet="help", row=row_of(3))] == [row_of(3)]
        assert len(store.suggestions(BOOK, limit=2)) == 2
        assert store.suggestions("elsewhere") == [] and store.suggestion(BOOK, "nothing") is None

    # -- lists and search

    async def add(self, store: Storage, number: int, writes: dict[str, Any], *, sheet: str = "help") -> None:
        author = Author(offset=number * 1000)
        row = Row(row_of(number), sheet=sheet)
        await store.commit([row.change(author.edit(writes), received_ms=RECEIVED_MS + number)])

    async def test_rows_are_listed_by_rank_then_newest_first(self, store: Storage) -> None:
        await self.add(store, 1, {"place": "a", "urgency": "low"})
        await self.add(store, 2, {"place": "b", "urgency": "critical"})
        await self.add(store, 3, {"place": "c", "urgency": "low"}, sheet="hazard")
        await self.add(store, 4, {"place": "d", "urgency": "critical", "outcome": "rescued"})
        places = [view.columns.place for view in store.list_rows(BOOK)]
        assert places == ["b", "c", "a"]
        assert [view.columns.place for view in store.list_rows(BOOK, over=None)] == ["d", "b", "c", "a"]
        assert [view.columns.place for view in store.list_rows(BOOK, over=True)] == ["d"]
        assert [view.columns.place for view in store.list_rows(BOOK, sheet="hazard")] == ["c"]
        assert [view.columns.place for view in store.list_rows(BOOK, urgency="low")] == ["c", "a"]
        assert [view.columns.place for view in store.list_rows(BOOK, over=None, status="rescued")] == ["d"]
        assert [view.columns.place for view in store.list_rows(BOOK, limit=1, offset=1)] == ["c"]
        assert store.count_rows(BOOK) == 3 and store.count_rows(BOOK, over=None) == 4
        assert store.count_rows(BOOK, sheet="help", urgency="low") == 1
        assert store.count_rows(BOOK, status="rescued", over=None) == 1
        assert [view.columns.place for view in store.list_rows(BOOK, over=None, limit=2, offset=1)] == ["b", "c"]
        assert store.list_rows("elsewhere") == [] and store.count_rows("elsewhere") == 0

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("米河", {1, 2}),
            ("孕妇", {2}),
            ("张", {3}),
            ("里", {2}),
            ("镇", {1, 2}),
            ("米河镇", {1, 2}),
            ("河镇 孕妇", {2}),
            ("小里河村", {2}),
            ("ＤＡＭ ３", {3}),
            ("dam", {3}),
            ("am", {3}),
            ("3", {3}),
            ("河小", set()),
            ("米镇", set()),
            ("孕妇张", set()),
            ("，。", set()),
            ('"米河', {1, 2}),
            ("米河 OR 张", set()),
            ("米河*", {1, 2}),
            ("𠮷野", {3}),
            ("é", {3}),
            ("  ", {1, 2, 3}),
        ],
    )
    async def test_SO11_search_finds_words_of_any_length(self, store: Storage, typed: str, found: set[int]) -> None:
        await self.add(store, 1, {"place": "巩义市米河镇", "summary": "一家三口，被困二楼"})
        await self.add(store, 2, {"place": "米河镇 小里河村", "summary": "有孕妇"})
        await self.add(store, 3, {"place": "Dam 3", "summary": "张家 𠮷野 café"})
        numbers = {view.no for view in store.list_rows(BOOK, search=typed)}
        assert numbers == found
        assert store.count_rows(BOOK, search=typed) == len(found)

    async def test_SO11_search_follows_the_words_as_they_change(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        first = author.edit({"place": "米河镇"})
        await store.commit([row.change(first)])
        await store.commit([row.change(author.edit({"place": "王宗店"}, {"place": [first.edit]}))])
        assert store.list_rows(BOOK, search="米河") == []
        assert [view.row for view in store.list_rows(BOOK, search="宗店")] == [ROW]

    async def test_SO11_private_words_are_not_searchable(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        private = Wish(author.edit({"contact_phone": "14212345678", "summary": "老王家"}), "private")
        await store.commit([row.change(author.edit({"place": "米河镇"}), private)])
        for typed in ("14212345678", "2345", "老王", "王"):
            assert store.list_rows(BOOK, search=typed) == []

    async def test_SO12_rows_are_found_in_a_box(self, store: Storage) -> None:
        await self.add(store, 1, {"place": "a", "geo": ["34.70001", "113.2", "wgs84", "", ""]})
        await self.add(store, 2, {"place": "b", "geo": ["34.8", "113.4", "wgs84", "", ""]})
        await self.add(store, 3, {"place": "c"})
        in_box = store.list_rows(BOOK, box=(34.6, 113.1, 34.75, 113.3))
        assert [view.columns.place for view in in_box] == ["a"]
        assert len(store.list_rows(BOOK, box=(34.0, 113.0, 35.0, 114.0))) == 2
        assert store.list_rows(BOOK, box=(34.700011, 113.1, 34.75, 113.3)) == []
        assert store.list_rows(BOOK, box=(0.0, 0.0, 1.0, 1.0)) == []

    async def test_SO12_a_row_that_moves_is_found_at_its_new_place_only(self, store: Storage) -> None:
        author, row = Author(), Row(ROW)
        first = author.edit({"geo": ["34.7", "113.2", "wgs84", "", ""]})
        await store.commit([row.change(first)])
        second = author.edit({"geo": ["31.2", "121.5", "wgs84", "", ""]}, {"geo": [first.edit]})
        await store.commit([row.change(second)])
        assert store.list_rows(BOOK, box=(34.0, 113.0, 35.0, 114.0)) == []
        assert len(store.list_rows(BOOK, box=(31.0, 121.0, 32.0, 122.0))) == 1

    # -- documents

    async def test_a_document_is_read_as_saved_and_only_newer_generations_replace_it(self, store: Storage) -> None:
        row = Row(ROW)
        await store.commit([row.change(Author().edit({"place": "a"}))])
        assert store.document(BOOK, "help", ROW, "public") == (0, b"", 0)
        await store.save_document(BOOK, "help", ROW, "public", 1, b"one", 1)
        await store.save_document(BOOK, "help", ROW, "public", 2, b"two", 1)
        with pytest.raises(StorageError) as caught:
            await store.save_document(BOOK, "help", ROW, "public", 2, b"other", 1)
        assert caught.value.code == "generation-stale"
        assert store.document(BOOK, "help", ROW, "public") == (2, b"two", 1)
        assert store.document(BOOK, "help", ROW, "private") == (0, b"", 0)
        loaded = store.load_row(BOOK, "help", ROW)
        assert loaded is not None and loaded.generation == {"public": 2, "private": 0}

    # -- audit

    async def test_SO13_the_audit_is_appended_and_read_newest_first(self, store: Storage) -> None:
        await store.write_audit(BOOK, [audit("reveal", row=ROW), audit("export")])
        await store.write_audit(BOOK, [audit("reveal", row=row_of(2))])
        assert store.audit(BOOK) == [audit("reveal", row=row_of(2)), audit("export"), audit("reveal", row=ROW)]
        assert store.audit(BOOK, row=ROW) == [audit("reveal", row=ROW)]
        assert store.audit(BOOK, act="export") == [audit("export")]
        assert len(store.audit(BOOK, limit=2)) == 2
        assert store.audit("elsewhere") == []
        with pytest.raises(StorageError):
            await store.write_audit("elsewhere", [audit()])

    async def test_SO13_a_change_and_its_audit_are_written_together(self, store: Storage) -> None:
        row = Row(ROW)
        await store.commit([row.change(Author().edit({"place": "a"}), audit=(audit("import", row=ROW),))])
        assert store.audit(BOOK) == [audit("import", row=ROW)]
        stale = replace(row.change(Author(offset=9).edit({"place": "b"}), audit=(audit("decide"),)), record=row.record)
        stale = replace(stale, record=replace(stale.record, version=9))
        with pytest.raises(CommitFailed):
            await store.commit([stale])
        assert store.audit(BOOK) == [audit("import", row=ROW)]

    # -- actors, sessions, invites, grants, holds

    async def test_an_actor_is_remembered_with_the_last_name_given(self, store: Storage) -> None:
        await store.see_actor(ACTOR, "王某", 5)
        await store.see_actor(ACTOR, "", 9)
        await store.see_actor(OTHER, "", 7)
        known = store.actors([ACTOR, OTHER, "Actor0000003"])
        assert known == {ACTOR: Actor(ACTOR, "王某", 5, 9), OTHER: Actor(OTHER, "", 7, 7)}
        await store.see_actor(ACTOR, "王队", 10)
        assert store.actors([ACTOR])[ACTOR].name == "王队"
        assert store.actors([]) == {}

    async def test_a_session_is_found_by_its_digest_and_revoked_once(self, store: Storage) -> None:
        session = SessionRecord("session1", "digest of a secret", BOOK, ACTOR, 5, 500, 0)
        await store.add_session(session)
        assert store.session("digest of a secret") == session
        assert store.session("another digest") is None
        await store.revoke_session("session1", 77)
        await store.revoke_session("session1", 99)
        assert store.session("digest of a secret") == replace(session, revoked_ms=77)
        with pytest.raises(StorageError):
            await store.add_session(session)

    async def test_SO14_an_invite_is_used_up(self, store: Storage) -> None:
        await store.add_invite(invite_of(uses=2), audit("invite"))
        assert store.invites(BOOK) == [invite_of(uses=2)]
        granted = await store.use_invite(BOOK, "digest1", ACTOR, 100)
        assert granted == Grant(BOOK, ACTOR, "volunteer", "", "invite1", 100, 0)
        assert granted == store.grant(BOOK, ACTOR)
        assert await store.use_invite(BOOK, "digest1", OTHER, 101) is not None
        assert await store.use_invite(BOOK, "digest1", "Actor0000003", 102) is None
        assert store.grant(BOOK, "Actor0000003") is None
        assert [invite.uses_left for invite in store.invites(BOOK)] == [0]
        assert store.audit(BOOK, act="invite") == [audit("invite")]

    async def test_SO14_using_an_invite_again_takes_no_second_use(self, store: Storage) -> None:
        await store.add_invite(invite_of(uses=2), audit("invite"))
        first = await store.use_invite(BOOK, "digest1", ACTOR, 100)
        assert await store.use_invite(BOOK, "digest1", ACTOR, 50_000) == first
        assert [invite.uses_left for invite in store.invites(BOOK)] == [1]

    async def test_SO14_concurrent_uses_never_exceed_the_invite(self, store: Storage) -> None:
        await store.add_invite(invite_of(uses=3), audit("invite"))
        names = [f"Actor00001{number:02}" for number in range(10)]
        granted = await asyncio.gather(*(store.use_invite(BOOK, "digest1", name, 100) for name in names))
        assert sum(grant is not None for grant in granted) == 3
        assert len(store.grants(BOOK)) == 3

    async def test_SO14_unknown_expired_and_revoked_invites_give_nothing(self, store: Storage) -> None:
        await store.add_invite(invite_of(1, expires_ms=100), audit("invite"))
        await store.add_invite(invite_of(2), audit("invite"))
        assert await store.use_invite(BOOK, "no such digest", ACTOR, 50) is None
        assert await store.use_invite("elsewhere", "digest1", ACTOR, 50) is None
        assert await store.use_invite(BOOK, "digest1", ACTOR, 100) is None
        assert await store.revoke_invite(BOOK, "invite2", 60, audit("revoke")) == []
        assert await store.use_invite(BOOK, "digest2", ACTOR, 70) is None
        assert store.grants(BOOK) == []

    async def test_SO14_revoking_an_invite_revokes_what_it_gave(self, store: Storage) -> None:
        await store.add_invite(invite_of(1), audit("invite"))
        await store.add_invite(invite_of(2, role="verifier"), audit("invite"))
        await store.use_invite(BOOK, "digest1", OTHER, 100)
        await store.use_invite(BOOK, "digest1", ACTOR, 101)
        await store.use_invite(BOOK, "digest2", ACTOR, 102)
        assert await store.revoke_invite(BOOK, "invite1", 200, audit("revoke")) == [OTHER]
        assert await store.revoke_invite(BOOK, "invite1", 300, audit("revoke")) == []
        revoked, standing = store.grant(BOOK, OTHER), store.grant(BOOK, ACTOR)
        assert revoked is not None and revoked.revoked_ms == 200
        assert standing is not None and standing.revoked_ms == 0 and standing.role == "verifier"
        assert [invite.revoked_ms for invite in store.invites(BOOK)] == [200, 0]
        with pytest.raises(StorageError) as caught:
            await store.revoke_invite(BOOK, "invite9", 300, audit("revoke"))
        assert caught.value.code == "invite-unknown"

    async def test_a_grant_is_set_replaced_and_revoked(self, store: Storage) -> None:
        first = Grant(BOOK, ACTOR, "owner", "", "", 5, 0)
        await store.set_grant(first, audit("grant"))
        await store.set_grant(Grant(BOOK, OTHER, "team", "civil_team/abc", "", 6, 0), audit("grant"))
        assert store.grant(BOOK, ACTOR) == first
        assert [grant.actor for grant in store.grants(BOOK)] == [ACTOR, OTHER]
        await store.set_grant(replace(first, role="steward"), audit("grant"))
        await store.revoke_grant(BOOK, ACTOR, 9, audit("revoke"))
        await store.revoke_grant(BOOK, ACTOR, 10, audit("revoke"))
        assert store.grant(BOOK, ACTOR) == replace(first, role="steward", revoked_ms=9)
        assert store.grant("elsewhere", ACTOR) is None
        assert [record.act for record in store.audit(BOOK)] == ["revoke", "revoke", "grant", "grant", "grant"]

    async def test_who_has_shown_a_rows_link_holds_it(self, store: Storage) -> None:
        await store.hold(BOOK, "help", ROW, ACTOR, "code digest", 5)
        await store.hold(BOOK, "help", ROW, ACTOR, "", 6)
        await store.hold(BOOK, "hazard", row_of(2), ACTOR, "another", 6)
        assert store.holds(BOOK, ACTOR) == {("help", ROW), ("hazard", row_of(2))}
        assert store.holds(BOOK, OTHER) == set()
        assert store.code_digest(BOOK, "help", ROW) == "code digest"
        assert store.code_digest(BOOK, "help", row_of(9)) == ""
        await store.hold(BOOK, "help", ROW, OTHER, "newer digest", 7)
        assert store.code_digest(BOOK, "help", ROW) == "newer digest"

    # -- closing

    async def test_SO15_closing_writes_what_waits(self, store: Storage, engine: Engine) -> None:
        author = Author()
        waiting = [
            asyncio.create_task(store.commit([Row(row_of(at)).change(author.edit({"place": "a"}))])) for at in range(50)
        ]
        await asyncio.sleep(0)
        await store.close()
        receipts = await asyncio.gather(*waiting)
        again = engine.open()
        assert len(again.log(BOOK)) == len(receipts) == 50
        await again.close()

    async def test_SO15_a_closed_store_takes_no_more(self, store: Storage) -> None:
        await store.close()
        with pytest.raises(StorageError) as caught:
            await store.write_audit(BOOK, [audit()])
        assert caught.value.code == "storage-closed"
        with pytest.raises(StorageError):
            store.workbooks()

    # -- counting

    async def test_SO26_a_tally_counts_every_row_once_and_lists_filter_by_district(self, store: Storage) -> None:
        author = Author()
        for number, (sheet, district, outcome) in enumerate(
            (("help", "甲区", ""), ("help", "甲区", ""), ("help", "乙区", "rescued"), ("hazard", "甲区", ""))
        ):
            edit = author.edit({"place": str(number), "district": district, "outcome": outcome})
            await store.commit([Row(row_of(number), sheet=sheet).change(edit)])
        found = [(one.sheet, one.status, one.over, one.district, one.rows) for one in store.tally(BOOK)]
        assert found == [
            ("hazard", "waiting", False, "甲区", 1),
            ("help", "rescued", True, "乙区", 1),
            ("help", "waiting", False, "甲区", 2),
        ]
        assert store.tally("elsewhere") == []
        assert {view.columns.place for view in store.list_rows(BOOK, district="甲区")} == {"0", "1", "3"}
        assert store.count_rows(BOOK, district="甲区", sheet="help") == 2
        assert store.count_rows(BOOK, district="乙区") == 0 and store.count_rows(BOOK, district="乙区", over=None) == 1

    async def test_suggestions_are_counted_beyond_what_a_list_holds(self, store: Storage) -> None:
        row, author = Row(ROW), Author()
        await store.commit([row.change(author.edit({"place": "a"}))])
        wishes = [Wish(author.edit({"place": str(n)}), verdict="suggested", reason="needs-role") for n in range(205)]
        await store.commit([row.change(*wishes)])
        assert len(store.suggestions(BOOK)) == 200 and store.count_suggestions(BOOK) == 205
        assert store.count_suggestions(BOOK, state="declined") == 0 and store.count_suggestions("elsewhere") == 0
