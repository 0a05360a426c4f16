/**
 * The banner of a sheet that is protected: which step, why, until when; and, for stewards, what rings.
 */
import { called, useApp } from "../context";
import { Icon } from "../icon";
import { isSteward } from "../rights";
import { now, sheet, showLayer } from "../view";
import { clock, t } from "../words";
import { alarmWords } from "./alarms";

export function Guards() {
  const app = useApp();
  const step = app.protection.value[sheet.value] ?? "open";
  const guard = app.guards.value[sheet.value];
  const alarm = isSteward(app) ? app.alarms.value[0] : undefined;
  return (
    <>
      {alarm && (
        <div class="notice notice--bad" role="alert"><Icon name="warn" />
          <span class="grow">{t("alarmBanner", { what: alarmWords(alarm.kind, called(app, alarm.actor), alarm.rows ?? 0) })}</span>
          <button class="btn btn--small" type="button" onClick={() => showLayer({ kind: "office", at: "alarms" })}>{t("alarmLook")}</button></div>
      )}
      {step !== "open" && (
        <div class="notice notice--warn" role="status"><Icon name="shield" />
          <span class="grow">{t(step === "careful" ? "protection_careful" : "protection_verified")}
            {guard?.reason && <> <span lang="zh-CN">{t("guardWhy", { why: guard.reason })}</span></>}
            {!!guard?.until_ms && ` · ${t("guardUntil", { time: clock(guard.until_ms, now.value) })}`}</span>
          {isSteward(app) && <button class="btn btn--small" type="button" onClick={() => showLayer({ kind: "office", at: "protection" })}>{t("guardChange")}</button>}</div>
      )}
    </>
  );
}
