/**
 * A page with the real core behind it, for the screens' tests: the core's own test server, an in-memory IndexedDB, a DOM without layout.
 * Test support only.
 */
import "fake-indexeddb/auto";
import { vi } from "vitest";
import type { App, Cells, RowId, RowView, Value } from "../../core/api";
import { boot } from "../../core/app";
import type { Edit } from "../../core/encoder";
import { newEditId, rowId } from "../../core/ids";
import { pen } from "../../core/pen";
import { Server } from "../../core/testing/server";
import { SHEETS } from "../../schema/definitions";
import { FORMS, GRID, LAYERS, OWN, PANEL } from "../later";
import { mount } from "../mount";
import { resetView, wide } from "../view";
import { fetchWords } from "../words";

export const OTHER = "BBBBBBBBBBBB";
let count = 0;

export interface Page {
  readonly app: App;
  readonly server: Server;
  readonly root: HTMLElement;
  /** Somebody else's edit, which the feed brings. */
  others(row: RowId, path: string, value: Value, seen?: readonly string[], atMs?: number): string;
  close(): void;
}

export async function openPage(more: { wide?: boolean; online?: boolean; rows?: Record<string, Value>[] } = {}): Promise<Page & { rows: RowId[] }> {
  resetView();
  await fetchWords();
  await Promise.all([PANEL, FORMS, LAYERS, OWN, GRID].map((part) => part.fetch()));
  const server = new Server();
  const rows = (more.rows ?? []).map((cells, i) => {
    const row = rowId("help", `seed${i}`);
    server.merge("help", row, "public", { edit: newEditId(), actor: OTHER, atMs: 5, writes: cells, seen: {} });
    return row;
  });
  server.isDown = more.online === false;
  const app = await boot(`screens${count++}`, {
    sheets: Object.keys(SHEETS), tier: (sheet, path) => SHEETS[sheet]?.fields[path.split(":")[0]!]?.tier, pen: async () => pen,
    fetch: server.fetch, dial: server.dial, chance: () => 0,
  });
  const root = document.createElement("div");
  document.body.appendChild(root);
  Object.defineProperty(globalThis, "matchMedia", {
    configurable: true, value: () => ({ matches: more.wide ?? false, addEventListener: () => undefined, removeEventListener: () => undefined }),
  });
  const unmount = mount(app, root);
  wide.value = more.wide ?? false;
  if (more.online !== false) await until(() => app.link.value === "live");
  await until(() => root.querySelector(".frame"));
  const page: Page = {
    app, server, root,
    others(row, path, value, seen = [], atMs = 9) {
      const edit: Edit = { edit: newEditId(), actor: OTHER, atMs, writes: { [path]: value }, seen: seen.length ? { [path]: seen } : {} };
      server.merge("help", row, "public", edit);
      return edit.edit;
    },
    close() { unmount(); app.shutDown(); root.remove(); },
  };
  return { ...page, rows };
}

export const until = (check: () => unknown, ms = 3_000) =>
  vi.waitFor(() => { if (!check()) throw new Error(`not yet: ${check.toString()}`); }, { timeout: ms, interval: 5 });

export function find<T extends HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`nothing on the page for ${selector}`);
  return found;
}

/** The button that says so. */
export function button(root: ParentNode, text: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === text || one.getAttribute("aria-label") === text);
  if (!found) throw new Error(`no button says ${text}; there are ${[...root.querySelectorAll("button")].map((one) => one.textContent).join(" | ")}`);
  return found;
}

export function type(box: HTMLInputElement | HTMLTextAreaElement, text: string, composing = false): void {
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: composing }));
}

export function press(target: HTMLElement, key: string, more: { composing?: boolean; ctrl?: boolean } = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing: !!more.composing, ctrlKey: !!more.ctrl });
  if (more.composing) Object.defineProperty(event, "keyCode", { value: 229 });
  target.dispatchEvent(event);
  return event;
}

/** A row as the core would show it, for pure functions. */
export function rowView(more: Partial<RowView> & { cells?: Cells } = {}): RowView {
  return {
    sheet: "help", row: "ROW0000000000000", no: 1, createdMs: 1, author: OTHER, updatedMs: 1, cells: {}, masked: {}, private: {}, proposed: {}, marks: {},
    unsent: 0, conflicts: [], held: false, ...more,
  };
}

export const live = (value: Value, actor = OTHER, atMs = 1, edit = "aaaaaaaa"): Cells[string] => [[edit, value, actor, atMs]];
