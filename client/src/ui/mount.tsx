/**
 * Puts the screens onto the page and follows what is outside them: window width, the clock, the address, the browser's history.
 * Called once by main.ts with the app that core/app.ts has made.
 */
import { effect } from "@preact/signals";
import { render } from "preact";
import type { App } from "../core/api";
import { readAddress, type Entry } from "./address";
import { AppContext } from "./context";
import { isSheet } from "./definition";
import { Frame } from "./frame";
import { fetchParts } from "./later";
import { followList } from "./list";
import { toast } from "./toast";
import { chooseSheet, followHistory, narrow, now, search, sheet, showLayer, showRow, wide } from "./view";
import { speak, t } from "./words";
import "./base.css";
import "./frame.css";
import "./list.css";
import "./panel.css";

const WIDE = "(min-width: 720px)";
const CLOCK_STEP_MS = 15_000;
const FIRST_ROWS_WITHIN_MS = 6000;
const PARTS_AFTER_MS = 1500;
/** Even then: the forms must be here before the network goes. */
const PARTS_WHEN_SAVING_MS = 15_000;

/** Returns the undoing of everything it has started. */
export function mount(app: App, root: Element): () => void {
  const stops: (() => void)[] = [];
  const query = matchMedia(WIDE);
  const measure = () => { wide.value = query.matches; };
  measure();
  // Safari 12 knows only the older form.
  if (query.addEventListener) query.addEventListener("change", measure); else query.addListener(measure);
  stops.push(() => { if (query.removeEventListener) query.removeEventListener("change", measure); else query.removeListener(measure); });

  const step = () => { now.value = app.now(); };
  step();
  const timer = setInterval(step, CLOCK_STEP_MS);
  stops.push(() => clearInterval(timer));

  stops.push(followHistory());
  stops.push(effect(() => { void speak(app.language.value); }));
  stops.push(effect(() => { document.title = `${app.drill.value ? `[${t("drill")}] ` : ""}${app.title.value || t("app")}`; }));
  stops.push(effect(() => { void app.lastHeard.value; now.value = app.now(); }));

  const entry = readAddress(location.pathname, location.hash);
  whenReady(app, entry, stops, () => {
    root.textContent = "";
    render(<AppContext.Provider value={app}><Frame /></AppContext.Provider>, root);
    stops.push(followList(app));
    stops.push(() => render(null, root));
    follow(app, entry);
    narrowByAddress();
  });
  // After the first rows are on screen; on a metered line much later.
  const saving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
  const later = setTimeout(() => { void fetchParts(); }, saving ? PARTS_WHEN_SAVING_MS : PARTS_AFTER_MS);
  stops.push(() => clearTimeout(later));
  return () => { for (const stop of stops.reverse()) stop(); };
}

/**
 * The page the server rendered has rows on it and works by itself: it gives way when there is something to show in its place, at once when
 * the address asks for a form, and after a while in any case.
 */
function whenReady(app: App, entry: Entry, stops: (() => void)[], show: () => void): void {
  if (app.phase.peek() !== "empty" || (entry && entry.kind !== "sheet" && entry.kind !== "row")) { show(); return; }
  let shown = false;
  const once = () => { if (!shown) { shown = true; show(); } };
  const timer = setTimeout(once, FIRST_ROWS_WITHIN_MS);
  const stop = effect(() => { if (app.phase.value !== "empty" || app.trouble.value) queueMicrotask(once); });
  stops.push(() => { shown = true; clearTimeout(timer); stop(); });
}

/** The server's pages carry their search in the address: the list goes on from there. */
function narrowByAddress(): void {
  const asked = new URLSearchParams(location.search);
  search.value = asked.get("q") ?? "";
  const one = (name: string) => (asked.get(name) ? [asked.get(name)!] : []);
  narrow({ over: asked.get("over") === "1", status: one("status"), urgency: one("urgency"), district: asked.get("district") ?? "" });
}

/** Does what the address asks for; a secret in its fragment leaves the address bar at once. */
function follow(app: App, entry: Entry): void {
  if (!entry) return;
  if (entry.kind === "invite" || entry.kind === "link") history.replaceState(history.state, "", location.pathname + location.search);
  switch (entry.kind) {
    case "invite": showLayer({ kind: "join", invite: entry.secret }); return;
    case "ask": showLayer({ kind: "ask" }); return;
    case "sheet": if (isSheet(entry.sheet)) chooseSheet(entry.sheet); return;
    case "row": {
      if (!isSheet(entry.sheet)) return;
      chooseSheet(entry.sheet);
      let asked = false;
      const stop = effect(() => {
        void app.changes(entry.sheet).value;
        const row = app.byNumber(entry.sheet, entry.no);
        if (row) queueMicrotask(() => { stop(); showRow(sheet.peek(), row); });
        // A link somebody passed on may well be to a row that is over by now.
        else if (app.phase.value === "whole" && !asked) { asked = true; app.loadOver().catch(() => undefined); }
      });
      return;
    }
    case "link": {
      // Until the server has been reached nobody can say what a link opens: it is tried again whenever the line comes or goes.
      let done = false;
      const stop = effect(() => {
        void app.link.value;
        if (!done) app.openLink(entry.secret).then((link) => {
          if (done) return;
          done = true;
          stop();
          if (link) showLayer({ kind: "mine", row: link.row }); else toast(t("mineWrongKey"), { bad: true });
        }, () => { if (!done) toast(t("mineWaiting")); });
      });
      return;
    }
    default: entry satisfies never;
  }
}
