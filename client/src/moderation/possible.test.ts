import { signal } from "@preact/signals";
import { afterEach, expect, it, vi } from "vitest";
import type { RowView } from "../core/api";
import { paste, possibleDuplicates, type Source } from "./possible";

afterEach(() => vi.unstubAllGlobals());

const answers = (status: number, body: unknown) => vi.fn(async () => new Response(JSON.stringify(body), { status }));

it("DU24 asks the server while it answers, with what is typed", async () => {
  const fetch = answers(200, { ready: true, candidates: [{ sheet: "help", row: "a", no: 7, kind: "same_request", band: "strong", score: 0.96, why: ["place"], primary: "" }] });
  vi.stubGlobal("fetch", fetch);
  const found = await possibleDuplicates(device([]), "help", { place: "福苑小区" });
  expect([found.by, found.ready, found.candidates[0]!.no]).toEqual(["server", true, 7]);
  const [address, sent] = fetch.mock.calls[0] as unknown as [string, RequestInit];
  expect(address).toBe("/w/flood/duplicates");
  expect(JSON.parse(sent.body as string)).toEqual({ sheet: "help", writes: { place: "福苑小区" }, row: "" });
});

it("DU24 without the server it looks through the rows of this device, by masked numbers", async () => {
  const app = device([row("a", 3, { place: "嵩山南路122号福苑小区" }, "142****5678"), row("b", 4, { place: "米河镇小里河村" }, "163****0000")], "offline");
  const typed = { place: "福苑小区", contact_phone: "14212345678" };
  const found = await possibleDuplicates(app, "help", typed);
  expect([found.by, found.candidates.map((one) => [one.row, one.no, one.kind, one.band])]).toEqual(["device", [["a", 3, "same_request", "strong"]]]);
  expect((await possibleDuplicates(app, "help", typed, "a")).candidates).toEqual([]);
});

it("DU21 on the device, too, a row that changed is found by its new words, and one that went not at all", async () => {
  const rows = [row("a", 3, { place: "嵩山南路122号福苑小区" }, "142****5678")];
  const app = device(rows, "offline");
  const ask = async (place: string) => (await possibleDuplicates(app, "help", { place, contact_phone: "14212345678" })).candidates.map((one) => `${one.row} ${one.kind}`);
  expect(await ask("福苑小区")).toEqual(["a same_request"]);
  rows[0] = row("a", 3, { place: "汜水镇虎牢关村" }, "142****5678");
  expect(await ask("福苑小区")).toEqual(["a same_contact"]);
  rows.length = 0;
  expect(await ask("福苑小区")).toEqual([]);
});

it("DU24 a server that refuses or is gone leaves the device's own answer", async () => {
  vi.stubGlobal("fetch", answers(429, { error: { code: "too-many", message: "at most 60 a minute", hint: "" } }));
  const app = device([row("a", 3, { place: "嵩山南路122号福苑小区" }, "142****5678")]);
  expect((await possibleDuplicates(app, "help", { place: "福苑小区", contact_phone: "14212345678" })).by).toBe("device");
});

it("PO8 a pasted text comes back as drafts, or, without the server, as words and numbers", async () => {
  vi.stubGlobal("fetch", answers(200, { kind: "posts", drafts: [{ sheet: "help", writes: { place: "桥头" }, doubts: [] }], remarks: [] }));
  expect((await paste(device([]), "桥头")).drafts[0]!.writes).toEqual({ place: "桥头" });
  vi.stubGlobal("fetch", vi.fn(async () => Promise.reject(new TypeError("offline"))));
  const text = "求助！14212345678 或 16312345678";
  expect(await paste(device([]), text)).toEqual({
    kind: "words",
    drafts: [{ sheet: "help", writes: { summary: text, contact_phone: "14212345678", contact_phone2: "16312345678" }, doubts: [] }],
    remarks: [],
  });
  vi.stubGlobal("fetch", answers(400, { error: { code: "paste-empty", message: "there are no words", hint: "" } }));
  await expect(paste(device([]), " ")).rejects.toMatchObject({ code: "paste-empty" });
});

function row(id: string, no: number, cells: { [path: string]: string }, phone: string): RowView {
  const live = Object.fromEntries(Object.keys(cells).map((path) => [path, [["e1", cells[path]!, "ann", 0] as const]]));
  return { sheet: "help", row: id, no, cells: live, masked: { contact_phone: [phone] }, private: {} } as unknown as RowView;
}

function device(rows: readonly RowView[], link: "offline" | "live" = "live"): Source {
  return {
    workbook: "flood",
    bearer: () => "secret",
    link: signal(link),
    rows: () => signal(rows.map((one) => one.row)),
    peek: (_: string, id: string) => rows.find((one) => one.row === id) ?? null,
  } as Source;
}
