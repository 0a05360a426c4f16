/**
 * The server's word: logging in, the cold open, the feed, what is kept of it on this device. Rules SY24, SY27, SY29.
 * I/O through `Http` and the store. Imported by app.ts; the talker (talk.ts) hands it the frames.
 */
import type { Alarm, Guard, Me, Presence, Protection, Role, RowId, SheetId, Tier } from "./api";
import { keyOf, type Book, type Key } from "./book";
import type { Entry, Names, ServerFrame } from "./frames";
import { CallFailed, type Http, type Login, type Workbook } from "./http";
import { Opening } from "./opening";
import type { Own } from "./own";
import type { State } from "./state";
import type { Store } from "./store";
import type { Lines } from "./talk";

const SAVE_MS = 1_000;
const PAGES_AGAIN_MS = 10_000;

export class Feed {
  private readonly names: Names = {};
  private opening: Opening | null = null;
  private mustOpen = false;
  /** Rows that changed since they were last kept, and the cursor they came with. */
  private readonly dirty = new Map<Key, number>();
  private saving: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly device: string,
    private readonly http: Http,
    private readonly store: Store,
    private readonly book: Book,
    private readonly state: State,
    private readonly own: Own,
    private readonly lines: Lines,
    private readonly clock: () => number,
  ) {}

  /** What this device has kept of the workbook. */
  async loadRows(): Promise<void> {
    this.learn((this.store.get("meta", "names") as Names | undefined) ?? {});
    await this.store.rows((rows, removed) => {
      this.book.apply(rows, true);
      this.book.drop(removed);
      if (rows.length > 0) this.state.phase.value = "cached";
    });
    // A cursor without all of its rows would skip them for ever.
    this.book.epoch = (this.store.get("meta", "epoch") as string | undefined) ?? "";
    this.book.cursor = this.store.state === "ok" ? ((this.store.get("meta", "cursor") as number | undefined) ?? 0) : 0;
    this.mustOpen = this.book.cursor === 0;
  }

  async prepare(): Promise<void> {
    if (this.state.session.value === "") this.loggedIn(await this.http.login(this.device, this.state.me.value.name));
    if (this.mustOpen) {
      const workbook = await this.http.workbookOf();
      await this.own.heal(workbook.epoch);
      this.opening?.cancel();
      const opening = new Opening(this.book, this.http);
      const page = await opening.begin();
      await this.own.heal(page.epoch);
      this.opening = opening;
      this.mustOpen = false;
      this.learn(page.names);
      this.describe(workbook);
      this.state.phase.value = "partial";
      this.book.flush();
      this.lines.send({ kind: "page", rows: page.rows, names: page.names });
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
        this.lines.send({ kind: "page", rows: page.rows, names: page.names });
      });
      if (!whole || this.opening !== opening) return;
      this.opening = null;
      this.state.phase.value = "whole";
      this.dirty.clear();
      await this.store.replaceRows(this.book.entries(), this.place());
      this.lines.send({ kind: "opened", epoch: this.book.epoch });
    } catch (error) {
      // The feed goes on with what is there; the pages are asked for again at the next dial, or in a while.
      if (error instanceof CallFailed) setTimeout(() => this.opening === opening && this.lines.isLive && void this.finishOpening(), PAGES_AGAIN_MS);
      else throw error;
    }
  }

  /** The epoch or the feed is another: everything is opened anew at the next dial. */
  async openAnew(epoch: string): Promise<void> {
    await this.own.heal(epoch);
    this.mustOpen = true;
  }

  /** A row that the feed does not carry, asked for. */
  takeRow(entry: Entry): void {
    this.book.apply([entry], true);
    this.dirty.set(keyOf(entry[0], entry[1]), this.book.cursor);
    this.book.flush();
    this.saveSoon();
  }

  /** Rows that are over: no feed and no cold open carries them. */
  async loadOver(): Promise<number> {
    let found = 0;
    let cursor: number | undefined;
    for (let n = 0, pages = 1; n < pages; n++) {
      const page = await this.http.page(n, cursor, true);
      cursor ??= page.cursor;
      pages = page.pages;
      // What is here already the feed keeps; a page may be older than it.
      const fresh = page.rows.filter((row) => this.book.entry(keyOf(row[0], row[1])) === undefined);
      this.hearPage(fresh, page.names);
      this.book.flush();
      found += fresh.length;
    }
    return found;
  }

  private place(): Record<string, unknown> {
    return { cursor: this.book.cursor, epoch: this.book.epoch, saved: this.clock(), heard: this.state.lastHeard.value, names: this.names };
  }

  loggedIn(login: Login): void {
    const me: Me = { actor: login.actor, role: login.role, team: login.team, name: login.name, confirmed: true };
    if (me.role !== this.state.me.value.role) this.book.conceal();
    this.state.me.value = me;
    this.state.session.value = login.session;
    this.names[me.actor] = [me.name, me.role];
    this.book.learn(this.names);
    void this.own.keepSmall([["put", "meta", "me", me], ["put", "meta", "session", login.session]]);
  }

  frame(frame: ServerFrame): void {
    switch (frame[0]) {
      case "welcome": {
        const [, epoch, , actor, role, team, , protection] = frame;
        // Another epoch is said again by `reset`, and heals then; here it would only be forgotten.
        if (this.book.epoch === "") this.book.epoch = epoch;
        const me = this.state.me.value;
        if (me.role !== role) this.book.conceal();
        this.state.me.value = { ...me, actor, role, team, confirmed: true };
        this.state.protection.value = protection;
        void this.own.keepSmall([["put", "meta", "me", this.state.me.value]]);
        break;
      }
      case "entries": {
        const [, cursor, entries, names] = frame;
        const from = this.book.cursor;
        this.opening?.heard(entries);
        this.takeEntries(entries, cursor, names);
        this.lines.send({ kind: "feed", from, cursor, entries, names });
        break;
      }
      case "live":
        this.book.advance(frame[1]);
        this.book.caughtUp();
        this.own.forgetEchoes();
        if (this.opening === null) this.state.phase.value = "whole";
        this.saveSoon();
        void this.own.review();
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
        // Who still decides is told the count anew with the next greeting or decision.
        this.state.pendingSuggestions.value = 0;
        this.book.conceal();
        void this.own.keepSmall([["put", "meta", "me", this.state.me.value]]);
        break;
      }
      case "protection": {
        const steps = (payload["protection"] ?? payload) as Record<SheetId, Protection>;
        this.state.protection.value = { ...this.state.protection.value, ...steps };
        this.state.guards.value = (payload["guards"] ?? {}) as Record<SheetId, Guard>;
        break;
      }
      case "notice":
        this.setNotice(payload);
        break;
      case "suggestion":
        this.state.pendingSuggestions.value = Number(payload["waiting"] ?? payload["count"] ?? 0);
        void this.own.review();
        break;
      case "decided":
        this.own.hearDecided(payload as { tier: Tier; edit: string; state: string; reason: string });
        break;
      case "alarm":
        this.state.alarms.value = [{ ...(payload as unknown as Alarm), at_ms: this.clock() + this.state.offsetMs.value }, ...this.state.alarms.value.slice(0, 19)];
        break;
      case "erased":
        this.erase(payload);
        break;
    }
  }

  /** What the talking tab was told. False where this tab has missed something before it. */
  hearFeed(from: number, cursor: number, entries: readonly Entry[], names: Names): boolean {
    if (from > this.book.cursor) return false;
    if (cursor > this.book.cursor || entries.length > 0) this.takeEntries(entries, cursor, names);
    return true;
  }

  /** The talking tab has opened the workbook anew: take what it has kept. */
  async adopt(epoch: string): Promise<void> {
    this.book.epoch = epoch;
    const old = new Set(this.book.entries().map((entry) => keyOf(entry[0], entry[1])));
    await this.store.reread("meta");
    await this.store.rows((rows, removed) => {
      for (const key of this.book.apply(rows, true)) old.delete(key);
      for (const key of removed) old.add(key);
    });
    this.book.drop(old);
    this.book.cursor = (this.store.get("meta", "cursor") as number | undefined) ?? 0;
    this.mustOpen = this.book.cursor === 0;
  }

  /** The talking tab has kept its rows up to this cursor. */
  hearSaved(cursor: number): void {
    for (const [key, at] of this.dirty) if (at <= cursor) this.dirty.delete(key);
  }

  hearPage(rows: readonly Entry[], names: Names): void {
    this.book.apply(rows, true);
    this.learn(names);
  }

  takeEntries(entries: readonly Entry[], cursor: number, names: Names): void {
    this.learn(names);
    for (const key of this.book.apply(entries)) this.dirty.set(key, cursor);
    this.book.advance(cursor);
    this.own.dropAcceptedSuggestions(entries);
    if (this.lines.leads) this.saveSoon();
  }

  learn(names: Names): void {
    Object.assign(this.names, names);
    this.book.learn(names);
  }

  saveSoon(): void {
    this.saving ??= setTimeout(() => this.saveRows(), SAVE_MS);
  }

  saveRows(): void {
    if (this.saving !== null) clearTimeout(this.saving);
    this.saving = null;
    // While pages are missing no cursor may be kept; the end of the open writes everything.
    if (!this.lines.leads || this.opening !== null || this.mustOpen) return;
    const cursor = this.book.cursor;
    const rows = Array.from(this.dirty.keys(), (key) => this.book.entry(key)).filter((row): row is Entry => row !== undefined);
    this.dirty.clear();
    void this.store.keepRows(rows, this.place()).then(() => this.lines.send({ kind: "saved", cursor }));
  }

  /** Personal words have been erased on the server: nothing of them stays here, neither shown nor among my own edits (ER8). */
  private erase(payload: Record<string, unknown>): void {
    const whole = this.forget(payload);
    const all = payload["all"] === true;
    this.lines.send({ kind: "erased", payload });
    void this.own.erase((key) => whole.get(key) ?? (all ? false : undefined));
  }

  /** Lets go of what is shown of erased rows; whether each was erased whole. */
  forget(payload: Record<string, unknown>): ReadonlyMap<Key, boolean> {
    const one = [payload["sheet"], payload["row"], payload["whole"]];
    const rows = (payload["rows"] ?? (payload["row"] === undefined ? [] : [one])) as readonly [SheetId, RowId, boolean][];
    const whole = new Map(rows.map(([sheet, row, all]) => [keyOf(sheet, row), all]));
    this.book.forget(payload["all"] === true ? null : whole.keys());
    return whole;
  }

  describe(workbook: Workbook): void {
    this.state.title.value = workbook.title;
    this.state.drill.value = workbook.drill;
    this.state.sheets.value = workbook.sheets;
    this.state.protection.value = workbook.protection;
    this.setNotice(workbook.notice);
  }

  private setNotice(notice: unknown): void {
    const text = typeof notice === "string" ? notice : ((notice as { text?: string } | null)?.text ?? "");
    this.state.notice.value = text ? { text, atMs: this.clock() + this.state.offsetMs.value } : null;
  }

  stop(): void {
    this.saveRows();
    if (this.saving !== null) clearTimeout(this.saving);
  }
}
