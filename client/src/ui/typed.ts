/**
 * What was typed into an input, as a value of its field; with a reason, in words, where it cannot be read.
 * Pure, over client/src/schema/reading.ts; imported by the grid and the editors, not by the first paint.
 */
import type { Value } from "../core/api";
import { parse } from "../schema/reading";
import type { Field } from "./definition";
import { t } from "./words";

export interface Typed { readonly value?: Value; readonly why?: string }

export function readText(field: Field, text: string): Typed {
  const plain = text.trim();
  if (plain === "") return { value: null };
  const { writes, doubts } = parse(plain, field);
  const value = writes[""];
  // Words that were understood only in part are not cut down behind the writer's back: a number with words around it is not a number.
  if (field.kind === "enum" && typeof value === "string" && value.startsWith("other:") && field.danger?.length) return { why: t("wantOption") };
  if (value !== undefined && !(field.kind === "int" && doubts.some((doubt) => doubt.code === "words-left"))) return { value };
  if (field.kind === "phone" || field.kind === "url" || field.kind === "text") return { value: plain };
  return { why: whyNot(field) };
}

function whyNot(field: Field): string {
  if (field.kind === "int") {
    const { min, max } = field;
    return [t("wantNumber"), min !== undefined && max !== undefined && max < 1_000_000 ? t("wantRange", { min, max }) : ""].filter(Boolean).join(" ");
  }
  if (field.kind === "bool") return t("wantYesNo");
  return t("wantOption");
}
