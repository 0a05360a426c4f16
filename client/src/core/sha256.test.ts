import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { hmacSha256, sha256 } from "./sha256";

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 167 + length) & 0xff);

test("the standard's own examples", () => {
  const text = new TextEncoder();
  expect(hex(sha256(text.encode("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hex(sha256(text.encode("")))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hex(hmacSha256(text.encode("Jefe"), text.encode("what do ya want for nothing?")))).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
});

test("every length around the block's edges, and a long one, is what node says", () => {
  for (const length of [...Array(200).keys(), 1000, 100_000]) {
    expect(hex(sha256(bytes(length)))).toBe(createHash("sha256").update(bytes(length)).digest("hex"));
    const key = bytes(length % 150);
    expect(hex(hmacSha256(key, bytes(length)))).toBe(createHmac("sha256", key).update(bytes(length)).digest("hex"));
  }
});
