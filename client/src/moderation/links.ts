/**
 * Duplicate links: which row stands for which others. Twin of `moderation/duplicates/links.py`.
 * Pure. Rules DU16–DU18 of docs/spec/duplicates.md. Keys are `sheet/row`.
 */
import type { Cells, RowId, SheetId } from "../core/api";

export interface Group {
  /** The row people work on. */
  readonly primary: string;
  /** All rows of the case, the primary first. */
  readonly rows: readonly string[];
  /** Rows that point at each other in a circle; the primary of one stays in sight. */
  readonly ring: readonly string[];
}

/** The row that this one is said to be the same as; null while any account says that it stands alone (ST5). */
export function targetOf(sheet: SheetId, cells: Cells): string | null {
  const values = (cells["duplicate_of"] || []).slice().sort((a, b) => (a[0] < b[0] ? -1 : 1));
  if (values.length === 0 || values.some((live) => typeof live[1] !== "string" || !live[1])) return null;
  const named = values[values.length - 1]![1] as string;
  return named.indexOf("/") >= 0 ? named : `${sheet}/${named}`;
}

/** Every linked row and its group; order-free. `targets` holds every row there is and what it points at. */
export function groupsOf(targets: ReadonlyMap<string, string | null>): Map<string, Group> {
  const primaries = new Map<string, string>();
  const rings = new Map<string, string[]>();
  for (const start of Array.from(targets.keys()).sort()) {
    const trail: string[] = [];
    let at = start;
    while (!primaries.has(at) && trail.indexOf(at) < 0) {
      trail.push(at);
      const ahead = targets.get(at);
      if (!ahead || !targets.has(ahead) || ahead === at) {
        primaries.set(at, at);
        break;
      }
      at = ahead;
    }
    if (!primaries.has(at)) {
      const ring = trail.slice(trail.indexOf(at)).sort();
      rings.set(ring[0]!, ring);
      for (const one of ring) primaries.set(one, ring[0]!);
    }
    const primary = primaries.get(at)!;
    for (const one of trail) if (!primaries.has(one)) primaries.set(one, primary);
  }
  const members = new Map<string, string[]>();
  for (const row of Array.from(primaries.keys()).sort()) {
    const primary = primaries.get(row)!;
    members.set(primary, (members.get(primary) || []).concat(row));
  }
  const groups = new Map<string, Group>();
  members.forEach((rows, primary) => {
    if (rows.length < 2) return;
    const group = { primary, rows: [primary].concat(rows.filter((one) => one !== primary)), ring: rings.get(primary) || [] };
    for (const row of rows) groups.set(row, group);
  });
  return groups;
}

/** Whether a link from a row to another would close a circle: asked before it is written. */
export function wouldCircle(targets: ReadonlyMap<string, string | null>, row: string, to: string): boolean {
  const seen = new Set<string>();
  let at: string | null | undefined = to;
  while (at && !seen.has(at)) {
    if (at === row) return true;
    seen.add(at);
    at = targets.get(at);
  }
  return false;
}

/** Where a key came apart: `[sheet, row]`. */
export function partsOf(key: string): [SheetId, RowId] {
  const at = key.indexOf("/");
  return [key.slice(0, at), key.slice(at + 1)];
}
