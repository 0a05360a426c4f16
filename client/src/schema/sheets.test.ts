import { expect, it } from "vitest";
import help from "../../../schema/sheets/help.json";
import raw from "../../../schema/sheets/help.json?raw";
import { SHEETS } from "./definitions";
import { fieldOf, pathsOfTier } from "./sheets";
import { slimDefinitions, slimmed } from "./slim";

it("FK1 a definition is read with its shared fields and rights", () => {
  const sheet = SHEETS["help"]!;
  expect(Object.keys(SHEETS).sort()).toEqual(["civil_team", "consult", "hazard", "help", "notice", "official_team", "shelter", "supply"]);
  expect(sheet.fields["urgency"]!.options![0]!.code).toBe("critical");
  expect(Object.keys(sheet.fields).length).toBe(help.fields.length + help.include.length);
  expect(fieldOf(sheet, "needs:boat")).toBe(sheet.fields["needs"]);
  expect(fieldOf(sheet, "constructor")).toBeUndefined();
});

it("FK9 the rights are tables of seven columns, the sheet's own before the shared", () => {
  const { rights, values } = SHEETS["help"]!;
  expect(rights["critical"]!["change_verified"]).toEqual(["s", "y", "s", "y", "claimed", "y", "y"]);
  expect(rights["outcome"]!["change"]).toEqual(["s", "y", "s", "y", "claimed", "y", "y"]);
  expect(values["outcome"]!["deceased"]).toEqual(["s", "s", "s", "s", "s", "s", "s"]);
  expect(SHEETS["consult"]!.rights["fact"]!["change"]).toEqual(["s", "y", "s", "y", "s", "s", "y"]);
  for (const sheet of Object.values(SHEETS)) for (const table of Object.values(sheet.rights)) for (const row of Object.values(table)) expect(row.length).toBe(7);
});

it("FK2 private fields are written in the private tier, free text in both", () => {
  const sheet = SHEETS["help"]!;
  expect(pathsOfTier(sheet, "private")).toContain("summary");
  expect(pathsOfTier(sheet, "private")).toContain("contact_phone");
  expect(pathsOfTier(sheet, "public")).not.toContain("contact_phone");
  expect(pathsOfTier(sheet, "public")).not.toContain("no");
});

it("FK1 the slim definition loses header words and nothing else", () => {
  const slim = JSON.parse(slimmed(raw));
  expect(slim.fields[0].aliases).toBeUndefined();
  expect(slim.fields[1].options).toEqual(help.fields[1]!.options);
  expect({ ...slim, fields: 0 }).toEqual({ ...help, fields: 0 });
  const plugin = slimDefinitions();
  expect(plugin.transform(raw, "/x/schema/sheets/help.json")!.code.length).toBeLessThan(raw.length);
  expect(plugin.transform("{}", "/x/schema/vectors/fields.json")).toBeNull();
});
