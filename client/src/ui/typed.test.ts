// @vitest-environment happy-dom
import { beforeAll, expect, test } from "vitest";
import { fieldOf } from "./definition";
import { readText } from "./typed";
import { fetchWords } from "./words";

const field = (id: string, sheet = "help") => fieldOf(sheet, id)!;
beforeAll(fetchWords);

test("a number is read as people write it", () => {
  expect(readText(field("people_total"), "3人")).toEqual({ value: 3 });
  expect(readText(field("people_total"), "１２")).toEqual({ value: 12 });
  expect(readText(field("floor"), "-1")).toEqual({ value: -1 });
});

test("words around a number are not thrown away behind the writer's back", () => {
  expect(readText(field("people_total"), "3 户人家没下来").value).toBeUndefined();
  expect(readText(field("people_total"), "不知道").value).toBeUndefined();
  expect(readText(field("people_total"), "不知道").why).toContain("数字");
});

test("an option is found by its name; a state has no free words, another list has", () => {
  expect(readText(field("urgency"), "超级紧急")).toEqual({ value: "critical" });
  expect(readText(field("urgency"), "有点急").value).toBeUndefined();
  expect(readText(field("source"), "村里广播")).toEqual({ value: "other:村里广播" });
});

test("an emptied cell is blanked", () => {
  expect(readText(field("place"), "  ")).toEqual({ value: null });
});

test("a telephone that cannot be read stays as it was typed", () => {
  expect(readText(field("public_phone", "shelter"), "142 1234 5678")).toEqual({ value: "14212345678" });
  expect(readText(field("public_phone", "shelter"), "问村长")).toEqual({ value: "问村长" });
});
