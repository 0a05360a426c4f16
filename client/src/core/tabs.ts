/**
 * Several tabs of one workbook: one of them talks to the server, the others hear it from there. Rules SY35, SY36.
 * I/O: BroadcastChannel and localStorage. Imported by app.ts.
 *
 * The talker holds a lease in localStorage and renews it. Web Locks are not used: they need a secure context (a hub on plain http has
 * none), they are missing before Chromium 69, and a lock stays with a hidden tab whose timers the browser has slowed to one a minute,
 * while a lease passes to the tab the person looks at. Two talkers for a moment do no harm: the server knows every edit by its id.
 * Without BroadcastChannel (Safari before 15.4) or localStorage every tab talks for itself.
 */
export interface Letter {
  readonly kind: string;
  readonly [key: string]: unknown;
}

const LEASE_MS = 8_000;
const RENEW_MS = 2_000;

export class Tabs {
  private readonly channel: BroadcastChannel | null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private talking = false;
  private alone = false;
  private readonly key: string;
  readonly id = Math.random().toString(36).slice(2);

  constructor(
    workbook: string,
    private readonly on: {
      letter(letter: Letter): void;
      /** This tab talks from now on. */
      lead(): void;
      /** Another tab has taken over. */
      follow(): void;
    },
    private readonly local: Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem"> | null = localOrNull(),
    channel: (name: string) => BroadcastChannel | null = broadcastOrNull,
    private readonly clock: () => number = () => Date.now(),
  ) {
    this.key = `rescue/${workbook}/talker`;
    this.channel = this.local === null ? null : channel(`rescue:${workbook}`);
    if (this.channel) {
      this.channel.onmessage = (event: MessageEvent<Letter>) => {
        if (event.data.kind === "talker_left") this.look();
        else if (!this.alone) this.on.letter(event.data);
      };
    }
  }

  get leads(): boolean {
    return this.talking;
  }

  start(): void {
    if (this.timer !== null) return;
    if (!this.channel || this.alone) {
      if (!this.talking) {
        this.talking = true;
        this.on.lead();
      }
      return;
    }
    this.look();
    this.timer = setInterval(() => this.look(), RENEW_MS);
  }

  send(letter: Letter): void {
    if (!this.alone) this.channel?.postMessage(letter);
  }

  /** Takes the lease from whoever has it: this tab has missed letters and must ask the server itself. */
  seize(): void {
    try {
      this.local?.removeItem(this.key);
    } catch {
      // Then it is taken when it has run out.
    }
    this.look();
  }

  /** Talks for itself from now on: there is no store to share with the others. */
  solo(): void {
    this.alone = true;
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    if (this.talking) return;
    this.talking = true;
    this.on.lead();
  }

  /** The page goes: whoever waits may talk at once. */
  leave(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    if (!this.talking) return;
    this.talking = false;
    this.on.follow();
    try {
      if (this.holder()?.id === this.id) this.local!.removeItem(this.key);
    } catch {
      // The lease runs out by itself.
    }
    this.send({ kind: "talker_left" });
  }

  close(): void {
    this.leave();
    this.alone = true;
    this.channel?.close();
  }

  /** Takes, renews or gives up the lease. */
  look(): void {
    if (this.channel === null || this.alone) return;
    const now = this.clock();
    const holder = this.holder();
    if (holder !== null && holder.id !== this.id && holder.until > now && holder.until < now + 2 * LEASE_MS) {
      if (this.talking) {
        this.talking = false;
        this.on.follow();
      }
      return;
    }
    try {
      this.local!.setItem(this.key, JSON.stringify({ id: this.id, until: now + LEASE_MS }));
    } catch {
      // A full localStorage: talk all the same, the server tells one edit from another.
    }
    if (!this.talking) {
      this.talking = true;
      this.on.lead();
    }
  }

  private holder(): { id: string; until: number } | null {
    try {
      return JSON.parse(this.local!.getItem(this.key) ?? "null") as { id: string; until: number } | null;
    } catch {
      return null;
    }
  }
}

function localOrNull(): globalThis.Storage | null {
  try {
    localStorage.setItem("rescue/try", "1");
    localStorage.removeItem("rescue/try");
    return localStorage;
  } catch {
    return null;
  }
}

function broadcastOrNull(name: string): BroadcastChannel | null {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
}
