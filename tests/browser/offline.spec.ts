/** No network, no server, an older server: what a phone keeps, and what comes of it. */
import { expect, test } from "@playwright/test";
import { rm } from "node:fs/promises";
import { Person } from "./support/people";
import { Server } from "./support/server";

let server: Server;
const home = () => `${server.url}/w/drill/`;

test.beforeEach(async () => {
  server = await Server.prepare({ drill: true });
  await server.start();
});
test.afterEach(async () => server.remove());

test("the app opens and shows its rows when the server is gone", async ({ browser }) => {
  const reader = await Person.arrive(browser, home(), "读者", { phone: true });
  await reader.readyForOffline();
  await expect(reader.row("地铁站B口地下商场")).toBeVisible();
  await server.kill();
  await expect(fetch(home())).rejects.toThrow();
  await reader.page.reload();
  await expect(reader.row("地铁站B口地下商场")).toBeVisible();
  await reader.says(/离线/);
  await reader.leave();
});

test("a request filed with no server is kept, counted, and delivered when there is one", async ({ browser }) => {
  const asking = await Person.arrive(browser, home(), "求助人", { phone: true });
  await asking.readyForOffline();
  await server.kill();
  await asking.page.reload();
  await asking.addRow({ 在哪里: "老桥西头第一家", 联系电话: "17900000021", 情况: "屋里有两个孩子" });
  await asking.keeps();
  await asking.page.reload();
  await asking.find("老桥西头第一家");
  await server.start();
  await asking.settled();
  const reader = await Person.arrive(browser, home(), "读者");
  await reader.find("老桥西头第一家");
  await asking.leave();
  await reader.leave();
});

test("a half-written request is still there after the page was closed", async ({ browser }) => {
  const asking = await Person.arrive(browser, home(), "求助人", { phone: true });
  await asking.settled();
  await asking.page.getByRole("button", { name: "我要求助" }).click();
  await asking.page.getByRole("dialog").getByRole("textbox", { name: /在哪里/ }).fill("水塔下面");
  await asking.page.waitForTimeout(1000); // drafts are written a moment after the last key
  await asking.page.close();
  await asking.openTab();
  await asking.page.getByRole("button", { name: "我要求助" }).click();
  await expect(asking.page.getByRole("dialog").getByRole("textbox", { name: /在哪里/ })).toHaveValue("水塔下面");
  await asking.leave();
});

test("a server restored from an older copy gets back what a phone had sent", async ({ browser }) => {
  const writer = await Person.arrive(browser, home(), "志愿者", { phone: true });
  await writer.join(await server.invite("drill", "volunteer"));
  const copy = `${server.data}-copy.db`;
  await server.must("backup", copy);

  await writer.open("竹林组");
  await writer.edit("总人数", "8");
  await writer.settled();
  await server.kill();
  for (const tail of ["", "-wal", "-shm"]) await rm(`${server.data}/data.db${tail}`, { force: true });
  await server.must("restore", copy);
  await rm(copy, { force: true });
  await server.start();
  await writer.settled();

  const reader = await Person.arrive(browser, home(), "读者");
  await reader.open("竹林组");
  await expect(reader.field("总人数")).toContainText("8", { timeout: 40_000 });
  await writer.leave();
  await reader.leave();
});
