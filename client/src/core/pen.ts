/**
 * Everything that writing needs and reading does not, as one lazy chunk: it comes right behind the first screen (main.tsx), before any
 * form can be open.
 * Pure. Imported by main.tsx, lazily; app.ts knows its type.
 */
import { SHEETS } from "../schema/definitions";
import { maskText } from "../schema/texts";
import * as acts from "./acts";
import { rulesOf, type SheetRules } from "./rules";
import { undoing } from "./undoing";
import { actsOf, birth, draft } from "./writing";

export interface Pen extends SheetRules {
  readonly draft: typeof draft;
  readonly birth: typeof birth;
  readonly actsOf: typeof actsOf;
  readonly acts: typeof acts;
  readonly undoing: typeof undoing;
}

export function penOf(rules: SheetRules): Pen {
  return { ...rules, draft, birth, actsOf, acts, undoing };
}

export const pen: Pen = penOf(rulesOf(SHEETS, maskText));
