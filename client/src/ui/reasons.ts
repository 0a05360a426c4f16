/**
 * Why a change waits or was not taken, in words: the judge's codes, and what a decider wrote.
 * Pure. Imported by lazy screens.
 */
import { t, word } from "./words";

/** `declined: words` is what the core keeps of a declined suggestion (core/own.ts). */
export function reasonWords(reason: string): string {
  if (reason.startsWith("declined")) return t("declinedWhy", { why: reason.slice("declined: ".length) || "—" });
  const code = reason.startsWith("vandalism-") ? "vandalism" : reason.replace(/-/g, "_");
  return word(`reason_${code}`, reason);
}
