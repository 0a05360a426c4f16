/**
 * Everything unsent and kept, as text a person can paste into a message when nothing else goes any more.
 * Pure. Imported by the list of one's own edits.
 */
import type { App, OwnEdit } from "./api";

export function exportUnsent(app: Pick<App, "title" | "unsent" | "kept" | "peek" | "now">): string {
  const lines = [`${app.title.value} · ${new Date(app.now()).toISOString()}`];
  const tell = (one: OwnEdit) => {
    const no = app.peek(one.sheet, one.row)?.no ?? null;
    lines.push("", `${one.sheet} ${no === null ? one.row : `#${no}`} · ${one.state}${one.reason ? ` (${one.reason})` : ""}`);
    for (const path of Object.keys(one.writes)) {
      const value = one.writes[path]!;
      lines.push(`${path}: ${Array.isArray(value) ? value.join(" | ") : String(value)}`);
    }
  };
  app.unsent.value.forEach(tell);
  app.kept.value.forEach(tell);
  return lines.join("\n");
}
