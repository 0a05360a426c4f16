// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { HistoryEntry } from "../core/api";
import { groupHistory } from "./history";

const MINUTE = 60_000;
const entry = (seq: number, actor: string, minutes: number, writes: HistoryEntry["writes"], more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  seq, tier: "public", edit: `edit000${seq}`, actor, receivedMs: minutes * MINUTE, writes, seen: {}, origin: "push", ...more,
});

test("one person's changes within five minutes are one group, newest group first", () => {
  const groups = groupHistory([entry(1, "a", 0, { place: "x" }), entry(2, "a", 3, { floor: 2 }), entry(3, "b", 4, { place: "y" }), entry(4, "b", 20, { place: "z" })]);
  expect(groups.map((group) => [group.actor, group.lines.length])).toEqual([["b", 1], ["b", 1], ["a", 2]]);
});

test("each change knows the value it replaced, by what its author saw", () => {
  const groups = groupHistory([
    entry(1, "a", 0, { place: "x" }), entry(2, "b", 10, { place: "y" }),
    entry(3, "c", 20, { place: "z" }, { seen: { place: ["edit0001"] } }),
  ]);
  expect(groups[0]!.lines[0]).toMatchObject({ value: "z", old: "x" });
  expect(groups[1]!.lines[0]).toMatchObject({ value: "y", old: "x" });
});

test("words with a number in them are one change, told in the form the reader may see", () => {
  const groups = groupHistory([entry(1, "a", 0, { summary: "打 142****1234" }), entry(2, "a", 0, { summary: "打 14212341234" }, { tier: "private", edit: "edit0001" })]);
  expect(groups[0]!.lines.map((line) => line.value)).toEqual(["打 14212341234"]);
});
