/**
 * Cell values: which ones can travel, and how writes are cut into edits. Twin of `schema/values.py` (rules ED6, ED7).
 * Pure. Imported by writing.ts and the forms.
 */
import type { Path, Value, Writes } from "./api";

const utf8 = new TextEncoder();

const MAX_EDIT_BYTES = 16 * 1024;
const MAX_VALUE_BYTES = 4096;
const MAX_WRITES = 64;
const PATH = /^[a-z][a-z0-9_]{0,39}(:[A-Za-z0-9_.-]{1,40})?$/;

/** What is wrong with a cell's value, as a stable code, or "" (rule ED6). Twin of `schema/values.py`. */
export function wrongWith(path: Path, value: unknown): string {
  if (!PATH.test(path)) return "invalid_path";
  if (value === null || typeof value === "boolean") return "";
  if (typeof value === "number") {
    return Number.isFinite(value) && !(Number.isInteger(value) && Math.abs(value) > 2 ** 53) ? "" : "invalid_value";
  }
  const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value : null;
  if (texts === null) return "invalid_value";
  let size = 0;
  for (const text of texts) {
    if (typeof text !== "string" || text !== tidy(text)) return "invalid_value";
    size += utf8.encode(text).length;
  }
  return size > MAX_VALUE_BYTES ? "too_long" : "";
}

/**
 * The one form of a value that can travel: no NUL, no half of a surrogate pair (a browser's `maxlength` or a broken paste can leave
 * one), no -0. Whatever a person can see of a text stays.
 */
export function tidy<T extends Value>(value: T): T;
export function tidy(value: Value): Value {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value === "string") return value.replace(/\0/g, "").replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, (pair) => (pair.length === 2 ? pair : "\uFFFD"));
  if (Array.isArray(value)) return (value as readonly string[]).map((text) => tidy(text));
  return value;
}

/** Writes cut into edits that the gate takes: at most 64 paths and 16 kB each. `together` in one edit if it can be. */
export function parts(writes: Writes, size: (writes: Writes) => number): Writes[] {
  const out: Writes[] = [];
  let part: Record<string, Value> = {};
  for (const path of Object.keys(writes).sort()) {
    const wider = { ...part, [path]: writes[path]! };
    if (Object.keys(part).length > 0 && (Object.keys(wider).length > MAX_WRITES || size(wider) > MAX_EDIT_BYTES)) {
      out.push(part);
      part = { [path]: writes[path]! };
    } else {
      part = wider;
    }
  }
  if (Object.keys(part).length > 0) out.push(part);
  return out;
}
