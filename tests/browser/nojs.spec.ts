/** Everything a person without JavaScript can do: read, search, file a request, keep it up to date by its link. */
import type { Browser } from "@playwright/test";
import { expect, test, type Drill } from "./support/drill";
import type { Person } from "./support/people";

test("reading, searching, turning pages, one row", async ({ browser, drill }) => {
  const person = await plain(browser, drill);
  const { page } = person;
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("body")).toContainText("演练");
  await page.goto(`${drill.home}help/`);
  await expect(page.locator("body")).toContainText("地铁站B口地下商场");
  await page.getByRole("searchbox").fill("胰岛素");
  await page.getByRole("searchbox").press("Enter");
  await expect(page.locator("main")).toContainText("菜市场北门二楼");
  await expect(page.locator("main")).not.toContainText("地铁站B口地下商场");
  await page.getByRole("link", { name: /菜市场北门二楼|第? ?\d+/ }).first().click();
  await expect(page.locator("main")).toContainText("糖尿病人胰岛素只剩一支");
  await person.leave();
});

test("a request, its receipt, and no second row when the form is sent twice", async ({ browser, drill }) => {
  const person = await plain(browser, drill);
  const { page } = person;
  await page.goto(`${drill.home}help/new`);
  await page.locator("[name=place]").fill("无脚本路1号");
  await page.locator("[name=contact_phone]").fill("17900000031");
  await page.locator("[name=summary]").fill("腿断了，电话打 17900000032");
  await page.locator("form button[type=submit], form input[type=submit]").last().click();
  await expect(page).toHaveURL(/\/receipt\//);
  await expect(page.locator("body")).toContainText(/编号/);

  await page.goBack();
  await page.locator("form button[type=submit], form input[type=submit]").last().click();
  await page.goto(`${drill.home}help/?q=${encodeURIComponent("无脚本路1号")}`);
  await expect(page.getByText("无脚本路1号")).toHaveCount(1);
  const html = await page.content();
  expect(html).not.toContain("17900000031");
  expect(html).not.toContain("17900000032");
  await person.leave();
});

test("the row link opens one's own row, and nobody else's", async ({ browser, drill }) => {
  const person = await plain(browser, drill);
  const { page } = person;
  await page.goto(`${drill.home}help/new`);
  await page.locator("[name=place]").fill("无脚本路2号");
  await page.locator("[name=contact_phone]").fill("17900000033");
  await page.locator("form button[type=submit], form input[type=submit]").last().click();
  const secret = /#row=help\/([0-9A-Za-z]{22})/.exec(await page.content())?.[1];
  expect(secret).toBeTruthy();
  await person.leave();

  const elsewhere = await plain(browser, drill);
  await elsewhere.page.goto(`${drill.home}mine`);
  await elsewhere.page.getByRole("textbox").first().fill(`${drill.home}#row=help/${secret}`);
  await elsewhere.page.locator("form button[type=submit], form input[type=submit]").first().click();
  await expect(elsewhere.page.locator("body")).toContainText("无脚本路2号");
  await elsewhere.page.goto(`${drill.home}mine`);
  await elsewhere.page.getByRole("textbox").first().fill("0".repeat(22));
  await elsewhere.page.locator("form button[type=submit], form input[type=submit]").first().click();
  await expect(elsewhere.page.locator("body")).not.toContainText("无脚本路2号");
  await elsewhere.leave();
});

async function plain(browser: Browser, drill: Drill): Promise<Person> {
  return drill.visitor(browser, { phone: true, javaScript: false });
}
