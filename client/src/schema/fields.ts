/**
 * Field kinds: what may arrive, what the public sees of it. Twin of `schema/fields/`; what is shown is in showing.ts and the half that
 * reads people's words in reading.ts, so that a page that only shows rows loads neither.
 * Pure. Imported by every screen. Rules FK4, FK18, FK20 of docs/spec/fields.md.
 */
import type { Path, Value } from "../core/api";
import { isMoment } from "./moments";
import { maskPhones, readPhones } from "./phones";
import { optionOf, type Field, type Part } from "./sheets";
import { OTHER } from "./showing";
import { maskName } from "./texts";

export { OTHER, show } from "./showing";
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

/** What the public sees of a private value; "" where it sees nothing. Never the value itself. */
export function mask(value: Value, field: Field): string {
  if (field.mask === "phone" && text(value) && value) return maskPhones(value);
  if (field.mask === "name" && text(value) && value) return maskName(value);
  if (field.mask === "blur" && Array.isArray(value) && value.length > 1) return `≈${Number(value[0]).toFixed(2)},${Number(value[1]).toFixed(2)}`;
  return "";
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
