/**
 * Says briefly what has just happened, with one thing that can be done about it (mostly: undo).
 * One signal; any screen may import it.
 */
import { signal } from "@preact/signals";
import type { App, EditId } from "../core/api";
import { remember } from "./undo";
import { t, word } from "./words";

interface Toast { readonly text: string; readonly bad: boolean; readonly act?: { label: string; go: () => void } }

const STAYS_MS = 10_000;
const shown = signal<Toast | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string, more: { bad?: boolean; act?: Toast["act"] } = {}): void {
  clearTimeout(timer);
  shown.value = { text, bad: !!more.bad, ...(more.act ? { act: more.act } : {}) };
  timer = setTimeout(() => { shown.value = null; }, STAYS_MS);
}

/** Waits for an act; says that it is kept and offers to take it back, or says why it failed. True when it went well. */
export async function told(app: App, act: Promise<readonly EditId[] | void>, text = t("saved")): Promise<boolean> {
  try {
    const edits = await act;
    if (edits) remember(edits);
    toast(text, edits?.length ? { act: { label: t("undo"), go: () => void undoAll(app, edits) } } : {});
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

export function fail(error: unknown): void {
  toast(why(error), { bad: true });
}

/** A failure in the person's words; the server's own message where we have none of ours. */
export function why(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const own = code ? word(`error_${code.replace(/-/g, "_")}`, "") : "";
  return own || t("failed", { why: message || code || String(error) });
}

async function undoAll(app: App, edits: readonly EditId[]): Promise<void> {
  try {
    let changed = false;
    for (const edit of [...edits].reverse()) {
      const result = await app.undo(edit);
      if (result.kind === "changed_since") changed = true;
    }
    toast(t(changed ? "undoChanged" : "undone"), { bad: changed });
  } catch (error) {
    fail(error);
  }
}

export function Toasts() {
  const toastNow = shown.value;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toastNow && (
        <div class={`toast${toastNow.bad ? " toast--bad" : ""}`}>
          <span class="grow">{toastNow.text}</span>
          {toastNow.act && (
            <button class="toast__act" type="button" onClick={() => { const act = toastNow.act; shown.value = null; act?.go(); }}>
              {toastNow.act.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
