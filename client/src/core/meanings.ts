/**
 * Puts the meanings and synonyms of the definitions back where the build took them out (apart.ts). Until then a screen shows labels alone.
 * I/O: one lazy chunk. Imported by main.tsx, and by screens that show meanings.
 */
import { signal } from "@preact/signals";
import { SHEETS, STATUSES } from "../schema/definitions";

/** Becomes true when the meanings are there; a screen that reads it is drawn again. */
export const meaningsKnown = signal(false);

let loading: Promise<void> | null = null;

export function loadMeanings(): Promise<void> {
  loading ??= import("./words").then(
    ({ shared, sheets }) => {
      const whole = { fields: shared.fields, statuses: shared.statuses } as Words;
      for (const words of sheets as Words[]) {
        const sheet = SHEETS[words.id!];
        if (!sheet) continue;
        if (words.meaning !== undefined) Object.assign(sheet, { meaning: words.meaning });
        for (const field of [...(words.fields ?? []), ...(whole.fields ?? [])]) if (sheet.fields[field.id!]) putBack(sheet.fields[field.id!]!, field);
      }
      for (const status of whole.statuses ?? []) putBack(STATUSES.find((one) => one.code === status.code), status);
      meaningsKnown.value = true;
    },
    () => {
      loading = null; // No network for a chunk that is not kept yet: the next one who asks tries again.
    },
  );
  return loading;
}

export interface Words {
  readonly id?: string;
  readonly code?: string;
  readonly meaning?: unknown;
  readonly aliases?: unknown;
  readonly [list: string]: unknown;
  readonly fields?: readonly Words[];
  readonly statuses?: readonly Words[];
}

/** Lays words over what they belong to, lists by their ids or codes. */
export function putBack(target: object | undefined, words: Words): void {
  if (!target) return;
  for (const key of Object.keys(words)) {
    const value = words[key];
    const into = (target as Record<string, unknown>)[key];
    if (key === "meaning" || key === "aliases") (target as Record<string, unknown>)[key] ??= value;
    else if (Array.isArray(value) && Array.isArray(into)) {
      for (const item of value as Words[]) {
        if (typeof item !== "object") continue;
        putBack((into as Words[]).find((one) => (item.code !== undefined ? one.code === item.code : one.id === item.id)), item);
      }
    }
  }
}
