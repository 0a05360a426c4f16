/**
 * What happened with a row, in words: calls, notes, telephones, its whole account as plain text.
 * Pure. Imported by the panel and the own screen; not needed by the lists.
 */
import type { ActorId, EditId, Live, RowView } from "../core/api";
import { lastConfirmedMs } from "../schema/status";
import { fieldOf, fieldsOf, placeLine, sheetName, sheetOf, showCell, statusOf } from "./definition";
import { clock, say, t } from "./words";
import { phonesOf } from "./phones";

/** The row's own account beside its place. */
export function accountOf(view: RowView): string {
  const id = ["summary", "body", "equipment_note", "needs"].find((one) => fieldOf(view.sheet, one)?.kind === "text");
  const field = id ? fieldOf(view.sheet, id) : undefined;
  return field ? showCell(view, field) : "";
}

export function lastSeen(view: RowView): number {
  const fields = ["verify_state", "still_needed_at"];
  const human = fields.some((id) => view.cells[id]?.length) || Object.keys(view.cells).some((path) => path.startsWith("contact_log:"));
  return human ? lastConfirmedMs(view.cells) ?? 0 : 0;
}

export function recheckDue(view: RowView, nowMs: number): boolean {
  return statusOf(view, nowMs).alerts.has("recheck_due");
}

export interface Call { readonly edit: EditId; readonly actor: ActorId; readonly atMs: number; readonly channel: string; readonly outcome: string; readonly note: string; readonly nextMs: number }

export function callsOf(view: RowView): Call[] {
  const calls: Call[] = [];
  for (const [edit, value, actor, atMs] of logOf(view, "contact_log")) {
    if (!Array.isArray(value)) continue;
    const [channel = "", outcome = "", note = "", next = ""] = value as readonly string[];
    calls.push({ edit, actor, atMs, channel, outcome, note, nextMs: next ? Date.parse(next) || 0 : 0 });
  }
  return calls;
}

export interface Note { readonly edit: EditId; readonly actor: ActorId; readonly atMs: number; readonly text: string }

export function notesOf(view: RowView, field: string): Note[] {
  return logOf(view, field).filter(([, value]) => typeof value === "string" && value !== "").map(([edit, value, actor, atMs]) => ({ edit, actor, atMs, text: String(value) }));
}

/** The entries of a log, newest first; raw words go before masked ones of the same entry. */
function logOf(view: RowView, field: string): Live[number][] {
  const entries: Live[number][] = [];
  for (const path in view.cells) {
    if (path.startsWith(`${field}:`)) entries.push(...(view.private[path] ?? view.cells[path]!));
  }
  return entries.sort((a, b) => b[3] - a[3]);
}

/** Telephone numbers of a row that may be dialled now: public ones, and private ones this device has been shown. */
export function phonesKnown(view: RowView): { phone: string; label: string }[] {
  const phones: { phone: string; label: string }[] = [];
  for (const field of fieldsOf(view.sheet)) {
    if (field.kind !== "phone") continue;
    for (const [, value] of (field.tier === "private" ? view.private : view.cells)[field.id] ?? []) {
      for (const phone of phonesOf(String(value ?? ""))) if (!phones.some((one) => one.phone === phone)) phones.push({ phone, label: say(field.label) });
    }
  }
  return phones;
}

/** A row as one block of plain text, for WeChat, SMS and paper; never with private words, even where this device knows them. */
export function textBlock(view: RowView, nowMs: number): string {
  const open: RowView = { ...view, private: {} };
  const lines = [`【${sheetName(view.sheet)}${view.no === null ? "" : ` ${view.no}`}】${say(statusOf(view, nowMs).label)}`];
  const place = placeLine(open);
  if (place) lines.push(place);
  for (const field of fieldsOf(view.sheet)) {
    if (field.derived || field.group === "source" || sheetOf(view.sheet).place.includes(field.id) || field.id === sheetOf(view.sheet).axis) continue;
    const said = field.tier === "private" ? (view.masked[field.id] ?? []).join("，") : showCell(open, field);
    if (said) lines.push(`${say(field.label)}：${said}`);
  }
  lines.push(`${t("firstAt")}：${clock(view.createdMs, nowMs)}`);
  return lines.join("\n");
}

