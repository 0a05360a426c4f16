/**
 * Telephone numbers: as people type them, in normal form, and as the public sees them. Twin of `schema/phones.py`.
 * Pure. Imported by fields.ts and the screens. No lookbehind: these patterns run in Chromium 64.
 */
export interface Phones {
  readonly numbers: readonly string[];
  /** Those of a doubtful length. */
  readonly doubtful: readonly string[];
  readonly words: string;
}

const GAP = "[ .\\-]{0,2}";
const EXTENSION = "(?: ?(?:-|转|ext\\.?|#|分机) ?([0-9]{1,6}))?";
const MOBILE = `(?:(?:\\+|00)?86${GAP})?(1[3-9](?:${GAP}[0-9*]){9})`;
const SERVICE = `([48]00${GAP}[0-9]{3,4}${GAP}[0-9]{3,4})`;
const AREA = "\\(?(0[1-9][0-9]{1,2}|(?:\\+|00)86[ \\-]?0?[1-9][0-9]{1,2})(?:\\)[ \\-]{0,2}|[ \\-]{1,2})";
const LANDLINE = `${AREA}([1-9][0-9]{6,7})${EXTENSION}`;
const JOINED = `(0[1-9][0-9]{9,10})${EXTENSION}`;
const HIDDEN = "((?:0[1-9][0-9]{1,2}-|\\+)?(?:[0-9]{1,7}\\*{2,}[0-9]{0,4}|\\*{2,}[0-9]{2,4}))";
const ABROAD = "((?:\\+|00)[1-9](?:[ .\\-()]{0,2}[0-9]){6,14})";
const DIGITS = `([0-9](?:${GAP}[0-9])*)`;
const NUMBER = `(^|[^0-9*+])(?:${[MOBILE, SERVICE, LANDLINE, JOINED, HIDDEN, ABROAD, DIGITS].join("|")})(?![0-9*])`;
const TRIVIAL =
  /(联系电话|联系方式|电话号码|手机号码|手机号|电话|手机|座机|号码|联系人|tel|phone|mobile|或者|或|和|及|or|and)|[\s:;,、/|()[\]。.\-+]+/gi;

/** Every number in a text. Nothing is lost: what is no number is in `words`. */
export function readPhones(text: string): Phones {
  const plain = plainText(text);
  const numbers: string[] = [];
  const doubtful: string[] = [];
  let rest = "";
  let last = 0;
  const pattern = new RegExp(NUMBER, "gi");
  for (let match = pattern.exec(plain); match; match = pattern.exec(plain)) {
    const [number, sure] = normal(match);
    if (!number) continue;
    if (numbers.indexOf(number) < 0) {
      numbers.push(number);
      if (!sure) doubtful.push(number);
    }
    rest += plain.slice(last, match.index) + match[1];
    last = match.index + match[0].length;
  }
  rest += plain.slice(last);
  return { numbers, doubtful, words: rest.replace(TRIVIAL, " ").trim().replace(/\s+/g, " ") };
}

/** The normal form: numbers joined by ", "; a text without any number, as it stands. Idempotent. */
export function normalPhones(text: string): string {
  return readPhones(text).numbers.join(", ") || text.trim();
}

/** As the public sees it: `142****1234`; words without a number become `****`. Idempotent. */
export function maskPhones(value: string): string {
  const masks = readPhones(value).numbers.map(maskNumber);
  return masks.filter((mask, i) => mask !== "****" && masks.indexOf(mask) === i).join(", ") || "****";
}

function maskNumber(number: string): string {
  if (number.indexOf("*") >= 0) {
    const [head = "", after = ""] = number.split("****");
    return `${head.indexOf("-") >= 0 ? head : head.slice(0, head[0] === "+" ? 4 : 3)}****${after.slice(-4)}`;
  }
  const [head = "", tail] = number.split("-");
  if (tail !== undefined && head[0] === "0") return `${head}-****${tail.slice(-4)}`;
  const digits = number.replace(/[^0-9]/g, "");
  if (digits.length < 7) return "****";
  const before = Math.max(0, Math.min(3, digits.length - 8));
  return `${number[0] === "+" ? "+" : ""}${digits.slice(0, before)}****${digits.slice(-4)}`;
}

function plainText(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[‐‑‒–—―−－﹣ー]/g, "-")
    .replace(/[×•●∗✱]/g, "*")
    .replace(/([0-9*])([xX]{2,})(?![A-Za-z])/g, (_, before: string, signs: string) => before + signs.replace(/x/gi, "*"));
}

function normal(match: RegExpExecArray): [number: string, sure: boolean] {
  const [, , mobile, service, area, local, extension, joined, joinedExtension, hidden, abroad, digits] = match;
  if (mobile || hidden) return [(mobile ? mobile.replace(/[ .\-]/g, "") : hidden!).replace(/\*+/g, "****"), true];
  if (service) return [service.replace(/[ .\-]/g, ""), true];
  if (area) {
    return [[`0${area.replace(/^(\+|00)86|[ \-]/g, "").replace(/^0+/, "")}`, local, extension].filter(Boolean).join("-"), true];
  }
  if (joined) {
    const cut = joined[1] === "1" || joined[1] === "2" ? 3 : 4; // 010 and 02x are the three-digit area codes
    return [[joined.slice(0, cut), joined.slice(cut), joinedExtension].filter(Boolean).join("-"), true];
  }
  if (abroad) {
    const bare = abroad.replace(/[^0-9]/g, "").replace(/^00/, "");
    return [`+${bare}`, bare.slice(0, 2) !== "86"];
  }
  const bare = digits!.replace(/[^0-9]/g, "");
  return bare.length < 3 ? ["", true] : [bare, bare.length <= 8];
}
