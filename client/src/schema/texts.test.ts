import { describe, expect, it } from "vitest";
import vectors from "../../../schema/vectors/masks.json";
import { maskPhones, normalPhones } from "./phones";
import { findPersonal, maskName, maskText, splitPlace } from "./texts";

describe("FK4 FK15 FK16 FK17 masks, as in Python", () => {
  for (const vector of vectors.phones) {
    it(`FK4 ${vector.why}: ${vector.in}`, () => {
      expect(maskPhones(vector.in)).toBe(vector.out);
      expect(maskPhones(vector.out)).toBe(vector.out);
    });
  }
  for (const vector of vectors.texts) {
    it(`FK15 ${vector.why}: ${vector.in}`, () => {
      expect(maskText(vector.in)).toBe(vector.out);
      expect(findPersonal(vector.in).map((span) => [span.start, span.end, span.kind])).toEqual(vector.spans);
      expect(maskText(vector.out)).toBe(vector.out);
    });
  }
  for (const vector of vectors.names) {
    it(`FK16 ${vector.why}: ${vector.in}`, () => {
      expect(maskName(vector.in)).toBe(vector.out);
      expect(maskName(vector.out)).toBe(vector.out);
    });
  }
  for (const vector of vectors.places) {
    it(`FK17 ${vector.why}: ${vector.in}`, () => expect(splitPlace(vector.in)).toEqual(vector.out));
  }
});

it("FK17 FK15 normal forms and masks are their own", () => {
  const signs = Array.from("0123456789０１*×xX+-. ()打电话〇一王女士、，\u200b");
  let seed = 7;
  const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: next(30) }, () => signs[next(signs.length)]).join("");
    for (const form of [normalPhones, maskPhones, maskText, maskName]) expect([text, form(form(text))]).toEqual([text, form(text)]);
  }
});
