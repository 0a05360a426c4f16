/**
 * Identifiers, and the digests that turn secrets into public ids. Twin of `schema/ids.py`; held to it by `schema/vectors/ids.json`.
 * Pure, except where a name says `new`. Imported by every file of the core.
 */

import type { ActorId, EditId, RowId, SheetId } from "./api";
import { digest62, is62, random62 } from "./base62";
import { hmacSha256 } from "./sha256";

export const EDIT_CHARS = 8;
export const ROW_CHARS = 16;
export const ACTOR_CHARS = 12;
export const SECRET_CHARS = 22;

const utf8 = new TextEncoder();

/** The row a row secret opens. */
export function rowId(sheet: SheetId, secret: string): RowId {
  return digest62(utf8.encode(`${sheet}/${secret}`), ROW_CHARS);
}

/** The actor a device secret proves: the same on every hub. */
export function actorId(device: string): ActorId {
  return digest62(utf8.encode(`actor/${device}`), ACTOR_CHARS);
}

/** Six digits the holder of a row link can read out over a telephone. */
export function shortCode(secret: string): string {
  const mac = hmacSha256(utf8.encode(secret), utf8.encode("code"));
  // Modulo a million byte by byte: 256 * 999,999 stays far below 2^53.
  let rest = 0;
  for (const byte of mac) rest = (rest * 256 + byte) % 1_000_000;
  return String(rest).padStart(6, "0");
}

export function newEditId(): EditId {
  return random62(EDIT_CHARS);
}

export function newSecret(): string {
  return random62(SECRET_CHARS);
}

export function isSecret(text: unknown): text is string {
  return is62(text, SECRET_CHARS);
}
