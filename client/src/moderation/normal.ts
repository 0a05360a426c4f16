/**
 * What of a row is compared with other rows: its print. Twin of `moderation/duplicates/normal.py` (schema/vectors/duplicates.json).
 * Pure. Imported by the lazy duplicates chunk only. Rules DU1–DU4 of docs/spec/duplicates.md. No lookbehind: Chromium 64.
 */
import type { Path, Value } from "../core/api";
import { maskPhones, readPhones } from "../schema/phones";
import { fieldOf, type Sheet } from "../schema/sheets";

export type Values = Readonly<Record<Path, readonly Value[]>>;

/** A row, reduced to what is compared. */
export interface Print {
  readonly sheet: string;
  readonly row: string;
  readonly phones: readonly string[];
  readonly names: readonly string[];
  readonly district: string;
  readonly place: string;
  /** Numbers of the address by what they count, sorted. */
  readonly units: readonly Unit[];
  readonly publicUnits: readonly Unit[];
  /** Estates, villages, hospitals: the last two signs of the name and what it is. */
  readonly spots: readonly string[];
  readonly text: string;
  /** Pairs of signs of place and words, sorted. */
  readonly grams: readonly number[];
  readonly where: readonly number[];
  /** Latitude, longitude, datum. */
  readonly point: readonly [number, number, string] | null;
}

export type Unit = readonly [unit: string, number: string];

const MAX_TEXT_CHARS = 600;
const MAX_PHONES = 6;
const NAMES = ["person_name", "receiver_name", "leader_name", "doctor_name"];
const TEXTS = ["title", "name", "item", "hospital", "summary", "body", "directions", "extent_note"];
const POINTS = ["geo", "geo_exact", "base"];
const DATUMS = ["wgs84", "gcj02", "bd09", "unknown"];

/** The print of a row from its cells: every live value of each, of the tiers one may see. */
export function printOf(sheet: Sheet, values: Values, row = ""): Print {
  const phones: string[] = [];
  for (const path of Object.keys(values)) {
    if (fieldOf(sheet, path)?.kind === "phone") for (const value of texts(values[path])) phones.push(...readPhones(value).numbers);
  }
  const words = flat(TEXTS.map((name) => texts(values[name]))).join(" ");
  phones.push(...numbersIn(words));
  const names = flat(NAMES.map((field) => flat(texts(values[field]).map(namesIn))));
  const exact = texts(values["place_exact"]).join("");
  const [place, chained] = splitChain(fold(flat(sheet.place.map((name) => texts(values[name]))).join("")));
  let district = stem(fold(texts(values["district"]).join(""))) || chained;
  const spaced = clauses(words);
  const text = spaced.replace(/ /g, "").slice(0, MAX_TEXT_CHARS);
  // A post that names its place only in its words: there 20号 is a day unless it stands behind a street, and the district behind a city.
  const around = place || spaced.replace(DAY, "$1$2");
  if (!place && !district) {
    const match = all(DISTRICT_IN_WORDS, spaced).filter((one) => !VAGUE.test(one[1]!) && NOT_DISTRICTS.indexOf(one[1]!.slice(-1)) < 0)[0];
    district = match ? stem(match[1]! + match[2]!) : "";
  }
  return {
    sheet: sheet.id,
    row,
    phones: distinct(phones).slice(0, MAX_PHONES),
    names: distinct(names),
    district,
    place,
    units: unitsOf(around + fold(exact)),
    publicUnits: unitsOf(around),
    spots: spotsOf(around),
    text,
    grams: gramsOf(`${place} ${text}`),
    where: gramsOf(place),
    point: pointOf(values),
  };
}

/** The print as somebody sees it who is shown no private field (DU4). */
export function publicOf(seen: Print): Print {
  return { ...seen, phones: distinct(seen.phones.map(maskPhones)), names: distinct(seen.names.map((name) => `${name.slice(0, 1)}**`)), units: seen.publicUnits };
}

/** One spelling: width, case, Chinese numerals before what they count, the many words for a building, no spaces. */
export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(COUNTED, (_, signs: string) => String(numeral(signs))).replace(BUILDING, "$1栋").replace(NOISE, "");
}

/** The words of a post without links, handles, topics and telephone numbers, a space where signs stood: 停电三天，小区内 names no 三天小区. */
export function clauses(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(LINK, " ")
    .replace(TOPIC, " ")
    .replace(LONG_DIGITS, " ")
    .replace(COUNTED, (_, signs: string) => String(numeral(signs)))
    .replace(BUILDING, "$1栋")
    .replace(SIGNS, " ")
    .slice(0, 2 * MAX_TEXT_CHARS);
}

/** Mobile numbers in free words, whole or masked. */
export function numbersIn(words: string): string[] {
  return all(MOBILE, words.normalize("NFKC")).map((match) => match[2]!.replace(/[ -]/g, "").replace(/\*+/g, "****"));
}

/** [the place without province, city and district in front, the district's stem]. */
export function splitChain(place: string): [string, string] {
  let district = "";
  let rest = place;
  for (let match = CHAIN.exec(rest); match; match = CHAIN.exec(rest)) {
    if (match[2] === "区" && NOT_DISTRICTS.indexOf(match[1]!.slice(-1)) >= 0) break;
    if (match[2] !== "省" && match[2] !== "自治区") district = match[1]!;
    rest = rest.slice(match[0].length);
  }
  return [rest, stem(district)];
}

export function unitsOf(place: string): Unit[] {
  const found: { [unit: string]: string } = {};
  const dashed = DASHED.exec(place);
  if (dashed) ["栋", "单元", "室"].forEach((unit, at) => (found[unit] = bare(dashed[at + 1]!)));
  for (const match of all(UNIT, place)) {
    const unit = UNITS[match[2]!] || match[2]!;
    if (!(unit in found)) found[unit] = bare(match[1]!);
  }
  return Object.keys(found).sort().map((unit): Unit => [unit, found[unit]!]);
}

export function spotsOf(place: string): string[] {
  const named = all(SPOT, place.replace(UNIT, " ")).filter((match) => !VAGUE.test(match[1]!));
  return distinct(named.map((match) => match[1]! + match[2]!)).sort();
}

/** Pairs of signs that stand together, each once, sorted; each as one number. */
export function gramsOf(text: string): number[] {
  const found = new Set<number>();
  for (const run of text.split(" ")) for (let at = 0; at + 1 < run.length; at++) found.add(run.charCodeAt(at) * 65536 + run.charCodeAt(at + 1));
  return Array.from(found).sort((a, b) => a - b);
}

/** Finer keys of an address: three signs together, and a number with the two signs before it. */
export function anchorsOf(place: string): number[] {
  const found = new Set<number>();
  const key = (at: number, last: number) => (place.charCodeAt(at) * 65536 + place.charCodeAt(at + 1)) * 65536 + last;
  for (let at = 0; at + 2 < place.length; at++) found.add(key(at, place.charCodeAt(at + 2)));
  for (const match of all(NUMBERED, place)) found.add(key(match.index, Number(match[2]) % 65536));
  return Array.from(found).sort((a, b) => a - b);
}

const DIGITS = "零一二三四五六七八九";
const COUNTED = /([零〇一二两三四五六七八九十百]{1,5})(?=号|楼|栋|幢|座|单元|室|层|组|队|期)/g;
const BUILDING = /([0-9]{1,4}|[a-z])(?:号楼|幢|座|#楼|#|栋楼)/g;
const NOISE = /[\s,，。、;；:：()（）[\]【】"“”'’]|附近|旁边|对面|门口|[\ud800-\udfff]/g;
const LINK = /https?:\/\/[^\s，。]+|@[^\s:：,，。@]{1,30}/g;
const TOPIC = /#[^#\n]{1,40}#|\[[^[\]\n]{1,8}\]|【|】/g;
const LONG_DIGITS = /\+?[0-9*][0-9* -]{5,}[0-9*]/g;
const SIGNS = /[^0-9a-z\u3400-\u9fff]+/g;
const MOBILE = /(^|[^0-9*])(?:\+?86[ -]?)?(1[3-9][0-9][ -]?(?:[0-9]{4}[ -]?[0-9]{4}|\*{2,8}[0-9]{2,4}))(?![0-9*])/g;
const CHAIN = /^([\u4e00-\u9fff]{1,7}?)(省|自治区|市|自治州|地区|自治县|县|区|旗)(?=[\u4e00-\u9fff]{2})(?!域|内|场|民|政|委|立)/;
const LAST = /(?:^|[省市州])([^省市]{1,7})(?:自治县|区|县|市|旗)$/;
const NOT_DISTRICTS = "小社园景厂校城库山矿辖";
const DAY = /(^|[^0-9路街道巷])[0-9]{1,3}(号)(?!楼|院|栋)/g;
const DISTRICT_IN_WORDS = /市([\u4e00-\u9fff]{1,4}?)(区|县|市)(?!域|内|场|民|政|委|立)/g;
const UNIT = /([0-9]{1,5}|[a-z])(栋|单元|室|户|房|组|队|号院|号)(?!线|地铁|门)/g;
const UNITS: { readonly [word: string]: string } = { 户: "室", 房: "室", 队: "组", 号院: "号" };
const DASHED = /(?:^|[^0-9-])([0-9]{1,3})-([0-9]{1,2})-([0-9]{2,5})(?![0-9-])/;
const SPOT = new RegExp(
  "([\\u4e00-\\u9fffa-z]{2})(小区|社区|花园|家园|公寓|家属院|新村|庄园|医院|卫生院|学校|中学|小学|大学|学院|幼儿园|酒店|宾馆" +
    "|广场|大厦|村委会|农贸市场|市场|商场|超市|地铁站|火车站|车站|养老院|敬老院|工地|隧道|国际|公馆|城邦|苑|庄|寨|村|湾|府)" +
    "(?![东西南北中]?(?:路|街|大道|桥))",
  "g",
);
const VAGUE = /[我你他她们这那个整全各本的在到有是去从被来]|^(?:人民|中心|第[一二三四五]|儿童|地下|附近|周边|所有|农村|县城|一些)$/;
const NUMBERED = /([^0-9]{2})([0-9]{1,5})/g;
const SEPARATORS = /[\s,，、/;；|和与及()（）]+/;
const TITLE = /(?:女士|先生|小姐|阿姨|叔叔|大爷|大妈|老师|医生|本人|家属)$/;

function texts(values: readonly Value[] | undefined): string[] {
  return distinct((values || []).filter((value): value is string => typeof value === "string" && value.trim() !== ""));
}

function namesIn(text: string): string[] {
  return text.normalize("NFKC").trim().split(SEPARATORS).map((part) => part.replace(TITLE, "")).filter((part) => part.length >= 1 && part.length <= 12 && !/[0-9]/.test(part));
}

/** A Chinese numeral: 十二, 三十, 一百零五, or digit by digit 一二. */
function numeral(signs: string): number {
  const digit = (sign: string) => (sign === "〇" ? 0 : sign === "两" ? 2 : DIGITS.indexOf(sign));
  if (!/[十百]/.test(signs)) return Number(Array.from(signs).map(digit).join(""));
  let total = 0;
  let current = 0;
  for (const sign of Array.from(signs)) {
    if (sign === "十" || sign === "百") {
      total += (current || 1) * (sign === "百" ? 100 : 10);
      current = 0;
    } else current = digit(sign);
  }
  return total + current;
}

/** `管城回族区` and `管城区` are one. */
function stem(district: string): string {
  const last = LAST.exec(district);
  return (last ? last[1]! : district).replace(/[\u4e00-\u9fff]族$/, "").slice(-6);
}

function pointOf(values: Values): Print["point"] {
  for (const path of POINTS) {
    for (const value of values[path] || []) {
      if (!Array.isArray(value)) continue;
      const [lat, lon] = [value[0], value[1]].map((part: unknown) => (typeof part === "string" && part.trim() !== "" ? Number(part) : NaN));
      const datum = (value[2] as string | undefined) || "unknown";
      if (value.length > 2 && isFinite(lat!) && isFinite(lon!) && DATUMS.indexOf(datum) >= 0) return [lat!, lon!, datum];
    }
  }
  return null;
}

function bare(digits: string): string {
  return digits.replace(/^0+/, "") || "0";
}

function all(pattern: RegExp, text: string): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) found.push(match);
  return found;
}

function distinct(values: readonly string[]): string[] {
  return Array.from(new Set(values));
}

function flat<T>(lists: readonly (readonly T[])[]): T[] {
  return ([] as T[]).concat(...lists.map((list) => list as T[]));
}
