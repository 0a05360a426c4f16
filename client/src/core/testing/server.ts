/**
 * A server for the core's tests, in memory: the frames and calls of docs/protocol.md, one edit at a time, with faults on demand.
 * Test support only. It reads updates with Yjs itself, so that what it takes in is what any Yjs replica would.
 */
import { decode, encode } from "@msgpack/msgpack";
import * as Y from "yjs";
import type { Live, Protection, Role, Tier, Value } from "../api";
import type { Edit } from "../encoder";
import type { Entry, Verdict } from "../frames";
import { actorId } from "../ids";
import { project } from "../row";
import type { SocketLike } from "../wire";

interface Row {
  no: number;
  author: string;
  createdMs: number;
  updatedMs: number;
  public: Edit[];
  private: Edit[];
}

export function readUpdate(update: Uint8Array): Edit {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const map = doc.getMap("row").toJSON() as Record<string, unknown>;
  const stamp = Object.keys(map).find((key) => key[0] === "~")!;
  const [actor, atMs, seen] = map[stamp] as [string, number, Record<string, string[]>];
  const writes: Record<string, Value> = {};
  for (const key of Object.keys(map)) if (key !== stamp) writes[key.split("~")[0]!] = map[key] as Value;
  return { edit: stamp.slice(1), actor, atMs, writes, seen };
}

export class Server {
  epoch = "epoch-1";
  cursor = 0;
  now = 1_700_000_000_000;
  role: Role = "visitor";
  protection: Record<string, Protection> = { help: "open" };
  rows = new Map<string, Row>();
  log: { cursor: number; entry: Entry }[] = [];
  ledger = new Map<string, { verdict: Verdict; reason: string }>();
  sessions = new Map<string, string>();
  sockets = new Set<Line>();
  /** What waits for a decision, as the frame carries it; what was asked in office, as it was asked. */
  suggestions: unknown[][] = [];
  asked: unknown[][] = [];
  code = "123456";
  people: Record<string, unknown>[] = [];
  audit: Record<string, unknown>[] = [];
  pushes: { sheet: string; row: string; secret: string; edits: [Tier, Edit][] }[] = [];
  calls: string[] = [];
  pageRows = 100;
  /** What the server says to an edit; accepted where it returns nothing. */
  judge: (tier: Tier, edit: Edit) => readonly [Verdict, string] | undefined = () => undefined;
  /** Faults. */
  isDown = false;
  dropAcks = false;
  /** Holds the feed back: entries leave when the test says `release`. */
  holdFeed = false;
  private held: (() => void)[] = [];
  mute = false;
  closeOn: (edit: Edit) => number | undefined = () => undefined;

  /* ------------------------------------------------------------- HTTP */

  readonly fetch = (async (address: string, init?: RequestInit) => {
    await Promise.resolve();
    if (this.isDown) throw new TypeError("Failed to fetch");
    const path = address.split("/").slice(3).join("/");
    this.calls.push(path);
    const body = init?.body ? (JSON.parse(init.body as string) as { device: string; name?: string; invite?: string }) : null;
    if (path === "login" || path === "join") {
      if (path === "join") this.role = body!.invite as Role;
      const session = `s${this.sessions.size + 1}`;
      const actor = actorId(body!.device);
      this.sessions.set(session, actor);
      return answer({ session, actor, role: this.role, team: "", name: body!.name ?? "", epoch: this.epoch });
    }
    if (path === "workbook.json") {
      return answer({ id: "w", title: "郑州", epoch: this.epoch, drill: false, sheets: ["help", "hazard"], protection: this.protection, notice: "", server_time: this.now });
    }
    if (path === "people") return answer({ people: this.people });
    if (path.startsWith("people/")) {
      this.asked.push([path, body]);
      return answer({ ended: 2 });
    }
    if (path.startsWith("audit")) return answer({ lines: this.audit, names: {} });
    const page = Number(/page=(\d+)/.exec(path)![1]);
    const all = Array.from(this.rows.keys(), (key) => this.whole(key));
    return answer({
      epoch: this.epoch, cursor: this.cursor, page, pages: Math.max(1, Math.ceil(all.length / this.pageRows)),
      rows: all.slice(page * this.pageRows, (page + 1) * this.pageRows), names: {},
    });
  }) as unknown as typeof fetch;

  readonly dial = (): SocketLike => {
    const line = new Line(this);
    setTimeout(() => line.open(), 0);
    return line;
  };

  /* ------------------------------------------------------------- rows */

  whole(key: string): Entry {
    const row = this.rows.get(key)!;
    const [sheet, id] = key.split("/") as [string, string];
    const masked: Record<string, string[]> = {};
    for (const [path, live] of Object.entries(project(row.private))) masked[path] = live.map(([, value]) => `${String(value).slice(0, 3)}****`);
    return [sheet, id, row.no, row.createdMs, row.author, project(row.public) as Record<string, Live>, masked, row.updatedMs];
  }

  take(sheet: string, id: string, tier: Tier, edit: Edit): readonly [Verdict, string] {
    const key = `${sheet}/${id}`;
    const slot = `${key}/${tier}/${edit.edit}`;
    const known = this.ledger.get(slot);
    if (known) return [known.verdict, known.reason];
    if (tier === "private" && !this.rows.has(key)) return ["retry", "row-unknown"];
    const [verdict, reason] = this.judge(tier, edit) ?? ["accepted", "ok"];
    if (verdict === "retry") return [verdict, reason];
    this.ledger.set(slot, { verdict, reason });
    if (verdict === "accepted") this.merge(sheet, id, tier, edit);
    return [verdict, reason];
  }

  /** Merges an edit and tells everybody: also for what others do in a test. */
  merge(sheet: string, id: string, tier: Tier, edit: Edit): void {
    const key = `${sheet}/${id}`;
    let row = this.rows.get(key);
    if (!row) this.rows.set(key, (row = { no: this.rows.size + 1, author: edit.actor, createdMs: this.now, updatedMs: this.now, public: [], private: [] }));
    row[tier].push(edit);
    row.updatedMs = this.now++;
    const whole = this.whole(key);
    const cells: Record<string, Live> = {};
    if (tier === "public") for (const path of Object.keys(edit.writes)) cells[path] = whole[5][path] ?? [];
    const masked: Record<string, string[]> = {};
    if (tier === "private") for (const path of Object.keys(edit.writes)) masked[path] = whole[6][path] ?? [];
    const entry: Entry = [sheet, id, row.no, row.createdMs, row.author, cells, masked, row.updatedMs];
    this.cursor++;
    this.log.push({ cursor: this.cursor, entry });
    const cursor = this.cursor;
    const send = () => {
      for (const line of this.sockets) if (line.isLive) line.say(["entries", cursor, [entry], {}]);
    };
    if (this.holdFeed) this.held.push(send);
    else send();
  }

  release(): void {
    this.holdFeed = false;
    for (const send of this.held.splice(0)) send();
  }

  /** A backup of this moment, and the server as it comes back from it. */
  backup(): () => void {
    const rows = new Map(Array.from(this.rows, ([key, row]) => [key, { ...row, public: [...row.public], private: [...row.private] }]));
    const [cursor, log, ledger] = [this.cursor, [...this.log], new Map(this.ledger)];
    return () => {
      Object.assign(this, { rows, cursor, log, ledger, epoch: `${this.epoch}+`, sessions: new Map() });
      this.cut();
    };
  }

  /** A control frame to everybody here. */
  control(kind: string, payload: unknown): void {
    for (const line of this.sockets) if (line.isLive) line.say(["control", kind, payload]);
  }

  cut(code = 1006): void {
    for (const line of Array.from(this.sockets)) line.end(code);
  }
}

/** One socket. */
class Line implements SocketLike {
  binaryType = "";
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  isLive = false;
  private isOver = false;

  constructor(private readonly server: Server) {}

  open(): void {
    if (this.isOver) return;
    if (this.server.isDown) {
      this.end(1006);
      return;
    }
    this.server.sockets.add(this);
    this.onopen?.({} as never);
  }

  send(bytes: Uint8Array): void {
    // As on a real wire: the bytes as they are now, heard a moment later.
    const frame = decode(bytes.slice()) as unknown[];
    setTimeout(() => {
      if (!this.isOver) this.hear(frame);
    }, 0);
  }

  close(): void {
    this.isOver = true;
    this.server.sockets.delete(this);
  }

  end(code: number): void {
    if (this.isOver) return;
    this.close();
    setTimeout(() => this.onclose?.({ code }), 0);
  }

  say(frame: unknown[]): void {
    if (this.server.mute || this.isOver) return;
    const bytes = encode(frame);
    setTimeout(() => {
      if (!this.isOver) this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
    }, 0);
  }

  private hear(frame: unknown[]): void {
    const server = this.server;
    switch (frame[0]) {
      case "hello": {
        const [, , session, cursor, epoch] = frame as [string, number, string, number, string];
        const actor = server.sessions.get(session);
        if (!actor) {
          this.end(4401);
          return;
        }
        this.say(["welcome", server.epoch, server.cursor, actor, server.role, "", server.now, server.protection]);
        if ((epoch !== "" && epoch !== server.epoch) || cursor > server.cursor) {
          this.say(["reset", server.epoch]);
          return;
        }
        const missed = server.log.filter((step) => step.cursor > cursor);
        if (missed.length > 0) this.say(["entries", server.cursor, missed.map((step) => step.entry), {}]);
        this.isLive = true;
        this.say(["live", server.cursor]);
        return;
      }
      case "push": {
        const [, n, sheet, row, secret, updates] = frame as [string, number, string, string, string, [Tier, Uint8Array][]];
        const edits = updates.map(([tier, update]): [Tier, Edit] => [tier, readUpdate(update)]);
        for (const [, edit] of edits) {
          const code = server.closeOn(edit);
          if (code !== undefined) {
            this.end(code);
            return;
          }
        }
        server.pushes.push({ sheet, row, secret, edits });
        const verdicts = edits.map(([tier, edit]) => [edit.edit, ...server.take(sheet, row, tier, edit)]);
        if (!server.dropAcks) this.say(["ack", n, verdicts, 1000 + server.cursor]);
        return;
      }
      case "ping":
        this.say(["pong", frame[1], server.now]);
        return;
      case "reveal":
        this.say(["private", frame[1], frame[2], frame[3], project(server.rows.get(`${frame[2] as string}/${frame[3] as string}`)!.private)]);
        return;
      case "fetch": {
        const key = `${frame[2] as string}/${frame[3] as string}`;
        this.say(["row", frame[1], server.rows.has(key) ? server.whole(key) : null]);
        return;
      }
      case "suggestions":
        this.say(["suggestions", frame[1], server.suggestions.filter((one) => !frame[3] || one[2] === frame[3]), {}]);
        return;
      case "protect":
      case "announce":
      case "end_session":
        server.asked.push(frame);
        this.say(["done", frame[1], "", ""]);
        return;
      case "code":
        server.asked.push(frame);
        this.say(["done", frame[1], frame[4] === server.code ? "" : "wrong-code", "that is not this row's code"]);
        return;
      case "showings":
        this.say(["showings", frame[1], [[server.now, "BBBBBBBBBBBB", "verifier", "去电核实"]], { BBBBBBBBBBBB: ["王芳", "verifier"] }]);
        return;
      case "sessions":
        this.say(["sessions", frame[1], [["this", server.now, true], ["other", server.now - 1, false]]]);
        return;
      case "reissue":
        server.asked.push(frame);
        this.say(["link", frame[1], `${frame[3] as string}.${"N".repeat(22)}`, "654321"]);
        return;
      case "hold":
        this.say(["done", frame[1], "", ""]);
        return;
      case "decide": {
        const found = server.suggestions.findIndex((one) => one[0] === frame[2]);
        if (found < 0) {
          this.say(["done", frame[1], "not-permitted", "your role does not decide"]);
          return;
        }
        server.asked.push(frame);
        server.suggestions.splice(found, 1);
        this.say(["done", frame[1], "", ""]);
        return;
      }
    }
  }
}

function answer(body: unknown): Response {
  return { ok: true, status: 200, json: () => Promise.resolve(JSON.parse(JSON.stringify(body))) } as Response;
}
