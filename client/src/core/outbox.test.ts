import { expect, test } from "vitest";
import type { Tier } from "./api";
import { newEditId } from "./ids";
import { Outbox, slotOf, type Push } from "./outbox";
import type { Waiting } from "./store";

let n = 0;
function waiting(row: string, more: Partial<{ tier: Tier; edit: string; text: string }> = {}): Waiting {
  const edit = more.edit ?? newEditId();
  return {
    n: ++n, sheet: "help", row, tier: more.tier ?? "public", before: {},
    edit: { edit, actor: "A00000000001", atMs: n, writes: { place: more.text ?? "x" }, seen: {} },
  };
}
const said = (push: Push, verdict: "accepted" | "suggested" | "refused" | "retry", reason = "") => ({
  verdicts: push.slots.map((slot) => [slot.slice(0, 8), verdict, reason] as const), seq: 7, now: 0,
});

test("SY30 edits leave in authoring order, those of a row in one push", () => {
  const outbox = new Outbox();
  const [a1, b1, a2, a3] = [waiting("a"), waiting("b"), waiting("a"), waiting("a", { tier: "private" })];
  outbox.add([a3, b1, a2, a1]);
  const first = outbox.next(0)!;
  expect([first.row, first.slots]).toEqual(["a", [a1.edit.edit, a2.edit.edit, `${a3.edit.edit}*`]]);
  expect(first.updates.map(([tier]) => tier)).toEqual(["public", "public", "private"]);
  expect(outbox.next(0)!.row).toBe("b");
  expect(outbox.next(0)).toBeNull();
});

test("SY30 never two pushes of one row are on their way", () => {
  const outbox = new Outbox();
  outbox.add([waiting("a")]);
  const first = outbox.next(0)!;
  outbox.add([waiting("a")]);
  expect(outbox.next(0)).toBeNull();
  outbox.ack(first.n, said(first, "accepted"));
  expect(outbox.next(0)!.slots).toHaveLength(1);
});

test("SY30 a push stays below the limits of a frame", () => {
  const outbox = new Outbox();
  outbox.add(Array.from({ length: 40 }, () => waiting("a")));
  expect(outbox.next(0)!.slots).toHaveLength(32);
  const heavy = new Outbox();
  heavy.add(Array.from({ length: 20 }, () => waiting("b", { text: "救".repeat(1300) })));
  const push = heavy.next(0)!;
  expect(push.updates.reduce((sum, [, update]) => sum + update.length, 0)).toBeLessThan(64 * 1024 - 1024);
  expect(push.slots.length).toBeGreaterThan(8);
});

test("SY31 only accepted, suggested and refused leave the outbox, each with its reason", () => {
  const outbox = new Outbox();
  const three = [waiting("a"), waiting("a"), waiting("a"), waiting("a")];
  outbox.add(three);
  const push = outbox.next(0)!;
  const settled = outbox.ack(push.n, {
    verdicts: [[push.slots[0]!, "accepted", ""], [push.slots[1]!, "suggested", "needs-role"], ["", "refused", "malformed"], [push.slots[3]!, "retry", "busy"]],
    seq: 3, now: 1000,
  });
  expect(settled.map((one) => [one.waiting.edit.edit, one.verdict, one.reason])).toEqual([
    [three[0]!.edit.edit, "accepted", ""], [three[1]!.edit.edit, "suggested", "needs-role"], [three[2]!.edit.edit, "refused", "malformed"],
  ]);
  expect(outbox.list()).toEqual([three[3]]);
  expect(outbox.next(1500)).toBeNull();
  expect(outbox.next(2000)!.slots).toHaveLength(1);
});

test("SY31 an ack of a push that nobody knows any more takes nothing out", () => {
  const outbox = new Outbox();
  outbox.add([waiting("a")]);
  const push = outbox.next(0)!;
  outbox.lost();
  expect(outbox.ack(push.n, said(push, "accepted"))).toEqual([]);
  expect(outbox.list()).toHaveLength(1);
});

test("SY31 an edit that the ack does not mention waits", () => {
  const outbox = new Outbox();
  outbox.add([waiting("a"), waiting("a")]);
  const push = outbox.next(0)!;
  expect(outbox.ack(push.n, { verdicts: [[push.slots[0]!, "accepted", ""]], seq: 1, now: 0 })).toHaveLength(1);
  expect(outbox.list()).toHaveLength(1);
});

test("SY32 what was on its way when the link broke goes again; so does what nobody answered", () => {
  const outbox = new Outbox();
  outbox.add([waiting("a")]);
  const first = outbox.next(0)!;
  expect(outbox.next(1)).toBeNull();
  outbox.lost();
  expect(outbox.next(2)!.slots).toEqual(first.slots);
  expect(outbox.expire(10_000)).toBe(false);
  expect(outbox.expire(30_000)).toBe(true);
  expect(outbox.next(30_000)!.slots).toEqual(first.slots);
});

test("SY32 a loaded server is asked again after 1, 2, 4 … 30 s", () => {
  const patient = new Outbox();
  patient.add([waiting("b")]);
  const seen: number[] = [];
  let at = 0;
  for (let i = 0; i < 7; i++) {
    const push = patient.next(at)!;
    patient.ack(push.n, { ...said(push, "retry"), now: at });
    let wait = 0;
    while (wait < 40_000 && patient.list().length > 0 && !due(patient, at + wait)) wait += 500;
    seen.push(wait);
    at += wait;
  }
  expect(seen).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

/** Whether the outbox would send at `now`, without sending. */
function due(outbox: Outbox, now: number): boolean {
  const pause = (outbox as unknown as { pause: Map<string, { untilMs: number }> }).pause;
  return Array.from(pause.values()).every((one) => one.untilMs <= now);
}

test("SY33 one edit that breaks the link is found and set aside with its words, the others get through", () => {
  const outbox = new Outbox();
  const good = [waiting("a"), waiting("b"), waiting("a")];
  const bad = waiting("a", { text: "poison" });
  outbox.add([good[0]!, good[1]!, bad, good[2]!]);
  const refused: string[] = [];
  for (let round = 0; round < 30 && outbox.list().length > 0; round++) {
    const push = outbox.next(round * 60_000);
    if (!push) continue;
    if (push.slots.indexOf(bad.edit.edit) >= 0) {
      for (const one of outbox.offended()) refused.push(`${one.waiting.edit.writes["place"] as string} ${one.reason}`);
    } else {
      outbox.ack(push.n, { ...said(push, "accepted"), now: round * 60_000 });
    }
  }
  expect(refused).toEqual(["poison unsendable"]);
  expect(outbox.list()).toEqual([]);
});

test("SY34 a long outbox does not go faster than the server takes it", () => {
  const outbox = new Outbox();
  outbox.add(Array.from({ length: 300 }, (_, i) => waiting(`r${i}`)));
  let sent = 0;
  for (let now = 0; now < 9_000; now += 10) {
    const push = outbox.next(now);
    if (!push) continue;
    sent++;
    outbox.ack(push.n, { ...said(push, "accepted"), now });
  }
  expect(sent).toBe(120);
  expect(outbox.next(10_500)).not.toBeNull();
});

test("two tiers of one act may share an edit id and are answered apart", () => {
  const outbox = new Outbox();
  const edit = newEditId();
  outbox.add([waiting("a", { edit }), waiting("a", { edit, tier: "private" })]);
  const push = outbox.next(0)!;
  expect(push.slots).toEqual([slotOf("public", edit), slotOf("private", edit)]);
  const settled = outbox.ack(push.n, { verdicts: [[edit, "accepted", ""], [edit, "retry", "row-unknown"]], seq: 1, now: 0 });
  expect(settled.map((one) => one.waiting.tier)).toEqual(["public"]);
  expect(outbox.list().map((one) => one.tier)).toEqual(["private"]);
});
