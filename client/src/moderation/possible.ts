/**
 * Duplicates and pasting for the screens: asked of the server while it answers, else of the rows on this device.
 * I/O: fetch. A lazy chunk: `await import("../moderation/possible")`. Rules DU4, DU24 of docs/spec/duplicates.md.
 */
import type { App, Cells, RowId, RowView, SheetId, Value, Writes } from "../core/api";
import { SHEETS } from "../schema/definitions";
import { ask } from "../ui/steward";
import { Index } from "./index";
import { numbersIn, printOf, publicOf, type Values } from "./normal";
import { bandOf, LIKELY, type Band, type Kind } from "./score";

/** The part of the app that this needs. */
export type Source = Pick<App, "workbook" | "bearer" | "rows" | "peek" | "link">;

export interface Possible {
  readonly sheet: SheetId;
  readonly row: RowId;
  readonly no: number | null;
  readonly kind: Kind;
  readonly band: Band;
  readonly score: number;
  /** phone, masked_phone, near_phone, name, place, unit, text, words, near, far, and not_phone, not_name, not_place, not_unit. */
  readonly why: readonly string[];
  /** `sheet/row` of the row it is linked to, "" where it stands for itself. */
  readonly primary: string;
}

export interface Answer {
  /** Who answered. `device`: of the rows and masked numbers that are here. */
  readonly by: "server" | "device";
  /** False while the server still builds its index: ask again later. */
  readonly ready: boolean;
  readonly candidates: readonly Possible[];
}

export interface RowRef { readonly sheet: SheetId; readonly row: RowId; readonly no: number; readonly over: boolean }
export interface Pair { readonly one: RowRef; readonly other: RowRef; readonly kind: Kind; readonly band: Band; readonly score: number; readonly why: readonly string[] }
export interface Queue { readonly total: number; readonly complete: boolean; readonly pairs: readonly Pair[]; readonly rings: readonly (readonly RowRef[])[] }
export interface Linked {
  readonly primary: string;
  readonly rows: readonly RowRef[];
  readonly ring: readonly string[];
  readonly contacts: readonly { readonly sheet: SheetId; readonly row: RowId; readonly path: string; readonly masked: string }[];
  readonly status: string;
  readonly over: boolean;
  readonly teams: readonly string[];
  readonly alerts: readonly string[];
}
export interface Draft { readonly sheet: SheetId; readonly writes: Writes; readonly doubts: readonly { readonly path: string; readonly code: string; readonly words: string }[] }
export interface Pasted { readonly kind: "posts" | "cells" | "words"; readonly drafts: readonly Draft[]; readonly remarks: readonly string[] }

/** Rows that may be the same case as what is being typed; `row` where it is there already. */
export async function possibleDuplicates(app: Source, sheet: SheetId, writes: Writes, row: RowId = ""): Promise<Answer> {
  if (app.link.peek() !== "offline") {
    try {
      const told = await ask<{ ready: boolean; candidates: Possible[] }>(app as App, "duplicates", { sheet, writes, row });
      return { by: "server", ready: told.ready, candidates: told.candidates };
    } catch {
      // No answer, too many, not logged in: what is on the device is still worth telling.
    }
  }
  return { by: "device", ready: true, candidates: await onDevice(app, sheet, writes, row) };
}

/** A pasted text or block of cells as drafts. Without the server the words and numbers come as one draft: nothing is lost. */
export async function paste(app: Source, text: string): Promise<Pasted> {
  try {
    return await ask<Pasted>(app as App, "paste", { text });
  } catch (error) {
    if ((error as { code?: string }).code !== "offline") throw error;
    const numbers = numbersIn(text);
    const writes: { [path: string]: Value } = { summary: text };
    if (numbers[0]) writes["contact_phone"] = numbers[0];
    if (numbers.length > 1) writes["contact_phone2"] = numbers.slice(1, 6).join(", ");
    return { kind: "words", drafts: [{ sheet: "help", writes, doubts: [] }], remarks: [] };
  }
}

/** Pairs that may be one case, the urgent and the likely first; for verifiers, matchers, stewards. */
export function duplicateQueue(app: Source, asked: { kinds?: readonly Kind[]; limit?: number; offset?: number } = {}): Promise<Queue> {
  const said = [`limit=${asked.limit || 50}`, `offset=${asked.offset || 0}`];
  if (asked.kinds) said.push(`kind=${asked.kinds.join(",")}`);
  return ask<Queue>(app as App, `duplicates?${said.join("&")}`);
}

/** Two rows (`sheet/row`) are no one case, or, `apart` false, they may be; for verifiers and stewards. Linking is `app.markDuplicate`. */
export async function keepApart(app: Source, one: string, other: string, reason = "", apart = true): Promise<void> {
  await ask<object>(app as App, "duplicates/apart", { one, other, apart, reason });
}

/** The rows linked with one, and what is theirs together. */
export function linkedWith(app: Source, sheet: SheetId, row: RowId): Promise<Linked> {
  return ask<Linked>(app as App, `duplicates/${sheet}/${row}`);
}

/* ------------------------------------------------------------------ on the device */

interface Local { readonly index: Index; readonly seen: Map<RowId, RowView> }

const locals = new WeakMap<object, { [sheet: string]: Local }>();
const SLICE_MS = 12; // of work between two breaths of the screen

async function onDevice(app: Source, sheet: SheetId, writes: Writes, row: RowId): Promise<Possible[]> {
  const local = await kept(app, sheet);
  const values: { [path: string]: readonly Value[] } = {};
  for (const path of Object.keys(writes)) values[path] = [writes[path]!];
  const asked = publicOf(printOf(SHEETS[sheet]!, values, row));
  return local.index
    .candidates(asked)
    .filter((one) => one.finding.score >= LIKELY)
    .map((one) => ({
      sheet,
      row: one.row,
      no: app.peek(sheet, one.row)?.no ?? null,
      kind: one.finding.kind,
      band: bandOf(one.finding),
      score: one.finding.score,
      why: one.finding.why,
      primary: "",
    }));
}

/** The rows of this device, indexed; what changed since the last asking is taken in, a slice at a time. */
async function kept(app: Source, sheet: SheetId): Promise<Local> {
  let sheets = locals.get(app);
  if (!sheets) locals.set(app, (sheets = {}));
  const local = (sheets[sheet] ||= { index: new Index(), seen: new Map() });
  const ids = app.rows(sheet).peek();
  const there = new Set(ids);
  local.seen.forEach((_, row) => {
    if (!there.has(row)) {
      local.index.remove(sheet, row);
      local.seen.delete(row);
    }
  });
  let until = Date.now() + SLICE_MS;
  for (let at = ids.length - 1; at >= 0; at--) {
    const view = app.peek(sheet, ids[at]!);
    if (!view || local.seen.get(view.row) === view) continue;
    local.seen.set(view.row, view);
    local.index.add(publicOf(printOf(SHEETS[sheet]!, valuesOf(view), view.row)));
    if (Date.now() > until) {
      await new Promise((go) => setTimeout(go, 0));
      until = Date.now() + SLICE_MS;
    }
  }
  return local;
}

function valuesOf(view: RowView): Values {
  const values: { [path: string]: Value[] } = {};
  const take = (cells: Cells) => {
    for (const path of Object.keys(cells)) values[path] = (values[path] || []).concat(cells[path]!.map((live) => live[1]));
  };
  take(view.cells);
  for (const path of Object.keys(view.masked)) values[path] = view.masked[path]!.slice();
  return values;
}
