/**
 * What people type and paste, as values. Twin of the `parse` functions of `schema/fields/` (schema/vectors/fields.json).
 * Pure. Imported by forms and by paste-to-row, lazily: a page that only shows rows does not need it.
 */
import type { Value, Writes } from "../core/api";
import { isLink, MAX_OTHER_CHARS, OTHER, within } from "./fields";
import { readMoment } from "./moments";
import { readPhones } from "./phones";
import { optionOf, type Field, type Option } from "./sheets";

/** Something not understood, or understood only in part: a stable code, and the words themselves. */
export interface Doubt {
  readonly code: string;
  readonly text: string;
}

/** `writes` {path suffix: value} ("" for the cell itself, ":boat" for an element); `also` {field: value} from the same words. */
export interface Parsed {
  readonly writes: Writes;
  readonly doubts: readonly Doubt[];
  readonly also: Writes;
}

/** What the caller knows and the words do not say. */
export interface Setting {
  readonly year?: number;
  readonly offsetMinutes?: number;
  readonly datum?: string;
}

type Reader = (text: string, field: Field, setting: Setting) => Parsed;

/** Never throws: what is not understood comes back as a doubt with its words. What it writes, `validate` takes. */
export function parse(text: string, field: Field, setting: Setting = {}): Parsed {
  const words = text.trim();
  if (!words) return NOTHING;
  return words.length > (LONGEST[field.kind] || Infinity) ? unread(text) : READERS[field.kind]!(text, field, setting);
}

/** The longest words that are read for a value; longer ones are a text. */
const LONGEST: { readonly [kind: string]: number } = { int: 300, bool: 300, enum: 300, multi: 1000, geo: 300, time: 300 };

const NOTHING: Parsed = { writes: {}, doubts: [], also: {} };

function read(value: Value | undefined, doubts: readonly Doubt[] = [], also: Writes = {}): Parsed {
  return { writes: value === undefined ? {} : { "": value }, doubts, also };
}

function unread(text: string, code = "unread"): Parsed {
  return read(undefined, [{ code, text: text.trim() }]);
}

const READERS: { readonly [kind: string]: Reader } = {
  text: (text) => read(tidy(text)),
  phone(text) {
    const phones = readPhones(text);
    if (!phones.numbers.length) return unread(text);
    const doubts = phones.doubtful.map((number) => ({ code: "phone-length", text: number }));
    if (phones.words) doubts.push({ code: "words-left", text: phones.words });
    return read(phones.numbers.join(", "), doubts);
  },
  bool(text) {
    const word = text.normalize("NFKC").trim().toLowerCase();
    return YES.indexOf(word) >= 0 ? read(true) : NO.indexOf(word) >= 0 ? read(false) : unread(text);
  },
  int: readInt,
  enum: readChoice,
  multi: readChoices,
  geo: readPosition,
  time(text, _, setting) {
    const moment = readMoment(text, setting);
    return read(moment.time, moment.doubts.map((code) => ({ code, text: text.trim() })));
  },
  url: readLink,
  ref: (text) => (/^(?:[a-z][a-z_]{0,39}\/)?[0-9A-Za-z]{16}$/.test(text.trim()) ? read(text.trim()) : unread(text)),
  log(text, field) {
    if (field.id === "photos") return readLink(text);
    return read(field.entry ? field.entry.map((part) => (part.kind === "text" ? tidy(text) : "")) : tidy(text));
  },
  claim: (text) => unread(text),
};

function readLink(text: string): Parsed {
  const words = text.trim();
  if (isLink(words)) return read(words);
  if (/^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|gov|edu|io|me|top)(?:\/[^\s，。、；]*)?$/i.test(words)) {
    return read(`https://${words}`, [{ code: "no-scheme", text: words }]);
  }
  const inside = /https?:\/\/[^\s，。、；）)"'<>\u3000]+/i.exec(words);
  return inside && isLink(inside[0]) ? read(inside[0], [{ code: "words-left", text: words }]) : unread(text);
}

const YES = "是 有 对 要 需要 可以 能 已 真 y yes true 1 t √ ✓ ✔ ☑".split(" ");
const NO = "否 无 没 没有 不 不是 不需要 不用 不能 未 假 n no false 0 f × x ✗ ✘ ☐".split(" ");

function tidy(text: string): string {
  return text.replace(/\r\n?/g, "\n").trim();
}

/* ------------------------------------------------------------ whole numbers (FK5, FK6) */

const DIGITS: { readonly [sign: string]: number } = { 零: 0, 〇: 0, 一: 1, 壹: 1, 二: 2, 两: 2, 俩: 2, 三: 3, 仨: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const UNITS: { readonly [sign: string]: number } = { 十: 10, 百: 100, 千: 1000, 万: 10000 };
const CN = "[零〇一二两俩仨壹三四五六七八九十百千万]+";
const NUM = `([0-9]+(?:\\.[0-9]+)?|${CN})`;
const FIRST = new RegExp(NUM);
const RANGE = new RegExp(`${NUM}\\s*(?:-|~|到|至|或)\\s*${NUM}`);
const ABOUT = /约|大概|左右|多|余|上下|几|不到|近|至少|以上/;
const FILLER =
  /全家|约|大概|大约|左右|多|余|上下|不到|近|至少|以上|共计|一共|合计|总共|总计|共|有|计|被困|人员|人数|个人|口人|名|位|人|口|个|只剩|剩余|还剩|剩|手机|电量|楼|层|台|艘|辆|条|只|架|部|件|箱|吨|几|小时|cm|m3\/h|m³\/h|h|%|people|persons|person|[\s:,、。.+/()-]+/gi;
const WITHIN: readonly (readonly [field: string, words: string])[] = [
  ["infants", "婴幼儿|婴儿|宝宝"],
  ["children", "小孩子|小孩|孩子|儿童|小朋友"],
  ["elderly", "老年人|老人|老太太|老头"],
  ["pregnant", "孕妇"],
  ["disabled", "残疾人|残疾|残障|行动不便"],
  ["injured", "伤员|伤者|受伤|病人"],
  ["adults", "成年人|成人|大人"],
];
const MEASURE = "(?:个|名|位)?";
const BODY: readonly (readonly [words: RegExp, depth: number])[] = [
  [/没顶|过头|过顶/, 180],
  [/脖|颈/, 150],
  [/胸/, 130],
  [/腰/, 100],
  [/大腿/, 80],
  [/膝/, 50],
  [/小腿/, 30],
  [/脚/, 15],
];

/** The number that Arabic or Chinese digits stand for: "二十三" 23, "一百二" 120. */
export function numberOf(text: string): number | undefined {
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text)) return Number(text);
  if (!new RegExp(`^${CN}$`).test(text)) return undefined;
  if (!/[十百千万]/.test(text)) return Number(text.replace(/./g, (sign) => String(DIGITS[sign])));
  let total = 0;
  let section = 0;
  let digit = 0;
  let last = 1;
  for (const sign of text) {
    const unit = UNITS[sign];
    if (unit === undefined) {
      digit = DIGITS[sign]!;
      if (digit === 0) last = 10;
    } else {
      if (unit === 10000) [total, section] = [total + (section + digit) * unit, 0];
      else section += (digit || (unit === 10 ? 1 : 0)) * unit;
      [digit, last] = [0, unit];
    }
  }
  return total + section + digit * (last > 10 ? last / 10 : 1);
}

function readInt(text: string, field: Field): Parsed {
  const plain = text.normalize("NFKC").replace(/[–—]/g, "-").trim().toLowerCase();
  const { value, doubts, also } = field.unit === "cm" ? depth(plain) : count(plain, field);
  if (value === undefined) return read(undefined, doubts.length ? doubts : unread(text).doubts, also);
  if (!Number.isInteger(value)) return read(undefined, unread(text, "not-whole").doubts, also);
  return within(value, field) ? read(value, doubts, also) : read(undefined, unread(text, "out-of-range").doubts, also);
}

interface Count {
  value?: number | undefined;
  doubts: Doubt[];
  also: Record<string, Value>;
}

function count(typed: string, field: Field): Count {
  const plain = typed.replace(/一家/g, "全家"); // 一家三口 is three
  const { also, rest } = field.id === "people_total" ? peopleWithin(plain) : { also: {} as Record<string, Value>, rest: plain };
  const cut = rest.indexOf("(");
  const main = cut < 0 ? rest : rest.slice(0, cut);
  const inside = cut < 0 ? "" : rest.slice(cut + 1);
  const doubts: Doubt[] = [];
  if (/[几数][十百千万]/.test(main)) {
    delete also["adults"];
    return { doubts, also };
  }
  let value: number | undefined;
  let spoken = RANGE.exec(main);
  if (spoken) {
    value = Math.max(numberOf(spoken[1]!)!, numberOf(spoken[2]!)!);
    doubts.push({ code: "range", text: spoken[0] });
  } else {
    spoken = FIRST.exec(main);
    if (spoken) {
      const before = main.slice(0, spoken.index);
      const below = before === "-" || (field.min !== undefined && field.min < 0 && /(?:负|地下|(?:^|[^a-z])b) *$/.test(before));
      value = numberOf(spoken[1]!)! * (below ? -1 : 1);
    } else if (Object.keys(also).length && !main.replace(/含|其中/g, "").replace(FILLER, "")) {
      value = Object.keys(also).reduce((sum, name) => sum + (also[name] as number), 0);
      doubts.push({ code: "summed", text: plain });
    }
  }
  delete also["adults"];
  if (value === undefined) return { doubts, also };
  if (ABOUT.test(main)) doubts.push({ code: "approximate", text: plain });
  const left = spoken ? main.slice(0, spoken.index) + main.slice(spoken.index + spoken[0].length) : "";
  const words = left.replace(/含|其中|包括|^b|负|地下/g, "").replace(FILLER, "") + inside.replace(/含|其中|包括/g, "").replace(FILLER, "");
  if (words) doubts.push({ code: "words-left", text: words });
  return { value, doubts, also };
}

/** Whether the number stands before its word or after is told by the first word: in the middle both read alike. */
function peopleWithin(plain: string): { also: Record<string, Value>; rest: string } {
  const first = plain.search(new RegExp(WITHIN.map(([, words]) => words).join("|")));
  const also: Record<string, Value> = {};
  let rest = plain;
  if (first < 0) return { also, rest };
  const before = new RegExp(`${NUM} *${MEASURE} *$`).test(plain.slice(0, first));
  for (const [name, words] of WITHIN) {
    const match = new RegExp(before ? `${NUM} *${MEASURE} *(?:${words})` : `(?:${words}) *${NUM} *${MEASURE}`).exec(rest);
    const number = match ? numberOf(match[1]!) : undefined;
    if (match && number !== undefined && Number.isInteger(number)) {
      also[name] = number;
      rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
    }
  }
  return { also, rest };
}

function depth(plain: string): Count {
  const metres = new RegExp(`(半|[0-9]+(?:\\.[0-9]+)?|${CN})\\s*(?:米|m)\\s*(半|[0-9]{1,2}|${CN})?(?![0-9a-z])`, "g");
  let deepest = -1;
  for (let match = metres.exec(plain); match; match = metres.exec(plain)) {
    const whole = match[1] === "半" ? 0.5 : numberOf(match[1]!) || 0;
    const tail = match[2] === "半" ? 50 : match[2] ? numberOf(match[2])! : 0;
    deepest = Math.max(deepest, Math.round(whole * 100 + (match[2] !== "半" && tail < 10 ? tail * 10 : tail)));
  }
  if (deepest >= 0) return { value: deepest, doubts: [], also: {} };
  const bare = /^([0-9]+(?:\.[0-9]+)?)\s*(cm|厘米|公分)?$/.exec(plain.replace(/^约/, "").replace(/左右$/, ""));
  if (bare) {
    const value = Number(bare[1]);
    const decimal = bare[1]!.indexOf(".") >= 0 && value < 10;
    const guessed = !/(?:cm|厘米|公分)$/.test(plain) && (decimal || value <= 3);
    return { value: guessed && decimal ? Math.round(value * 100) : value, doubts: guessed ? [{ code: "unit-guessed", text: plain }] : [], also: {} };
  }
  const body = BODY.find(([words]) => words.test(plain));
  if (body) return { value: body[1], doubts: [{ code: "approximate", text: plain }], also: {} };
  const inside = /([0-9]+(?:\.[0-9]+)?)\s*(?:cm|厘米|公分)/.exec(plain);
  return inside ? { value: Number(inside[1]), doubts: [{ code: "words-left", text: plain }], also: {} } : { doubts: [], also: {} };
}

/* ------------------------------------------------------------ options (FK8, FK10) */

const EDGES = /^[\s:,、。.!?*()[\]【】"'“”-]+|[\s:,、。.!?*()[\]【】"'“”-]+$/g;

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");
}

function wordsOf(option: Option): string[] {
  return [option.code, option.label.zh, option.label.en, ...(option.aliases || [])].map(fold);
}

/** The option these words are: its code, a label or a synonym, and nothing more. Not the free `other`. */
export function findOption(text: string, field: Field): Option | undefined {
  const word = fold(text).replace(EDGES, "");
  return word ? field.options!.find((option) => option.code !== "other" && wordsOf(option).indexOf(word) >= 0) : undefined;
}

/** [option, the word found] for every synonym of two signs or more that the words hold and do not deny. */
function optionsInside(text: string, field: Field): (readonly [Option, string])[] {
  let folded = fold(text);
  const words: { word: string; option: Option }[] = [];
  for (const option of field.options!) {
    if (option.code === "other") continue;
    for (const word of wordsOf(option)) if (Array.from(word).length > 1) words.push({ word, option });
  }
  words.sort((a, b) => b.word.length - a.word.length || (a.word < b.word ? -1 : a.word > b.word ? 1 : 0));
  const found: { at: number; option: Option; word: string }[] = [];
  for (const { word, option } of words) {
    const at = folded.indexOf(word);
    const around = folded.slice(Math.max(0, at - 1), Math.max(0, at)) + folded.slice(at + word.length, at + word.length + 1);
    if (at < 0 || (/^[\u0000-\u007f]+$/.test(word) && /[a-z0-9_]/.test(around))) continue;
    folded = folded.slice(0, at) + "\u0000".repeat(word.length) + folded.slice(at + word.length);
    if (!/[未没不无非]\S?$/.test(folded.slice(0, at))) found.push({ at, option, word });
  }
  return found.sort((a, b) => a.at - b.at).map(({ option, word }) => [option, word] as const);
}

function readChoice(text: string, field: Field): Parsed {
  let words = text.trim();
  const exact = findOption(words, field);
  if (exact) return read(exact.code);
  if (words.slice(0, 6).toLowerCase() === OTHER && words.slice(6).trim()) words = words.slice(6).trim();
  const found = optionsInside(words, field);
  const codes = found.map(([option]) => option.code).filter((code, i, all) => all.indexOf(code) === i);
  const danger = field.danger;
  if (danger && found.length) found.sort((a, b) => danger.indexOf(a[0].code) - danger.indexOf(b[0].code));
  else if (optionOf(field, "other") && codes.length !== 1) {
    return Array.from(words).length > MAX_OTHER_CHARS ? unread(words) : read(OTHER + words);
  }
  const first = found[0];
  if (!first) return unread(words);
  if (codes.length > 1) return read(first[0].code, [{ code: "ambiguous", text: words }]);
  const left = fold(words).replace(first[1], " ").replace(EDGES, "").trim();
  return read(first[0].code, left ? [{ code: "words-left", text: words }] : []);
}

const LACKING = /[\s:：()（）]+|急需|需要|需|急|缺乏|缺少|没有|缺|等等|等|若干|一些|少量|大量|和|与|及|求|请|要|救援|支援/g;

function readChoices(text: string, field: Field): Parsed {
  const writes: Record<string, Value> = {};
  const others: string[] = [];
  for (const piece of pieces(text, field)) {
    const exact = findOption(piece, field);
    if (exact) {
      writes[`:${exact.code}`] = true;
      continue;
    }
    const inside = /不需要|无需|不用|不缺/.test(piece) ? [] : optionsInside(piece.replace(/没有/g, "缺少"), field);
    let left = fold(piece);
    for (const [option, word] of inside) {
      writes[`:${option.code}`] = true;
      left = left.replace(word, " ");
    }
    if (!inside.length || left.replace(LACKING, "")) others.push(piece);
  }
  const words = others.filter((word, i) => others.indexOf(word) === i).join("、");
  if (words && optionOf(field, "other") && Array.from(words).length <= MAX_OTHER_CHARS) {
    return { writes: { ...writes, ":other": words }, doubts: [], also: {} };
  }
  const rest = words || (Object.keys(writes).length ? "" : text.trim());
  return { writes, doubts: rest ? [{ code: "unread", text: rest }] : [], also: {} };
}

function pieces(text: string, field: Field): string[] {
  const found: string[] = [];
  for (const raw of text.split(/[、,，;；/|+＋\n\r\t。]+|和|以及/)) {
    const part = raw.trim().replace(/^\(?[0-9]{1,2}[a-z]?[.)、]\s*/i, "");
    if (!part) continue;
    if (findOption(part, field) || /^[\u0000-\u007f]*$/.test(part)) found.push(part);
    else found.push(...part.split(/\s+/).filter(Boolean));
  }
  return found;
}

/* ------------------------------------------------------------ positions (FK12) */

const DEGREES =
  "(-?[0-9]{1,3}(?:\\.[0-9]+)?) ?(?:[°度] ?(?:([0-9]{1,2}(?:\\.[0-9]+)?) ?['′’分] ?(?:([0-9]{1,2}(?:\\.[0-9]+)?) ?(?:\"|″|”|''|′′|’’|秒)?)?)?)?";
const SIDE = "北纬|南纬|东经|西经|纬度|经度|latitude|longitude|lat|lon|lng|[nsew]";
const NORTH = "北纬 南纬 纬度 latitude lat n s".split(" ");

function readPosition(text: string, _: Field, setting: Setting): Parsed {
  const plain = fold(text);
  const named = /gcj-?02|高德|腾讯|amap|火星/.test(plain) ? "gcj02" : /bd-?09|百度|baidu/.test(plain) ? "bd09" : /wgs-?84|gps/.test(plain) ? "wgs84" : "";
  const bare = plain.replace(/gcj-?02|bd-?09|wgs-?84|geo:/g, " ");
  const pattern = new RegExp(`(?:(${SIDE})[ :=]*${DEGREES}|${DEGREES} ?(${SIDE}|)(?![a-z]))`, "g");
  const found: { side: string; number: string }[] = [];
  let left = "";
  let last = 0;
  for (let match = pattern.exec(bare); match; match = pattern.exec(bare)) {
    found.push(coordinate(match));
    left += bare.slice(last, match.index);
    last = pattern.lastIndex;
  }
  left = (left + bare.slice(last)).replace(/gcj-?02|bd-?09|wgs-?84|geo:|坐标|定位|地图|高德|腾讯|百度|amap|baidu|gps|火星|[ :,;、()[\]。/]+/g, "");
  if (found.length !== 2) return unread(text);
  const [a, b] = found as [{ side: string; number: string }, { side: string; number: string }];
  if (left && (a.number + b.number).indexOf(".") < 0) return unread(text); // 3号楼2单元
  const turned = a.side !== "" && b.side !== "" && NORTH.indexOf(b.side) >= 0;
  if (a.side && b.side && NORTH.indexOf(a.side) >= 0 === turned) return unread(text);
  let [lat, lon] = turned ? [b.number, a.number] : [a.number, b.number];
  const code = doubtAbout(Number(lat), Number(lon));
  if (code === "out-of-range") return unread(text, code);
  if (code === "swapped") [lat, lon] = [lon, lat];
  const doubts = code ? unread(text, code).doubts : [];
  return read([lat, lon, named || setting.datum || "unknown", "", ""], left ? doubts.concat(unread(text, "words-left").doubts) : doubts);
}

/** What looks wrong about a position; twin of `doubts_about` in schema/coordinates.py. */
export function doubtAbout(lat: number, lon: number): string {
  const china = (a: number, b: number) => a >= 3 && a <= 54 && b >= 73 && b <= 136;
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return china(lon, lat) ? "swapped" : "out-of-range";
  if (Math.abs(lat) < 0.01 && Math.abs(lon) < 0.01) return "null-island";
  return china(lat, lon) ? "" : china(lon, lat) ? "swapped" : "outside-china";
}

function coordinate(match: RegExpExecArray): { side: string; number: string } {
  const [, before, degreesA, minutesA, secondsA, degreesB, minutesB, secondsB, after] = match;
  const [degrees, minutes, seconds] = before ? [degreesA!, minutesA, secondsA] : [degreesB!, minutesB, secondsB];
  const side = before || after || "";
  let number = degrees;
  if (minutes !== undefined) {
    const whole = Number(degrees.replace("-", "")) + Number(minutes) / 60 + Number(seconds || 0) / 3600;
    number = (degrees[0] === "-" ? "-" : "") + whole.toFixed(6).replace(/0+$/, "").replace(/\.$/, "");
  }
  if (["南纬", "西经", "s", "w"].indexOf(side) >= 0 && number[0] !== "-") number = `-${number}`;
  return { side, number };
}
