/**
 * Addresses of rows and invitations, and ways to hand text to another program.
 * Secrets stand in the fragment only: it is not sent to any server and in no log.
 */
import type { RowLink, RowView } from "../core/api";
import { toast } from "./toast";
import { t } from "./words";

function home(workbook: string): string {
  return `${location.origin}/w/${encodeURIComponent(workbook)}/`;
}

export function rowAddress(workbook: string, view: RowView): string {
  return view.no === null ? home(workbook) : `${home(workbook)}${view.sheet}/${view.no}`;
}

export function keyAddress(workbook: string, link: Pick<RowLink, "sheet" | "secret">): string {
  return `${home(workbook)}#row=${link.sheet}/${link.secret}`;
}

export type Entry =
  | { readonly kind: "invite"; readonly secret: string }
  | { readonly kind: "link"; readonly sheet: string; readonly secret: string }
  | { readonly kind: "row"; readonly sheet: string; readonly no: number }
  | { readonly kind: "sheet"; readonly sheet: string }
  | { readonly kind: "ask" }
  | null;

/** What an address asks for: an invitation, a row link, a row by its number, a sheet, the request form. */
export function readAddress(path: string, fragment: string): Entry {
  const invite = /^#invite=([0-9A-Za-z]{22})$/.exec(fragment);
  if (invite) return { kind: "invite", secret: invite[1]! };
  const link = /^#row=([a-z_]+)\/([0-9A-Za-z]{22})$/.exec(fragment);
  if (link) return { kind: "link", sheet: link[1]!, secret: link[2]! };
  if (fragment === "#ask") return { kind: "ask" };
  const [, , , sheet, row] = path.split("/");
  if (sheet === "help" && row === "new") return { kind: "ask" };
  if (sheet && row && /^\d+$/.test(row)) return { kind: "row", sheet, no: Number(row) };
  return sheet ? { kind: "sheet", sheet } : null;
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard on plain http and in old WebViews: the old way, through a selection.
    if (!copyBySelection(text)) { toast(t("copyFailed"), { bad: true }); return false; }
  }
  toast(t("copied"));
  return true;
}

function copyBySelection(text: string): boolean {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr";
  box.readOnly = true;
  document.body.appendChild(box);
  box.select();
  let copied = false;
  try { copied = document.execCommand("copy"); } catch { copied = false; }
  box.remove();
  return copied;
}

/** The phone's own share sheet; where there is none, the text is copied. */
export async function sharePage(text: string): Promise<void> {
  const share = (navigator as { share?: (what: { text: string }) => Promise<void> }).share;
  if (!share) { await copyText(text); return; }
  try { await share.call(navigator, { text }); } catch (error) {
    if ((error as Error).name !== "AbortError") await copyText(text);
  }
}
