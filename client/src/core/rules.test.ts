import { expect, test } from "vitest";
import { rulesOf, type SheetLike } from "./rules";
import { birth } from "./writing";

const help: SheetLike = {
  axis: "outcome",
  fields: {
    place: { tier: "public", kind: "text", rights: "critical" },
    contact_phone: { tier: "private", kind: "phone", rights: "critical" },
    verify_state: { tier: "public", kind: "enum", rights: "verify" },
    outcome: { tier: "public", kind: "enum", rights: "outcome", default: "open" },
    notes: { tier: "public", kind: "log", rights: "critical" },
  },
  rights: {
    critical: { add: "y y y y y y y".split(" ") },
    verify: { add: "s s s y s s y".split(" ") },
    outcome: { add: "s s s y claimed y y".split(" ") },
  },
  values: { outcome: { open: "s y y y y y y".split(" ") } },
};
const rules = rulesOf({ help }, (text) => text.replace(/\d{11}/g, "*"));

test("a path's field decides its tier, an unknown one has none", () => {
  expect(["place", "contact_phone", "notes:00000001", "what"].map((path) => rules.tier("help", path))).toEqual(["public", "private", "public", undefined]);
  expect(["place", "notes:00000001", "verify_state", "contact_phone"].map((path) => rules.isWords("help", path))).toEqual([true, true, false, false]);
  expect(rules.axis("help")).toEqual({ field: "outcome", open: "open" });
});

test("SY37 a row is born from what its author may set, by role and by value", () => {
  const writes = { place: "卫辉", verify_state: "verified", outcome: "open" };
  expect(birth("help", writes, "visitor", rules)).toEqual([{ place: "卫辉", outcome: "open" }, { verify_state: "verified" }]);
  expect(birth("help", { ...writes, outcome: "rescued" }, "volunteer", rules)).toEqual([{ place: "卫辉" }, { verify_state: "verified" }, { outcome: "rescued" }]);
  expect(birth("help", writes, "owner", rules)).toEqual([writes]);
});
