/**
 * A value as a person reads it: the one half of a field's kind that a first screen needs. Twin of `show` in `schema/fields/`.
 * Pure. Imported by the screens and fields.ts.
 */
import type { Path, Value } from "../core/api";
import { showMoment } from "./moments";
import { optionOf, type Field, type Lang, type Part } from "./sheets";

export const OTHER = "other:";

const text = (value: Value): value is string => typeof value === "string";

/** A value as a person reads it; "" for a cell that is blank. */
export function show(path: Path, value: Value, field: Field, lang: Lang): string {
  if (value === null) return "";
  if (field.kind === "enum") return labelIn(field, String(value), lang);
  if (field.kind === "multi") {
    const option = optionOf(field, path.slice(path.indexOf(":") + 1));
    return text(value) ? value : value === true && option ? option.label[lang] : "";
  }
  if (field.kind === "bool") return value === true ? (lang === "zh" ? "是" : "yes") : lang === "zh" ? "否" : "no";
  if (field.kind === "time") return showMoment(String(value));
  if (field.kind === "int") {
    const ascii = /^[\u0000-\u007f]+$/.test(field.unit || "x");
    return !field.unit || (lang !== "zh" && !ascii) ? String(value) : `${value}${ascii ? " " : ""}${field.unit}`;
  }
  if (!Array.isArray(value) || !field.entry) return String(value);
  const parts = value as readonly string[];
  if (field.kind === "geo") {
    if (parts.length < 3) return parts.join(",");
    const datum = parts[2] === "unknown" ? undefined : optionOf(field.entry[2]!, parts[2]!);
    return `${parts[0]}, ${parts[1]}${datum ? ` (${datum.label[lang]})` : ""}`;
  }
  return field.entry
    .map((part, i) => (parts[i] ? showPart(part, parts[i]!, lang) : ""))
    .filter(Boolean)
    .join(" · ");
}

function labelIn(from: Field | Part, code: string, lang: Lang): string {
  const option = optionOf(from, code);
  return option ? option.label[lang] : code.slice(0, 6) === OTHER ? code.slice(6) : code;
}

function showPart(part: Part, value: string, lang: Lang): string {
  return part.kind === "time" ? showMoment(value) : labelIn(part, value, lang);
}
