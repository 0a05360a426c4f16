/**
 * The state machine of one link to the server: dialing, greeting, catching up, live; when it is dead; when to dial again.
 * Pure: events and `now` come in, effects go out. Imported by wire.ts, which has the socket and the timers. Rules SY21–SY24.
 *
 * Events: start (the tab became the one that talks), dial_due (the timer), wake (page shown, `online` heard), opened (the socket is open),
 * welcome, reset, live (frames), closed (with its code, as a class), silent (nothing heard for too long), stop.
 */

export type State = "offline" | "dialing" | "greeting" | "catching_up" | "live" | "closed_for_good";

export type Event =
  | "start" | "dial_due" | "wake" | "opened" | "welcome" | "reset" | "live"
  | "silent" | "lost" | "unauthorised" | "busy" | "barred" | "stop";

export type Effect =
  /** Open a socket (after logging in, where there is no session). */
  | "dial"
  /** Close the socket and ignore whatever it still says. */
  | "hang_up"
  | "say_hello"
  /** Set the timer for the next dial, by `delay`. */
  | "dial_later"
  /** The same, but after a long pause: the server asked for it. */
  | "dial_much_later"
  /** The session is spent: log in before the next dial. */
  | "forget_session"
  /** Open anew over HTTP; push again what was acked under the old epoch. */
  | "open_anew"
  /** The link is proved good: the next failure starts the backoff from its beginning. */
  | "calm"
  /** Send what waits. */
  | "flush";

type Step = readonly [State, ...Effect[]];

const LOST: Step = ["offline", "hang_up", "dial_later"];
const BUSY: Step = ["offline", "hang_up", "dial_much_later"];
const SPENT: Step = ["offline", "hang_up", "forget_session", "dial_later"];
const ENDED: Step = ["closed_for_good", "hang_up"];
const AT_AN_END = { lost: LOST, silent: LOST, busy: BUSY, unauthorised: SPENT, barred: ENDED, stop: ENDED } as const;

/**
 * `wake` on a link that claims to be open does nothing here: the heartbeat tells within 25 s whether it is, and a phone that is
 * unlocked every minute must not dial every minute. An event without an entry is ignored.
 */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Event, Step>>>>> = {
  offline: {
    start: ["dialing", "dial"],
    dial_due: ["dialing", "dial"],
    wake: ["dialing", "dial"],
    // The login itself failed: same classes as a closed socket.
    ...AT_AN_END,
  },
  dialing: { opened: ["greeting", "say_hello"], ...AT_AN_END },
  greeting: {
    welcome: ["catching_up"],
    reset: ["offline", "hang_up", "open_anew"],
    live: ["live", "calm", "flush"],
    ...AT_AN_END,
  },
  catching_up: {
    live: ["live", "calm", "flush"],
    reset: ["offline", "hang_up", "open_anew"],
    ...AT_AN_END,
  },
  live: {
    reset: ["offline", "hang_up", "open_anew"],
    ...AT_AN_END,
  },
  closed_for_good: {},
};

export function step(state: State, event: Event): Step {
  return TRANSITIONS[state][event] ?? [state];
}

/** A close code as an event. Codes: docs/protocol.md. */
export function closedAs(code: number): Event {
  switch (code) {
    case 4401:
      return "unauthorised";
    case 4403:
      return "barred";
    case 4429:
    case 1013:
      return "busy";
    default:
      return "lost";
  }
}

/** Nothing heard for this long: the link is dead, whatever the socket says. A half-open link shows as offline within 30 s. */
export const SILENCE_MS = 25_000;
export const PING_MS = 10_000;
/** How often the clock is looked at; with SILENCE_MS below the promised 30 s. */
export const TICK_MS = 2_000;
/** A socket that does not open: a captive portal holds connections for minutes. */
export const OPEN_MS = 15_000;

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const BUSY_MS = 15_000;

/**
 * Milliseconds until the next dial after `failures` in a row. Full jitter on the upper half, so that ten thousand phones cut off by one
 * restart do not come back in one second. `chance` is in [0, 1).
 */
export function delay(failures: number, chance: number, busy = false): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  const wait = busy ? Math.max(BUSY_MS, longest) : longest;
  return Math.round(wait / 2 + (wait / 2) * chance);
}
