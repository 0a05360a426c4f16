/**
 * The outbox: which edits leave next, and what the server said about them. Rules SY30–SY34.
 * Pure: time comes in, nothing is stored here (app.ts keeps every change in the store before it counts).
 *
 * Edits leave in authoring order, those of one row together in one push. Several pushes may be on their way (a volunteer who comes back
 * with two hundred rows at 400 ms of delay would wait 80 s for one after the other), but never two of one row.
 */
import type { EditId, RowId, SheetId, Tier } from "./api";
import { encodeEdit } from "./encoder";
import type { Verdict } from "./frames";
import { byAuthoring, type Waiting } from "./store";

/** An edit's place in the outbox. The two tiers of one act may share an edit id (a log's element is the id of its edit). */
export type Slot = string;
export const slotOf = (tier: Tier, edit: EditId): Slot => (tier === "public" ? edit : `${edit}*`);

export interface Push {
  readonly n: number;
  readonly sheet: SheetId;
  readonly row: RowId;
  readonly updates: [Tier, Uint8Array][];
  /** The slot of each update, in the same order: the server answers in that order too. */
  readonly slots: readonly Slot[];
}

export interface Settled {
  readonly waiting: Waiting;
  readonly verdict: Exclude<Verdict, "retry">;
  readonly reason: string;
  readonly seq: number;
}

const WINDOW = 8;
const MAX_PUSH_EDITS = 32;
/** Below the 64 KB of a frame, with room for its head. */
const MAX_PUSH_BYTES = 48 * 1024;
/** A push that the server has not answered on a live link is sent again: edits are known by their id, twice is once. */
const ACK_MS = 20_000;
/** The server takes 200 frames in ten seconds from one session; pings and questions need some of them. */
const MAX_PUSHES = 120;
const RATE_WINDOW_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 30_000;
/** A link that breaks this often on the same edit alone is broken by the edit. */
const STRIKES = 3;

export class Outbox {
  private waiting: Waiting[] = [];
  private readonly flying = new Map<number, { key: string; slots: Slot[]; sentMs: number }>();
  private readonly pause = new Map<string, { untilMs: number; times: number }>();
  private readonly strikes = new Map<Slot, number>();
  private readonly left = new Set<Slot>();
  private sentAt: number[] = [];
  private n = 0;

  list(): readonly Waiting[] {
    return this.waiting;
  }

  get(slot: Slot): Waiting | undefined {
    return this.waiting.find((one) => slot === own(one));
  }

  isFlying(slot: Slot): boolean {
    for (const push of this.flying.values()) if (push.slots.indexOf(slot) >= 0) return true;
    return false;
  }

  /** Whether an edit has ever left from here: the server may have it then, whatever became of the ack. */
  hasLeft(slot: Slot): boolean {
    return this.left.has(slot);
  }

  /** Takes edits in; one already here is the same one. */
  add(more: readonly Waiting[]): void {
    const here = new Set(this.waiting.map(own));
    const fresh = more.filter((one) => !here.has(own(one)));
    if (fresh.length > 0) this.waiting = [...this.waiting, ...fresh].sort(byAuthoring);
  }

  /** Takes an edit out: withdrawn, or answered in another tab. */
  remove(slot: Slot): void {
    this.waiting = this.waiting.filter((one) => own(one) !== slot);
    this.strikes.delete(slot);
  }

  /** The next push to send, counted as on its way from now; null when nothing may leave. */
  next(now: number): Push | null {
    const suspects = this.strikes.size > 0;
    if (this.flying.size >= (suspects ? 1 : WINDOW)) return null;
    this.sentAt = this.sentAt.filter((at) => at > now - RATE_WINDOW_MS && at <= now);
    if (this.sentAt.length >= MAX_PUSHES) return null;
    const busy = new Set(Array.from(this.flying.values(), (push) => push.key));
    const first = this.waiting.find((one) => !busy.has(key(one)) && (this.pause.get(key(one))?.untilMs ?? 0) <= now);
    if (!first) return null;
    const updates: [Tier, Uint8Array][] = [];
    const slots: Slot[] = [];
    let bytes = 0;
    for (const one of this.waiting) {
      if (key(one) !== key(first)) continue;
      const update = encodeEdit(one.edit);
      // After a broken link edits leave one by one, so that the one that breaks it is found.
      if (slots.length > 0 && (suspects || slots.length >= MAX_PUSH_EDITS || bytes + update.length > MAX_PUSH_BYTES)) break;
      bytes += update.length;
      updates.push([one.tier, update]);
      slots.push(own(one));
    }
    const n = ++this.n;
    for (const slot of slots) this.left.add(slot);
    this.sentAt.push(now);
    this.flying.set(n, { key: key(first), slots, sentMs: now });
    return { n, sheet: first.sheet, row: first.row, updates, slots };
  }

  /** The server's verdicts on a push, in its order. What it answered for good leaves the outbox; the rest waits. */
  ack(n: number, answer: { verdicts: readonly (readonly [EditId, Verdict, string])[]; seq: number; now: number }): Settled[] {
    const push = this.flying.get(n);
    this.flying.delete(n);
    const settled: Settled[] = [];
    let again = false;
    for (const [i, slot] of (push?.slots ?? []).entries()) {
      const one = this.get(slot);
      const [, verdict, reason] = answer.verdicts[i] ?? ["", "retry", ""];
      if (!one) continue;
      this.strikes.delete(slot);
      if (verdict === "retry") {
        again = true;
        continue;
      }
      this.remove(slot);
      settled.push({ waiting: one, verdict, reason, seq: answer.seq });
    }
    if (push) {
      const times = (this.pause.get(push.key)?.times ?? 0) + 1;
      if (again) {
        this.pause.set(push.key, { untilMs: answer.now + Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** (times - 1)), times });
      } else {
        this.pause.delete(push.key);
      }
    }
    return settled;
  }

  /** The link is gone: what was on its way waits again. */
  lost(): void {
    this.flying.clear();
    this.pause.clear();
  }

  /**
   * The server closed the link because of what it was sent (4400, 4413). Returns edits that did it three times alone: they are set aside
   * with their words, so that one broken edit never holds up the others.
   */
  offended(): Settled[] {
    const flying = Array.from(this.flying.values()).reduce<Slot[]>((all, push) => all.concat(push.slots), []);
    this.lost();
    const settled: Settled[] = [];
    for (const slot of flying) {
      const strikes = (this.strikes.get(slot) ?? 0) + 1;
      this.strikes.set(slot, strikes);
      const one = this.get(slot);
      if (one && flying.length === 1 && strikes > STRIKES) {
        this.remove(slot);
        settled.push({ waiting: one, verdict: "refused", reason: "unsendable", seq: 0 });
      }
    }
    return settled;
  }

  /** Pushes that stayed without an answer for too long; they wait again. True if there were any. */
  expire(now: number): boolean {
    let any = false;
    for (const [n, push] of this.flying) {
      if (now - push.sentMs < ACK_MS) continue;
      this.flying.delete(n);
      any = true;
    }
    return any;
  }
}

function own(one: Waiting): Slot {
  return slotOf(one.tier, one.edit.edit);
}

function key(one: Waiting): string {
  return `${one.sheet}/${one.row}`;
}
