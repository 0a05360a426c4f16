/**
 * The link of the tab that talks: drives the session table with a real socket and real timers. Rules SY21–SY24, SY30–SY34.
 * I/O: WebSocket, timers. Imported by app.ts, which answers its questions (`WireHost`).
 */
import type { Doing, Link, LinkTrouble, RowId, SheetId } from "./api";
import { failure } from "./failure";
import { decodeFrame, encodeFrame, PROTOCOL, type Answer, type Ask, type ClientFrame, type ServerFrame } from "./frames";
import { CallFailed } from "./http";
import type { Outbox, Settled } from "./outbox";
import { closedAs, delay, OPEN_MS, PING_MS, SILENCE_MS, step, TICK_MS, type Effect, type Event, type State } from "./session";

export interface WireHost {
  /** Before every dial: a session, and the first page where this device has nothing. Throws CallFailed. */
  prepare(): Promise<void>;
  hello(): { session: string; cursor: number; epoch: string };
  forgetSession(): void;
  /** The server's epoch or feed is another: everything is to be opened anew, before the next `prepare`. */
  openAnew(epoch: string): Promise<void>;
  /** The secret of a row this device holds, or "". */
  secretOf(sheet: SheetId, row: RowId): string;
  frame(frame: ServerFrame): void;
  settled(settled: readonly Settled[]): void;
  /** A push has left. */
  leaving(): void;
  state(link: Link, trouble: LinkTrouble): void;
  /** Something was heard; with the server's clock where it was told. */
  heard(now: number, serverMs?: number): void;
}

export interface SocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface WireTools {
  dial(): SocketLike;
  clock(): number;
  chance(): number;
}

/** An answer that takes longer is not worth waiting for: the person asks again. */
const ASK_MS = 20_000;
/** Frames that the server closes the link over: the edit on its way may be to blame. */
const OFFENCES = [4400, 4413];

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly untilMs: number;
}

export class Wire {
  private state: State = "offline";
  private trouble: LinkTrouble = "";
  private failures = 0;
  /** Counts sockets: what an old one still says is nobody's business. */
  private turn = 0;
  private socket: SocketLike | null = null;
  private dialledMs = 0;
  private heardMs = 0;
  private pingedMs = 0;
  private pings = 0;
  private resetTo = "";
  private ticker: ReturnType<typeof setInterval> | null = null;
  private dialer: ReturnType<typeof setTimeout> | null = null;
  private asks = 0;
  private readonly asked = new Map<number, Asked>();
  private where: readonly [SheetId | "", RowId | "", Doing] = ["", "", ""];

  constructor(
    private readonly outbox: Outbox,
    private readonly host: WireHost,
    private readonly tools: WireTools,
  ) {}

  get isLive(): boolean {
    return this.state === "live";
  }

  start(): void {
    this.ticker ??= setInterval(() => this.tick(), TICK_MS);
    this.event("start");
  }

  /** The page is shown again, or the browser believes in a network. */
  wake(): void {
    this.tick();
    this.event("wake");
  }

  stop(): void {
    this.event("stop");
    if (this.ticker !== null) clearInterval(this.ticker);
    this.ticker = null;
  }

  /** Sends what may be sent. */
  flush(): void {
    if (this.state !== "live") return;
    let any = false;
    for (let push = this.outbox.next(this.tools.clock()); push !== null; push = this.outbox.next(this.tools.clock())) {
      any = true;
      this.say(["push", push.n, push.sheet, push.row, this.host.secretOf(push.sheet, push.row), push.updates]);
    }
    if (any) this.host.leaving();
  }

  here(sheet: SheetId | "", row: RowId | "", doing: Doing): void {
    if (this.where[0] === sheet && this.where[1] === row && this.where[2] === doing) return;
    this.where = [sheet, row, doing];
    if (this.state === "live") this.say(["here", sheet, row, doing]);
  }

  /** Asks the server; `frame` makes the frame with the number the answer will carry. */
  ask(frame: (n: number) => Ask): Promise<Answer> {
    if (this.state !== "live") return Promise.reject(failure("offline", "no link to the server"));
    const n = ++this.asks;
    return new Promise((resolve, reject) => {
      this.asked.set(n, { resolve, reject, untilMs: this.tools.clock() + ASK_MS });
      this.say(frame(n));
    });
  }

  /* ------------------------------------------------------------- the table's events and effects */

  private event(event: Event): void {
    const before = this.state;
    const [next, ...effects] = step(before, event);
    this.state = next;
    if (event === "silent") this.trouble = "silent";
    else if (event === "lost") this.trouble = "unreachable";
    else if (event === "busy") this.trouble = "busy";
    else if (event === "unauthorised") this.trouble = "refused";
    else if (event === "barred") this.trouble = "forbidden";
    for (const effect of effects) this.effect(effect);
    if (this.state === "live") this.trouble = "";
    if (this.state !== before || effects.length > 0) this.host.state(this.link(), this.trouble);
  }

  private link(): Link {
    if (this.state === "live") return "live";
    if (this.state === "offline" || this.state === "closed_for_good") return "offline";
    // Dialing after a failure is no news: the chip must not blink between two words every few seconds.
    return this.state === "dialing" && this.failures > 0 ? "offline" : "connecting";
  }

  private effect(effect: Effect): void {
    switch (effect) {
      case "dial":
        this.dial();
        break;
      case "hang_up":
        this.hangUp();
        break;
      case "say_hello": {
        const { session, cursor, epoch } = this.host.hello();
        this.say(["hello", PROTOCOL, session, cursor, epoch]);
        break;
      }
      case "dial_later":
        this.dialIn(delay(this.failures++, this.tools.chance()));
        break;
      case "dial_much_later":
        this.dialIn(delay(this.failures++, this.tools.chance(), true));
        break;
      case "forget_session":
        this.host.forgetSession();
        break;
      case "open_anew":
        this.host.openAnew(this.resetTo).then(
          () => this.event("dial_due"),
          () => this.dialIn(delay(this.failures++, this.tools.chance())),
        );
        break;
      case "calm":
        this.failures = 0;
        break;
      case "flush":
        if (this.where[2] !== "") this.say(["here", ...this.where]);
        this.flush();
        break;
    }
  }

  private dialIn(ms: number): void {
    if (this.dialer !== null) clearTimeout(this.dialer);
    this.dialer = setTimeout(() => {
      this.dialer = null;
      this.event("dial_due");
    }, ms);
  }

  private dial(): void {
    if (this.dialer !== null) clearTimeout(this.dialer);
    this.dialer = null;
    const turn = ++this.turn;
    this.dialledMs = 0;
    this.host.prepare().then(
      () => {
        if (turn === this.turn) this.openSocket(turn);
      },
      (error: unknown) => {
        if (turn === this.turn) this.event(error instanceof CallFailed ? error.event : "lost");
      },
    );
  }

  private openSocket(turn: number): void {
    this.dialledMs = this.heardMs = this.pingedMs = this.tools.clock();
    let socket: SocketLike;
    try {
      socket = this.tools.dial();
    } catch {
      this.event("lost");
      return;
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (turn !== this.turn) return;
      this.heardMs = this.tools.clock();
      this.event("opened");
    };
    socket.onmessage = (event) => {
      if (turn === this.turn) this.hear(event.data);
    };
    socket.onclose = (event) => {
      if (turn !== this.turn) return;
      if (OFFENCES.indexOf(event.code) >= 0) this.host.settled(this.outbox.offended());
      this.event(closedAs(event.code));
    };
    socket.onerror = () => {
      // A close follows, with the code.
    };
  }

  private hangUp(): void {
    this.turn++;
    const socket = this.socket;
    this.socket = null;
    this.outbox.lost();
    for (const asked of this.asked.values()) asked.reject(failure("offline", "no link to the server"));
    this.asked.clear();
    try {
      socket?.close();
    } catch {
      // It was never open.
    }
  }

  private say(frame: ClientFrame): void {
    try {
      this.socket?.send(encodeFrame(frame));
    } catch {
      this.event("lost");
    }
  }

  /* ------------------------------------------------------------- what the server says */

  private hear(data: unknown): void {
    let frame: ServerFrame | null;
    try {
      frame = decodeFrame(data as ArrayBuffer);
    } catch {
      this.event("lost");
      return;
    }
    const now = this.tools.clock();
    this.heardMs = now;
    this.host.heard(now, frame?.[0] === "pong" ? frame[2] : frame?.[0] === "welcome" ? frame[6] : undefined);
    if (frame === null) return;
    switch (frame[0]) {
      case "ack":
        this.host.settled(this.outbox.ack(frame[1], { verdicts: frame[2], seq: frame[3], now }));
        this.flush();
        return;
      case "private":
      case "history":
      case "suggestions":
      case "row":
      case "showings":
      case "sessions":
      case "link":
      case "done": {
        const asked = this.asked.get(frame[1]);
        this.asked.delete(frame[1]);
        asked?.resolve(frame);
        return;
      }
      case "reset":
        this.resetTo = frame[1];
        this.event("reset");
        return;
      case "welcome":
        this.host.frame(frame);
        this.event("welcome");
        return;
      case "live":
        this.host.frame(frame);
        this.event("live");
        return;
      case "error":
        if (frame[1] === "unsupported-version") {
          this.trouble = "outdated";
          this.event("stop");
          this.trouble = "outdated";
          this.host.state(this.link(), this.trouble);
        }
        return;
      default:
        this.host.frame(frame);
    }
  }

  /** Looks at the clock. Called by a timer, and when a page is shown again (its timers may have slept). */
  private tick(): void {
    const now = this.tools.clock();
    if (this.state === "dialing" && this.dialledMs > 0 && now - this.dialledMs > OPEN_MS) this.event("silent");
    if (this.state === "offline" || this.state === "dialing" || this.state === "closed_for_good") return;
    if (now - this.heardMs > SILENCE_MS) {
      this.event("silent");
      return;
    }
    if (this.state !== "greeting" && now - this.pingedMs >= PING_MS) {
      this.pingedMs = now;
      this.say(["ping", ++this.pings]);
    }
    for (const [n, asked] of this.asked) {
      if (asked.untilMs > now) continue;
      this.asked.delete(n);
      asked.reject(failure("timed_out", "no answer in time"));
    }
    this.outbox.expire(now);
    this.flush();
  }
}
