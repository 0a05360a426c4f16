/**
 * Says things to people: the interface's words in the chosen language, times and ages as people say them.
 * Holds one signal (the language) and no other state; any component may import it.
 */
import { signal } from "@preact/signals";
import { definitionsWhole } from "../core/rest";
import type { WordKey, Words } from "./i18n/rest";
import { zh } from "./i18n/zh";

export type Language = "zh" | "en";
export interface Label { zh: string; en: string }

export const language = signal<Language>("zh");
let chinese: Partial<Words> = zh;
const words = signal<Partial<Words>>(zh);

/** Fetches the words of all screens but the first; a screen that is drawn without them would be mute. */
export async function fetchWords(): Promise<void> {
  const { rest } = await import("./i18n/rest");
  chinese = { ...zh, ...rest };
  if (language.peek() === "zh") words.value = chinese;
}

/** Changes the language of every word on the page; what people wrote is never translated. */
export async function speak(next: Language): Promise<void> {
  // English comes as a chunk of its own: most first loads are Chinese and slow.
  words.value = next === "en" ? (await import("./i18n/en")).en : chinese;
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
}

export function t(key: WordKey, params?: Record<string, string | number>): string {
  const text = words.value[key] ?? "";
  return params ? text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole)) : text;
}

/** A word by a key made at run time, and the fallback where there is none. */
export function word(key: string, fallback: string): string {
  return (words.value as Record<string, string>)[key] ?? fallback;
}

export function say(label: Label | undefined, fallback = ""): string {
  // English labels come with the rest of the definitions: who said one in Chinese meanwhile is drawn again.
  void definitionsWhole.value;
  return label ? label[language.value] || label.zh : fallback;
}

const two = (n: number) => (n < 10 ? `0${n}` : String(n));

/** "14:03" today, "07-20 14:03" before; always 24 hours, always the phone's own zone. */
export function clock(ms: number, now = Date.now()): string {
  if (!Number.isFinite(ms) || ms <= 0) return t("unknownTime");
  const at = new Date(ms);
  const hm = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const today = new Date(now);
  if (at.toDateString() === today.toDateString()) return hm;
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return at.getFullYear() === today.getFullYear() ? `${day} ${hm}` : `${at.getFullYear()}-${day} ${hm}`;
}

export function ago(ms: number, now = Date.now()): string {
  const minutes = Math.floor((now - ms) / 60_000);
  if (!Number.isFinite(minutes)) return t("unknownTime");
  if (minutes < 1) return t("agoNow");
  if (minutes < 60) return t("agoMin", { n: minutes });
  if (minutes < 48 * 60) return t("agoHour", { n: Math.floor(minutes / 60) });
  return t("agoDay", { n: Math.floor(minutes / 1440) });
}

export function span(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return t("ageMin", { n: minutes });
  if (minutes < 48 * 60) return t("ageHour", { n: Math.floor(minutes / 60) });
  return t("ageDay", { n: Math.floor(minutes / 1440) });
}
