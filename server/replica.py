"""Row documents as real CRDT replicas: the only module that imports pycrdt.

Documents are built when somebody reads them and thrown away after; no edit is ever authored here. Only bytes that passed the
gate, or that `schema.encoding` wrote, may come in (rule ED3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from pycrdt import Doc, Map

from schema.encoding import ROOT
from schema.row import Cells, Live
from schema.values import Value, normal_number
from server.errors import RoomFailed


class Replica:
    """One row document."""

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self._doc: Doc[Any] = Doc()
        self._root: Map[Any] = self._doc.get(ROOT, type=Map)
        for update in updates:
            self.merge(update)

    def merge(self, update: bytes) -> None:
        """Integrate gated bytes. Raises RoomFailed where yrs fails: the replica is lost, the log is not."""
        try:
            self._doc.apply_update(update)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as fault:  # yrs panics derive from BaseException
            raise RoomFailed("replica-failed", "a row document could not be built", "rescue-sheet verify") from fault

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def update_since(self, state_vector: bytes) -> bytes:
        """What a reader with this state vector lacks. Raises RoomFailed on a vector yrs cannot read."""
        try:
            return self._doc.get_update(state_vector or None)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as fault:
            raise RoomFailed("replica-failed", "a state vector could not be read") from fault

    def cells(self) -> Cells:
        """The fold of what the document holds: equal to the projection (rule ED16)."""
        held = {key: self._root[key] for key in self._root.keys()}
        stamps: dict[str, Any] = {key[1:]: value for key, value in held.items() if key.startswith("~")}
        dead = {(path, edit) for stamp in stamps.values() for path, replaced in stamp[2].items() for edit in replaced}
        cells: dict[str, list[Live]] = {}
        for key in sorted(held):
            path, _, edit = key.partition("~")
            if path and (path, edit) not in dead:
                actor, at_ms, _ = stamps[edit]
                cells.setdefault(path, []).append(Live(edit, _plain(held[key]), actor, int(at_ms)))
        return {path: tuple(sorted(values, key=lambda live: live.edit)) for path, values in cells.items()}


def _plain(value: Any) -> Value:
    if isinstance(value, float):
        return normal_number(value)  # yrs returns every number as a float
    return cast(Value, value)


def same_cells(left: Cells, right: Cells) -> bool:
    """Whether two folds show the same values by the same edits; times may differ by the server's clamp (rule ED15)."""
    return _bare(left) == _bare(right)


def _bare(cells: Cells) -> dict[str, list[tuple[str, object, str]]]:
    return {path: [_entry(live) for live in values] for path, values in cells.items()}


def _entry(live: Live) -> tuple[str, object, str]:
    return live.edit, live.value, live.actor
