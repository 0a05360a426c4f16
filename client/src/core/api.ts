/**
 * What the screens may know and do: the typed surface of the client's core.
 * Types only, no code; imported by every screen and implemented by app.ts.
 *
 * How to read it:
 *
 *     const app = await boot("zhengzhou-2021");        // core/app.ts
 *     app.rows("help").value                            // ids, newest first; a signal
 *     app.row("help", id).value?.cells["urgency"]       // the live set of one cell; a signal
 *     app.peek("help", id)                              // the same without subscribing: for filters and sorting
 *     await app.write("help", id, { urgency: "critical" })   // resolves when it is 已存本机
 *
 * Rules the screens can rely on (docs/spec/sync.md, "Client"):
 * - An action resolves only after IndexedDB has completed (or after the fallback has taken it: see `storage`).
 * - What a person typed leaves `unsent` only for the server's record or for `kept`; never for nowhere.
 * - `seen` defaults to what the core holds live at this moment. A form that stayed open while others wrote must pass the
 *   live edits it SHOWED when it was opened (`seenOf(view, paths)`), so that a change made meanwhile becomes a conflict
 *   and not a silent overwrite.
 * - Signals change at most once per animation frame, in one batch.
 */
import type { ReadonlySignal } from "@preact/signals";

/* ---------------------------------------------------------------- words */

export type SheetId = string;
/** 16 base-62 characters. */
export type RowId = string;
/** `field` or `field:element`. */
export type Path = string;
/** 8 base-62 characters. */
export type EditId = string;
/** 12 base-62 characters. */
export type ActorId = string;
export type Tier = "public" | "private";
export type Value = string | number | boolean | null | readonly string[];

/** One live value of a cell, as it travels: `[edit, value, actor, at_ms]`. */
export type LiveValue = readonly [edit: EditId, value: Value, actor: ActorId, atMs: number];
/** A cell's live set, in edit order. Longer than one is a conflict, except where the values are equal. */
export type Live = readonly LiveValue[];
export type Cells = Readonly<Record<Path, Live>>;
export type Writes = Readonly<Record<Path, Value>>;
export type Seen = Readonly<Record<Path, readonly EditId[]>>;

export type Role = "visitor" | "volunteer" | "verifier" | "team" | "matcher" | "steward" | "owner";

/* ------------------------------------------------------------- what is shown */

/**
 * Where one of my own edits is. `device`: 已存本机, not sent; `sending`: on its way; `sent`: the server has it, the feed
 * has not shown it yet. An edit without a mark is the server's.
 */
export type Mark = "device" | "sending" | "sent";

export interface RowView {
  readonly sheet: SheetId;
  readonly row: RowId;
  /** The number people say aloud; null until the server has given one. */
  readonly no: number | null;
  readonly createdMs: number;
  readonly author: ActorId;
  readonly updatedMs: number;
  /** The public tier: the server's live sets with my own unsent edits laid over them. */
  readonly cells: Cells;
  /** Masked forms of the private tier, as everybody sees them: `{contact_phone: ["142****1234"]}`. */
  readonly masked: Readonly<Record<Path, readonly string[]>>;
  /** The private tier as far as this device knows it: my own writing, and what `reveal` showed since the page was opened. */
  readonly private: Cells;
  /** My suggestions for this row that nobody has decided: not in force, shown beside the cell. */
  readonly proposed: Cells;
  /** Marks of my own edits in `cells` and `private`. */
  readonly marks: Readonly<Record<EditId, Mark>>;
  /** My edits of this row that the server does not have yet (for the row's dot). */
  readonly unsent: number;
  /** Paths of `cells` with more than one different live value. */
  readonly conflicts: readonly Path[];
  /** This device holds the row's link. */
  readonly held: boolean;
}

export interface Who {
  readonly actor: ActorId;
  readonly name: string;
  readonly role: Role | "";
}

export interface Me extends Who {
  readonly role: Role;
  /** `sheet/row` of the team this person belongs to, or "". */
  readonly team: string;
  /** False until the server has confirmed this device once. */
  readonly confirmed: boolean;
}

export type Link = "offline" | "connecting" | "live";

/** Why the link is down, for the chip's text. `forbidden` and `outdated` end the dialing for good. */
export type LinkTrouble = "" | "unreachable" | "silent" | "refused" | "busy" | "forbidden" | "outdated";

/** `ok`: IndexedDB. `memory`: it failed, unsent edits live in localStorage. `broken`: that failed too: keep the page open, export. */
export type Storage = "ok" | "memory" | "broken";

/** `empty`: nothing to show yet. `cached`: what this device had. `partial`: the first page of the server's. `whole`: all of it. */
export type Phase = "empty" | "cached" | "partial" | "whole";

/** One act of mine. Where it has an edit in each tier they are shown as one, with the raw words. */
export interface OwnEdit {
  readonly edit: EditId;
  readonly sheet: SheetId;
  readonly row: RowId;
  readonly tier: Tier;
  readonly writes: Writes;
  readonly seen: Seen;
  /** What the paths held before, to this device's knowledge: what undo puts back. */
  readonly before: Cells;
  readonly atMs: number;
  readonly state: "device" | "sending" | "accepted" | "suggested" | "refused";
  /** Code given with `suggested` or `refused`; "" otherwise. */
  readonly reason: string;
}

/** Why a sheet is protected, and until when; `until_ms` 0 for no end. */
export interface Guard {
  readonly step: Protection;
  readonly reason: string;
  readonly until_ms: number;
}

/** Something a steward should look at now: `kind` is stable (`bulk-reading`, …), the rest depends on it. */
export interface Alarm {
  readonly kind: string;
  readonly actor: ActorId;
  readonly rows?: number;
  readonly at_ms: number;
}

/** One time that somebody was shown a row's private fields. */
export interface Showing {
  readonly atMs: number;
  readonly actor: ActorId;
  readonly role: Role | "";
  readonly reason: string;
}

/** One of my own logins. */
export interface Login {
  readonly session: string;
  readonly createdMs: number;
  readonly isThis: boolean;
}

/** What is done in office: asked of the server by who answers for a sheet, and about oneself. A lazy chunk (office.ts). */
export interface Office {
  protect(sheet: SheetId, step: Protection, reason: string, untilMs: number): Promise<void>;
  /** The notice on every screen; empty takes it away. */
  announce(text: string): Promise<void>;
  /** Who was shown this row's private fields, newest first. */
  showings(sheet: SheetId, row: RowId): Promise<readonly Showing[]>;
  /** Whether a caller knows the row's short code; rejects with `wrong-code`, `no-code`, `too-many`. */
  checkCode(sheet: SheetId, row: RowId, code: string): Promise<void>;
  /** A new link for a row; the old one is dead from now on. */
  reissue(sheet: SheetId, row: RowId, reason: string): Promise<{ readonly secret: string; readonly code: string }>;
  /** Erases a row's private data for good, its public words too where `whole`. For the person concerned, and for stewards with a reason. */
  erase(sheet: SheetId, row: RowId, reason: string, whole: boolean): Promise<void>;
  /** Names and announces the day on which all personal data of the workbook is erased; 0 takes it back. For the owner. */
  closeEmergency(onMs: number, text: string): Promise<void>;
  logins(): Promise<readonly Login[]>;
  endLogin(session: string): Promise<void>;
  /** What other workbooks of this server have on this device that no server has: words that clearing it would lose. */
  unsentElsewhere(): Promise<number>;
  /** Removes everything of every workbook of this server from this device: rows, words, links, caches, the worker. Ends this login. */
  clearPhone(): Promise<void>;
}

export interface Presence {
  readonly actor: ActorId;
  readonly name: string;
  readonly role: Role | "";
  readonly sheet: SheetId | "";
  readonly row: RowId | "";
  readonly doing: Doing;
}
export type Doing = "" | "viewing" | "editing" | "calling";

export type Protection = "open" | "careful" | "verified";

export interface Notice {
  readonly text: string;
  readonly atMs: number;
}

export interface RowLink {
  readonly sheet: SheetId;
  readonly row: RowId;
  /** The row link: whoever has it is the person concerned. Shown as a QR code, copied, kept. */
  readonly secret: string;
  /** Six digits to read out to a verifier over the telephone. */
  readonly code: string;
  readonly atMs: number;
}

/* ------------------------------------------------------------- answers of the server */

export interface HistoryEntry {
  readonly seq: number;
  readonly tier: Tier;
  readonly edit: EditId;
  readonly actor: ActorId;
  readonly receivedMs: number;
  readonly writes: Writes;
  readonly seen: Seen;
  readonly origin: string;
}

export interface Suggestion {
  readonly id: string;
  readonly sheet: SheetId;
  readonly row: RowId;
  readonly tier: Tier;
  readonly edit: EditId;
  readonly actor: ActorId;
  readonly receivedMs: number;
  readonly writes: Writes;
  readonly reason: string;
  readonly state: "pending" | "accepted" | "declined" | string;
}

/** Every failure of an action. `code` is stable: offline, not_permitted, unknown_row, too_large, invalid_value, timed_out, … */
export interface ActionError extends Error {
  readonly code: string;
  readonly hint: string;
}

export interface WriteOptions {
  /** All cells of one act in one edit (one verdict for all of them). Default: each cell its own edit. */
  readonly together?: boolean;
  /** What the screen showed, if it is not what the core holds now. Paths left out use the core's. */
  readonly seen?: Seen;
}

export type UndoResult =
  /** The earlier values stand again; the edits that did it. */
  | { readonly kind: "undone"; readonly edits: readonly EditId[] }
  /** Not sent yet and never will be: it left no trace. */
  | { readonly kind: "withdrawn" }
  /** Somebody wrote the cell since: nothing was changed, the screen offers the conflict. */
  | { readonly kind: "changed_since"; readonly paths: readonly Path[] }
  | { readonly kind: "unknown" };

export interface NewRow {
  readonly row: RowId;
  readonly secret: string;
  readonly code: string;
  readonly edits: readonly EditId[];
}

export type CallOutcome =
  | "confirmed_need" | "safe" | "rescued" | "no_answer" | "busy" | "phone_off" | "wrong_number" | "refused" | "call_back";

/* ------------------------------------------------------------- the app */

export interface App {
  readonly workbook: string;

  /* --- state: signals --- */
  readonly title: ReadonlySignal<string>;
  /** The workbook is an exercise: every screen says so. */
  readonly drill: ReadonlySignal<boolean>;
  readonly sheets: ReadonlySignal<readonly SheetId[]>;
  readonly me: ReadonlySignal<Me>;
  readonly phase: ReadonlySignal<Phase>;
  readonly link: ReadonlySignal<Link>;
  readonly trouble: ReadonlySignal<LinkTrouble>;
  /** When the feed was last heard, in this device's `Date.now()`; 0 for never. Data age is `Date.now() - lastHeard`. */
  readonly lastHeard: ReadonlySignal<number>;
  readonly storage: ReadonlySignal<Storage>;
  /** In authoring order: on this device only, or on their way. */
  readonly unsent: ReadonlySignal<readonly OwnEdit[]>;
  /** My suggested and refused edits, newest first, with their words. They stay until `dismiss`. */
  readonly kept: ReadonlySignal<readonly OwnEdit[]>;
  readonly presence: ReadonlySignal<readonly Presence[]>;
  readonly protection: ReadonlySignal<Readonly<Record<SheetId, Protection>>>;
  readonly notice: ReadonlySignal<Notice | null>;
  /** Why and until when, of the sheets that are protected. */
  readonly guards: ReadonlySignal<Readonly<Record<SheetId, Guard>>>;
  /** For stewards: what rang since this page was opened, newest first. */
  readonly alarms: ReadonlySignal<readonly Alarm[]>;
  /** Pending suggestions of the workbook, for those who may decide. */
  readonly pendingSuggestions: ReadonlySignal<number>;
  readonly links: ReadonlySignal<readonly RowLink[]>;
  readonly language: ReadonlySignal<"zh" | "en">;
  /** A newer client is waiting; call `useUpdate()` when no form is open. */
  readonly updateWaiting: ReadonlySignal<boolean>;

  /* --- rows --- */
  /** Ids of a sheet, newest first. Changes when rows come or go, not when cells change. */
  rows(sheet: SheetId): ReadonlySignal<readonly RowId[]>;
  /** A counter that changes with any row of the sheet: `changes(s).value` inside a `computed` that uses `peek`. */
  changes(sheet: SheetId): ReadonlySignal<number>;
  row(sheet: SheetId, row: RowId): ReadonlySignal<RowView | null>;
  peek(sheet: SheetId, row: RowId): RowView | null;
  /** The row with this number, or null. */
  byNumber(sheet: SheetId, no: number): RowId | null;
  who(actor: ActorId): Who;
  /** Milliseconds by the server's clock, as well as this device knows it: for leases and ages. */
  now(): number;
  /** The live edits a screen shows for these paths; keep it when a form opens, pass it as `seen` when it is saved. */
  seenOf(view: RowView | null, paths: readonly Path[]): Seen;

  /* --- writing: every promise resolves when the words are 已存本机 --- */
  /** Adds a row. Private fields and phone numbers in free text are put where they belong. */
  addRow(sheet: SheetId, writes: Writes): Promise<NewRow>;
  write(sheet: SheetId, row: RowId, writes: Writes, options?: WriteOptions): Promise<readonly EditId[]>;
  /** Settles a conflict: writes `value` over every live value of the path. */
  pick(sheet: SheetId, row: RowId, path: Path, value: Value): Promise<readonly EditId[]>;
  /** Appends to a log field (`notes`, `contact_log`): the element is the edit's own id. */
  append(sheet: SheetId, row: RowId, field: string, value: Value): Promise<readonly EditId[]>;
  /** Undoes an edit of one's own. */
  undo(edit: EditId): Promise<UndoResult>;

  /* --- acts, in the words of the work --- */
  /** `team` defaults to my own; a matcher names another (state `offered`). */
  claim(sheet: SheetId, row: RowId, act: { eta?: string; leaseMinutes?: number; team?: string }): Promise<readonly EditId[]>;
  release(sheet: SheetId, row: RowId, team?: string): Promise<readonly EditId[]>;
  progress(sheet: SheetId, row: RowId, state: "en_route" | "on_scene" | "active", eta?: string): Promise<readonly EditId[]>;
  done(sheet: SheetId, row: RowId): Promise<readonly EditId[]>;
  logCall(sheet: SheetId, row: RowId, call: { channel?: string; outcome: CallOutcome; note?: string; nextAt?: string }): Promise<readonly EditId[]>;
  verify(sheet: SheetId, row: RowId, state: string, more?: { method?: string; note?: string }): Promise<readonly EditId[]>;
  setUrgency(sheet: SheetId, row: RowId, urgency: string): Promise<readonly EditId[]>;
  /** `other` null takes the link back. */
  markDuplicate(sheet: SheetId, row: RowId, other: RowId | null): Promise<readonly EditId[]>;
  close(sheet: SheetId, row: RowId, end: { outcome: string; by?: string; note?: string; destination?: string }): Promise<readonly EditId[]>;
  reopen(sheet: SheetId, row: RowId, note?: string): Promise<readonly EditId[]>;
  /** 仍需救援: a human looked, the need stands. */
  stillNeeded(sheet: SheetId, row: RowId): Promise<readonly EditId[]>;

  /* --- asking the server: reject with ActionError `offline` when there is no link --- */
  /** Shows the private tier of a row (logged with the reason); also fills `RowView.private`. */
  reveal(sheet: SheetId, row: RowId, reason: string): Promise<Cells>;
  history(sheet: SheetId, row: RowId): Promise<readonly HistoryEntry[]>;
  /** Of a row, or of the workbook when called without arguments. */
  suggestions(sheet?: SheetId, row?: RowId): Promise<readonly Suggestion[]>;
  decide(suggestion: Suggestion, accept: boolean, reason?: string): Promise<void>;
  /** A row the feed does not carry (it is over, or old); it joins the sheet. Null: there is none. */
  fetchRow(sheet: SheetId, row: RowId): Promise<RowView | null>;
  /** Rows that are over and not on this device: they join their sheets until the page is closed. How many came. */
  loadOver(): Promise<number>;
  here(sheet: SheetId | "", row: RowId | "", doing: Doing): void;
  /** Rejects with `offline` where its chunk cannot be had. */
  office(): Promise<Office>;

  /* --- identity --- */
  /** Exchanges an invitation for its role. */
  join(invite: string, name?: string): Promise<Me>;
  rename(name: string): Promise<Me>;
  /** Takes a row link into this device; finds the row it opens. Null: it opens none that this server knows. */
  openLink(secret: string): Promise<RowLink | null>;
  setLanguage(language: "zh" | "en"): void;
  /** The session's bearer token, for HTTP calls of lazy screens (import, export). "" when there is none. */
  bearer(): string;

  /* --- keeping --- */
  draft<T>(key: string): Promise<T | null>;
  /** Null removes it. Kept as typed, before anything is saved. */
  keepDraft<T>(key: string, value: T | null): Promise<void>;
  /** The person has read it: removes one edit from `kept`. */
  dismiss(edit: EditId): Promise<void>;
  /** Takes an unsent edit back (asked for by the person). False: it has left already. */
  withdraw(edit: EditId): Promise<boolean>;
  sendNow(): void;
  /** Loads the newer client; reloads the page. */
  useUpdate(): void;
  /** Removes everything of this workbook from this device, unsent edits too. */
  forget(): Promise<void>;
}
