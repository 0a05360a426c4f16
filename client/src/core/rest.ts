/**
 * Puts back what the build took out of the definitions (apart.ts): until then a screen shows the help sheet and Chinese labels, and the
 * other sheets' names. I/O: one lazy chunk. Imported by main.tsx and app.ts's rules.
 */
import { signal } from "@preact/signals";
import help from "../../../schema/sheets/help.json";
import shared from "../../../schema/sheets/shared.json";
import { SHEETS } from "../schema/definitions";
import { readSheet, type SheetFile } from "../schema/sheets";

/** Becomes true when the definitions are whole; a screen that reads it is drawn again. */
export const definitionsWhole = signal(false);

let loading: Promise<void> | null = null;

/** Whole definitions. Rejects where the chunk cannot be had; the next one who asks tries again. */
export function loadRest(): Promise<void> {
  loading ??= import("./restwords").then(
    (rest) => {
      putBack(shared, rest.shared as Words);
      putBack(help, rest.help as Words);
      Object.assign(SHEETS["help"]!, { meaning: rest.help.meaning });
      // Whole sheets take the place of their heads: a new `fields` object, by which the screens know that theirs are old.
      for (const file of rest.sheets) Object.assign(SHEETS[file.id]!, readSheet(file as unknown as SheetFile, shared));
      definitionsWhole.value = true;
    },
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

export interface Words {
  readonly id?: string;
  readonly code?: string;
  readonly [key: string]: unknown;
}

/** Lays words over what they belong to, lists by their ids or codes. */
export function putBack(target: unknown, words: Words): void {
  const into = target as Record<string, unknown>;
  for (const key of Object.keys(words)) {
    const value = words[key];
    const old = into[key];
    if (key === "meaning" || key === "aliases") into[key] ??= value;
    else if (Array.isArray(value)) {
      if (!Array.isArray(old)) continue;
      for (const item of value as (Words | null)[]) {
        const whose = (old as Words[]).find((one) => item !== null && (item.code !== undefined ? one.code === item.code : one.id === item.id));
        if (whose) putBack(whose, item!);
      }
    } else if (value !== null && typeof value === "object" && old) {
      Object.assign(old, value);
    }
  }
}
