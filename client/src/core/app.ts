/**
 * The client's core put together: store, book, outbox, link, tabs, and the actions of `App` (api.ts).
 * I/O through those. Imported by main.tsx; the screens see `App` only.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type {
  App, CallOutcome, Cells, Doing, EditId, HistoryEntry, Me, NewRow, OwnEdit, Path, Presence, Protection, Role, RowId, RowLink,
  RowView, Seen, SheetId, Storage, Suggestion, Tier, UndoResult, Value, Who, Writes, WriteOptions,
} from "./api";
import { Book, keyOf, type Key } from "./book";
import type { ClaimState } from "./acts";
import type { Edit } from "./encoder";
import { failure } from "./failure";
import type { Answer, Ask, Entry, Names, ServerFrame, SuggestionRow } from "./frames";
import { CallFailed, Http, type Login, type Workbook } from "./http";
import { actorId, isSecret, newEditId, newSecret, rowId, shortCode } from "./ids";
import { Opening } from "./opening";
import { Outbox, slotOf, type Settled } from "./outbox";
import { seenOf } from "./row";
import { State, type Told } from "./state";
import { Store, type Answered, type HeldLink, type Op, type Waiting } from "./store";
import { Tabs, type Letter } from "./tabs";
import type { Update } from "./update";
import { Wire, type SocketLike, type WireHost } from "./wire";
import type { Pen } from "./pen";

/** What the core takes from its surroundings; tests give their own. */
export interface Tools {
  readonly sheets: readonly SheetId[];
  /** The tier of a path's field; undefined where the sheet has no such field, or is not known whole yet. */
  tier(sheet: SheetId, path: Path): Tier | undefined;
  /** What writing in a sheet needs; a lazy chunk. Resolves when the sheet's definition is whole. */
  pen(sheet: SheetId): Promise<Pen>;
  readonly fetch?: typeof fetch;
  readonly dial?: (url: string) => SocketLike;
  readonly clock?: () => number;
  readonly chance?: () => number;
  readonly store?: Store;
  readonly tabs?: (on: ConstructorParameters<typeof Tabs>[1]) => Tabs;
}


/** Own acked edits are pushed again to a server that was restored from a backup up to this old. */
const HEAL_MS = 14 * 86_400_000;
const SAVE_MS = 1_000;
/** An acked edit whose feed entry has not come by then is dead already: its overlay goes. Longer than any tick of the feed. */
const ECHO_MS = 4_000;
/** Another tab may have died with edits it authored and never told. */
const REREAD_MS = 15_000;
const REVIEWED_ROWS = 10;

/** Opens a workbook: what this device has at once, the server's word as it comes. */
export async function boot(workbook: string, tools: Tools): Promise<App & { shutDown(): void; redraw(): void }> {
  const core = new Core(workbook, tools);
  await core.start();
  return core;
}

class Core implements App {
  readonly unsent: ReadonlySignal<readonly OwnEdit[]>;
  readonly kept: ReadonlySignal<readonly OwnEdit[]>;
  readonly links: ReadonlySignal<readonly RowLink[]>;
  readonly storage: ReadonlySignal<Storage>;
  readonly language: ReadonlySignal<"zh" | "en">;
  readonly updateWaiting = signal(false);

  private readonly unsentSignal = signal<readonly OwnEdit[]>([]);
  private readonly keptSignal = signal<readonly OwnEdit[]>([]);
  private readonly linksSignal = signal<readonly RowLink[]>([]);
  private readonly storageSignal = signal<Storage>("ok");
  private readonly languageSignal = signal<"zh" | "en">("zh");

  private readonly clock: () => number;
  private readonly store: Store;
  private readonly http: Http;
  private readonly book = new Book();
  private readonly outbox = new Outbox();
  private readonly keptEdits = new Map<string, Answered>();
  private readonly own = new Map<string, Answered>();
  private readonly heldLinks = new Map<Key, HeldLink>();
  private readonly names: Names = {};
  private state!: State;
  private tabs!: Tabs;
  private wire: Wire | null = null;
  private opening: Opening | null = null;
  private mustOpen = false;
  private device = "";
  private epoch = "";
  private lastN = 0;
  private readonly startedN = Date.now() * 1000;
  private readonly dirty = new Map<Key, number>();
  private readonly erased = new Set<Key>();
  private saving: ReturnType<typeof setTimeout> | null = null;
  private reread: ReturnType<typeof setInterval> | null = null;
  private adopting: Letter[] | null = null;
  /** Taken back by the person: the store may still name them for a moment. */
  private readonly withdrawn = new Set<string>();
  private readonly sentMs = new Map<EditId, number>();
  private readonly questions = new Map<string, { resolve(a: Answer): void; reject(e: Error): void; timer: ReturnType<typeof setTimeout> }>();
  private questionCount = 0;
  private askedToKeep = false;
  private unwatch: (() => void) | null = null;
  private update: Update | null = null;

  constructor(
    readonly workbook: string,
    private readonly tools: Tools,
  ) {
    this.clock = tools.clock ?? (() => Date.now());
    this.store = tools.store ?? new Store(workbook, (state) => this.storageChanged(state));
    this.http = new Http(workbook, tools.fetch);
    this.unsent = this.unsentSignal;
    this.kept = this.keptSignal;
    this.links = this.linksSignal;
    this.storage = this.storageSignal;
    this.language = this.languageSignal;
  }

  get title() { return this.state.title; }
  get drill() { return this.state.drill; }
  get sheets() { return this.state.sheets; }
  get me() { return this.state.me; }
  get phase() { return this.state.phase; }
  get link() { return this.state.link; }
  get trouble() { return this.state.trouble; }
  get lastHeard() { return this.state.lastHeard; }
  get presence() { return this.state.presence; }
  get protection() { return this.state.protection; }
  get notice() { return this.state.notice; }
  get pendingSuggestions() { return this.state.pendingSuggestions; }

  /* ================================================================ start */

  async start(): Promise<void> {
    await this.store.load();
    this.storageSignal.value = this.store.state;
    this.device = await this.deviceSecret();
    const actor = actorId(this.device);
    const known = this.store.get("meta", "me") as Me | undefined;
    const me: Me = known?.actor === actor ? { ...known, confirmed: false } : { actor, name: known?.name ?? "", role: "visitor", team: "", confirmed: false };
    const workbook = this.store.get("meta", "workbook") as Workbook | undefined;
    this.state = new State(this.workbook, me, workbook?.sheets ?? this.tools.sheets);
    if (workbook) this.describe(workbook);
    this.state.session.value = (this.store.get("meta", "session") as string | undefined) ?? "";
    this.state.lastHeard.value = (this.store.get("meta", "heard") as number | undefined) ?? 0;
    this.epoch = (this.store.get("meta", "epoch") as string | undefined) ?? "";
    this.languageSignal.value = (this.store.get("meta", "language") as "zh" | "en" | undefined) ?? "zh";
    this.learn((this.store.get("meta", "names") as Names | undefined) ?? {});
    for (const link of this.store.all("links")) this.heldLinks.set(keyOf(link.sheet, link.row), link);
    for (const link of this.heldLinks.values()) this.book.hold(link.sheet, link.row);
    this.recall();
    await this.loadRows();
    this.book.flush();
    this.show();
    const on = { letter: (letter: Letter) => this.letter(letter), lead: () => this.lead(), follow: () => this.follow() };
    this.tabs = this.tools.tabs ? this.tools.tabs(on) : new Tabs(this.workbook, on);
    if (this.store.state !== "ok") this.tabs.solo();
    this.unwatch = this.state.watch((told) => this.tell(told));
    this.tabs.start();
    this.tabs.send({ kind: "hi" });
    this.listen();
  }

  /** The definitions have changed: every view is made anew. */
  redraw(): void {
    this.book.redraw();
  }

  /** Ends everything this page runs; what is stored stays. */
  shutDown(): void {
    this.unlisten();
    this.saveRows();
    this.unwatch?.();
    this.tabs.close();
    this.stopWire();
    if (this.reread !== null) clearInterval(this.reread);
    if (this.saving !== null) clearTimeout(this.saving);
    for (const question of this.questions.values()) clearTimeout(question.timer);
  }

  private async deviceSecret(): Promise<string> {
    const kept = this.store.get("meta", "device");
    const mirror = local((storage) => storage.getItem(`rescue-device/${this.workbook}`));
    // The mirror is for the day IndexedDB is gone: who wrote a row must still be its author.
    const device = isSecret(kept) ? kept : isSecret(mirror) ? mirror : newSecret();
    if (device !== mirror) local((storage) => storage.setItem(`rescue-device/${this.workbook}`, device));
    if (device !== kept) await this.store.commit([["put", "meta", "device", device]]);
    return device;
  }

  /** Own edits of earlier visits: waiting ones, answered ones. */
  private recall(): void {
    const now = this.clock();
    const saved = (this.store.get("meta", "saved") as number | undefined) ?? 0;
    this.outbox.add(this.store.all("outbox"));
    for (const one of this.store.all("kept")) {
      this.keptEdits.set(slotOf(one.tier, one.edit.edit), one);
      if (one.verdict === "suggested") this.book.propose(one.sheet, one.row, one.edit);
    }
    const expired: Op[] = [];
    for (const one of this.store.all("own")) {
      const slot = slotOf(one.tier, one.edit.edit);
      if (now - one.answeredMs > HEAL_MS) expired.push(["delete", "own", slot]);
      else {
        this.own.set(slot, one);
        if (one.tier === "private") this.book.know(one.sheet, one.row, one.edit);
        // Answered after the rows were last kept: the cached rows may not have it yet.
        else if (one.answeredMs > saved - SAVE_MS) this.echo(one);
      }
    }
    for (const one of [...this.outbox.list(), ...this.own.values(), ...this.keptEdits.values()]) this.lastN = Math.max(this.lastN, one.n);
    if (expired.length > 0) void this.store.commit(expired);
  }

  private async loadRows(): Promise<void> {
    await this.store.rows((rows, removed) => {
      this.book.apply(rows, true);
      this.book.drop(removed);
      if (rows.length > 0) this.state.phase.value = "cached";
    });
    // A cursor without all of its rows would skip them for ever.
    this.book.cursor = this.store.state === "ok" ? ((this.store.get("meta", "cursor") as number | undefined) ?? 0) : 0;
    this.mustOpen = this.book.cursor === 0;
  }

  private describe(workbook: Workbook): void {
    this.state.title.value = workbook.title;
    this.state.drill.value = workbook.drill;
    this.state.sheets.value = workbook.sheets;
    this.state.protection.value = workbook.protection;
    this.setNotice(workbook.notice);
  }

  private setNotice(notice: unknown): void {
    const text = typeof notice === "string" ? notice : ((notice as { text?: string } | null)?.text ?? "");
    this.state.notice.value = text ? { text, atMs: this.now() } : null;
  }

  /* ================================================================ tabs */

  private lead(): void {
    this.stopWire();
    const scheme = typeof location !== "undefined" && location.protocol === "https:" ? "wss" : "ws";
    const host = typeof location === "undefined" ? "localhost" : location.host;
    const url = `${scheme}://${host}/w/${encodeURIComponent(this.workbook)}/ws`;
    this.wire = new Wire(this.outbox, this.host(), {
      dial: () => (this.tools.dial ? this.tools.dial(url) : (new WebSocket(url) as unknown as SocketLike)),
      clock: this.clock,
      chance: this.tools.chance ?? Math.random,
    });
    this.reread ??= setInterval(() => void this.takeStrays(), REREAD_MS);
    void this.takeStrays();
    this.wire.start();
  }

  private follow(): void {
    this.stopWire();
    if (this.reread !== null) clearInterval(this.reread);
    this.reread = null;
    this.tabs.send({ kind: "hi" });
  }

  private stopWire(): void {
    this.wire?.stop();
    this.wire = null;
  }

  /** Edits that another tab kept and did not live to tell. */
  private async takeStrays(): Promise<void> {
    if (this.store.state !== "ok") return;
    const before = new Set(this.outbox.list().map((one) => slotOf(one.tier, one.edit.edit)));
    const stored = await this.store.reread("outbox");
    const strays = stored.filter((one) => {
      const slot = slotOf(one.tier, one.edit.edit);
      return !before.has(slot) && !this.withdrawn.has(slot) && !this.own.has(slot) && !this.keptEdits.has(slot);
    });
    if (strays.length === 0) return;
    this.enter(strays);
    this.wire?.flush();
  }

  private tell(told: Told): void {
    if (this.tabs.leads) this.tabs.send({ kind: "state", told });
  }

  private letter(letter: Letter): void {
    if (this.adopting !== null && letter.kind !== "answer") {
      this.adopting.push(letter);
      return;
    }
    switch (letter.kind) {
      case "hi":
        this.tell(this.state.told());
        break;
      case "state":
        if (!this.tabs.leads) this.state.hear(letter["told"] as Told);
        break;
      case "queued":
        this.enter(letter["waiting"] as Waiting[], letter["ops"] as Op[]);
        this.wire?.flush();
        break;
      case "settled":
        this.store.hear(letter["ops"] as Op[]);
        this.settle(letter["answered"] as Answered[]);
        break;
      case "small":
        this.hearSmall(letter["ops"] as Op[]);
        break;
      case "feed":
        this.hearFeed(letter);
        break;
      case "page":
        if (!this.tabs.leads) {
          this.book.apply(letter["rows"] as Entry[], true);
          this.learn(letter["names"] as Names);
        }
        break;
      case "saved":
        for (const [key, at] of this.dirty) if (at <= (letter["cursor"] as number)) this.dirty.delete(key);
        break;
      case "opened":
        if (!this.tabs.leads) void this.adopt(letter["epoch"] as string);
        break;
      case "ask":
        if (this.wire) void this.relay(letter);
        break;
      case "answer":
        this.answered(letter);
        break;
      case "here":
        this.wire?.here(letter["sheet"] as string, letter["row"] as string, letter["doing"] as Doing);
        break;
      case "go":
        this.wire?.wake();
        this.wire?.flush();
        break;
      case "login":
        if (this.wire) this.redial();
        break;
      case "forget":
        this.shutDown();
        if (typeof location !== "undefined") location.reload();
        break;
    }
  }

  private hearFeed(letter: Letter): void {
    if (this.tabs.leads) return;
    const [from, cursor] = [letter["from"] as number, letter["cursor"] as number];
    if (cursor <= this.book.cursor && (letter["entries"] as Entry[]).length === 0) return;
    if (from > this.book.cursor) {
      // This tab slept and missed letters. It talks to the server itself from where it stopped.
      this.tabs.seize();
      return;
    }
    this.takeEntries(letter["entries"] as Entry[], cursor, letter["names"] as Names);
  }

  /** The talking tab has opened the workbook anew: take what it has kept. */
  private async adopt(epoch: string): Promise<void> {
    this.adopting = [];
    this.epoch = epoch;
    const old = new Set(this.book.entries().map((entry) => keyOf(entry[0], entry[1])));
    await this.store.reread("meta");
    await this.store.rows((rows, removed) => {
      for (const key of this.book.apply(rows, true)) old.delete(key);
      for (const key of removed) old.add(key);
    });
    this.book.drop(old);
    this.book.cursor = (this.store.get("meta", "cursor") as number | undefined) ?? 0;
    this.mustOpen = this.book.cursor === 0;
    const waiting = this.adopting;
    this.adopting = null;
    for (const letter of waiting) this.letter(letter);
  }

  private async relay(letter: Letter): Promise<void> {
    const [tag, ...rest] = letter["frame"] as [string, ...unknown[]];
    try {
      const answer = await this.wire!.ask((n) => [tag, n, ...rest] as unknown as Ask);
      this.tabs.send({ kind: "answer", id: letter["id"], answer });
    } catch (error) {
      const { code = "offline", message = "", hint = "" } = error as { code?: string; message?: string; hint?: string };
      this.tabs.send({ kind: "answer", id: letter["id"], error: [code, message, hint] });
    }
  }

  private answered(letter: Letter): void {
    const question = this.questions.get(letter["id"] as string);
    if (!question) return;
    this.questions.delete(letter["id"] as string);
    clearTimeout(question.timer);
    const error = letter["error"] as [string, string, string] | undefined;
    if (error) question.reject(failure(...error));
    else question.resolve(letter["answer"] as Answer);
  }

  /* ================================================================ the link */

  private host(): WireHost {
    return {
      prepare: () => this.prepare(),
      hello: () => ({ session: this.state.session.value, cursor: this.book.cursor, epoch: this.epoch }),
      forgetSession: () => {
        this.state.session.value = "";
        void this.store.commit([["delete", "meta", "session"]]);
      },
      openAnew: async (epoch) => {
        await this.heal(epoch);
        this.mustOpen = true;
      },
      secretOf: (sheet, row) => this.heldLinks.get(keyOf(sheet, row))?.secret ?? "",
      frame: (frame) => this.frame(frame),
      settled: (settled) => void this.settleAll(settled),
      leaving: () => this.show(),
      state: (link, trouble) => {
        if (link !== this.state.link.value) this.show();
        this.state.link.value = link;
        this.state.trouble.value = trouble;
        if (link !== "live") this.state.presence.value = [];
      },
      heard: (now, serverMs) => {
        this.state.lastHeard.value = now;
        if (serverMs !== undefined) {
          this.state.offsetMs.value = serverMs - now;
          this.dropEchoes(now);
        }
      },
    };
  }

  private async prepare(): Promise<void> {
    if (this.state.session.value === "") this.loggedIn(await this.http.login(this.device, this.state.me.value.name));
    if (this.mustOpen) {
      const workbook = await this.http.workbookOf();
      await this.heal(workbook.epoch);
      this.opening?.cancel();
      const opening = new Opening(this.book, this.http);
      const page = await opening.begin();
      await this.heal(page.epoch);
      this.opening = opening;
      this.mustOpen = false;
      this.learn(page.names);
      this.describe(workbook);
      this.state.phase.value = "partial";
      this.book.flush();
      this.tabs.send({ kind: "page", rows: page.rows, names: page.names });
      void this.store.commit([["put", "meta", "workbook", workbook]]);
    } else if (!this.state.me.value.confirmed) {
      // Not needed for the link: title and notice may have changed since the last visit.
      void this.http.workbookOf().then((workbook) => {
        this.describe(workbook);
        return this.store.commit([["put", "meta", "workbook", workbook]]);
      }).catch(() => {});
    }
    void this.finishOpening();
  }

  private async finishOpening(): Promise<void> {
    const opening = this.opening;
    if (!opening) return;
    try {
      const whole = await opening.finish((page) => {
        this.learn(page.names);
        this.tabs.send({ kind: "page", rows: page.rows, names: page.names });
      });
      if (!whole || this.opening !== opening) return;
      this.opening = null;
      this.state.phase.value = "whole";
      this.dirty.clear();
      await this.store.replaceRows(this.book.entries(), this.place());
      this.tabs.send({ kind: "opened", epoch: this.epoch });
    } catch (error) {
      // The feed goes on with what is there; the pages are asked for again at the next dial, or in a while.
      if (error instanceof CallFailed) setTimeout(() => this.opening === opening && this.wire?.isLive && void this.finishOpening(), 10_000);
      else throw error;
    }
  }

  private place(): Record<string, unknown> {
    return { cursor: this.book.cursor, epoch: this.epoch, saved: this.clock(), heard: this.state.lastHeard.value, names: this.names };
  }

  private loggedIn(login: Login): void {
    const me: Me = { actor: login.actor, role: login.role, team: login.team, name: login.name, confirmed: true };
    if (me.role !== this.state.me.value.role) this.book.conceal();
    this.state.me.value = me;
    this.state.session.value = login.session;
    this.names[me.actor] = [me.name, me.role];
    this.book.learn(this.names);
    void this.keepSmall([["put", "meta", "me", me], ["put", "meta", "session", login.session]]);
  }

  private frame(frame: ServerFrame): void {
    switch (frame[0]) {
      case "welcome": {
        const [, epoch, , actor, role, team, , protection] = frame;
        // Another epoch is said again by `reset`, and heals then; here it would only be forgotten.
        if (this.epoch === "") this.epoch = epoch;
        const me = this.state.me.value;
        if (me.role !== role) this.book.conceal();
        this.state.me.value = { ...me, actor, role, team, confirmed: true };
        this.state.protection.value = protection;
        void this.keepSmall([["put", "meta", "me", this.state.me.value]]);
        break;
      }
      case "entries": {
        const [, cursor, entries, names] = frame;
        const from = this.book.cursor;
        this.opening?.heard(entries);
        this.takeEntries(entries, cursor, names);
        this.tabs.send({ kind: "feed", from, cursor, entries, names });
        break;
      }
      case "live":
        this.book.advance(frame[1]);
        this.book.caughtUp();
        this.sentMs.clear();
        if (this.opening === null) this.state.phase.value = "whole";
        this.saveSoon();
        void this.review();
        break;
      case "presence":
        this.state.presence.value = frame[1].map(([actor, name, role, sheet, row, doing]): Presence => ({ actor, name, role, sheet, row, doing }));
        break;
      case "control":
        this.control(frame[1], frame[2]);
        break;
    }
  }

  private control(kind: string, payload: Record<string, unknown>): void {
    switch (kind) {
      case "role": {
        const me = this.state.me.value;
        this.state.me.value = { ...me, role: payload["role"] as Role, team: (payload["team"] as string) ?? "" };
        this.book.conceal();
        void this.keepSmall([["put", "meta", "me", this.state.me.value]]);
        break;
      }
      case "protection": {
        const steps = (payload["protection"] ?? payload) as Record<SheetId, Protection>;
        this.state.protection.value = { ...this.state.protection.value, ...steps };
        break;
      }
      case "notice":
        this.setNotice(payload);
        break;
      case "suggestion":
        this.state.pendingSuggestions.value = Number(payload["waiting"] ?? payload["count"] ?? 0);
        void this.review();
        break;
      case "erased":
        this.erase(keyOf(payload["sheet"] as string, payload["row"] as string), payload["archived"] === true);
        break;
    }
  }

  private takeEntries(entries: readonly Entry[], cursor: number, names: Names): void {
    this.learn(names);
    for (const key of this.book.apply(entries)) this.dirty.set(key, cursor);
    this.book.advance(cursor);
    this.dropAcceptedSuggestions(entries);
    if (this.tabs?.leads) this.saveSoon();
  }

  private learn(names: Names): void {
    Object.assign(this.names, names);
    this.book.learn(names);
  }

  private saveSoon(): void {
    this.saving ??= setTimeout(() => this.saveRows(), SAVE_MS);
  }

  private saveRows(): void {
    if (this.saving !== null) clearTimeout(this.saving);
    this.saving = null;
    // While pages are missing no cursor may be kept; the end of the open writes everything.
    if (!this.tabs?.leads || this.opening !== null || this.mustOpen) return;
    const cursor = this.book.cursor;
    const rows = Array.from(this.dirty.keys(), (key) => this.book.entry(key)).filter((row): row is Entry => row !== undefined);
    const erased = Array.from(this.erased);
    this.dirty.clear();
    this.erased.clear();
    void this.store.keepRows(rows, this.place(), erased).then(() => this.tabs.send({ kind: "saved", cursor }));
  }

  /** Personal words have been erased on the server: nothing of them stays here, neither in the cache nor among my own edits. */
  private erase(key: Key, archived: boolean): void {
    if (archived) this.book.drop([key]);
    this.book.reveal(...(key.split("/") as [string, string]), {});
    const ops: Op[] = [];
    for (const [slot, one] of this.own) {
      if (keyOf(one.sheet, one.row) !== key) continue;
      this.own.delete(slot);
      ops.push(["delete", "own", slot]);
    }
    if (archived) this.erased.add(key);
    void this.store.commit(ops);
    this.saveSoon();
  }

  /* ================================================================ own edits */

  /** Keeps new edits on the device, then shows them and lets them leave (SY25). */
  private async author(waiting: readonly Waiting[], more: readonly Op[] = []): Promise<void> {
    const ops: Op[] = [...waiting.map((one): Op => ["put", "outbox", slotOf(one.tier, one.edit.edit), one]), ...more];
    await this.store.commit(ops);
    this.enter(waiting, more);
    this.tabs.send({ kind: "queued", waiting, ops });
    this.wire?.flush();
    // Kept words are worth more than the browser's housekeeping. Asked for with the first of them: some browsers ask the person.
    if (!this.askedToKeep && typeof navigator !== "undefined") void navigator.storage?.persist?.().catch(() => false);
    this.askedToKeep = true;
  }

  private enter(waiting: readonly Waiting[], ops: readonly Op[] = []): void {
    this.hearSmall(ops);
    this.outbox.add(waiting);
    for (const one of waiting) this.lastN = Math.max(this.lastN, one.n);
    this.show();
    this.book.flush();
  }

  private lay(one: Waiting, mark: "device" | "sending"): void {
    this.book.lay(one.sheet, one.row, one.edit, { tier: one.tier, mark });
  }

  /** What the server has answered: kept on this device first, then out of the outbox for every tab. */
  private async settleAll(settled: readonly Settled[]): Promise<void> {
    if (settled.length === 0) {
      this.show();
      return;
    }
    const now = this.clock();
    const answered = settled.map((one): Answered => ({
      ...one.waiting, verdict: one.verdict, reason: one.reason, seq: one.seq, epoch: this.epoch, answeredMs: now,
    }));
    const ops: Op[] = [];
    for (const one of answered) {
      const slot = slotOf(one.tier, one.edit.edit);
      ops.push(["delete", "outbox", slot], ["put", one.verdict === "accepted" ? "own" : "kept", slot, one]);
      if (one.verdict === "accepted" && this.keptEdits.has(slot)) ops.push(["delete", "kept", slot]);
    }
    this.settle(answered);
    await this.store.commit(ops);
    this.tabs.send({ kind: "settled", answered, ops });
  }

  private settle(answered: readonly Answered[]): void {
    for (const one of answered) {
      const slot = slotOf(one.tier, one.edit.edit);
      this.outbox.remove(slot);
      if (one.verdict === "accepted") {
        this.own.set(slot, one);
        this.keptEdits.delete(slot);
        this.book.unpropose(one.sheet, one.row, one.edit.edit);
        if (one.tier === "private") {
          this.book.lift(one.sheet, one.row, one.edit.edit, "private");
          this.book.know(one.sheet, one.row, one.edit);
        } else {
          this.echo(one);
        }
      } else {
        this.keptEdits.set(slot, one);
        this.book.lift(one.sheet, one.row, one.edit.edit, one.tier);
        if (one.verdict === "suggested") this.book.propose(one.sheet, one.row, one.edit);
      }
    }
    this.show();
    this.book.flush();
  }

  /** An edit the server has, until the feed shows it. */
  private echo(one: Answered): void {
    this.sentMs.set(one.edit.edit, this.clock());
    this.book.sent(one.sheet, one.row, one.edit);
  }

  /** The link proves alive, and what was acked a while ago has not come: another edit has replaced it already. */
  private dropEchoes(now: number): void {
    for (const [edit, at] of this.sentMs) {
      if (now - at < ECHO_MS) continue;
      this.sentMs.delete(edit);
      const one = this.own.get(slotOf("public", edit));
      if (one) this.book.liftSent(one.sheet, one.row, edit);
    }
  }

  /** The server was restored from a backup, or is another: what it acked under its old epoch goes to it again (SY24). */
  private async heal(epoch: string): Promise<void> {
    if (epoch === this.epoch) return;
    const known = this.epoch !== "";
    this.epoch = epoch;
    if (!known) return;
    const now = this.clock();
    const again = [...this.own.values(), ...Array.from(this.keptEdits.values()).filter((one) => one.verdict === "suggested")].filter(
      (one) => one.epoch !== epoch && now - one.answeredMs < HEAL_MS,
    );
    const waiting = again.map((one): Waiting => ({ n: one.n, sheet: one.sheet, row: one.row, tier: one.tier, edit: one.edit, before: one.before, again: true }));
    for (const one of again) {
      const slot = slotOf(one.tier, one.edit.edit);
      this.own.delete(slot);
      this.keptEdits.delete(slot);
      this.book.unpropose(one.sheet, one.row, one.edit.edit);
    }
    await this.author(
      waiting,
      again.reduce<Op[]>((ops, one) => {
        const slot = slotOf(one.tier, one.edit.edit);
        return [...ops, ["delete", "own", slot], ["delete", "kept", slot]];
      }, []),
    );
  }

  private dropAcceptedSuggestions(entries: readonly Entry[]): void {
    if (this.keptEdits.size === 0) return;
    for (const entry of entries) {
      for (const path of Object.keys(entry[5])) {
        for (const [edit] of entry[5][path]!) {
          const one = this.keptEdits.get(slotOf("public", edit));
          if (one?.verdict === "suggested") this.decided(one, "accepted", "");
        }
      }
    }
  }

  private decided(one: Answered, state: string, reason: string): void {
    const slot = slotOf(one.tier, one.edit.edit);
    this.book.unpropose(one.sheet, one.row, one.edit.edit);
    if (state === "accepted") {
      const now: Answered = { ...one, verdict: "accepted", reason: "" };
      this.keptEdits.delete(slot);
      this.own.set(slot, now);
      void this.keepSmall([["delete", "kept", slot], ["put", "own", slot, now]]);
    } else {
      const now: Answered = { ...one, verdict: "refused", reason: reason ? `declined: ${reason}` : "declined" };
      this.keptEdits.set(slot, now);
      void this.keepSmall([["put", "kept", slot, now]]);
    }
    this.show();
  }

  /** What became of my suggestions: nobody tells their author, so the author asks. */
  private async review(): Promise<void> {
    const waiting = Array.from(this.keptEdits.values()).filter((one) => one.verdict === "suggested");
    const rows = Array.from(new Set(waiting.map((one) => keyOf(one.sheet, one.row)))).slice(0, REVIEWED_ROWS);
    for (const key of rows) {
      const [sheet, row] = key.split("/") as [string, string];
      try {
        const answer = await this.ask(["suggestions", sheet, row]);
        if (answer[0] !== "suggestions") continue;
        for (const [, , , tier, edit, , , , reason, state] of answer[2]) {
          const one = this.keptEdits.get(slotOf(tier, edit));
          if (one?.verdict === "suggested" && state !== "pending") this.decided(one, state, reason);
        }
      } catch {
        return; // No link: the next one asks again.
      }
    }
  }

  /** Writes small stores and tells the other tabs. */
  private async keepSmall(ops: readonly Op[]): Promise<void> {
    await this.store.commit(ops);
    this.tabs?.send({ kind: "small", ops });
  }

  private hearSmall(ops: readonly Op[]): void {
    this.store.hear(ops);
    for (const op of ops) {
      const [what, store, key] = op;
      if (store === "links" && what === "put") this.hold(op[3] as HeldLink);
      if (store === "kept") {
        if (what === "put") this.keptEdits.set(key, op[3] as Answered);
        else this.keptEdits.delete(key);
      }
      if (store === "own") {
        if (what === "put") this.own.set(key, op[3] as Answered);
        else this.own.delete(key);
      }
      if (store === "outbox" && what === "delete") {
        const one = this.outbox.get(key);
        this.outbox.remove(key);
        if (one) this.book.lift(one.sheet, one.row, one.edit.edit, one.tier);
      }
      if (store === "meta" && what === "put" && key === "language") this.languageSignal.value = op[3] as "zh" | "en";
    }
    this.show();
  }

  private hold(link: HeldLink): void {
    this.heldLinks.set(keyOf(link.sheet, link.row), link);
    this.book.hold(link.sheet, link.row);
  }

  /** Brings the lists of own edits up to date. */
  private show(): void {
    this.unsentSignal.value = perAct(this.outbox.list().map((one) => {
      const mark = this.outbox.isFlying(slotOf(one.tier, one.edit.edit)) ? "sending" : "device";
      this.lay(one, mark);
      return ownEdit(one, mark, "");
    }));
    this.keptSignal.value = perAct(Array.from(this.keptEdits.values())
      .sort((a, b) => b.answeredMs - a.answeredMs)
      .map((one) => ownEdit(one, one.verdict as "suggested" | "refused", one.reason)));
    this.linksSignal.value = Array.from(this.heldLinks.values())
      .sort((a, b) => b.atMs - a.atMs)
      .map((one): RowLink => ({ ...one, code: shortCode(one.secret) }));
  }

  private storageChanged(state: Storage): void {
    this.storageSignal.value = state;
    // Without a common store tabs cannot share an outbox: each talks for itself.
    this.tabs?.solo();
  }

  /* ================================================================ reading */

  rows(sheet: SheetId): ReadonlySignal<readonly RowId[]> { return this.book.rows(sheet); }
  changes(sheet: SheetId): ReadonlySignal<number> { return this.book.changes(sheet); }
  row(sheet: SheetId, row: RowId): ReadonlySignal<RowView | null> { return this.book.row(sheet, row); }
  peek(sheet: SheetId, row: RowId): RowView | null { return this.book.peek(sheet, row); }
  byNumber(sheet: SheetId, no: number): RowId | null { return this.book.byNumber(sheet, no); }
  who(actor: string): Who { return actor === this.state.me.value.actor ? this.state.me.value : this.book.who(actor); }
  now(): number { return this.clock() + this.state.offsetMs.value; }
  bearer(): string { return this.state.session.value; }

  seenOf(view: RowView | null, paths: readonly Path[]): Seen {
    const seen: Record<Path, readonly EditId[]> = {};
    for (const path of paths) {
      const cells = view && this.tools.tier(view.sheet, path) === "private" ? view.private : view?.cells;
      // An empty list is kept: the screen showed nothing, so whatever came since was not seen.
      seen[path] = (cells?.[path] ?? []).map(([edit]) => edit);
    }
    return seen;
  }

  /* ================================================================ writing */

  private nextN(): number {
    this.lastN = Math.max(this.lastN + 1, Date.now() * 1000);
    return this.lastN;
  }

  private async pen(sheet: SheetId): Promise<Pen> {
    try {
      return await this.tools.pen(sheet);
    } catch {
      throw failure("not_loaded", "a part of the app has not been loaded", "keep the page open until there is a link");
    }
  }

  private async put(
    sheet: SheetId, row: RowId, acts: (pen: Pen, view: RowView | null) => readonly Writes[], options: { seen?: Seen; edit?: EditId; more?: readonly Op[] } = {},
  ): Promise<readonly EditId[]> {
    const pen = await this.pen(sheet);
    const view = this.peek(sheet, row);
    const drafted = pen.draft(acts(pen, view), {
      sheet,
      actor: this.state.me.value.actor,
      atMs: this.clock(),
      shown: { cells: view?.cells ?? {}, private: view?.private ?? {} },
      rules: pen,
      ...(options.seen ? { seen: options.seen } : {}),
      ...(options.edit ? { edit: options.edit } : {}),
    });
    const waiting = drafted.map((one): Waiting => ({ n: this.nextN(), sheet, row, tier: one.tier, edit: one.edit, before: one.before }));
    await this.author(waiting, options.more);
    return Array.from(new Set(waiting.map((one) => one.edit.edit)));
  }

  async addRow(sheet: SheetId, writes: Writes): Promise<NewRow> {
    const secret = newSecret();
    const row = rowId(sheet, secret);
    const link: HeldLink = { sheet, row, secret, atMs: this.clock() };
    const edits = await this.put(sheet, row, (pen) => pen.birth(sheet, writes, this.state.me.value.role, pen), { more: [["put", "links", keyOf(sheet, row), link]] });
    return { row, secret, code: shortCode(secret), edits };
  }

  write(sheet: SheetId, row: RowId, writes: Writes, options: WriteOptions = {}): Promise<readonly EditId[]> {
    return this.put(sheet, row, (pen) => pen.actsOf(writes, options.together === true), options.seen ? { seen: options.seen } : {});
  }

  pick(sheet: SheetId, row: RowId, path: Path, value: Value): Promise<readonly EditId[]> {
    return this.put(sheet, row, () => [{ [path]: value }]);
  }

  append(sheet: SheetId, row: RowId, field: string, value: Value): Promise<readonly EditId[]> {
    const edit = newEditId();
    return this.put(sheet, row, () => [{ [`${field}:${edit}`]: value }], { edit });
  }

  async undo(edit: EditId): Promise<UndoResult> {
    const slots = [slotOf("public", edit), slotOf("private", edit)];
    if (slots.some((slot) => this.outbox.get(slot)) && (await this.withdraw(edit))) return { kind: "withdrawn" };
    const mine = slots.map((slot) => this.outbox.get(slot) ?? this.own.get(slot)).filter((one): one is Waiting => one !== undefined);
    const kept = slots.map((slot) => this.keptEdits.get(slot)).find((one) => one !== undefined);
    if (mine.length === 0) return kept ? { kind: "changed_since", paths: Object.keys(kept.edit.writes) } : { kind: "unknown" };
    const { sheet, row } = mine[0]!;
    const pen = await this.pen(sheet);
    const view = this.peek(sheet, row);
    const plan = pen.undoing(mine, { sheet, cells: view?.cells ?? {}, private: view?.private ?? {}, rules: pen });
    if (plan === null) return { kind: "unknown" };
    if ("changed" in plan) return { kind: "changed_since", paths: plan.changed };
    return { kind: "undone", edits: await this.put(sheet, row, () => [plan.back]) };
  }

  /* --- acts --- */

  claim(sheet: SheetId, row: RowId, act: { eta?: string; leaseMinutes?: number; team?: string }): Promise<readonly EditId[]> {
    const own = this.state.me.value.team;
    // Whoever names another team's row offers; a team takes.
    const state = act.team === undefined || act.team.split("/").pop() === own.split("/").pop() ? "active" : "offered";
    return this.moveClaim(sheet, row, { ...act, state });
  }

  release(sheet: SheetId, row: RowId, team?: string): Promise<readonly EditId[]> {
    return this.moveClaim(sheet, row, { state: "released", ...(team === undefined ? {} : { team }) });
  }

  progress(sheet: SheetId, row: RowId, state: "en_route" | "on_scene" | "active", eta?: string): Promise<readonly EditId[]> {
    return this.moveClaim(sheet, row, { state, ...(eta === undefined ? {} : { eta }) });
  }

  done(sheet: SheetId, row: RowId): Promise<readonly EditId[]> {
    return this.moveClaim(sheet, row, { state: "done" });
  }

  private async moveClaim(sheet: SheetId, row: RowId, to: { state: ClaimState; team?: string; eta?: string; leaseMinutes?: number }): Promise<readonly EditId[]> {
    const team = to.team ?? this.state.me.value.team;
    if (!team) throw failure("no_team", "only a member of a team claims", "ask a steward for an invitation to a team");
    return this.put(sheet, row, (pen, view) => [pen.acts.claim(view, team, to)]);
  }

  async logCall(sheet: SheetId, row: RowId, made: { channel?: string; outcome: CallOutcome; note?: string; nextAt?: string }): Promise<readonly EditId[]> {
    return this.append(sheet, row, "contact_log", [made.channel ?? "call", made.outcome, made.note ?? "", made.nextAt ?? ""]);
  }

  async verify(sheet: SheetId, row: RowId, state: string, more: { method?: string; note?: string } = {}): Promise<readonly EditId[]> {
    const edits = await this.put(sheet, row, (pen) => [pen.acts.verification(state, more.method)]);
    return this.withNote(sheet, row, edits, more.note);
  }

  setUrgency(sheet: SheetId, row: RowId, urgency: string): Promise<readonly EditId[]> {
    return this.put(sheet, row, () => [{ urgency }]);
  }

  markDuplicate(sheet: SheetId, row: RowId, other: RowId | null): Promise<readonly EditId[]> {
    return this.put(sheet, row, () => [{ duplicate_of: other }]);
  }

  close(sheet: SheetId, row: RowId, end: { outcome: string; by?: string; note?: string; destination?: string }): Promise<readonly EditId[]> {
    return this.put(sheet, row, (pen) => pen.acts.ending(pen.axis(sheet).field, end, (path) => pen.tier(sheet, path) !== undefined));
  }

  async reopen(sheet: SheetId, row: RowId, note?: string): Promise<readonly EditId[]> {
    const edits = await this.put(sheet, row, (pen) => [{ [pen.axis(sheet).field]: pen.axis(sheet).open }]);
    return this.withNote(sheet, row, edits, note);
  }

  stillNeeded(sheet: SheetId, row: RowId): Promise<readonly EditId[]> {
    return this.put(sheet, row, (pen) => [{ still_needed_at: pen.acts.instant(this.now()) }]);
  }

  private async withNote(sheet: SheetId, row: RowId, edits: readonly EditId[], note: string | undefined): Promise<readonly EditId[]> {
    return note ? [...edits, ...(await this.append(sheet, row, "notes", note))] : edits;
  }

  /* ================================================================ asking */

  private ask(frame: readonly [string, ...unknown[]]): Promise<Answer> {
    if (this.wire) return this.wire.ask((n) => [frame[0], n, ...frame.slice(1)] as unknown as Ask);
    const id = `${this.tabs.id}-${++this.questionCount}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id);
        reject(failure("timed_out", "no tab of this browser answered", "ask again"));
      }, 25_000);
      this.questions.set(id, { resolve, reject, timer });
      this.tabs.send({ kind: "ask", id, frame });
    });
  }

  private async answerTo<T extends Answer[0]>(tag: T, frame: readonly [string, ...unknown[]]): Promise<Extract<Answer, [T, ...unknown[]]>> {
    const answer = await this.ask(frame);
    if (answer[0] === "done" && answer[2]) throw failure(answer[2], answer[3]);
    if (answer[0] !== tag) throw failure("unexpected", `the server answered ${frame[0]} with ${answer[0]}`);
    return answer as Extract<Answer, [T, ...unknown[]]>;
  }

  async reveal(sheet: SheetId, row: RowId, reason: string): Promise<Cells> {
    const secret = this.heldLinks.get(keyOf(sheet, row))?.secret ?? "";
    const [, , , , cells] = await this.answerTo("private", ["reveal", sheet, row, reason, secret]);
    this.book.reveal(sheet, row, cells);
    this.book.flush();
    return this.peek(sheet, row)?.private ?? cells;
  }

  async history(sheet: SheetId, row: RowId): Promise<readonly HistoryEntry[]> {
    const [, , , , entries, names] = await this.answerTo("history", ["history", sheet, row]);
    this.learn(names);
    this.book.flush();
    return entries.map(([seq, tier, edit, actor, receivedMs, writes, seen, origin]) => ({ seq, tier, edit, actor, receivedMs, writes, seen, origin }));
  }

  async suggestions(sheet: SheetId = "", row: RowId = ""): Promise<readonly Suggestion[]> {
    const [, , found, names] = await this.answerTo("suggestions", ["suggestions", sheet, row]);
    this.learn(names);
    this.book.flush();
    return found.map(suggestionOf);
  }

  async decide(suggestion: Suggestion, accept: boolean, reason = ""): Promise<void> {
    const view = this.peek(suggestion.sheet, suggestion.row);
    const cells = (suggestion.tier === "public" ? view?.cells : view?.private) ?? {};
    await this.answerTo("done", ["decide", suggestion.id, accept, reason, seenOf(cells, Object.keys(suggestion.writes))]);
  }

  async fetchRow(sheet: SheetId, row: RowId): Promise<RowView | null> {
    const [, , entry] = await this.answerTo("row", ["fetch", sheet, row]);
    if (entry === null) return null;
    this.book.apply([entry], true);
    this.dirty.set(keyOf(sheet, row), this.book.cursor);
    this.book.flush();
    this.saveSoon();
    return this.peek(sheet, row);
  }

  async loadOver(): Promise<number> {
    let found = 0;
    let cursor: number | undefined;
    for (let n = 0, pages = 1; n < pages; n++) {
      const page = await called(this.http.page(n, cursor, true));
      cursor ??= page.cursor;
      pages = page.pages;
      // What is here already the feed keeps; a page may be older than it.
      const fresh = page.rows.filter((row) => this.book.entry(keyOf(row[0], row[1])) === undefined);
      this.book.apply(fresh, true);
      this.learn(page.names);
      this.book.flush();
      found += fresh.length;
    }
    return found;
  }

  here(sheet: SheetId | "", row: RowId | "", doing: Doing): void {
    if (this.wire) this.wire.here(sheet, row, doing);
    else this.tabs.send({ kind: "here", sheet, row, doing });
  }

  /* ================================================================ identity */

  async join(invite: string, name = this.state.me.value.name): Promise<Me> {
    this.loggedIn(await called(this.http.join(this.device, invite, name)));
    this.redial();
    return this.state.me.value;
  }

  async rename(name: string): Promise<Me> {
    this.state.me.value = { ...this.state.me.value, name };
    await this.keepSmall([["put", "meta", "me", this.state.me.value]]);
    try {
      this.loggedIn(await this.http.login(this.device, name));
      this.redial();
    } catch {
      // Without a link the name waits: the next login takes it along.
      this.state.session.value = "";
    }
    return this.state.me.value;
  }

  /** The new session must be the one the link speaks for. */
  private redial(): void {
    if (this.wire) this.lead();
    else this.tabs.send({ kind: "login" });
  }

  async openLink(secret: string): Promise<RowLink | null> {
    if (!isSecret(secret)) return null;
    for (const sheet of this.state.sheets.value) {
      const row = rowId(sheet, secret);
      if (this.peek(sheet, row) === null && (await this.fetchQuietly(sheet, row)) === null) continue;
      const link: HeldLink = { sheet, row, secret, atMs: this.clock() };
      this.hold(link);
      await this.keepSmall([["put", "links", keyOf(sheet, row), link]]);
      this.show();
      this.book.flush();
      // Every push proves the holding anew; this only tells the server before the first one.
      this.ask(["hold", sheet, row, secret]).catch(() => {});
      return { ...link, code: shortCode(secret) };
    }
    return null;
  }

  private async fetchQuietly(sheet: SheetId, row: RowId): Promise<RowView | null> {
    return this.fetchRow(sheet, row);
  }

  setLanguage(language: "zh" | "en"): void {
    this.languageSignal.value = language;
    void this.keepSmall([["put", "meta", "language", language]]);
  }

  /* ================================================================ keeping */

  async draft<T>(key: string): Promise<T | null> {
    return (this.store.get("drafts", key) as T | undefined) ?? null;
  }

  keepDraft<T>(key: string, value: T | null): Promise<void> {
    return this.store.commit([value === null ? ["delete", "drafts", key] : ["put", "drafts", key, value]]);
  }

  exportUnsent(): string {
    const lines: string[] = [`${this.state.title.value} · ${new Date(this.clock()).toISOString()}`];
    const tell = (one: OwnEdit) => {
      const no = this.peek(one.sheet, one.row)?.no;
      lines.push("", `${one.sheet} ${no === null || no === undefined ? one.row : `#${no}`} · ${one.state}${one.reason ? ` (${one.reason})` : ""}`);
      for (const path of Object.keys(one.writes)) {
        const value = one.writes[path]!;
        lines.push(`${path}: ${Array.isArray(value) ? value.join(" | ") : String(value)}`);
      }
    };
    this.unsentSignal.value.forEach(tell);
    this.keptSignal.value.forEach(tell);
    return lines.join("\n");
  }

  async dismiss(edit: EditId): Promise<void> {
    const ops: Op[] = [];
    for (const slot of [slotOf("public", edit), slotOf("private", edit)]) {
      const one = this.keptEdits.get(slot);
      if (!one) continue;
      this.keptEdits.delete(slot);
      this.book.unpropose(one.sheet, one.row, edit);
      ops.push(["delete", "kept", slot]);
    }
    this.show();
    await this.keepSmall(ops);
  }

  async withdraw(edit: EditId): Promise<boolean> {
    const slots = [slotOf("public", edit), slotOf("private", edit)].filter((slot) => this.outbox.get(slot));
    // Written in an earlier visit or another tab, it may have left from there without our knowing.
    const mayHaveLeft = (slot: string) => this.outbox.hasLeft(slot) || !this.tabs.leads || this.outbox.get(slot)!.n < this.startedN || this.outbox.get(slot)!.again === true;
    if (slots.length === 0 || slots.some(mayHaveLeft)) return false;
    // What later edits of mine build on stays: they have seen it.
    const built = this.outbox.list().some((one) => Object.keys(one.edit.seen).some((path) => one.edit.seen[path]!.indexOf(edit) >= 0));
    if (built) return false;
    for (const slot of slots) this.withdrawn.add(slot);
    const ops = slots.map((slot): Op => ["delete", "outbox", slot]);
    this.hearSmall(ops);
    this.book.flush();
    await this.keepSmall(ops);
    return true;
  }

  sendNow(): void {
    if (!this.wire) {
      this.tabs.send({ kind: "go" });
      return;
    }
    if (this.state.trouble.value === "forbidden") this.lead();
    this.wire.wake();
    this.wire.flush();
  }

  useUpdate(): void {
    this.update?.use();
  }

  async forget(): Promise<void> {
    this.stopWire();
    this.tabs.send({ kind: "forget" });
    await this.store.forget();
    local((storage) => storage.removeItem(`rescue-device/${this.workbook}`));
    this.shutDown();
    if (typeof location !== "undefined") location.reload();
  }

  /* ================================================================ the page's life */

  private readonly onShown = () => {
    if (typeof document !== "undefined" && document.visibilityState === "hidden") {
      this.saveRows();
      return;
    }
    this.tabs.look();
    this.wire?.wake();
  };
  private readonly onGone = () => {
    this.saveRows();
    this.tabs.leave();
  };
  private readonly onBack = () => {
    this.tabs.start();
  };

  private listen(): void {
    if (typeof window === "undefined") return;
    window.addEventListener("online", this.onShown);
    document.addEventListener("visibilitychange", this.onShown);
    window.addEventListener("pagehide", this.onGone);
    window.addEventListener("pageshow", this.onBack);
    // Not before the first screen has had the line to itself; where it cannot be had the app works as long as its page is open.
    void import("./update").then(({ Update }) => {
      this.update = new Update(this.workbook, () => (this.updateWaiting.value = true));
      this.update.start();
    }).catch(() => {});
  }

  private unlisten(): void {
    if (typeof window === "undefined") return;
    window.removeEventListener("online", this.onShown);
    document.removeEventListener("visibilitychange", this.onShown);
    window.removeEventListener("pagehide", this.onGone);
    window.removeEventListener("pageshow", this.onBack);
  }
}

function ownEdit(one: Waiting, state: OwnEdit["state"], reason: string): OwnEdit {
  const { edit, actor: _actor, atMs, writes, seen } = one.edit as Edit;
  return { edit, sheet: one.sheet, row: one.row, tier: one.tier, writes, seen, before: one.before, atMs, state, reason };
}

/** The two edits of one act are one thing to the person who wrote it: its raw words, said once. */
function perAct(edits: readonly OwnEdit[]): OwnEdit[] {
  const acts: OwnEdit[] = [];
  for (const one of edits) {
    const i = acts.findIndex((act) => act.edit === one.edit && act.row === one.row && act.state === one.state);
    if (i < 0) acts.push(one);
    else {
      const [open, closed] = one.tier === "private" ? [acts[i]!, one] : [one, acts[i]!];
      acts[i] = { ...open, writes: { ...open.writes, ...closed.writes }, before: { ...open.before, ...closed.before } };
    }
  }
  return acts;
}

function suggestionOf([id, sheet, row, tier, edit, actor, receivedMs, writes, reason, state]: SuggestionRow): Suggestion {
  return { id: id as string, sheet, row, tier, edit, actor, receivedMs, writes, reason, state };
}

/** A failed call as the action's failure. */
async function called<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CallFailed) throw failure(error.code, error.message, error.hint);
    throw error;
  }
}

function local<T>(use: (storage: globalThis.Storage) => T): T | null {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}
