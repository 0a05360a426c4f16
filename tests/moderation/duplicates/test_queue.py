"""The queue of pairs: its order, what is left out, what changes it."""

from __future__ import annotations

from moderation.duplicates.links import Key
from moderation.duplicates.normal import Values, print_of
from moderation.duplicates.queue import MAX_NEIGHBOURS, Facts, Queue
from schema.sheets import SHEETS

HELP = SHEETS["help"]
REQUEST: Values = {
    "place": ["中原区嵩山南路122号福苑小区19号楼"],
    "summary": ["老人透析断了两天"],
    "contact_phone": ["14212345678"],
}
OTHER: Values = {
    "place": ["巩义市米河镇小里河村3组"],
    "summary": ["道路冲毁，三十人没有食物"],
    "contact_phone": ["16312345678"],
}


def put(queue: Queue, row: str, values: Values, *, rank: int = 2, over: bool = False, target: Key | None = None) -> Key:
    at = len(queue)
    known = queue.facts(("help", row))
    queue.put(print_of(HELP, values, row=row), Facts(at + 1, rank, over, known.created_ms if known else at, target))
    return "help", row


def pairs(queue: Queue) -> list[tuple[str, str]]:
    queue.sweep(1000)
    return [(pair.one[1], pair.other[1]) for pair in queue.listed()[0]]


def test_du20_the_more_urgent_pair_comes_first_and_the_older_row_of_each() -> None:
    queue = Queue()
    put(queue, "c", OTHER, rank=2)
    put(queue, "d", OTHER, rank=2)
    put(queue, "b", REQUEST, rank=0)
    put(queue, "a", REQUEST, rank=2)
    assert pairs(queue) == [("b", "a"), ("c", "d")]


def test_du20_pages_of_the_queue_follow_each_other() -> None:
    queue = Queue()
    for row in "abcd":
        put(queue, row, REQUEST)
    queue.sweep(1000)
    whole, total = queue.listed(limit=100)
    assert total == 6 and [queue.listed(limit=1, offset=at)[0][0] for at in range(6)] == whole


def test_du20_rows_that_are_over_on_both_sides_are_left_out_and_one_that_is_open_again_comes_back() -> None:
    queue = Queue()
    put(queue, "a", REQUEST)
    put(queue, "b", REQUEST, over=True)
    assert pairs(queue) == [("a", "b")], "somebody may be on the way to a case that has ended"
    put(queue, "a", REQUEST, over=True)
    assert pairs(queue) == []
    put(queue, "b", REQUEST, over=False)
    assert pairs(queue) == [("a", "b")]


def test_du20_linked_rows_are_left_out_until_the_link_is_taken_back() -> None:
    queue = Queue()
    a = put(queue, "a", REQUEST)
    put(queue, "b", REQUEST, target=a)
    assert pairs(queue) == [] and queue.groups()[a].primary == a
    put(queue, "b", REQUEST)
    assert pairs(queue) == [("a", "b")] and queue.groups() == {}


def test_du22_rows_kept_apart_stay_out_until_that_is_taken_back() -> None:
    queue = Queue()
    a, b = put(queue, "a", REQUEST), put(queue, "b", REQUEST)
    queue.part(b, a, apart=True)
    assert pairs(queue) == []
    queue.part(a, b, apart=False)
    assert pairs(queue) == [("a", "b")]


def test_du21_a_row_that_changes_loses_its_old_pairs_and_one_erased_is_gone() -> None:
    queue = Queue()
    put(queue, "a", REQUEST)
    put(queue, "b", REQUEST)
    assert pairs(queue) == [("a", "b")]
    put(queue, "b", OTHER)
    assert pairs(queue) == []
    put(queue, "b", REQUEST)
    assert pairs(queue) == [("a", "b")]
    queue.remove(("help", "a"))
    assert pairs(queue) == [] and len(queue) == 1


def test_du17_circles_are_told_apart_from_chains() -> None:
    queue = Queue()
    put(queue, "a", REQUEST, target=("help", "b"))
    put(queue, "b", REQUEST, target=("help", "a"))
    put(queue, "c", OTHER, target=("help", "d"))
    put(queue, "d", OTHER)
    assert [group.ring for group in queue.rings()] == [(("help", "a"), ("help", "b"))]
    assert queue.groups()[("help", "c")].primary == ("help", "d")


def test_du20_a_hotline_in_a_hundred_rows_leaves_few_pairs_of_each() -> None:
    queue = Queue()
    for number in range(100):
        put(queue, f"r{number}", {"place": [f"新密市第{number}镇{number}号"], "contact_phone": ["14212345678"]})
    queue.sweep(1000)
    listed, total = queue.listed(kinds=["same_contact"], limit=5000)
    assert 0 < total <= 100 * MAX_NEIGHBOURS
    assert queue.listed()[0] == []
