/**
 * The cold open: the first page before the socket, the others beside it, without losing what the feed brings meanwhile. Rule SY29.
 * I/O through `Http`. Imported by app.ts.
 *
 * A page is a state of its rows at one cursor; the feed from the first page's cursor runs while later pages are still on their way. So
 * what the feed brings is remembered until the last page is in, and laid over each page's rows again.
 */
import type { Book, Key } from "./book";
import { keyOf } from "./book";
import type { Entry } from "./frames";
import type { Http, Page } from "./http";

export class Opening {
  private recent: Entry[] = [];
  private old: Set<Key>;
  private first: Page | null = null;
  private busy = false;
  isWhole = false;

  constructor(
    private readonly book: Book,
    private readonly http: Pick<Http, "page">,
  ) {
    this.old = new Set(book.entries().map((entry) => keyOf(entry[0], entry[1])));
  }

  /** The first page: enough to show and to say hello with. */
  async begin(): Promise<Page> {
    const page = await this.http.page(0);
    this.recent = [];
    this.first = page;
    this.book.cursor = page.cursor;
    this.take(page);
    return page;
  }

  /** What the feed brings while pages are still missing. */
  heard(entries: readonly Entry[]): void {
    if (!this.isWhole) for (const entry of entries) this.recent.push(entry);
  }

  /** Another open has begun. */
  cancel(): void {
    this.first = null;
  }

  /** The other pages, one after the other. True when the book is whole now. A failure leaves it to be called again. */
  async finish(each: (page: Page) => void): Promise<boolean> {
    if (this.busy || this.first === null || this.isWhole) return false;
    this.busy = true;
    // A page of a failed attempt comes again.
    try {
      for (let n = 1; this.first !== null && n < this.first.pages; n++) {
        const page = await this.http.page(n, this.first.cursor);
        if (this.first === null || page.epoch !== this.first.epoch) return false;
        this.take(page);
        each(page);
      }
      if (this.first === null) return false;
      this.isWhole = true;
      for (const entry of this.recent) this.old.delete(keyOf(entry[0], entry[1]));
      // What no page and no entry has named is not there any more: over, erased, or of another epoch.
      this.book.drop(this.old);
      this.recent = [];
      return true;
    } finally {
      this.busy = false;
    }
  }

  private take(page: Page): void {
    for (const key of this.book.apply(page.rows, true)) this.old.delete(key);
    this.book.learn(page.names);
    const rows = new Set(page.rows.map((row) => keyOf(row[0], row[1])));
    this.book.apply(this.recent.filter((entry) => rows.has(keyOf(entry[0], entry[1]))));
  }
}
