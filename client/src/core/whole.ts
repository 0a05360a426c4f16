/**
 * Puts back what the build took out of the definitions (apart.ts): words of the first ones, the others whole. One lazy chunk.
 * Changes the definitions in place. Imported by rest.ts, lazily.
 */
import civil_team from "../../../schema/sheets/civil_team.json?rest";
import consult from "../../../schema/sheets/consult.json?rest";
import hazard from "../../../schema/sheets/hazard.json?rest";
import helpFirst from "../../../schema/sheets/help.json";
import help from "../../../schema/sheets/help.json?rest";
import notice from "../../../schema/sheets/notice.json?rest";
import official_team from "../../../schema/sheets/official_team.json?rest";
import sharedFirst from "../../../schema/sheets/shared.json";
import shared from "../../../schema/sheets/shared.json?rest";
import shelter from "../../../schema/sheets/shelter.json?rest";
import supply from "../../../schema/sheets/supply.json?rest";
import { SHEETS } from "../schema/definitions";
import { readSheet, type SheetFile } from "../schema/sheets";

export interface Words {
  readonly id?: string;
  readonly code?: string;
  readonly [key: string]: unknown;
}

export function makeWhole(): void {
  putBack(sharedFirst, shared as Words);
  putBack(helpFirst, help as Words);
  Object.assign(SHEETS["help"]!, { meaning: help.meaning });
  for (const file of [official_team, civil_team, hazard, consult, supply, shelter, notice]) {
    // A whole sheet takes the place of its head: a new `fields` object, by which the screens know that theirs are old.
    Object.assign(SHEETS[file.id]!, readSheet(file as unknown as SheetFile, sharedFirst));
  }
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
