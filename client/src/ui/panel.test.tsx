// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { button, find, openPage, type, until, type Page } from "./testing/page";
import { showRow } from "./view";

let page: Page & { rows: string[] };
afterEach(() => page.close());
const values = (path: string) => (page.app.peek("help", page.rows[0]!)?.cells[path] ?? []).map(([, value]) => value);

async function panel(rows: Record<string, string | number | boolean>[], role = "volunteer") {
  page = await openPage({ wide: true, rows });
  if (role !== "visitor") await page.app.join(role, "李四");
  await until(() => page.app.rows("help").value.length === rows.length);
  showRow("help", page.rows[0]!);
  await until(() => page.root.querySelector(".panel .lead"));
  return find(page.root, ".panel");
}

test("a form that stayed open while others wrote makes a conflict, not a loss", async () => {
  const box = await panel([{ place: "淮河路 12 号院" }]);
  button(box, "修改 地址").click();
  await until(() => box.querySelector(".field.is-editing input"));
  type(find(box, ".field.is-editing input"), "淮河路 12 号院 5 号楼");
  page.others(page.rows[0]!, "place", "淮河路 21 号院", page.app.peek("help", page.rows[0]!)!.cells["place"]!.map(([edit]) => edit));
  await until(() => box.querySelector(".field.is-editing")?.textContent?.includes("淮河路 21 号院"));
  button(box, "保存").click();
  await until(() => box.querySelectorAll(".conflict__side").length === 2);
  expect(values("place").length).toBe(2);
});

test("both sides of a conflict are shown with their author, and adopting one settles it", async () => {
  const box = await panel([{ place: "甲路" }]);
  page.others(page.rows[0]!, "place", "乙路");
  await until(() => box.querySelectorAll(".conflict__side").length === 2);
  const side = [...box.querySelectorAll(".conflict__side")].find((one) => one.textContent?.includes("乙路"))!;
  expect(side.textContent).toContain("访客 BBB");
  button(side, "采用此项: 乙路").click();
  await until(() => values("place").join() === "乙路");
  await until(() => !box.querySelector(".conflict"));
});

test("two telephones may both be kept", async () => {
  page = await openPage({ wide: true, online: false });
  const made = await page.app.addRow("help", { place: "甲路", contact_phone: "14211110001" });
  await page.app.write("help", made.row, { contact_phone: "14211110002" }, { seen: { contact_phone: [] } });
  showRow("help", made.row);
  await until(() => page.root.querySelectorAll(".conflict__side").length === 2);
  expect([...page.root.querySelectorAll(".conflict a")].map((one) => one.getAttribute("href")).sort()).toEqual(["tel:14211110001", "tel:14211110002"]);
  button(page.root, "两个都保留").click();
  await until(() => page.app.peek("help", made.row)!.private["contact_phone"]!.length === 1);
  expect(String(page.app.peek("help", made.row)!.private["contact_phone"]![0]![1]).split(", ").sort()).toEqual(["14211110001", "14211110002"]);
});

test("a visitor is told that changing a verified row becomes a suggestion", async () => {
  const box = await panel([{ place: "甲路", verify_state: "verified" }], "visitor");
  button(box, "修改 地址").click();
  await until(() => box.querySelector(".field.is-editing"));
  expect(find(box, ".field.is-editing").textContent).toContain("会先成为建议");
});

test("an edit that has not left the device is marked so", async () => {
  page = await openPage({ wide: true, online: false });
  const made = await page.app.addRow("help", { place: "甲路" });
  showRow("help", made.row);
  await until(() => page.root.querySelector(".panel .sent--device"));
  expect(find(page.root, ".panel .sent--device").textContent).toBe("已存本机");
});

test("calling a row untrue needs a reason", async () => {
  const box = await panel([{ place: "甲路" }], "verifier");
  button(box, "核实").click();
  await until(() => box.querySelector(".offer"));
  button(box, "不实").click();
  await until(() => page.root.querySelector(".toast")?.textContent === "请写明理由");
  expect(values("verify_state")).toEqual([]);
  type(find(box, ".offer input"), "打过去是空号，地址不存在");
  button(box, "不实").click();
  await until(() => values("verify_state").join() === "false_report");
});

test("one tap after a call logs what came of it", async () => {
  const box = await panel([{ place: "甲路" }], "verifier");
  button(box, "记一次联系").click();
  await until(() => box.querySelector(".offer"));
  button(box, "无人接听").click();
  await until(() => Object.keys(page.app.peek("help", page.rows[0]!)!.cells).some((path) => path.startsWith("contact_log:")));
  await until(() => [...box.querySelectorAll(".log strong")].some((one) => one.textContent === "无人接听"));
});

test("an ended row is struck through and can be opened again", async () => {
  const box = await panel([{ place: "甲路", outcome: "rescued" }], "verifier");
  expect(find(box, ".lead").classList.contains("is-over")).toBe(true);
  button(box, "重新打开").click();
  await until(() => values("outcome").join() === "open");
  await until(() => !find(box, ".lead").classList.contains("is-over"));
});

test("two teams on their way to one row raise an alarm", async () => {
  const box = await panel([{ place: "甲路" }], "verifier");
  page.others(page.rows[0]!, "claim:TEAM000000000001", ["en_route", "", "600"], [], page.app.now());
  await until(() => box.textContent?.includes("前往中"));
  expect(box.querySelector("[role=alert]")).toBeNull();
  page.others(page.rows[0]!, "claim:TEAM000000000002", ["active", "", "600"], [], page.app.now());
  await until(() => box.querySelector("[role=alert]")?.textContent?.includes("有 2 支队伍同时认领"));
});
