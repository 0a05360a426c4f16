/**
 * My own edits on this device: waiting, accepted, suggested, refused, and the row links I hold. Rules SY20, SY24, SY25, SY31, SY39.
 * I/O through the store. Imported by app.ts; the talker (talk.ts) and the feed (feed.ts) tell it what the server said.
 *
 * Every change is in the store before it counts: an edit before it is shown as kept, an answer before the other tabs hear of it.
 */
import { signal } from "@preact/signals";
import type { EditId, OwnEdit, RowId, RowLink, SheetId, Tier } from "./api";
import { keyOf, type Book, type Key } from "./book";
import type { Entry } from "./frames";
import { shortCode } from "./ids";
import { Outbox, slotOf, type Settled, type Slot } from "./outbox";
import type { Answered, HeldLink, Op, Store, Waiting } from "./store";
import type { Lines } from "./talk";
import type { Drafted } from "./writing";

/** Own acked edits are pushed again to a server that was restored from a backup up to this old. */
const HEAL_MS = 14 * 86_400_000;
/** Rows are kept at most this long after they changed (feed.ts). */
const SAVED_LATE_MS = 1_000;
/** An acked edit whose feed entry has not come by then is dead already: its overlay goes. Longer than any tick of the feed. */
const ECHO_MS = 4_000;
const REVIEWED_ROWS = 10;

export class Own {
  readonly unsent = signal<readonly OwnEdit[]>([]);
  readonly kept = signal<readonly OwnEdit[]>([]);
  readonly links = signal<readonly RowLink[]>([]);
  readonly language = signal<"zh" | "en">(pageLanguage());
  readonly outbox = new Outbox();
  /** Suggested and refused ones, with their words. */
  private readonly answered = new Map<Slot, Answered>();
  private readonly acked = new Map<Slot, Answered>();
  private readonly heldLinks = new Map<Key, HeldLink>();
  /** When an edit was acked that the feed has not shown yet. */
  private readonly sentMs = new Map<EditId, number>();
  /** Taken back by the person: the store may still name them for a moment. */
  private readonly withdrawn = new Set<Slot>();
  private lastN = 0;
  private readonly startedN = Date.now() * 1000;
  private askedToKeep = false;

  constructor(
    private readonly store: Store,
    private readonly book: Book,
    private readonly lines: Lines,
    private readonly clock: () => number,
  ) {}

  /** Own edits of earlier visits: waiting ones, answered ones. */
  recall(): void {
    const now = this.clock();
    const saved = (this.store.get("meta", "saved") as number | undefined) ?? 0;
    this.language.value = (this.store.get("meta", "language") as "zh" | "en" | undefined) ?? this.language.value;
    for (const link of this.store.all("links")) this.hold(link);
    this.outbox.add(this.store.all("outbox"));
    for (const one of this.store.all("kept")) {
      this.answered.set(slotOf(one.tier, one.edit.edit), one);
      if (one.verdict === "suggested") this.book.propose(one.sheet, one.row, one.edit);
    }
    const expired: Op[] = [];
    for (const one of this.store.all("own")) {
      const slot = slotOf(one.tier, one.edit.edit);
      if (now - one.answeredMs > HEAL_MS) expired.push(["delete", "own", slot]);
      else {
        this.acked.set(slot, one);
        if (one.tier === "private") this.book.know(one.sheet, one.row, one.edit);
        // Answered after the rows were last kept: the cached rows may not have it yet.
        else if (one.answeredMs > saved - SAVED_LATE_MS) this.echo(one);
      }
    }
    for (const one of [...this.outbox.list(), ...this.acked.values(), ...this.answered.values()]) this.lastN = Math.max(this.lastN, one.n);
    if (expired.length > 0) void this.store.commit(expired);
    this.show();
  }

  /** Keeps new edits on the device, then shows them and lets them leave (SY25). */
  async author(waiting: readonly Waiting[], more: readonly Op[] = []): Promise<void> {
    const ops: Op[] = [...waiting.map((one): Op => ["put", "outbox", slotOf(one.tier, one.edit.edit), one]), ...more];
    await this.store.commit(ops);
    this.enter(waiting, more);
    this.lines.send({ kind: "queued", waiting, ops });
    this.lines.flush();
    // Kept words are worth more than the browser's housekeeping. Asked for with the first of them: some browsers ask the person.
    if (!this.askedToKeep && typeof navigator !== "undefined") void navigator.storage?.persist?.().catch(() => false);
    this.askedToKeep = true;
  }

  enter(waiting: readonly Waiting[], ops: readonly Op[] = []): void {
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
  async settleAll(settled: readonly Settled[]): Promise<void> {
    if (settled.length === 0) {
      this.show();
      return;
    }
    const now = this.clock();
    const answered = settled.map((one): Answered => ({
      ...one.waiting, verdict: one.verdict, reason: one.reason, seq: one.seq, epoch: this.book.epoch, answeredMs: now,
    }));
    const ops: Op[] = [];
    for (const one of answered) {
      const slot = slotOf(one.tier, one.edit.edit);
      ops.push(["delete", "outbox", slot]);
      if (isErased(one)) continue;
      ops.push(["put", one.verdict === "accepted" ? "own" : "kept", slot, one]);
      if (one.verdict === "accepted" && this.answered.has(slot)) ops.push(["delete", "kept", slot]);
    }
    this.settle(answered);
    await this.store.commit(ops);
    this.lines.send({ kind: "settled", answered, ops });
  }

  settle(answered: readonly Answered[]): void {
    for (const one of answered) {
      const slot = slotOf(one.tier, one.edit.edit);
      this.outbox.remove(slot);
      if (one.verdict === "accepted") {
        this.acked.set(slot, one);
        this.answered.delete(slot);
        this.book.unpropose(one.sheet, one.row, one.edit.edit);
        if (one.tier === "private") {
          this.book.lift(one.sheet, one.row, one.edit.edit, "private");
          this.book.know(one.sheet, one.row, one.edit);
        } else {
          this.echo(one);
        }
      } else {
        if (!isErased(one)) this.answered.set(slot, one);
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
  dropEchoes(now: number): void {
    for (const [edit, at] of this.sentMs) {
      if (now - at < ECHO_MS) continue;
      this.sentMs.delete(edit);
      const one = this.acked.get(slotOf("public", edit));
      if (one) this.book.liftSent(one.sheet, one.row, edit);
    }
  }

  /** The server was restored from a backup, or is another: what it acked under its old epoch goes to it again (SY24). */
  async heal(epoch: string): Promise<void> {
    if (epoch === this.book.epoch) return;
    const known = this.book.epoch !== "";
    this.book.epoch = epoch;
    if (!known) return;
    const now = this.clock();
    const again = [...this.acked.values(), ...Array.from(this.answered.values()).filter((one) => one.verdict === "suggested")].filter(
      (one) => one.epoch !== epoch && now - one.answeredMs < HEAL_MS,
    );
    const waiting = again.map((one): Waiting => ({ n: one.n, sheet: one.sheet, row: one.row, tier: one.tier, edit: one.edit, before: one.before, again: true }));
    for (const one of again) {
      const slot = slotOf(one.tier, one.edit.edit);
      this.acked.delete(slot);
      this.answered.delete(slot);
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

  dropAcceptedSuggestions(entries: readonly Entry[]): void {
    if (this.answered.size === 0) return;
    for (const entry of entries) {
      for (const path of Object.keys(entry[5])) {
        for (const [edit] of entry[5][path]!) {
          const one = this.answered.get(slotOf("public", edit));
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
      this.answered.delete(slot);
      this.acked.set(slot, now);
      void this.keepSmall([["delete", "kept", slot], ["put", "own", slot, now]]);
    } else {
      const now: Answered = { ...one, verdict: "refused", reason: reason ? `declined: ${reason}` : "declined" };
      this.answered.set(slot, now);
      void this.keepSmall([["put", "kept", slot, now]]);
    }
    this.show();
  }

  hearDecided({ tier, edit, state, reason }: { tier: Tier; edit: EditId; state: string; reason: string }): void {
    const one = this.answered.get(slotOf(tier, edit));
    if (one?.verdict === "suggested") this.decided(one, state, reason);
  }

  /** What became of my suggestions while I was away. */
  async review(): Promise<void> {
    const waiting = Array.from(this.answered.values()).filter((one) => one.verdict === "suggested");
    const rows = Array.from(new Set(waiting.map((one) => keyOf(one.sheet, one.row)))).slice(0, REVIEWED_ROWS);
    for (const key of rows) {
      const [sheet, row] = key.split("/") as [string, string];
      try {
        const answer = await this.lines.ask(["suggestions", sheet, row]);
        if (answer[0] !== "suggestions") continue;
        for (const [, , , tier, edit, , , , reason, state] of answer[2]) {
          const one = this.answered.get(slotOf(tier, edit));
          if (one?.verdict === "suggested" && state !== "pending") this.decided(one, state, reason);
        }
      } catch {
        return; // No link: the next one asks again.
      }
    }
  }

  /** Edits that another tab kept and did not live to tell. */
  async takeStrays(): Promise<void> {
    if (this.store.state !== "ok") return;
    const before = new Set(this.outbox.list().map((one) => slotOf(one.tier, one.edit.edit)));
    const stored = await this.store.reread("outbox");
    const strays = stored.filter((one) => {
      const slot = slotOf(one.tier, one.edit.edit);
      return !before.has(slot) && !this.withdrawn.has(slot) && !this.acked.has(slot) && !this.answered.has(slot);
    });
    if (strays.length === 0) return;
    this.enter(strays);
    this.lines.flush();
  }

  async withdraw(edit: EditId): Promise<boolean> {
    const slots = bothTiers(edit).filter((slot) => this.outbox.get(slot));
    // Written in an earlier visit or another tab, it may have left from there without our knowing.
    const mayHaveLeft = (slot: string) => this.outbox.hasLeft(slot) || !this.lines.leads || this.outbox.get(slot)!.n < this.startedN || this.outbox.get(slot)!.again === true;
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

  async dismiss(edit: EditId): Promise<void> {
    const ops: Op[] = [];
    for (const slot of bothTiers(edit)) {
      const one = this.answered.get(slot);
      if (!one) continue;
      this.answered.delete(slot);
      this.book.unpropose(one.sheet, one.row, edit);
      ops.push(["delete", "kept", slot]);
    }
    this.show();
    await this.keepSmall(ops);
  }

  /** Writes small stores and tells the other tabs. */
  async keepSmall(ops: readonly Op[]): Promise<void> {
    await this.store.commit(ops);
    this.lines.send({ kind: "small", ops });
  }

  hearSmall(ops: readonly Op[]): void {
    this.store.hear(ops);
    for (const op of ops) {
      const [what, store, key] = op;
      if (store === "links" && what === "put") this.hold(op[3] as HeldLink);
      if (store === "kept") {
        if (what === "put") this.answered.set(key, op[3] as Answered);
        else this.answered.delete(key);
      }
      if (store === "own") {
        if (what === "put") this.acked.set(key, op[3] as Answered);
        else this.acked.delete(key);
      }
      if (store === "outbox" && what === "delete") {
        const one = this.outbox.get(key);
        this.outbox.remove(key);
        if (one) this.book.lift(one.sheet, one.row, one.edit.edit, one.tier);
      }
      if (store === "meta" && what === "put" && key === "language") this.language.value = op[3] as "zh" | "en";
    }
    this.show();
  }

  hold(link: HeldLink): void {
    this.heldLinks.set(keyOf(link.sheet, link.row), link);
    this.book.hold(link.sheet, link.row);
  }

  /** Brings the lists of own edits up to date. */
  show(): void {
    this.unsent.value = perAct(this.outbox.list().map((one) => {
      const mark = this.outbox.isFlying(slotOf(one.tier, one.edit.edit)) ? "sending" : "device";
      this.lay(one, mark);
      return ownEdit(one, mark, "");
    }));
    this.kept.value = perAct(Array.from(this.answered.values())
      .sort((a, b) => b.answeredMs - a.answeredMs)
      .map((one) => ownEdit(one, one.verdict as "suggested" | "refused", one.reason)));
    this.links.value = Array.from(this.heldLinks.values())
      .sort((a, b) => b.atMs - a.atMs)
      .map((one): RowLink => ({ ...one, code: shortCode(one.secret) }));
  }

  /** Drafts as edits that wait: each gets its place in authoring order. */
  inOrder(sheet: SheetId, row: RowId, drafted: readonly Drafted[]): Waiting[] {
    return drafted.map((one): Waiting => {
      this.lastN = Math.max(this.lastN + 1, Date.now() * 1000);
      return { n: this.lastN, sheet, row, tier: one.tier, edit: one.edit, before: one.before };
    });
  }

  /** The edits of an act of mine that wait or that the server has accepted. */
  find(edit: EditId): Waiting[] {
    return bothTiers(edit).map((slot) => this.outbox.get(slot) ?? this.acked.get(slot)).filter((one): one is Waiting => one !== undefined);
  }

  isWaiting(edit: EditId): boolean {
    return bothTiers(edit).some((slot) => this.outbox.get(slot) !== undefined);
  }

  secretOf(sheet: SheetId, row: RowId): string {
    return this.heldLinks.get(keyOf(sheet, row))?.secret ?? "";
  }

  forgetEchoes(): void {
    this.sentMs.clear();
  }

  /**
   * Personal words of rows have been erased: my own of them too, so that no restart and no older server gets them again. `wholeOf` says
   * whether a row's public words went as well, undefined where it stays. What still waits is refused, and let go then.
   */
  async erase(wholeOf: (key: Key) => boolean | undefined): Promise<void> {
    const ops: Op[] = [];
    for (const [slot, one] of this.acked) {
      const whole = wholeOf(keyOf(one.sheet, one.row));
      if (whole || (whole === false && one.tier === "private")) ops.push(["delete", "own", slot]);
    }
    for (const [slot, one] of this.answered) if (wholeOf(keyOf(one.sheet, one.row)) !== undefined) ops.push(["delete", "kept", slot]);
    this.hearSmall(ops);
    this.show();
    await this.keepSmall(ops);
  }
}

/** Refused because the words have to go: the one verdict after which they are not kept. */
function isErased(one: Answered): boolean {
  return one.verdict === "refused" && one.reason === "erased";
}

function bothTiers(edit: EditId): [Slot, Slot] {
  return [slotOf("public", edit), slotOf("private", edit)];
}

function ownEdit(one: Waiting, state: OwnEdit["state"], reason: string): OwnEdit {
  const { edit, actor: _actor, atMs, writes, seen } = one.edit;
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

/** Until somebody chooses: the language in which the server wrote the page, which is the browser's. */
function pageLanguage(): "zh" | "en" {
  return typeof document !== "undefined" && document.documentElement.lang === "en" ? "en" : "zh";
}
