/**
 * Joining by invitation: a name, one tap, a role. And taking in a row link.
 * The secret stood in the address's fragment; it is taken out of the address bar as soon as it has been read.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "./context";
import { LayerSheet } from "./layer";
import { toast, why } from "./toast";
import { stepBack } from "./view";
import { t, word } from "./words";

export function Join({ invite }: { invite: string }) {
  const app = useApp();
  const box = useRef<HTMLInputElement>(null);
  const busy = useSignal(false);
  const failed = useSignal("");
  const join = async () => {
    busy.value = true;
    failed.value = "";
    try {
      const name = box.current?.value.trim();
      const me = await app.join(invite, name || undefined);
      toast(t("joinDone", { role: word(`role_${me.role}`, me.role) }));
      stepBack();
    } catch (error) {
      const { code } = error as { code?: string };
      failed.value = code === "offline" || code === "timed_out" ? t("joinOffline") : code && /invite|gone|expired|not_found|not-found|403|404/.test(code) ? t("joinGone") : why(error);
    }
    busy.value = false;
  };
  return (
    <LayerSheet title={t("joinTitle")} low>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void join(); }}>
        <p>{t("joinHint")}</p>
        <div><label class="label" for="join-name">{t("yourName")}</label>
          <input id="join-name" ref={box} class="input" defaultValue={app.me.value.name} maxLength={40} autocomplete="nickname" /><p class="hint">{t("nameHint")}</p></div>
        {failed.value && <p class="error" role="alert">{failed.value}</p>}
        <button class="btn btn--act btn--wide" type="submit" aria-busy={busy.value}>{t(busy.value ? "joinBusy" : "joinGo")}</button>
      </form>
    </LayerSheet>
  );
}

