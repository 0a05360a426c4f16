/**
 * What every tab of a workbook shows alike: who I am, the link, the notice. The tab that talks tells the others.
 * Signals, no I/O. Imported by app.ts.
 */
import { batch, effect, signal } from "@preact/signals";
import type { Alarm, Guard, Link, LinkTrouble, Me, Notice, Phase, Presence, Protection, SheetId } from "./api";

export interface Told {
  readonly title: string;
  readonly drill: boolean;
  readonly sheets: readonly SheetId[];
  readonly me: Me;
  readonly session: string;
  readonly phase: Phase;
  readonly link: Link;
  readonly trouble: LinkTrouble;
  readonly lastHeard: number;
  readonly offsetMs: number;
  readonly presence: readonly Presence[];
  readonly protection: Readonly<Record<SheetId, Protection>>;
  readonly guards: Readonly<Record<SheetId, Guard>>;
  readonly alarms: readonly Alarm[];
  readonly notice: Notice | null;
  readonly pendingSuggestions: number;
}

export class State {
  readonly title;
  readonly drill = signal(false);
  readonly sheets;
  readonly me;
  /** The bearer token; "" when there is none. */
  readonly session = signal("");
  readonly phase = signal<Phase>("empty");
  readonly link = signal<Link>("offline");
  readonly trouble = signal<LinkTrouble>("");
  readonly lastHeard = signal(0);
  /** The server's clock less this device's. */
  readonly offsetMs = signal(0);
  readonly presence = signal<readonly Presence[]>([]);
  readonly protection = signal<Readonly<Record<SheetId, Protection>>>({});
  readonly guards = signal<Readonly<Record<SheetId, Guard>>>({});
  readonly alarms = signal<readonly Alarm[]>([]);
  readonly notice = signal<Notice | null>(null);
  readonly pendingSuggestions = signal(0);

  constructor(workbook: string, me: Me, sheets: readonly SheetId[]) {
    this.title = signal(workbook);
    this.me = signal(me);
    this.sheets = signal(sheets);
  }

  told(): Told {
    return {
      title: this.title.value,
      drill: this.drill.value,
      sheets: this.sheets.value,
      me: this.me.value,
      session: this.session.value,
      phase: this.phase.value,
      link: this.link.value,
      trouble: this.trouble.value,
      lastHeard: this.lastHeard.value,
      offsetMs: this.offsetMs.value,
      presence: this.presence.value,
      protection: this.protection.value,
      guards: this.guards.value,
      alarms: this.alarms.value,
      notice: this.notice.value,
      pendingSuggestions: this.pendingSuggestions.value,
    };
  }

  hear(told: Told): void {
    batch(() => {
      for (const name of Object.keys(told) as (keyof Told)[]) {
        if (name in this) (this[name] as { value: unknown }).value = told[name];
      }
    });
  }

  /** Calls `tell` with everything, now and after each change. */
  watch(tell: (told: Told) => void): () => void {
    return effect(() => tell(this.told()));
  }
}
