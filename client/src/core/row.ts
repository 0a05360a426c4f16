/**
 * The row: a grow-only set of accepted edits, folded to live values. Twin of `schema/row.py`; `schema/vectors/rows.json` holds them
 * together. Order-free and duplicate-free.
 * Pure. Imported by book.ts and the screens.
 */
import type { Cells, EditId, Live, LiveValue, Path, Seen, Value } from "./api";
import type { Edit } from "./encoder";

/** The live values that a set of accepted edits of one tier leaves. */
export function project(edits: Iterable<Edit>): Cells {
  return fold({}, edits);
}

/** A server's live sets with own pending edits laid over them: what the author sees. The base is not changed. */
export function overlay(base: Cells, pending: Iterable<Edit>): Cells {
  return fold(base, pending);
}

function fold(base: Cells, edits: Iterable<Edit>): Cells {
  const cells: Record<Path, Live> = { ...base };
  const kills = new Map<Path, Set<EditId>>();
  for (const edit of edits) {
    for (const path of Object.keys(edit.seen)) {
      let dead = kills.get(path);
      if (!dead) kills.set(path, (dead = new Set()));
      for (const replaced of edit.seen[path]!) dead.add(replaced);
    }
    for (const path of Object.keys(edit.writes)) {
      const dead = kills.get(path);
      const kept = (cells[path] ?? []).filter(([id]) => id !== edit.edit && !dead?.has(id));
      if (!dead?.has(edit.edit)) kept.push([edit.edit, edit.writes[path]!, edit.actor, edit.atMs]);
      if (kept.length > 0) cells[path] = kept.sort(byEdit);
      else delete cells[path];
    }
  }
  return cells;
}

function byEdit(a: LiveValue, b: LiveValue): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

export function sameValue(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((text, i) => text === b[i]);
  return a === b;
}

/** Whether a cell has two live values that differ. */
export function isConflict(live: Live): boolean {
  return live.some((entry) => !sameValue(entry[1], live[0]![1]));
}

/** One value to show where only one fits: the last in edit order; the row panel shows all. Null for an empty cell. */
export function shown(live: Live | undefined): Value {
  return live && live.length > 0 ? live[live.length - 1]![1] : null;
}

export function conflicts(cells: Cells): Path[] {
  return Object.keys(cells).filter((path) => isConflict(cells[path]!)).sort();
}

/** The edits a screen that shows `cells` has seen under `paths`: what a write of them replaces. */
export function seenOf(cells: Cells, paths: Iterable<Path>): Seen {
  const seen: Record<Path, EditId[]> = {};
  for (const path of paths) {
    const live = cells[path];
    if (live && live.length > 0) seen[path] = live.map(([id]) => id);
  }
  return seen;
}
