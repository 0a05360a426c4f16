/**
 * Chinese input in the grid, as an input method does it: CDP's composition events, keys with code 229 meanwhile.
 * It finds missing guards; it does not replace a real keyboard on a real phone.
 */
import type { CDPSession, Locator } from "@playwright/test";
import { expect, test } from "./support/drill";
import type { Person } from "./support/people";

const COMPOSING_KEY = 229;

class InputMethod {
  private constructor(private readonly cdp: CDPSession) {}

  static async of(person: Person): Promise<InputMethod> {
    return new InputMethod(await person.context.newCDPSession(person.page));
  }

  async compose(syllables: string): Promise<void> {
    await this.key("Process");
    await this.cdp.send("Input.imeSetComposition", { text: syllables, selectionStart: syllables.length, selectionEnd: syllables.length });
  }

  /** A key pressed while a syllable is open: it belongs to the input method. */
  async key(key: string): Promise<void> {
    const event = { key, code: key === "Process" ? "" : key, windowsVirtualKeyCode: COMPOSING_KEY };
    await this.cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** The chosen characters replace the syllables. */
  async choose(characters: string): Promise<void> {
    await this.cdp.send("Input.insertText", { text: characters });
  }
}

async function cell(person: Person, row: string, column: string): Promise<Locator> {
  await person.find(row);
  const headers = await person.page.getByRole("columnheader").allInnerTexts();
  const at = headers.findIndex((header) => header.includes(column));
  expect(at, headers.join()).toBeGreaterThanOrEqual(0);
  return person.row(row).locator(`[data-col="${at}"]`);
}

test("the first syllable typed on a cell lands in it, and Enter while composing does not save", async ({ browser, drill }) => {
  const writer = await drill.member(browser, "verifier", "输入法甲");
  const input = await InputMethod.of(writer);
  const place = await cell(writer, "工业园三号宿舍", "地址");
  await place.click();
  const typing = writer.page.locator("textarea.catch");
  await input.compose("liu");
  await expect(typing).toHaveValue("liu");
  await input.key("Enter");
  await expect(typing).toHaveValue("liu");
  await expect(place).toContainText("工业园三号宿舍");
  await input.choose("柳林宿舍");
  await expect(typing).toHaveValue("柳林宿舍");
  await writer.page.waitForTimeout(50); // past the 20 ms in which Safari repeats the composing Enter
  await writer.page.keyboard.press("Enter");
  await writer.search("柳林宿舍");
  await expect(writer.row("柳林宿舍")).toBeVisible();
  await writer.settled();
  await writer.leave();
});

test("Esc while composing leaves the cell as it was only after the syllable is gone", async ({ browser, drill }) => {
  const writer = await drill.member(browser, "verifier", "输入法乙");
  const input = await InputMethod.of(writer);
  const place = await cell(writer, "广场大屏下", "地址");
  await place.click();
  const typing = writer.page.locator("textarea.catch");
  await input.compose("guang");
  await input.key("Escape");
  await expect(typing).toHaveClass(/is-editing/);
  await input.choose("广");
  await writer.page.keyboard.press("Escape");
  await expect(typing).not.toHaveClass(/is-editing/);
  await expect(place).toContainText("广场大屏下");
  await writer.leave();
});

test("what another writes meanwhile does not touch the syllables being composed", async ({ browser, drill }) => {
  const writer = await drill.member(browser, "verifier", "输入法丙");
  const other = await drill.member(browser, "verifier", "同事");
  const input = await InputMethod.of(writer);
  const place = await cell(writer, "梅子坳", "地址");
  await place.click();
  await input.compose("mei");
  await other.open("梅子坳");
  await other.edit("地址", "梅子坳北坡");
  await other.settled();
  await expect(writer.page.getByText("同事刚改为：梅子坳北坡")).toBeVisible();
  await expect(writer.page.locator("textarea.catch")).toHaveValue("mei");
  await writer.leave();
  await other.leave();
});
