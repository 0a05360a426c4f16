/**
 * What the screens ask of a sheet's definition: its fields in the person's language, a cell in words, a row's headline and status.
 * Pure, over client/src/schema. Imported by every screen; no screen reads a definition by itself.
 */
import type { App, EditId, Mark, Path, RowId, RowView, SheetId, Value } from "../core/api";
import { shown } from "../core/row";
import { definitionsWhole } from "../core/rest";
import { labelOf, SHEETS } from "../schema/definitions";
import { show } from "../schema/showing";
import { type Field, type Option, type Sheet } from "../schema/sheets";
import { sortKey, statusOf as derive } from "../schema/status";
import { now } from "./view";
import { clock, language, say, t, word, type Label } from "./words";

export type { Field, Option } from "../schema/sheets";

export function isSheet(id: string): boolean {
  return id in SHEETS;
}

export function sheetOf(id: SheetId): Sheet {
  // The first load has heads of most sheets; whoever asks is drawn again when the rest has come.
  void definitionsWhole.value;
  // A newer server may have a sheet this client does not know: it is shown by its id, without fields, and never breaks the page.
  return SHEETS[id] ?? unknownSheet(id);
}

const unknown = new Map<SheetId, Sheet>();
function unknownSheet(id: SheetId): Sheet {
  let sheet = unknown.get(id);
  if (!sheet) {
    sheet = { ...SHEETS["notice"]!, id, label: { zh: id, en: id }, columns: [], card: [], form: [], title: [], place: [], fields: {}, contact: null };
    unknown.set(id, sheet);
  }
  return sheet;
}

export function sheetName(id: SheetId): string {
  return say(sheetOf(id).label);
}

export function fieldOf(sheet: SheetId, path: Path): Field | undefined {
  const colon = path.indexOf(":");
  return sheetOf(sheet).fields[colon < 0 ? path : path.slice(0, colon)];
}

/** By the sheet's `fields`: a sheet whose definition has come whole since has new ones. */
const inFormOrder = new WeakMap<object, readonly Field[]>();

/** Fields in the order of the form, the rest after them. */
export function fieldsOf(sheet: SheetId): readonly Field[] {
  const { fields, form } = sheetOf(sheet);
  let list = inFormOrder.get(fields);
  if (!list) {
    const first = form.map((id) => fields[id]).filter((field): field is Field => !!field);
    list = [...first, ...Object.values(fields).filter((field) => !form.includes(field.id))];
    inFormOrder.set(fields, list);
  }
  return list;
}

export function optionsOf(field: Field): readonly Option[] {
  return field.options ?? [];
}

export function unitOf(field: Field): string {
  return field.unit === "人" ? t("unitPeople") : field.unit ?? "";
}

/** The paths a field's values may stand under: one, or one for each option of a set. */
export function pathsOf(field: Field): Path[] {
  return field.kind === "multi" ? optionsOf(field).map((option) => `${field.id}:${option.code}`) : [field.id];
}

/* ------------------------------------------------------------- cells in words */

const SEPARATOR = { zh: "、", en: ", " };

/** One value in words. `element` names the member of a set, the team of a claim. */
export function showValue(field: Field, value: Value, element = ""): string {
  if (value === null) return "";
  if (field.kind === "multi" && element !== "other" && typeof value === "boolean") return t(value ? "yes" : "no");
  if (field.kind === "time" && typeof value === "string") return clock(Date.parse(value));
  if (field.kind === "geo" && Array.isArray(value)) return geoText(value as readonly string[]);
  if ((field.kind === "claim" || field.kind === "log") && Array.isArray(value)) return recordText(field, value as readonly string[]);
  if (field.kind === "enum" && value === "other:") return t("other");
  return show(element ? `${field.id}:${element}` : field.id, value, field, language.value);
}

function geoText([lat, lon, datum, accuracy]: readonly string[]): string {
  const name = datum ? word(`datum_${datum}`, datum).replace(/[（(].*$/, "").trim() : "";
  return `${lat}, ${lon}${name ? ` · ${name}` : ""}${accuracy ? ` ±${accuracy} m` : ""}`;
}

function recordText(field: Field, parts: readonly string[]): string {
  return parts.map((part, i) => {
    const entry = field.entry?.[i];
    if (!part) return "";
    if (entry?.kind === "time") return clock(Date.parse(part));
    if (entry?.id === "lease_minutes") return t("min", { n: part });
    const option = entry?.options?.find((one) => one.code === part);
    return option ? say(option.label) : part.replace(/^other:/, "");
  }).filter(Boolean).join(" · ");
}

/** A field of a row in words: what is known of it, masked where the words are not. "" for an empty one. */
export function showCell(view: RowView, field: Field): string {
  const cells = field.tier === "private" ? view.private : view.cells;
  if (field.id === "available") return availableText(view);
  if (field.kind === "multi") {
    const said: string[] = [];
    for (const option of optionsOf(field)) {
      const value = shown(cells[`${field.id}:${option.code}`]);
      if (option.code === "other") { if (typeof value === "string" && value) said.push(value); }
      else if (value === true) said.push(say(option.label));
    }
    return said.join(say(SEPARATOR));
  }
  if (field.kind === "claim" || field.kind === "log") return "";
  // Raw words known to this device go before the masked ones.
  const live = (field.free_text ? view.private[field.id] : undefined) ?? cells[field.id];
  if (!live?.length) return "";
  const said: string[] = [];
  for (const [, value] of live) {
    const one = field.kind === "int" && live.length > 1 && value !== null ? String(value) : showValue(field, value);
    if (one && !said.includes(one)) said.push(one);
  }
  return said.join(" / ");
}

function availableText(view: RowView): string {
  const [capacity, occupancy] = [shown(view.cells["capacity"]), shown(view.cells["occupancy"])];
  return typeof capacity === "number" && typeof occupancy === "number" ? String(Math.max(0, capacity - occupancy)) : "";
}

/* ------------------------------------------------------------- rows in words */

/** District and place: where it is, in one line. */
export function placeLine(view: RowView): string {
  const { place } = sheetOf(view.sheet);
  const parts: string[] = [];
  for (const id of place) {
    if (id === "province" || id === "city") continue;
    const value = shown(view.cells[id]);
    // "二七区 二七区淮河路" says the district twice.
    if (typeof value === "string" && value && !parts.some((part) => value.startsWith(part))) parts.push(value);
    else if (typeof value === "string" && value) parts.splice(0, parts.length, value);
  }
  return parts.join(" ");
}

/** What a row is called in one line: the title fields of its sheet, the first that say something. */
export function headline(view: RowView): string {
  const { title } = sheetOf(view.sheet);
  for (const id of title) {
    const field = fieldOf(view.sheet, id);
    const said = field ? showCell(view, field) : "";
    if (!said) continue;
    if (view.sheet === "hazard" && id === "kind") return [said, placeLine(view)].filter(Boolean).join(" · ");
    return id === "place" ? placeLine(view) : said;
  }
  return t("untitled");
}

/** The columns of a card in one running line, without what stands elsewhere on it. */
export function cardText(view: RowView): string {
  const definition = sheetOf(view.sheet);
  const elsewhere = new Set(["urgency", "severity", "priority", "place", "people_total", "claim", "contact_phone", definition.axis, ...(placeLine(view) ? [] : definition.title.slice(0, 1))]);
  const parts: string[] = [];
  for (const id of definition.card) {
    const field = fieldOf(view.sheet, id);
    if (!field || elsewhere.has(id)) continue;
    const said = showCell(view, field);
    if (!said || id === "unit") continue;
    if (id === "qty") parts.push(`${said} ${fieldOf(view.sheet, "unit") ? showCell(view, fieldOf(view.sheet, "unit")!) : ""}`.trim());
    // A number, or a "no", says nothing without its question.
    else parts.push(field.kind === "int" || id === "passable" ? `${say(field.label)} ${said}` : said);
  }
  return parts.join(" · ");
}

export interface StatusView {
  readonly code: string;
  readonly over: boolean;
  readonly label: Label;
  readonly meaning: Label | undefined;
  readonly tone: string;
  readonly alerts: ReadonlySet<string>;
  readonly teams: readonly RowId[];
  /** The code of the sheet's own urgency, the most dangerous of its live values; "" where the sheet has none. */
  readonly urgency: string;
  /** Its place among the sheet's urgencies; not set counts as between urgent and normal. */
  readonly rank: number;
}

const derived = new WeakMap<RowView, { at: number; status: StatusView }>();
/** Leases end by the clock: a status is worked out anew after this long. */
const STATUS_FRESH_MS = 15_000;

export function statusOf(view: RowView, nowMs: number): StatusView {
  const kept = derived.get(view);
  if (kept && Math.abs(nowMs - kept.at) < STATUS_FRESH_MS) return kept.status;
  const sheet = sheetOf(view.sheet);
  let status: StatusView;
  if (!sheet.fields[sheet.axis]) status = { code: "", over: false, label: { zh: "", en: "" }, meaning: undefined, tone: "", alerts: new Set(), teams: [], urgency: "", rank: 0 };
  else {
    const found = derive(view.cells, nowMs, sheet);
    const { code, over, alerts, teams, urgency } = found;
    const option = labelOf(code, sheet);
    status = { code, over, label: option?.label ?? { zh: code, en: code }, meaning: option?.meaning, tone: option?.tone ?? "", alerts, teams, urgency, rank: sortKey(found, 0, sheet)[1] };
  }
  derived.set(view, { at: nowMs, status });
  return status;
}

/* ------------------------------------------------------------- claims and phones */

export interface Claim {
  readonly team: RowId;
  readonly name: string;
  readonly state: string;
  readonly eta: number;
  readonly leaseUntil: number;
  readonly living: boolean;
  readonly expired: boolean;
  readonly edit: EditId;
  readonly mark: Mark | undefined;
}

const WORKING = ["active", "en_route", "on_scene"];
const DEFAULT_LEASE_MINUTES = 60;

export function claimsOf(app: App, view: RowView, nowMs: number): Claim[] {
  const claims: Claim[] = [];
  for (const path in view.cells) {
    if (!path.startsWith("claim:")) continue;
    const live = view.cells[path]!;
    const last = live[live.length - 1];
    if (!last || !Array.isArray(last[1])) continue;
    const [state = "", eta = "", lease = ""] = last[1] as readonly string[];
    const team = path.slice(6);
    const minutes = /^\d+$/.test(lease) ? Number(lease) : DEFAULT_LEASE_MINUTES;
    const leaseUntil = WORKING.includes(state) ? last[3] + minutes * 60_000 : 0;
    const expired = leaseUntil !== 0 && nowMs > leaseUntil;
    claims.push({
      team, name: teamName(app, team), state, eta: eta ? Date.parse(eta) || 0 : 0, leaseUntil,
      living: (WORKING.includes(state) && !expired) || state === "offered", expired, edit: last[0], mark: view.marks[last[0]],
    });
  }
  return claims.sort((a, b) => Number(b.living) - Number(a.living) || a.eta - b.eta);
}

/** The name a team's row goes by. */
export function teamName(app: Pick<App, "peek">, team: RowId): string {
  for (const sheet of ["civil_team", "official_team"]) {
    // By its cell, not by its sheet's title: the definitions of the team sheets come after the first screen.
    const name = shown(app.peek(sheet, team)?.cells["name"]);
    if (typeof name === "string" && name) return name;
  }
  return t("teamUnknown", { code: team.slice(0, 4) });
}

/** Whether a team holds a living claim on a row. */
export function holds(view: RowView, team: RowId): boolean {
  return statusOf(view, now.peek()).teams.includes(team);
}

/** "蓝天 2 队 14:20 到", or how many teams where there are several. */
export function claimLine(app: App, view: RowView, nowMs: number): string {
  const living = claimsOf(app, view, nowMs).filter((claim) => claim.living);
  if (!living.length) return "";
  if (living.length > 1) return t("claimSeveral", { n: living.length });
  const [one] = living;
  return `${one!.name}${one!.eta ? ` ${t("etaAt", { time: clock(one!.eta, nowMs) })}` : ""}`;
}
