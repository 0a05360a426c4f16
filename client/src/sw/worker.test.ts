import { beforeEach, expect, test, vi } from "vitest";
import off from "./off.js?raw";
import worker from "./worker.js?raw";

/** A browser's side of a service worker: caches, clients, events, and a network that can be pulled. */
class Reply {
  type = "basic";
  redirected = false;
  constructor(
    readonly body: string,
    readonly status = 200,
    private readonly control = "",
  ) {}
  get ok() {
    return this.status < 400;
  }
  headers = { get: () => this.control };
  clone() {
    return this;
  }
  text() {
    return Promise.resolve(this.body);
  }
  json() {
    return Promise.resolve(JSON.parse(this.body) as unknown);
  }
}
const pathOf = (of: string | { url: string }) => new URL(typeof of === "string" ? of : of.url, "https://sheet.test").pathname;

class World {
  network = new Map<string, Reply>();
  isDown = false;
  slow: string[] = [];
  asked: string[] = [];
  stores = new Map<string, Map<string, Reply>>();
  skipped = 0;
  handlers = new Map<string, (event: unknown) => void>();

  fetch = (of: string | { url: string }): Promise<Reply> => {
    const path = pathOf(of);
    this.asked.push(path);
    if (this.isDown) return Promise.reject(new TypeError("Failed to fetch"));
    if (this.slow.indexOf(path) >= 0) return new Promise(() => {});
    return Promise.resolve(this.network.get(path) ?? new Reply("", 404));
  };
  open(name: string) {
    if (!this.stores.has(name)) this.stores.set(name, new Map());
    const store = this.stores.get(name)!;
    return {
      match: (of: string | { url: string }) => Promise.resolve(store.get(pathOf(of))),
      put: (of: string | { url: string }, reply: Reply) => Promise.resolve(void store.set(pathOf(of), reply)),
      add: async (of: string) => {
        const reply = await this.fetch(of);
        if (!reply.ok) throw new TypeError("not ok");
        store.set(pathOf(of), reply);
      },
      addAll: async (all: string[]) => {
        const replies = await Promise.all(all.map((one) => this.fetch(one)));
        if (replies.some((reply) => !reply.ok)) throw new TypeError("not ok");
        all.forEach((one, i) => store.set(pathOf(one), replies[i]!));
      },
      keys: () => Promise.resolve(Array.from(store.keys(), (path) => ({ url: `https://sheet.test${path}` }))),
    };
  }
  caches = {
    open: (name: string) => Promise.resolve(this.open(name)),
    keys: () => Promise.resolve(Array.from(this.stores.keys())),
    delete: (name: string) => Promise.resolve(this.stores.delete(name)),
    match: (of: string | { url: string }, only?: { cacheName?: string }) => {
      for (const [name, store] of this.stores) {
        if (only?.cacheName !== undefined && only.cacheName !== name) continue;
        if (store.has(pathOf(of))) return Promise.resolve(store.get(pathOf(of)));
      }
      return Promise.resolve(undefined);
    },
  };

  /** Runs the worker's script as a browser would. */
  load(shell: { version: string; files: string[] }, script = worker): void {
    this.handlers.clear();
    const self = {
      SHELL: shell,
      location: { origin: "https://sheet.test" },
      addEventListener: (name: string, handler: (event: unknown) => void) => this.handlers.set(name, handler),
      skipWaiting: () => this.skipped++,
      clients: { claim: () => Promise.resolve() },
      registration: { unregister: () => Promise.resolve(void this.handlers.clear()) },
    };
    new Function("self", "caches", "fetch", "Response", "URL", "setTimeout", script)(
      self, this.caches, this.fetch, ResponseOf, URL, (task: () => void, ms: number) => setTimeout(task, ms),
    );
  }
  async fire(name: string, event: Record<string, unknown> = {}): Promise<void> {
    const waits: Promise<unknown>[] = [];
    this.handlers.get(name)?.({ ...event, waitUntil: (work: Promise<unknown>) => waits.push(work) });
    await Promise.all(waits);
  }
  /** What the page gets; undefined where the worker leaves the request to the browser. */
  async get(path: string, more: { mode?: string; method?: string; origin?: string } = {}): Promise<Reply | undefined> {
    let answer: Promise<Reply> | undefined;
    const request = { url: `${more.origin ?? "https://sheet.test"}${path}`, mode: more.mode ?? "cors", method: more.method ?? "GET" };
    this.handlers.get("fetch")?.({ request, respondWith: (given: Promise<Reply>) => (answer = given) });
    return answer;
  }
  visit(path: string): Promise<Reply | undefined> {
    return this.get(path, { mode: "navigate" });
  }
}
class ResponseOf extends Reply {
  static redirect(url: string) {
    return new Reply(`to ${pathOf(url)}`, 302);
  }
  static error() {
    return new Reply("", 599);
  }
}

let world: World;
const SHELL = { version: "one", files: ["/app/main-1.js", "/icon.svg"] };
beforeEach(() => {
  world = new World();
  world.network = new Map([
    ["/app/main-1.js", new Reply("main 1")], ["/icon.svg", new Reply("icon")], ["/style/pages-1.css", new Reply("style")],
    ["/w/zz/", new Reply('<link href="/style/pages-1.css"><script src="/app/main-1.js"></script>')],
    ["/w/zz/help/3", new Reply("row 3")], ["/w/zz/receipt/x", new Reply("receipt", 200, "no-store")],
    ["/w/zz/snapshot.json", new Reply("{}")],
  ]);
  vi.useRealTimers();
});

async function installed(): Promise<void> {
  world.load(SHELL);
  await world.fire("install");
  await world.fire("activate");
  await world.fire("message", { data: { keep: "/w/zz/" } });
}

test("SY40 a workbook opened once opens without a network, under any of its addresses, with its style", async () => {
  await installed();
  world.isDown = true;
  for (const path of ["/w/zz/", "/w/zz/help/3", "/w/zz/help/new"]) expect((await world.visit(path))?.body).toContain("pages-1.css");
  expect((await world.get("/app/main-1.js"))?.body).toBe("main 1");
  expect((await world.get("/style/pages-1.css"))?.body).toBe("style");
  expect((await world.visit("/"))?.body).toBe("to /w/zz/");
});

test("SY40 a page waits three seconds for a slow network, no longer", async () => {
  await installed();
  vi.useFakeTimers();
  world.slow = ["/w/zz/"];
  let shown: Reply | undefined;
  void world.visit("/w/zz/").then((reply) => (shown = reply));
  await vi.advanceTimersByTimeAsync(2_900);
  expect(shown).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(shown?.body).toContain("pages-1.css");
});

test("SY40 with a network the page is the server's, and the kept one is renewed; a gateway's error is no page", async () => {
  await installed();
  world.network.set("/w/zz/", new Reply("fresh"));
  expect((await world.visit("/w/zz/"))?.body).toBe("fresh");
  await new Promise((resolve) => setTimeout(resolve, 5));
  world.network.set("/w/zz/", new Reply("bad gateway", 502));
  expect((await world.visit("/w/zz/"))?.body).toBe("fresh");
  world.network.set("/w/zz/help/9", new Reply("no such row", 404));
  expect((await world.visit("/w/zz/help/9"))?.body).toBe("no such row");
});

test("SY41 calls, forms, other sites and what is marked no-store are left alone", async () => {
  await installed();
  expect(await world.get("/w/zz/snapshot.json")).toBeUndefined();
  expect(await world.get("/w/zz/login", { method: "POST" })).toBeUndefined();
  expect(await world.get("/app/main-1.js", { origin: "https://elsewhere.test" })).toBeUndefined();
  expect((await world.visit("/w/zz/receipt/x"))?.body).toBe("receipt");
  await world.fire("message", { data: { keep: "/w/zz/receipt/" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const kept = Array.from(world.stores.values()).reduce<string[]>((all, store) => all.concat(Array.from(store.keys())), []);
  expect(kept.filter((path) => /receipt|snapshot|login/.test(path))).toEqual([]);
});

test("SY42 a new version waits until a page says so, and leaves the one before it to open pages", async () => {
  await installed();
  world.network.set("/app/main-2.js", new Reply("main 2"));
  world.load({ version: "two", files: ["/app/main-2.js", "/icon.svg"] });
  await world.fire("install");
  expect(world.skipped).toBe(0);
  await world.fire("message", { data: "take_over" });
  expect(world.skipped).toBe(1);
  await world.fire("activate");
  world.isDown = true;
  expect((await world.get("/app/main-1.js"))?.body).toBe("main 1");
  expect((await world.get("/app/main-2.js"))?.body).toBe("main 2");
});

test("SY42 a kept page is never left without the files it names: it is renewed before old ones are dropped, or nothing is dropped", async () => {
  await installed();
  for (const [version, n] of [["two", 2], ["three", 3], ["four", 4]] as const) {
    world.network.set(`/app/main-${n}.js`, new Reply(`main ${n}`));
    world.network.set("/w/zz/", new Reply(`<script src="/app/main-${n}.js"></script>`));
    world.load({ version, files: [`/app/main-${n}.js`, "/icon.svg"] });
    await world.fire("install");
    // The network goes between install and activation: twice in three.
    world.isDown = n !== 3;
    await world.fire("activate");
    world.isDown = true;
    const page = (await world.visit("/w/zz/"))!.body;
    const named = /\/app\/main-\d\.js/.exec(page)![0];
    expect((await world.get(named))?.body).toBe(`main ${named.slice(10, 11)}`);
    world.isDown = false;
  }
});

test("SY40 a page that is kept already is not fetched again when the next one is opened", async () => {
  await installed();
  const before = world.asked.filter((path) => path === "/w/zz/").length;
  await world.fire("message", { data: { keep: "/w/zz/" } });
  expect(world.asked.filter((path) => path === "/w/zz/")).toHaveLength(before);
});

test("SY43 an install that misses one file fails and takes nothing away; the third version drops the first", async () => {
  await installed();
  world.load({ version: "broken", files: ["/app/main-1.js", "/app/missing.js"] });
  await expect(world.fire("install")).rejects.toThrow();
  world.isDown = true;
  world.load(SHELL);
  expect((await world.visit("/w/zz/"))?.body).toContain("pages-1.css");
  expect((await world.get("/app/main-1.js"))?.body).toBe("main 1");
  world.isDown = false;
  for (const version of ["two", "three"]) {
    world.load({ version, files: ["/icon.svg"] });
    await world.fire("install");
    await world.fire("activate");
  }
  expect(Array.from(world.stores.keys()).filter((name) => name.startsWith("shell-")).sort()).toEqual(["shell-three", "shell-two"]);
});

test("SY44 the kill switch removes every cache and the worker", async () => {
  await installed();
  world.load(SHELL, off);
  await world.fire("install");
  await world.fire("activate");
  expect(world.stores.size).toBe(0);
  expect(world.handlers.size).toBe(0);
  expect(world.skipped).toBe(1);
});
