/**
 * The README's pictures: taken by the story as it goes, so that they show what really happens.
 * Written only when SCREENSHOTS names a folder (make screenshots); otherwise taking one does nothing.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";

export class Pictures {
  private readonly folder = process.env.SCREENSHOTS ?? "";

  async take(name: string, page: Page): Promise<void> {
    if (!this.folder) return;
    await mkdir(this.folder, { recursive: true });
    // Toasts and carets come and go; a picture should not depend on when it was taken.
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(this.folder, `${name}.png`), animations: "disabled", caret: "hide", scale: "css" });
  }
}
