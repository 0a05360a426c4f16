/**
 * Erasing personal data: one row's, by the person concerned or a steward; the whole workbook's on a day that the owner names and announces.
 * Comes with the chunks of the callers and of the administration.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RowView } from "../../core/api";
import { useApp } from "../context";
import { Icon } from "../icon";
import { isSteward } from "../rights";
import { fail, toast } from "../toast";
import { t } from "../words";

const DAY_MS = 86_400_000;

/** For the person concerned: no reason is asked. A steward gives one; it is all that stays. */
export function EraseRow({ view }: { view: RowView }) {
  const app = useApp();
  const asking = useSignal(false);
  const busy = useSignal(false);
  const reason = useRef<HTMLInputElement>(null);
  const whole = useRef<HTMLInputElement>(null);
  const wants = isSteward(app) && !view.held;
  if (!view.held && !wants) return null;
  const erase = async () => {
    busy.value = true;
    try {
      await (await app.office()).erase(view.sheet, view.row, reason.current?.value.trim() ?? "", whole.current?.checked ?? false);
      asking.value = false;
      toast(t("eraseDone"));
    } catch (error) { fail(error); }
    busy.value = false;
  };
  if (!asking.value) return <div class="mt"><button class="btn" type="button" onClick={() => { asking.value = true; }}><Icon name="shield" />{t("erase")}</button></div>;
  return (
    <form class="stack mt" onSubmit={(event) => { event.preventDefault(); void erase(); }}>
      <p class="alert" role="alert"><Icon name="warn" />{t("eraseWarn")}</p>
      {wants && <><label class="label" for={`erase-${view.row}`}>{t("eraseWhy")}</label>
        <input id={`erase-${view.row}`} ref={reason} class="input" maxLength={200} required autocomplete="off" /></>}
      <label class="row"><input ref={whole} type="checkbox" /> {t("eraseWhole")}</label>
      <div class="row">
        <button class="btn btn--act" type="submit" aria-busy={busy.value}>{t("eraseNow")}</button>
        <button class="btn" type="button" onClick={() => { asking.value = false; }}>{t("cancel")}</button>
      </div>
    </form>
  );
}

/** The end of the emergency: the owner's. The day is announced on every screen by the notice. */
export function ClosingPage() {
  const app = useApp();
  const day = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const busy = useSignal(false);
  if (app.me.value.role !== "owner") return <p class="small">{t("closingOwner")}</p>;
  const earliest = new Date(Date.now() + 4 * DAY_MS).toISOString().slice(0, 10);
  const set = async (onMs: number) => {
    busy.value = true;
    try {
      await (await app.office()).closeEmergency(onMs, onMs ? (text.current?.value.trim() ?? "") : "");
      toast(t(onMs ? "closingDone" : "closingBack"));
    } catch (error) { fail(error); }
    busy.value = false;
  };
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); void set(Date.parse(day.current?.value ?? "")); }}>
      <p>{t("closingAbout")}</p>
      <label class="label" for="closing-day">{t("closingDay")}</label>
      <input id="closing-day" ref={day} class="input" type="date" required min={earliest} />
      <label class="label" for="closing-text">{t("closingText")}</label>
      <textarea id="closing-text" ref={text} class="input" maxLength={400} />
      <div class="row">
        <button class="btn btn--act" type="submit" aria-busy={busy.value}>{t("closingSet")}</button>
        <button class="btn" type="button" onClick={() => void set(0)}>{t("closingUndo")}</button>
      </div>
    </form>
  );
}
