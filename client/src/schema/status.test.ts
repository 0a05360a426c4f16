import { describe, expect, it } from "vitest";
import vectors from "../../../schema/vectors/status.json";
import type { Cells } from "../core/api";
import { labelOf, SHEETS, STATUS_CODES } from "./definitions";
import { sortKey, statusOf } from "./status";

interface Vector {
  rule: string;
  why: string;
  sheet: string;
  now: number;
  cells: unknown;
  code: string;
  over: boolean;
  alerts: string[];
  urgency?: string;
  verify?: string;
  teams?: string[];
}

describe("ST1 ST2 ST3 ST4 ST5 ST6 ST7 ST8 ST9 ST10 ST11 ST12 ST13 the status of a row, as in Python", () => {
  for (const vector of vectors.status as Vector[]) {
    it(`${vector.rule} ${vector.why}`, () => {
      const status = statusOf(vector.cells as Cells, vector.now, SHEETS[vector.sheet]!);
      expect([status.code, status.over, Array.from(status.alerts).sort()]).toEqual([vector.code, vector.over, vector.alerts]);
      if (vector.urgency !== undefined) expect(status.urgency).toBe(vector.urgency);
      if (vector.verify !== undefined) expect(status.verify).toBe(vector.verify);
      if (vector.teams) expect(status.teams).toEqual(vector.teams);
    });
  }
});

describe("ST14 the order of rows, as in Python", () => {
  for (const vector of vectors.order) {
    it(`ST14 ${vector.why}`, () => {
      const sheet = SHEETS[vector.sheet]!;
      const keys = (vector.rows as [string, unknown, number][]).map(([name, cells, at]) => ({ name, key: sortKey(statusOf(cells as Cells, 0, sheet), at, sheet) }));
      keys.sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1] || a.key[2] - b.key[2]);
      expect(keys.map((each) => each.name)).toEqual(vector.order);
    });
  }
});

it("every status has a name in both languages", () => {
  for (const sheet of Object.values(SHEETS)) {
    for (const code of STATUS_CODES.concat(sheet.fields[sheet.axis]!.danger!)) {
      expect(labelOf(code, sheet)?.label.zh).toBeTruthy();
      expect(labelOf(code, sheet)?.label.en).toBeTruthy();
    }
  }
});
