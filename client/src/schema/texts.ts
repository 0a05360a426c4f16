/**
 * Free text: the phone numbers, identity numbers and names in it, and the form the public sees. Twin of `schema/texts.py`.
 * Pure. Imported by writing.ts and the forms. Places in a text are counted in JavaScript's own units.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: "phone" | "id" | "masked";
}

const FROM = "０１２３４５６７８９＋－（）．＊×•●∗✱＃　·﹣‐‑‒–—―−ＸｘX〇零一二三四五六七八九幺";
const TO = "0123456789+-().******# .--------xxx001234567891";
const GAP = "[ .\\-_~\\u00a0\\u200b-\\u200f\\u2060\\ufeff]{0,3}";
const PERSONAL =
  "(^|[^0-9*])(?:" +
  [
    `([1-9](?:${GAP}[0-9]){16}${GAP}[0-9x])(?![0-9])`,
    `(?:(?:\\+|00)?86${GAP})?(1${GAP}[3-9](?:${GAP}[0-9*]){9})(?![0-9*])`,
    "(1[3-9][0-9]{0,5}[*x]{2,}[0-9]{2,4})(?![0-9])",
    "(0[1-9][0-9]{1,2}[ \\-]{0,2}[1-9][0-9]{6,7})(?![0-9])",
    "(1[3-9][0-9]{7,}|[0-9]{12,})(?![0-9])",
  ].join("|") +
  ")";
const TITLE = /(女士|先生|小姐|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|医生|护士|队长|师傅|书记|主任)$/;
const LETTER = /[A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02c1\u0370-\u1fff\u3005-\u3007\u3031-\u3035\u3041-\u318f\u31a0-\u31ff\u3400-\u9fff\ua000-\ud7ff\ud840-\ud87f\uf900-\ufdff\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]/;

/** Phones (also with signs between the digits, or already masked) and identity numbers, in order. */
export function findPersonal(text: string): Span[] {
  const folded = fold(text);
  const links: [number, number][] = [];
  const link = /https?:\/\/[^\s，。、；）\u3000]+/gi;
  for (let match = link.exec(text); match; match = link.exec(text)) links.push([match.index, link.lastIndex]);
  const spans: Span[] = [];
  const pattern = new RegExp(PERSONAL, "g");
  for (let match = pattern.exec(folded); match; match = pattern.exec(folded)) {
    const start = match.index + match[1]!.length;
    const end = pattern.lastIndex;
    const slip = match[6];
    if (slip && links.some(([a, b]) => a <= start && start < b)) continue;
    const masked = match[0].indexOf("*", match[1]!.length) >= 0 || match[4] !== undefined;
    spans.push({ start, end, kind: masked ? "masked" : match[2] !== undefined || (slip && slip.length > 13) ? "id" : "phone" });
  }
  return spans;
}

/** The text with every personal number hidden in the middle. Idempotent; the rest is as it was typed. */
export function maskText(text: string): string {
  const folded = fold(text);
  let out = "";
  let last = 0;
  for (const span of findPersonal(text)) {
    out += text.slice(last, span.start) + hide(folded.slice(span.start, span.end), span.kind);
    last = span.end;
  }
  return out + text.slice(last);
}

/** `王**` for each name, a 女士 or 先生 kept; numbers beside it hidden. Idempotent. */
export function maskName(name: string): string {
  const between = /([\s、,，/／;；|和与及]+)/;
  return maskText(name)
    .split(between)
    .map((part, i) => (i % 2 ? part : maskOne(part)))
    .join("");
}

/** [the place down to the estate or the street number, building and flat]; the second may be empty. */
export function splitPlace(text: string): [place: string, exact: string] {
  const count = "[0-9０-９A-Za-z一二三四五六七八九十百东西南北甲乙丙]{1,8}";
  const exact = new RegExp(`第?${count}(?:-${count}){0,4} ?(?:号楼|栋|幢|座|单元|号房|室)|[0-9]{1,6}-[0-9]{1,6}-[0-9]{1,6}(?![0-9])`);
  const at = text.search(exact);
  return at < 4 ? [text, ""] : [text.slice(0, at).replace(/[ ,，、-]+$/, ""), text.slice(at)];
}

function fold(text: string): string {
  return text.replace(/[^\u0000-\u0057\u0059-\u007f]/g, (sign) => {
    const at = FROM.indexOf(sign);
    return at < 0 ? sign : TO[at]!;
  });
}

function hide(found: string, kind: Span["kind"]): string {
  const signs = found.replace(/[^0-9*x]/g, "");
  if (kind === "id") return `${signs.slice(0, 3)}***********`;
  if (kind === "masked") {
    const parts = signs.split(/[*x]+/);
    return `${parts[0]!.slice(0, 3)}****${parts[parts.length - 1]!.slice(-4)}`;
  }
  if (signs[0] === "0" && signs[1] !== "0") return `${signs.slice(0, signs[1] === "1" || signs[1] === "2" ? 3 : 4)}-****${signs.slice(-4)}`;
  const digits = signs.replace(/^(?:00)?86(?=1[3-9][0-9]{9}$)/, "");
  return `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

function maskOne(name: string): string {
  if (!LETTER.test(name)) return name;
  const title = TITLE.exec(name);
  const kept = title ? title[0] : "";
  const signs = Array.from(name.slice(0, name.length - kept.length));
  return signs.length <= 1 && kept ? name : `${signs[0]}**${kept}`;
}
