// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { RowView } from "../core/api";
import { sameRows } from "./same";
import { live, rowView } from "./testing/page";

const sheetOfRows = (...views: RowView[]) => ({
  rows: () => signal(views.map((view) => view.row)),
  peek: (_sheet: string, row: string) => views.find((view) => view.row === row) ?? null,
});
const typed = (phone: string, place: string) => ({ phone, phonePath: "contact_phone", place });

test("the same telephone is found by its masked form, whoever typed it and however", () => {
  const rows = sheetOfRows(rowView({ row: "a", masked: { contact_phone: ["142****1234"] } }), rowView({ row: "b", masked: { contact_phone: ["142****9999"] } }));
  expect(sameRows(rows, "help", typed("142 1111 1234", ""))).toMatchObject([{ row: "a", why: "phone" }]);
});

test("the same place is found with the district written or not", () => {
  const rows = sheetOfRows(rowView({ row: "a", cells: { place: live("郑州市二七区淮河路12号院") } }), rowView({ row: "b", cells: { place: live("金水区文化路48号") } }));
  expect(sameRows(rows, "help", typed("", "淮河路 12 号院"))).toMatchObject([{ row: "a", why: "place" }]);
});

test("a few letters of a place suggest nothing yet", () => {
  const rows = sheetOfRows(rowView({ row: "a", cells: { place: live("淮河路12号院") } }));
  expect(sameRows(rows, "help", typed("", "淮河"))).toEqual([]);
  expect(sameRows(rows, "help", typed("142", ""))).toEqual([]);
});

test("telephone and place together stand before the place alone, and never more than three", () => {
  const many = Array.from({ length: 6 }, (_, i) => rowView({ row: `p${i}`, cells: { place: live("淮河路12号院") } }));
  const rows = sheetOfRows(...many, rowView({ row: "both", cells: { place: live("淮河路12号院") }, masked: { contact_phone: ["142****1234"] } }));
  const found = sameRows(rows, "help", typed("14211111234", "淮河路12号院"));
  expect(found).toHaveLength(3);
  expect(found[0]!.row).toBe("both");
});
