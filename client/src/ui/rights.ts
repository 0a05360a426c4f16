/**
 * What the person may do at once, what becomes a suggestion, what is not offered: for the buttons only.
 * Asks the twin of the server's judge, whose verdict is the one that counts. Imported by the panel and the grid.
 */
import type { ActorId, App, EditId, Path, RowView, Value } from "../core/api";
import { actOf, allowance, maySee as judgeSees, reasonOf, type Case, type Who } from "../schema/judge";
import { fieldOf, sheetOf } from "./definition";
import { t, word } from "./words";

/** `y` at once, `s` becomes a suggestion, `-` not offered. */
export type May = "y" | "s" | "-";

export function mayWrite(app: App, view: RowView, path: Path, value?: Value): May {
  return askJudge(app, view, path, value, whoIs(app, view)).may;
}

/** Why it waits for a decision, or who could do what is not offered; "" where it is done at once. */
export function whyNot(app: App, view: RowView, path: Path, value?: Value): string {
  const { may, reason } = askJudge(app, view, path, value, whoIs(app, view));
  if (may === "y") return "";
  if (may === "s") return t("suggestsWhy", { why: word(`reason_${reason.replace(/-/g, "_")}`, reason) });
  const able = ROLES.filter((role) => askJudge(app, view, path, value, { actor: "", role, team: "", holds: false }).may === "y");
  return able.length ? t("onlyRoles", { roles: able.map((role) => word(`role_${role}`, role)).join("、") }) : t("onlyNobody");
}

const ROLES = ["volunteer", "verifier", "matcher", "steward"];

function askJudge(app: App, view: RowView, path: Path, value: Value | undefined, who: Who): { may: May; reason: string } {
  const field = fieldOf(view.sheet, path);
  if (!field || field.derived) return { may: "-", reason: "" };
  const at = caseOf(app, view, field.tier);
  // A claim is asked for by its state; the path names the person's own team.
  const team = who.team.slice(who.team.indexOf("/") + 1);
  const asked = field.kind === "claim" && !path.includes(":") ? `${path}:${team}` : path;
  const replaced = (at.cells[asked] ?? []).map(([edit]) => edit);
  const hidden = field.tier === "private" && !replaced.length && !!view.masked[path]?.length;
  // A masked cell holds words this device has not seen: writing it is changing what somebody wrote.
  const act = field.kind === "claim" ? "set" : hidden ? (isVerified(view) ? "change_verified" : "change") : actOf(asked, value ?? "x", replaced, at, who, field.kind);
  const token = allowance(field, act, asked, value ?? null, at, who);
  return { may: token === "y" || token === "-" ? token : "s", reason: reasonOf(token, act) };
}

/** Whether the private tier may be shown to this person (the server decides, and logs). */
export function maySee(app: App, view: RowView): boolean {
  return judgeSees(caseOf(app, view, "private"), whoIs(app, view));
}

export function isSteward(app: App): boolean {
  const role = app.me.value.role;
  return role === "steward" || role === "owner";
}

/** Who decides over suggestions: verifiers, matchers and stewards. */
export function mayDecide(app: App): boolean {
  return mayReissue(app) || app.me.value.role === "matcher";
}

/** Who issues a row's link anew after a call. */
export function mayReissue(app: App): boolean {
  return isSteward(app) || app.me.value.role === "verifier";
}

/** Who checks the short code a caller reads out. */
export function mayCheckCode(app: App): boolean {
  return mayDecide(app) || app.me.value.role === "volunteer";
}

/** Who is told who has seen a row's telephone: the person concerned, who entered it, and stewards. */
export function maySeeShowings(app: App, view: RowView): boolean {
  return view.held || view.author === app.me.value.actor || isSteward(app);
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
