/**
 * Which rows may be the same case, of the rows on this device. Twin of `moderation/duplicates/index.py`.
 * Pure. Rules DU5–DU7 of docs/spec/duplicates.md.
 */
import { anchorsOf, gramsOf, type Print } from "./normal";
import { ends, rankOf, score, Weights, type Finding } from "./score";

export interface Candidate {
  readonly sheet: string;
  readonly row: string;
  readonly finding: Finding;
}

const MAX_POSTINGS = 400;
const MAX_VISITS = 3_000;
const MAX_PHONE_POSTINGS = 50;
const SCORED = 36;
const TOP = 20;
const SMOOTHING = 50;
const STALE = 64;
const CELLS_PER_DEGREE = 200;
const COMMON = new Set(
  gramsOf(
    "救援 求助 被困 受困 紧急 急需 联系 电话 地址 位置 人员 老人 孩子 小孩 孕妇 停水 停电 断水 断电 没有 食物 饮用 用水 水位 上涨 手机 没电" +
      " 河南 郑州 郑州市 小区 号楼 单元 楼 需要 救命 转移 帮忙 扩散 失联 已经 一楼 二楼 信号 联系人 联系电话 求救 洪水 暴雨 积水 物资",
  ),
);

/** Prints of rows, found by what they share. A row added again replaces what was kept of it. */
export class Index {
  readonly weights = new Weights((gram) => this.weight(gram));
  private prints: (Print | null)[] = [];
  private slots = new Map<string, number>();
  private postings = new Map<number, number[]>();
  private counts = new Map<number, number>();
  private phones = new Map<string, number[]>();
  private cells = new Map<number, number[]>();
  private weighed = 0;

  get size(): number {
    return this.slots.size;
  }

  get(sheet: string, row: string): Print | null {
    const slot = this.slots.get(`${sheet}/${row}`);
    return slot === undefined ? null : this.prints[slot]!;
  }

  add(seen: Print): void {
    this.remove(seen.sheet, seen.row);
    const slot = this.prints.length;
    this.prints.push(seen);
    this.slots.set(`${seen.sheet}/${seen.row}`, slot);
    for (const key of keysOf(seen)) {
      this.counts.set(key, (this.counts.get(key) || 0) + 1);
      post(this.postings, key, slot, MAX_POSTINGS);
    }
    for (const key of phoneKeys(seen.phones)) post(this.phones, key, slot, MAX_PHONE_POSTINGS);
    if (seen.point) post(this.cells, cellOf(seen.point[0], seen.point[1]), slot, MAX_POSTINGS);
  }

  remove(sheet: string, row: string): void {
    const slot = this.slots.get(`${sheet}/${row}`);
    if (slot === undefined) return;
    this.slots.delete(`${sheet}/${row}`);
    for (const key of keysOf(this.prints[slot]!)) {
      const left = this.counts.get(key)! - 1;
      if (left) this.counts.set(key, left);
      else {
        this.counts.delete(key);
        this.postings.delete(key);
      }
    }
    this.prints[slot] = null;
    if (this.prints.length > 1024 && this.prints.length > 2 * this.slots.size) this.tidy();
  }

  /** The rows most likely the same case, best first; the row itself is left out. */
  candidates(seen: Print, top = TOP): Candidate[] {
    if (Math.abs(this.slots.size - this.weighed) * STALE > this.weighed) {
      this.weighed = this.slots.size;
      this.weights.forget();
    }
    const found = this.near(seen).map((slot): Candidate => {
      const other = this.prints[slot]!;
      return { sheet: other.sheet, row: other.row, finding: score(seen, other, this.weights) };
    });
    found.sort((a, b) => rankOf(b.finding) - rankOf(a.finding) || (a.row < b.row ? -1 : 1));
    return found.slice(0, top);
  }

  private weight(gram: number): number {
    const rows = this.slots.size;
    const common = COMMON.has(gram) ? Math.floor((rows + SMOOTHING) / 5) : 0;
    return Math.log((rows + SMOOTHING + 1) / ((this.counts.get(gram) || 0) + common + 1));
  }

  private near(seen: Print): number[] {
    const own = this.slots.get(`${seen.sheet}/${seen.row}`);
    const chosen = new Set<number>();
    for (const key of phoneKeys(seen.phones)) for (const slot of this.phones.get(key) || []) chosen.add(slot);
    if (seen.point) {
      const middle = cellOf(seen.point[0], seen.point[1]);
      for (const north of [-1, 0, 1]) for (const east of [-1, 0, 1]) for (const slot of (this.cells.get(middle + north * 100_000 + east) || []).slice(-8)) chosen.add(slot);
    }
    const keys = keysOf(seen).filter((key) => this.counts.has(key)).sort((a, b) => this.counts.get(a)! - this.counts.get(b)!);
    const sums = new Map<number, number>();
    let visits = 0;
    for (const key of keys) {
      const postings = this.postings.get(key)!.slice(-MAX_POSTINGS);
      visits += postings.length;
      if (visits > MAX_VISITS && sums.size > 0) break;
      const gain = this.weight(key);
      for (const slot of postings) sums.set(slot, (sums.get(slot) || 0) + gain);
    }
    // Long rows share something with everybody: by the root of their length, as in a cosine.
    let tops: [number, number][] = [];
    sums.forEach((total, slot) => {
      const one = this.prints[slot];
      if (one) tops.push([total * (1 / Math.sqrt(one.grams.length + 8)), slot]);
    });
    if (tops.length > 8 * SCORED) {
      // Most share one pair and no more: what has a fourth of the best is enough to be sorted.
      const least = tops.reduce((best, [gain]) => Math.max(best, gain), 0) / 4;
      tops = tops.filter(([gain]) => gain >= least);
    }
    tops.sort((a, b) => b[0] - a[0] || b[1] - a[1]);
    for (const [, slot] of tops.slice(0, SCORED + 1)) chosen.add(slot);
    return Array.from(chosen).filter((slot) => slot !== own && this.prints[slot]?.sheet === seen.sheet);
  }

  private tidy(): void {
    const kept = this.prints.filter((one): one is Print => one !== null);
    this.prints = [];
    for (const map of [this.slots, this.postings, this.counts, this.phones, this.cells]) map.clear();
    for (const one of kept) this.add(one);
  }
}

function keysOf(seen: Print): number[] {
  return seen.grams.concat(anchorsOf(seen.place));
}

function post<K>(into: Map<K, number[]>, key: K, slot: number, most: number): void {
  const postings = into.get(key);
  if (!postings) into.set(key, [slot]);
  else {
    postings.push(slot);
    if (postings.length >= 2 * most) postings.splice(0, postings.length - most);
  }
}

/** Three parts of a number, any two of them: a masked one meets it, and so does one with a single wrong digit (DU6). */
function phoneKeys(phones: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const number of phones) {
    const shown = ends(number);
    if (shown) keys.add(`0${shown}`);
    if (number.indexOf("*") >= 0) continue;
    const digits = number.replace(/[^0-9]/g, "");
    if (digits.length === 11 && digits[0] === "1") keys.add(`1${digits.slice(0, 7)}`).add(`2${digits.slice(-8)}`);
    else if (digits.length >= 7) keys.add(`3${digits.slice(-8)}`);
  }
  return Array.from(keys);
}

function cellOf(lat: number, lon: number): number {
  return Math.floor(lat * CELLS_PER_DEGREE) * 100_000 + Math.floor(lon * CELLS_PER_DEGREE);
}
