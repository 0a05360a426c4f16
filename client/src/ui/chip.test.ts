// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { beforeAll, expect, test } from "vitest";
import type { Link, OwnEdit, Storage } from "../core/api";
import { chipState } from "./chip";
import { fetchWords } from "./words";

const AT = new Date(2021, 6, 20, 14, 3).getTime();
const edit = (state: OwnEdit["state"]) => ({ state }) as OwnEdit;
const app = (link: Link, more: { unsent?: number; kept?: OwnEdit[]; storage?: Storage; heard?: number } = {}) => ({
  link: signal(link), storage: signal<Storage>(more.storage ?? "ok"), lastHeard: signal(more.heard ?? AT),
  unsent: signal(Array.from({ length: more.unsent ?? 0 }, () => edit("device"))), kept: signal(more.kept ?? []),
});

beforeAll(fetchWords);

test("with a living link and nothing to send it says when the server was heard", () => {
  expect(chipState(app("live"), 0, AT)).toMatchObject({ tone: "good", text: "已同步 14:03" });
});

test("an empty queue without a link is offline, never synced", () => {
  expect(chipState(app("offline"), 0, AT).text).toMatch(/^离线/);
  expect(chipState(app("offline"), 0, AT).text).toContain("数据截至 14:03");
});

test("offline it tells kept on this device from delivered", () => {
  expect(chipState(app("offline", { unsent: 5 }), 0, AT).text).toBe("离线，已存本机 5 条");
  expect(chipState(app("live", { unsent: 3 }), 0, AT).text).toBe("正在发送 3");
});

test("a device that cannot store says so before anything else", () => {
  expect(chipState(app("live", { unsent: 2, storage: "broken" }), 4, AT)).toMatchObject({ tone: "bad", text: "存储不可用：这台设备没有存下 2 条，请先复制保存" });
});

test("refused words come before conflicts, conflicts before peace", () => {
  expect(chipState(app("live", { kept: [edit("refused"), edit("suggested")] }), 2, AT).text).toBe("1 条未被接受");
  expect(chipState(app("live", { kept: [edit("suggested")] }), 2, AT).text).toBe("有 2 处冲突");
});

test("a feed silent for more than a minute is told by its age", () => {
  expect(chipState(app("live", { heard: AT - 90_000 }), 0, AT).text).toBe("数据截至 14:01");
});
