/// <reference types="vitest/config" />
import { readdirSync, readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { minify } from "rolldown/utils";
import { defineConfig, transformWithOxc, type Plugin } from "vite";
import { restApart } from "./apart.ts";
import { slimDefinitions } from "./src/schema/slim.ts";

/** Old WebViews of rescuers' phones: measured on Chromium 66, 73, 80; Vite's default target shows them a blank page. */
const TARGET = ["chrome64", "safari12"];

/** Calls that compiling does not bring to those browsers and src/prelude.js does not add. */
const BEYOND = /\.(?:at|replaceAll|trimStart|trimEnd|matchAll|replaceChildren|findLast|toSorted|toReversed|flat\(\d|finally)\(|\b(?:hasOwn|allSettled|structuredClone|randomUUID|BigInt|groupBy)\(/;

/**
 * The service worker and the prelude are classic scripts with rules of their own for their names, so they are not chunks of the app:
 * the prelude is hashed into /app, the worker is written to the root of dist with the list of what it shall keep.
 */
function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    enforce: "post",
    async generateBundle(_options, bundle) {
      const classic = async (file: string) => {
        const { code } = await transformWithOxc(readFileSync(file, "utf8"), file, { target: TARGET, sourceType: "script" });
        // Without a target of its own the compressor writes `||=` again where Chromium 64 cannot read it.
        return (await minify(file, code, { compress: { target: TARGET } })).code;
      };
      const prelude = await classic("src/prelude.js");
      const preludeName = `app/prelude-${digest(prelude).slice(0, 8)}.js`;
      this.emitFile({ type: "asset", fileName: preludeName, source: prelude });
      for (const chunk of Object.values(bundle)) {
        const beyond = chunk.type === "chunk" ? BEYOND.exec(chunk.code) : null;
        if (beyond) this.error(`${chunk.fileName} calls ${beyond[0]}…), which Chromium 64 and Safari 12 lack: write it otherwise, or add it to src/prelude.js`);
      }
      const built = Object.keys(bundle).filter((name) => name.startsWith("app/") && /\.(js|css)$/.test(name));
      const icons = readdirSync("public").filter((name) => /\.(png|svg|webmanifest)$/.test(name));
      const files = [...built, preludeName, ...icons].sort().map((name) => `/${name}`);
      // The version is the content: hashed names, the icons' bytes, the worker itself. Any change of the app is a new worker.
      const worker = await classic("src/sw/worker.js");
      const version = digest(files.join("\n"), worker, ...icons.map((name) => readFileSync(`public/${name}`))).slice(0, 12);
      this.emitFile({ type: "asset", fileName: "sw.js", source: `self.SHELL = ${JSON.stringify({ version, files })};\n${worker}` });
      this.emitFile({ type: "asset", fileName: "sw-off.js", source: await classic("src/sw/off.js") });
    },
  };
}

/** Modules that the entry reaches without a lazy import. */
const reached = new Set<string>();
function neededFirst(context: { getModuleInfo(id: string): { importedIds: readonly string[] } | null }): ReadonlySet<string> {
  if (reached.size > 0) return reached;
  const walk = (id: string) => {
    if (reached.has(id)) return;
    reached.add(id);
    context.getModuleInfo(id)?.importedIds.forEach(walk);
  };
  walk(fileURLToPath(new URL("src/main.tsx", import.meta.url)));
  return reached;
}

/**
 * Vite's loader of lazy chunks also loads their styles and preloads their imports: 0.6 kB for what no chunk here has. The build fails
 * where one gets a style of its own.
 */
function plainImports(): Plugin {
  return {
    name: "plain-imports",
    apply: "build",
    enforce: "pre",
    load: (id) => (id.endsWith("vite/preload-helper.js") ? { code: "export const __vitePreload = (load) => load();", map: null } : null),
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk" && !chunk.isEntry && (chunk.viteMetadata?.importedCss.size ?? 0) > 0) this.error(`${chunk.fileName} has a style of its own: import it in main.tsx`);
      }
    },
  };
}

function digest(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

export default defineConfig({
  base: "/",
  build: {
    target: TARGET,
    outDir: "dist",
    assetsDir: "app",
    manifest: true,
    // 0.5 kB less than the built-in one, brotli. Reading a signal subscribes: getters are never taken for pure here.
    minify: "terser",
    terserOptions: { compress: { passes: 3, ecma: 2017, pure_getters: false }, mangle: { module: true }, format: { ecma: 2017 } },
    // The server names what the first load needs; a lazy screen is one chunk deep.
    modulePreload: false,
    cssCodeSplit: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: "src/main.tsx",
      output: {
        // What the first load needs is one file: two fewer requests, and one dictionary for the compressor.
        codeSplitting: { groups: [{ name: (id, context) => (neededFirst(context).has(id) ? "first" : null) }] },
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "/w": { target: "http://127.0.0.1:8000", ws: true } } },
  plugins: [slimDefinitions(), restApart(), plainImports(), shell()],
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    environment: "node",
    testTimeout: 10_000,
  },
});
