import { decode, encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { pack, unpack } from "./msgpack";

function chance(seed: number): () => number {
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}
const EDGES = [
  0, 1, 31, 32, 33, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1626785940000, 2 ** 53 - 1, -1, -31, -32, -33, -127, -128, -129,
  -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 40), -(2 ** 53) + 1, 0.5, -0.1, 1e300, "", "救命", "🆘", "x".repeat(31), "x".repeat(32), "x".repeat(255),
  "x".repeat(256), "救".repeat(30000), null, true, false, new Uint8Array(0), new Uint8Array(255).fill(7), new Uint8Array(256), new Uint8Array(70000),
  [], {}, Array.from({ length: 15 }, () => 1), Array.from({ length: 16 }, () => 1), Array.from({ length: 70000 }, () => null),
  Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`k${i}`, i])), Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i])),
];

test("every edge is written as the reference library writes it, and read back", () => {
  for (const value of EDGES) {
    const bytes = pack(value);
    expect(bytes).toEqual(encode(value));
    expect(unpack(bytes)).toEqual(value);
  }
});

test("random frames go through both libraries, both ways", () => {
  const draw = chance(11);
  const one = (depth: number): unknown => {
    const kind = draw();
    if (depth < 4 && kind < 0.25) return Array.from({ length: Math.floor(draw() * 20) }, () => one(depth + 1));
    if (depth < 4 && kind < 0.45) return Object.fromEntries(Array.from({ length: Math.floor(draw() * 20) }, (_, i) => [`键${i}`, one(depth + 1)]));
    return EDGES[Math.floor(draw() * 37)];
  };
  for (let i = 0; i < 2000; i++) {
    const value = one(0);
    expect(unpack(encode(value))).toEqual(value);
    expect(decode(pack(value))).toEqual(value);
  }
});

test("cut, longer or foreign bytes are a TypeError and nothing else", () => {
  const whole = pack(["entries", 5, [["help", "r", 1, { place: [["e", "救", "A", 1]] }]], {}]);
  for (let cut = 0; cut < whole.length; cut++) expect(() => unpack(whole.slice(0, cut))).toThrow(TypeError);
  expect(() => unpack(new Uint8Array([...whole, 0]))).toThrow(TypeError);
  // An extension, a huge array, a huge text, a key that is no text, a key that would reach the prototype, a nest without an end.
  for (const bytes of [[0xd4, 1, 2], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff], [0x81, 1, 1], [...pack({ a: 1 })].map((b) => b).slice(0, 2), [0xa1, 0xff]]) {
    expect(() => unpack(new Uint8Array(bytes))).toThrow(TypeError);
  }
  expect(() => unpack(encode(JSON.parse('{"__proto__": 1}')))).toThrow(TypeError);
  expect(() => unpack(new Uint8Array(5000).fill(0x91))).toThrow(TypeError);
  const draw = chance(3);
  for (let i = 0; i < 20_000; i++) {
    const bytes = whole.slice();
    for (let k = 0; k < 3; k++) bytes[Math.floor(draw() * bytes.length)] = Math.floor(draw() * 256);
    try {
      unpack(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  }
});
