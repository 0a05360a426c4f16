// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { en } from "./i18n/en";
import { rest } from "./i18n/rest";
import { zh } from "./i18n/zh";
import { ago, clock, fetchWords, speak, t } from "./words";

afterEach(() => speak("zh"));
const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("English says everything that Chinese says, with the same holes to fill", () => {
  const chinese: Record<string, string> = { ...zh, ...rest };
  expect(Object.keys(en).sort()).toEqual(Object.keys(chinese).sort());
  for (const [key, text] of Object.entries(en)) {
    expect(text, key).not.toBe("");
    expect(holes(text), key).toBe(holes(chinese[key]!));
  }
});

test("no word is in both halves of the dictionary", () => {
  expect(Object.keys(zh).filter((key) => key in rest)).toEqual([]);
});

test("what the first screen says is in the half that comes with it", () => {
  const seen = new Set<string>();
  const said = new Set<string>();
  const walk = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(resolve(import.meta.dirname, file), "utf8");
    for (const [, key] of text.matchAll(/\bt\("(\w+)"/g)) said.add(key!);
    // Static imports of values; lazy parts bring the other half.
    for (const [, name] of text.matchAll(/^import (?!type)[^;]*? from "\.\/([\w]+)";/gm)) {
      const file = ["tsx", "ts"].map((end) => `${name}.${end}`).find((one) => { try { readFileSync(resolve(import.meta.dirname, one)); return true; } catch { return false; } });
      if (file) walk(file);
    }
  };
  walk("mount.tsx");
  expect(seen.size).toBeGreaterThan(15);
  expect([...said].filter((key) => !(key in zh))).toEqual([]);
});

test("the language of the page follows", async () => {
  await fetchWords();
  expect(t("waitingN", { n: 3 })).toBe("3 行待救援");
  await speak("en");
  expect(t("waitingN", { n: 3 })).toBe("3 waiting");
  expect(document.documentElement.lang).toBe("en");
});

test("times are told in 24 hours, with the day where it is not today", () => {
  const now = new Date(2021, 6, 21, 9, 0).getTime();
  expect(clock(new Date(2021, 6, 21, 8, 5).getTime(), now)).toBe("08:05");
  expect(clock(new Date(2021, 6, 20, 14, 3).getTime(), now)).toBe("07-20 14:03");
  expect(ago(now - 3 * 60_000, now)).toBe("3 分钟前");
  expect(ago(now - 26 * 3_600_000, now)).toBe("26 小时前");
});
