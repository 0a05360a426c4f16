/**
 * A flood, from the first messy spreadsheet to the struck-through row. One test, because it is one story: what the early chapters
 * make, the late ones depend on. The server is killed with -9 twice; nothing that a screen called delivered may be missing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Browser } from "@playwright/test";
import { Person } from "./support/people";
import { Pictures } from "./support/pictures";
import { python, Server } from "./support/server";

const WORKBOOK = "flood";
/** What the imported sheet, the form and the volunteer put into the private tier; no visitor may ever receive one. */
const PHONES = ["14200000001", "14200000002", "16300000002", "14300000003", "14200000004", "14200000005", "15400000007", "16100000008"];
const ASKED_PHONE = "17900000009";
const ADDED_PHONE = "14300000010";

/** What a screen has called delivered: it must be in the log at the end, whatever happened to the server since. */
class Delivered {
  private readonly facts: string[] = [];

  note(sheet: string, tier: string, path: string, value: unknown): void {
    this.facts.push(JSON.stringify([sheet, tier, path, value]));
  }

  async missing(data: string): Promise<string[]> {
    const lines = (await python("log_of.py", data, WORKBOOK)).trim().split("\n").map((line) => JSON.parse(line) as unknown[]);
    const logged = new Set(lines.map(([sheet, , tier, path, value]) => JSON.stringify([sheet, tier, String(path).split(":")[0], value])));
    return this.facts.filter((fact) => !logged.has(fact));
  }
}

test("a flood, from the first messy spreadsheet to the struck-through row", async ({ browser }) => {
  test.setTimeout(300_000);
  const server = await Server.prepare();
  const folder = await mkdtemp(join(tmpdir(), "story-"));
  try {
    await tell(browser, server, folder);
  } catch (error) {
    console.log(server.log.split("\n").slice(-40).join("\n"));
    throw error;
  } finally {
    await server.remove();
    await rm(folder, { recursive: true, force: true });
  }
});

async function tell(browser: Browser, server: Server, folder: string): Promise<void> {
  const delivered = new Delivered();
  const pictures = new Pictures();
  const home = `${server.url}/w/${WORKBOOK}/`;
  const person = (name: string, look: Parameters<typeof Person.arrive>[3] = {}) => Person.arrive(browser, home, name, look);

  await test.step("somebody brings a messy spreadsheet, and it is imported", async () => {
    const book = join(folder, "待救援人员信息.xlsx");
    await python("messy_workbook.py", book);
    await server.must("import", book, "--workbook", WORKBOOK, "--title", "河东区暴雨");
    expect(await server.must("workbook", "list")).toContain(`${WORKBOOK}\t10 rows`);
    // The same file again adds nothing.
    await server.must("import", book, "--workbook", WORKBOOK);
    expect(await server.must("workbook", "list")).toContain(`${WORKBOOK}\t10 rows`);
  });
  const invited = {
    volunteers: await server.invite(WORKBOOK, "volunteer", "--uses", "5"),
    verifier: await server.invite(WORKBOOK, "verifier"),
    whales: await server.invite(WORKBOOK, "team", "--team", "civil_team/1"),
    pines: await server.invite(WORKBOOK, "team", "--team", "civil_team/2"),
  };
  await server.start();

  // Two who only read, one with JavaScript and one without; every byte they receive is kept to the end.
  const reader = await person("读者", { ear: true });
  const plain = await person("无脚本读者", { ear: true, javaScript: false });
  await reader.settled();
  await expect(reader.row("西岭镇桥头村小学")).toBeVisible();

  const asked = await test.step("a person without JavaScript files a request and gets a receipt", async () => {
    const requester = await person("求助人", { phone: true, javaScript: false });
    await requester.page.getByRole("link", { name: "我要求助" }).first().click();
    await requester.page.getByLabel(/^地址/).fill("河东区码头路7号三层");
    await requester.page.getByLabel(/^电话/).fill(ASKED_PHONE);
    await requester.page.getByLabel(/^总人数/).fill("2");
    await requester.page.getByLabel(/^怎么了/).fill("水进了二楼，老人走不动");
    await requester.page.getByRole("button", { name: /求助/ }).click();
    await expect(requester.page).toHaveURL(/\/receipt\//);
    const text = await requester.page.locator("body").innerText();
    const html = await requester.page.content();
    const number = /编号[^0-9]*(\d+)/.exec(text)?.[1];
    const secret = /#row=help\/([0-9A-Za-z]{22})/.exec(html)?.[1];
    expect(number, text).toBeTruthy();
    expect(secret, "the receipt carries the row link").toBeTruthy();
    delivered.note("help", "private", "contact_phone", ASKED_PHONE);
    delivered.note("help", "public", "summary", "水进了二楼，老人走不动");
    await pictures.take("receipt", requester.page);
    return { requester, number: Number(number), secret: String(secret), place: "河东区码头路7号三层" };
  });
  await expect(reader.row(asked.place)).toBeVisible();

  const volunteer = await person("小周", { phone: true });
  const other = await person("阿梅");
  const verifier = await person("老郑");

  await test.step("a volunteer on a phone works offline, closes the tab, and finds it all again", async () => {
    await volunteer.join(invited.volunteers);
    await volunteer.readyForOffline();
    await pictures.take("phone", volunteer.page);
    await volunteer.goOffline();
    await volunteer.addRow({ 在哪里: "东湖新村东头车库", 联系电话: ADDED_PHONE, 情况: "两人被困车库，水在涨" });
    await volunteer.open("南屏乡水库下游第二组");
    await volunteer.edit("总人数", "5");
    await volunteer.edit("情况", "房顶塌了一角，需要转移");
    await volunteer.page.close();

    await volunteer.openTab();
    await expect(volunteer.row("东湖新村东头车库")).toBeVisible();
    await volunteer.open("南屏乡水库下游第二组");
    await expect(volunteer.field("总人数")).toContainText("5");
    await expect(volunteer.field("情况")).toContainText("房顶塌了一角，需要转移");
    await volunteer.keeps();
    await pictures.take("offline", volunteer.page);
  });

  await test.step("another has changed one of those cells meanwhile", async () => {
    await other.join(invited.volunteers);
    await other.open("南屏乡水库下游第二组");
    await other.edit("总人数", "7");
    await other.settled();
    delivered.note("help", "public", "people_total", 7);
  });

  await test.step("the volunteer comes back: both edits and the row arrive, and both values stand", async () => {
    await volunteer.goOnline();
    await volunteer.settled();
    delivered.note("help", "public", "place", "东湖新村东头车库");
    delivered.note("help", "private", "contact_phone", ADDED_PHONE);
    delivered.note("help", "public", "people_total", 5);
    delivered.note("help", "public", "summary", "房顶塌了一角，需要转移");
    await expect(other.row("东湖新村东头车库")).toBeVisible();
    for (const one of [other, volunteer]) {
      await one.open("南屏乡水库下游第二组");
      await expect(one.panel.getByText("总人数有 2 个不同的值")).toBeVisible();
      await expect(one.panel.getByRole("button", { name: "采用此项: 5" })).toBeVisible();
      await expect(one.panel.getByRole("button", { name: "采用此项: 7" })).toBeVisible();
    }
    await pictures.take("conflict", other.page);
  });

  await test.step("a verifier picks one", async () => {
    await verifier.join(invited.verifier);
    await verifier.open("南屏乡水库下游第二组");
    await verifier.panel.getByRole("button", { name: "采用此项: 7" }).click();
    await verifier.settled();
    await expect(verifier.panel.getByText("个不同的值")).toBeHidden();
    await expect(volunteer.panel.getByText("个不同的值")).toBeHidden();
    await expect(volunteer.field("总人数")).toContainText("7");
  });

  await test.step("the verifier verifies the request by a logged call, and the server is killed in the middle", async () => {
    await verifier.open(asked.place);
    await verifier.reveal("联系求助人");
    await expect(verifier.panel.getByRole("link", { name: `拨打 联系电话 ${ASKED_PHONE}` })).toBeVisible();
    await verifier.logCall("确认需要", "本人接听，两位老人，二楼进水");
    await verifier.settled();
    delivered.note("help", "public", "contact_log", ["call", "confirmed_need", "本人接听，两位老人，二楼进水", ""]);

    await server.kill();
    await verifier.says(/离线|正在连接/);
    // What is done while the server lies dead is kept, and goes when it is back.
    await verifier.verify("属实");
    await verifier.keeps();
    await server.start();
    await verifier.settled();
    delivered.note("help", "public", "verify_state", "verified");
    await expect(verifier.panel).toContainText("已核实");
    await reader.settled();
    await reader.open(asked.place);
    await expect(reader.panel).toContainText("已核实");
  });

  await test.step("the verifier links a duplicate", async () => {
    await verifier.open("老人下不来，一楼全淹");
    await verifier.markDuplicate("一楼进水", 1);
    await verifier.settled();
    await expect(reader.row("老人下不来，一楼全淹")).toContainText("重复");
  });

  const whales = await person("蓝鲸", { phone: true });
  const pines = await person("青松", { phone: true });
  await test.step("two teams, each offline, claim the same row; both are told when they return", async () => {
    await whales.join(invited.whales);
    await pines.join(invited.pines);
    const teams = [whales, pines];
    for (const team of teams) await team.readyForOffline();
    for (const team of teams) await team.open(asked.place);
    await Promise.all(teams.map((team) => team.goOffline()));
    for (const team of teams) {
      await team.claim("30 分钟");
      await team.keeps();
    }
    for (const team of teams) await team.goOnline();
    for (const team of teams) await team.settled();
    for (const team of [whales, pines]) {
      await expect(team.panel.getByRole("alert")).toContainText("有 2 支队伍同时认领");
    }
    await pictures.take("claims", whales.page);
  });

  await test.step("one releases, the other goes and arrives, and the server is killed again", async () => {
    await pines.panel.getByRole("button", { name: "放弃认领" }).click();
    await pines.settled();
    await expect(whales.panel.getByRole("alert")).toBeHidden();
    await whales.panel.getByRole("button", { name: "已出发" }).click();
    await whales.settled();

    await server.kill();
    await whales.panel.getByRole("button", { name: "已到场" }).click();
    await whales.keeps();
    await server.start();
    await whales.settled();
    await expect(reader.panel).toContainText("已到场", { timeout: 40_000 });
  });

  await test.step("the team reports the rescue", async () => {
    await whales.panel.getByRole("button", { name: "完成" }).click();
    await whales.finish("2");
    await whales.settled();
  });

  await test.step("the person concerned closes the row by its link", async () => {
    const { requester } = asked;
    await requester.page.goto(`${home}mine`);
    await requester.page.getByLabel(/链接/).fill(`${home}#row=help/${asked.secret}`);
    await requester.page.getByRole("button", { name: /打开|查看|更新/ }).first().click();
    await requester.page.getByRole("button", { name: /我安全了/ }).click();
    await expect(requester.page.locator("body")).toContainText(/已安全|自行脱险|已记下|已结束/);
    delivered.note("help", "public", "outcome", "self_safe");
  });

  await test.step("every screen strikes it through", async () => {
    for (const one of [reader, volunteer, other, verifier, whales, pines]) {
      await one.strikesThrough(asked.place);
    }
    await plain.page.goto(`${home}help/${asked.number}`);
    await expect(plain.page.locator("body")).toContainText(/自行脱险|已结束/);
    await other.page.getByRole("button", { name: "显示已结束" }).click();
    await expect(other.row(asked.place)).toBeVisible();
    await pictures.take("grid", other.page);
  });

  await test.step("no visitor was ever sent a telephone number", async () => {
    for (const path of ["", "help/", "help/?over=1", `help/${asked.number}`, "help/?q=142"]) {
      await plain.page.goto(home + path);
    }
    const files = ["workbook.json", "snapshot.json?page=0&over=1", "changes?since=0", "export/help.csv", "export/help.json"];
    for (const file of files) expect(await plain.ear!.ask(home + file), file).toBe(200);
    for (const sheet of ["help", "civil_team"]) {
      expect(await plain.ear!.ask(`${home}export/${sheet}.csv?full=1`), sheet).toBeGreaterThanOrEqual(400);
    }
    for (const visitor of [reader, plain]) {
      const ear = visitor.ear!;
      for (const phone of [...PHONES, ASKED_PHONE, ADDED_PHONE]) {
        expect(await ear.find(phone), `${visitor.name} received ${phone.slice(0, 3)}…${phone.slice(-2)}`).toEqual([]);
      }
      expect(ear.missed).toEqual([]);
    }
    // The ears would have heard it: the place of the same row did reach both, over the socket too.
    expect((await reader.ear!.find(asked.place)).some((from) => from.startsWith("ws"))).toBe(true);
    expect(await plain.ear!.find(asked.place)).toContain(`${home}export/help.csv`);
  });

  await test.step("nothing that was shown as delivered is missing, and the database is whole", async () => {
    await server.stop();
    expect(await delivered.missing(server.data)).toEqual([]);
    const verified = await server.command("verify");
    expect(verified.code, verified.out + verified.err).toBe(0);
  });
}
