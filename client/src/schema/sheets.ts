/**
 * What a sheet is: its fields, options and rights. Twin of `schema/sheets.py`, which checks the same JSON whole before it ships.
 * Pure. Imported by every screen; the definitions themselves are in definitions.ts, so that a page may load them as it likes.
 */
export type Lang = "zh" | "en";
export type Words = { readonly zh: string; readonly en: string };

export interface Option {
  readonly code: string;
  readonly label: Words;
  readonly meaning?: Words;
  readonly tone?: string;
  readonly aliases?: readonly string[];
}

/** One element of a record in a cell (geo, contact log, claim); it travels as a string. */
export interface Part {
  readonly id: string;
  readonly kind: string;
  readonly label: Words;
  readonly options?: readonly Option[];
  readonly min?: number;
  readonly max?: number;
}

export interface Field {
  readonly id: string;
  readonly kind: string;
  readonly tier: "public" | "private";
  readonly group: string;
  /** The class of the sheet's rights. */
  readonly rights: string;
  readonly label: Words;
  readonly meaning?: Words;
  readonly star?: boolean;
  readonly free_text?: boolean;
  readonly derived?: boolean;
  readonly mask?: string;
  readonly unit?: string;
  readonly default?: string;
  readonly min?: number;
  readonly max?: number;
  readonly options?: readonly Option[];
  readonly entry?: readonly Part[];
  /** Codes, most dangerous first. */
  readonly danger?: readonly string[];
}

type Table<T> = { readonly [key: string]: T };

export interface Sheet {
  readonly id: string;
  readonly version: number;
  readonly label: Words;
  readonly meaning: Words;
  /** The field whose codes say whether a row is over. */
  readonly axis: string;
  readonly over: readonly string[];
  readonly title: readonly string[];
  readonly columns: readonly string[];
  readonly card: readonly string[];
  readonly form: readonly string[];
  readonly contact: string | null;
  readonly place: readonly string[];
  /** Urgency → minutes; `normal` where the sheet has no urgency. */
  readonly recheck: Table<number>;
  readonly fields: Table<Field>;
  /** class → act → one token per column. */
  readonly rights: Table<Table<readonly string[]>>;
  /** class → code → tokens that go before the act's. */
  readonly values: Table<Table<readonly string[]>>;
}

/** `schema/sheets/shared.json` and `schema/sheets/<id>.json` as they are. */
export interface SharedFile {
  readonly rights: object;
  readonly statuses: readonly Option[];
  readonly fields: readonly unknown[];
}
export interface SheetFile {
  readonly id: string;
  readonly include: readonly string[];
  readonly rights: object;
  readonly fields: readonly unknown[];
}

/** A definition with the shared fields and rights folded in. */
export function readSheet(file: SheetFile, shared: SharedFile): Sheet {
  const common: Record<string, Field> = {};
  for (const field of shared.fields as Field[]) common[field.id] = field;
  const fields: Record<string, Field> = {};
  for (const field of file.fields as Field[]) fields[field.id] = field;
  for (const name of file.include) fields[name] = common[name]!;
  const rights: Record<string, Record<string, string[]>> = {};
  const values: Record<string, Record<string, string[]>> = {};
  for (const source of [shared.rights, file.rights] as Table<Table<string | Table<string>>>[]) {
    for (const name of Object.keys(source)) {
      rights[name] = {};
      values[name] = {};
      for (const act of Object.keys(source[name]!)) {
        const row = source[name]![act]!;
        if (typeof row === "string") rights[name][act] = row.split(" ");
        else for (const code of Object.keys(row)) values[name][code] = row[code]!.split(" ");
      }
    }
  }
  return { ...(file as unknown as Sheet), fields, rights, values };
}

/** The field a path belongs to (`needs` for `needs:boat`), or undefined. */
export function fieldOf(sheet: Sheet, path: string): Field | undefined {
  const name = path.split(":")[0]!;
  return Object.prototype.hasOwnProperty.call(sheet.fields, name) ? sheet.fields[name] : undefined;
}

export function optionOf(from: { readonly options?: readonly Option[] }, code: string): Option | undefined {
  return (from.options || []).find((option) => option.code === code);
}

/** Ids of the fields that are written in a tier; free text is written in both. */
export function pathsOfTier(sheet: Sheet, tier: "public" | "private"): string[] {
  return Object.keys(sheet.fields).filter((name) => {
    const field = sheet.fields[name]!;
    return !field.derived && (field.tier === tier || (!!field.free_text && tier === "private"));
  });
}
