/**
 * Telephone numbers in words, and as the public sees them. Apart from definition.ts: the first screen asks for neither.
 * Pure, over client/src/schema. Imported by the forms and the panel.
 */
import type { Path, SheetId } from "../core/api";
import { mask } from "../schema/fields";
import { readPhones } from "../schema/phones";
import { fieldOf } from "./definition";

/** The whole numbers in a text, in the form a telephone dials; hidden ones are none. */
export function phonesOf(text: string): string[] {
  return readPhones(text).numbers.filter((one) => !one.includes("*"));
}

/** A number as the public sees it in this field. */
export function maskedForm(sheet: SheetId, path: Path, text: string): string {
  const field = fieldOf(sheet, path);
  return field ? mask(text, field) : "";
}
