import "fake-indexeddb/auto";
import { asked, openDatabase } from "./database";
import { beforeEach, expect, test } from "vitest";
import type { Entry } from "./frames";
import { Store, type Waiting } from "./store";

let workbook = "";
let count = 0;
beforeEach(() => {
  workbook = `w${count++}`;
});

/** localStorage, and one that is full. */
class Local {
  readonly map = new Map<string, string>();
  full = false;
  get length() {
    return this.map.size;
  }
  key(i: number) {
    return Array.from(this.map.keys())[i] ?? null;
  }
  getItem(key: string) {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    if (this.full) throw new Error("QuotaExceededError");
    this.map.set(key, value);
  }
  removeItem(key: string) {
    this.map.delete(key);
  }
  clear() {
    this.map.clear();
  }
}

const waiting = (edit: string, n = 1): Waiting => ({
  n, sheet: "help", row: "r", tier: "public", before: {},
  edit: { edit, actor: "A00000000001", atMs: 1, writes: { place: "卫辉" }, seen: {} },
});
const entry = (row: string, place = row): Entry => ["help", row, 1, 1, "A", { place: [["e", place, "A", 1]] }, {}, 1];
const real = (name: string) => openDatabase(name, 1, ["outbox", "own", "kept", "links", "drafts", "meta", "chunks", "delta"]);

async function rowsOf(store: Store): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  await store.rows((rows, removed) => {
    for (const row of rows) found.set(row[1], row);
    for (const key of removed) found.delete(key.split("/")[1]!);
  });
  return found;
}

test("SY25 what commit has resolved is there after the page is gone", async () => {
  const first = new Store(workbook);
  await first.load();
  await first.commit([["put", "outbox", "e1", waiting("e1")], ["put", "meta", "device", "secret"]]);
  const second = new Store(workbook);
  await second.load();
  expect(second.all("outbox")).toEqual([waiting("e1")]);
  expect(second.get("meta", "device")).toBe("secret");
});

test("SY26 a connection that died is opened again and the call repeated", async () => {
  let opened = 0;
  const store = new Store(workbook, undefined, async (name) => {
    opened++;
    return real(name);
  });
  await store.load();
  // What iOS does to a page in the background: the connection is closed under us.
  (store as unknown as { db: { close(): void } }).db.close();
  await store.commit([["put", "outbox", "e1", waiting("e1")]]);
  expect(store.state).toBe("ok");
  expect(opened).toBe(2);
  const again = new Store(workbook);
  await again.load();
  expect(again.all("outbox")).toHaveLength(1);
});

test("SY26 storage that was emptied under an open page is filled again with what the page knows", async () => {
  const store = new Store(workbook);
  await store.load();
  await store.commit([["put", "meta", "device", "secret"], ["put", "outbox", "e1", waiting("e1")]]);
  await store.replaceRows([entry("a")], { cursor: 4 });
  await new Promise<void>((resolve) => {
    indexedDB.deleteDatabase(`rescue:${workbook}`).onsuccess = () => resolve();
  });
  await store.commit([["put", "outbox", "e2", waiting("e2", 2)]]);
  await store.keepRows([entry("b")], { cursor: 5 });
  const next = new Store(workbook);
  await next.load();
  expect(next.all("outbox").map((one) => one.edit.edit)).toEqual(["e1", "e2"]);
  expect(next.get("meta", "device")).toBe("secret");
  expect(next.get("meta", "cursor")).toBeUndefined();
});

test("SY26 when IndexedDB stays dead the words go to localStorage, the page says so, the next start takes them back", async () => {
  const local = new Local();
  const states: string[] = [];
  let dead = false;
  const store = new Store(workbook, (s) => states.push(s), (name) => (dead ? Promise.reject(new Error("lost")) : real(name)), local);
  await store.load();
  await store.commit([["put", "outbox", "e1", waiting("e1")]]);
  dead = true;
  store.close();
  await store.commit([["put", "outbox", "e2", waiting("e2", 2)]]);
  expect(states).toEqual(["memory"]);
  expect(store.all("outbox")).toHaveLength(2);

  const next = new Store(workbook, undefined, real, local);
  await next.load();
  expect(next.state).toBe("ok");
  expect(next.all("outbox").map((w) => w.edit.edit)).toEqual(["e1", "e2"]);
  expect(local.length).toBe(0);
  const later = new Store(workbook, undefined, real, new Local());
  await later.load();
  expect(later.all("outbox")).toHaveLength(2);
});

test("SY26 in a browser without IndexedDB the outbox survives a reload, and an acked edit leaves it", async () => {
  const local = new Local();
  const none = () => Promise.reject(new Error("SecurityError"));
  const first = new Store(workbook, undefined, none, local);
  await first.load();
  await first.commit([["put", "outbox", "e1", waiting("e1")], ["put", "outbox", "e2", waiting("e2", 2)]]);
  await first.commit([["delete", "outbox", "e1"]]);
  const second = new Store(workbook, undefined, none, local);
  await second.load();
  expect(second.all("outbox")).toEqual([waiting("e2", 2)]);
});

test("SY26 when localStorage refuses too, the page says that only it holds the words", async () => {
  const local = new Local();
  local.full = true;
  const store = new Store(workbook, undefined, () => Promise.reject(new Error("lost")), local);
  await store.load();
  await store.commit([["put", "outbox", "e1", waiting("e1")]]);
  expect(store.state).toBe("broken");
  expect(store.all("outbox")).toHaveLength(1);
});

test("SY27 changed rows and their cursor are kept together and folded into chunks without loss", async () => {
  const store = new Store(workbook);
  await store.load();
  await store.replaceRows(Array.from({ length: 600 }, (_, i) => entry(`r${i}`)), { cursor: 5 });
  await store.keepRows([entry("r3", "moved"), entry("new")], { cursor: 6 }, ["help/r4"]);
  const before = await rowsOf(store);
  expect(before.has("r4")).toBe(false);
  await store.foldRows();
  const after = await rowsOf(store);
  expect(after.size).toBe(600);
  expect(before.get("r3")).toEqual(after.get("r3"));
  expect(after.get("r3")![5]["place"]![0]![1]).toBe("moved");
  expect(after.has("r4")).toBe(false);
  expect(after.has("new")).toBe(true);
  const again = new Store(workbook);
  await again.load();
  expect(again.get("meta", "cursor")).toBe(6);
  expect((await rowsOf(again)).size).toBe(600);
});

test("SY27 the delta folds by itself when it has grown", async () => {
  const store = new Store(workbook);
  await store.load();
  for (let i = 0; i < 5; i++) await store.keepRows(Array.from({ length: 100 }, (_, k) => entry(`r${i}-${k}`)), { cursor: i });
  const db = await real(`rescue:${workbook}`);
  expect(await asked(db.transaction("delta").objectStore("delta").count())).toBeLessThan(100);
  expect((await rowsOf(store)).size).toBe(500);
});

test("SY27 no cursor is kept where the rows are not: not in localStorage, not after the rows gave way to the words", async () => {
  const local = new Local();
  let full = true;
  const store = new Store(workbook, undefined, async (name) => {
    const db = await real(name);
    const transaction = db.transaction.bind(db);
    (db as { transaction: unknown }).transaction = (names: string[], mode: IDBTransactionMode) => {
      if (full && mode === "readwrite" && names.indexOf("outbox") >= 0) {
        full = false;
        throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
      }
      return transaction(names, mode);
    };
    return db;
  }, local);
  await store.load();
  await store.replaceRows([entry("a")], { cursor: 9 });
  await store.commit([["put", "outbox", "e1", waiting("e1")]]);
  expect(store.state).toBe("ok");
  await store.keepRows([entry("b")], { cursor: 10 });
  const next = new Store(workbook, undefined, real, local);
  await next.load();
  expect(next.all("outbox")).toHaveLength(1);
  expect(next.get("meta", "cursor")).toBe(0);
  expect((await rowsOf(next)).size).toBe(0);
});

test("forget leaves nothing on the device", async () => {
  const store = new Store(workbook);
  await store.load();
  await store.replaceRows([entry("a")], { cursor: 1 });
  await store.commit([["put", "outbox", "e1", waiting("e1")]]);
  await store.forget();
  const next = new Store(workbook);
  await next.load();
  expect([next.all("outbox"), next.get("meta", "cursor"), (await rowsOf(next)).size]).toEqual([[], undefined, 0]);
});
