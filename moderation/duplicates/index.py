"""Which rows may be the same case: by parts of a number, by rare pairs of signs, by nearness. In memory, of one sheet or many.

Pure. Fed by the server's live index and by benches. Twin: client/src/moderation/index.ts. Rules DU5–DU7 of docs/spec/duplicates.md.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from moderation.duplicates.normal import Print, anchors_of, grams_of
from moderation.duplicates.score import Finding, Weights, score

# Rows kept under one pair of signs, the newest: with fewer, old duplicates of 100,000 rows are lost; with more, 被困 is read in full.
MAX_POSTINGS = 400
MAX_VISITS = 3_000  # postings read for one row: 0.5 ms. The rarest pairs come first.
MAX_PHONE_POSTINGS = 50  # a hotline stands in hundreds of rows; its newest are enough
SCORED = 36  # candidates by pairs that are then compared in full
TOP = 20
SMOOTHING = 50  # rows a sheet is taken to have at least: in one of three rows nothing is rare
STALE = 64  # weights are made anew when the rows have grown by a 64th: a logarithm hardly moves by that
CELLS_PER_DEGREE = 200  # nearness by squares of about 500 m

# Pairs that stand in one post out of five whatever the sheet: until it has rows of its own they must not pass for rare.
COMMON = grams_of(
    "救援 求助 被困 受困 紧急 急需 联系 电话 地址 位置 人员 老人 孩子 小孩 孕妇 停水 停电 断水 断电 没有 食物 饮用 用水 水位 上涨 手机 没电"
    " 河南 郑州 郑州市 小区 号楼 单元 楼 需要 救命 转移 帮忙 扩散 失联 已经 一楼 二楼 信号 联系人 联系电话 求救 洪水 暴雨 积水 物资"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another row and what was found about the two."""

    sheet: str
    row: str
    finding: Finding


class Index:
    """Prints of rows, found by what they share. A row added again replaces what was kept of it."""

    def __init__(self) -> None:
        self._prints: list[Print | None] = []
        self._norms = array("d")
        self._slots: dict[tuple[str, str], int] = {}
        self._postings: dict[int, array[int]] = {}
        self._counts: dict[int, int] = {}
        self._phones: dict[int, array[int]] = {}
        self._cells: dict[int, array[int]] = {}
        self._common = frozenset(COMMON)
        self.weights = Weights(self.weight)
        self._weighed = 0  # rows there were when the weights were last made

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._slots

    def get(self, sheet: str, row: str) -> Print | None:
        """What is kept of a row."""
        slot = self._slots.get((sheet, row))
        return None if slot is None else self._prints[slot]

    def prints(self) -> Iterator[Print]:
        """Every row, oldest entry first."""
        return (one for one in self._prints if one is not None)

    def add(self, seen: Print) -> None:
        """Take a row in."""
        self.remove(seen.sheet, seen.row)
        slot = len(self._prints)
        self._prints.append(seen)
        self._norms.append(1 / math.sqrt(len(seen.grams) + 8))
        self._slots[(seen.sheet, seen.row)] = slot
        for gram in seen.grams:
            self._counts[gram] = self._counts.get(gram, 0) + 1
            _post(self._postings, gram, slot, MAX_POSTINGS)
        for anchor in anchors_of(seen.place):
            self._counts[anchor] = self._counts.get(anchor, 0) + 1
            _post(self._postings, anchor, slot, MAX_POSTINGS)
        for key in _phone_keys(seen.phones):
            _post(self._phones, key, slot, MAX_PHONE_POSTINGS)
        if seen.point is not None:
            _post(self._cells, _cell(seen.point[0], seen.point[1]), slot, MAX_POSTINGS)

    def remove(self, sheet: str, row: str) -> None:
        """Forget a row. Its postings stay until newer ones push them out, and are skipped."""
        slot = self._slots.pop((sheet, row), None)
        if slot is None:
            return
        seen = self._prints[slot]
        assert seen is not None
        self._prints[slot] = None
        self._norms[slot] = 0.0
        for key in [*seen.grams, *anchors_of(seen.place)]:
            left = self._counts[key] - 1
            if left:
                self._counts[key] = left
            else:
                del self._counts[key]
                del self._postings[key]
        if len(self._prints) > 1024 and len(self._prints) > 2 * len(self._slots):
            self._tidy()

    def weight(self, gram: int) -> float:
        """How much it says that two rows share this pair of signs: its rarity among the rows here."""
        rows = len(self._slots)
        count = self._counts.get(gram, 0)
        if gram in self._common:
            count += (rows + SMOOTHING) // 5
        return math.log((rows + SMOOTHING + 1) / (count + 1))

    def candidates(
        self,
        seen: Print,
        *,
        top: int = TOP,
        view: Callable[[Print], Print] | None = None,
        sheets: Iterable[str] | None = None,
    ) -> list[Candidate]:
        """The rows most likely the same case, best first. `view` is how the asker sees other rows (DU4); the row itself is left out."""
        within = frozenset((seen.sheet,) if sheets is None else sheets)
        own = self._slots.get((seen.sheet, seen.row), -1)
        if abs(len(self._slots) - self._weighed) * STALE > self._weighed:
            self._weighed = len(self._slots)
            self.weights.forget()
        asked = view(seen) if view is not None else seen
        found: list[tuple[float, Candidate]] = []
        for slot in self._near(asked, within, own):
            other = self._prints[slot]
            assert other is not None
            finding = score(asked, view(other) if view is not None else other, weights=self.weights)
            found.append((-finding.rank, Candidate(other.sheet, other.row, finding)))
        found.sort(key=lambda item: (item[0], item[1].sheet, item[1].row))
        return [candidate for _, candidate in found[:top]]

    def _near(self, seen: Print, within: frozenset[str], own: int) -> list[int]:
        """Slots worth comparing: every row with a like number, then those that share the rarest signs."""
        prints = self._prints
        chosen: dict[int, None] = {}
        for key in _phone_keys(seen.phones):
            for slot in self._phones.get(key, ()):
                chosen[slot] = None
        if seen.point is not None:
            for cell in _cells_around(seen.point[0], seen.point[1]):
                for slot in self._cells.get(cell, ())[-8:]:
                    chosen[slot] = None
        counts = self._counts
        keys = [*seen.grams, *anchors_of(seen.place)]
        keys = [key for key in keys if key in counts]
        keys.sort(key=counts.__getitem__)
        sums: dict[int, float] = {}
        visits = 0
        for key in keys:
            postings = self._postings[key][-MAX_POSTINGS:]
            visits += len(postings)
            if visits > MAX_VISITS and sums:
                break
            gain = self.weight(key)
            for slot in postings:
                sums[slot] = sums.get(slot, 0.0) + gain
        # Long rows share something with everybody: by the root of their length, as in a cosine.
        norms = self._norms
        tops = [(total * norms[slot], slot) for slot, total in sums.items()]
        if len(tops) > 8 * SCORED:
            # Most share one pair and no more: what has a fourth of the best is enough to be sorted.
            least = max(tops)[0] / 4
            tops = [one for one in tops if one[0] >= least]
        best = heapq.nlargest(SCORED + 1, tops)
        for _, slot in best:
            chosen[slot] = None
        return [slot for slot in chosen if slot != own and (one := prints[slot]) is not None and one.sheet in within]

    def _tidy(self) -> None:
        """Number the slots anew once half of them are empty."""
        kept = list(self.prints())
        fresh = Index()
        for one in kept:
            fresh.add(one)
        self._prints, self._slots, self._norms = fresh._prints, fresh._slots, fresh._norms
        self._postings, self._counts = fresh._postings, fresh._counts
        self._phones, self._cells = fresh._phones, fresh._cells


def _post(into: dict[int, array[int]], key: int, slot: int, most: int) -> None:
    """Append a slot; past twice the limit only the newest are kept."""
    postings = into.get(key)
    if postings is None:
        into[key] = array("I", (slot,))
        return
    postings.append(slot)
    if len(postings) >= 2 * most:
        del postings[:-most]


def _phone_keys(phones: Iterable[str]) -> list[int]:
    """Three parts of a number, any two of them: a masked one meets it, and so does one with a single wrong digit (DU6)."""
    keys: dict[int, None] = {}
    for number in phones:
        head, star, tail = number.partition("****")
        if star:
            if len(head) >= 3 and len(tail) == 4 and head[:3].isdigit() and tail.isdigit():
                keys[_key(0, head[:3] + tail)] = None
            continue
        digits = "".join(sign for sign in number if sign.isdigit())
        if len(digits) == 11 and digits[0] == "1":
            keys[_key(0, digits[:3] + digits[-4:])] = None
            keys[_key(1, digits[:7])] = None
            keys[_key(2, digits[-8:])] = None
        elif len(digits) >= 7:
            keys[_key(3, digits[-8:])] = None
    return list(keys)


def _key(kind: int, digits: str) -> int:
    return kind * 100_000_000 + int(digits)


def _cell(lat: float, lon: float) -> int:
    return math.floor(lat * CELLS_PER_DEGREE) * 100_000 + math.floor(lon * CELLS_PER_DEGREE)


def _cells_around(lat: float, lon: float) -> list[int]:
    middle = _cell(lat, lon)
    return [middle + north * 100_000 + east for north in (-1, 0, 1) for east in (-1, 0, 1)]
