/**
 * What is asked of the server in office: protection, the notice, who was shown what, links issued anew, one's own logins; and clearing a phone.
 * I/O through the desk, IndexedDB, caches. One lazy chunk, imported by desk.ts. The server's rules: PT1–PT4, PR1–PR4, ID10–ID12.
 */
import type { Login, Office, Protection, RowId, SheetId, Showing } from "./api";
import { local, type Parts } from "./app";
import { asked, done, openDatabase, type Database } from "./database";
import type { Desk } from "./desk";
import { SMALL } from "./store";

const STORES = [...SMALL, "chunks", "delta"];
const MIRROR = /^rescue-device\/(.+)$/;
/** As the store names it. */
const databaseOf = (workbook: string) => `rescue:${workbook}`;

export class Paperwork implements Office {
  constructor(
    private readonly of: Parts,
    private readonly desk: Desk,
  ) {}

  async protect(sheet: SheetId, step: Protection, reason: string, untilMs: number): Promise<void> {
    await this.desk.answerTo("done", ["protect", sheet, step, reason, untilMs]);
  }

  async announce(text: string): Promise<void> {
    await this.desk.answerTo("done", ["announce", text]);
  }

  async showings(sheet: SheetId, row: RowId): Promise<readonly Showing[]> {
    const [, , found, names] = await this.desk.answerTo("showings", ["showings", sheet, row]);
    this.of.feed.learn(names);
    this.of.book.flush();
    return found.map(([atMs, actor, role, reason]) => ({ atMs, actor, role, reason }));
  }

  async checkCode(sheet: SheetId, row: RowId, code: string): Promise<void> {
    await this.desk.answerTo("done", ["code", sheet, row, code]);
  }

  async reissue(sheet: SheetId, row: RowId, reason: string): Promise<{ secret: string; code: string }> {
    const [, , link, code] = await this.desk.answerTo("link", ["reissue", sheet, row, reason]);
    return { secret: link.slice(link.indexOf(".") + 1), code };
  }

  async erase(sheet: SheetId, row: RowId, reason: string, whole: boolean): Promise<void> {
    await this.desk.answerTo("done", ["erase", sheet, row, reason, whole]);
  }

  async closeEmergency(onMs: number, text: string): Promise<void> {
    await this.desk.answerTo("done", ["close_emergency", onMs, text]);
  }

  async logins(): Promise<readonly Login[]> {
    const [, , found] = await this.desk.answerTo("sessions", ["sessions"]);
    return found.map(([session, createdMs, isThis]) => ({ session, createdMs, isThis }));
  }

  async endLogin(session: string): Promise<void> {
    await this.desk.answerTo("done", ["end_session", session]);
  }

  async unsentElsewhere(): Promise<number> {
    let count = 0;
    for (const workbook of this.others()) {
      await withDatabase(workbook, async (db) => { count += await asked(db.transaction("outbox", "readonly").objectStore("outbox").count()); });
    }
    return count;
  }

  async clearPhone(): Promise<void> {
    const others = this.others();
    // The login first: what was read off the phone before must open nothing after. Without a link it ends by its age.
    if (this.of.state.link.value === "live") {
      const mine = await this.logins().then((all) => all.find((one) => one.isThis)?.session, () => undefined);
      if (mine !== undefined) await this.endLogin(mine).catch(() => {});
    }
    this.of.talk.send({ kind: "forget" });
    this.of.talk.stop();
    await this.of.store.forget();
    this.of.store.close();
    for (const workbook of others) {
      // Emptied first: while another tab has it open it is not deleted until that tab is gone.
      await withDatabase(workbook, async (db) => {
        const tx = db.transaction(STORES, "readwrite");
        for (const name of STORES) tx.objectStore(name).clear();
        await done(tx);
      });
    }
    for (const workbook of [this.of.workbook, ...others]) await remove(databaseOf(workbook));
    local((storage) => storage.clear());
    if (typeof caches !== "undefined") for (const name of await caches.keys()) await caches.delete(name);
    const workers = typeof navigator === "undefined" ? undefined : navigator.serviceWorker;
    if (workers) for (const one of await workers.getRegistrations()) await one.unregister();
  }

  /** The other workbooks this device has been in; each leaves its device secret in localStorage. */
  private others(): string[] {
    const keys = local((storage) => Object.keys(storage)) ?? [];
    return keys.map((key) => MIRROR.exec(key)?.[1]).filter((name): name is string => name !== undefined && name !== this.of.workbook);
  }
}

/** A database that cannot be opened holds nothing that could be asked about, and is deleted all the same. */
async function withDatabase(workbook: string, use: (db: Database) => Promise<void>): Promise<void> {
  try {
    const db = await openDatabase(databaseOf(workbook), 1, STORES);
    try { await use(db); } finally { db.close(); }
  } catch {
    return;
  }
}

function remove(name: string): Promise<void> {
  return new Promise((resolve) => {
    if (typeof indexedDB === "undefined") { resolve(); return; }
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
