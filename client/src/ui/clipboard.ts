/**
 * Hands text to other programs: through the clipboard or the phone's own share sheet.
 * Imported by the parts that copy and share.
 */
import { toast } from "./toast";
import { t } from "./words";

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
