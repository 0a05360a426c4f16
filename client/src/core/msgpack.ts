/**
 * MessagePack, as much of it as frames are made of: null, booleans, numbers, text, bytes, arrays, maps with text keys.
 * Pure. Imported by frames.ts. Our own because @msgpack/msgpack is 7.9 kB of the 45 kB a first load may have (this: 1.2 kB) and half of
 * it is for extensions, timestamps and streams that no frame has; msgpack.test.ts holds the two together, both ways.
 */
export type Packed = null | boolean | number | string | Uint8Array | readonly Packed[] | { readonly [key: string]: Packed };

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });
/** A frame nests four deep; a hostile one must not reach the end of the stack. */
const MAX_DEPTH = 32;

export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  out.value(value);
  return out.bytes.slice(0, out.at);
}

/** The one value in `bytes`. Throws TypeError on anything else. */
export function unpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new TypeError("bytes left over");
  return value;
}

class Writer {
  bytes = new Uint8Array(512);
  at = 0;
  private view = new DataView(this.bytes.buffer);

  private room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    wider.set(this.bytes);
    this.bytes = wider;
    this.view = new DataView(wider.buffer);
  }

  /** A tag and a number of 1, 2 or 4 bytes behind it. */
  private head(tag: number, size: 0 | 1 | 2 | 4, number = 0): void {
    this.room(5);
    this.bytes[this.at++] = tag;
    if (size === 1) this.view.setUint8(this.at, number);
    else if (size === 2) this.view.setUint16(this.at, number);
    else if (size === 4) this.view.setUint32(this.at, number);
    this.at += size;
  }

  /** A length in the shortest form: within the tag below `small`, else behind one of three tags (0: there is none). */
  private length(n: number, fixed: number, small: number, tags: readonly [number, number, number]): void {
    if (n < small) this.head(fixed | n, 0);
    else if (n < 0x100 && tags[0]) this.head(tags[0], 1, n);
    else if (n < 0x10000) this.head(tags[1], 2, n);
    else this.head(tags[2], 4, n);
  }

  private put(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.head(0xc0, 0);
    else if (typeof value === "boolean") this.head(value ? 0xc3 : 0xc2, 0);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") {
      const bytes = utf8.encode(value);
      this.length(bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
      this.put(bytes);
    } else if (value instanceof Uint8Array) {
      this.length(value.length, 0, 0, [0xc4, 0xc5, 0xc6]);
      this.put(value);
    } else if (Array.isArray(value)) {
      this.length(value.length, 0x90, 16, [0, 0xdc, 0xdd]);
      for (const item of value) this.value(item);
    } else {
      const keys = Object.keys(value as object);
      this.length(keys.length, 0x80, 16, [0, 0xde, 0xdf]);
      for (const key of keys) {
        this.value(key);
        this.value((value as Record<string, unknown>)[key]);
      }
    }
  }

  private number(n: number): void {
    if (Number.isInteger(n) && n >= 0 && n < 0x100000000) {
      this.length(n, 0, 0x80, [0xcc, 0xcd, 0xce]);
    } else if (Number.isInteger(n) && n < 0 && n >= -0x80000000) {
      if (n >= -32) this.head(n & 0xff, 0);
      else if (n >= -0x80) this.head(0xd0, 1, n & 0xff);
      else if (n >= -0x8000) this.head(0xd1, 2, n & 0xffff);
      else this.head(0xd2, 4, n >>> 0);
    } else if (Number.isSafeInteger(n)) {
      this.head(n < 0 ? 0xd3 : 0xcf, 4, Math.floor(n / 0x100000000) >>> 0);
      this.room(4);
      this.view.setUint32(this.at, n >>> 0);
      this.at += 4;
    } else {
      this.room(9);
      this.bytes[this.at++] = 0xcb;
      this.view.setFloat64(this.at, n);
      this.at += 8;
    }
  }
}

class Reader {
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next `size` bytes begin. */
  private skip(size: number): number {
    const from = this.at;
    if (size > this.bytes.length - from) throw new TypeError("bytes end too early");
    this.at += size;
    return from;
  }

  private uint(size: number): number {
    const at = this.skip(size);
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at);
    if (size === 4) return this.view.getUint32(at);
    return this.view.getUint32(at) * 0x100000000 + this.view.getUint32(at + 4);
  }

  private int(size: number): number {
    const at = this.skip(size);
    if (size === 1) return this.view.getInt8(at);
    if (size === 2) return this.view.getInt16(at);
    if (size === 4) return this.view.getInt32(at);
    return this.view.getInt32(at) * 0x100000000 + this.view.getUint32(at + 4);
  }

  private take(size: number): Uint8Array {
    const at = this.skip(size);
    return this.bytes.subarray(at, at + size);
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new TypeError("nested too deep");
    const tag = this.uint(1);
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    if (tag < 0x90) return this.map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.array(tag & 0x0f, depth);
    if (tag < 0xc0) return text.decode(this.take(tag & 0x1f));
    switch (tag) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return this.take(this.uint(1 << (tag - 0xc4))).slice();
      case 0xca: return this.view.getFloat32(this.skip(4));
      case 0xcb: return this.view.getFloat64(this.skip(8));
      case 0xcc: case 0xcd: case 0xce: case 0xcf: return this.uint(1 << (tag - 0xcc));
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: return this.int(1 << (tag - 0xd0));
      case 0xd9: case 0xda: case 0xdb: return text.decode(this.take(this.uint(1 << (tag - 0xd9))));
      case 0xdc: case 0xdd: return this.array(this.uint(2 << (tag - 0xdc)), depth);
      case 0xde: case 0xdf: return this.map(this.uint(2 << (tag - 0xde)), depth);
      default: throw new TypeError("a kind of value that frames do not have");
    }
  }

  private array(length: number, depth: number): unknown[] {
    // Every item takes a byte at least: a length beyond the rest is a lie, and no memory is set aside for it.
    if (length > this.bytes.length - this.at) throw new TypeError("bytes end too early");
    const list: unknown[] = [];
    for (let i = 0; i < length; i++) list.push(this.value(depth + 1));
    return list;
  }

  private map(length: number, depth: number): Record<string, unknown> {
    if (length * 2 > this.bytes.length - this.at) throw new TypeError("bytes end too early");
    const map: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" || key === "__proto__") throw new TypeError("a key is text");
      map[key] = this.value(depth + 1);
    }
    return map;
  }
}
