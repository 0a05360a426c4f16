/**
 * The columns of the grid: which, how wide, what a cell of them says, and which are edited in place.
 * Pure. Imported by the grid.
 */
import type { App, RowView, SheetId } from "../core/api";
import { claimLine, sheetOf, showCell, statusOf, type Field } from "./definition";
import { clock, say, type Label } from "./words";

export interface Column {
  readonly id: string;
  readonly label: Label;
  readonly width: number;
  readonly field?: Field;
  readonly numeric?: boolean;
  /** Shown as a mark with a shape. */
  readonly mark?: boolean;
  /** Edited in a taller box. */
  readonly wide?: boolean;
}

const WIDTHS: Record<string, number> = {
  place: 240, summary: 260, body: 320, name: 200, title: 220, item: 180, needs: 160, capabilities: 200, facilities: 200, hospital: 180, hours: 150,
  base: 160, contact_phone: 140, duty_phone: 140, public_phone: 140, claim: 200, people_total: 80, unit: 70, qty: 80, direction: 90,
};
/** By the sheet's `fields`: a sheet whose definition has come whole since has new ones. */
const columnSets = new WeakMap<object, readonly Column[]>();

export function columnsOf(sheet: SheetId): readonly Column[] {
  let columns = columnSets.get(sheetOf(sheet).fields);
  if (columns) return columns;
  const definition = sheetOf(sheet);
  const list: Column[] = [
    { id: "no", label: { zh: "编号", en: "No." }, width: 124 },
    { id: "status", label: { zh: "状态", en: "State" }, width: 148 },
  ];
  for (const id of definition.columns) {
    const field = definition.fields[id];
    if (!field || (id === definition.axis && id !== "outcome") || id === "outcome") continue;
    const mark = id === "urgency" || id === "severity" || id === "priority";
    list.push({
      id, label: field.label, field, mark, width: WIDTHS[id] ?? (mark ? 104 : field.kind === "int" ? 84 : field.kind === "time" ? 120 : field.kind === "text" ? 180 : 120),
      numeric: field.kind === "int", wide: id === "summary" || id === "body",
    });
  }
  list.push({ id: "created", label: { zh: "登记", en: "Added" }, width: 104 });
  columns = list;
  columnSets.set(definition.fields, columns);
  return columns;
}

/** What a grid cell says; also what is copied from it. */
export function cellText(app: App, view: RowView, column: Column, nowMs: number): string {
  switch (column.id) {
    case "no": return view.no === null ? view.row.slice(0, 4) : String(view.no);
    case "status": return say(statusOf(view, nowMs).label);
    case "created": return clock(view.createdMs, nowMs);
    case "claim": return claimLine(app, view, nowMs);
    default: {
      if (!column.field) return "";
      const said = showCell(view, column.field);
      return said || (column.field.tier === "private" ? (view.masked[column.id] ?? []).join("，") : "");
    }
  }
}

/** Fields that are edited in place, by typing; the others have their editor in the panel. */
export function isInline(field: Field): boolean {
  if (field.derived || field.tier === "private") return false;
  return field.kind === "text" || field.kind === "int" || field.kind === "enum" || field.kind === "bool" || field.kind === "url" || field.kind === "phone";
}
