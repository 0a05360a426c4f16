/**
 * What two rows have to do with each other: one of five kinds, how sure, and by what. Twin of `moderation/duplicates/score.py`.
 * Pure. Rules DU8–DU14 of docs/spec/duplicates.md.
 */
import type { Print, Unit } from "./normal";

export type Kind = "same_request" | "same_contact" | "same_building" | "borrowed_template" | "mistyped_phone";
export type Band = "strong" | "likely" | "weak";

export interface Finding {
  readonly kind: Kind;
  /** How sure the kind is, 0 to 1. */
  readonly score: number;
  readonly why: readonly string[];
}

const STRONG = 0.9;
export const LIKELY = 0.3;
const PLACE_AGREES = 0.5;
const PLACE_DIFFERS = 0.35;
const COPIED = 0.9;
const COPIED_WITH_PLACE = 0.8;
const ALIKE = 0.8;
const RETOLD = 0.6;
const MIN_COPIED_CHARS = 24;
const FLOOR_GRAMS = 6;
const NEAR_M = 150;
const FAR_M = 3000;
const RANKS: { readonly [kind in Kind]: number } = { same_request: 1, mistyped_phone: 0.98, same_contact: 0.6, borrowed_template: 0.35, same_building: 0.3 };

export function bandOf(finding: Finding): Band {
  return finding.score >= STRONG ? "strong" : finding.score >= LIKELY ? "likely" : "weak";
}

/** What candidates are ordered by: the same case first, then the same telephone, then the rest. */
export function rankOf(finding: Finding): number {
  return RANKS[finding.kind] * finding.score;
}

/** Weights of pairs of signs, remembered while one row is compared with others. */
export class Weights {
  private readonly known = new Map<number, number>();
  private readonly sides: { [kind: string]: { of: readonly number[]; has: Set<number>; sum: number } } = {};

  constructor(private readonly weight: (gram: number) => number) {}

  forget(): void {
    this.known.clear();
    for (const kind of Object.keys(this.sides)) delete this.sides[kind];
  }

  /** How much of the lighter one's weight the two share, 0 to 1. */
  containment(one: readonly number[], other: readonly number[], kind: "words" | "place" = "words"): number {
    let side = this.sides[kind];
    if (!side || side.of !== one) side = this.sides[kind] = { of: one, has: new Set(one), sum: this.sum(one) };
    const shared = this.sum(other.filter((gram) => side.has.has(gram)));
    return shared / Math.max(Math.min(side.sum, this.sum(other)), FLOOR_GRAMS * this.of(0));
  }

  private sum(grams: readonly number[]): number {
    return grams.reduce((all, gram) => all + this.of(gram), 0);
  }

  private of(gram: number): number {
    let found = this.known.get(gram);
    if (found === undefined) this.known.set(gram, (found = this.weight(gram)));
    return found;
  }
}

type Same = "same" | "differs" | "";

interface Seen {
  readonly phone: "same" | "masked" | "near" | "differs" | "";
  readonly name: Same | "like";
  readonly district: Same;
  /** Containment of the places, -1 where one has none. */
  readonly place: number;
  readonly units: Same;
  readonly house: boolean;
  readonly spots: Same;
  readonly words: number;
  readonly text: number;
  readonly near: "near" | "far" | "";
  readonly agrees: boolean;
  readonly apart: boolean;
}

/** The finding about two rows; symmetric. */
export function score(one: Print, other: Print, weights: Weights): Finding {
  const seen = compare(one, other, weights);
  const why = reasons(seen);
  const known = seen.phone !== "";
  if (seen.phone === "near" && (seen.name === "same" || seen.text >= ALIKE || seen.place >= ALIKE) && !seen.apart) {
    const sure = 0.5 + 0.2 * Number(seen.name === "same") + 0.15 * Number(seen.agrees) + 0.15 * Number(seen.text >= ALIKE);
    return { kind: "mistyped_phone", score: Math.min(sure, 0.99), why };
  }
  if (seen.phone === "same" || seen.phone === "masked") return samePhone(seen, why);
  if (seen.text >= (seen.place >= 0 ? COPIED : COPIED_WITH_PLACE) && seen.apart && Math.min(one.text.length, other.text.length) >= MIN_COPIED_CHARS) {
    return { kind: "borrowed_template", score: seen.text, why };
  }
  if (seen.agrees && seen.units === "differs" && (known || seen.text < RETOLD)) return { kind: "same_building", score: known ? 0.9 : 0.7, why };
  const sure = logistic(seen);
  // Neighbours of one estate, each with a telephone of their own, say different things.
  const neighbours = seen.agrees && known && seen.name !== "same" && seen.text < ALIKE && sure < STRONG;
  if (neighbours && (sure < LIKELY || seen.text < 0.45)) return { kind: "same_building", score: 0.5, why };
  return { kind: "same_request", score: sure, why };
}

/** A number alone is no proof: a village head, a volunteer and a team stand in many rows. */
function samePhone(seen: Seen, why: readonly string[]): Finding {
  const whole = seen.phone === "same";
  const contact = (sure: number): Finding => ({ kind: "same_contact", score: sure, why });
  const request = (sure: number): Finding => ({ kind: "same_request", score: sure, why });
  if (seen.apart && seen.units !== "same") return contact(whole ? 0.95 : 0.5);
  if (seen.agrees) {
    if (seen.units === "differs") return contact(whole ? 0.9 : 0.5);
    const sure = (whole ? 0.96 : 0.9) - (seen.name === "differs" ? 0.1 : 0);
    return request(Math.min(0.99, sure + 0.03 * Number(seen.text >= ALIKE)));
  }
  if (seen.words >= 0.5 || seen.text >= 0.6) return request(whole ? 0.93 : 0.85);
  if (seen.apart) return contact(whole ? 0.9 : 0.45);
  // One of them says no place: the number and perhaps a name are all there is.
  if (whole) return request(seen.name === "same" ? 0.7 : 0.5);
  return contact(0.4);
}

/** Without a number in common: place, words and names, weighed. */
function logistic(seen: Seen): number {
  let z = -3.5 + 4.2 * seen.words + 2.2 * seen.text;
  if (seen.place >= 0) z += 2.0 * (seen.place - PLACE_AGREES);
  z -= 2.5 * Number(seen.house);
  z += { same: 0.8, differs: -1.5, "": 0 }[seen.units];
  z += { same: 1.2, differs: -1.4, "": 0 }[seen.spots];
  z += { same: 0.2, differs: -1.5, "": 0 }[seen.district];
  z += { same: 1.5, like: 0.2, differs: -0.8, "": 0 }[seen.name];
  z += { near: 0.7, far: -3.0, "": 0 }[seen.near];
  z += seen.phone === "differs" ? -1.2 : 0;
  return 1 / (1 + Math.exp(-z));
}

function compare(one: Print, other: Print, weights: Weights): Seen {
  const [mine, theirs] = [table(one.units), table(other.units)];
  const house = "号" in mine && "号" in theirs && mine["号"] !== theirs["号"];
  const place = one.where.length >= 3 && other.where.length >= 3 ? weights.containment(one.where, other.where, "place") : -1;
  const district = districts(one.district, other.district);
  const spots: Same = one.spots.length === 0 || other.spots.length === 0 ? "" : one.spots.some((spot) => other.spots.indexOf(spot) >= 0) ? "same" : "differs";
  const near = nearness(one, other);
  // 19号楼3单元 is in every estate: with another estate the places must be alike as a whole.
  const blocked = house || district === "differs" || near === "far" || (spots === "differs" && place < ALIKE);
  const agrees = !blocked && (place >= PLACE_AGREES || spots === "same" || (place < 0 && near === "near"));
  const apart = !agrees && (house || district === "differs" || near === "far" || (place >= 0 && place < PLACE_DIFFERS) || spots === "differs");
  return {
    phone: phones(one.phones, other.phones),
    name: names(one.names, other.names),
    district,
    place,
    units: unitsOf(mine, theirs),
    house,
    spots,
    words: weights.containment(one.grams, other.grams),
    text: likeness(one.text, other.text),
    near,
    agrees,
    apart,
  };
}

/** The longest common subsequence of two texts against their length. */
export function likeness(one: string, other: string): number {
  if (one.length < 4 || other.length < 4) return 0;
  return (2 * commonLength(one, other)) / (one.length + other.length);
}

const BITS = 30; // of a word: a sum of two words and a carry stays whole below 2^32

/** The length of the longest common subsequence, 30 signs at a step (Hyyrö's form of the bit-parallel algorithm). */
function commonLength(one: string, other: string): number {
  const words = Math.ceil(one.length / BITS);
  const full = 2 ** BITS - 1;
  const places = new Map<number, number[]>();
  for (let at = 0; at < one.length; at++) {
    const sign = one.charCodeAt(at);
    let mask = places.get(sign);
    if (!mask) places.set(sign, (mask = new Array<number>(words).fill(0)));
    mask[Math.floor(at / BITS)]! |= 1 << at % BITS;
  }
  const state = new Array<number>(words).fill(full);
  for (let at = 0; at < other.length; at++) {
    const mask = places.get(other.charCodeAt(at));
    if (!mask) continue;
    let carry = 0;
    for (let word = 0; word < words; word++) {
      const met = state[word]! & mask[word]!;
      const sum = state[word]! + met + carry;
      carry = sum > full ? 1 : 0;
      state[word] = (sum & full) | (state[word]! & ~met);
    }
  }
  let zeros = 0;
  for (let at = 0; at < one.length; at++) zeros += 1 - ((state[Math.floor(at / BITS)]! >>> at % BITS) & 1);
  return zeros;
}

const NEARNESS = ["same", "masked", "near", "differs"] as const;

function phones(one: readonly string[], other: readonly string[]): Seen["phone"] {
  if (one.length === 0 || other.length === 0) return "";
  let found = 3;
  for (const a of one) for (const b of other) found = Math.min(found, NEARNESS.indexOf(phoneRelation(a, b)));
  return NEARNESS[found]!;
}

/** `same`, `masked` (they may be the same), `near` (one digit apart), `differs`. */
export function phoneRelation(one: string, other: string): (typeof NEARNESS)[number] {
  if (one.indexOf("*") >= 0 || other.indexOf("*") >= 0) return ends(one) !== "" && ends(one) === ends(other) ? "masked" : "differs";
  if (one === other) return "same";
  if (one.length === 11 && other.length === 11 && Array.from(one).filter((digit, at) => digit !== other[at]).length === 1) return "near";
  return "differs";
}

/** First three and last four of a mobile number, "" where they are not known. */
export function ends(number: string): string {
  const at = number.indexOf("****");
  if (at < 0) return /^[0-9]{11}$/.test(number) ? number.slice(0, 3) + number.slice(-4) : "";
  const tail = number.slice(at + 4);
  return at >= 3 && tail.length === 4 ? number.slice(0, 3) + tail : "";
}

function names(one: readonly string[], other: readonly string[]): Seen["name"] {
  if (one.length === 0 || other.length === 0) return "";
  if (one.some((name) => name.length >= 2 && name.indexOf("*") < 0 && other.indexOf(name) >= 0)) return "same";
  const like = one.some((a) => other.some((b) => a[0] === b[0] && ((a + b).indexOf("*") >= 0 || a.length === 1 || b.length === 1)));
  return like ? "like" : "differs";
}

function districts(one: string, other: string): Same {
  if (!one || !other) return "";
  return one.indexOf(other) >= 0 || other.indexOf(one) >= 0 ? "same" : "differs";
}

/** Of building, entrance and flat: whether those both have are the same. */
function unitsOf(one: { [unit: string]: string }, other: { [unit: string]: string }): Same {
  const both = ["栋", "单元", "室", "组"].filter((unit) => unit in one && unit in other);
  if (both.length === 0) return "";
  return both.every((unit) => one[unit] === other[unit]) ? "same" : "differs";
}

function nearness(one: Print, other: Print): Seen["near"] {
  if (!one.point || !other.point || one.point[2] !== other.point[2]) return "";
  const north = (one.point[0] - other.point[0]) * 111_000;
  const east = (one.point[1] - other.point[1]) * 111_000 * Math.cos((one.point[0] * Math.PI) / 180);
  const metres = Math.sqrt(north * north + east * east);
  return metres <= NEAR_M ? "near" : metres >= FAR_M ? "far" : "";
}

function reasons(seen: Seen): string[] {
  const facts: [string, boolean][] = [
    ["phone", seen.phone === "same"],
    ["masked_phone", seen.phone === "masked"],
    ["near_phone", seen.phone === "near"],
    ["not_phone", seen.phone === "differs"],
    ["name", seen.name === "same"],
    ["not_name", seen.name === "differs"],
    ["place", seen.agrees],
    ["not_place", seen.apart],
    ["unit", seen.units === "same"],
    ["not_unit", seen.units === "differs"],
    ["text", seen.text >= ALIKE],
    ["words", seen.words >= PLACE_AGREES],
    ["near", seen.near === "near"],
    ["far", seen.near === "far"],
  ];
  return facts.filter(([, holds]) => holds).map(([code]) => code);
}

function table(units: readonly Unit[]): { [unit: string]: string } {
  const found: { [unit: string]: string } = {};
  for (const [unit, number] of units) found[unit] = number;
  return found;
}
