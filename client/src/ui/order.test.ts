// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { digestOf, found, inOrder, isMine, matches, worstUrgency } from "./order";
import { live, OTHER, rowView } from "./testing/page";
import { NO_FILTERS, now } from "./view";

const NOW = 10_000_000;
const ME = { actor: "MMMMMMMMMMMM", team: "" };
const digest = (row: string, cells: Parameters<typeof rowView>[0]) => digestOf(rowView({ row, ...cells }), NOW);

test("the most urgent stand first, among them who has waited longest, the ended last", () => {
  const rows = [
    digest("normal", { cells: { urgency: live("normal") }, createdMs: 1 }),
    digest("late", { cells: { urgency: live("critical") }, createdMs: 9 }),
    digest("over", { cells: { urgency: live("critical"), outcome: live("rescued") }, createdMs: 1 }),
    digest("early", { cells: { urgency: live("critical") }, createdMs: 2 }),
    digest("unknown", { createdMs: 1 }),
  ];
  // Nobody has set the urgency of "unknown": it may be critical, so it stands before what is known to be normal (ST14).
  expect(inOrder(rows, null, "help").map((one) => one.row)).toEqual(["early", "late", "unknown", "normal", "over"]);
});

test("a row that ends before the reader's eyes keeps its place", () => {
  const rows = [
    digest("waiting", { cells: { urgency: live("normal") }, createdMs: 1 }),
    digest("ended", { cells: { urgency: live("critical"), outcome: live("rescued") }, createdMs: 1 }),
  ];
  expect(inOrder(rows, null, "help").map((one) => one.row)).toEqual(["waiting", "ended"]);
  expect(inOrder(rows, null, "help", new Set(["ended"])).map((one) => one.row)).toEqual(["ended", "waiting"]);
});

test("where people differ on the urgency the more dangerous word counts", () => {
  const view = rowView({ cells: { urgency: [["a", "normal", OTHER, 1], ["b", "critical", OTHER, 2]] } });
  expect(worstUrgency(view, NOW)).toBe("critical");
});

test("ended rows are hidden unless they are asked for, by the filter, by their state, or by a search", () => {
  const over = digest("over", { cells: { outcome: live("rescued") } });
  expect(matches(over, NO_FILTERS, ME)).toBe(false);
  expect(matches(over, { ...NO_FILTERS, over: true }, ME)).toBe(true);
  expect(matches(over, { ...NO_FILTERS, status: ["rescued"] }, ME)).toBe(true);
  expect(matches(over, NO_FILTERS, ME, true)).toBe(true);
});

test("rescued against waiting reads as waiting: the row is not hidden", () => {
  const apart = digest("apart", { cells: { outcome: [["a", "open", OTHER, 1], ["b", "rescued", OTHER, 2]] } });
  expect(apart.over).toBe(false);
  expect(apart.status).toBe("to_check");
});

test("filters narrow by urgency, district, conflict, what is unsent and what nobody has verified", () => {
  const one = digest("one", { cells: { urgency: live("urgent"), district: live("金水区"), verify_state: live("verified") }, conflicts: ["place"], unsent: 1 });
  expect(matches(one, { ...NO_FILTERS, urgency: ["urgent"], district: "金水区", conflict: true, unsent: true }, ME)).toBe(true);
  expect(matches(one, { ...NO_FILTERS, urgency: ["critical"] }, ME)).toBe(false);
  expect(matches(one, { ...NO_FILTERS, district: "二七区" }, ME)).toBe(false);
  expect(matches(one, { ...NO_FILTERS, unverified: true }, ME)).toBe(false);
  expect(matches(digest("new", {}), { ...NO_FILTERS, unverified: true }, ME)).toBe(true);
});

test("mine is what I entered, hold, wrote in, or my team has claimed", () => {
  expect(isMine(rowView({ author: ME.actor }), ME)).toBe(true);
  expect(isMine(rowView({ held: true }), ME)).toBe(true);
  expect(isMine(rowView({ cells: { place: live("x", ME.actor) } }), ME)).toBe(true);
  const claimed = rowView({ cells: { "claim:TEAM000000000000": live(["active", "", "60"], OTHER, now.peek()) } });
  expect(isMine(claimed, { actor: ME.actor, team: "civil_team/TEAM000000000000" })).toBe(true);
  expect(isMine(rowView(), ME)).toBe(false);
});

test("a search wants all its words, in any order, and finds a number by itself", () => {
  const view = rowView({ no: 1437, cells: { place: live("淮河路 12 号院"), summary: live("孕妇要转移") }, masked: { contact_phone: ["142****1234"] } });
  expect(found(view, "孕妇 淮河")).toBe(true);
  expect(found(view, "孕妇 建设路")).toBe(false);
  expect(found(view, "1437")).toBe(true);
  expect(found(view, "#1437")).toBe(true);
  expect(found(view, "142****1234")).toBe(true);
});

test("empty cells stand last whichever way a column is sorted", () => {
  const rows = [digest("none", {}), digest("three", { cells: { people_total: live(3) } }), digest("ten", { cells: { people_total: live(10) } })];
  const by = (down: boolean) => inOrder(rows, { field: "people_total", down }, "help").map((one) => one.row);
  expect(by(false)).toEqual(["three", "ten", "none"]);
  expect(by(true)).toEqual(["ten", "three", "none"]);
});
