/**
 * The canonical bytes of an edit: exactly one Yjs update, without Yjs. Twin of `schema/encoding.py` (rules ED1, ED2).
 * Pure. Imported by outbox.ts. Byte-equal to npm yjs: tests in encoder.test.ts, shared vectors in `schema/vectors/edits.json`.
 *
 *     update := 1 client, n structs, client = edit id as a number, clock 0, struct*, empty delete set
 *     struct := 0x28 (content Any, keyed, no origins), root name "row", key, 1 value
 */
import type { ActorId, EditId, Seen, Value, Writes } from "./api";
import { decode62 } from "./base62";

export interface Edit {
  readonly edit: EditId;
  readonly actor: ActorId;
  readonly atMs: number;
  readonly writes: Writes;
  readonly seen: Seen;
}

type Any = Value | readonly Any[] | { readonly [key: string]: Any };

const utf8 = new TextEncoder();

export function encodeEdit(edit: Edit): Uint8Array<ArrayBuffer> {
  const id = edit.edit;
  const seen: Record<string, Any> = {};
  for (const path of Object.keys(edit.seen).sort()) seen[path] = [...edit.seen[path]!].sort();
  // Sorted by the whole key: `~` is above every path character, so `floor2~…` comes before `floor~…`.
  const keys = Object.keys(edit.writes).map((path) => [`${path}~${id}`, edit.writes[path]!] as [string, Any]);
  keys.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  keys.unshift([`~${id}`, [edit.actor, edit.atMs, seen]]);
  const out = new Bytes();
  out.uint(1);
  out.uint(keys.length);
  out.uint(decode62(id));
  out.uint(0);
  for (const [key, value] of keys) {
    out.byte(0x28);
    out.uint(1);
    out.text("row");
    out.text(key);
    out.uint(1);
    out.any(value);
  }
  out.uint(0);
  return out.done();
}

/** A growing buffer that writes lib0's forms. */
class Bytes {
  private buffer = new Uint8Array(256);
  private size = 0;

  private room(more: number): void {
    if (this.size + more <= this.buffer.length) return;
    const wider = new Uint8Array(Math.max(this.buffer.length * 2, this.size + more));
    wider.set(this.buffer);
    this.buffer = wider;
  }

  byte(byte: number): void {
    this.room(1);
    this.buffer[this.size++] = byte;
  }

  uint(number: number): void {
    // Division, not shifts: a client id has up to 48 bits.
    while (number > 0x7f) {
      this.byte(0x80 | (number % 128));
      number = Math.floor(number / 128);
    }
    this.byte(number);
  }

  text(text: string): void {
    const bytes = utf8.encode(text);
    this.uint(bytes.length);
    this.room(bytes.length);
    this.buffer.set(bytes, this.size);
    this.size += bytes.length;
  }

  any(value: Any): void {
    if (typeof value === "string") {
      this.byte(119);
      this.text(value);
    } else if (value === null) {
      this.byte(126);
    } else if (typeof value === "boolean") {
      this.byte(value ? 120 : 121);
    } else if (typeof value === "number") {
      this.number(value);
    } else if (isList(value)) {
      this.byte(117);
      this.uint(value.length);
      for (const item of value) this.any(item);
    } else {
      const keys = Object.keys(value);
      this.byte(118);
      this.uint(keys.length);
      for (const key of keys) {
        this.text(key);
        this.any(value[key]!);
      }
    }
  }

  private number(number: number): void {
    if (Number.isInteger(number) && Math.abs(number) <= 0x7fffffff) {
      this.byte(125);
      const size = Math.abs(number);
      this.byte((size > 0x3f ? 0x80 : 0) | (number < 0 ? 0x40 : 0) | (size & 0x3f));
      if (size > 0x3f) this.uint(size >> 6);
      return;
    }
    const exact = Math.fround(number) === number;
    this.byte(exact ? 124 : 123);
    const width = exact ? 4 : 8;
    this.room(width);
    const view = new DataView(this.buffer.buffer, this.size, width);
    if (exact) view.setFloat32(0, number);
    else view.setFloat64(0, number);
    this.size += width;
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.size);
  }
}

function isList(value: Any): value is readonly Any[] {
  return Array.isArray(value);
}
