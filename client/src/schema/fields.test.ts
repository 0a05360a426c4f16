import { describe, expect, it } from "vitest";
import vectors from "../../../schema/vectors/fields.json";
import type { Value } from "../core/api";
import { SHEETS } from "./definitions";
import { mask, show, validate } from "./fields";
import { parse, type Setting } from "./reading";

const field = (of: { sheet: string; field: string }) => SHEETS[of.sheet]!.fields[of.field]!;

describe("FK3 FK5 FK6 FK7 FK8 FK10 FK11 FK12 FK13 FK14 FK19 what people type, as in Python", () => {
  for (const vector of vectors.parse as ({ sheet: string; field: string; text: string; writes: object; doubts: string[]; also?: object; why: string; rule: string } & Setting)[]) {
    it(`${vector.rule} ${vector.field} ${JSON.stringify(vector.text)}: ${vector.why}`, () => {
      const parsed = parse(vector.text, field(vector), vector);
      expect({ ...parsed, doubts: parsed.doubts.map((doubt) => doubt.code) }).toEqual({ writes: vector.writes, doubts: vector.doubts, also: vector.also || {} });
    });
  }
});

describe("FK18 what may arrive, as in Python", () => {
  for (const vector of vectors.validate) {
    it(`FK18 ${vector.path} ${JSON.stringify(vector.value)}: ${vector.why}`, () => {
      expect(validate(vector.path, vector.value as Value, field(vector))).toBe(vector.code);
    });
  }
});

describe("FK20 what a person reads, as in Python", () => {
  for (const vector of vectors.show) {
    it(`FK20 ${vector.path}: ${vector.why}`, () => {
      expect(show(vector.path, vector.value as Value, field(vector), "zh")).toBe(vector.zh);
      expect(show(vector.path, vector.value as Value, field(vector), "en")).toBe(vector.en);
    });
  }
});

it("FK8 every label and synonym of every sheet reads as its option", () => {
  for (const sheet of Object.values(SHEETS)) {
    for (const each of Object.values(sheet.fields)) {
      for (const option of each.derived ? [] : each.options || []) {
        if (option.code === "other") continue;
        for (const word of [option.code, option.label.zh, option.label.en, ...(option.aliases || [])]) {
          const wanted = each.kind === "enum" ? { "": option.code } : { [`:${option.code}`]: true };
          expect([each.id, word, parse(word, each).writes]).toEqual([each.id, word, wanted]);
        }
      }
    }
  }
});

it("FK17 whatever is typed is read or doubted, and what is read may arrive", () => {
  const signs = Array.from("0123456789０１九十约人米半.-+:/、，,() 　*×年月日点东北纬°′未没有已核实红橙boat船other:http tel号楼女士王");
  let seed = 1;
  const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (const each of Object.values(SHEETS["help"]!.fields).filter((one) => !one.derived)) {
    for (let i = 0; i < 150; i++) {
      const text = Array.from({ length: next(20) }, () => signs[next(signs.length)]).join("");
      const parsed = parse(text, each, { year: 2021 });
      for (const suffix of Object.keys(parsed.writes)) {
        const path = each.kind === "log" ? `${each.id}:aaaaaaaa` : each.id + suffix;
        expect([text, validate(path, parsed.writes[suffix]!, each)]).toEqual([text, ""]);
      }
      if (/[0-9a-z一-鿿]/.test(text)) expect([each.id, text, Object.keys(parsed.writes).length + parsed.doubts.length > 0]).toEqual([each.id, text, true]);
    }
  }
});

it("FK4 FK2 the mask of a field never shows the value", () => {
  const fields = SHEETS["help"]!.fields;
  expect(mask("14212345678", fields["contact_phone"]!)).toBe("142****5678");
  expect(mask("王丽", fields["person_name"]!)).toBe("王**");
  expect(mask("3号楼2单元", fields["place_exact"]!)).toBe("");
  expect(mask(["34.756789", "113.624321", "wgs84", "", ""], fields["geo_exact"]!)).toBe("≈34.76,113.62");
  expect(mask(null, fields["contact_phone"]!)).toBe("");
  expect(mask("海边", fields["summary"]!)).toBe("");
});
