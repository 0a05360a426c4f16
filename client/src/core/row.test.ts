import { expect, test } from "vitest";
import vectors from "../../../schema/vectors/rows.json";
import type { Edit } from "./encoder";
import { conflicts, isConflict, overlay, project, seenOf } from "./row";

const edits = (list: readonly unknown[]) =>
  (list as { edit: string; actor: string; at_ms: number; writes: Edit["writes"]; seen: Edit["seen"] }[]).map(
    (e): Edit => ({ edit: e.edit, actor: e.actor, atMs: e.at_ms, writes: e.writes, seen: e.seen }),
  );

test("the fold is the shared vectors, in every rotation and with repeats", () => {
  for (const v of vectors.rows) {
    const list = edits(v.edits);
    for (let turn = 0; turn < list.length; turn++) {
      const turned = [...list.slice(turn), ...list.slice(0, turn)];
      expect(project(turned), v.why).toEqual(v.live);
      expect(project([...turned, ...turned].reverse()), v.why).toEqual(v.live);
    }
  }
});

test("SY20 a pending edit stands over what it saw and beside what it did not", () => {
  const base = { place: [["00000001", "x", "A00000000001", 1] as const] };
  const mine: Edit = { edit: "00000009", actor: "B00000000001", atMs: 2, writes: { place: "y" }, seen: { place: ["00000001"] } };
  expect(overlay(base, [mine])["place"]!.map(([, value]) => value)).toEqual(["y"]);
  const blind = { ...mine, seen: {} };
  expect(overlay(base, [blind])["place"]!.map(([, value]) => value)).toEqual(["x", "y"]);
  expect(base.place).toHaveLength(1);
});

test("SY20 an edit that arrived meanwhile stays beside a pending one that did not see it", () => {
  const base = { place: [["00000005", "z", "C00000000001", 5] as const] };
  const mine: Edit = { edit: "00000009", actor: "B00000000001", atMs: 2, writes: { place: "y" }, seen: { place: ["00000001"] } };
  const cells = overlay(base, [mine]);
  expect(conflicts(cells)).toEqual(["place"]);
  expect(seenOf(cells, ["place", "floor"])).toEqual({ place: ["00000005", "00000009"] });
});

test("two equal values are no conflict, two lists that differ are", () => {
  expect(isConflict([["1", ["a"], "x", 1], ["2", ["a"], "y", 1]])).toBe(false);
  expect(isConflict([["1", ["a"], "x", 1], ["2", ["b"], "y", 1]])).toBe(true);
});
