/**
 * The client's core put together, and the actions of `App` (api.ts): what a person does, in terms of own edits (own.ts), the server's
 * word (feed.ts) and who talks to it (talk.ts). I/O through those. Imported by main.tsx; the screens see `App` only.
 */
import { signal } from "@preact/signals";
import type { ClaimState } from "./acts";
import type {
  App, CallOutcome, Doing, EditId, Me, NewRow, Path, RowId, RowView, Seen, SheetId, Storage, Suggestion, Tier, UndoResult, Value, Who, Writes,
  WriteOptions,
} from "./api";
import { Book, keyOf } from "./book";
import type { Desk } from "./desk";
import { failure } from "./failure";
import { Feed } from "./feed";
import { Http, type Workbook } from "./http";
import { actorId, isSecret, newEditId, newSecret, rowId, shortCode } from "./ids";
import { Own } from "./own";
import type { Pen } from "./pen";
import { State } from "./state";
import { Store, type HeldLink, type Op } from "./store";
import { Tabs } from "./tabs";
import { Talk } from "./talk";
import type { Update } from "./update";
import type { SocketLike } from "./wire";

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

/** Opens a workbook: what this device has at once, the server's word as it comes. */
export async function boot(workbook: string, tools: Tools): Promise<App & { shutDown(): void; redraw(): void }> {
  const clock = tools.clock ?? (() => Date.now());
  let core: Core | null = null;
  const storage = signal<Storage>("ok");
  const store = tools.store ?? new Store(workbook, (state) => {
    storage.value = state;
    // Without a common store tabs cannot share an outbox: each talks for itself.
    core?.talk.solo();
  });
  await store.load();
  storage.value = store.state;
  const device = await deviceSecret(workbook, store);
  const http = new Http(workbook, tools.fetch);
  const book = new Book();
  const state = stateOf(workbook, device, store, tools);
  const talk = new Talk(workbook, store, book, state, {
    dial: tools.dial ?? ((url) => new WebSocket(url) as unknown as SocketLike),
    clock,
    chance: tools.chance ?? Math.random,
    tabs: tools.tabs ?? ((on) => new Tabs(workbook, on)),
  }, () => core?.leave());
  const own = (talk.own = new Own(store, book, talk, clock));
  const feed = (talk.feed = new Feed(device, http, store, book, state, own, talk, clock));
  core = new Core(workbook, tools, { workbook, device, store, http, book, state, own, feed, talk, storage, clock });
  await core.start();
  return core;
}

/** Who this device says it is. The copy in localStorage is for the day IndexedDB is gone: who wrote a row must still be its author. */
async function deviceSecret(workbook: string, store: Store): Promise<string> {
  const kept = store.get("meta", "device");
  const mirror = local((storage) => storage.getItem(mirrorOf(workbook)));
  const device = isSecret(kept) ? kept : isSecret(mirror) ? mirror : newSecret();
  if (device !== mirror) local((storage) => storage.setItem(mirrorOf(workbook), device));
  if (device !== kept) await store.commit([["put", "meta", "device", device]]);
  return device;
}

export function mirrorOf(workbook: string): string {
  return `rescue-device/${workbook}`;
}

/** What was known at the end of the last visit. */
function stateOf(workbook: string, device: string, store: Store, tools: Tools): State {
  const actor = actorId(device);
  const known = store.get("meta", "me") as Me | undefined;
  const me: Me = known?.actor === actor ? { ...known, confirmed: false } : { actor, name: known?.name ?? "", role: "visitor", team: "", confirmed: false };
  const state = new State(workbook, me, (store.get("meta", "workbook") as Workbook | undefined)?.sheets ?? tools.sheets);
  state.session.value = (store.get("meta", "session") as string | undefined) ?? "";
  state.lastHeard.value = (store.get("meta", "heard") as number | undefined) ?? 0;
  return state;
}

/** What an open workbook is made of. */
export interface Parts {
  readonly workbook: string;
  readonly device: string;
  readonly store: Store;
  readonly http: Http;
  readonly book: Book;
  readonly state: State;
  readonly own: Own;
  readonly feed: Feed;
  readonly talk: Talk;
  readonly storage: App["storage"];
  clock(): number;
}

class Core implements App {
  readonly updateWaiting = signal(false);
  readonly storage;
  readonly talk: Talk;
  private readonly store: Store;
  private readonly book: Book;
  private readonly state: State;
  private readonly own: Own;
  private readonly feed: Feed;
  private readonly clock: () => number;
  private update: Update | null = null;

  constructor(
    readonly workbook: string,
    private readonly tools: Tools,
    private readonly parts: Parts,
  ) {
    this.store = parts.store;
    this.book = parts.book;
    this.state = parts.state;
    this.own = parts.own;
    this.feed = parts.feed;
    this.talk = parts.talk;
    this.storage = parts.storage;
    this.clock = parts.clock;
  }

  async start(): Promise<void> {
    const workbook = this.store.get("meta", "workbook") as Workbook | undefined;
    if (workbook) this.feed.describe(workbook);
    this.own.recall();
    await this.feed.loadRows();
    this.book.flush();
    this.talk.start();
    this.listen();
  }

  /** The definitions have changed: every view is made anew. */
  redraw(): void {
    this.book.redraw();
  }

  /** Ends everything this page runs; what is stored stays. */
  shutDown(): void {
    this.unlisten();
    this.feed.stop();
    this.talk.stop();
  }

  /** Nothing of this workbook is on the device any more. */
  leave(): void {
    this.shutDown();
    if (typeof location !== "undefined") location.reload();
  }

  /* ------------------------------------------------------------- reading */

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
  get guards() { return this.state.guards; }
  get alarms() { return this.state.alarms; }
  get notice() { return this.state.notice; }
  get pendingSuggestions() { return this.state.pendingSuggestions; }
  get unsent() { return this.own.unsent; }
  get kept() { return this.own.kept; }
  get links() { return this.own.links; }
  get language() { return this.own.language; }

  rows(sheet: SheetId) { return this.book.rows(sheet); }
  changes(sheet: SheetId) { return this.book.changes(sheet); }
  row(sheet: SheetId, row: RowId) { return this.book.row(sheet, row); }
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

  /* ------------------------------------------------------------- writing */

  private async pen(sheet: SheetId): Promise<Pen> {
    try {
      return await this.tools.pen(sheet);
    } catch {
      throw failure("not_loaded", "a part of the app could not be loaded");
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
    await this.own.author(this.own.inOrder(sheet, row, drafted), options.more);
    return Array.from(new Set(drafted.map((one) => one.edit.edit)));
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
    if (this.own.isWaiting(edit) && (await this.own.withdraw(edit))) return { kind: "withdrawn" };
    const mine = this.own.find(edit);
    if (mine.length === 0) return { kind: "unknown" };
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
    if (!team) throw failure("no_team", "only a member of a team claims");
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

  /* ------------------------------------------------------------- what needs the server: desk.ts */

  reveal(sheet: SheetId, row: RowId, reason: string) { return this.desk((desk) => desk.reveal(sheet, row, reason)); }
  history(sheet: SheetId, row: RowId) { return this.desk((desk) => desk.history(sheet, row)); }
  suggestions(sheet?: SheetId, row?: RowId) { return this.desk((desk) => desk.suggestions(sheet, row)); }
  decide(suggestion: Suggestion, accept: boolean, reason?: string) { return this.desk((desk) => desk.decide(suggestion, accept, reason)); }
  fetchRow(sheet: SheetId, row: RowId) { return this.desk((desk) => desk.fetchRow(sheet, row)); }
  loadOver() { return this.desk((desk) => desk.loadOver()); }
  join(invite: string, name?: string) { return this.desk((desk) => desk.join(invite, name)); }
  rename(name: string) { return this.desk((desk) => desk.rename(name)); }
  openLink(secret: string) { return this.desk((desk) => desk.openLink(secret)); }
  forget() { return this.desk((desk) => desk.forget(() => this.leave())); }
  office() { return this.desk((desk) => desk.office()); }
  here(sheet: SheetId | "", row: RowId | "", doing: Doing): void { this.talk.here(sheet, row, doing); }

  private async desk<T>(ask: (desk: Desk) => Promise<T>): Promise<T> {
    const { Desk } = await import("./desk").catch(() => {
      throw failure("offline", "a part of the app could not be loaded");
    });
    return ask(new Desk(this.parts));
  }

  setLanguage(language: "zh" | "en"): void {
    this.own.language.value = language;
    void this.own.keepSmall([["put", "meta", "language", language]]);
  }

  /* ------------------------------------------------------------- keeping */

  async draft<T>(key: string): Promise<T | null> {
    return (this.store.get("drafts", key) as T | undefined) ?? null;
  }

  keepDraft<T>(key: string, value: T | null): Promise<void> {
    return this.store.commit([value === null ? ["delete", "drafts", key] : ["put", "drafts", key, value]]);
  }

  dismiss(edit: EditId): Promise<void> { return this.own.dismiss(edit); }
  withdraw(edit: EditId): Promise<boolean> { return this.own.withdraw(edit); }
  sendNow(): void { this.talk.sendNow(); }
  useUpdate(): void { this.update?.use(); }

  /* ------------------------------------------------------------- the page's life */

  private readonly onShown = () => {
    if (typeof document !== "undefined" && document.visibilityState === "hidden") this.feed.saveRows();
    else this.talk.wake();
  };
  private readonly onGone = () => {
    this.feed.saveRows();
    this.talk.leave();
  };
  private readonly onBack = () => this.talk.comeBack();

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

export function local<T>(use: (storage: globalThis.Storage) => T): T | null {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}
