/**
 * Shows the private tier of a row to those who may see it: a reason is asked for, and each showing is logged by the server.
 */
import { useSignal } from "@preact/signals";
import type { RowView } from "../core/api";
import { useApp } from "./context";
import { Icon } from "./icon";
import { fail, toast } from "./toast";
import { Popup } from "./popup";
import { t } from "./words";

const REASONS = ["revealCall", "revealVerify", "revealRescue"] as const;

export function RevealButton({ view, big }: { view: RowView; big?: boolean }) {
  const app = useApp();
  const asking = useSignal(false);
  const busy = useSignal(false);
  const show = async (reason: string) => {
    asking.value = false;
    busy.value = true;
    try {
      await app.reveal(view.sheet, view.row, reason);
      toast(t("revealed"));
    } catch (error) {
      fail(error);
    }
    busy.value = false;
  };
  return (
    <>
      <button class={big ? "btn btn--act" : "btn btn--small"} type="button" aria-busy={busy.value} onClick={() => { asking.value = true; }}>
        <Icon name="eye" small={!big} />{big ? t("revealPhone") : t("reveal")}
      </button>
      {asking.value && (
        <Popup title={t("revealTitle")} onClose={() => { asking.value = false; }}>
          <p class="small">{t("revealHint")}</p>
          <div class="menu-list">
            {REASONS.map((reason) => <button key={reason} class="btn" type="button" onClick={() => void show(t(reason))}>{t(reason)}</button>)}
          </div>
          <form class="row" onSubmit={(event) => { event.preventDefault(); const text = new FormData(event.currentTarget).get("why"); if (typeof text === "string" && text.trim()) void show(text.trim()); }}>
            <input class="input input--flex" name="why" placeholder={t("revealOther")} aria-label={t("revealOther")} maxLength={200} />
            <button class="btn" type="submit">{t("reveal")}</button>
          </form>
        </Popup>
      )}
    </>
  );
}
