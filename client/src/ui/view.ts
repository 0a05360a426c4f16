/**
 * Where the person is: which sheet, which row, what lies on top, what the list is narrowed to.
 * Signals and the browser's history; nothing here is sent or kept. Any screen may import it.
 *
 * Every row and layer that opens is one step of the browser's history, so that "back" closes the top one first: in
 * WeChat the back button would otherwise leave the page, with a half-written form on it.
 */
import { computed, signal } from "@preact/signals";
import type { RowId, SheetId } from "../core/api";

export type Layer =
  | { readonly kind: "ask" }
  | { readonly kind: "add"; readonly sheet: SheetId }
  | { readonly kind: "receipt"; readonly sheet: SheetId; readonly row: RowId }
  | { readonly kind: "mine"; readonly row: RowId }
  | { readonly kind: "mineList" }
  | { readonly kind: "sync" }
  | { readonly kind: "filters" }
  | { readonly kind: "menu" }
  | { readonly kind: "me" }
  | { readonly kind: "workbooks" }
  | { readonly kind: "keys" }
  | { readonly kind: "join"; readonly invite: string }
  | { readonly kind: "suggestions" }
  | { readonly kind: "import" }
  | { readonly kind: "invites" }
  | { readonly kind: "devices" }
  | { readonly kind: "office"; readonly at?: string };

export type Step =
  | { readonly kind: "row"; readonly sheet: SheetId; readonly row: RowId; readonly field?: string }
  | { readonly kind: "layer"; readonly layer: Layer };

export interface Filters {
  readonly status: readonly string[];
  readonly urgency: readonly string[];
  readonly district: string;
  readonly mine: boolean;
  readonly conflict: boolean;
  readonly unverified: boolean;
  readonly unsent: boolean;
  readonly over: boolean;
}

export interface Sort { readonly field: string; readonly down: boolean }

export const NO_FILTERS: Filters = {
  status: [], urgency: [], district: "", mine: false, conflict: false, unverified: false, unsent: false, over: false,
};

export const sheet = signal<SheetId>("help");
export const search = signal("");
export const filters = signal<Filters>(NO_FILTERS);
export const sort = signal<Sort | null>(null);
/** A person may prefer the plain list on a wide screen too: a virtual grid hides rows from a screen reader's own search. */
export const asList = signal(false);
export const wide = signal(true);
/** The server's clock, stepped twice a minute: ages and leases on screen follow it. */
export const now = signal(Date.now());

const steps = signal<readonly Step[]>([]);

export const openRow = computed(() => {
  for (let i = steps.value.length - 1; i >= 0; i--) {
    const step = steps.value[i];
    if (step?.kind === "row") return step;
  }
  return null;
});
export const layer = computed<Layer | null>(() => {
  const top = steps.value[steps.value.length - 1];
  return top?.kind === "layer" ? top.layer : null;
});
export const filterCount = computed(() => {
  const f = filters.value;
  return f.status.length + f.urgency.length + (f.district ? 1 : 0)
    + [f.mine, f.conflict, f.unverified, f.unsent, f.over].filter(Boolean).length;
});

export function chooseSheet(next: SheetId): void {
  if (next === sheet.value) return;
  if (steps.value.length) backTo(0);
  sheet.value = next;
  sort.value = null;
  filters.value = { ...NO_FILTERS, over: filters.value.over };
}

/** Opens a row's panel; a panel that is already open turns to this row without a further step back. */
export function showRow(sheetId: SheetId, row: RowId, field?: string): void {
  const step: Step = field ? { kind: "row", sheet: sheetId, row, field } : { kind: "row", sheet: sheetId, row };
  const kept = steps.value.filter((s) => s.kind === "row");
  if (kept.length && kept.length === steps.value.length) {
    steps.value = [...steps.value.slice(0, -1), step];
    return;
  }
  push(step);
}

export function showLayer(next: Layer): void {
  push({ kind: "layer", layer: next });
}

/** The same step back, with other content: a form that turns into its receipt must not be reachable by "back". */
export function replaceLayer(next: Layer): void {
  if (!layer.value) return showLayer(next);
  steps.value = [...steps.value.slice(0, -1), { kind: "layer", layer: next }];
}

/** From a layer to a row: the layer's step becomes the row's. */
export function leaveToRow(sheetId: SheetId, row: RowId): void {
  if (!steps.value.length) return showRow(sheetId, row);
  sheet.value = sheetId;
  steps.value = [...steps.value.slice(0, -1), { kind: "row", sheet: sheetId, row }];
}

/** Closes the top row or layer, as the browser's back button does. */
export function stepBack(): void {
  if (!steps.value.length) return;
  backTo(steps.value.length - 1);
}

function push(step: Step): void {
  steps.value = [...steps.value, step];
  history.pushState({ depth: steps.value.length }, "");
}

function backTo(depth: number): void {
  const by = steps.value.length - depth;
  steps.value = steps.value.slice(0, depth);
  const at = (history.state as { depth?: number } | null)?.depth ?? 0;
  if (at >= by) history.go(-by);
}

/** Follows the browser's history; returns the undoing of it. */
export function followHistory(): () => void {
  const follow = (event: PopStateEvent) => {
    const depth = (event.state as { depth?: number } | null)?.depth ?? 0;
    if (depth < steps.value.length) steps.value = steps.value.slice(0, depth);
  };
  addEventListener("popstate", follow);
  // A page that was reloaded with a row open has that row's step under its feet, and nothing open.
  if ((history.state as { depth?: number } | null)?.depth) history.replaceState(null, "");
  return () => removeEventListener("popstate", follow);
}

export function narrow(change: Partial<Filters>): void {
  filters.value = { ...filters.value, ...change };
}

/** For tests: nothing open, nothing narrowed. */
export function resetView(): void {
  steps.value = [];
  sheet.value = "help";
  search.value = "";
  filters.value = NO_FILTERS;
  sort.value = null;
  asList.value = false;
}
