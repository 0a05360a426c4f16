import { expect, test } from "vitest";
import vectors from "../../../schema/vectors/edits.json";
import { parts, tidy, wrongWith } from "./values";

test("ED6 half of a surrogate pair and NUL never reach an edit, the rest of the text stays", () => {
  expect(tidy("水\0到\uD83D二楼🆘\uDC00")).toBe("水到\uFFFD二楼🆘\uFFFD");
  expect(Object.is(tidy(-0), 0)).toBe(true);
  expect(tidy(["a\0", "b"])).toEqual(["a", "b"]);
});

test("ED6 what the gate would refuse is named before it is sent", () => {
  expect(wrongWith("place", "新乡")).toBe("");
  expect(wrongWith("Place", "x")).toBe("invalid_path");
  expect(wrongWith("needs:boat", true)).toBe("");
  expect(wrongWith("floor", Number.NaN)).toBe("invalid_value");
  expect(wrongWith("floor", 2 ** 53 + 2)).toBe("invalid_value");
  expect(wrongWith("note", "救".repeat(1366))).toBe("too_long");
  expect(wrongWith("note", "救".repeat(1365))).toBe("");
  expect(wrongWith("geo", ["34.7", { lat: 1 }])).toBe("invalid_value");
});

test("ED7 many cells are cut into edits of at most 64 writes and 16 kB, none lost", () => {
  const writes = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`f${i}`, "x"]));
  const cut = parts(writes, () => 100);
  expect(cut.map((part) => Object.keys(part).length)).toEqual([64, 64, 22]);
  expect(Object.assign({}, ...cut)).toEqual(writes);
  const long = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`t${i}`, "x".repeat(4000)]));
  const cutLong = parts(long, (part) => JSON.stringify(part).length);
  expect(cutLong.every((part) => JSON.stringify(part).length <= 16 * 1024)).toBe(true);
  expect(Object.assign({}, ...cutLong)).toEqual(long);
});

for (const given of vectors.values) {
  test(`${given.rule} ${given.why}`, () => {
    expect(wrongWith(given.path, given.value) === "").toBe(given.ok);
  });
}
