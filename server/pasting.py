"""What somebody pastes becomes drafts of rows: cells of a sheet as an import reads them, anything else as posts.

I/O: cells are read behind the import's fence, in a child. Imported by `server.web`. Rules PO1, PO6, PO8 of docs/spec/posts.md. Nothing is
written: a person looks at the drafts, and saves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from moderation.posts import MAX_POSTS, Doubt, Draft, place_writes, read_posts
from schema.errors import ProtocolError
from schema.values import Value
from server.imports.errors import ImportFailed
from server.imports.fence import plan_file
from server.imports.plan import ImportPlan, RowPlan

MIN_TABLE_LINES = 2  # a header and a row, or two rows
TABBED_SHARE = 0.6  # of the lines; a cell with a line break leaves a line without


@dataclass(frozen=True, slots=True)
class Pasted:
    """`kind`: posts or cells. `remarks`: lines of a block that are no row, as they stand."""

    kind: str
    drafts: tuple[Draft, ...]
    remarks: tuple[str, ...] = ()


async def paste(text: str, *, key: str, near: Iterable[str] = ()) -> Pasted:
    """Drafts out of a pasted text. `key` and `near` are the workbook's. Raises ProtocolError where there are no words."""
    if not text.strip():
        raise ProtocolError("paste-empty", "there are no words in what was pasted", "copy the text or the cells again")
    near = tuple(near)
    if looks_like_cells(text):
        try:
            plan = await asyncio.to_thread(plan_file, text.encode(), "paste.tsv", key=key)
        except ImportFailed:
            plan = None
        if plan is not None and plan.rows:
            return _from_plan(plan, near)
    drafts = await asyncio.to_thread(read_posts, text, near=near)
    return Pasted("posts", drafts)


def looks_like_cells(text: str) -> bool:
    """Whether a text is lines of cells, as spreadsheets put them on the clipboard."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) >= MIN_TABLE_LINES and sum("\t" in line for line in lines) >= TABBED_SHARE * len(lines)


def _from_plan(plan: ImportPlan, near: tuple[str, ...]) -> Pasted:
    drafts = [_draft(sheet.sheet, row, near) for sheet in plan.sheets if sheet.sheet for row in sheet.rows]
    remarks = tuple(remark.text for sheet in plan.sheets for remark in sheet.remarks if remark.kind != "empty")
    return Pasted("cells", tuple(drafts[:MAX_POSTS]), remarks + _cut(drafts))


def _cut(drafts: list[Draft]) -> tuple[str, ...]:
    left = len(drafts) - MAX_POSTS
    return (f"{left} rows more: import them as a file",) if left > 0 else ()


def _draft(sheet: str, row: RowPlan, near: tuple[str, ...]) -> Draft:
    writes: dict[str, Value] = {**row.public, **row.private}
    doubts = [Doubt("", doubt.code, doubt.text) for doubt in row.doubts]
    # Cells that were not understood: the form has no field for them, the person who saves sees them.
    doubts += [Doubt("", "unread", words) for words in row.raw]
    if row.notes:
        words = "；".join((*row.notes_raw, *row.notes[len(row.notes_raw) :]))
        summary = writes.get("summary")
        writes["summary"] = f"{summary}；{words}" if summary else words
    return replace(_with_district(Draft(sheet, writes), near), doubts=tuple(doubts))


def _with_district(draft: Draft, near: tuple[str, ...]) -> Draft:
    """The division that the place names, where the block has no column for it."""
    place = draft.writes.get("place")
    if not isinstance(place, str) or draft.writes.get("district"):
        return draft
    found = place_writes(place, near=near)
    kept = {path: value for path, value in found.items() if path != "place_exact" or "place_exact" not in draft.writes}
    return replace(draft, writes={**draft.writes, **kept}) if "district" in found else draft
