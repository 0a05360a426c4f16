"""Rows out of a workbook as CSV or JSON: redacted for everybody, or in full for who may have it.

I/O through storage reads. Imported by `server.cli` and `server.web`. What an export says, an import reads back (rule IM31).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schema.edits import element_of, field_of
from schema.errors import SchemaError
from schema.row import Live
from schema.sheets import STATUSES, Field, Sheet, load_sheet
from schema.texts import mask_text
from schema.values import Value
from server.imports.positions import write_cell
from server.storage.contract import RowRecord, RowView, Storage

Format = Literal["csv", "json"]
FORMATS: tuple[Format, ...] = ("csv", "json")

MAX_NUMBERS_MISSING = 10_000  # numbers are given without gaps; this ends the search should a store have lost some
UTF8_MARK = "\ufeff"  # without it Excel reads Chinese as something else
CHINA = dt.timezone(dt.timedelta(hours=8))

# A cell that begins with one of these is a formula to a spreadsheet program; 'itself, so that taking the guard off is exact.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")
_BETWEEN_LIVE = " ‖ "  # two values of one cell that nobody has settled yet


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """One row as exported: its numbers and times, and every cell's live values, the private ones only in full."""

    sheet: str
    row: str
    no: int
    status: str
    created_ms: int
    updated_ms: int
    public: Mapping[str, list[Value]]
    private: Mapping[str, list[Value]]
    masked: Mapping[str, Sequence[str]]


def export_text(
    storage: Storage, workbook: str, *, sheet: str, form: str, full: bool = False, lang: str = "zh"
) -> Iterator[str]:
    """The rows of a sheet, in pieces. Raises SchemaError for a sheet or format there is not."""
    if form not in FORMATS:
        raise SchemaError("unknown-format", f"rows are exported as {' or '.join(FORMATS)}, not {form}")
    definition = load_sheet(sheet)
    rows = read_rows(storage, workbook, sheet=sheet, full=full)
    if form == "csv":
        return csv_pieces(definition, rows, full=full, lang=lang)
    return json_pieces(definition, rows, full=full)


def read_rows(storage: Storage, workbook: str, *, sheet: str, full: bool) -> Iterator[ExportedRow]:
    """Every row of a sheet by its number; those that are over, too.

    One at a time: reading 10,000 rows first held everybody else for 3 seconds.
    """
    left = storage.count_rows(workbook, sheet=sheet, over=None)
    no = missing = 0
    while left > 0 and missing < MAX_NUMBERS_MISSING:
        no += 1
        view = storage.view_number(workbook, sheet, no)
        if view is None:
            missing += 1
            continue
        left, missing = left - 1, 0
        yield _exported(storage, workbook, view, full=full)


def exported_at(record: RowRecord, status: str, *, full: bool) -> ExportedRow:
    """A row folded up to some moment, in the form that is exported."""
    return ExportedRow(
        record.sheet,
        record.row,
        record.no,
        status,
        record.created_ms,
        record.updated_ms,
        {path: _distinct(live) for path, live in record.public.cells.items()},
        {path: _distinct(live) for path, live in record.private.cells.items()} if full else {},
        record.masked,
    )


def _exported(storage: Storage, workbook: str, view: RowView, *, full: bool) -> ExportedRow:
    private: dict[str, list[Value]] = {}
    if full:
        record = storage.load_row(workbook, view.sheet, view.row)
        if record is not None:
            private = {path: _distinct(live) for path, live in record.private.cells.items()}
    public = {path: [entry[1] for entry in live] for path, live in view.cells.items()}
    return ExportedRow(
        view.sheet,
        view.row,
        view.no,
        view.columns.status,
        view.created_ms,
        view.updated_ms,
        {path: _unlike(values) for path, values in public.items()},  # type: ignore[arg-type]
        private,
        view.masked,
    )


def _distinct(live: Sequence[Live]) -> list[Value]:
    return _unlike([entry.value for entry in live])


def _unlike(values: Sequence[Value]) -> list[Value]:
    """Values that differ, in their order, blanks left out."""
    out: list[Value] = []
    for value in values:
        if value is not None and value != "" and value not in out:
            out.append(value)
    return out


# --- JSON ---


def json_pieces(sheet: Sheet, rows: Iterator[ExportedRow], *, full: bool) -> Iterator[str]:
    """A list of objects, one a row, one a line; fields by their ids, `conflicts` where a cell has several values."""
    first = True
    for row in rows:
        yield ("[\n" if first else ",\n") + json.dumps(_json_row(sheet, row, full=full), ensure_ascii=False)
        first = False
    yield "[]\n" if first else "\n]\n"


def _json_row(sheet: Sheet, row: ExportedRow, *, full: bool) -> dict[str, object]:
    out: dict[str, object] = {
        "sheet": row.sheet,
        "row": row.row,
        "no": row.no,
        "status": row.status,
        "created_at": _iso(row.created_ms),
        "updated_at": _iso(row.updated_ms),
    }
    conflicts: dict[str, list[Value]] = {}
    for column in _columns(sheet, full=full):
        values = _field_values(column, row, full=full)
        if column.kind == "multi":
            codes = [element for element, found in values.items() if found[-1] is True]
            words = [str(value) for found in values.values() for value in found if isinstance(value, str)]
            if codes or words:
                out[column.id] = sorted(codes) + [f"other:{word}" for word in words]
        elif column.kind == "log":
            entries = [value for found in values.values() for value in found]
            if entries:
                out[column.id] = entries
        elif column.kind == "claim":
            if values:
                out[column.id] = {element: found[-1] for element, found in values.items()}
        else:
            found = values.get("", [])
            if found:
                out[column.id] = _json_value(column, found[-1])
            if len(found) > 1:
                conflicts[column.id] = found
    if conflicts:
        out["conflicts"] = conflicts
    return out


def _json_value(column: Field, value: Value) -> object:
    if column.kind == "geo" and isinstance(value, list):
        return dict(zip((part.id for part in column.entry), value, strict=False))
    return value


# --- CSV ---


def csv_pieces(sheet: Sheet, rows: Iterator[ExportedRow], *, full: bool, lang: str) -> Iterator[str]:
    """A table with a header of labels, for a spreadsheet program; no cell of it can be a formula."""
    columns = _columns(sheet, full=full)
    names = {"zh": ("系统编号", "系统状态"), "en": ("System no.", "System status")}[lang]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*names, *(column.label(lang) for column in columns)])
    yield UTF8_MARK + out.getvalue()
    for row in rows:
        out.seek(0)
        out.truncate()
        shown = STATUSES.get(row.status)
        option = sheet.fields[sheet.axis].option(row.status)
        status = shown.label(lang) if shown else option.label(lang) if option else row.status
        cells: list[str | int | float] = [row.no, guarded(status)]
        cells += [_csv_cell(column, row, full=full, lang=lang) for column in columns]
        writer.writerow(cells)
        yield out.getvalue()


def _csv_cell(column: Field, row: ExportedRow, *, full: bool, lang: str) -> str | int | float:
    values = _field_values(column, row, full=full)
    if column.kind == "int" and len(values.get("", [])) == 1:
        number = values[""][0]
        if isinstance(number, int | float) and not isinstance(number, bool):
            return number  # a typed number is no formula, and a negative one must stay a number
    return guarded(cell_text(column, values, lang=lang))


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula (rule IM30)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def cell_text(column: Field, values: Mapping[str, Sequence[Value]], *, lang: str) -> str:
    """A field's cells as one text that `imports` reads back: labels, lists joined by 、, times with their zone."""
    if column.kind == "multi":
        words = []
        for element, found in values.items():
            option = column.option(element)
            if found[-1] is True and option is not None:
                words.append(option.label(lang))
            words += [value for value in found if isinstance(value, str)]
        return "、".join(words)
    if column.kind == "log":
        return "\n".join(_flat(value) for found in values.values() for value in found)
    if column.kind == "claim":
        return "\n".join(f"{element}: {_flat(found[-1])}" for element, found in values.items())
    return _BETWEEN_LIVE.join(_one_text(column, value, lang=lang) for value in values.get("", ()))


def _one_text(column: Field, value: Value, *, lang: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    if column.kind == "geo" and isinstance(value, list):
        return write_cell(value)
    if column.kind == "time" and isinstance(value, str):
        return _local(value)
    if column.kind == "enum" and isinstance(value, str):
        option = column.option(value)
        return option.label(lang) if option else value
    return _flat(value)


def _flat(value: Value) -> str:
    return (
        " · ".join(part for part in value if part) if isinstance(value, list) else "" if value is None else str(value)
    )


# --- which fields, which values ---


def _columns(sheet: Sheet, *, full: bool) -> list[Field]:
    """The fields of an export in the order of the form, then the rest; those only computed are left out."""
    order = {name: place for place, name in enumerate(sheet.form)}
    fields = [field for field in sheet.fields.values() if not field.derived]
    if not full:
        fields = [field for field in fields if field.tier == "public" or field.mask in ("phone", "name", "blur")]
    return sorted(fields, key=lambda field: order.get(field.id, len(order)))


def _field_values(column: Field, row: ExportedRow, *, full: bool) -> dict[str, list[Value]]:
    """{element: values} of a field; of a private one, what the export may show of it."""
    if column.tier == "private" and not full:
        return {element_of(path): list(forms) for path, forms in row.masked.items() if field_of(path) == column.id}
    source = row.private if column.tier == "private" else row.public
    found = {
        element_of(path): list(values) for path, values in source.items() if field_of(path) == column.id and values
    }
    if full and column.free_text:
        # The raw words stand in the private tier where they differ from the public ones.
        raw = {element_of(path): list(values) for path, values in row.private.items() if field_of(path) == column.id}
        if column.kind == "log":
            found = _raw_log(found, raw)
        else:
            found.update({element: values for element, values in raw.items() if values})
    return found


def _raw_log(public: Mapping[str, list[Value]], raw: Mapping[str, list[Value]]) -> dict[str, list[Value]]:
    """The lines of a log, a masked one in its raw form: both are written by twin edits, so they are matched by their words."""
    twins = {mask_text(_flat(value)): value for values in raw.values() for value in values}
    return {
        element: [twins.get(_flat(value), value) if isinstance(value, str) else value for value in values]
        for element, values in public.items()
    }


def _iso(ms: int) -> str:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(value: str) -> str:
    """A time in China with its zone said: what people there read, and what loses nothing."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return value
    moment = dt.datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(CHINA)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + "+08:00"
