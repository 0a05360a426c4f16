/**
 * Field kinds: what may arrive, what is shown, what the public sees of it. Twin of `schema/fields/`; the half that reads
 * people's words is in reading.ts, so that a page that only shows rows does not load it.
 * Pure. Imported by every screen. Rules FK4, FK18, FK20 of docs/spec/fields.md.
 */
import type { Path, Value } from "../core/api";
import { isMoment, showMoment } from "./moments";
import { maskPhones, readPhones } from "./phones";
import { optionOf, type Field, type Lang, type Part } from "./sheets";
import { maskName } from "./texts";

export const OTHER = "other:";
export const MAX_OTHER_CHARS = 500;
const MAX_PHONE_CHARS = 200;
const MAX_NOTE_CHARS = 1000;
const MAX_LINK_CHARS = 2000;
const LINK = /^(?:https?:\/\/[^\s/?#]+[^\s]*|tel:\+?[0-9*#-]+)$/i;
const UNSEEN = /[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/;

/** What the judge demands of an arriving value: "" when it may arrive, else the code of what is wrong. */
export function validate(path: Path, value: Value, field: Field): string {
  const at = path.indexOf(":");
  const element = at < 0 ? "" : path.slice(at + 1);
  if (field.derived) return "derived";
  if ((element !== "") !== (field.kind === "multi" || field.kind === "log" || field.kind === "claim")) return "bad-element";
  return value === null ? "" : (CHECKS[field.kind] as Check)(value, field, element);
}

type Check = (value: Value, field: Field, element: string) => string;

const text = (value: Value): value is string => typeof value === "string";

const CHECKS: { readonly [kind: string]: Check } = {
  text: (value) => (text(value) ? "" : "wrong-type"),
  phone(value) {
    if (!text(value)) return "wrong-type";
    if (Array.from(value).length > MAX_PHONE_CHARS) return "too-long";
    return value && !readPhones(value).numbers.length ? "not-a-phone" : "";
  },
  int(value, field) {
    if (typeof value !== "number" || !Number.isInteger(value)) return "wrong-type";
    return within(value, field) ? "" : "out-of-range";
  },
  bool: (value) => (typeof value === "boolean" ? "" : "wrong-type"),
  enum(value, field) {
    if (!text(value)) return "wrong-type";
    if (value.slice(0, 6) === OTHER && optionOf(field, "other")) {
      const words = value.slice(6);
      return !words.trim() ? "empty-other" : Array.from(words).length > MAX_OTHER_CHARS ? "too-long" : "";
    }
    return value !== "other" && optionOf(field, value) ? "" : "unknown-option";
  },
  multi(value, field, element) {
    if (!optionOf(field, element)) return "unknown-option";
    if (element !== "other") return typeof value === "boolean" ? "" : "wrong-type";
    if (!text(value)) return value === false ? "" : "wrong-type";
    return Array.from(value).length > MAX_OTHER_CHARS ? "too-long" : "";
  },
  geo(value, field) {
    if (!Array.isArray(value) || value.length !== field.entry!.length) return "bad-record";
    const [lat, lon, datum, accuracy, by] = value as readonly string[];
    const number = /^-?[0-9]{1,3}(\.[0-9]{1,15})?$/;
    if (!number.test(lat!) || !number.test(lon!)) return "bad-position";
    if (Math.abs(Number(lat)) > 90 || Math.abs(Number(lon)) > 180) return "out-of-range";
    if (!optionOf(field.entry![2]!, datum!) || (by && !optionOf(field.entry![4]!, by))) return "unknown-option";
    return accuracy && !/^[0-9]{1,6}$/.test(accuracy) ? "bad-record" : "";
  },
  time: (value) => (!text(value) ? "wrong-type" : isMoment(value) ? "" : "bad-time"),
  url: (value) => (!text(value) ? "wrong-type" : !value || isLink(value) ? "" : "not-a-link"),
  ref(value) {
    if (!text(value)) return "wrong-type";
    return !value || /^(?:[a-z][a-z_]{0,39}\/)?[0-9A-Za-z]{16}$/.test(value) ? "" : "not-a-row";
  },
  log(value, field, element) {
    if (!/^[0-9A-Za-z]{8}$/.test(element)) return "bad-element";
    if (field.entry) return checkRecord(value, field.entry);
    if (!text(value)) return "wrong-type";
    return field.id === "photos" && value && !isLink(value) ? "not-a-link" : "";
  },
  claim(value, field, element) {
    if (!/^[0-9A-Za-z]{16}$/.test(element)) return "bad-element";
    return checkRecord(value, field.entry!) || ((value as readonly string[])[0] ? "" : "bad-record");
  },
};

/** Whether it may stand behind an href: http, https or tel, and no sign nobody sees. */
export function isLink(value: string): boolean {
  return value.length <= MAX_LINK_CHARS && LINK.test(value) && !UNSEEN.test(value);
}

export function within(value: number, field: { readonly min?: number; readonly max?: number }): boolean {
  return (
    value >= (field.min === undefined ? -(2 ** 53) : field.min) && value <= (field.max === undefined ? 2 ** 53 : field.max)
  );
}

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

/** What the public sees of a private value; "" where it sees nothing. Never the value itself. */
export function mask(value: Value, field: Field): string {
  if (field.mask === "phone" && text(value) && value) return maskPhones(value);
  if (field.mask === "name" && text(value) && value) return maskName(value);
  if (field.mask === "blur" && Array.isArray(value) && value.length > 1) return `≈${Number(value[0]).toFixed(2)},${Number(value[1]).toFixed(2)}`;
  return "";
}

function labelIn(from: Field | Part, code: string, lang: Lang): string {
  const option = optionOf(from, code);
  return option ? option.label[lang] : code.slice(0, 6) === OTHER ? code.slice(6) : code;
}

function showPart(part: Part, value: string, lang: Lang): string {
  return part.kind === "time" ? showMoment(value) : labelIn(part, value, lang);
}

function checkRecord(value: Value, entry: readonly Part[]): string {
  if (!Array.isArray(value) || value.length !== entry.length) return "bad-record";
  for (let i = 0; i < entry.length; i++) {
    const wrong = value[i] ? checkPart(value[i] as string, entry[i]!) : "";
    if (wrong) return wrong;
  }
  return "";
}

function checkPart(value: string, part: Part): string {
  if (part.kind === "enum") {
    const words = value.slice(0, 6) === OTHER && optionOf(part, "other") ? Array.from(value.slice(6)).length : 0;
    return (words > 0 && words <= MAX_OTHER_CHARS) || (value !== "other" && optionOf(part, value)) ? "" : "unknown-option";
  }
  if (part.kind === "time") return isMoment(value) ? "" : "bad-time";
  if (part.kind === "int") {
    return /^[0-9]{1,16}$/.test(value) && within(Number(value), { min: 0, ...part }) ? "" : "out-of-range";
  }
  return Array.from(value).length > MAX_NOTE_CHARS ? "too-long" : "";
}
