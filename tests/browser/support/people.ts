/**
 * The people of the tests: each a browser of their own, doing what a person does, by what a person can read.
 * Knows the screens' words and roles; knows nothing of rows, edits or frames.
 */
import { expect, type Browser, type BrowserContext, type Locator, type Page } from "@playwright/test";
import { Ear } from "./ear";

export const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

interface Look {
  readonly phone?: boolean;
  /** Keep every byte this person's browser receives; turns the service worker off, which would fetch unheard. */
  readonly ear?: boolean;
  readonly javaScript?: boolean;
}

export class Person {
  page!: Page;
  private opened = "";
  ear: Ear | null = null;

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly home: string,
    readonly phone: boolean,
  ) {}

  static async arrive(browser: Browser, home: string, name: string, look: Look = {}): Promise<Person> {
    const context = await browser.newContext({
      ...(look.phone ? PHONE : DESKTOP),
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      javaScriptEnabled: look.javaScript ?? true,
      serviceWorkers: look.ear ? "block" : "allow",
    });
    const person = new Person(name, context, home, look.phone ?? false);
    if (look.ear) person.ear = new Ear(context);
    await person.openTab();
    return person;
  }

  /** A new tab of the same browser: what it kept is there, what was only in the old page is not. */
  async openTab(address = this.home): Promise<void> {
    this.page = await this.context.newPage();
    this.page.on("pageerror", (error) => {
      throw new Error(`${this.name}'s page: ${error.message}`);
    });
    await this.page.goto(address);
  }

  /** Opens an invitation and takes its role under this person's name. */
  async join(link: string): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(link);
    const dialog = this.page.getByRole("dialog", { name: "加入" });
    await dialog.getByLabel("你的称呼").fill(this.name);
    await dialog.getByRole("button", { name: "加入" }).click();
    await expect(dialog).toBeHidden();
    await this.settled();
  }

  /** The page can be loaded again without a network: the service worker has what it needs. */
  async readyForOffline(): Promise<void> {
    await this.settled();
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) {
        await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
      }
    });
  }

  async goOffline(): Promise<void> {
    await this.context.setOffline(true);
    await this.says(/离线/);
  }

  async goOnline(): Promise<void> {
    await this.context.setOffline(false);
  }

  get chip(): Locator {
    return this.page.getByRole("button", { name: /^同步情况/ });
  }

  /** The sync chip says so. On a phone an open row covers it: the person goes back to look, and returns. */
  async says(what: RegExp): Promise<void> {
    const covered = this.phone && (await this.panel.isVisible());
    if (covered) await this.closePanel();
    await expect(this.chip).toHaveAccessibleName(what, { timeout: 40_000 });
    if (covered) await this.open(this.opened);
  }

  /** Everything this person wrote is 已送达服务器, and the link is alive. */
  async settled(): Promise<void> {
    await this.says(/已同步|处冲突/);
  }

  /** Some of this person's edits are on the device only. */
  async keeps(): Promise<void> {
    await this.says(/离线，已存本机 \d+ 条/);
  }

  /** A row in the list, as card or grid row, by words in it. */
  row(words: string | RegExp): Locator {
    return this.phone
      ? this.page.getByRole("listitem").filter({ has: this.page.locator("button.card__face") }).filter({ hasText: words })
      : this.page.getByRole("row").filter({ hasText: words });
  }

  async search(words: string): Promise<void> {
    await this.page.getByRole("searchbox", { name: "搜索" }).fill(words);
  }

  /** The row with these words, looked for by the search when it is not among those on screen: a long list mounts only those. */
  async find(words: string): Promise<Locator> {
    const row = this.row(words).first();
    if (!(await row.isVisible())) await this.search(words);
    await expect(row).toBeVisible();
    return row;
  }

  /** Opens a row's panel by words in its row. */
  async open(words: string): Promise<Locator> {
    if (await this.panel.isVisible()) await this.closePanel();
    this.opened = words;
    const row = await this.find(words);
    if (this.phone) await row.getByRole("button").first().click();
    else await row.getByRole("rowheader").click();
    await expect(this.panel).toBeVisible();
    await expect(this.panel).toContainText(words);
    return this.panel;
  }

  get panel(): Locator {
    return this.page.getByRole("complementary", { name: /^第 .+ 行$/ });
  }

  async closePanel(): Promise<void> {
    await this.panel.getByRole("button", { name: /关闭|返回/ }).first().click();
    await expect(this.panel).toBeHidden();
  }

  /** Changes one field of the open row. */
  async edit(label: string, value: string): Promise<void> {
    await this.panel.getByRole("button", { name: new RegExp(`^(修改|填写) ${label}$`) }).click();
    const editor = this.panel.getByRole("textbox", { name: new RegExp(`^${label}`) });
    await editor.fill(value);
    await this.panel.getByRole("button", { name: "保存", exact: true }).click();
    await expect(editor).toBeHidden();
  }

  /** The line of a field in the open row's panel. */
  field(label: string): Locator {
    return this.panel.locator(".field").filter({ has: this.page.getByText(label, { exact: true }) });
  }

  /** Files a request with the app's form. */
  async addRow(cells: Record<string, string>): Promise<void> {
    await this.page.getByRole("button", { name: "我要求助" }).first().click();
    const form = this.page.getByRole("dialog", { name: "我要求助" });
    for (const [label, value] of Object.entries(cells)) {
      await form.getByRole("textbox", { name: new RegExp(`^${label}`) }).fill(value);
    }
    await form.getByRole("button", { name: "发出求助" }).click();
    const receipt = this.page.getByRole("dialog", { name: "求助已记下" });
    await expect(receipt).toContainText("已存本机");
    await receipt.getByRole("button", { name: "完成" }).click();
    await expect(receipt).toBeHidden();
  }

  /** Asks for the private part of the open row, giving the reason that will be logged. */
  async reveal(reason: string): Promise<void> {
    await this.panel.getByRole("button", { name: /^显示/ }).first().click();
    await this.page.getByRole("button", { name: reason }).click();
  }

  async logCall(outcome: string, note: string): Promise<void> {
    await this.panel.getByRole("button", { name: "记一次联系" }).click();
    await this.panel.getByRole("textbox", { name: "备注" }).first().fill(note);
    await this.panel.getByRole("button", { name: outcome, exact: true }).click();
    await expect(this.panel.getByText(note)).toBeVisible();
  }

  async verify(verdict: string): Promise<void> {
    await this.panel.getByRole("button", { name: "核实", exact: true }).click();
    await this.page.getByRole("button", { name: verdict, exact: true }).click();
  }

  /** Links the open row to another as the same case, found by words in it. */
  async markDuplicate(words: string, of: number): Promise<void> {
    await this.panel.getByRole("button", { name: "标为重复" }).click();
    await this.panel.getByRole("searchbox", { name: "输入编号或地点来找" }).fill(words);
    await this.panel.getByRole("listitem").getByRole("button", { name: new RegExp(`^${of} `) }).click();
    await this.panel.getByRole("button", { name: "标为重复" }).last().click();
    await expect(this.panel.getByText(`与第 ${of} 行是同一求助`)).toBeVisible();
  }

  async claim(eta: string): Promise<void> {
    await this.panel.getByRole("button", { name: "认领这一行" }).click();
    await this.panel.getByRole("radio", { name: eta }).click();
    await this.panel.getByRole("button", { name: "认领这一行" }).click();
    await expect(this.panel.getByText("已认领").first()).toBeVisible();
  }

  /** Fills the form that opens when a team reports that it is done. */
  async finish(rescued: string): Promise<void> {
    await this.panel.getByLabel(/救出几人/).fill(rescued);
    await this.panel.getByRole("button", { name: /^(完成|已获救)/ }).last().click();
  }

  /** The row's words are struck through in this person's list. */
  async strikesThrough(words: string): Promise<void> {
    if (await this.panel.isVisible()) await this.closePanel();
    await this.search(words);
    await expect(this.row(words).getByText(words).first()).toHaveCSS("text-decoration-line", "line-through");
    await this.search("");
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}
