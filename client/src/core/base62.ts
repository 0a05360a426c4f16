/**
 * Base 62 in byte order (`0-9A-Za-z`): a fixed-length string sorts as the number it stands for.
 * Pure, except `random62`, which draws from the browser's generator. Imported by ids.ts and encoder.ts.
 */
import { sha256 } from "./sha256";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `number` in base 62, padded to `chars` digits. Exact below 2^53. */
export function encode62(number: number, chars: number): string {
  let text = "";
  for (let i = 0; i < chars; i++) {
    text = ALPHABET.charAt(number % 62) + text;
    number = Math.floor(number / 62);
  }
  return text;
}

/** The number a base-62 string stands for; inverse of `encode62`. */
export function decode62(text: string): number {
  let number = 0;
  for (let i = 0; i < text.length; i++) number = number * 62 + ALPHABET.indexOf(text.charAt(i));
  return number;
}

export function is62(text: unknown, chars: number): text is string {
  return typeof text === "string" && text.length === chars && /^[0-9A-Za-z]+$/.test(text);
}

/** SHA-256 of `bytes`, read as a big-endian number, modulo 62^chars. Long division: no BigInt before Chromium 67. */
export function digest62(bytes: Uint8Array, chars: number): string {
  const number = Array.from(sha256(bytes));
  let text = "";
  for (let digit = 0; digit < chars; digit++) {
    let rest = 0;
    for (let i = 0; i < number.length; i++) {
      const part = rest * 256 + number[i]!;
      number[i] = Math.floor(part / 62);
      rest = part % 62;
    }
    text = ALPHABET.charAt(rest) + text;
  }
  return text;
}

/** `chars` random digits. `getRandomValues` needs no secure context, so a hub on plain http has it too. */
export function random62(chars: number): string {
  let text = "";
  while (text.length < chars) {
    for (const byte of crypto.getRandomValues(new Uint8Array(chars * 2))) {
      // 248 = 4 * 62: above it a digit would come up more often than its neighbours.
      if (byte < 248 && text.length < chars) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
