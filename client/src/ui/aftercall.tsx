/**
 * Back from the dialler: one tap says what came of the call. Shown when the page is seen again after it was left for a call.
 * With the panel. Forty volunteers ringing one telephone is what an unlogged call leads to.
 */
import { useEffect } from "preact/hooks";
import type { CallOutcome, RowView } from "../core/api";
import { useApp } from "./context";
import { isoUtc } from "./editor";
import { Icon, type IconName } from "./icon";
import { Popup } from "./popup";
import { mayWrite } from "./rights";
import { told } from "./toast";
import { t } from "./words";

interface Ending { readonly key: "after_confirmed" | "after_safe" | "after_no_answer" | "after_phone_off" | "after_wrong_number" | "after_later"; readonly outcome: CallOutcome; readonly icon: IconName; readonly tone?: string; readonly againMin?: number }
const ENDINGS: readonly Ending[] = [
  { key: "after_confirmed", outcome: "confirmed_need", icon: "check", tone: "btn--act" },
  { key: "after_safe", outcome: "safe", icon: "shield", tone: "btn--good" },
  { key: "after_no_answer", outcome: "no_answer", icon: "phone", againMin: 15 },
  { key: "after_phone_off", outcome: "phone_off", icon: "battery", againMin: 60 },
  { key: "after_wrong_number", outcome: "wrong_number", icon: "close" },
  { key: "after_later", outcome: "call_back", icon: "clock", againMin: 15 },
];

/** Calls `onBack` when the page is seen again after it was out of sight. */
export function useReturn(waiting: boolean, onBack: () => void): void {
  useEffect(() => {
    if (!waiting) return undefined;
    let left = document.visibilityState === "hidden";
    const look = () => {
      if (document.visibilityState === "hidden") left = true;
      else if (left) onBack();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [waiting]);
}

export function AfterCall({ view, onDone }: { view: RowView; onDone: (safe: boolean) => void }) {
  const app = useApp();
  const unverified = !view.cells["verify_state"]?.some(([, state]) => state !== "unverified");
  // A verifier who has just spoken with the person has verified: a second tap for the same thing is one that is forgotten.
  const verifies = unverified && mayWrite(app, view, "verify_state", "verified") === "y";
  const go = async (ending: Ending) => {
    const act = async () => {
      const edits = await app.logCall(view.sheet, view.row, { outcome: ending.outcome, ...(ending.againMin ? { nextAt: isoUtc(app.now() + ending.againMin * 60_000) } : {}) });
      return verifies && ending.outcome === "confirmed_need" ? [...edits, ...(await app.verify(view.sheet, view.row, "verified", { method: "phone" }))] : edits;
    };
    if (await told(app, act(), t(ending.outcome === "safe" ? "afterSafeHint" : "saved"))) onDone(ending.outcome === "safe");
  };
  return (
    <Popup title={t("afterTitle")} onClose={() => onDone(false)}>
      <div class="row row--even after">
        {ENDINGS.map((ending) => <button key={ending.key} class={`btn btn--big ${ending.tone ?? ""}`} type="button" onClick={() => void go(ending)}><Icon name={ending.icon} />{t(ending.key)}</button>)}
      </div>
      {verifies && <p class="hint">{t("afterVerified")}</p>}
      <button class="btn btn--plain" type="button" onClick={() => onDone(false)}>{t("afterSkip")}</button>
    </Popup>
  );
}
