/**
 * The judge: one verdict per edit, all or nothing. Twin of `moderation/judge.py`, held by `schema/vectors/judge.json`: the app greys out what the
 * server would not take at once, and says why. The server's verdict is the one that counts.
 * Pure. Imported by the screens' rights.
 */
import type { Cells, EditId, Live, Path, Seen, Value, Writes } from "../core/api";
import { fieldOf, type Field, type Sheet } from "./sheets";

/** Signs no eye sees, white space aside. Twin of `schema/values.py`. */
const UNSEEN = /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe0f\ufeff\uffa0]/g;

export interface Who {
  readonly actor: string;
  readonly role: string;
  readonly team: string;
  readonly holds: boolean;
}

/** What the judge knows of the row; `wrote` says whose an edit is, live or dead. */
export interface Case {
  readonly sheet: Sheet;
  readonly row: string;
  readonly exists: boolean;
  readonly author: string;
  readonly step: string;
  readonly cells: Cells;
  readonly publicCells: Cells;
  readonly wrote: { readonly [edit: string]: string };
}

export interface Judged {
  readonly edit: EditId;
  readonly writes: Writes;
  readonly seen: Seen;
}

export type Verdict = readonly [code: "accepted" | "suggested", reason: string, path: Path];

/** Says whether a value is one a field of its kind can hold; the caller has it from fields.ts. */
export type Validate = (path: Path, value: Value, field: Field) => boolean;

const COLUMNS = ["visitor", "holder", "volunteer", "verifier", "team", "matcher", "steward"];
const REASONS: { readonly [token: string]: string } = {
  open: "protection", careful: "protection", claimed: "needs-claim", own_team: "not-your-team",
};
const MAX_LIVE_PER_PATH = 8;
const MAX_LIVE_PER_ROW = 500;
const MAX_KEYS_PER_VISITOR = 20;
const OK: Verdict = ["accepted", "ok", ""];

const WORKING = ["active", "en_route", "on_scene"];
const AGAIN = ["offered", "active", "en_route", "on_scene", "done"];
const LEAST_FIRST = ["", "released", "transferred", "done", "offered", "active", "en_route", "on_scene"];
/** State now → states a claim may be asked into. */
export const MOVES: { readonly [state: string]: readonly string[] } = {
  "": AGAIN,
  offered: ["active", "en_route", "on_scene", "done", "released"],
  active: ["active", "en_route", "on_scene", "done", "released", "transferred"],
  en_route: ["active", "en_route", "on_scene", "done", "released", "transferred"],
  on_scene: ["on_scene", "en_route", "done", "released", "transferred"],
  done: ["active", "on_scene"],
  released: AGAIN,
  transferred: AGAIN,
};

export function judge(edit: Judged, tier: "public" | "private", at: Case, who: Who, valid: Validate): Verdict {
  for (const path of Object.keys(edit.writes).sort()) {
    const verdict = judgePath(edit, tier, path, at, who, valid);
    if (verdict[0] !== "accepted") return verdict;
  }
  return caps(edit, at, who);
}

/** What writing a value does: the row of the rights table that applies. */
export function actOf(path: Path, value: Value, replaced: readonly EditId[], at: Case, who: Who, kind: string): string {
  if (!at.exists) return "add";
  if (kind === "log") return "append";
  const live = at.cells[path] || [];
  if (!live.length && !replaced.length) return "set";
  const foreign = replaced.some((edit) => at.wrote[edit] !== who.actor);
  if (!foreign && live.every(([, , actor]) => actor === who.actor)) return "own";
  if (value === null || (typeof value === "string" && !value.replace(UNSEEN, "").trim())) return "blank";
  const verified = (at.publicCells["verify_state"] || []).some(([, state]) => state === "verified");
  return verified ? "change_verified" : "change";
}

/** What an act on a field comes to for somebody: `y` at once, else the best token there is. */
export function allowance(field: Field, act: string, path: Path, value: Value, at: Case, who: Who): string {
  const byValue = typeof value === "string" ? at.sheet.values[field.rights]?.[value] : undefined;
  const tokens = byValue ?? at.sheet.rights[field.rights]![act === "own" ? "set" : act]!;
  let best = "-";
  for (const column of who.holds ? [roleColumn(who), "holder"] : [roleColumn(who)]) {
    const token = tokens[COLUMNS.indexOf(column)]!;
    if (allows(token, path, at, who)) return "y";
    if (best === "-") best = token;
  }
  return best;
}

/** Whether the private tier may be shown to somebody. */
export function maySee(at: Case, who: Who): boolean {
  return Object.keys(at.sheet.rights).some((name) => {
    const tokens = at.sheet.rights[name]!["see"];
    const columns = who.holds ? [roleColumn(who), "holder"] : [roleColumn(who)];
    return !!tokens && columns.some((column) => allows(tokens[COLUMNS.indexOf(column)]!, "", at, who));
  });
}

function judgePath(edit: Judged, tier: string, path: Path, at: Case, who: Who, valid: Validate): Verdict {
  const value = edit.writes[path]!;
  const field = fieldOf(at.sheet, path);
  const suggested = (reason: string): Verdict => ["suggested", reason, path];
  if (!field || field.derived) return suggested("unknown-field");
  const raw = tier === "private" && areWords(path, value, field.kind);
  if (field.tier !== tier && !raw) return suggested("wrong-tier");
  if (!valid(path, value, field)) return suggested("invalid-value");
  if (field.kind === "log" && path.slice(path.indexOf(":") + 1) !== edit.edit) return suggested("append-only");
  let act = actOf(path, value, edit.seen[path] || [], at, who, field.kind);
  let asked = value;
  if (field.kind === "claim") {
    asked = Array.isArray(value) ? String(value[0] ?? "") : "";
    if ((MOVES[stateOf(at.cells[path])] || []).indexOf(asked) < 0) return suggested("claim-state");
    if (act !== "add") act = "set";
  }
  const token = allowance(field, act, path, asked, at, who);
  return token === "y" ? OK : suggested(reasonOf(token, act));
}

/** Public words, whose raw form with its numbers unmasked may lie in the private tier: texts, logs, a free other. */
function areWords(path: Path, value: Value, kind: string): boolean {
  if (kind === "enum") return typeof value === "string" && value.indexOf("other:") === 0;
  return kind === "text" || kind === "log" || (kind === "multi" && path.slice(path.indexOf(":")) === ":other");
}

export function reasonOf(token: string, act: string): string {
  if (REASONS[token]) return REASONS[token]!;
  if (act === "blank") return "blank-other";
  return act === "change_verified" ? "verified-row" : "needs-role";
}

export function stateOf(live: Live | undefined): string {
  // Of accounts that differ the one that helps least counts; a blank one says that there is no claim.
  const states = (live || []).map(([, value]) => (Array.isArray(value) ? String(value[0] ?? "") : ""));
  return states.reduce((least, state) => (LEAST_FIRST.indexOf(state) < LEAST_FIRST.indexOf(least) ? state : least), states[0] ?? "");
}

function roleColumn(who: Who): string {
  return who.role === "owner" ? "steward" : who.role;
}

function allows(token: string, path: Path, at: Case, who: Who): boolean {
  const team = who.team.slice(who.team.indexOf("/") + 1);
  switch (token) {
    case "y": return true;
    case "open": return at.step === "open";
    case "careful": return at.step !== "verified";
    case "claimed": return team !== "" && WORKING.indexOf(stateOf(at.publicCells[`claim:${team}`])) >= 0;
    case "own_team": return team !== "" && path.slice(path.indexOf(":") + 1) === team && path.indexOf(":") > 0;
    case "own_row": return who.team === `${at.sheet.id}/${at.row}`;
    case "own": return at.author === who.actor;
    default: return false;
  }
}

function caps(edit: Judged, at: Case, who: Who): Verdict {
  const live = Object.keys(at.cells).map((path) => at.cells[path]!);
  let total = live.reduce((sum, values) => sum + values.length, 0);
  let added = 0;
  for (const path of Object.keys(edit.writes).sort()) {
    const before = at.cells[path] || [];
    const left = before.filter(([id]) => (edit.seen[path] || []).indexOf(id) < 0).length;
    if (left >= MAX_LIVE_PER_PATH) return ["suggested", "cap-live-values", path];
    added += 1 + left - before.length;
  }
  if (added > 0 && total + added > MAX_LIVE_PER_ROW) return ["suggested", "cap-row-keys", ""];
  if (at.exists && who.role === "visitor" && at.author !== who.actor && !who.holds) {
    total = live.reduce((sum, values) => sum + values.filter(([, , actor]) => actor === who.actor).length, 0);
    if (total + Object.keys(edit.writes).length > MAX_KEYS_PER_VISITOR) return ["suggested", "cap-visitor-keys", ""];
  }
  return OK;
}
