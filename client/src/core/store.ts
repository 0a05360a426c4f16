/**
 * What this device keeps: one IndexedDB per workbook, and what happens when it dies. Rules SY25–SY28.
 * I/O: IndexedDB and localStorage. Imported by app.ts alone; everything else gets values.
 *
 * Stores. Small, and mirrored in memory: `outbox` (edits not yet acked), `own` (acked ones, 14 days, to heal a restored server), `kept`
 * (suggested and refused, with their words), `links` (row links held), `drafts`, `meta`. Large: `chunks` (the projection, 256 rows a
 * record: 45 ms for 10,000 rows, one record a row takes 225) and `delta` (rows changed since, folded into the chunks when idle).
 *
 * When IndexedDB fails (iOS kills the connection of a page in the background; private modes refuse it) a call reopens and tries once
 * more; then the small stores go to localStorage, one key a record, and `storage` says so. The next start takes them back.
 */
import type { Cells, Storage, Tier } from "./api";
import { asked, done, openDatabase, type Database } from "./database";
import type { Edit } from "./encoder";
import type { Entry, Verdict } from "./frames";

/** An edit waiting for its ack. `n` is its place in authoring order. */
export interface Waiting {
  readonly n: number;
  readonly sheet: string;
  readonly row: string;
  readonly tier: Tier;
  readonly edit: Edit;
  readonly before: Cells;
  /** Acked before, under an epoch the server has lost. */
  readonly again?: boolean;
}

/** An edit that the server has answered. */
export interface Answered extends Waiting {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly seq: number;
  readonly epoch: string;
  readonly answeredMs: number;
}

export interface HeldLink {
  readonly sheet: string;
  readonly row: string;
  readonly secret: string;
  readonly atMs: number;
}

export interface Small {
  outbox: Waiting;
  own: Answered;
  kept: Answered;
  links: HeldLink;
  drafts: unknown;
  meta: unknown;
}
export type SmallName = keyof Small;
export const SMALL: readonly SmallName[] = ["outbox", "own", "kept", "links", "drafts", "meta"];

export type Op =
  | { readonly [S in SmallName]: readonly ["put", S, string, Small[S]] }[SmallName]
  | readonly ["delete", SmallName, string];

const CHUNK_ROWS = 256;
/** Folding rewrites the chunks it touches (2.4 ms each); a few hundred rows of delta load in a few milliseconds. */
const FOLD_AT = 400;
/** WebKit sometimes never answers an open; nobody waits longer than this to see the page. */
const OPEN_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 15_000;
const VERSION = 1;

export class Store {
  private db: Database | null = null;
  private readonly pocket: Pocket;
  private readonly mirror = new Map<SmallName, Map<string, unknown>>(SMALL.map((name) => [name, new Map<string, unknown>()]));
  private deltas = 0;
  /** The cached rows were given up for room: none are kept until a cold open writes all of them, and no cursor either. */
  private rowsDropped = false;
  private wasOpen = false;
  state: Storage = "ok";

  constructor(
    readonly workbook: string,
    private readonly onState: (state: Storage) => void = () => {},
    private readonly open: (name: string) => Promise<Database> = openStores,
    local: globalThis.Storage | null = localOrNull(),
  ) {
    this.pocket = new Pocket(`rescue/${workbook}/`, local);
  }

  /** Reads the small stores, taking back what an earlier failure left in localStorage. */
  async load(): Promise<void> {
    const read = await this.run(async (db) => {
      const tx = db.transaction([...SMALL, "delta"], "readonly");
      const [deltas, ...found] = await Promise.all([
        asked(tx.objectStore("delta").count()),
        ...SMALL.map(async (name) => {
          const [keys, values] = await allOf<unknown>(tx.objectStore(name));
          return [name, keys, values] as const;
        }),
      ]);
      this.deltas = deltas;
      return found;
    });
    for (const [name, keys, values] of read ?? []) {
      const map = this.mirror.get(name)!;
      keys.forEach((key, i) => map.set(key, values[i]));
    }
    const left = this.pocket.all();
    for (const [, name, key, value] of left) this.mirror.get(name)!.set(key, value);
    if (read !== null && left.length > 0 && (await this.transact(left as Op[]))) this.pocket.clear(left);
  }

  all<S extends SmallName>(name: S): Small[S][] {
    return Array.from(this.mirror.get(name)!.values()) as Small[S][];
  }

  get<S extends SmallName>(name: S, key: string): Small[S] | undefined {
    return this.mirror.get(name)!.get(key) as Small[S] | undefined;
  }

  /** One transaction over the small stores. Resolves when it is on the device: this is what 已存本机 means (SY25). */
  async commit(ops: readonly Op[]): Promise<void> {
    this.hear(ops);
    if (this.state === "ok" && (await this.transact(ops))) return;
    this.toPocket(ops);
  }

  /** What another tab has committed: for the memory only, it is on the device already. */
  hear(ops: readonly Op[]): void {
    for (const op of ops) {
      const map = this.mirror.get(op[1])!;
      if (op[0] === "put") map.set(op[2], op[3]);
      else map.delete(op[2]);
    }
  }

  /** What another tab of this browser has written to one store since. */
  async reread<S extends SmallName>(name: S): Promise<Small[S][]> {
    const read = await this.run(async (db) => {
      return allOf<unknown>(db.transaction(name, "readonly").objectStore(name));
    });
    if (read !== null) this.mirror.set(name, new Map(read[0].map((key, i) => [key, read[1][i]])));
    return this.all(name);
  }

  /* ------------------------------------------------------------- the projection */

  /** Reads the cached rows, chunk after chunk; a later call replaces and removes rows of earlier ones. */
  async rows(each: (rows: Entry[], removed: string[]) => void): Promise<void> {
    await this.run(async (db) => {
      const tx = db.transaction(["chunks", "delta"], "readonly");
      const chunks = tx.objectStore("chunks");
      for (const key of await asked(chunks.getAllKeys())) each(await asked<Entry[]>(chunks.get(key)), []);
      const [keys, rows] = await allOf<Entry | null>(tx.objectStore("delta"));
      const isRow = (row: Entry | null): row is Entry => row !== null;
      if (rows.length > 0) each(rows.filter(isRow), keys.filter((_, i) => rows[i] === null));
    });
  }

  /** Keeps changed rows, whole, and the cursor they bring the device to, in one transaction: neither is ever ahead of the other. */
  async keepRows(rows: readonly Entry[], meta: Readonly<Record<string, unknown>>, removed: readonly string[] = []): Promise<void> {
    for (const key of Object.keys(meta)) this.mirror.get("meta")!.set(key, meta[key]);
    if (this.rowsDropped) return;
    const kept = await this.run(async (db) => {
      const tx = db.transaction(["delta", "meta"], "readwrite");
      const delta = tx.objectStore("delta");
      for (const row of rows) delta.put(row, `${row[0]}/${row[1]}`);
      for (const key of removed) delta.put(null, key);
      for (const key of Object.keys(meta)) tx.objectStore("meta").put(meta[key], key);
      await done(tx);
      return true;
    });
    if (kept === null) return;
    this.deltas += rows.length + removed.length;
    if (this.deltas > FOLD_AT) await this.foldRows();
  }

  /** Replaces the whole projection: after a cold open. */
  async replaceRows(rows: readonly Entry[], meta: Readonly<Record<string, unknown>>): Promise<void> {
    for (const key of Object.keys(meta)) this.mirror.get("meta")!.set(key, meta[key]);
    const kept = await this.run(async (db) => {
      const tx = db.transaction(["chunks", "delta", "meta"], "readwrite");
      tx.objectStore("chunks").clear();
      tx.objectStore("delta").clear();
      for (let i = 0; i * CHUNK_ROWS < rows.length; i++) {
        tx.objectStore("chunks").put(rows.slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS), i);
      }
      for (const key of Object.keys(meta)) tx.objectStore("meta").put(meta[key], key);
      await done(tx);
      return true;
    });
    if (kept !== null) this.rowsDropped = false;
    this.deltas = 0;
  }

  /** Moves the delta into the chunks it belongs to, in one transaction: a crash leaves the old or the new. */
  async foldRows(): Promise<void> {
    await this.run(async (db) => {
      const tx = db.transaction(["chunks", "delta"], "readwrite");
      const store = tx.objectStore("chunks");
      const delta = tx.objectStore("delta");
      const ended = done(tx);
      const [[keys, chunks], [changedKeys, changed]] = await Promise.all([allOf<Entry[], number>(store), allOf<Entry | null>(delta)]);
      const waiting = new Map(changedKeys.map((key, i) => [key, changed[i]!]));
      const touched = new Set<number>();
      chunks.forEach((chunk, c) => {
        for (let i = chunk.length - 1; i >= 0; i--) {
          const key = `${chunk[i]![0]}/${chunk[i]![1]}`;
          const row = waiting.get(key);
          if (row === undefined) continue;
          if (row === null) chunk.splice(i, 1);
          else chunk[i] = row;
          waiting.delete(key);
          touched.add(c);
        }
      });
      for (const row of waiting.values()) {
        if (row === null) continue;
        const last = chunks.length - 1;
        if (last < 0 || chunks[last]!.length >= CHUNK_ROWS) {
          chunks.push([row]);
          keys.push(last < 0 ? 0 : keys[last]! + 1);
          touched.add(last + 1);
        } else {
          chunks[last]!.push(row);
          touched.add(last);
        }
      }
      for (const c of touched) store.put(chunks[c]!, keys[c]!);
      delta.clear();
      await ended;
    });
    this.deltas = 0;
  }

  /** Removes everything of this workbook from the device. */
  async forget(): Promise<void> {
    for (const map of this.mirror.values()) map.clear();
    this.pocket.clear(this.pocket.all());
    await this.run(async (db) => {
      const names = [...SMALL, "chunks", "delta"];
      const tx = db.transaction(names, "readwrite");
      for (const name of names) tx.objectStore(name).clear();
      await done(tx);
    });
  }

  close(): void {
    this.db?.close();
    this.db = null;
  }

  /* ------------------------------------------------------------- when it dies */

  private async transact(ops: readonly Op[]): Promise<boolean> {
    const names = Array.from(new Set(ops.map((op) => op[1])));
    if (names.length === 0) return true;
    const kept = await this.run(async (db) => {
      // Strict: "complete" means the disk, not the system's buffers; a battery may die in the next minute.
      const tx = db.transaction(names, "readwrite", { durability: "strict" });
      for (const op of ops) {
        if (op[0] === "put") tx.objectStore(op[1]).put(op[3], op[2]);
        else tx.objectStore(op[1]).delete(op[2]);
      }
      await done(tx);
      return true;
    });
    return kept === true;
  }

  /** Runs one transaction; reopens and tries once more; null when IndexedDB is given up. */
  private async run<T>(work: (db: Database) => Promise<T>): Promise<T | null> {
    if (this.state !== "ok") return null;
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        this.db ??= await this.connect();
        return await within(CALL_TIMEOUT_MS, work(this.db));
      } catch (error) {
        this.close();
        // The projection can be had again, what a person typed cannot: it gives way when the disk is full.
        if (error instanceof Error && error.name === "QuotaExceededError") await this.dropRows();
      }
    }
    this.giveUp();
    return null;
  }

  private async connect(): Promise<Database> {
    const db = await within(OPEN_TIMEOUT_MS, this.open(`rescue:${this.workbook}`));
    // Another tab wants a newer version, or the browser ended the connection: let go, the next call opens again.
    db.addEventListener("versionchange", () => this.close());
    db.addEventListener("close", () => (this.db = null));
    if (this.wasOpen) await this.refill(db);
    this.wasOpen = true;
    return db;
  }

  /** The browser, or a person, has emptied the storage under an open page: what the page still knows is written again. */
  private async refill(db: Database): Promise<void> {
    const device = this.mirror.get("meta")!.get("device");
    if (device === undefined || (await asked(db.transaction("meta").objectStore("meta").get("device"))) === device) return;
    this.rowsDropped = true;
    const tx = db.transaction([...SMALL], "readwrite");
    for (const name of SMALL) for (const [key, value] of this.mirror.get(name)!) if (key !== "cursor") tx.objectStore(name).put(value, key);
    await done(tx);
  }

  private async dropRows(): Promise<void> {
    try {
      const db = (this.db ??= await this.connect());
      const tx = db.transaction(["chunks", "delta", "meta"], "readwrite");
      tx.objectStore("chunks").clear();
      tx.objectStore("delta").clear();
      tx.objectStore("meta").put(0, "cursor");
      await within(CALL_TIMEOUT_MS, done(tx));
      this.rowsDropped = true;
    } catch {
      this.close(); // The second attempt of `run` decides.
    }
  }

  private giveUp(): void {
    this.setState("memory");
    for (const name of SMALL) {
      for (const [key, value] of this.mirror.get(name)!) this.toPocket([["put", name, key, value] as Op]);
    }
  }

  private toPocket(ops: readonly Op[]): void {
    if (!this.pocket.apply(ops)) this.setState("broken");
    else if (this.state === "broken") this.setState("memory");
  }

  private setState(state: Storage): void {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}

/** The small stores in localStorage, one key a record. */
class Pocket {
  constructor(
    private readonly prefix: string,
    private readonly local: globalThis.Storage | null,
  ) {}

  /** False when localStorage refuses: nothing but the open page holds the words then. */
  apply(ops: readonly Op[]): boolean {
    try {
      for (const op of ops) {
        const key = `${this.prefix}${op[1]}/${op[2]}`;
        // A cursor is worth nothing without the rows it stands for, and those are not kept here.
        if (op[1] === "meta" && op[2] === "cursor") continue;
        if (op[0] === "put") this.local!.setItem(key, JSON.stringify(op[3]));
        else this.local!.removeItem(key);
      }
      return this.local !== null;
    } catch {
      return false;
    }
  }

  all(): (readonly ["put", SmallName, string, unknown])[] {
    const found: (readonly ["put", SmallName, string, unknown])[] = [];
    try {
      for (let i = 0; i < (this.local?.length ?? 0); i++) {
        const key = this.local!.key(i)!;
        const [name, ...rest] = key.startsWith(this.prefix) ? key.slice(this.prefix.length).split("/") : [];
        if (SMALL.indexOf(name as SmallName) < 0) continue;
        found.push(["put", name as SmallName, rest.join("/"), JSON.parse(this.local!.getItem(key)!) as unknown]);
      }
    } catch {
      return found; // What can be read is taken; a damaged record stays where it is.
    }
    return found;
  }

  clear(records: readonly (readonly ["put", SmallName, string, unknown])[]): void {
    for (const [, name, key] of records) this.local?.removeItem(`${this.prefix}${name}/${key}`);
  }
}

/** Keys and values of a store, side by side. */
async function allOf<T, K = string>(store: IDBObjectStore): Promise<readonly [K[], T[]]> {
  return Promise.all([asked(store.getAllKeys()) as unknown as Promise<K[]>, asked(store.getAll()) as Promise<T[]>]);
}

function openStores(name: string): Promise<Database> {
  return openDatabase(name, VERSION, [...SMALL, "chunks", "delta"]);
}

function localOrNull(): globalThis.Storage | null {
  try {
    return typeof localStorage === "undefined" ? null : localStorage;
  } catch {
    return null; // Some browsers throw on the mere mention when cookies are blocked.
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("IndexedDB did not answer")), ms);
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}

/** In authoring order. */
export function byAuthoring(a: Waiting, b: Waiting): number {
  return a.n - b.n;
}

