/**
 * The open workbook in memory: the server's live sets, my own edits laid over them, and the signals the screens read.
 * No I/O: rows come in, signals go out. Imported by app.ts. Rules SY20, SY29.
 *
 * A row is kept as the entry it came in (an array); the view a screen reads is made when it is asked for and kept until the row changes.
 * Signals change in one batch, at most ten times a second for the feed, at once for what the person at this screen did.
 */
import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { ActorId, Cells, EditId, Live, Mark, Path, RowId, RowView, SheetId, Tier, Who } from "./api";
import type { Edit } from "./encoder";
import type { Entry, Names } from "./frames";
import { conflicts, overlay } from "./row";

/** `sheet/row`. */
export type Key = string;
export const keyOf = (sheet: SheetId, row: RowId): Key => `${sheet}/${row}`;

interface Laid {
  readonly edit: Edit;
  readonly tier: Tier;
  readonly mark: Mark;
}

const NO_CELLS: Cells = Object.freeze({});
const NO_MARKS = Object.freeze({});
const NO_PATHS: readonly Path[] = Object.freeze([]);
/** At most this often for what others do: a phone at a quarter of the speed spends 8 ms on a batch. */
const BATCH_MS = 100;

export class Book {
  /** Where this device is in the feed, and whose feed it is. */
  cursor = 0;
  epoch = "";
  private readonly base = new Map<Key, Entry>();
  private readonly laid = new Map<Key, Laid[]>();
  private readonly proposed = new Map<Key, Edit[]>();
  private readonly known = new Map<Key, Edit[]>();
  private readonly revealed = new Map<Key, Cells>();
  private readonly held = new Set<Key>();
  private readonly numbers = new Map<SheetId, Map<number, RowId>>();
  private readonly names = new Map<ActorId, Who>();

  private readonly views = new Map<Key, RowView | null>();
  private readonly rowSignals = new Map<Key, Signal<RowView | null>>();
  private readonly listSignals = new Map<SheetId, Signal<readonly RowId[]>>();
  private readonly changeSignals = new Map<SheetId, Signal<number>>();
  private readonly namesChanged = signal(0);
  private readonly dirty = new Set<Key>();
  private readonly dirtyLists = new Set<SheetId>();
  private dirtyNames = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /* ------------------------------------------------------------- reading */

  rows(sheet: SheetId): ReadonlySignal<readonly RowId[]> {
    let list = this.listSignals.get(sheet);
    if (!list) this.listSignals.set(sheet, (list = signal(this.ids(sheet))));
    return list;
  }

  changes(sheet: SheetId): ReadonlySignal<number> {
    let counter = this.changeSignals.get(sheet);
    if (!counter) this.changeSignals.set(sheet, (counter = signal(0)));
    return counter;
  }

  row(sheet: SheetId, row: RowId): ReadonlySignal<RowView | null> {
    const key = keyOf(sheet, row);
    let view = this.rowSignals.get(key);
    if (!view) this.rowSignals.set(key, (view = signal(this.peek(sheet, row))));
    return view;
  }

  peek(sheet: SheetId, row: RowId): RowView | null {
    const key = keyOf(sheet, row);
    let view = this.views.get(key);
    if (view === undefined) this.views.set(key, (view = this.view(sheet, row, key)));
    return view;
  }

  byNumber(sheet: SheetId, no: number): RowId | null {
    return this.numbers.get(sheet)?.get(no) ?? null;
  }

  who(actor: ActorId): Who {
    void this.namesChanged.value; // Whoever shows a name shows it again when it is known.
    return this.names.get(actor) ?? { actor, name: "", role: "" };
  }

  entry(key: Key): Entry | undefined {
    return this.base.get(key);
  }

  entries(): Entry[] {
    return Array.from(this.base.values());
  }

  get size(): number {
    return this.base.size;
  }

  /* ------------------------------------------------------------- the server's word */

  /**
   * Rows or parts of rows from the server: sets the paths they carry, leaves the others; an empty live set takes the path away. `whole`
   * rows replace what was known. Returns the keys it touched.
   */
  apply(entries: readonly Entry[], whole = false): Key[] {
    const touched: Key[] = [];
    for (const entry of entries) {
      const key = keyOf(entry[0], entry[1]);
      const old = this.base.get(key);
      const next = old && !whole ? merged(old, entry) : whole ? entry : merged(blank(entry), entry);
      this.base.set(key, next);
      if (next[2] > 0) this.number(next[0], next[2], next[1]);
      if (!old && !this.laid.has(key)) this.dirtyLists.add(entry[0]);
      if (old && old[3] !== next[3]) this.dirtyLists.add(entry[0]);
      this.settle(key, entry);
      this.touch(key);
      touched.push(key);
    }
    return touched;
  }

  /** The feed has come this far. */
  advance(cursor: number): void {
    if (cursor > this.cursor) this.cursor = cursor;
  }

  /** Everything missed has been sent: whatever the server had acked before is in the base, or dead. */
  caughtUp(): void {
    for (const [key, laid] of this.laid) this.keep(key, laid.filter((one) => one.mark !== "sent"));
  }

  learn(names: Names): void {
    for (const actor of Object.keys(names)) {
      const [name, role] = names[actor]!;
      const old = this.names.get(actor);
      if (old && old.name === name && old.role === role) continue;
      this.names.set(actor, { actor, name, role });
      this.dirtyNames = true;
    }
    if (this.dirtyNames) this.schedule();
  }

  /** Forgets rows: erased, or not in a fresh snapshot. */
  drop(keys: Iterable<Key>): void {
    for (const key of keys) {
      const entry = this.base.get(key);
      if (!entry) continue;
      this.base.delete(key);
      this.revealed.delete(key);
      this.numbers.get(entry[0])?.delete(entry[2]);
      this.dirtyLists.add(entry[0]);
      this.touch(key);
    }
  }

  /* ------------------------------------------------------------- my own */

  /** Lays an own edit over its row, or changes its mark. */
  lay(sheet: SheetId, row: RowId, edit: Edit, at: { tier: Tier; mark: Mark }): void {
    const key = keyOf(sheet, row);
    const laid = this.laid.get(key) ?? [];
    if (laid.some((one) => one.edit.edit === edit.edit && one.tier === at.tier && one.mark === at.mark)) return;
    if (laid.length === 0 && !this.base.has(key)) this.dirtyLists.add(sheet);
    const one: Laid = { edit, tier: at.tier, mark: at.mark };
    const i = laid.findIndex((other) => other.edit.edit === edit.edit && other.tier === at.tier);
    this.laid.set(key, i < 0 ? [...laid, one] : laid.map((other, k) => (k === i ? one : other)));
    this.touch(key);
  }

  /** Takes an own edit off its row: withdrawn, suggested, refused, or a private one that has become known. */
  lift(sheet: SheetId, row: RowId, edit: EditId, tier: Tier): void {
    const key = keyOf(sheet, row);
    const laid = this.laid.get(key);
    if (laid) this.keep(key, laid.filter((one) => one.edit.edit !== edit || one.tier !== tier));
  }

  /** The server has a public edit; it stays laid over the row until the feed shows it. A private one is never in a feed: see `know`. */
  sent(sheet: SheetId, row: RowId, edit: Edit): void {
    const key = keyOf(sheet, row);
    const entry = this.base.get(key);
    if (entry && carries(entry[5], edit)) this.lift(sheet, row, edit.edit, "public");
    else this.lay(sheet, row, edit, { tier: "public", mark: "sent" });
  }

  /** The feed had its time to show it: it has been replaced already. */
  liftSent(sheet: SheetId, row: RowId, edit: EditId): void {
    const key = keyOf(sheet, row);
    const laid = this.laid.get(key);
    if (laid) this.keep(key, laid.filter((one) => one.edit.edit !== edit || one.mark !== "sent"));
  }

  know(sheet: SheetId, row: RowId, edit: Edit): void {
    const key = keyOf(sheet, row);
    const shown = this.revealed.get(key);
    if (shown) this.revealed.set(key, overlay(shown, [edit]));
    else this.known.set(key, [...(this.known.get(key) ?? []).filter((one) => one.edit !== edit.edit), edit]);
    this.touch(key);
  }

  propose(sheet: SheetId, row: RowId, edit: Edit): void {
    const key = keyOf(sheet, row);
    this.proposed.set(key, [...(this.proposed.get(key) ?? []).filter((one) => one.edit !== edit.edit), edit]);
    this.touch(key);
  }

  unpropose(sheet: SheetId, row: RowId, edit: EditId): void {
    const key = keyOf(sheet, row);
    const rest = (this.proposed.get(key) ?? []).filter((one) => one.edit !== edit);
    if (rest.length > 0) this.proposed.set(key, rest);
    else this.proposed.delete(key);
    this.touch(key);
  }

  /** The private tier of a row as the server has just shown it. */
  reveal(sheet: SheetId, row: RowId, cells: Cells): void {
    this.revealed.set(keyOf(sheet, row), cells);
    this.touch(keyOf(sheet, row));
  }

  /** Personal words of these rows have been erased, shown ones and my own (null: of every row). */
  forget(keys: Iterable<Key> | null): void {
    for (const key of keys ?? [...this.revealed.keys(), ...this.known.keys(), ...this.proposed.keys(), ...this.laid.keys()]) {
      this.revealed.delete(key);
      this.known.delete(key);
      this.proposed.delete(key);
      const laid = this.laid.get(key);
      if (laid) this.keep(key, laid.filter((one) => one.tier !== "private"));
      this.touch(key);
    }
  }

  /** Forgets every private word that is not my own: the role that saw it is gone. */
  conceal(): void {
    const keys = Array.from(this.revealed.keys());
    this.revealed.clear();
    for (const key of keys) this.touch(key);
  }

  hold(sheet: SheetId, row: RowId): void {
    this.held.add(keyOf(sheet, row));
    this.touch(keyOf(sheet, row));
  }

  /* ------------------------------------------------------------- signals */

  /** Tells the screens now: for what the person at this screen did. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    batch(() => {
      const changed = new Set<SheetId>();
      for (const key of this.dirty) {
        const [sheet, row] = key.split("/") as [string, string];
        changed.add(sheet);
        const view = this.rowSignals.get(key);
        if (view) view.value = this.peek(sheet, row);
      }
      for (const sheet of this.dirtyLists) {
        const list = this.listSignals.get(sheet);
        if (list) list.value = this.ids(sheet);
      }
      for (const sheet of changed) {
        const counter = this.changeSignals.get(sheet);
        if (counter) counter.value++;
      }
      if (this.dirtyNames) this.namesChanged.value++;
      this.dirty.clear();
      this.dirtyLists.clear();
      this.dirtyNames = false;
    });
  }

  /** Makes every view anew: what they are shown by has changed. */
  redraw(): void {
    for (const key of Array.from(this.views.keys())) this.touch(key);
    this.flush();
  }

  private touch(key: Key): void {
    this.views.delete(key);
    this.dirty.add(key);
    this.schedule();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /* ------------------------------------------------------------- making views */

  private ids(sheet: SheetId): RowId[] {
    const prefix = `${sheet}/`;
    const found: [number, RowId][] = [];
    for (const [key, entry] of this.base) if (key.startsWith(prefix)) found.push([entry[3], entry[1]]);
    for (const [key, laid] of this.laid) {
      if (key.startsWith(prefix) && !this.base.has(key)) found.push([laid[0]!.edit.atMs, key.slice(prefix.length)]);
    }
    return found.sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : 1)).map(([, row]) => row);
  }

  private view(sheet: SheetId, row: RowId, key: Key): RowView | null {
    const entry = this.base.get(key);
    const laid = this.laid.get(key);
    if (!entry && !laid) return null;
    const of = (tier: Tier) => (laid ?? []).filter((one) => one.tier === tier).map((one) => one.edit);
    const cells = laid ? overlay(entry?.[5] ?? NO_CELLS, of("public")) : entry![5];
    const known = this.revealed.get(key) ?? overlay(NO_CELLS, this.known.get(key) ?? []);
    const first = laid?.[0]?.edit;
    return {
      sheet,
      row,
      no: entry && entry[2] > 0 ? entry[2] : null,
      createdMs: entry?.[3] ?? first!.atMs,
      author: entry?.[4] ?? first!.actor,
      updatedMs: Math.max(entry?.[7] ?? 0, ...(laid ?? []).map((one) => one.edit.atMs)),
      cells,
      masked: entry?.[6] ?? {},
      private: overlay(known, of("private")),
      proposed: this.proposed.has(key) ? overlay(NO_CELLS, this.proposed.get(key)!) : NO_CELLS,
      marks: laid ? Object.fromEntries(laid.map((one) => [one.edit.edit, one.mark])) : NO_MARKS,
      unsent: laid ? laid.filter((one) => one.mark !== "sent").length : 0,
      conflicts: hasSeveral(cells) ? conflicts(cells) : NO_PATHS,
      held: this.held.has(key),
    };
  }

  /** An acked edit of mine that the feed now carries needs no overlay. */
  private settle(key: Key, entry: Entry): void {
    const laid = this.laid.get(key);
    if (!laid) return;
    this.keep(key, laid.filter((one) => one.mark !== "sent" || !carries(entry[5], one.edit)));
  }

  private keep(key: Key, laid: Laid[]): void {
    if (laid.length === this.laid.get(key)?.length) return;
    if (laid.length > 0) this.laid.set(key, laid);
    else {
      this.laid.delete(key);
      if (!this.base.has(key)) this.dirtyLists.add(key.split("/")[0]!);
    }
    this.touch(key);
  }

  private number(sheet: SheetId, no: number, row: RowId): void {
    let numbers = this.numbers.get(sheet);
    if (!numbers) this.numbers.set(sheet, (numbers = new Map()));
    numbers.set(no, row);
  }
}

function carries(cells: Cells, edit: Edit): boolean {
  return Object.keys(edit.writes).every((path) => cells[path]?.some(([id]) => id === edit.edit));
}

function blank(entry: Entry): Entry {
  return [entry[0], entry[1], entry[2], entry[3], entry[4], {}, {}, entry[7]];
}

function merged(old: Entry, entry: Entry): Entry {
  return [
    entry[0], entry[1], entry[2] || old[2], entry[3] || old[3], entry[4] || old[4],
    withSet(old[5], entry[5]) as Record<Path, Live>, withSet(old[6], entry[6]), Math.max(old[7], entry[7]),
  ];
}

function withSet<T extends readonly unknown[]>(old: Record<Path, T>, set: Record<Path, T>): Record<Path, T> {
  const next = { ...old };
  for (const path of Object.keys(set)) {
    if (set[path]!.length > 0) next[path] = set[path]!;
    else delete next[path];
  }
  return next;
}

function hasSeveral(cells: Cells): boolean {
  for (const path in cells) if (cells[path]!.length > 1) return true;
  return false;
}
