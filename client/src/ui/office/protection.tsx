/**
 * How far each sheet is protected: raised and lowered with a reason that everybody reads, ending by itself where a time is set.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Protection, SheetId } from "../../core/api";
import { useApp } from "../context";
import { sheetName } from "../definition";
import { Radio, Radios } from "../editor";
import { Icon } from "../icon";
import { fail, toast } from "../toast";
import { ChipButton } from "../tick";
import { now, sheet as openSheet } from "../view";
import { clock, t } from "../words";

const STEPS: readonly Protection[] = ["open", "careful", "verified"];
const HOUR_MS = 3_600_000;
/** 0: no end. A night is long enough to sleep over it. */
const ENDS_H = [0, 1, 6, 24, 72];
/** The end that is set already. */
const KEEP = -1;

export function ProtectionPage() {
  const app = useApp();
  const changing = useSignal<SheetId | "">(openSheet.peek());
  return (
    <>
      <p class="hint">{t("guardAlwaysAdd")}</p>
      <ul class="log">
        {app.sheets.value.map((id) => {
          const step = app.protection.value[id] ?? "open";
          const guard = app.guards.value[id];
          return (
            <li key={id} class="stack">
              <div class="row">
                <span class="grow"><strong>{sheetName(id)}</strong> <span class={`mark ${step === "open" ? "is-good" : "is-urgent"}`}><Icon name={step === "open" ? "check" : "shield"} small />{t(`step_${step}`)}</span>
                  {step !== "open" && guard && <p class="small">{guard.reason && <span lang="zh-CN">{t("guardWhy", { why: guard.reason })}</span>}{guard.until_ms > 0 && ` · ${t("guardUntil", { time: clock(guard.until_ms, now.value) })}`}</p>}</span>
                <button class="btn btn--small" type="button" aria-expanded={changing.value === id} onClick={() => { changing.value = changing.value === id ? "" : id; }}>{t("guardChange")}<span class="sr"> {sheetName(id)}</span></button>
              </div>
              {changing.value === id && <GuardForm sheet={id} step={step} reason={guard?.reason ?? ""} untilMs={guard?.until_ms ?? 0} onDone={() => { changing.value = ""; }} />}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function GuardForm({ sheet, step, reason, untilMs, onDone }: { sheet: SheetId; step: Protection; reason: string; untilMs: number; onDone: () => void }) {
  const app = useApp();
  const to = useSignal<Protection>(step);
  const end = useSignal(untilMs > 0 ? KEEP : 0);
  const all = useSignal(false);
  const busy = useSignal(false);
  const box = useRef<HTMLInputElement>(null);
  const set = async () => {
    const why = box.current?.value.trim() ?? "";
    if (to.value !== "open" && !why) { toast(t("reasonNeeded"), { bad: true }); box.current?.focus(); return; }
    busy.value = true;
    try {
      const office = await app.office();
      const until = to.value === "open" ? 0 : end.value === KEEP ? untilMs : end.value > 0 ? app.now() + end.value * HOUR_MS : 0;
      for (const one of all.value ? app.sheets.value : [sheet]) await office.protect(one, to.value, why, Math.round(until));
      toast(t("guardDone"));
      onDone();
    } catch (error) { fail(error); }
    busy.value = false;
  };
  return (
    <form class="offer" onSubmit={(event) => { event.preventDefault(); void set(); }}>
      <Radios label={`${sheetName(sheet)} ${t("office_protection")}`}>{STEPS.map((one) => <Radio key={one} on={to.value === one} onChoose={() => { to.value = one; }}>{t(`step_${one}`)}</Radio>)}</Radios>
      <p class="hint">{t(`step_${to.value}_hint`)}</p>
      {to.value !== "open" && <>
        <div><label class="label" for={`guard-${sheet}`}>{t("guardReason")}</label>
          <input id={`guard-${sheet}`} ref={box} class="input" defaultValue={reason} maxLength={200} autocomplete="off" /></div>
        <span class="label">{t("guardEnd")}</span>
        <Radios label={t("guardEnd")}>{(untilMs > 0 ? [KEEP, ...ENDS_H] : ENDS_H).map((h) => <Radio key={h} on={end.value === h} onChoose={() => { end.value = h; }}>{h === KEEP ? t("guardKeep", { time: clock(untilMs, now.value) }) : h === 0 ? t("guardNoEnd") : h <= 24 ? t("guardHours", { n: h }) : t("guardDays", { n: h / 24 })}</Radio>)}</Radios>
      </>}
      <div class="row">
        <ChipButton on={all.value} onToggle={() => { all.value = !all.value; }}>{t("guardAll")}</ChipButton>
        <button class="btn btn--act" type="submit" aria-busy={busy.value}>{t("guardSet")}</button>
        <button class="btn" type="button" onClick={onDone}>{t("cancel")}</button>
      </div>
    </form>
  );
}
