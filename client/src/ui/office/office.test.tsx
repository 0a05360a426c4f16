// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { button, find, openPage, press, type, until, type Page } from "../testing/page";
import { showLayer, showRow } from "../view";
import { OFFICE } from "../later";
import { whyNot } from "../rights";
import { ADMIN, CALLERS, QUEUE } from "./parts";

let page: Page & { rows: string[] };
afterEach(() => { page.close(); vi.unstubAllGlobals(); });

async function as(role: string, rows: Record<string, string | number>[] = [{ place: "甲路" }]) {
  await Promise.all([OFFICE, ADMIN, CALLERS, QUEUE].map((part) => part.fetch()));
  page = await openPage({ wide: true, rows });
  vi.stubGlobal("fetch", page.server.fetch);
  await page.app.join(role, "李四");
  await until(() => page.app.rows("help").value.length === rows.length && page.app.link.value === "live");
  return page;
}
const waiting = (id: string, value: string) => [id, "help", page.rows[0]!, "public", `edit${id}`.slice(0, 8).padEnd(8, "0"), "CCCCCCCCCCCC", page.server.now, { place: value }, "verified-row", "pending"];
const decided = () => page.server.asked.filter(([tag]) => tag === "decide").map((frame) => frame.slice(2, 5));

async function queue(...values: string[]) {
  await as("verifier");
  page.server.suggestions = values.map((value, i) => waiting(`s${i}`, value));
  page.server.control("suggestion", { waiting: values.length });
  await until(() => page.app.pendingSuggestions.value === values.length);
  showLayer({ kind: "suggestions" });
  await until(() => page.root.querySelectorAll(".waiting").length === values.length);
  return [...page.root.querySelectorAll<HTMLElement>(".waiting")];
}

test("a suggestion stands beside what the row says now, with who, and why it waits", async () => {
  const [one] = await queue("乙路 5 号");
  expect(one!.textContent).toContain("甲路");
  expect(one!.textContent).toContain("乙路 5 号");
  expect(one!.textContent).toContain("访客 CCC");
  expect(one!.textContent).toContain("这一行已核实");
});

test("one key accepts the suggestion in hand, and J goes to the next", async () => {
  const [first] = await queue("乙路", "丙路", "丁路");
  press(first!, "j");
  await until(() => page.root.querySelectorAll(".waiting")[1]?.getAttribute("aria-current") === "true");
  press(first!, "a");
  await until(() => page.root.querySelectorAll(".waiting").length === 2);
  expect(decided()).toEqual([["s1", true, ""]]);
});

test("declining by key sends the reason its author will read", async () => {
  const [first] = await queue("乙路");
  press(first!, "1");
  expect(decided()).toEqual([]);
  press(first!, "d");
  await until(() => first!.querySelector("form"));
  press(first!, "2");
  await until(() => page.root.querySelectorAll(".waiting").length === 0);
  expect(decided()).toEqual([["s0", false, "情况已变"]]);
});

test("letters typed into the reason decide nothing", async () => {
  const [first] = await queue("乙路");
  press(first!, "d");
  await until(() => first!.querySelector("form input"));
  press(find(first!, "form input"), "a");
  await new Promise((done) => setTimeout(done, 30));
  expect(decided()).toEqual([]);
});

test("the author hears what became of a suggestion, and keeps the words", async () => {
  await as("visitor");
  page.server.judge = () => ["suggested", "verified-row"];
  await page.app.write("help", page.rows[0]!, { place: "乙路" });
  await until(() => page.app.kept.value[0]?.state === "suggested");
  showLayer({ kind: "sync" });
  await until(() => page.root.textContent?.includes("等待审核：这一行已核实"));
  page.server.control("decided", { tier: "public", edit: page.app.kept.value[0]!.edit, state: "declined", reason: "没有核实到" });
  await until(() => page.root.textContent?.includes("未采纳：没有核实到"));
  expect(page.root.textContent).toContain("乙路");
});

test("the banner says which step, why and until when", async () => {
  await as("visitor");
  page.server.control("protection", { protection: { help: "careful" }, guards: { help: { step: "careful", reason: "有人乱改地址", until_ms: Date.now() + 3_600_000 } } });
  await until(() => page.root.querySelector(".notice--warn"));
  const said = find(page.root, ".notice--warn").textContent!;
  expect(said).toContain("谨慎");
  expect(said).toContain("有人乱改地址");
  expect(said).toMatch(/\d\d:\d\d 自动解除/);
  page.server.control("protection", { protection: { help: "open" }, guards: {} });
  await until(() => !page.root.querySelector(".notice--warn"));
});

test("a sheet is not protected without a reason", async () => {
  await as("steward");
  showLayer({ kind: "office" });
  await until(() => page.root.querySelector(".offer [role=radio]"));
  button(page.root, "谨慎").click();
  await until(() => page.root.querySelector(".offer input"));
  button(page.root, "设定").click();
  await until(() => page.root.querySelector(".toast")?.textContent === "请写明理由");
  expect(page.server.asked).toEqual([]);
  find<HTMLInputElement>(page.root, ".offer input").value = "有人乱改";
  button(page.root, "6 小时后").click();
  button(page.root, "设定").click();
  await until(() => page.server.asked.length === 1);
  const [tag, , sheet, step, reason, untilMs] = page.server.asked[0]!;
  expect([tag, sheet, step, reason]).toEqual(["protect", "help", "careful", "有人乱改"]);
  expect(Math.abs(Number(untilMs) - page.app.now() - 6 * 3_600_000)).toBeLessThan(60_000);
});

test("a role is taken away with a reason", async () => {
  await as("steward");
  page.server.people = [{ actor: "CCCCCCCCCCCC", name: "赵六", role: "verifier", team: "", granted_ms: page.server.now, logins: 1, below: true }];
  showLayer({ kind: "office", at: "people" });
  await until(() => page.root.textContent?.includes("赵六"));
  button(page.root, "收回身份 赵六").click();
  await until(() => page.root.querySelectorAll("[role=dialog]").length === 2);
  button(page.root, "乱改内容").click();
  await until(() => page.server.asked.length === 1);
  expect(page.server.asked[0]).toEqual(["people/CCCCCCCCCCCC/revoke", { reason: "乱改内容" }]);
});

test("an alarm rings on a steward's screen and on nobody else's", async () => {
  await as("steward");
  page.server.control("alarm", { kind: "bulk-reading", actor: "CCCCCCCCCCCC", rows: 60 });
  await until(() => page.root.querySelector(".notice--bad")?.textContent?.includes("60 行"));
});

test("a caller's code is checked before the link is issued anew, and the old word is not enough", async () => {
  await as("verifier", [{ place: "甲路", contact_log: "" }]);
  showRow("help", page.rows[0]!);
  await until(() => page.root.querySelector(".panel .lead"));
  button(page.root, "来电核对").click();
  await until(() => page.root.querySelector(".panel .offer .code"));
  type(find(page.root, ".panel .offer .code"), "111111");
  button(page.root, "核对").click();
  await until(() => page.root.textContent?.includes("不对。"));
  type(find(page.root, ".panel .offer .code"), "123 456");
  button(page.root, "核对").click();
  await until(() => page.root.textContent?.includes("短码正确，"));
  button(page.root, "重新发放链接").click();
  await until(() => page.root.textContent?.includes("怎么确认是本人？"));
  button(page.root, "短码正确").click();
  await until(() => page.root.querySelector(".secret"));
  expect(find(page.root, ".secret").textContent).toContain(`#row=help/${page.rows[0]!}.${"N".repeat(22)}`);
  expect(page.root.textContent).toContain("654321");
});

test("a steward reads who was shown a row, when and why", async () => {
  await as("steward");
  page.server.merge("help", page.rows[0]!, "private", { edit: "priv0001", actor: "BBBBBBBBBBBB", atMs: 1, writes: { contact_phone: "14211110001" }, seen: {} });
  showRow("help", page.rows[0]!);
  await until(() => [...page.root.querySelectorAll("button")].some((one) => one.textContent === "谁看过"));
  button(page.root, "谁看过").click();
  await until(() => page.root.textContent?.includes("王芳"));
  expect(page.root.textContent).toContain("去电核实");
});

test("another login of mine is ended, not this one", async () => {
  await as("volunteer");
  showLayer({ kind: "devices" });
  await until(() => page.root.textContent?.includes("这一台"));
  const ends = [...page.root.querySelectorAll("button")].filter((one) => one.textContent?.startsWith("让它退出"));
  expect(ends.length).toBe(1);
  ends[0]!.click();
  await until(() => page.server.asked.length === 1);
  expect(page.server.asked[0]![2]).toBe("other");
});

test("clearing a phone warns of what has not left it, and leaves nothing", async () => {
  await as("volunteer");
  page.server.cut();
  page.server.isDown = true;
  await until(() => page.app.link.value !== "live");
  await page.app.write("help", page.rows[0]!, { place: "只在这里" });
  showLayer({ kind: "devices" });
  await until(() => page.root.textContent?.includes("清除这部手机"));
  button(page.root, "清除这部手机").click();
  await until(() => page.root.querySelector("[role=alert]")?.textContent?.includes("还有 1 条没有送达服务器"));
  localStorage.setItem("rescue-device/other", "x".repeat(22));
  const office = await page.app.office();
  await office.clearPhone();
  expect(localStorage.length).toBe(0);
  const left = (await indexedDB.databases()).map((one) => one.name);
  expect(left).not.toContain(`rescue:${page.app.workbook}`);
});

test("back from the dialler one tap logs the call, and a verifier's yes verifies", async () => {
  await as("verifier", [{ place: "甲路" }]);
  showRow("help", page.rows[0]!);
  await until(() => page.root.querySelector(".panel .lead"));
  const link = document.createElement("a");
  link.href = "tel:14211110001";
  link.addEventListener("click", (event) => event.preventDefault());
  find(page.root, ".panel__body").appendChild(link);
  link.click();
  await new Promise((done) => setTimeout(done, 20));
  const seen = vi.spyOn(document, "visibilityState", "get");
  seen.mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(page.root.querySelector("[role=dialog]")).toBeNull();
  seen.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  await until(() => page.root.querySelector("[role=dialog]"));
  button(page.root, "接通·确认需要").click();
  await until(() => page.app.peek("help", page.rows[0]!)?.cells["verify_state"]?.[0]?.[1] === "verified");
  expect(Object.keys(page.app.peek("help", page.rows[0]!)!.cells).filter((path) => path.startsWith("contact_log:")).length).toBe(1);
  await until(() => !page.root.querySelector("[role=dialog]"));
});

test("what is not offered is grey and says who may; what waits for a decision says why", async () => {
  await as("visitor", [{ place: "甲路", verify_state: "verified" }]);
  const view = () => page.app.peek("help", page.rows[0]!)!;
  expect(whyNot(page.app, view(), "contact_log")).toBe("志愿者、核实员、对接员、管理员可以做");
  expect(whyNot(page.app, view(), "notes:x", "有水")).toBe("");
  showRow("help", page.rows[0]!);
  await until(() => page.root.querySelector(".panel .lead"));
  expect(button(page.root, "修改 地址").title).toBe("会先成为建议，等核实员确认：这一行已核实");
  button(page.root, "核实").click();
  await until(() => page.root.querySelector(".offer .hint")?.textContent?.includes("会先成为建议，等核实员确认："));
});

test("a link issued anew opens its row as soon as there is a line", async () => {
  await as("visitor");
  const opened = await page.app.openLink(`${page.rows[0]!}.${"N".repeat(22)}`);
  expect(opened?.row).toBe(page.rows[0]);
  expect(page.app.peek("help", page.rows[0]!)!.held).toBe(true);
});
