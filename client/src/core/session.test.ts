import { expect, test } from "vitest";
import { closedAs, delay, SILENCE_MS, step, TICK_MS, TRANSITIONS, type Effect, type Event, type State } from "./session";

const STATES = Object.keys(TRANSITIONS) as State[];
const EVENTS: Event[] = [
  "start", "dial_due", "wake", "opened", "welcome", "reset", "live", "silent", "lost", "unauthorised", "busy", "barred", "stop",
];

test("SY21 every state answers every event with a known state, and only the last one answers nothing", () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const [next, ...effects] = step(state, event);
      expect(STATES).toContain(next);
      if (state === "closed_for_good") expect([next, effects]).toEqual(["closed_for_good", []]);
    }
  }
});

test("SY21 whatever ends a link hangs it up and leaves a way back, unless it is for good", () => {
  const back: Effect[] = ["dial_later", "dial_much_later", "open_anew"];
  for (const state of STATES.filter((s) => s !== "closed_for_good")) {
    for (const event of ["silent", "lost", "unauthorised", "busy"] as const) {
      const [next, ...effects] = step(state, event);
      expect(next).toBe("offline");
      expect(effects).toContain("hang_up");
      expect(effects.some((e) => back.includes(e)), `${state} × ${event}`).toBe(true);
    }
    for (const event of ["barred", "stop"] as const) expect(step(state, event)[0]).toBe("closed_for_good");
  }
});

test("SY21 nothing is sent before the server has said live", () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const [next, ...effects] = step(state, event);
      if (effects.includes("flush")) expect([event, next]).toEqual(["live", "live"]);
    }
  }
});

test("SY21 the straight way: dial, greet, catch up, live", () => {
  let state: State = "offline";
  const seen: Effect[] = [];
  for (const event of ["start", "opened", "welcome", "live"] as const) {
    const [next, ...effects] = step(state, event);
    state = next;
    seen.push(...effects);
  }
  expect(state).toBe("live");
  expect(seen).toEqual(["dial", "say_hello", "calm", "flush"]);
});

test("SY23 a page that is shown again dials only when nothing is open", () => {
  expect(step("offline", "wake")).toEqual(["dialing", "dial"]);
  for (const state of ["dialing", "greeting", "catching_up", "live"] as const) expect(step(state, "wake")).toEqual([state]);
});

test("SY22 a dead link is known before 30 s have passed", () => {
  expect(SILENCE_MS + TICK_MS).toBeLessThan(30_000);
});

test("SY23 close codes are told apart", () => {
  expect([4401, 4403, 4429, 1013, 1012, 1006, 4400, 4408, 4413].map(closedAs)).toEqual([
    "unauthorised", "barred", "busy", "busy", "lost", "lost", "lost", "lost", "lost",
  ]);
});

test("SY23 the pause grows, is spread, and stays below half a minute; a busy server gets a longer one", () => {
  expect(delay(0, 0)).toBe(250);
  expect(delay(0, 0.999)).toBeLessThanOrEqual(500);
  for (let failures = 0; failures < 60; failures++) {
    expect(delay(failures, 0.999)).toBeLessThanOrEqual(30_000);
    expect(delay(failures, 0)).toBeGreaterThanOrEqual(delay(failures, 0.999) / 2 - 1);
  }
  expect(delay(0, 0, true)).toBeGreaterThanOrEqual(7_500);
});
