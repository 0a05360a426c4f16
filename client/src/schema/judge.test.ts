import { expect, test } from "vitest";
import vectors from "../../../schema/vectors/judge.json";
import type { Cells, Seen, Writes } from "../core/api";
import { SHEETS } from "./definitions";
import { validate } from "./fields";
import { judge, maySee, MOVES, type Case, type Validate } from "./judge";
import { fieldOf } from "./sheets";

const valid: Validate = (path, value, field) => !validate(path, value, field);

function caseOf(given: { sheet: string; row: (typeof vectors.sees)[number]["row"] | (typeof vectors.cases)[number]["row"]; tier?: string }): Case {
  const { row } = given;
  const publicCells = row.public as unknown as Cells;
  return {
    sheet: SHEETS[given.sheet]!,
    row: row.id,
    exists: row.exists,
    author: row.author,
    step: row.step,
    publicCells,
    cells: given.tier === "private" ? (row.private as unknown as Cells) : publicCells,
    wrote: row.wrote as unknown as { [edit: string]: string },
  };
}

for (const given of vectors.cases) {
  test(`${given.rule} ${given.why}`, () => {
    const edit = {
      edit: given.edit.edit,
      writes: given.edit.writes as unknown as Writes,
      seen: given.edit.seen as unknown as Seen,
    };
    expect(judge(edit, given.tier as "public" | "private", caseOf(given), given.who, valid)).toEqual(given.verdict);
  });
}

for (const given of vectors.sees) {
  test(`ED20 ${given.why}`, () => {
    expect(maySee(caseOf(given), given.who)).toBe(given.sees);
  });
}

for (const given of vectors.moves) {
  test(`FK9 ${given.why}`, () => {
    expect([...MOVES[given.from]!].sort()).toEqual([...given.to].sort());
  });
}

test("ED14 a row holds 500 live values; replacing one of them is never over the cap", () => {
  const fill = (count: number): Cells =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => {
      const id = `M${String(n).padStart(7, "0")}`;
      return [`notes:${id}`, [[id, "x", "B00000000001", 1]]];
    })) as unknown as Cells;
  const judged = (count: number, seen: Seen = {}) => {
    const cells = fill(count - 1);
    const floor = { floor: [["B0000001", 1, "B00000000001", 1]] } as unknown as Cells;
    const at = { ...caseOf(vectors.cases[0]!), exists: true, author: "B00000000001", cells: { ...cells, ...floor }, wrote: { B0000001: "B00000000001" } };
    return judge({ edit: "E0000001", writes: { floor: 9 }, seen }, "public", at, { actor: "A00000000001", role: "verifier", team: "", holds: false }, valid);
  };
  expect(judged(499)).toEqual(["accepted", "ok", ""]);
  expect(judged(500)).toEqual(["suggested", "cap-row-keys", ""]);
  expect(judged(500, { floor: ["B0000001"] })).toEqual(["accepted", "ok", ""]);
  expect(judged(501, { floor: ["B0000001"] })).toEqual(["accepted", "ok", ""]);
});

test("a field that no sheet has is none", () => {
  expect(fieldOf(SHEETS["help"]!, "nonsense")).toBeUndefined();
});
