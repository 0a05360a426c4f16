"""What is derived from a row's cells and stored beside them: masked forms, and the real columns of the rows table.

Pure. Imported by `ingest` and by the rebuild. Everything here can be computed again from the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema.coordinates import position_of, to_wgs84
from schema.edits import field_of
from schema.errors import SchemaError
from schema.fields import mask
from schema.row import Cells, Live, shown
from schema.sheets import Sheet
from schema.status import sort_key, status_of
from server.storage.contract import Columns, RowRecord

OVER_RANK = 100  # rows that are over come after all that wait


def masked_of(sheet: Sheet, private: Cells) -> dict[str, list[str]]:
    """What the public sees of the private tier: one masked form per live value, equal ones once."""
    masked: dict[str, list[str]] = {}
    for path in sorted(private):
        column = sheet.fields.get(field_of(path))
        if column is None or column.tier != "private":
            continue  # raw words of a public text: the public has the masked ones
        forms = [form for live in private[path] if (form := mask(live.value, column))]
        if forms:
            masked[path] = list(dict.fromkeys(forms))
    return masked


def columns_of(sheet: Sheet, record: RowRecord, *, now_ms: int) -> Columns:
    """The real columns: what rows are ordered, filtered and found by. Public values only."""
    cells = record.public.cells
    status = status_of(cells, now_ms, sheet=sheet)
    over, rank, _ = sort_key(status, record.created_ms, sheet=sheet)
    point = _point(sheet, cells)
    return Columns(
        status=status.code,
        over=status.over,
        urgency=status.urgency,
        rank=over * OVER_RANK + rank,
        verify_state=status.verify,
        district=_text(cells, "district"),
        place=" ".join(filter(None, (_text(cells, path) for path in sheet.place))),
        summary=" · ".join(filter(None, (_text(cells, path) for path in sheet.title))),
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        text=" ".join(_words(cells)),
        contact=", ".join(record.masked.get(sheet.contact, [])) if sheet.contact else "",
    )


def _text(cells: Cells, path: str) -> str:
    value = shown(cells.get(path, ()))
    return "" if value is None else str(value)


def _words(cells: Mapping[str, tuple[Live, ...]]) -> list[str]:
    """Everything a person may search for, every live value of it."""
    words: list[str] = []
    for path in sorted(cells):
        for live in cells[path]:
            if isinstance(live.value, str):
                words.append(live.value)
            elif isinstance(live.value, list) and not path.startswith(("claim:", "geo")):
                words.extend(part for part in live.value if part)
    return words


def _point(sheet: Sheet, cells: Cells) -> tuple[float, float] | None:
    for path in ("geo", "base"):
        column = sheet.fields.get(path)
        value = shown(cells.get(path, ()))
        if column is not None and column.kind == "geo" and isinstance(value, list):
            return _wgs84(value)
    return None


def _wgs84(value: list[str]) -> tuple[float, float] | None:
    """(lat, lon); None where the cell holds no position."""
    try:
        position = to_wgs84(position_of(value))
    except SchemaError:
        return None
    return position.lat, position.lon
