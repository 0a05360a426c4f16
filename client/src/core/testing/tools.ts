/**
 * What a test gives the core in place of main.tsx: the definitions, whole, and the pen at once.
 * Test support only.
 */
import type { Tools } from "../app";
import { penOf } from "../pen";
import { rulesOf, type SheetLike } from "../rules";

export function toolsOf(sheets: Readonly<Record<string, SheetLike>>, mask: (text: string) => string): Pick<Tools, "sheets" | "tier" | "pen"> {
  const rules = rulesOf(sheets, mask);
  return { sheets: Object.keys(sheets), tier: rules.tier, pen: () => Promise.resolve(penOf(rules)) };
}
