/**
 * Rows that may be the same request as the one being typed: same telephone (in its masked form), or the same place.
 * Pure; looks only at rows on this device, so it works offline. It suggests and joins nothing.
 */
import type { App, RowId, SheetId } from "../core/api";
import { shown } from "../core/row";
import { fieldOf } from "./definition";
import { maskedForm, phonesOf } from "./phones";

export interface Same { readonly row: RowId; readonly why: "phone" | "place"; readonly score: number }

const MOST = 3;
/** Two-character pieces of the shorter place found in the longer; below this, streets in one district look alike. */
const ALIKE = 0.75;
const SHORTEST_PLACE = 4;

export function sameRows(app: Pick<App, "rows" | "peek">, sheet: SheetId, typed: { phone: string; phonePath: string; place: string }): Same[] {
  const masks = new Set(phonesOf(typed.phone).filter((phone) => phone.length >= 7).map((phone) => maskedForm(sheet, typed.phonePath, phone)));
  const place = pairs(typed.place);
  const far = place.size < SHORTEST_PLACE - 1;
  if (!masks.size && far) return [];
  const hits: Same[] = [];
  for (const row of app.rows(sheet).peek()) {
    const view = app.peek(sheet, row);
    if (!view) continue;
    let score = 0;
    let why: Same["why"] = "place";
    for (const path in view.masked) {
      if (fieldOf(sheet, path)?.kind === "phone" && view.masked[path]!.some((form) => form.split(/[,，]\s*/).some((one) => masks.has(one)))) { score = 2; why = "phone"; }
    }
    const there = shown(view.cells["place"]);
    if (!far && typeof there === "string") {
      const alike = overlap(place, pairs(there));
      if (alike >= ALIKE) score += alike;
    }
    if (score > 0) hits.push({ row, why, score });
  }
  return hits.sort((a, b) => b.score - a.score).slice(0, MOST);
}

function pairs(text: string): Set<string> {
  const plain = text.normalize("NFKC").toLowerCase().replace(/[\s,，.。、()（）#\-]/g, "").replace(/^(河南省?)?(郑州市?)?/, "");
  const out = new Set<string>();
  for (let i = 0; i + 1 < plain.length; i++) out.add(plain.slice(i, i + 2));
  return out;
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const less = a.size < b.size ? a : b, more = less === a ? b : a;
  if (less.size < SHORTEST_PLACE - 1) return 0;
  let both = 0;
  for (const pair of less) if (more.has(pair)) both++;
  return both / less.size;
}
