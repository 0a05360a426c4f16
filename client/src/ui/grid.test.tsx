// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { button, find, openPage, press, type, until, type Page } from "./testing/page";

let page: Page & { rows: string[] };
afterEach(() => page.close());

const ROWS = [{ place: "淮河路 12 号院", urgency: "critical", people_total: 3 }, { place: "文化路 48 号", urgency: "normal" }];
const PLACE = 3;
const URGENCY = 2;

async function grid() {
  page = await openPage({ wide: true, rows: ROWS });
  await until(() => page.root.querySelectorAll("[data-row]").length === 2);
  return find<HTMLTextAreaElement>(page.root, ".catch");
}
const cell = (row: string, col: number) => find(page.root, `[data-row="${row}"] [data-col="${col}"]`);
const click = (row: string, col: number) => cell(row, col).dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0, pointerType: "mouse" }));
const places = (row: string) => (page.app.peek("help", row)?.cells["place"] ?? []).map(([, value]) => value);
const isEditing = (trap: HTMLElement) => trap.classList.contains("is-editing");

test("the grid tells its size and its sorting to those who cannot see it", async () => {
  await grid();
  const table = find(page.root, "[role=grid]");
  expect(table.getAttribute("aria-rowcount")).toBe("3");
  expect(find(table, "[data-row]").getAttribute("aria-rowindex")).toBe("2");
  expect(table.querySelectorAll("[role=columnheader]").length).toBe(Number(table.getAttribute("aria-colcount")));
  button(table, "地址").click();
  await until(() => table.querySelector("[role=columnheader][aria-sort=ascending]")?.textContent === "地址");
});

test("the first syllable of a composed word lands in the input that was already there", async () => {
  const trap = await grid();
  click(page.rows[0]!, PLACE);
  expect(document.activeElement).toBe(trap);
  trap.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  type(trap, "wo", true);
  await until(() => isEditing(trap));
  // Enter, Esc and arrows belong to the input method while it composes.
  for (const key of ["Enter", "Escape", "ArrowDown", "Tab"]) expect(press(trap, key, { composing: true }).defaultPrevented).toBe(false);
  expect(trap.value).toBe("wo");
  trap.value = "我";
  trap.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  // Safari sends the Enter that ended the composition once more: it must not commit.
  press(trap, "Enter");
  expect(isEditing(trap)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 30));
  press(trap, "Enter");
  await until(() => places(page.rows[0]!).join() === "我");
  expect(isEditing(trap)).toBe(false);
});

test("what others write into the cell being edited is told below it and never touches the words", async () => {
  const trap = await grid();
  click(page.rows[0]!, PLACE);
  press(trap, "F2");
  await until(() => isEditing(trap));
  expect(trap.value).toBe("淮河路 12 号院");
  type(trap, "淮河路 12 号院 5 号楼");
  const seen = page.app.peek("help", page.rows[0]!)!.cells["place"]!.map(([edit]) => edit);
  page.others(page.rows[0]!, "place", "淮河路 21 号院", seen);
  await until(() => page.root.querySelector(".under")?.textContent?.includes("淮河路 21 号院"));
  expect(trap.value).toBe("淮河路 12 号院 5 号楼");
  press(trap, "Enter");
  // Both stand: the editor replaced what it showed, not what came meanwhile.
  await until(() => places(page.rows[0]!).length === 2);
  expect([...places(page.rows[0]!)].sort()).toEqual(["淮河路 12 号院 5 号楼", "淮河路 21 号院"].sort());
});

test("Esc gives the cell back as it was", async () => {
  const trap = await grid();
  click(page.rows[0]!, PLACE);
  press(trap, "Enter");
  await until(() => isEditing(trap));
  type(trap, "别的");
  press(trap, "Escape");
  await until(() => !isEditing(trap));
  expect(places(page.rows[0]!)).toEqual(["淮河路 12 号院"]);
  expect(page.app.unsent.value).toEqual([]);
});

test("what cannot be read stays in the editor with the reason", async () => {
  const trap = await grid();
  click(page.rows[0]!, 5);
  type(trap, "很多人");
  await until(() => isEditing(trap));
  press(trap, "Enter");
  await until(() => page.root.querySelector(".under")?.textContent?.includes("数字"));
  expect(isEditing(trap)).toBe(true);
  expect(trap.value).toBe("很多人");
});

test("arrows, Home, End and Ctrl move the active cell; the input says which it is", async () => {
  const trap = await grid();
  click(page.rows[0]!, PLACE);
  const at = () => trap.getAttribute("aria-activedescendant");
  press(trap, "ArrowDown");
  await until(() => at() === `c-${page.rows[1]}-${PLACE}`);
  press(trap, "Home");
  await until(() => at() === `c-${page.rows[1]}-0`);
  press(trap, "Home", { ctrl: true });
  await until(() => at() === `c-${page.rows[0]}-0`);
  press(trap, "ArrowRight");
  await until(() => at() === `c-${page.rows[0]}-1`);
});

test("an option is chosen by typing the beginning of its name", async () => {
  page = await openPage({ wide: true, rows: ROWS });
  page.server.role = "verifier";
  await page.app.join("verifier", "李四");
  await until(() => page.root.querySelectorAll("[data-row]").length === 2);
  const trap = find<HTMLTextAreaElement>(page.root, ".catch");
  click(page.rows[1]!, URGENCY);
  type(trap, "超");
  await until(() => page.root.querySelectorAll("[role=option]").length === 1);
  press(trap, "Enter");
  await until(() => page.app.peek("help", page.rows[1]!)?.cells["urgency"]?.[0]?.[1] === "critical");
});

test("Space opens the row beside the grid, Esc gives the keyboard back", async () => {
  const trap = await grid();
  click(page.rows[0]!, PLACE);
  press(trap, " ");
  await until(() => page.root.querySelector(".panel h2")?.textContent === "第 1 行");
  press(find(page.root, ".panel"), "Escape");
  await until(() => !page.root.querySelector(".panel"));
  await until(() => document.activeElement === find(page.root, ".catch"));
});
