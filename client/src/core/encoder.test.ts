import { expect, test } from "vitest";
import * as Y from "yjs";
import vectors from "../../../schema/vectors/edits.json";
import type { Value } from "./api";
import { decode62 } from "./base62";
import { encodeEdit, type Edit } from "./encoder";
import { newEditId } from "./ids";

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

test("ED2 the canonical bytes are the shared vectors", () => {
  for (const v of vectors.edits) {
    const edit = { edit: v.edit, actor: v.actor, atMs: v.at_ms, writes: v.writes, seen: v.seen } as unknown as Edit;
    expect(hex(encodeEdit(edit)), v.why).toBe(v.update);
  }
});

/** Small generator with a fixed seed, so that a failing edit can be found again. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

const TEXTS = ["", "水到二楼了", "🆘🚣‍♀️", "a", "救".repeat(60), "x".repeat(200), "é\u0301\u2028", "142****1234"];
const NUMBERS = [0, 1, -1, 63, 64, -64, 127, 128, 8191, 8192, 2147483647, -2147483647, 2147483648, 0.5, 0.1, -34.7466, 1e21, 2 ** 53, 1626785940000];

function randomEdit(draw: () => number): Edit {
  const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]!;
  const value = (): Value => {
    const kind = draw();
    if (kind < 0.35) return one(TEXTS);
    if (kind < 0.55) return one(NUMBERS);
    if (kind < 0.65) return Math.floor((draw() - 0.5) * 2 ** 34);
    if (kind < 0.75) return draw() < 0.5;
    if (kind < 0.82) return null;
    return Array.from({ length: Math.floor(draw() * 6) }, () => one(TEXTS));
  };
  const writes: Record<string, Value> = {};
  const seen: Record<string, string[]> = {};
  const count = 1 + Math.floor(draw() * 8);
  for (let i = 0; i < count; i++) {
    const path = one(["floor", "floor2", "needs:boat", "needs", "a", "zz_9:A.b-c", "contact_log:00000000"]);
    writes[path] = value();
    if (draw() < 0.5) seen[path] = Array.from({ length: 1 + Math.floor(draw() * 4) }, newEditId);
  }
  return { edit: newEditId(), actor: "0aZ9bY8cX7dW", atMs: Math.floor(draw() * 2e12), writes, seen };
}

test("ED2 Yjs writes the same bytes for the same keys under the same client id", () => {
  const draw = chance(20210720);
  for (let i = 0; i < 2000; i++) {
    const edit = randomEdit(draw);
    const doc = new Y.Doc();
    doc.clientID = decode62(edit.edit);
    const map = doc.getMap("row");
    doc.transact(() => {
      const seen = Object.fromEntries(Object.keys(edit.seen).sort().map((path) => [path, [...edit.seen[path]!].sort()]));
      map.set(`~${edit.edit}`, [edit.actor, edit.atMs, seen]);
      for (const key of Object.keys(edit.writes).map((path) => `${path}~${edit.edit}`).sort()) {
        map.set(key, edit.writes[key.split("~")[0]!]);
      }
    });
    expect(hex(encodeEdit(edit))).toBe(hex(Y.encodeStateAsUpdate(doc)));
  }
});

test("ED2 Yjs reads our bytes, in any order, as one document", () => {
  const draw = chance(7);
  const edits = Array.from({ length: 300 }, () => randomEdit(draw));
  const there = new Y.Doc();
  const back = new Y.Doc();
  for (const edit of edits) Y.applyUpdate(there, encodeEdit(edit));
  for (const edit of [...edits].reverse()) {
    Y.applyUpdate(back, encodeEdit(edit));
    Y.applyUpdate(back, encodeEdit(edit));
  }
  expect(back.getMap("row").toJSON()).toEqual(there.getMap("row").toJSON());
  for (const edit of edits) {
    for (const path of Object.keys(edit.writes)) {
      expect(there.getMap("row").get(`${path}~${edit.edit}`)).toEqual(edit.writes[path]);
    }
  }
});
