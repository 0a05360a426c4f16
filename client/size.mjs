/** Prints what the built client weighs and fails above the budget: first-load scripts at most 45 kB, styles 8 kB, brotli. Run after a build. */
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const SCRIPT_BUDGET = 45 * 1024;
const STYLE_BUDGET = 8 * 1024;

const packed = (name) =>
  brotliCompressSync(readFileSync(new URL(`dist/${name}`, import.meta.url)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const manifest = JSON.parse(readFileSync(new URL("dist/.vite/manifest.json", import.meta.url), "utf8"));
const first = new Set();
const styles = new Set();
const walk = (name) => {
  const item = manifest[name];
  if (!item || first.has(item.file)) return;
  first.add(item.file);
  for (const style of item.css ?? []) styles.add(style);
  for (const other of item.imports ?? []) walk(other);
};
for (const [name, item] of Object.entries(manifest)) if (item.isEntry) walk(name);
for (const name of readdirSync(new URL("dist/app", import.meta.url))) if (name.startsWith("prelude-")) first.add(`app/${name}`);

const later = new Set(Object.values(manifest).map((item) => item.file).filter((file) => file.endsWith(".js") && !first.has(file)));
const sum = (names) => Array.from(names).reduce((all, name) => all + packed(name), 0);
const print = (title, names) => {
  console.log(`${title}: ${sum(names)} B`);
  for (const name of names) console.log(`  ${String(packed(name)).padStart(7)} ${name}`);
};
print("first load, scripts", first);
print("first load, styles", styles);
print("later", later);
console.log(`  ${String(packed("sw.js")).padStart(7)} sw.js`);
const over = [[sum(first), SCRIPT_BUDGET, "scripts"], [sum(styles), STYLE_BUDGET, "styles"]].filter(([size, budget]) => size > budget);
for (const [size, budget, what] of over) console.error(`over budget: ${what} of the first load are ${size} B, at most ${budget}`);
process.exit(over.length > 0 ? 1 : 0);
