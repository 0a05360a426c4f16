/**
 * What writing asks of a sheet's definition. The definitions are client/src/schema's; this file only answers from them.
 * Pure. Imported by pen.ts.
 */
import type { Path, SheetId, Value } from "./api";
import type { Rules } from "./writing";

/** As much of a sheet as writing needs. */
export interface SheetLike {
  readonly axis: string;
  readonly fields: Readonly<Record<string, FieldLike>>;
  /** class → act → one token a column. */
  readonly rights: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** class → code → tokens that go before the act's. */
  readonly values: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
export interface FieldLike {
  readonly tier: "public" | "private";
  readonly kind: string;
  readonly rights: string;
  readonly default?: string | undefined;
  readonly options?: readonly { readonly code: string }[] | undefined;
}

export interface SheetRules extends Rules {
  /** The field whose value says that a row is over, and the code that says it is open again. */
  axis(sheet: SheetId): { field: Path; open: string };
}

/** The columns of a rights table; an owner reads as a steward. Twin of `COLUMNS` in schema/sheets.py. */
const COLUMNS = ["visitor", "holder", "volunteer", "verifier", "team", "matcher", "steward"];

export function rulesOf(sheets: Readonly<Record<SheetId, SheetLike>>, mask: (text: string) => string): SheetRules {
  const fieldOf = (sheet: SheetId, path: Path): FieldLike | undefined => sheets[sheet]?.fields[path.split(":")[0]!];
  return {
    tier: (sheet, path) => fieldOf(sheet, path)?.tier,
    // Of what `are_words` in moderation/judge.py names; numbers in a free `other` are masked by the server.
    isWords(sheet, path) {
      const field = fieldOf(sheet, path);
      return field?.tier === "public" && (field.kind === "text" || field.kind === "log");
    },
    mask,
    mayAdd(sheet, path, value, role) {
      const field = fieldOf(sheet, path);
      if (!field) return true; // Writing refuses it by name.
      const tokens = tokensOf(sheets[sheet]!, field, value);
      // Whoever adds a row holds its link: the holder's column speaks for them too.
      return [role === "owner" ? "steward" : role, "holder"].some((name) => /^(y|open|careful)$/.test(tokens?.[COLUMNS.indexOf(name)] ?? ""));
    },
    axis(sheet) {
      const field = sheets[sheet]?.axis ?? "outcome";
      const axis = sheets[sheet]?.fields[field];
      return { field, open: axis?.default || axis?.options?.[0]?.code || "open" };
    },
  };
}

function tokensOf(sheet: SheetLike, field: FieldLike, value: Value): readonly string[] | undefined {
  const byValue = sheet.values[field.rights];
  return (typeof value === "string" ? byValue?.[value] : undefined) ?? sheet.rights[field.rights]?.["add"];
}
