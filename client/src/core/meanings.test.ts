import { expect, test } from "vitest";
import help from "../../../schema/sheets/help.json";
import shared from "../../../schema/sheets/shared.json";
import { withoutWords, wordsOf } from "../../apart";
import { putBack, type Words } from "./meanings";

const copy = <T>(json: T) => JSON.parse(JSON.stringify(json)) as T;

test("words taken out of a definition and put back make the same definition", () => {
  for (const whole of [help, shared]) {
    const bare = withoutWords(copy(whole) as never) as object;
    expect(JSON.stringify(bare)).not.toContain('"meaning"');
    expect(JSON.stringify(bare)).not.toContain('"aliases"');
    putBack(bare, wordsOf(copy(whole) as never) as Words);
    expect(bare).toEqual(whole);
  }
});

test("words alone are lighter than the definition, and hold no rights", () => {
  const words = JSON.stringify(wordsOf(copy(help) as never));
  expect(words.length).toBeLessThan(JSON.stringify(help).length * 0.8);
  expect(words).not.toContain("rights");
});
