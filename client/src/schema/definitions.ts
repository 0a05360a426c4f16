/**
 * The definitions that ship, read once: the JSON of `schema/sheets/`, the only copy there is.
 * Pure. Imported by the screens; 21 kB as they are, 16 kB without the header words that only import needs (slim.ts).
 */
import civil_team from "../../../schema/sheets/civil_team.json";
import consult from "../../../schema/sheets/consult.json";
import hazard from "../../../schema/sheets/hazard.json";
import help from "../../../schema/sheets/help.json";
import notice from "../../../schema/sheets/notice.json";
import official_team from "../../../schema/sheets/official_team.json";
import shared from "../../../schema/sheets/shared.json";
import shelter from "../../../schema/sheets/shelter.json";
import supply from "../../../schema/sheets/supply.json";
import { optionOf, readSheet, type Option, type Sheet } from "./sheets";

export const SHEETS: { readonly [id: string]: Sheet } = Object.fromEntries(
  [help, official_team, civil_team, hazard, consult, supply, shelter, notice].map((file) => [file.id, readSheet(file, shared)]),
);
export const STATUSES: readonly Option[] = shared.statuses;
export const STATUS_CODES: readonly string[] = STATUSES.map((status) => status.code);

/** What people call a status: the option of the sheet's own axis, or a status of shared.json. */
export function labelOf(code: string, sheet: Sheet): Option | undefined {
  return optionOf(sheet.fields[sheet.axis]!, code) || STATUSES.find((status) => status.code === code);
}
