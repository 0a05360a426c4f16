import { describe, expect, it } from "vitest";
import vectors from "../../../schema/vectors/duplicates.json";
import { SHEETS } from "../schema/definitions";
import { Index } from "./index";
import { groupsOf, targetOf, wouldCircle } from "./links";
import { printOf, publicOf, type Values } from "./normal";
import { likeness, rankOf, score } from "./score";

const HELP = SHEETS["help"]!;
const values = (given: unknown) => given as Values;

describe("DU1 DU2 DU3 DU4 prints, as in Python", () => {
  for (const vector of vectors.prints) {
    it(`${vector.rule} ${vector.why}`, () => {
      const whole = printOf(HELP, values(vector.values));
      const seen = "public" in vector ? publicOf(whole) : whole;
      const { phones, names, district, place, units, spots, text, point } = seen;
      expect({ phones, names, district, place, units, spots, text, grams: seen.grams.length, where: seen.where.length, point }).toEqual(vector.print);
    });
  }
});

describe("DU5 DU8 DU9 DU10 DU11 DU12 DU13 candidates, as in Python", () => {
  for (const vector of vectors.candidates) {
    it(`${vector.rule} ${vector.why}`, () => {
      const found = filled().candidates(printOf(HELP, values(vector.values), "new"));
      expect(found.map((one) => [one.row, one.finding.kind, Number(one.finding.score.toFixed(6)), one.finding.why])).toEqual(vector.candidates);
    });
  }
});

describe("DU16 DU17 DU18 links, as in Python", () => {
  for (const vector of vectors.links) {
    it(`${vector.rule} ${vector.why}`, () => {
      const links = vector.targets as unknown as { [row: string]: string | null };
      const targets = new Map(Object.keys(links).map((row): [string, string | null] => [`help/${row}`, links[row] ? `help/${links[row]}` : null]));
      const groups = new Set(groupsOf(targets).values());
      const short = (keys: readonly string[]) => keys.map((key) => key.slice(5));
      const told = Array.from(groups, (group) => ({ primary: group.primary.slice(5), rows: short(group.rows), ring: short(group.ring) }));
      expect(told.sort((a, b) => (a.primary < b.primary ? -1 : 1))).toEqual(vector.groups);
    });
  }

  it("DU18 one account that takes the link back unlinks the row; of two that differ the last edit counts", () => {
    const live = (edit: string, value: string | null) => [edit, value, "ann", 0] as const;
    expect(targetOf("help", { duplicate_of: [live("e1", "b")] })).toBe("help/b");
    expect(targetOf("help", { duplicate_of: [live("e1", "b"), live("e2", null)] })).toBe(null);
    expect(targetOf("help", { duplicate_of: [live("e2", "b"), live("e1", "supply/c")] })).toBe("help/b");
    expect(targetOf("help", {})).toBe(null);
  });

  it("DU17 a link that would close a circle is foretold", () => {
    const targets = new Map<string, string | null>([["a", "b"], ["b", "c"], ["c", null]]);
    expect(wouldCircle(targets, "c", "a")).toBe(true);
    expect(wouldCircle(targets, "a", "c")).toBe(false);
    expect(wouldCircle(targets, "a", "a")).toBe(true);
  });
});

it("DU7 a row changed is found by its new words only, and one removed not at all", () => {
  const index = filled();
  for (let turn = 0; turn < 1500; turn++) index.add(printOf(HELP, { place: [`汜水镇虎牢关村${turn}号`] }, "a"));
  expect(index.size).toBe(vectors.rows.length);
  expect(index.candidates(printOf(HELP, { place: ["汜水镇虎牢关村"] }))[0]!.row).toBe("a");
  index.remove("help", "a");
  expect(index.get("help", "a")).toBe(null);
  expect(index.candidates(printOf(HELP, { place: ["汜水镇虎牢关村"] })).map((one) => one.row)).not.toContain("a");
});

it("DU14 likeness counts the longest common subsequence, in whatever order the texts come", () => {
  const signs = "金水区老人被困一楼停电";
  let seed = 5;
  const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let turn = 0; turn < 200; turn++) {
    const [one, other] = [0, 1].map(() => Array.from({ length: 4 + next(90) }, () => signs[next(signs.length)]).join("")) as [string, string];
    expect(likeness(one, other)).toBe((2 * plainly(one, other)) / (one.length + other.length));
    expect(likeness(other, one)).toBe(likeness(one, other));
  }
});

it("DU14 a finding is the same from both sides", () => {
  const index = filled();
  for (const one of vectors.rows) {
    for (const other of vectors.rows) {
      const [a, b] = [index.get("help", one.row)!, index.get("help", other.row)!];
      expect(rankOf(score(a, b, index.weights))).toBeCloseTo(rankOf(score(b, a, index.weights)), 9);
    }
  }
});

function filled(): Index {
  const index = new Index();
  for (const one of vectors.rows) index.add(printOf(HELP, values(one.values), one.row));
  return index;
}

/** The textbook table. */
function plainly(one: string, other: string): number {
  let row = new Array<number>(other.length + 1).fill(0);
  for (const a of one) {
    const below = [0];
    Array.from(other).forEach((b, at) => below.push(a === b ? row[at]! + 1 : Math.max(row[at + 1]!, below[at]!)));
    row = below;
  }
  return row[other.length]!;
}
