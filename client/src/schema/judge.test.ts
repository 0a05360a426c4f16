import { expect, test } from "vitest";
import vectors from "../../../schema/vectors/judge.json";
import type { Cells, Seen, Writes } from "../core/api";
import { SHEETS } from "./definitions";
import { validate } from "./fields";
import { judge, maySee, type Case, type Validate } from "./judge";
import { fieldOf } from "./sheets";

const valid: Validate = (path, value, field) => !validate(path, value, field);

function caseOf(given: (typeof vectors.cases)[number]): Case {
  const { row } = given;
  const publicCells = row.public as unknown as Cells;
  return {
    sheet: SHEETS[given.sheet]!,
    row: row.id,
    exists: row.exists,
    author: row.author,
    step: row.step,
    publicCells,
    cells: given.tier === "public" ? publicCells : (row.private as unknown as Cells),
    wrote: row.wrote as unknown as { [edit: string]: string },
  };
}

for (const given of vectors.cases) {
  test(`ED9 ${given.why}`, () => {
    const edit = {
      edit: given.edit.edit,
      writes: given.edit.writes as unknown as Writes,
      seen: given.edit.seen as unknown as Seen,
    };
    expect(judge(edit, given.tier as "public" | "private", caseOf(given), given.who, valid)).toEqual(given.verdict);
  });
}

test("ED20 who may be shown the private tier", () => {
  const at: Case = {
    sheet: SHEETS["help"]!, row: "R000000000000001", exists: true, author: "B00000000001", step: "open", cells: {},
    publicCells: { "claim:T000000000000001": [["C0000001", ["active", "", "60"], "B00000000001", 1]] }, wrote: {},
  };
  const sees = (role: string, actor = "A00000000001", team = "", holds = false): boolean => maySee(at, { actor, role, team, holds });
  expect(sees("visitor")).toBe(false);
  expect(sees("visitor", "A00000000001", "", true)).toBe(true);
  expect(sees("volunteer")).toBe(false);
  expect(sees("volunteer", "B00000000001")).toBe(true);
  expect(sees("verifier")).toBe(true);
  expect(sees("team", "A00000000001", "civil_team/T000000000000001")).toBe(true);
  expect(sees("team", "A00000000001", "civil_team/T000000000000002")).toBe(false);
  expect(sees("owner")).toBe(true);
  expect(fieldOf(at.sheet, "nonsense")).toBeUndefined();
});
