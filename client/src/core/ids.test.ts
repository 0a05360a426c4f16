import { expect, test } from "vitest";
import vectors from "../../../schema/vectors/ids.json";
import { decode62, encode62, is62 } from "./base62";
import { actorId, newEditId, newSecret, rowId, shortCode } from "./ids";

test("numbers in base 62 are the shared vectors, both ways", () => {
  for (const { number, chars, text } of vectors.numbers) {
    expect(encode62(number, chars)).toBe(text);
    expect(decode62(text)).toBe(number);
  }
});

test("row ids, actor ids and short codes are the shared vectors", () => {
  for (const { sheet, secret, row } of vectors.rows) expect(rowId(sheet, secret)).toBe(row);
  for (const { device, actor } of vectors.actors) expect(actorId(device)).toBe(actor);
  for (const { secret, code } of vectors.codes) expect(shortCode(secret)).toBe(code);
});

test("new edit ids are eight digits, below 2^48, and do not repeat", () => {
  const ids = new Set(Array.from({ length: 5000 }, newEditId));
  expect(ids.size).toBe(5000);
  for (const id of ids) {
    expect(is62(id, 8)).toBe(true);
    expect(decode62(id)).toBeLessThan(2 ** 48);
  }
});

test("every digit of a secret comes up about equally often", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 3000; i++) for (const c of newSecret()) counts.set(c, (counts.get(c) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 66,000 draws over 62 digits: 1,065 each, standard deviation 32; six of them.
  for (const count of counts.values()) expect(Math.abs(count - 1065)).toBeLessThan(200);
});
