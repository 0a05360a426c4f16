/**
 * Where I am logged in, one of them ended; and this phone cleared of everything, with a warning about what no server has yet.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Login } from "../../core/api";
import { exportUnsent } from "../../core/telling";
import { copyText } from "../clipboard";
import { useApp } from "../context";
import { Icon } from "../icon";
import { LayerSheet } from "../layer";
import { fail, toast, why } from "../toast";
import { now } from "../view";
import { clock, t } from "../words";

export function Devices() {
  const app = useApp();
  const list = useSignal<readonly Login[] | null>(null);
  const failed = useSignal("");
  const live = app.link.value === "live";
  const load = async () => {
    try { list.value = await (await app.office()).logins(); failed.value = ""; } catch (error) { failed.value = why(error); }
  };
  useEffect(() => { if (live) void load(); }, [live]);
  const end = async (one: Login) => {
    try { await (await app.office()).endLogin(one.session); toast(t("devicesEnded")); await load(); } catch (error) { fail(error); }
  };
  return (
    <LayerSheet title={t("devicesTitle")}>
      <div class="stack">
        <p class="hint">{t("devicesHint")}</p>
        {!live && !list.value && <p class="small">{t("devicesOffline")}</p>}
        {failed.value && <p class="error" role="alert">{failed.value}</p>}
        <ul class="log">
          {(list.value ?? []).map((one) => (
            <li key={one.session} class="row">
              <span class="grow"><Icon name="device" small /> {t("devicesSince", { time: clock(one.createdMs, now.value) })} {one.isThis && <span class="tag">{t("devicesThis")}</span>}</span>
              {!one.isThis && <button class="btn btn--small" type="button" onClick={() => void end(one)}>{t("devicesEnd")}<span class="sr"> {clock(one.createdMs, now.value)}</span></button>}
            </li>
          ))}
        </ul>
        <hr class="rule" />
        <Clearing />
      </div>
    </LayerSheet>
  );
}

function Clearing() {
  const app = useApp();
  const asked = useSignal(false);
  const busy = useSignal(false);
  const elsewhere = useSignal(0);
  const unsent = app.unsent.value.length;
  const open = async () => {
    asked.value = true;
    // Without the count the warning is shown for this workbook alone.
    elsewhere.value = await app.office().then((office) => office.unsentElsewhere()).catch(() => 0);
  };
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([exportUnsent(app)], { type: "text/plain;charset=utf-8" }));
    link.download = `${app.workbook}.txt`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const clear = async () => {
    busy.value = true;
    try {
      await (await app.office()).clearPhone();
      // The list of workbooks is a plain page: it opens nothing and keeps nothing.
      location.replace("/");
    } catch (error) { fail(error); busy.value = false; }
  };
  return (
    <section class="stack">
      <h3>{t("clearPhone")}</h3>
      <p class="hint">{t("clearHint")}</p>
      {!asked.value ? <button class="btn" type="button" onClick={() => void open()}><Icon name="device" />{t("clearPhone")}</button> : (
        <div class="offer" role="group" aria-label={t("clearPhone")}>
          {unsent > 0 && <p class="alert" role="alert"><Icon name="warn" />{t("clearUnsent", { n: unsent })}</p>}
          {elsewhere.value > 0 && <p class="alert" role="alert"><Icon name="warn" />{t("clearElsewhere", { n: elsewhere.value })}</p>}
          {app.links.value.length > 0 && <p><Icon name="lock" small /> {t("clearLinks", { n: app.links.value.length })}</p>}
          {(unsent > 0 || app.kept.value.length > 0) && (
            <div class="row">
              {unsent > 0 && <button class="btn" type="button" onClick={() => app.sendNow()}><Icon name="sending" />{t("sendNow")}</button>}
              <button class="btn" type="button" onClick={() => void copyText(exportUnsent(app))}><Icon name="copy" />{t("exportText")}</button>
              <button class="btn" type="button" onClick={save}><Icon name="download" />{t("clearSave")}</button>
            </div>
          )}
          <div class="row row--even">
            <button class="btn btn--sos" type="button" disabled={busy.value} aria-busy={busy.value} onClick={() => void clear()}>{busy.value ? t("clearBusy") : t(unsent + elsewhere.value > 0 ? "clearAnyway" : "clearGo")}</button>
            <button class="btn" type="button" onClick={() => { asked.value = false; }}>{t("cancel")}</button>
          </div>
        </div>
      )}
    </section>
  );
}
