/**
 * The derived status: what a row shows, computed from what is live in it and the clock. Twin of `schema/status.py`.
 * Pure. Imported by the screens. Rules ST1–ST14 of docs/spec/status.md.
 */
import type { Cells, Live } from "../core/api";
import { isMoment } from "./moments";
import type { Field, Sheet } from "./sheets";

export interface Status {
  readonly code: string;
  readonly over: boolean;
  readonly alerts: ReadonlySet<string>;
  readonly urgency: string;
  readonly verify: string;
  /** Rows of the teams that are on it, leases running. */
  readonly teams: readonly string[];
}

const DEFAULT_LEASE_MINUTES = 60;
const MINUTE_MS = 60_000;
const CLAIM_STATES = ["released", "transferred", "done", "offered", "active", "en_route", "on_scene"]; // least help first
const URGENCIES = ["urgency", "severity", "priority"];
const BY_CLAIM: { readonly [state: string]: string } = { on_scene: "on_scene", en_route: "en_route", active: "claimed" };
const BY_VERIFY: { readonly [code: string]: string } = {
  disputed: "doubted",
  false_report: "doubted",
  unreachable: "unreachable",
  in_progress: "verifying",
  recheck: "recheck",
  verified: "waiting",
  partly: "waiting",
};

/** What a row shows now. `cells` is the public tier; a pure function of its live sets and the clock. */
export function statusOf(cells: Cells, nowMs: number, sheet: Sheet): Status {
  const outcomes = accounts(cells, sheet.fields[sheet.axis]!);
  const verifies = accounts(cells, sheet.fields["verify_state"]);
  const urgencies = accounts(cells, urgencyField(sheet));
  const outcome = outcomes[0]!;
  const verify = verifies[0] || "";
  const urgency = urgencies[0] || "";
  const links = distinct((cells["duplicate_of"] || []).map((live) => live[1] || ""));
  const duplicate = links.length > 0 && links.indexOf("") < 0;
  const { standing, expired } = claims(cells, nowMs);
  const states = Object.keys(standing).map((team) => standing[team]!);
  const teams = Object.keys(standing).filter((team) => standing[team]! in BY_CLAIM);
  const furthest = CLAIM_STATES[Math.max(-1, ...states.map((state) => CLAIM_STATES.indexOf(state)))] || "";
  const ends = outcomes.filter((code) => sheet.over.indexOf(code) >= 0).length;
  const over = ends === outcomes.length;
  const disputed = ends > 0 && !over;
  const code = disputed // ST4
    ? "to_check"
    : duplicate // ST5
      ? "duplicate"
      : over || !sheet.fields["claim"] // ST6, ST7
        ? outcome
        : BY_CLAIM[furthest] || // ST8
          (["lost_contact", "not_found", "partial"].indexOf(outcome) >= 0 // ST10
            ? outcome
            : states.indexOf("done") >= 0
              ? "to_close"
              : furthest === "offered"
                ? "offered"
                : BY_VERIFY[verify] || "unverified"); // ST11
  const ended = !disputed && (over || duplicate);
  const alerts: { readonly [name: string]: boolean } = {
    outcome_conflict: outcomes.length > 1,
    verify_conflict: verifies.length > 1,
    urgency_conflict: urgencies.length > 1,
    duplicate_conflict: links.length > 1,
    conflict: Object.keys(cells).some((path) => isContested(cells[path]!)),
    double_claim: teams.length > 1,
    claim_expired: expired && !ended,
    claim_on_over: ended && teams.length > 0,
    recheck_due: !ended && recheckDue(cells, nowMs, sheet, urgency),
  };
  return { code, over: ended, alerts: new Set(Object.keys(alerts).filter((name) => alerts[name])), urgency, verify, teams };
}

/** [over, rank of urgency, created]: rows that wait first, the more urgent first, the longer waiting first (ST14). */
export function sortKey(status: Status, createdMs: number, sheet: Sheet): [number, number, number] {
  const field = urgencyField(sheet);
  const rank = field ? field.danger!.indexOf(status.urgency) : 0;
  return [status.over ? 1 : 0, Math.max(0, rank), createdMs];
}

export function isContested(values: Live): boolean {
  return values.length > 1 && values.some((live) => JSON.stringify(live[1]) !== JSON.stringify(values[0]![1]));
}

/** When a person last said that it still holds; without that, its first word (ST13). Undefined for an empty row. */
export function lastConfirmedMs(cells: Cells): number | undefined {
  let last: number | undefined;
  let first: number | undefined;
  for (const path of Object.keys(cells)) {
    for (const [, value, , at] of cells[path]!) {
      const asked =
        path === "verify_state" ||
        path === "still_needed_at" ||
        (path.slice(0, 12) === "contact_log:" && Array.isArray(value) && value[1] === "confirmed_need");
      if (asked && (last === undefined || at > last)) last = at;
      if (first === undefined || at < first) first = at;
    }
  }
  return last === undefined ? first : last;
}

function urgencyField(sheet: Sheet): Field | undefined {
  const name = URGENCIES.find((id) => !!sheet.fields[id]);
  return name === undefined ? undefined : sheet.fields[name];
}

/** The codes that are live, most dangerous first. Blank, absent and unknown read as the field's default (ST2, ST3). */
function accounts(cells: Cells, field: Field | undefined): string[] {
  if (!field) return [];
  const danger = field.danger!;
  const found = (cells[field.id] || []).map((live) => (danger.indexOf(live[1] as string) >= 0 ? (live[1] as string) : field.default!));
  return distinct(found.length ? found : [field.default!]).sort((a, b) => danger.indexOf(a) - danger.indexOf(b));
}

function distinct<T>(values: readonly T[]): T[] {
  return values.filter((value, i) => values.indexOf(value) === i);
}

function claims(cells: Cells, nowMs: number): { standing: Record<string, string>; expired: boolean } {
  const standing: Record<string, string> = {};
  let expired = false;
  for (const path of Object.keys(cells).sort()) {
    if (path.slice(0, 6) !== "claim:") continue;
    let least = CLAIM_STATES.length;
    let endsMs = Infinity;
    for (const [, value, , at] of cells[path]!) {
      const rank = Array.isArray(value) ? CLAIM_STATES.indexOf(value[0] as string) : -1;
      const lease = Array.isArray(value) && /^[0-9]+$/.test((value[2] as string) || "") ? Number(value[2]) : DEFAULT_LEASE_MINUTES;
      const ends = at + lease * MINUTE_MS;
      if (rank < least || (rank === least && ends < endsMs)) {
        least = rank;
        endsMs = ends;
      }
    }
    const state = CLAIM_STATES[least];
    if (state === undefined || least < 2) continue; // blanked, released, handed on
    if (state in BY_CLAIM && nowMs > endsMs) expired = true;
    else standing[path.slice(6)] = state;
  }
  return { standing, expired };
}

function recheckDue(cells: Cells, nowMs: number, sheet: Sheet, urgency: string): boolean {
  const last = lastConfirmedMs(cells);
  if (last === undefined) return false;
  const minutes = sheet.recheck[urgency];
  if (nowMs - last >= (minutes === undefined ? sheet.recheck["normal"]! : minutes) * MINUTE_MS) return true;
  return (cells["recheck_at"] || []).some(([, value]) => {
    const due = typeof value === "string" && isMoment(value) ? Date.parse(value) : last;
    return last < due && due <= nowMs;
  });
}
