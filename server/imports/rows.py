"""Lines become rows: what each writes in either tier, and the doubts a person should look at.

Pure. Imported by `run`. The law of this file: every word of a line ends up in the row, in a field or verbatim in `import_raw`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schema import fields
from schema.errors import SchemaError
from schema.ids import SECRET_CHARS, encode62
from schema.sheets import Field
from schema.texts import mask_text, split_place
from schema.values import MAX_VALUE_BYTES
from server.imports.book import Line
from server.imports.filling import read_line
from server.imports.legend import Meaning, decoration, learn, meanings
from server.imports.making import Ground, Making
from server.imports.marks import RowMarks, apply_marks, fitting, marks_of
from server.imports.plan import RowPlan
from server.imports.positions import far_from_the_rest
from server.imports.remarks import may_be_advertisement

# A log line is one value of an edit; room is left for the tail "…".
MAX_LINE_BYTES = MAX_VALUE_BYTES - 96
_PROVENANCE = re.compile(r".+#.+!\d+(?: №.*)?\Z")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one sheet, what its colours were taken to mean, and notes about the whole."""

    rows: tuple[RowPlan, ...]
    colours: Mapping[str, str]
    notes: tuple[str, ...]


def plan_rows(lines: Sequence[Line], ground: Ground) -> Rows:
    """Every line as a row. The order of the steps matters: words first, then marks, then what is assumed."""
    made = [read_line(line, ground) for line in lines]
    marks = [marks_of(line) for line in lines]
    learned = learn((mark.colour, making.codes) for mark, making in zip(marks, made, strict=True))
    dress = decoration([mark.colour for mark in marks])
    table = fitting(meanings(ground.legend, learned), ground, dress)
    for making, mark in zip(made, marks, strict=True):
        apply_marks(making, mark, table)
    notes = _settle_states(made, marks, ground, table)
    notes += _settle_points(made, ground)
    secrets = _secrets(made, ground)
    rows = tuple(_finish(making, ground, secret) for making, secret in zip(made, secrets, strict=True))
    used = Counter(mark.colour for mark in marks if mark.colour)
    colours = {
        name: f"{table[name].mark.field}={table[name].mark.code} ({table[name].by})"
        if name in table
        else "not explained"
        for name in used
    }
    if any(mark.strike for mark in marks) and "strike" in table:
        colours["strike"] = f"{table['strike'].mark.field}={table['strike'].mark.code} ({table['strike'].by})"
    unexplained = {name: count for name, count in used.items() if name not in table}
    for name, count in sorted(unexplained.items()):
        notes.append(f"the colour {name} is explained nowhere; {count} rows keep it in import_raw")
    return Rows(rows, colours, tuple(notes))


def _settle_states(
    made: Sequence[Making], marks: Sequence[RowMarks], ground: Ground, table: Mapping[str, Meaning]
) -> list[str]:
    """Write the states; where a sheet marks urgency, a row without a mark is `normal` (rule IM16)."""
    notes: list[str] = []
    if "urgency" in ground.sheet.fields:
        told = {meaning.mark.field for meaning in table.values()}
        has_column = any(column.path == "urgency" for column in ground.columns)
        used = any(making.codes.get("urgency") in ("critical", "urgent") for making in made)
        ours = any(column.why == "ours" for column in ground.columns)  # there a blank is a blank
        if used and not ours and (has_column or "urgency" in told):
            assumed = 0
            for making in made:
                if "urgency" not in making.codes and "urgency" not in making.unread:
                    making.codes["urgency"] = "normal"
                    assumed += 1
            if assumed:
                notes.append(
                    f"{assumed} rows without a mark of urgency were read as normal, as this sheet marks the urgent ones"
                )
    for making in made:
        for name, code in making.codes.items():
            making.put(name, code)
    return notes


def _settle_points(made: Sequence[Making], ground: Ground) -> list[str]:
    """Write positions, and name those that are doubtful by themselves or among the others."""
    if "geo" not in ground.sheet.fields:
        return []
    notes: list[str] = []
    far = far_from_the_rest([making.point for making in made])
    shared = Counter((m.point.lat, m.point.lon) for m in made if m.point is not None)
    for i, making in enumerate(made):
        if making.point is None:
            continue
        words = f"{making.point.lat_text}, {making.point.lon_text}"
        bad = False
        for code, message in making.point.doubts:
            bad = bad or code in ("out-of-range", "null-island")
            making.note("坐标", words, code, message)
        if i in far:
            making.note("坐标", words, "coordinates-far", far[i])
        if bad:
            making.keep("坐标", words)  # no place on earth, or nobody knew it: nothing to put on a map
        else:
            making.public["geo"] = list(making.cell or making.point.cell(making.datum or ground.datum))
    for (lat, lon), count in shared.most_common(5):
        if count >= 20:
            notes.append(f"{count} rows share the position {lat}, {lon}: likely the middle of a town, not the place")
    return notes


# --- the row as a whole ---


def _finish(making: Making, ground: Ground, secret: str) -> RowPlan:
    texts = dict(making.words)
    if "place" in texts and "place_exact" in ground.sheet.fields and "place_exact" not in texts:
        place, exact = split_place(" ".join(texts["place"]))
        texts["place"] = [place]
        if exact:
            texts["place_exact"] = [exact]
    more: list[str] = []
    for name, pieces in texts.items():
        # First and last name, or street and town in columns of their own, make one line; stories stay apart.
        joint = "\n" if name in ("summary", "equipment_note") else " "
        _write_text(making, ground.sheet.fields[name], joint.join(pieces), more)
    public_words = " ".join(str(v) for v in making.public.values() if isinstance(v, str))
    if may_be_advertisement(public_words):
        making.note("", "", "may-be-advertisement", "words of an advertisement; look at this row")
    making.public.setdefault("source", "import")
    if "ext_id" in ground.sheet.fields:
        making.public["ext_id"] = _provenance(making, ground)
    _check(making)
    notes, notes_raw = [], []
    for note in [*more, *making.notes]:
        for piece in _pieces(note):
            masked = mask_text(piece)
            notes.append(masked)
            if masked != piece:
                notes_raw.append(piece)
    if "notes" not in ground.sheet.fields:
        making.raw.extend(making.notes)
        notes, notes_raw = [], []
    return RowPlan(
        line=making.line.number,
        secret=secret,
        public=dict(sorted(making.public.items())),
        private=dict(sorted(making.private.items())),
        notes=tuple(_joined(notes)),
        notes_raw=tuple(_joined(notes_raw)),
        raw=tuple(_joined(piece for line in making.raw for piece in _pieces(line))),
        doubts=tuple(making.doubts),
    )


def _write_text(making: Making, target: Field, text: str, more: list[str]) -> None:
    """A text in its tier; free text is masked for the public, its raw words are private; what is too long goes on in notes."""
    head, *rest = _pieces(text) or [""]
    if not head:
        return
    if target.tier == "private":
        making.private[target.id] = head
        making.raw.extend(rest)
        return
    masked = mask_text(head)
    if len(masked.encode()) > MAX_VALUE_BYTES:
        masked = _pieces(masked)[0]
    making.public[target.id] = masked
    if masked != head:
        if target.free_text:
            making.private[target.id] = head
        else:
            making.doubt(
                target.labels["zh"], head, "number-in-text", "a telephone or identity number; hidden from the public"
            )
    more.extend(rest)


def _check(making: Making) -> None:
    """What the sheet would refuse is kept aside: one wrong cell must not cost the row."""
    for tier in (making.public, making.private):
        for path in list(tier):
            target = making.sheet.fields[path.partition(":")[0]]
            try:
                fields.validate(path, tier[path], target)
            except SchemaError as error:
                value = tier.pop(path)
                words = ", ".join(value) if isinstance(value, list) else str(value)
                making.doubt(target.labels["zh"], words, "not-valid", error.message)


def _provenance(making: Making, ground: Ground) -> str:
    """Where the row comes from: file, sheet, line, and the number it had there."""
    if _PROVENANCE.match(making.serial):
        return making.serial  # our own export comes back: the first origin stays
    place = f"{ground.file}#{ground.leaf}!{making.line.number}"
    return mask_text(f"{place} №{making.serial}" if making.serial else place)[:300]


def _pieces(text: str) -> list[str]:
    """A text in pieces a cell can hold, cut between characters; the whole of it, in order."""
    out: list[str] = []
    while len(text.encode()) > MAX_LINE_BYTES:
        cut = MAX_LINE_BYTES // 4
        low, high = cut, min(len(text), MAX_LINE_BYTES)
        while low < high:  # the longest head that fits
            middle = (low + high + 1) // 2
            if len(text[:middle].encode()) <= MAX_LINE_BYTES:
                low = middle
            else:
                high = middle - 1
        out.append(text[:low])
        text = text[low:]
    return [*out, text] if text else out


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines packed into as few log entries as hold them."""
    out: list[str] = []
    for line in lines:
        if out and len(out[-1].encode()) + len(line.encode()) + 1 <= MAX_LINE_BYTES:
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def _secrets(made: Sequence[Making], ground: Ground) -> list[str]:
    """One row secret per line: HMAC of what the line says and of how often it was said before (rule IM24).

    Colours, strike-through and a running number are left out, so that a later copy of the same sheet finds the same rows.
    """
    counting = {c.column for c in ground.columns if c.path == "ext_id"}
    serials = [int(m.serial) for m in made if m.serial.isdigit()]
    runs = len(serials) >= 3 and sum(b - a == 1 for a, b in zip(serials, serials[1:], strict=False)) >= 0.7 * (
        len(serials) - 1
    )
    leave = counting if runs else set()
    headers = {c.column: c.header for c in ground.columns}
    seen: Counter[bytes] = Counter()
    out = []
    for making in made:
        words = sorted(
            (headers.get(i, ""), cell.text.strip())
            for i, cell in enumerate(making.line.cells)
            if cell is not None and cell.text.strip() and i not in leave
        )
        content = json.dumps([ground.sheet.id, words], ensure_ascii=False, separators=(",", ":")).encode()
        seen[content] += 1
        mac = hmac.new(ground.key.encode(), content + b"\x00%d" % seen[content], hashlib.sha256).digest()
        out.append(encode62(int.from_bytes(mac, "big") % 62**SECRET_CHARS, SECRET_CHARS))
    return out
