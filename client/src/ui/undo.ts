/**
 * Takes back one's own last change of this page: never anybody else's.
 * Keeps the edits made since the page was opened; imported by the frame and the grid.
 */
import type { App, EditId } from "../core/api";
import { fail, toast } from "./toast";
import { t } from "./words";

const done: EditId[] = [];
const MOST = 200;

export function remember(edits: readonly EditId[]): void {
  done.push(...edits);
  if (done.length > MOST) done.splice(0, done.length - MOST);
}

export async function undoLast(app: App): Promise<void> {
  const edit = done.pop();
  if (!edit) { toast(t("undoNone")); return; }
  try {
    const result = await app.undo(edit);
    if (result.kind === "changed_since") toast(t("undoChanged"), { bad: true });
    else toast(t(result.kind === "unknown" ? "undoNone" : "undone"));
  } catch (error) {
    done.push(edit);
    fail(error);
  }
}
