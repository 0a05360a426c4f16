/**
 * What the person may do at once, what becomes a suggestion, what is not offered: for the buttons only.
 * Asks the twin of the server's judge, whose verdict is the one that counts. Imported by the panel and the grid.
 */
import type { ActorId, App, EditId, Path, RowView, Value } from "../core/api";
import { actOf, allowance, maySee as judgeSees, type Case, type Who } from "../schema/judge";
import { fieldOf, sheetOf } from "./definition";

/** `y` at once, `s` becomes a suggestion, `-` not offered. */
export type May = "y" | "s" | "-";

export function mayWrite(app: App, view: RowView, path: Path, value?: Value): May {
  const field = fieldOf(view.sheet, path);
  if (!field || field.derived) return "-";
  const at = caseOf(app, view, field.tier);
  const who = whoIs(app, view);
  // A claim is asked for by its state; the path names the person's own team.
  const team = who.team.slice(who.team.indexOf("/") + 1);
  const asked = field.kind === "claim" && !path.includes(":") ? `${path}:${team}` : path;
  const replaced = (at.cells[asked] ?? []).map(([edit]) => edit);
  const hidden = field.tier === "private" && !replaced.length && !!view.masked[path]?.length;
  // A masked cell holds words this device has not seen: writing it is changing what somebody wrote.
  const act = field.kind === "claim" ? "set" : hidden ? (isVerified(view) ? "change_verified" : "change") : actOf(asked, value ?? "x", replaced, at, who, field.kind);
  const token = allowance(field, act, asked, value ?? null, at, who);
  return token === "y" || token === "-" ? token : "s";
}

/** Whether the private tier may be shown to this person (the server decides, and logs). */
export function maySee(app: App, view: RowView): boolean {
  return judgeSees(caseOf(app, view, "private"), whoIs(app, view));
}

export function isSteward(app: App): boolean {
  const role = app.me.value.role;
  return role === "steward" || role === "owner";
}

/** Who decides over suggestions: verifiers and stewards. */
export function mayDecide(app: App): boolean {
  return isSteward(app) || app.me.value.role === "verifier";
}

function isVerified(view: RowView): boolean {
  return (view.cells["verify_state"] ?? []).some(([, state]) => state === "verified");
}

function whoIs(app: App, view: RowView): Who {
  const { actor, role, team } = app.me.value;
  return { actor, role, team, holds: view.held };
}

function caseOf(app: App, view: RowView, tier: "public" | "private"): Case {
  const cells = tier === "private" ? view.private : view.cells;
  const wrote: Record<EditId, ActorId> = {};
  for (const path in cells) for (const [edit, , actor] of cells[path]!) wrote[edit] = actor;
  return {
    sheet: sheetOf(view.sheet), row: view.row, exists: true, author: view.author, step: app.protection.value[view.sheet] ?? "open",
    cells, publicCells: view.cells, wrote,
  };
}
