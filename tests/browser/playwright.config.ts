/** How the browser tests run: the system's Chromium, real server processes, nothing shared between tests. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

const root = fileURLToPath(new URL("../..", import.meta.url));
const chromium = process.env.CHROMIUM || execFileSync(`${root}/tools/chromium`, { encoding: "utf8" }).trim();

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // A browser test that passes the second time has found something.
  retries: 0,
  // A dead link is noticed after 25 s without a word (docs/protocol.md), and tests on a busy machine wait for it.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    trace: "retain-on-failure",
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    launchOptions: {
      executablePath: chromium,
      // Chromium's own errands fail on a machine without the internet, and fill the log doing so.
      args: ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
    },
  },
});
