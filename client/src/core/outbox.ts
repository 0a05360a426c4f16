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

export interface Push {
  readonly n: number;
  readonly sheet: SheetId;
  readonly row: RowId;
  readonly updates: [Tier, Uint8Array][];
  readonly edits: readonly EditId[];
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
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 30_000;
/** A link that breaks this often on the same edit alone is broken by the edit. */
const STRIKES = 3;

export class Outbox {
  private waiting: Waiting[] = [];
  private readonly flying = new Map<number, { key: string; edits: EditId[]; sentMs: number }>();
  private readonly pause = new Map<string, { untilMs: number; times: number }>();
  private readonly strikes = new Map<EditId, number>();
  private readonly left = new Set<EditId>();
  private n = 0;

  list(): readonly Waiting[] {
    return this.waiting;
  }

  get(edit: EditId): Waiting | undefined {
    return this.waiting.find((one) => one.edit.edit === edit);
  }

  isFlying(edit: EditId): boolean {
    for (const push of this.flying.values()) if (push.edits.indexOf(edit) >= 0) return true;
    return false;
  }

  /** Whether an edit has ever left from here: the server may have it then, whatever became of the ack. */
  hasLeft(edit: EditId): boolean {
    return this.left.has(edit);
  }

  /** Takes edits in; one already here is the same one. */
  add(more: readonly Waiting[]): void {
    const here = new Set(this.waiting.map((one) => one.edit.edit));
    const fresh = more.filter((one) => !here.has(one.edit.edit));
    if (fresh.length > 0) this.waiting = [...this.waiting, ...fresh].sort(byAuthoring);
  }

  /** Takes an edit out: withdrawn, or answered in another tab. */
  remove(edit: EditId): void {
    this.waiting = this.waiting.filter((one) => one.edit.edit !== edit);
    this.strikes.delete(edit);
  }

  /** The next push to send, counted as on its way from now; null when nothing may leave. */
  next(now: number): Push | null {
    const suspects = this.strikes.size > 0;
    if (this.flying.size >= (suspects ? 1 : WINDOW)) return null;
    const busy = new Set(Array.from(this.flying.values(), (push) => push.key));
    const first = this.waiting.find((one) => !busy.has(key(one)) && (this.pause.get(key(one))?.untilMs ?? 0) <= now);
    if (!first) return null;
    const updates: [Tier, Uint8Array][] = [];
    const edits: EditId[] = [];
    let bytes = 0;
    for (const one of this.waiting) {
      if (key(one) !== key(first)) continue;
      const update = encodeEdit(one.edit);
      // After a broken link edits leave one by one, so that the one that breaks it is found.
      if (edits.length > 0 && (suspects || edits.length >= MAX_PUSH_EDITS || bytes + update.length > MAX_PUSH_BYTES)) break;
      bytes += update.length;
      updates.push([one.tier, update]);
      edits.push(one.edit.edit);
    }
    const n = ++this.n;
    for (const edit of edits) this.left.add(edit);
    this.flying.set(n, { key: key(first), edits, sentMs: now });
    return { n, sheet: first.sheet, row: first.row, updates, edits };
  }

  /** The server's verdicts on a push. What it answered for good leaves the outbox; the rest waits. */
  ack(n: number, answer: { verdicts: readonly (readonly [EditId, Verdict, string])[]; seq: number; now: number }): Settled[] {
    const push = this.flying.get(n);
    this.flying.delete(n);
    const settled: Settled[] = [];
    let again = false;
    for (const [edit, verdict, reason] of answer.verdicts) {
      const one = this.get(edit);
      if (!one) continue;
      this.strikes.delete(edit);
      if (verdict === "retry") {
        again = true;
        continue;
      }
      this.remove(edit);
      settled.push({ waiting: one, verdict, reason, seq: answer.seq });
    }
    if (push) {
      // An edit of the push that the server did not mention waits as if it had said retry.
      again = again || push.edits.some((edit) => this.get(edit) !== undefined);
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
    const flying = Array.from(this.flying.values()).reduce<EditId[]>((all, push) => all.concat(push.edits), []);
    this.lost();
    const settled: Settled[] = [];
    for (const edit of flying) {
      const strikes = (this.strikes.get(edit) ?? 0) + 1;
      this.strikes.set(edit, strikes);
      const one = this.get(edit);
      if (one && flying.length === 1 && strikes > STRIKES) {
        this.remove(edit);
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

function key(one: Waiting): string {
  return `${one.sheet}/${one.row}`;
}
