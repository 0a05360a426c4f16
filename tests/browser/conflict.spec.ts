/** Two values in one cell: how they come to be, how they are shown, how they are settled. */
import { expect, test } from "./support/drill";

test("a change that comes while a form is open makes a conflict, not a loss", async ({ browser, drill }) => {
  const slow = await drill.member(browser, "volunteer", "慢的", { phone: true });
  const quick = await drill.member(browser, "volunteer", "快的");
  await slow.open("湖心岛渔民点");
  await slow.panel.getByRole("button", { name: "修改 总人数" }).click();
  await slow.panel.getByRole("textbox", { name: /^总人数/ }).fill("5");

  await quick.open("湖心岛渔民点");
  await quick.edit("总人数", "4");
  await quick.settled();
  await expect(slow.panel.getByText("快的刚改为：4")).toBeVisible();
  await slow.panel.getByRole("button", { name: "保存", exact: true }).click();

  for (const one of [slow, quick]) {
    await expect(one.panel.getByText("总人数有 2 个不同的值")).toBeVisible();
    await expect(one.panel.getByRole("button", { name: "采用此项: 4" })).toBeVisible();
    await expect(one.panel.getByRole("button", { name: "采用此项: 5" })).toBeVisible();
  }
  await quick.panel.getByRole("button", { name: "采用此项: 5" }).click();
  for (const one of [slow, quick]) {
    await expect(one.panel.getByText("个不同的值")).toBeHidden();
    await expect(one.field("总人数")).toContainText("5");
  }
  await slow.leave();
  await quick.leave();
});

test("the same value written apart is no conflict", async ({ browser, drill }) => {
  const one = await drill.member(browser, "volunteer", "甲");
  const two = await drill.member(browser, "volunteer", "乙", { phone: true });
  await two.readyForOffline();
  await two.open("采石场工棚");
  await two.goOffline();
  await two.edit("总人数", "9");
  await one.open("采石场工棚");
  await one.edit("总人数", "9");
  await one.settled();
  await two.goOnline();
  await two.settled();
  for (const person of [one, two]) {
    await expect(person.field("总人数")).toContainText("9");
    await expect(person.panel.getByText("个不同的值")).toBeHidden();
  }
  await one.leave();
  await two.leave();
});

test("a third value settles both, and the history keeps all three", async ({ browser, drill }) => {
  const verifier = await drill.member(browser, "verifier", "裁定");
  await verifier.open("东湖大道立交桥洞");
  const conflict = verifier.panel.getByRole("region", { name: /情况有 2 个不同的值/ });
  await conflict.getByRole("button", { name: "写新值" }).click();
  await conflict.getByRole("textbox").fill("消防潜水员确认桥洞无车");
  await conflict.getByRole("button", { name: "保存" }).click();
  await expect(conflict).toBeHidden();
  await verifier.settled();
  await verifier.panel.getByRole("button", { name: "查看" }).click();
  for (const text of ["有人说桥洞里还有车", "现场的人说桥洞已经清空", "消防潜水员确认桥洞无车"]) {
    await expect(verifier.panel.getByText(text).first()).toBeVisible();
  }
  await verifier.leave();
});
