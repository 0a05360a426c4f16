import { decode, encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallFailed } from "./http";
import { Outbox } from "./outbox";
import { Wire, type SocketLike, type WireHost } from "./wire";

class Socket implements SocketLike {
  binaryType = "";
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  said: unknown[][] = [];
  isClosed = false;
  send(bytes: Uint8Array) {
    this.said.push(decode(bytes) as unknown[]);
  }
  close() {
    this.isClosed = true;
  }
  hear(...frame: unknown[]) {
    this.onmessage?.({ data: encode(frame) });
  }
  greet() {
    this.onopen?.({} as never);
    this.hear("welcome", "e", 1, "A", "visitor", "", 0, {});
    this.hear("live", 1);
  }
}

let sockets: Socket[];
let log: string[];
let prepare: () => Promise<void>;
let wire: Wire;
let outbox: Outbox;
beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  log = [];
  prepare = () => Promise.resolve();
  outbox = new Outbox();
  const host: WireHost = {
    prepare: () => prepare(),
    hello: () => ({ session: "s", cursor: 7, epoch: "e" }),
    forgetSession: () => log.push("forget"),
    openAnew: (epoch) => (log.push(`anew ${epoch}`), Promise.resolve()),
    secretOf: () => "",
    frame: (frame) => log.push(frame[0]),
    settled: () => {},
    leaving: () => {},
    state: (link, trouble) => log.push(`${link} ${trouble}`.trim()),
    heard: () => {},
  };
  wire = new Wire(outbox, host, {
    dial: () => {
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    },
    clock: () => Date.now(),
    chance: () => 0,
  });
});
afterEach(() => {
  wire.stop();
  vi.useRealTimers();
});
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

test("SY21 hello carries session, cursor and epoch, and is the first thing said", async () => {
  wire.start();
  await tick();
  sockets[0]!.greet();
  expect(sockets[0]!.said[0]).toEqual(["hello", 1, "s", 7, "e"]);
  expect(log.slice(-1)).toEqual(["live"]);
});

test("SY21 what an old socket still says, or that it closes, is nobody's business", async () => {
  wire.start();
  await tick();
  const old = sockets[0]!;
  old.greet();
  old.onclose?.({ code: 1006 });
  await tick(600);
  sockets[1]!.greet();
  log.length = 0;
  old.hear("entries", 9, [], {});
  old.onclose?.({ code: 4403 });
  old.onopen?.({} as never);
  expect(log).toEqual([]);
  expect(wire.isLive).toBe(true);
});

test("SY22 a socket that never opens, as behind a captive portal, is given up", async () => {
  wire.start();
  await tick(18_000);
  expect(sockets[0]!.isClosed).toBe(true);
  await tick(1_000);
  expect(sockets.length).toBeGreaterThan(1);
});

test("SY22 pings keep a quiet link alive and known", async () => {
  wire.start();
  await tick();
  sockets[0]!.greet();
  for (let i = 0; i < 12; i++) {
    await tick(10_000);
    sockets[0]!.hear("pong", i, 0);
  }
  expect(wire.isLive).toBe(true);
  expect(sockets[0]!.said.filter(([tag]) => tag === "ping").length).toBeGreaterThanOrEqual(10);
});

test("SY22 a phone that slept finds its link dead when it wakes, and dials at once", async () => {
  wire.start();
  await tick();
  sockets[0]!.greet();
  vi.setSystemTime(Date.now() + 300_000);
  wire.wake();
  await tick();
  expect(sockets).toHaveLength(2);
});

test("SY23 a refused login and a busy server each have their way back", async () => {
  for (const [event, soon, waits] of [["unauthorised", 1, 600], ["busy", 0, 16_000]] as const) {
    prepare = () => Promise.reject(new CallFailed(event, "x", ""));
    wire.start();
    wire.wake();
    await tick();
    prepare = () => Promise.resolve();
    sockets = [];
    await tick(600);
    expect(sockets).toHaveLength(soon);
    await tick(waits - 600);
    expect(sockets).toHaveLength(1);
    sockets[0]!.onclose?.({ code: 1006 });
  }
  expect(log).toContain("forget");
});

test("SY23 a barred person is not dialled for again", async () => {
  wire.start();
  await tick();
  sockets[0]!.greet();
  sockets[0]!.onclose?.({ code: 4403 });
  await tick(120_000);
  wire.wake();
  await tick(1_000);
  expect(sockets).toHaveLength(1);
  expect(log.slice(-1)).toEqual(["offline forbidden"]);
});

test("SY24 reset opens anew and dials again", async () => {
  wire.start();
  await tick();
  sockets[0]!.onopen?.({} as never);
  sockets[0]!.hear("welcome", "f", 1, "A", "visitor", "", 0, {});
  sockets[0]!.hear("reset", "f");
  await tick();
  expect(log).toContain("anew f");
  expect(sockets).toHaveLength(2);
});

test("a question is answered by its number, fails when the link breaks, and does not wait for ever", async () => {
  wire.start();
  await tick();
  await expect(wire.ask((n) => ["fetch", n, "help", "r"])).rejects.toMatchObject({ code: "offline" });
  sockets[0]!.greet();
  const first = wire.ask((n) => ["fetch", n, "help", "a"]);
  const second = wire.ask((n) => ["fetch", n, "help", "b"]);
  sockets[0]!.hear("row", 2, null);
  expect(await second).toEqual(["row", 2, null]);
  const failed = expect(first).rejects.toMatchObject({ code: "timed_out" });
  for (let i = 0; i < 5; i++) {
    await tick(5_000);
    sockets[0]!.hear("pong", i, 0);
  }
  await failed;
  const third = expect(wire.ask((n) => ["fetch", n, "help", "c"])).rejects.toMatchObject({ code: "offline" });
  sockets[0]!.onclose?.({ code: 1012 });
  await third;
});

test("a frame that is none ends the link, one of a later protocol does not", async () => {
  wire.start();
  await tick();
  sockets[0]!.greet();
  sockets[0]!.hear("something-new", 1, 2);
  expect(wire.isLive).toBe(true);
  sockets[0]!.onmessage?.({ data: new Uint8Array([0xc1]) });
  expect(wire.isLive).toBe(false);
});

test("a server of another protocol is not dialled again, and the page says so", async () => {
  wire.start();
  await tick();
  sockets[0]!.onopen?.({} as never);
  sockets[0]!.hear("error", "unsupported-version", "load the page again");
  sockets[0]!.onclose?.({ code: 4400 });
  await tick(60_000);
  expect(sockets).toHaveLength(1);
  expect(log.slice(-1)).toEqual(["offline outdated"]);
});
