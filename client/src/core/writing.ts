/**
 * From what a person typed to edits: the right tier, the right size, what was seen. Rules SY37–SY39.
 * Pure, except that it draws edit ids. Imported by app.ts.
 *
 * An act is what gets one verdict. Cells that have nothing to do with each other are acts of their own, so that one refused cell takes
 * no other with it. An act has up to two edits, one a tier, under one edit id (an element of a log is the id of its edit in both).
 */
import type { ActorId, Cells, EditId, Path, Seen, SheetId, Tier, Value, Writes } from "./api";
import { encodeEdit, type Edit } from "./encoder";
import { failure } from "./failure";
import { newEditId } from "./ids";
import { sameValue, seenOf } from "./row";
import { parts, tidy, wrongWith } from "./values";

/** What writing needs to know of a sheet's definition; rules.ts answers. */
export interface Rules {
  /** The tier of a path's field; undefined where the sheet has no such field. */
  tier(sheet: SheetId, path: Path): Tier | undefined;
  /** Public words that may hold a number: the raw words go to the private tier where the masked ones differ. */
  isWords(sheet: SheetId, path: Path): boolean;
  mask(text: string): string;
  /** Whether a row may be created with this cell by somebody of this role; what may not is an act of its own. */
  mayAdd(sheet: SheetId, path: Path, value: Value, role: string): boolean;
}

export interface Drafted {
  readonly tier: Tier;
  readonly edit: Edit;
  readonly before: Cells;
}

export interface Shown {
  readonly cells: Cells;
  readonly private: Cells;
}

/** The edits of several acts, in order. Throws ActionError naming the first path that cannot be written. */
export function draft(
  acts: readonly Writes[],
  by: { sheet: SheetId; actor: ActorId; atMs: number; shown: Shown; seen?: Seen; rules: Rules; edit?: EditId },
): Drafted[] {
  const drafted: Drafted[] = [];
  for (const act of acts) {
    for (const part of parts(act, (writes) => JSON.stringify(writes).length * 3)) {
      const id = by.edit ?? newEditId();
      for (const [tier, writes] of split(part, by)) {
        const shown = tier === "public" ? by.shown.cells : by.shown.private;
        drafted.push({ tier, edit: edit(id, writes, tier, by), before: pick(shown, Object.keys(writes)) });
      }
    }
  }
  return drafted;
}

function edit(id: EditId, writes: Writes, tier: Tier, by: Parameters<typeof draft>[1]): Edit {
  const shown = tier === "public" ? by.shown.cells : by.shown.private;
  const seen: Record<Path, readonly EditId[]> = { ...seenOf(shown, Object.keys(writes)) };
  for (const path of Object.keys(writes)) {
    const given = by.seen?.[path];
    // The screen's word counts for the tier the field lives in, an empty list too: it showed nothing there.
    if (given !== undefined && by.rules.tier(by.sheet, path) === tier) {
      if (given.length > 0) seen[path] = given.slice(-16);
      else delete seen[path];
    }
  }
  const made: Edit = { edit: id, actor: by.actor, atMs: by.atMs, writes, seen };
  encodeEdit(made); // Whatever cannot be encoded is told now, not when it is sent.
  return made;
}

function* split(writes: Writes, by: Parameters<typeof draft>[1]): Generator<[Tier, Writes]> {
  const open: Record<Path, Value> = {};
  const closed: Record<Path, Value> = {};
  for (const path of Object.keys(writes)) {
    const value = tidy(writes[path]!);
    const wrong = wrongWith(path, value);
    if (wrong) throw failure(wrong, `${path} cannot be written`, wrong === "too_long" ? "a cell holds about 1,300 Chinese characters" : "");
    const tier = by.rules.tier(by.sheet, path);
    if (tier === undefined) throw failure("unknown_field", `sheet ${by.sheet} has no field for ${path}`);
    if (tier === "private") {
      closed[path] = value;
      continue;
    }
    open[path] = value;
    if (!by.rules.isWords(by.sheet, path)) continue;
    const masked = maskedOf(value, by.rules);
    open[path] = masked;
    // Raw words that this device knows of an earlier text must not outlive it.
    if (!sameValue(masked, value) || (by.shown.private[path]?.length ?? 0) > 0) closed[path] = value;
  }
  if (Object.keys(open).length > 0) yield ["public", open];
  if (Object.keys(closed).length > 0) yield ["private", closed];
}

function maskedOf(value: Value, rules: Rules): Value {
  if (typeof value === "string") return rules.mask(value);
  if (Array.isArray(value)) return (value as readonly string[]).map((text) => rules.mask(text));
  return value;
}

function pick(cells: Cells, paths: readonly Path[]): Cells {
  const picked: Record<Path, Cells[Path]> = {};
  for (const path of paths) if (cells[path]) picked[path] = cells[path]!;
  return picked;
}

/** Writes as acts: each path its own, or all one. */
export function actsOf(writes: Writes, together: boolean): Writes[] {
  return together ? [writes] : Object.keys(writes).map((path) => ({ [path]: writes[path]! }));
}

/** A new row as acts: what makes the row in one, what this role may not set at birth apart. */
export function birth(sheet: SheetId, writes: Writes, role: string, rules: Rules): Writes[] {
  const born: Record<Path, Value> = {};
  const apart: Writes[] = [];
  for (const path of Object.keys(writes)) {
    if (rules.mayAdd(sheet, path, writes[path]!, role)) born[path] = writes[path]!;
    else apart.push({ [path]: writes[path]! });
  }
  const isPublic = (path: Path) => rules.tier(sheet, path) === "public";
  // A row exists from its first public edit: a lone telephone number comes with who gave it.
  if (!Object.keys(born).some(isPublic) && isPublic("source")) born["source"] = role === "visitor" ? "self" : "volunteer";
  if (Object.keys(born).length === 0) throw failure("nothing_written", "a row needs at least one cell that you may set");
  return [born, ...apart];
}
