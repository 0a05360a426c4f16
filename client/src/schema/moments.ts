/**
 * Times as people write them, and the one form they travel in. Twin of `schema/fields/moment.py`.
 * Pure. Imported by fields.ts and status.ts.
 */
const CHINA_OFFSET_MINUTES = 480; // no summer time since 1991
const DATE = "(?:([0-9]{4}|[0-9]{2}) ?[-/.年] ?)?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2}) ?[日号]?";
const DATE_LAST = "([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})";
const TIME =
  "(凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜里|夜)? ?([0-9]{1,2}) ?[:点时] ?" +
  "(?:([0-9]{1,2})(?: ?[:分] ?(?:([0-9]{1,2})(?:\\.[0-9]+)? ?秒?)?)?|(半|一刻|三刻|整))? ?(am|pm)?";
const WHOLE = new RegExp(
  `^(?:${DATE_LAST}|${DATE})?(?:(?:[t, ]|周.|星期.|\\(.\\))*${TIME} ?(z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?)?$`,
);
const WORDS = /^(?:时间|更新|登记时间|发布于)[: ]*|(?:左右|许|更新|发布)$/g;

/** What was read: the time and the codes of doubts; no time where there is none to be sure of. */
export interface Moment {
  readonly time?: string;
  readonly doubts: readonly string[];
}

/** A date and a time of day. The year and the zone come from the caller where the words lack them. */
export function readMoment(text: string, options: { readonly year?: number; readonly offsetMinutes?: number } = {}): Moment {
  const plain = text.normalize("NFKC").toLowerCase().replace(/—/g, "-").trim().replace(/\s+/g, " ");
  const words = plain.replace(WORDS, "");
  if (!words) return { doubts: [] };
  const match = WHOLE.exec(words);
  if (!match || !match.slice(1).some(Boolean)) return { doubts: ["unread"] };
  const [, monthA, dayA, yearA, yearB, monthB, dayB, part, hour, minute, second, half, noon, zone] = match;
  const doubts: string[] = [];
  let year: number, month: number, day: number;
  if (yearA) {
    [year, month, day] = [Number(yearA), Number(monthA), Number(dayA)];
    if (month > 12) [month, day] = [day, month];
    else if (day <= 12 && day !== month) doubts.push("day-month");
  } else if (monthB) {
    if (!yearB && options.year === undefined) return { doubts: ["no-year"] };
    year = yearB ? Number(yearB) : options.year!;
    if (yearB && yearB.length === 2) {
      year += 2000;
      doubts.push("year-guessed");
    }
    [month, day] = [Number(monthB), Number(dayB)];
  } else return { doubts: ["no-date"] };
  if (!hour) doubts.push("no-time");
  const hours = hourOf(Number(hour || 0), part, noon);
  const minutes = minute ? Number(minute) : half === "半" ? 30 : half === "一刻" ? 15 : half === "三刻" ? 45 : 0;
  const midnight = Date.UTC(year, month - 1, day);
  const whole = new Date(midnight);
  const exists = year >= 1970 && year <= 2199 && whole.getUTCMonth() === month - 1 && whole.getUTCDate() === day;
  if (!exists || hours > 24 || minutes > 59 || Number(second || 0) > 59) return { doubts: ["no-such-time"] };
  const offset = offsetOf(zone, options.offsetMinutes);
  if (plain !== words) doubts.push("approximate");
  return { time: momentOf(midnight + ((hours * 60 + minutes - offset) * 60 + Number(second || 0)) * 1000), doubts };
}

/** Milliseconds since 1970 as a cell carries them. */
export function momentOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Whether a text is a time in the one form, and a day that exists. */
export function isMoment(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(text)) return false;
  const ms = Date.parse(text);
  return !isNaN(ms) && momentOf(ms) === text;
}

/** The clock on the wall in China, to the minute. */
export function showMoment(text: string): string {
  if (!isMoment(text)) return text;
  return new Date(Date.parse(text) + CHINA_OFFSET_MINUTES * 60_000).toISOString().slice(0, 16).replace("T", " ");
}

function hourOf(hour: number, part: string | undefined, noon: string | undefined): number {
  if (((part && "下午傍晚晚上夜里".indexOf(part) >= 0) || noon === "pm") && hour < 12) return hour + 12;
  if (part === "中午" && hour < 3) return hour + 12;
  return noon === "am" && hour === 12 ? 0 : hour;
}

function offsetOf(zone: string | undefined, fallback: number = CHINA_OFFSET_MINUTES): number {
  if (!zone) return fallback;
  if (zone[0] !== "+" && zone[0] !== "-") return 0;
  const digits = zone.slice(1).replace(":", "");
  return (zone[0] === "-" ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
}
