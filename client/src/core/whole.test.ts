import { expect, test } from "vitest";
import hazard from "../../../schema/sheets/hazard.json";
import help from "../../../schema/sheets/help.json";
import shared from "../../../schema/sheets/shared.json";
import { headOf, restApart, withoutWords, wordsOf, type Json } from "../../apart";
import { readSheet, type SheetFile } from "../schema/sheets";
import { putBack, type Words } from "./whole";

const copy = <T>(json: T) => JSON.parse(JSON.stringify(json)) as T;
const bare = (json: unknown) => withoutWords(copy(json) as Json);

test("words taken out of a definition and put back make the same definition", () => {
  for (const whole of [help, shared]) {
    const first = bare(whole);
    expect(JSON.stringify(first)).not.toMatch(/"meaning"|"aliases"|"en":/);
    putBack(first, wordsOf(copy(whole) as Json) as Words);
    expect(first).toEqual(whole);
  }
});

test("words hold no rights, and are put on their own field only", () => {
  expect(JSON.stringify(wordsOf(copy(help) as Json))).not.toContain("rights");
  const first = bare(help) as unknown as typeof help;
  putBack(first, { fields: [{ id: "summary", meaning: { zh: "甲", en: "a" } }] });
  expect(first.fields.filter((field) => "meaning" in field).map((field) => field.id)).toEqual(["summary"]);
});

test("of another sheet the head comes first: its name, its columns, the shared fields; then the whole sheet takes its place", () => {
  const head = readSheet(headOf(copy(hazard) as Json) as unknown as SheetFile, shared);
  expect(head.label).toEqual({ zh: hazard.label.zh });
  expect(head.columns).toEqual(hazard.columns);
  expect(head.fields["place"]).toBeDefined();
  expect(head.fields["severity"]).toBeUndefined();
  const before = head.fields;
  Object.assign(head, readSheet(hazard as unknown as SheetFile, shared));
  expect(head).toEqual(readSheet(hazard as unknown as SheetFile, shared));
  expect(head.fields).not.toBe(before);
});

test("the build leaves other files alone", () => {
  expect(restApart().transform("{}", "/x/schema/vectors/fields.json")).toBeNull();
  expect(restApart().load("/x/schema/sheets/help.json")).toBeNull();
});
