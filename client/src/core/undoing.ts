/**
 * What undoing an own act would put back, and whether it still can. Rule SY39.
 * Pure. Imported by pen.ts.
 */
import type { Cells, Path, SheetId, Value, Writes } from "./api";
import { shown } from "./row";
import type { Waiting } from "./store";
import type { Rules } from "./writing";

export type Undoing = { readonly back: Writes } | { readonly changed: readonly Path[] } | null;

/** `mine`: the act's edits, one a tier. Null where there is nothing to put back: an element of a log stays. */
export function undoing(mine: readonly Waiting[], now: { sheet: SheetId; cells: Cells; private: Cells; rules: Rules }): Undoing {
  const changed: Path[] = [];
  const back: Record<Path, Value> = {};
  for (const one of mine) {
    const cells = one.tier === "public" ? now.cells : now.private;
    const { edit, writes } = one.edit;
    for (const path of Object.keys(writes)) {
      if (path.split(":")[1] === edit) continue;
      const live = cells[path] ?? [];
      // Still mine: my edit stands, and nothing beside it but what stood before.
      const isMine = live.some(([id]) => id === edit) && live.every(([id]) => id === edit || one.before[path]?.some(([old]) => old === id));
      if (!isMine) changed.push(path);
      // The field's own tier decides what is put back; a raw twin follows by itself.
      else if (now.rules.tier(now.sheet, path) === one.tier) back[path] = rawBefore(mine, path) ?? shown(one.before[path]);
    }
  }
  if (changed.length > 0) return { changed: Array.from(new Set(changed)) };
  return Object.keys(back).length > 0 ? { back } : null;
}

/** The raw words that stood before an act of two tiers, where this device knew them. */
function rawBefore(mine: readonly Waiting[], path: Path): Value | undefined {
  const twin = mine.length > 1 ? mine.find((one) => one.tier === "private")?.before[path] : undefined;
  return twin && twin.length > 0 ? shown(twin) : undefined;
}
