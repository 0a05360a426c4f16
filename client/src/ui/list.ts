/**
 * The list on screen: keeps it in order while others write, and still while somebody is reading it.
 * Signals over the core's; one per page. Imported by the lists, the chip and the frame.
 *
 * Never reorders under a finger: while the reader has scrolled, holds a row or edits a cell, changes of order are gathered and
 * offered as "12 条更新". What the rows say is always current; only their order waits.
 */
import { effect, signal, untracked } from "@preact/signals";
import type { App, RowId } from "../core/api";
import { digestOf, found, inOrder, matches, type Digest } from "./order";
import { asList, filters, now, openRow, search, sheet, sort, wide } from "./view";

export interface Tally { readonly all: number; readonly waiting: number; readonly over: number; readonly oldestMs: number }

export const shownRows = signal<readonly RowId[]>([]);
export const updatesWaiting = signal(0);
export const tally = signal<Tally>({ all: 0, waiting: 0, over: 0, oldestMs: 0 });
export const districts = signal<readonly string[]>([]);
export const statuses = signal<ReadonlyMap<string, number>>(new Map());
export const conflictCount = signal(0);
/** Set by the list on screen while it is scrolled away from its top, held or edited. */
export const busy = signal(false);

/** Ten thousand rows are sorted in tens of milliseconds: not more often than this while others write. */
const SETTLE_MS = 300;
/** And never more than an eighth of the time, on the slowest phone. */
const SHARE = 8;
const COUNT_MS = 500;
const SLICE_MS = 12;

const NOTHING: ReadonlySet<RowId> = new Set();

let keys = new Map<RowId, string>();
let refresh: () => void = () => undefined;

/** Takes the order that the rows have now. */
export function applyUpdates(): void { refresh(); }

export function followList(app: App): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let counting: ReturnType<typeof setTimeout> | undefined;
  let cost = 0;
  let overLoaded = false;

  // `standing`: rows on screen that have ended stay there, struck through, until the reader asks for something else.
  const compute = (standing: ReadonlySet<RowId> = NOTHING) => {
    const id = sheet.peek();
    const at = app.now();
    const me = app.me.peek();
    const query = search.peek();
    const narrowed = filters.peek();
    const kept: Digest[] = [];
    const places = new Set<string>();
    const counts = new Map<string, number>();
    let all = 0, waiting = 0, over = 0, oldest = Infinity;
    for (const row of app.rows(id).peek()) {
      const view = app.peek(id, row);
      if (!view) continue;
      const digest = digestOf(view, at);
      all++;
      counts.set(digest.status, (counts.get(digest.status) ?? 0) + 1);
      if (digest.district) places.add(digest.district);
      if (digest.over) over++;
      else if (digest.status === "waiting" || digest.status === "open" || digest.status === "to_check") {
        waiting++;
        if (view.createdMs < oldest) oldest = view.createdMs;
      }
      if (matches(digest, narrowed, me, query.trim() !== "" || standing.has(row)) && found(view, query)) kept.push(digest);
    }
    tally.value = { all, waiting, over, oldestMs: waiting ? oldest : 0 };
    districts.value = [...places].sort();
    statuses.value = counts;
    return inOrder(kept, sort.peek(), id, standing);
  };

  const apply = (next: readonly Digest[]) => {
    keys = new Map(next.map((digest) => [digest.row, keyOf(digest)]));
    shownRows.value = next.map((digest) => digest.row);
    updatesWaiting.value = 0;
  };

  refresh = () => untracked(() => apply(compute()));

  const settle = () => {
    timer = undefined;
    const began = Date.now();
    const next = compute(new Set(shownRows.peek()));
    cost = Date.now() - began;
    const changed = differences(next);
    if (!changed) { updatesWaiting.value = 0; return; }
    // A first filling, and lists nobody is reading, follow at once.
    if (!busy.peek() || shownRows.peek().length === 0) apply(next);
    else updatesWaiting.value = changed;
  };

  const offers = [
    // The feed carries no rows that are over: they are fetched when somebody wants to see them, and may come when the link does.
    effect(() => {
      if (!filters.value.over || app.link.value !== "live" || overLoaded) return;
      overLoaded = true;
      app.loadOver().catch(() => { overLoaded = false; });
    }),
    // What the person asked for happens now.
    effect(() => { void [sheet.value, filters.value, search.value, sort.value, wide.value, asList.value, app.me.value]; refresh(); }),
    effect(() => {
      void [app.changes(sheet.value).value, now.value];
      if (timer === undefined) timer = setTimeout(settle, shownRows.peek().length ? Math.max(SETTLE_MS, cost * SHARE) : 0);
    }),
    effect(() => { if (!busy.value && untracked(() => updatesWaiting.value)) untracked(settle); }),
    effect(() => {
      for (const id of app.sheets.value) void app.changes(id).value;
      void app.me.value;
      counting ??= setTimeout(() => { counting = undefined; conflictCount.value = conflictsFor(app); }, COUNT_MS);
    }),
  ];
  return () => { clearTimeout(timer); clearTimeout(counting); for (const stop of offers) stop(); };
}

/** Conflicts the person can do something about: a visitor cannot settle what others wrote. */
function conflictsFor(app: App): number {
  const { role, actor } = app.me.peek();
  let n = 0;
  for (const id of app.sheets.peek()) {
    for (const row of app.rows(id).peek()) {
      const view = app.peek(id, row);
      if (view && (role !== "visitor" || view.held || view.author === actor)) n += view.conflicts.length;
    }
  }
  return n;
}

/** Reads every row once, in short slices, so that the first letter typed into the search finds them read. */
export function warmSearch(app: App): void {
  const id = sheet.peek();
  const rows = app.rows(id).peek();
  let at = 0;
  const slice = () => {
    const until = Date.now() + SLICE_MS;
    while (at < rows.length && Date.now() < until) {
      const view = app.peek(id, rows[at++]!);
      if (view) found(view, "\u0000");
    }
    if (at < rows.length) setTimeout(slice, 0);
  };
  slice();
}

function keyOf(digest: Digest): string { return `${digest.rank}/${digest.status}`; }

/** How many rows would come, go or move if the list were put in order now. */
function differences(next: readonly Digest[]): number {
  const before = shownRows.peek();
  let n = 0;
  const here = new Set<RowId>();
  for (const digest of next) {
    here.add(digest.row);
    const known = keys.get(digest.row);
    if (known === undefined || known !== keyOf(digest)) n++;
  }
  for (const row of before) if (!here.has(row)) n++;
  if (n === 0 && next.some((digest, i) => before[i] !== digest.row)) n = 1;
  return n;
}

/** The neighbour of the open row in the list: what "next" and "previous" mean in the panel. */
export function neighbour(step: 1 | -1): RowId | null {
  const open = openRow.peek();
  if (!open) return null;
  const at = shownRows.peek().indexOf(open.row);
  return at < 0 ? null : shownRows.peek()[at + step] ?? null;
}
