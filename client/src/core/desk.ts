/**
 * What a person asks of the server, now and then: the private tier, history, suggestions, an invitation, a row link. One lazy chunk.
 * I/O through the talker and `Http`. Imported by app.ts, lazily: without a link none of it could be answered anyway.
 */
import type { Cells, HistoryEntry, Me, Office, RowId, RowLink, RowView, SheetId, Suggestion } from "./api";
import { local, mirrorOf, type Parts } from "./app";
import { keyOf } from "./book";
import { failure } from "./failure";
import type { Answer, SuggestionRow } from "./frames";
import { CallFailed } from "./http";
import { isSecret, rowId, shortCode } from "./ids";
import { seenOf } from "./row";
import type { HeldLink, Op } from "./store";

export class Desk {
  constructor(private readonly of: Parts) {}

  async office(): Promise<Office> {
    const { Paperwork } = await import("./office").catch(() => {
      throw failure("offline", "a part of the app could not be loaded");
    });
    return new Paperwork(this.of, this);
  }

  async answerTo<T extends Answer[0]>(tag: T, frame: readonly [string, ...unknown[]]): Promise<Extract<Answer, [T, ...unknown[]]>> {
    const answer = await this.of.talk.ask(frame);
    if (answer[0] === "done" && answer[2]) throw failure(answer[2], answer[3]);
    if (answer[0] !== tag) throw failure("unexpected", `the server answered ${frame[0]} with ${answer[0]}`);
    return answer as Extract<Answer, [T, ...unknown[]]>;
  }

  async reveal(sheet: SheetId, row: RowId, reason: string): Promise<Cells> {
    const secret = this.of.own.secretOf(sheet, row);
    const [, , , , cells] = await this.answerTo("private", ["reveal", sheet, row, reason, secret]);
    this.of.book.reveal(sheet, row, cells);
    this.of.book.flush();
    return this.of.book.peek(sheet, row)?.private ?? cells;
  }

  async history(sheet: SheetId, row: RowId): Promise<readonly HistoryEntry[]> {
    const [, , , , entries, names] = await this.answerTo("history", ["history", sheet, row]);
    this.of.feed.learn(names);
    this.of.book.flush();
    return entries.map(([seq, tier, edit, actor, receivedMs, writes, seen, origin]) => ({ seq, tier, edit, actor, receivedMs, writes, seen, origin }));
  }

  async suggestions(sheet: SheetId = "", row: RowId = ""): Promise<readonly Suggestion[]> {
    const [, , found, names] = await this.answerTo("suggestions", ["suggestions", sheet, row]);
    this.of.feed.learn(names);
    this.of.book.flush();
    return found.map(suggestionOf);
  }

  async decide(suggestion: Suggestion, accept: boolean, reason = ""): Promise<void> {
    const view = this.of.book.peek(suggestion.sheet, suggestion.row);
    const cells = (suggestion.tier === "public" ? view?.cells : view?.private) ?? {};
    await this.answerTo("done", ["decide", suggestion.id, accept, reason, seenOf(cells, Object.keys(suggestion.writes))]);
  }

  async fetchRow(sheet: SheetId, row: RowId): Promise<RowView | null> {
    const [, , entry] = await this.answerTo("row", ["fetch", sheet, row]);
    if (entry !== null) this.of.feed.takeRow(entry);
    return entry === null ? null : this.of.book.peek(sheet, row);
  }

  loadOver(): Promise<number> {
    return called(this.of.feed.loadOver());
  }

  async join(invite: string, name = this.of.state.me.value.name): Promise<Me> {
    this.of.feed.loggedIn(await called(this.of.http.join(this.of.device, invite, name)));
    this.of.talk.redial();
    return this.of.state.me.value;
  }

  async rename(name: string): Promise<Me> {
    this.of.state.me.value = { ...this.of.state.me.value, name };
    await this.of.own.keepSmall([["put", "meta", "me", this.of.state.me.value]]);
    try {
      this.of.feed.loggedIn(await this.of.http.login(this.of.device, name));
      this.of.talk.redial();
    } catch {
      // Without a link the name waits: the next login takes it along.
      this.of.state.session.value = "";
    }
    return this.of.state.me.value;
  }

  async openLink(opens: string): Promise<RowLink | null> {
    const [issuedFor, secret] = opens.includes(".") ? (opens.split(".", 2) as [RowId, string]) : ["", opens];
    if (!isSecret(secret)) return null;
    for (const sheet of this.of.state.sheets.value) {
      const row = issuedFor || rowId(sheet, secret);
      if (this.of.book.peek(sheet, row) === null && (await this.fetchRow(sheet, row)) === null) continue;
      // Issued anew, it is no digest of the row's id: only the server can say whether it opens the row (rule ID11).
      if (issuedFor) {
        const answer = await this.of.talk.ask(["hold", sheet, row, secret]);
        if (answer[0] !== "done" || answer[2]) continue;
      }
      const link: HeldLink = { sheet, row, secret, atMs: this.of.clock() };
      const ops: Op[] = [["put", "links", keyOf(sheet, row), link]];
      this.of.own.hearSmall(ops);
      this.of.book.flush();
      await this.of.own.keepSmall(ops);
      // Every push proves the holding anew; this only tells the server before the first one.
      this.of.talk.ask(["hold", sheet, row, secret]).catch(() => {});
      return { ...link, code: shortCode(secret) };
    }
    return null;
  }

  /** Removes everything of this workbook from the device; `leave` ends the page. */
  async forget(leave: () => void): Promise<void> {
    this.of.talk.send({ kind: "forget" });
    this.of.talk.stop();
    await this.of.store.forget();
    local((storage) => storage.removeItem(mirrorOf(this.of.workbook)));
    leave();
  }
}

function suggestionOf([id, sheet, row, tier, edit, actor, receivedMs, writes, reason, state]: SuggestionRow): Suggestion {
  return { id: id as string, sheet, row, tier, edit, actor, receivedMs, writes, reason, state };
}

/** A failed call as the action's failure. */
async function called<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CallFailed) throw failure(error.code, error.message, error.hint);
    throw error;
  }
}
