/**
 * Who talks to the server and what the tabs tell one another: the tab that has the lease runs the wire, the others hear and ask through
 * it. Rules SY35, SY36. I/O through `Tabs` and `Wire`. Imported by app.ts.
 */
import type { Doing, RowId, SheetId } from "./api";
import type { Book } from "./book";
import { failure } from "./failure";
import type { Feed } from "./feed";
import type { Answer, Ask, Entry, Names } from "./frames";
import type { Own } from "./own";
import type { State, Told } from "./state";
import type { Answered, Op, Store, Waiting } from "./store";
import { Tabs, type Letter } from "./tabs";
import { Wire, type SocketLike, type WireHost } from "./wire";

/** What the rest of the core asks of the talker. */
export interface Lines {
  /** This tab talks. */
  readonly leads: boolean;
  readonly isLive: boolean;
  /** Tells the other tabs. */
  send(letter: Letter): void;
  /** Sends what may be sent. */
  flush(): void;
  ask(frame: readonly [string, ...unknown[]]): Promise<Answer>;
}

export interface TalkTools {
  dial(url: string): SocketLike;
  clock(): number;
  chance(): number;
  tabs(on: ConstructorParameters<typeof Tabs>[1]): Tabs;
}

/** Another tab may have died with edits it authored and never told. */
const REREAD_MS = 15_000;
/** Longer than the talker waits for the server. */
const ANSWER_MS = 25_000;

interface Question {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Talk implements Lines {
  private readonly tabs: Tabs;
  private wire: Wire | null = null;
  private reread: ReturnType<typeof setInterval> | null = null;
  /** Letters that came while the kept rows are read anew. */
  private adopting: Letter[] | null = null;
  private readonly questions = new Map<string, Question>();
  private questionCount = 0;
  private unwatch: (() => void) | null = null;
  /** Set by app.ts once they are made. */
  own!: Own;
  feed!: Feed;

  constructor(
    private readonly workbook: string,
    private readonly store: Store,
    private readonly book: Book,
    private readonly state: State,
    private readonly tools: TalkTools,
    /** Another tab has removed everything of this workbook from the device. */
    private readonly onForget: () => void,
  ) {
    this.tabs = tools.tabs({ letter: (letter) => this.letter(letter), lead: () => this.lead(), follow: () => this.follow() });
  }

  get leads(): boolean {
    return this.tabs.leads;
  }

  get isLive(): boolean {
    return this.wire?.isLive ?? false;
  }

  start(): void {
    if (this.store.state !== "ok") this.tabs.solo();
    this.unwatch = this.state.watch((told) => this.tell(told));
    this.tabs.start();
    this.send({ kind: "hi" });
  }

  stop(): void {
    this.unwatch?.();
    this.tabs.close();
    this.stopWire();
    if (this.reread !== null) clearInterval(this.reread);
    for (const question of this.questions.values()) clearTimeout(question.timer);
  }

  /** There is no common store any more: this tab talks for itself. */
  solo(): void {
    this.tabs.solo();
  }

  /** The page is shown: its timers may have slept. */
  wake(): void {
    this.tabs.look();
    this.wire?.wake();
  }

  /** The page goes, or is put aside; `start` again when it comes back. */
  leave(): void {
    this.tabs.leave();
  }

  comeBack(): void {
    this.tabs.start();
  }

  send(letter: Letter): void {
    this.tabs.send(letter);
  }

  flush(): void {
    this.wire?.flush();
  }

  private lead(): void {
    this.stopWire();
    const scheme = typeof location !== "undefined" && location.protocol === "https:" ? "wss" : "ws";
    const host = typeof location === "undefined" ? "localhost" : location.host;
    const url = `${scheme}://${host}/w/${encodeURIComponent(this.workbook)}/ws`;
    this.wire = new Wire(this.own.outbox, this.host(), {
      dial: () => (this.tools.dial(url)),
      clock: this.tools.clock,
      chance: this.tools.chance,
    });
    this.reread ??= setInterval(() => void this.own.takeStrays(), REREAD_MS);
    void this.own.takeStrays();
    this.wire.start();
  }

  private follow(): void {
    this.stopWire();
    if (this.reread !== null) clearInterval(this.reread);
    this.reread = null;
    this.send({ kind: "hi" });
  }

  private stopWire(): void {
    this.wire?.stop();
    this.wire = null;
  }

  private tell(told: Told): void {
    if (this.leads) this.send({ kind: "state", told });
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
        if (!this.leads) this.state.hear(letter["told"] as Told);
        break;
      case "queued":
        this.own.enter(letter["waiting"] as Waiting[], letter["ops"] as Op[]);
        this.wire?.flush();
        break;
      case "settled":
        this.store.hear(letter["ops"] as Op[]);
        this.own.settle(letter["answered"] as Answered[]);
        break;
      case "small":
        this.own.hearSmall(letter["ops"] as Op[]);
        break;
      case "feed":
        // A tab that slept has missed letters: it talks to the server itself, from where it stopped.
        if (!this.leads && !this.feed.hearFeed(letter["from"] as number, letter["cursor"] as number, letter["entries"] as Entry[], letter["names"] as Names)) this.tabs.seize();
        break;
      case "page":
        if (!this.leads) this.feed.hearPage(letter["rows"] as Entry[], letter["names"] as Names);
        break;
      case "saved":
        this.feed.hearSaved(letter["cursor"] as number);
        break;
      case "opened":
        if (!this.leads) void this.adopt(letter["epoch"] as string);
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
      case "erased":
        this.feed.forget(letter["payload"] as Record<string, unknown>);
        break;
      case "login":
        if (this.wire) this.redial();
        break;
      case "forget":
        this.onForget();
        break;
    }
  }

  private async relay(letter: Letter): Promise<void> {
    const [tag, ...rest] = letter["frame"] as [string, ...unknown[]];
    try {
      const answer = await this.wire!.ask((n) => [tag, n, ...rest] as unknown as Ask);
      this.send({ kind: "answer", id: letter["id"], answer });
    } catch (error) {
      const { code = "offline", message = "", hint = "" } = error as { code?: string; message?: string; hint?: string };
      this.send({ kind: "answer", id: letter["id"], error: [code, message, hint] });
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

  private host(): WireHost {
    return {
      prepare: () => this.feed.prepare(),
      hello: () => ({ session: this.state.session.value, cursor: this.book.cursor, epoch: this.book.epoch }),
      forgetSession: () => {
        this.state.session.value = "";
        void this.store.commit([["delete", "meta", "session"]]);
      },
      openAnew: (epoch) => this.feed.openAnew(epoch),
      secretOf: (sheet, row) => this.own.secretOf(sheet, row),
      frame: (frame) => this.feed.frame(frame),
      settled: (settled) => void this.own.settleAll(settled),
      leaving: () => this.own.show(),
      state: (link, trouble) => {
        if (link !== this.state.link.value) this.own.show();
        this.state.link.value = link;
        this.state.trouble.value = trouble;
        if (link !== "live") this.state.presence.value = [];
      },
      heard: (now, serverMs) => {
        this.state.lastHeard.value = now;
        if (serverMs !== undefined) {
          this.state.offsetMs.value = serverMs - now;
          this.own.dropEchoes(now);
        }
      },
    };
  }

  private async adopt(epoch: string): Promise<void> {
    this.adopting = [];
    await this.feed.adopt(epoch);
    const waiting = this.adopting;
    this.adopting = null;
    for (const letter of waiting) this.letter(letter);
  }

  /** Asks the server, through the talking tab where that is another. */
  ask(frame: readonly [string, ...unknown[]]): Promise<Answer> {
    if (this.wire) return this.wire.ask((n) => [frame[0], n, ...frame.slice(1)] as unknown as Ask);
    const id = `${this.tabs.id}-${++this.questionCount}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id);
        reject(failure("timed_out", "no answer in time"));
      }, ANSWER_MS);
      this.questions.set(id, { resolve, reject, timer });
      this.send({ kind: "ask", id, frame });
    });
  }

  /** The new session must be the one the link speaks for. */
  redial(): void {
    if (this.wire) this.lead();
    else this.send({ kind: "login" });
  }

  sendNow(): void {
    if (!this.wire) {
      this.send({ kind: "go" });
      return;
    }
    if (this.state.trouble.value === "forbidden") this.lead();
    this.wire.wake();
    this.wire.flush();
  }

  here(sheet: SheetId | "", row: RowId | "", doing: Doing): void {
    if (this.wire) this.wire.here(sheet, row, doing);
    else this.send({ kind: "here", sheet, row, doing });
  }
}
