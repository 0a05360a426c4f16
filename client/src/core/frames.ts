/**
 * Frames of the socket: MessagePack arrays whose first element is the tag. One type per line of docs/protocol.md.
 * Pure. Imported by session.ts, socket.ts, wire.ts. A reader ignores fields and tags that it does not know.
 */
import type { ActorId, Cells, Doing, EditId, Live, Path, Protection, Role, RowId, Seen, SheetId, Tier, Value } from "./api";
import { pack, unpack } from "./msgpack";

export const PROTOCOL = 1;

/** A frame from a client is at most 64 KB. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** `[sheet, row, no, created_ms, author, {path: live}, {path: masked}, updated_ms]`: an entry, and a row of a snapshot. */
export type Entry = [
  sheet: SheetId, row: RowId, no: number, createdMs: number, author: ActorId,
  cells: Record<Path, Live>, masked: Record<Path, string[]>, updatedMs: number,
];
export type Names = Record<ActorId, [name: string, role: Role | ""]>;
export type Verdict = "accepted" | "suggested" | "refused" | "retry";

export type ClientFrame =
  | ["hello", protocol: number, session: string, cursor: number, epoch: string]
  | ["push", n: number, sheet: SheetId, row: RowId, secret: string, updates: [Tier, Uint8Array][]]
  | ["ping", n: number]
  | ["here", sheet: SheetId | "", row: RowId | "", doing: Doing]
  | Ask;

/** Frames that a frame with the same `n` answers. */
export type Ask =
  | ["reveal", n: number, sheet: SheetId, row: RowId, reason: string, secret: string]
  | ["hold", n: number, sheet: SheetId, row: RowId, secret: string]
  | ["history", n: number, sheet: SheetId, row: RowId]
  | ["suggestions", n: number, sheet: SheetId | "", row: RowId | ""]
  | ["decide", n: number, suggestion: string | number, accept: boolean, reason: string, seen: Seen]
  | ["fetch", n: number, sheet: SheetId, row: RowId]
  | ["code", n: number, sheet: SheetId, row: RowId, code: string]
  | ["showings", n: number, sheet: SheetId, row: RowId]
  | ["protect", n: number, sheet: SheetId, step: Protection, reason: string, untilMs: number]
  | ["announce", n: number, text: string]
  | ["sessions", n: number]
  | ["end_session", n: number, session: string]
  | ["reissue", n: number, sheet: SheetId, row: RowId, reason: string]
  | ["erase", n: number, sheet: SheetId, row: RowId, reason: string, whole: boolean]
  | ["close_emergency", n: number, onMs: number, text: string];

export type ServerFrame =
  | ["welcome", epoch: string, cursor: number, actor: ActorId, role: Role, team: string, serverMs: number, protection: Record<SheetId, Protection>]
  | ["entries", cursor: number, entries: Entry[], names: Names]
  | ["live", cursor: number]
  | ["reset", epoch: string]
  | ["ack", n: number, verdicts: [EditId, Verdict, string][], seq: number]
  | ["pong", n: number, serverMs: number]
  | ["presence", here: [ActorId, string, Role | "", SheetId, RowId, Doing][]]
  | ["control", kind: string, payload: Record<string, unknown>]
  | ["error", code: string, message: string]
  | Answer;

export type Answer =
  | ["private", n: number, sheet: SheetId, row: RowId, cells: Cells]
  | ["history", n: number, sheet: SheetId, row: RowId, entries: HistoryRow[], names: Names]
  | ["suggestions", n: number, suggestions: SuggestionRow[], names: Names]
  | ["row", n: number, row: Entry | null]
  | ["showings", n: number, showings: [atMs: number, actor: ActorId, role: Role | "", reason: string][], names: Names]
  | ["sessions", n: number, sessions: [session: string, createdMs: number, isThis: boolean][]]
  | ["link", n: number, link: string, code: string]
  | ["done", n: number, code: string, message: string];

export type HistoryRow = [
  seq: number, tier: Tier, edit: EditId, actor: ActorId, receivedMs: number,
  writes: Record<Path, Value>, seen: Record<Path, EditId[]>, origin: string,
];
export type SuggestionRow = [
  id: string | number, sheet: SheetId, row: RowId, tier: Tier, edit: EditId, actor: ActorId, receivedMs: number,
  writes: Record<Path, Value>, reason: string, state: string,
];

/** How many elements each frame of a server has at least; a shorter one is malformed, a longer one is a later version's. */
const SERVER_FRAMES: Record<ServerFrame[0], number> = {
  welcome: 8, entries: 4, live: 2, reset: 2, ack: 4, pong: 3, presence: 2, private: 5, history: 6, suggestions: 4, row: 3, done: 4,
  showings: 4, sessions: 3, link: 4, control: 3, error: 3,
};

export function encodeFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  return pack(frame);
}

/** The frame in `bytes`; null for one that a later version of the protocol added. Throws TypeError on anything malformed. */
export function decodeFrame(bytes: ArrayBuffer | Uint8Array): ServerFrame | null {
  const frame = unpack(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  if (!Array.isArray(frame) || typeof frame[0] !== "string") throw new TypeError("a frame begins with its tag");
  if (!Object.prototype.hasOwnProperty.call(SERVER_FRAMES, frame[0])) return null;
  if (frame.length < SERVER_FRAMES[frame[0] as ServerFrame[0]]) throw new TypeError(`a ${frame[0]} frame is cut short`);
  return frame as ServerFrame;
}
