import { expect, test, vi } from "vitest";
import { Tabs } from "./tabs";

class Local {
  readonly map = new Map<string, string>();
  getItem = (key: string) => this.map.get(key) ?? null;
  setItem = (key: string, value: string) => void this.map.set(key, value);
  removeItem = (key: string) => void this.map.delete(key);
}
function browser() {
  const local = new Local();
  const channels = new Set<{ onmessage: ((event: { data: unknown }) => void) | null }>();
  const open = () => {
    const channel = {
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage: (data: unknown) => channels.forEach((other) => other !== channel && other.onmessage?.({ data })),
      close: () => channels.delete(channel),
    };
    channels.add(channel);
    return channel as unknown as BroadcastChannel;
  };
  return (name: string, heard: string[], more: { local?: null } = {}) =>
    new Tabs("w", { letter: (letter) => heard.push(`${name} hears ${letter.kind}`), lead: () => heard.push(`${name} leads`), follow: () => heard.push(`${name} follows`) },
      more.local === null ? null : local, open);
}

test("SY36 a talker that leaves is replaced in the same moment, without waiting for its lease", () => {
  const tab = browser();
  const heard: string[] = [];
  const [a, b] = [tab("a", heard), tab("b", heard)];
  a.start();
  b.start();
  expect(heard).toEqual(["a leads"]);
  a.leave();
  expect(heard).toEqual(["a leads", "a follows", "b leads"]);
  a.start();
  expect(a.leads).toBe(false);
  a.close();
  b.close();
});

test("SY35 letters reach the others, not the sender; a tab without a common store talks for itself and hears nobody", () => {
  const tab = browser();
  const heard: string[] = [];
  const [a, b] = [tab("a", heard), tab("b", heard)];
  a.start();
  b.start();
  a.send({ kind: "feed" });
  b.solo();
  a.send({ kind: "feed" });
  b.send({ kind: "queued" });
  expect(heard).toEqual(["a leads", "b hears feed", "b leads"]);
  a.close();
  b.close();
});

test("SY35 without localStorage every tab talks", () => {
  const tab = browser();
  const heard: string[] = [];
  const [a, b] = [tab("a", heard, { local: null }), tab("b", heard, { local: null })];
  a.start();
  b.start();
  expect(heard).toEqual(["a leads", "b leads"]);
  a.close();
  b.close();
});

test("SY36 two tabs that took the lease in one moment agree at the next look", () => {
  vi.useFakeTimers();
  const tab = browser();
  const heard: string[] = [];
  const [a, b] = [tab("a", heard), tab("b", heard)];
  a.start();
  b.seize();
  expect(b.leads).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect([a.leads, b.leads]).toEqual([false, true]);
  a.close();
  b.close();
  vi.useRealTimers();
});
