"""An import in words for a terminal, and as JSON for the app.

Pure. Imported by `server.cli` and `server.web`. It may hold what people typed: it is shown to who imports, and logged nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from server.imports.apply import ImportReport
from server.imports.plan import ImportPlan, SheetPlan, map_of

MAX_SHOWN = 5_000  # lines of one kind for one sheet of the file: beyond it nobody reads, and --full has them all


def report_lines(plan: ImportPlan, report: ImportReport | None = None, *, full: bool = False) -> Iterator[str]:
    """What was, or would be, imported: sheet by sheet, columns, remarks, doubts."""
    yield f"{plan.file}" + (f" ({plan.encoding})" if plan.encoding else "")
    yield from plan.notes
    for sheet in plan.sheets:
        yield ""
        yield from _sheet_lines(sheet, full=full)
    yield ""
    if report is None:
        yield f"dry run: {plan.rows} rows would be imported; nothing was written"
        return
    yield f"{report.added} rows added, {report.known} there already, {report.filled} completed"
    shown = report.refusals if full else report.refusals[:MAX_SHOWN]
    for refusal in shown:
        yield f"  {refusal.name} line {refusal.line}: {refusal.verdict} ({refusal.reason})"
    if len(shown) < len(report.refusals):
        yield f"  and {len(report.refusals) - len(shown)} more"


def _sheet_lines(sheet: SheetPlan, *, full: bool) -> Iterator[str]:
    target = f"→ {sheet.sheet} (by {sheet.why})" if sheet.sheet else f"not imported: {sheet.why}"
    where = f", header in line {sheet.header_line}" if sheet.header_line else ", no header"
    yield f"[{sheet.name}] {target}{where}: {len(sheet.rows)} rows, {len(sheet.remarks)} other lines"
    for column in sheet.columns:
        if sheet.sheet:
            yield f"  {column.header} → {column.path or 'kept word for word'} ({column.why})  {column.sample!r}"
    for name, meaning in sorted((sheet.colours or {}).items()):
        yield f"  colour {name}: {meaning}"
    for note in sheet.notes:
        yield f"  note: {note}"
    limit = None if full else MAX_SHOWN
    for remark in sheet.remarks[:limit]:
        yield f"  line {remark.line} is no row ({remark.kind}): {_short(remark.text)}"
    if limit is not None and len(sheet.remarks) > limit:
        yield f"  and {len(sheet.remarks) - limit} more"
    doubts = [doubt for row in sheet.rows for doubt in row.doubts]
    if doubts:
        counts = Counter(doubt.code for doubt in doubts)
        yield "  to look at: " + ", ".join(f"{code} {count}" for code, count in counts.most_common())
    for doubt in doubts[:limit]:
        yield f"  line {doubt.line}, {doubt.header}: {_short(doubt.text)} ({doubt.code}: {doubt.message})"
    if limit is not None and len(doubts) > limit:
        yield f"  and {len(doubts) - limit} more"


def plan_json(plan: ImportPlan, report: ImportReport | None = None) -> dict[str, object]:
    """The same as JSON: what the app shows and lets a steward change."""
    out: dict[str, object] = {
        "file": plan.file,
        "encoding": plan.encoding,
        "rows": plan.rows,
        "map": map_of(plan),
        "sheets": [_sheet_json(sheet) for sheet in plan.sheets],
        "notes": list(plan.notes),
    }
    if report is not None:
        out["added"], out["known"], out["filled"] = report.added, report.known, report.filled
        out["refusals"] = [
            {"sheet": one.name, "line": one.line, "verdict": one.verdict, "reason": one.reason}
            for one in report.refusals
        ]
    return out


def _sheet_json(sheet: SheetPlan) -> dict[str, object]:
    return {
        "name": sheet.name,
        "sheet": sheet.sheet,
        "why": sheet.why,
        "header_line": sheet.header_line,
        "hidden": sheet.hidden,
        "rows": len(sheet.rows),
        "columns": [{"header": c.header, "path": c.path, "sample": c.sample, "why": c.why} for c in sheet.columns],
        "colours": dict(sheet.colours or {}),
        "remarks": [{"line": r.line, "text": r.text, "kind": r.kind} for r in sheet.remarks],
        "doubts": [
            {"line": d.line, "header": d.header, "text": d.text, "code": d.code, "message": d.message}
            for row in sheet.rows
            for d in row.doubts
        ],
        "notes": list(sheet.notes),
    }


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"
