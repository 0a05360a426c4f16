import { expect, test } from "vitest";
import { readAddress } from "./address";

const SECRET = "abcdefghijklmnopqrstuv";

test("an invitation and a row link are read from the fragment", () => {
  expect(readAddress("/w/zz/", `#invite=${SECRET}`)).toEqual({ kind: "invite", secret: SECRET });
  expect(readAddress("/w/zz/", `#row=help/${SECRET}`)).toEqual({ kind: "link", sheet: "help", secret: SECRET });
});

test("ID11 a link that was issued anew names its row beside the secret", () => {
  const opens = `0123456789abcdef.${SECRET}`;
  expect(readAddress("/w/zz/", `#row=help/${opens}`)).toEqual({ kind: "link", sheet: "help", secret: opens });
  expect(readAddress("/w/zz/", `#row=help/0123.${SECRET}`)).toBeNull();
});

test("a broken secret opens nothing", () => {
  expect(readAddress("/w/zz/", "#invite=short")).toBeNull();
  expect(readAddress("/w/zz/", `#row=help/${SECRET}!`)).toBeNull();
  expect(readAddress("/w/zz/", `#row=../${SECRET}`)).toBeNull();
});

test("a page of a row, of a sheet and of the form opens the same in the app", () => {
  expect(readAddress("/w/zz/help/1437", "")).toEqual({ kind: "row", sheet: "help", no: 1437 });
  expect(readAddress("/w/zz/hazard/", "")).toEqual({ kind: "sheet", sheet: "hazard" });
  expect(readAddress("/w/zz/help/new", "")).toEqual({ kind: "ask" });
  expect(readAddress("/w/zz/", "")).toBeNull();
});
