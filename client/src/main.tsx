/**
 * Starts the app on the page the server has rendered. The page stays as it is, readable, until the core is there, and for good if it fails.
 * The entry of the build; imports the core, the definitions and the screens.
 */
import { effect } from "@preact/signals";
import type { App } from "./core/api";
import { boot } from "./core/app";
import { loadRest } from "./core/rest";
import { SHEETS } from "./schema/definitions";
import { mount } from "./ui/mount";

const PATIENCE_MS = 5_000;
const REST_MS = 1_500;
const REST_AGAIN_MS = 15_000;

async function start(root: HTMLElement, workbook: string): Promise<void> {
  const app = await boot(workbook, {
    sheets: Object.keys(SHEETS),
    tier: (sheet, path) => SHEETS[sheet]?.fields[path.split(":")[0]!]?.tier,
    async pen(sheet) {
      const axis = SHEETS[sheet]?.axis;
      // A head of a sheet has its shared fields only: whoever writes in it waits for the rest.
      if (axis !== undefined && !SHEETS[sheet]!.fields[axis]) await loadRest();
      return (await import("./core/pen")).pen;
    },
  });
  const rest = async (): Promise<void> => {
    try {
      await loadRest();
      app.redraw();
    } catch {
      setTimeout(() => void rest(), REST_AGAIN_MS);
    }
  };
  // The page of another sheet, or in English, is not to be drawn without its words.
  if (app.language.value === "en" || !/^\/w\/[^/]+\/(help(\/|$)|$)/.test(location.pathname)) await rest();
  await somethingToShow(app);
  mount(app, root);
  // Before anybody can have opened a form: a network that goes now takes nothing away.
  void Promise.all([import("./core/pen"), import("./core/desk")]).catch(() => {});
  // After the first screen has had the line to itself.
  setTimeout(() => void rest(), REST_MS);
}

/** On a first visit the server's page is what there is to read: it stays until rows have come, or it is clear that none will soon. */
function somethingToShow(app: App): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
    effect(() => {
      if (app.phase.value !== "empty" || app.trouble.value !== "") resolve();
    });
  });
}

const root = document.getElementById("app");
const workbook = root?.dataset["workbook"];
if (root && workbook) void start(root, workbook);
