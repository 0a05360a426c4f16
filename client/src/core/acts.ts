/**
 * The acts of the work as cells: what claiming, calling, verifying, closing write.
 * Pure. Imported by app.ts. Forms of the values: docs/architecture.md, "Cells, paths, values".
 */
import type { Path, RowView, Writes } from "./api";
import { shown } from "./row";

/** An hour on flooded roads; a team that is coming renews with one tap. */
export const LEASE_MINUTES = 60;

export type ClaimState = "offered" | "active" | "en_route" | "on_scene" | "done" | "released" | "transferred";

/** What a claim cell becomes: a new state keeps the ETA and the lease it had unless others are given. */
export function claim(view: RowView | null, team: string, to: { state: ClaimState; eta?: string; leaseMinutes?: number }): Writes {
  const path = `claim:${rowOf(team)}`;
  const now = shown(view?.cells[path]);
  const [, eta = "", lease = ""] = Array.isArray(now) ? (now as readonly string[]) : [];
  const goes = to.state === "active" || to.state === "en_route" || to.state === "on_scene";
  return { [path]: [to.state, to.eta ?? (goes ? eta : ""), String(to.leaseMinutes ?? (lease || LEASE_MINUTES))] };
}

/** The row of a team that is named `sheet/row` or by its row alone. */
export function rowOf(team: string): string {
  return team.slice(team.indexOf("/") + 1);
}

export function verification(state: string, method?: string): Writes {
  return method ? { verify_state: state, verify_method: method } : { verify_state: state };
}

/** A row's end, and what is said about it: the first is one act, the rest are cells of their own. */
export function ending(axis: Path, end: { outcome: string; by?: string; note?: string; destination?: string }, has: (path: Path) => boolean): Writes[] {
  const acts: Writes[] = [end.by && has("closed_by_kind") ? { [axis]: end.outcome, closed_by_kind: end.by } : { [axis]: end.outcome }];
  if (end.note && has("closed_note")) acts.push({ closed_note: end.note });
  if (end.destination && has("destination")) acts.push({ destination: end.destination });
  return acts;
}

/** `2021-07-20T12:59:00Z`. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19) + "Z";
}
