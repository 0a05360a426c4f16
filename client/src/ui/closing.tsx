/**
 * The end of a row, said by the person concerned or by somebody who knows: never by the clock, always to be taken back.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RowView } from "../core/api";
import { useApp } from "./context";
import { fieldOf } from "./definition";
import { Radio, Radios } from "./editor";
import { Icon } from "./icon";
import { mayWrite } from "./rights";
import { told } from "./toast";
import { say, t } from "./words";

const SPEAKERS = ["self", "relative", "rescuer", "volunteer", "official"] as const;
const ENDS = ["self_safe", "rescued", "not_needed", "done_by_others", "handed_official"] as const;

export function Closing({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const by = useSignal<string>(view.held ? "self" : app.me.value.role === "team" ? "rescuer" : "self");
  const note = useRef<HTMLInputElement>(null);
  const may = mayWrite(app, view, "outcome", "rescued");
  const field = fieldOf(view.sheet, "outcome");
  const end = async (outcome: string) => {
    const text = note.current?.value.trim();
    const act = app.close(view.sheet, view.row, { outcome, by: by.value, ...(text ? { note: text } : {}) });
    if (await told(app, act, t(may === "s" ? "savedSuggest" : "saved"))) onDone();
  };
  return (
    <div class="offer">
      <p class="hint">{t("closeHint")}</p>
      <span class="label">{t("closeWho")}</span>
      <Radios label={t("closeWho")} autoFocus>
        {SPEAKERS.map((one) => <Radio key={one} on={by.value === one} onChoose={() => { by.value = one; }}>{t(`by_${one}`)}</Radio>)}
      </Radios>
      <input ref={note} class="input" aria-label={t("closeNote")} placeholder={t("closeNote")} maxLength={400} autocomplete="off" />
      <div class="row row--even">
        {ENDS.map((outcome) => {
          const option = field?.options?.find((one) => one.code === outcome);
          return <button key={outcome} class="btn btn--good" type="button" onClick={() => void end(outcome)}>{outcome === "self_safe" && by.value === "self" ? t("close_self_safe") : say(option?.label)}</button>;
        })}
      </div>
      {may === "s" && <p class="hint">{t("suggests")}</p>}
    </div>
  );
}

export function ReopenButton({ view }: { view: RowView }) {
  const app = useApp();
  const may = mayWrite(app, view, "outcome", "open");
  if (may === "-") return null;
  return (
    <div class="stack">
      <button class="btn btn--wide" type="button" onClick={() => void told(app, app.reopen(view.sheet, view.row), t(may === "s" ? "savedSuggest" : "saved"))}><Icon name="undo" />{t("reopen")}</button>
      <p class="hint">{may === "s" ? t("suggests") : t("reopenHint")}</p>
    </div>
  );
}
