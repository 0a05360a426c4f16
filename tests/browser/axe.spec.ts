/** The main screens against WCAG 2.2 AA, as far as a machine can tell. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/drill";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`));
}

test("the cards on a phone, a row, the request form and the sync list have no fault", async ({ browser, drill }) => {
  const phone = await drill.member(browser, "verifier", "核实员甲", { phone: true });
  const { page } = phone;
  expect(await faults(page), "cards").toEqual([]);

  await phone.open("地铁站B口地下商场");
  expect(await faults(page), "row").toEqual([]);
  await phone.panel.getByRole("button", { name: "核实", exact: true }).click();
  expect(await faults(page), "verifying").toEqual([]);
  await phone.closePanel();

  await page.getByRole("button", { name: "我要求助" }).click();
  await expect(page.getByRole("dialog", { name: "我要求助" })).toBeVisible();
  expect(await faults(page), "form").toEqual([]);
  await page.goBack();

  await phone.chip.click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await faults(page), "sync").toEqual([]);
  await phone.leave();
});

test("the grid with an open row and a conflict has no fault", async ({ browser, drill }) => {
  const desk = await drill.member(browser, "verifier", "核实员乙");
  expect(await faults(desk.page), "grid").toEqual([]);
  await desk.open("柳树街老院5号楼");
  await expect(desk.panel.getByText("总人数有 2 个不同的值")).toBeVisible();
  expect(await faults(desk.page), "conflict").toEqual([]);
  await desk.leave();
});

test("the dark and the English screens have no fault", async ({ browser, drill }) => {
  const reader = await drill.visitor(browser);
  await reader.settled();
  await reader.page.emulateMedia({ colorScheme: "dark" });
  expect(await faults(reader.page), "dark").toEqual([]);
  await reader.leave();
});

for (const path of ["", "help/", "help/3", "help/new", "mine", "shelter/"]) {
  test(`the page without JavaScript at ${path || "the top"} has no fault`, async ({ browser, drill }) => {
    const plain = await drill.visitor(browser, { phone: true, javaScript: true, ear: true });
    // axe itself is a script: the page is served as without JavaScript by keeping the app's files from it.
    await plain.page.route("**/app/**", (route) => route.abort());
    await plain.page.goto(drill.home + path);
    expect(await faults(plain.page)).toEqual([]);
    await plain.leave();
  });
}
