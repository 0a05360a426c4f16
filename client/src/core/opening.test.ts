import { expect, test } from "vitest";
import { Book } from "./book";
import type { Entry } from "./frames";
import type { Page } from "./http";
import { Opening } from "./opening";

const row = (id: string, place: string, updated = 1): Entry => ["help", id, 1, 1, "A", { place: [[`e-${place}`, place, "A", 1]] }, {}, updated];
const value = (book: Book, id: string) => book.peek("help", id)?.cells["place"]?.[0]?.[1];

/** Pages that are handed out when the test says so. */
class Pages {
  private waiting: (() => void)[] = [];
  asked: [number, number | undefined][] = [];
  isDown = false;
  constructor(private readonly pages: Entry[][]) {}
  page = (n: number, cursor?: number): Promise<Page> => {
    this.asked.push([n, cursor]);
    if (this.isDown) return Promise.reject(new Error("down"));
    const page: Page = { epoch: "e", cursor: 10, page: n, pages: this.pages.length, rows: this.pages[n]!, names: {} };
    return new Promise((resolve) => this.waiting.push(() => resolve(page)));
  };
  async give(): Promise<void> {
    await Promise.resolve();
    this.waiting.shift()!();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

test("SY29 what the feed brings while pages are on their way is not overwritten by them", async () => {
  const book = new Book();
  const pages = new Pages([[row("a", "old a")], [row("b", "old b")]]);
  const opening = new Opening(book, pages);
  const begun = opening.begin();
  await pages.give();
  await begun;
  expect(book.cursor).toBe(10);
  const finished = opening.finish(() => {});
  opening.heard([row("b", "new b", 2)]);
  book.apply([row("b", "new b", 2)]);
  await pages.give();
  expect(await finished).toBe(true);
  expect([value(book, "a"), value(book, "b")]).toEqual(["old a", "new b"]);
  expect(pages.asked).toEqual([[0, undefined], [1, 10]]);
});

test("SY29 rows that no page and no entry names are gone when the open is whole, and not before", async () => {
  const book = new Book();
  book.apply([row("gone", "x"), row("a", "stale"), row("late", "y")], true);
  const pages = new Pages([[row("a", "a")], [row("b", "b")]]);
  const opening = new Opening(book, pages);
  const begun = opening.begin();
  await pages.give();
  await begun;
  expect(value(book, "gone")).toBe("x");
  opening.heard([row("late", "z")]);
  const finished = opening.finish(() => {});
  await pages.give();
  await finished;
  expect([value(book, "gone"), value(book, "a"), value(book, "late")]).toEqual([undefined, "a", "y"]);
});

test("SY29 a page that fails is asked for again; an open that was given up takes nothing away", async () => {
  const book = new Book();
  book.apply([row("old", "x")], true);
  const pages = new Pages([[row("a", "a")], [row("b", "b")]]);
  const opening = new Opening(book, pages);
  const begun = opening.begin();
  await pages.give();
  await begun;
  pages.isDown = true;
  await expect(opening.finish(() => {})).rejects.toThrow("down");
  pages.isDown = false;
  const again = opening.finish(() => {});
  expect(await opening.finish(() => {})).toBe(false);
  opening.cancel();
  await pages.give();
  expect(await again).toBe(false);
  expect(value(book, "old")).toBe("x");
});
