/**
 * Which rows a list shows and in which order: the most urgent first, among them who has waited longest.
 * Pure. Imported by list.ts.
 */
import type { ActorId, RowId, RowView, SheetId } from "../core/api";
import { shown } from "../core/row";
import { fieldOf, fieldsOf, holds, showCell, statusOf } from "./definition";
import type { Filters, Sort } from "./view";

/** What a list needs to know of a row; made once per version of the row. */
export interface Digest {
  readonly row: RowId;
  readonly status: string;
  readonly over: boolean;
  readonly urgency: string;
  readonly rank: number;
  readonly createdMs: number;
  readonly no: number;
  readonly district: string;
  readonly verified: string;
  readonly conflict: boolean;
  readonly unsent: boolean;
  readonly view: RowView;
}

/** Added to the rank of a row that is over: after everything that waits. */
const ENDED = 10;

export const URGENCIES = ["critical", "urgent", "normal", "unknown"] as const;
export type Urgency = (typeof URGENCIES)[number];

const digests = new WeakMap<RowView, Digest>();
const haystacks = new WeakMap<RowView, string>();
/** A derived status also depends on the clock (claims expire): a digest is made anew after this long. */
const DIGEST_FRESH_MS = 60_000;
const madeAt = new WeakMap<RowView, number>();

/** The four steps of urgency, also for sheets that call it severity or priority. */
export function asUrgency(code: unknown): Urgency {
  switch (code) {
    case "critical": case "extreme": return "critical";
    case "urgent": case "severe": return "urgent";
    case "normal": case "moderate": case "minor": case "needing": return "normal";
    default: return "unknown";
  }
}

/** Where people differ, the most dangerous word counts. */
export function worstUrgency(view: RowView, nowMs: number): Urgency {
  return asUrgency(statusOf(view, nowMs).urgency);
}

export function digestOf(view: RowView, nowMs: number): Digest {
  const kept = digests.get(view);
  if (kept && nowMs - (madeAt.get(view) ?? 0) < DIGEST_FRESH_MS) return kept;
  const status = statusOf(view, nowMs);
  const urgency = asUrgency(status.urgency);
  const digest: Digest = {
    row: view.row,
    status: status.code,
    over: status.over,
    urgency,
    rank: (status.over ? ENDED : 0) + status.rank,
    createdMs: view.createdMs,
    no: view.no ?? Infinity,
    district: text(view, "district"),
    verified: text(view, "verify_state"),
    conflict: view.conflicts.length > 0,
    unsent: view.unsent > 0,
    view,
  };
  digests.set(view, digest);
  madeAt.set(view, nowMs);
  return digest;
}

/** `also` lets rows that are over through: those asked for by a search, and those that ended before the reader's eyes. */
export function matches(digest: Digest, filters: Filters, mine: { actor: ActorId; team: string }, also = false): boolean {
  if (digest.over && !filters.over && !also && !filters.status.includes(digest.status)) return false;
  if (filters.status.length && !filters.status.includes(digest.status)) return false;
  if (filters.urgency.length && !filters.urgency.includes(digest.urgency)) return false;
  if (filters.district && digest.district !== filters.district) return false;
  if (filters.conflict && !digest.conflict) return false;
  if (filters.unsent && !digest.unsent) return false;
  if (filters.unverified && digest.verified && digest.verified !== "unverified" && digest.verified !== "recheck") return false;
  if (filters.mine && !isMine(digest.view, mine)) return false;
  return true;
}

/** Mine: I entered it, hold it, wrote in it, or my team has claimed it. */
export function isMine(view: RowView, mine: { actor: ActorId; team: string }): boolean {
  if (view.held || view.author === mine.actor) return true;
  const team = mine.team.slice(mine.team.indexOf("/") + 1);
  if (team && holds(view, team)) return true;
  for (const path in view.cells) {
    for (const [, , actor] of view.cells[path]!) if (actor === mine.actor) return true;
  }
  return false;
}

/** All words of a search must be found somewhere in what the row shows; a number alone finds the row of that number first. */
export function found(view: RowView, query: string): boolean {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  if (view.no !== null && words.length === 1 && words[0]!.replace(/^[#№]/, "") === String(view.no)) return true;
  let text = haystacks.get(view);
  if (text === undefined) haystacks.set(view, (text = haystack(view)));
  return words.every((one) => text!.includes(one));
}

function haystack(view: RowView): string {
  const parts: string[] = [view.no === null ? "" : String(view.no)];
  for (const field of fieldsOf(view.sheet)) {
    if (field.kind === "log" && field.id !== "notes") continue;
    const said = showCell(view, field);
    if (said) parts.push(said);
  }
  for (const path in view.masked) parts.push(...view.masked[path]!);
  return parts.join(" ").toLowerCase();
}

/** `standing`: rows that ended before the reader's eyes keep their place. */
export function inOrder(digests: readonly Digest[], sort: Sort | null, sheet: SheetId, standing?: ReadonlySet<RowId>): Digest[] {
  const sorted = [...digests];
  if (!sort) {
    const rank = (digest: Digest) => (digest.over && standing?.has(digest.row) ? digest.rank - ENDED : digest.rank);
    return sorted.sort((a, b) => rank(a) - rank(b) || a.createdMs - b.createdMs || (a.row < b.row ? -1 : 1));
  }
  const keyed = sorted.map((digest) => ({ digest, key: sortKey(digest, sort.field, sheet) }));
  const sign = sort.down ? -1 : 1;
  keyed.sort((a, b) => {
    // Empty cells stand last in both directions: they are what nobody is looking for.
    if (a.key === "" || b.key === "") return a.key === b.key ? 0 : a.key === "" ? 1 : -1;
    const by = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : compare(String(a.key), String(b.key));
    return by * sign || a.digest.createdMs - b.digest.createdMs;
  });
  return keyed.map(({ digest }) => digest);
}

// One collator for all comparisons: making one per comparison costs seconds over ten thousand rows.
const collator = typeof Intl === "object" ? new Intl.Collator("zh-CN", { numeric: true }) : null;
const compare = (a: string, b: string) => (collator ? collator.compare(a, b) : a < b ? -1 : a > b ? 1 : 0);

function sortKey(digest: Digest, code: string, sheet: SheetId): string | number {
  if (code === "no") return digest.no;
  if (code === "status") return digest.rank * 100 + (digest.status ? digest.status.charCodeAt(0) : 0);
  if (code === "urgency" || code === "severity" || code === "priority") return digest.rank % ENDED;
  if (code === "created") return digest.createdMs;
  if (code === "updated") return digest.view.updatedMs;
  const field = fieldOf(sheet, code);
  if (!field) return "";
  const value = shown(digest.view.cells[code]);
  if (field.kind === "int" && typeof value === "number") return value;
  if (field.kind === "enum" && typeof value === "string") {
    const at = (field.options ?? []).findIndex((option) => option.code === value);
    return at < 0 ? 99 : at;
  }
  return showCell(digest.view, field);
}

function text(view: RowView, path: string): string {
  const value = shown(view.cells[path]);
  return typeof value === "string" ? value : "";
}
