/**
 * Is it true, how urgent, is it the same as another row: the verifier's three questions, one tap each where one tap is safe.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RowId, RowView } from "../core/api";
import { useApp } from "./context";
import { fieldOf, showCell } from "./definition";
import { Radio, Radios } from "./editor";
import { mayWrite, whyNot } from "./rights";
import { RowPicker } from "./rowpicker";
import { rowNumber, urgencyField } from "./marks";
import { shown } from "../core/row";
import { toast, told } from "./toast";
import { showRow } from "./view";
import { say, t } from "./words";

const STATES = [["verified", "verify_true"], ["partly", "verify_partly"], ["unreachable", "verify_unreachable"], ["disputed", "verify_disputed"], ["false_report", "verify_false"]] as const;
const METHODS = ["phone", "sms", "onsite", "photo", "official", "second_source"];

export function Verify({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const reason = useRef<HTMLInputElement>(null);
  const method = useSignal("phone");
  const field = fieldOf(view.sheet, "verify_method");
  const may = mayWrite(app, view, "verify_state");
  const go = async (state: string) => {
    const note = reason.current?.value.trim() ?? "";
    // A row called untrue sinks to the end of the list: nobody does that without saying why.
    if (state === "false_report" && !note) { toast(t("reasonNeeded"), { bad: true }); reason.current?.focus(); return; }
    const more = { ...(state === "verified" || state === "partly" ? { method: method.value } : {}), ...(note ? { note } : {}) };
    if (await told(app, app.verify(view.sheet, view.row, state, more), t(may === "s" ? "savedSuggest" : "saved"))) onDone();
  };
  return (
    <div class="offer">
      {field && (
        <Radios label={say(field.label)} autoFocus>
          {METHODS.map((code) => {
            const option = field.options?.find((one) => one.code === code);
            return option && <Radio key={code} on={method.value === code} onChoose={() => { method.value = code; }}>{say(option.label)}</Radio>;
          })}
        </Radios>
      )}
      <input ref={reason} class="input" aria-label={t("reason")} placeholder={t("verifyWhy")} maxLength={400} autocomplete="off" />
      <div class="row row--even">
        {STATES.map(([state, key]) => (
          <button key={state} class={`btn${state === "verified" ? " btn--good" : ""}`} type="button" onClick={() => void go(state)}>{t(key)}</button>
        ))}
      </div>
      <p class="hint">{may === "s" ? whyNot(app, view, "verify_state", "verified") : t("verifyFalseHint")}</p>
    </div>
  );
}

export function UrgencyPicker({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const field = urgencyField(view.sheet);
  if (!field) return null;
  const may = mayWrite(app, view, field.id);
  const at = shown(view.cells[field.id]);
  const go = async (code: string) => {
    const act = field.id === "urgency" ? app.setUrgency(view.sheet, view.row, code) : app.write(view.sheet, view.row, { [field.id]: code });
    if (await told(app, act, t(may === "s" ? "savedSuggest" : "saved"))) onDone();
  };
  return (
    <div class="offer">
      <span class="label">{say(field.label)}</span>
      <ul class="menu-list">
        {(field.options ?? []).filter((option) => option.code !== "other").map((option) => (
          <li key={option.code}><button class="btn" type="button" aria-pressed={at === option.code} onClick={() => void go(option.code)}><b>{say(option.label)}</b>&nbsp;<span class="small">{say(option.meaning)}</span></button></li>
        ))}
      </ul>
      {may === "s" && <p class="hint">{whyNot(app, view, field.id)}</p>}
    </div>
  );
}

export function Duplicate({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const picked = useSignal<RowId>("");
  const may = mayWrite(app, view, "duplicate_of");
  const go = async (other: RowId | null) => {
    if (await told(app, app.markDuplicate(view.sheet, view.row, other), t(may === "s" ? "savedSuggest" : "saved"))) onDone();
  };
  return (
    <div class="offer">
      <span class="label">{t("duplicate")}</span>
      <RowPicker sheet={view.sheet} except={view.row} onPick={(row) => { picked.value = row ?? ""; }} />
      <button class="btn btn--act" type="button" disabled={!picked.value} onClick={() => void go(picked.value)}>{t("duplicate")}</button>
      <p class="hint">{t("duplicateHint")}{may === "s" && ` ${whyNot(app, view, "duplicate_of")}`}</p>
    </div>
  );
}

/** "与第 1437 行是同一求助", with ways to open it and to take the link back. */
export function DuplicateLink({ view }: { view: RowView }) {
  const app = useApp();
  const other = shown(view.cells["duplicate_of"]);
  if (typeof other !== "string" || !other) return null;
  const id = other.slice(other.indexOf("/") + 1);
  const target = app.peek(view.sheet, id);
  const may = mayWrite(app, view, "duplicate_of");
  return (
    <div class="notice notice--calm">
      <span class="grow">{t("duplicateOf", { no: target ? rowNumber(target) : id.slice(0, 4) })}</span>
      <button class="btn btn--small" type="button" onClick={() => showRow(view.sheet, id)}>{t("sameOpen")}</button>
      {may !== "-" && <button class="btn btn--small" type="button" onClick={() => void told(app, app.markDuplicate(view.sheet, view.row, null), t(may === "s" ? "savedSuggest" : "saved"))}>{t("duplicateUndo")}</button>}
    </div>
  );
}

export function verifiedText(view: RowView): string {
  const field = fieldOf(view.sheet, "verify_state");
  return field ? showCell(view, field) : "";
}
