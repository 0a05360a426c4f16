// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { button, find, openPage, type, until, type Page } from "./testing/page";
import { layer, showLayer } from "./view";

let page: Page & { rows: string[] };
afterEach(() => page.close());

async function form(more: Parameters<typeof openPage>[0] = { online: false }) {
  page = await openPage(more);
  showLayer({ kind: "ask" });
  await until(() => page.root.querySelector("#ask-place"));
}
const own = () => page.app.rows("help").value.map((row) => page.app.peek("help", row)!);

test("nothing is mandatory but a place or a telephone", async () => {
  await form();
  button(page.root, "发出求助").click();
  await until(() => page.root.querySelector("[role=alert]")?.textContent?.includes("至少写位置或电话"));
  expect(own()).toEqual([]);
  type(find(page.root, "#ask-contact_phone"), "142 1111 0001");
  button(page.root, "发出求助").click();
  await until(() => layer.value?.kind === "receipt");
  expect(own()[0]!.private["contact_phone"]![0]![1]).toBe("14211110001");
});

test("without a network the request is kept, the receipt says so, and nothing says delivered", async () => {
  await form();
  type(find(page.root, "#ask-place"), "淮河路 12 号院");
  button(page.root, "发出求助").click();
  await until(() => page.root.querySelector(".steps"));
  expect(page.app.unsent.value.length).toBeGreaterThan(0);
  expect(find(page.root, ".steps .is-done").textContent).toBe("已存本机");
  expect(page.root.querySelectorAll(".steps .is-done").length).toBe(1);
  expect(find(page.root, "code.secret").textContent).toContain("#row=help/");
});

test("what is typed is kept at once and is there again after the page was closed", async () => {
  await form();
  type(find(page.root, "#ask-place"), "断网小区");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await page.app.draft("ask")).toEqual({ place: "断网小区" });
  showLayer({ kind: "menu" });
  await until(() => !page.root.querySelector("#ask-place"));
  showLayer({ kind: "ask" });
  await until(() => page.root.querySelector<HTMLInputElement>("#ask-place")?.value === "断网小区");
  expect(page.root.textContent).toContain("接着上次没填完的");
});

test("a number in words is read, and words that are none are kept in the story", async () => {
  await form();
  type(find(page.root, "#ask-place"), "淮河路 12 号院");
  type(find(page.root, "#ask-people_total"), "三");
  type(find(page.root, "#ask-elderly"), "好几个");
  button(page.root, "发出求助").click();
  await until(() => own().length === 1);
  const cells = own()[0]!.cells;
  expect(cells["people_total"]![0]![1]).toBe(3);
  expect(cells["elderly"]).toBeUndefined();
  expect(cells["summary"]![0]![1]).toBe("老人：好几个");
});

test("counts, needs and who asks go into their own cells", async () => {
  await form();
  type(find(page.root, "#ask-place"), "淮河路 12 号院");
  button(page.root, "总人数 加一").click();
  button(page.root, "总人数 加一").click();
  button(page.root, "老人 加一").click();
  button(page.root, "船艇").click();
  button(page.root, "发出求助").click();
  await until(() => own().length === 1);
  const cells = own()[0]!.cells;
  expect(cells["people_total"]![0]![1]).toBe(2);
  expect(cells["elderly"]![0]![1]).toBe(1);
  expect(cells["needs:boat"]![0]![1]).toBe(true);
  expect(cells["source"]![0]![1]).toBe("self");
});

test("a request that may be there already is offered for opening while the place is typed", async () => {
  await form({ rows: [{ place: "二七区淮河路12号院" }] });
  type(find(page.root, "#ask-place"), "淮河路 12 号院");
  await until(() => page.root.querySelector(".layer .offer")?.textContent?.includes("是同一求助吗"));
  button(page.root, "打开它").click();
  await until(() => page.root.querySelector(".panel .lead"));
  expect(layer.value).toBeNull();
});

test("building and flat typed into the place go where they are hidden", async () => {
  await form();
  type(find(page.root, "#ask-place"), "大学路88号阳光家园5号楼3单元1203室");
  button(page.root, "发出求助").click();
  await until(() => own().length === 1);
  expect(own()[0]!.cells["place"]![0]![1]).toBe("大学路88号阳光家园");
  expect(own()[0]!.private["place_exact"]![0]![1]).toBe("5号楼3单元1203室");
});

test("words beside a telephone are not thrown away", async () => {
  await form();
  type(find(page.root, "#ask-contact_phone"), "142 1111 0001 我爱人，夜里再打");
  button(page.root, "发出求助").click();
  await until(() => own().length === 1);
  expect(own()[0]!.private["contact_phone"]![0]![1]).toBe("142 1111 0001 我爱人，夜里再打");
});

test("until somebody chooses, the app speaks the language of the page it was served in", async () => {
  document.documentElement.lang = "en";
  await form();
  expect(page.app.language.value).toBe("en");
  await until(() => page.root.textContent?.includes("Send request") || page.root.textContent?.includes("Send"));
});
