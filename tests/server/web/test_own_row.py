"""The secrets of a row filed without JavaScript."""

from __future__ import annotations

import pytest

from schema.ids import actor_id, is_base62, row_id
from schema.row import Live, TierState
from server.storage.contract import Known, RowRecord
from server.web import own_row
from server.web.request_form import Filled

KEY, DEVICE, SECRET = "k" * 22, "d" * 22, "s" * 22
ROW, NOTHING = row_id("help", SECRET), ("", "", "")


def record(known: dict[tuple[str, str], Known] | None = None, **cells: tuple[Live, ...]) -> RowRecord:
    return RowRecord("flood", "help", "r" * 16, 1, "a" * 12, 1, 1, 1, TierState(dict(cells)), known=known or {})  # type: ignore[arg-type]


def test_wb35_everything_grows_from_the_key_and_the_device() -> None:
    edit = own_row.creating_edit("f" * 22, DEVICE)
    secret = own_row.secret_of(KEY, DEVICE, edit)
    assert is_base62(edit, 8) and is_base62(secret, 22)
    assert (edit, secret) == (own_row.creating_edit("f" * 22, DEVICE), own_row.secret_of(KEY, DEVICE, edit))
    others = {
        own_row.secret_of(KEY, "e" * 22, edit),
        own_row.secret_of("l" * 22, DEVICE, edit),
        own_row.secret_of(KEY, DEVICE, "x" * 8),
    }
    assert secret not in others and len(others) == 3


def test_wb37_a_browser_without_a_device_gets_one_for_its_own_words() -> None:
    assert own_row.derived_device(KEY, "f" * 22, "one") != own_row.derived_device(KEY, "f" * 22, "two")


def test_wb38_the_secret_is_found_with_the_device_that_filed_it_and_no_other() -> None:
    edit = own_row.creating_edit("f" * 22, DEVICE)
    secret = own_row.secret_of(KEY, DEVICE, edit)
    known = {("public", edit): Known("", "accepted", "ok", actor_id(DEVICE))}
    filed = RowRecord("flood", "help", row_id("help", secret), 1, "", 1, 1, 1, known=known)  # type: ignore[arg-type]
    assert own_row.found_secret(KEY, DEVICE, filed) == secret
    assert own_row.found_secret(KEY, "e" * 22, filed) == ""
    assert own_row.found_secret("l" * 22, DEVICE, filed) == ""


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        (f"https://sheet.test/w/flood/#row=help/{SECRET}", ("help", ROW, SECRET)),
        (
            f"我在救命文档登记了求助，编号 3。更新用这个：http://10.0.0.2:8000/w/a/#row=help/{SECRET} 谢谢",
            ("help", ROW, SECRET),
        ),
        (f"  {SECRET}\n", ("help", ROW, SECRET)),
        (f"#row=civil_team/{SECRET}", ("civil_team", row_id("civil_team", SECRET), SECRET)),
        (f"新链接 #row=help/{'R' * 16}.{SECRET} 。", ("help", "R" * 16, SECRET)),
        (f"{'R' * 16}.{SECRET}", ("help", "R" * 16, SECRET)),
        (f"{'R' * 15}.{SECRET}", NOTHING),
        (f"#row=help/.{SECRET}", NOTHING),
        (f"#row=help/{SECRET}x", NOTHING),
        (f"#row=help/{SECRET[:-1]}", NOTHING),
        (f"#row=Help/{SECRET}", NOTHING),
        ("123456", NOTHING),
        ("第 3 行 123456", NOTHING),
        ("", NOTHING),
    ],
)
def test_wb40_a_link_is_read_out_of_what_was_pasted(pasted: str, found: tuple[str, str, str]) -> None:
    assert own_row.read_link(pasted) == found


def test_every_edit_has_an_id_of_its_own_and_the_same_again() -> None:
    filled = Filled({"place": "桥"}, {"contact_phone": "1"}, (("一", "二"), ("三", None)))
    edits = own_row.creation(filled, edit="e" * 8, actor="a" * 12, at_ms=5)
    ids = [edit.edit for _, edit in edits]
    assert len(set(ids)) == len(ids) == 5
    assert edits == own_row.creation(filled, edit="e" * 8, actor="a" * 12, at_ms=5)
    notes = [(tier, edit) for tier, edit in edits if any(path.startswith("notes:") for path in edit.writes)]
    assert [tier for tier, _ in notes] == ["public", "private", "public"]
    assert all(list(edit.writes) == [f"notes:{edit.edit}"] for _, edit in notes)


def test_wb44_a_cell_that_says_so_already_is_left_alone() -> None:
    mine = Live("m" * 8, 3, "a" * 12, 1)
    edits = own_row.changes(
        Filled({"people_total": 3, "place": "桥"}, {}),
        record=record(people_total=(mine,)),
        seen={"place": ["p" * 8]},
        seed="s" * 8,
        actor="a" * 12,
        at_ms=9,
    )
    assert [edit.writes for _, edit in edits] == [{"place": "桥"}]
    assert edits[0][1].seen == {"place": ["p" * 8]}


def test_wb36_only_the_values_of_who_filed_it_are_replaced() -> None:
    mine, others = Live("m" * 8, 3, "a" * 12, 1), Live("o" * 8, 7, "b" * 12, 2)
    found = own_row.own_seen(
        record(people_total=(mine, others)), Filled({"people_total": 5, "place": "桥"}, {}), "a" * 12
    )
    assert found == {"people_total": ["m" * 8]}
