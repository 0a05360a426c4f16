/// <reference types="vitest/config" />
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { defineConfig, transformWithOxc, type Plugin } from "vite";

/**
 * The service worker and the prelude are classic scripts with fixed names' rules of their own, so they are not chunks of the app:
 * the prelude is hashed into /app, the worker is written to the root of dist with the list of what it shall keep.
 */
function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    enforce: "post",
    async generateBundle(_options, bundle) {
      const classic = async (file: string) =>
        (await transformWithOxc(readFileSync(file, "utf8"), file, { target: ["chrome64", "safari12"] })).code.replace(/^export \{\};?\s*$/gm, "");
      const prelude = await classic("src/prelude.js");
      const hash = createHash("sha256").update(prelude).digest("hex").slice(0, 8);
      this.emitFile({ type: "asset", fileName: `app/prelude-${hash}.js`, source: prelude });
      const kept = Object.keys(bundle)
        .filter((name) => /\.(js|css|svg|webmanifest|png|json)$/.test(name) && !name.startsWith(".vite"))
        .concat(`app/prelude-${hash}.js`)
        .sort();
      // The version is the content: every hashed name is in it, so any change of the app is a new worker.
      const worker = await classic("src/sw/worker.js");
      const version = createHash("sha256").update(kept.join("\n")).update(worker).digest("hex").slice(0, 12);
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: `self.SHELL = ${JSON.stringify({ version, files: kept.map((name) => `/${name}`) })};\n${worker}`,
      });
    },
  };
}

export default defineConfig({
  base: "/",
  build: {
    // Old WebViews of rescuers' phones: measured on Chromium 66, 73, 80; Vite's default target shows them a blank page.
    target: ["chrome64", "safari12"],
    outDir: "dist",
    assetsDir: "app",
    manifest: true,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    assetsInlineLimit: 0,
    rolldownOptions: { input: "src/main.tsx" },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "/w": { target: "http://127.0.0.1:8000", ws: true } } },
  plugins: [shell()],
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    environment: "node",
    testTimeout: 10_000,
  },
});
