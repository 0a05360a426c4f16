import { expect, test } from "vitest";
import type { Cells } from "./api";
import { draft, type Rules } from "./writing";

const rules: Rules = {
  tier: (_sheet, path) => (path === "unknown" ? undefined : path === "phone" ? "private" : "public"),
  isWords: (_sheet, path) => path === "summary",
  mask: (text) => text.replace(/\d{11}/, "*"),
  mayAdd: () => true,
};
const cells = (edit: string): Cells => ({ place: [[edit, "卫辉", "A", 1]], summary: [[edit, "旧", "A", 1]] });
const by = { sheet: "help", actor: "A00000000001", atMs: 9, rules, shown: { cells: cells("00000001"), private: {} } };

test("SY38 without a screen's word, what is live now has been seen", () => {
  const [made] = draft([{ place: "新乡" }], by);
  expect(made!.edit.seen).toEqual({ place: ["00000001"] });
  expect(made!.before).toEqual({ place: [["00000001", "卫辉", "A", 1]] });
});

test("SY38 a form that showed nothing has seen nothing, whatever came since", () => {
  const [made] = draft([{ place: "新乡" }], { ...by, seen: { place: [] } });
  expect(made!.edit.seen).toEqual({});
});

test("masked words and raw words go to their tiers under one edit id, plain words to one", () => {
  const made = draft([{ summary: "电话14212345678", place: "卫辉" }], by);
  expect(made.map((one) => [one.tier, one.edit.writes])).toEqual([
    ["public", { summary: "电话*", place: "卫辉" }],
    ["private", { summary: "电话14212345678" }],
  ]);
  expect(made[0]!.edit.edit).toBe(made[1]!.edit.edit);
  expect(draft([{ summary: "没有电话" }], by)).toHaveLength(1);
});

test("raw words that this device knows do not outlive the text they stood behind", () => {
  const shown = { cells: cells("00000001"), private: { summary: [["00000001", "电话14212345678", "A", 1]] } as Cells };
  const made = draft([{ summary: "没有电话了" }], { ...by, shown });
  expect(made.map((one) => [one.tier, one.edit.writes, one.edit.seen])).toEqual([
    ["public", { summary: "没有电话了" }, { summary: ["00000001"] }],
    ["private", { summary: "没有电话了" }, { summary: ["00000001"] }],
  ]);
});

test("what cannot be written is named, with the path, before anything is kept", () => {
  expect(() => draft([{ unknown: 1 }], by)).toThrow(/unknown/);
  expect(() => draft([{ place: "救".repeat(2000) }], by)).toThrow(/place/);
  expect(() => draft([{ place: Number.NaN }], by)).toThrow(/place/);
});
