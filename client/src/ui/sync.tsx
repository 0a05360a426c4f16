/**
 * Everything written on this device that is not in force yet: unsent, waiting for a verifier, refused. In words, none of it lost.
 */
import type { OwnEdit } from "../core/api";
import { exportUnsent } from "../core/telling";
import { copyText } from "./clipboard";
import { chipState } from "./chip";
import { useApp } from "./context";
import { fieldOf, headline, showCell, showValue, sheetOf } from "./definition";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { conflictCount } from "./list";
import { rowNumber } from "./marks";
import { reasonWords } from "./reasons";
import { fail, toast } from "./toast";
import { leaveToRow, narrow, now, stepBack } from "./view";
import { clock, say, t, word } from "./words";

export function SyncList() {
  const app = useApp();
  const unsent = app.unsent.value;
  const kept = app.kept.value;
  const state = chipState(app, conflictCount.value, Date.now());
  const trouble = app.link.value === "live" ? "" : word(`trouble_${app.trouble.value}`, "");
  return (
    <LayerSheet title={t("sync")}
      foot={<div class="row row--even">
        <button class="btn" type="button" disabled={!unsent.length && !kept.length} onClick={() => void copyText(exportUnsent(app))}><Icon name="copy" />{t("exportText")}</button>
        <button class="btn btn--act" type="button" disabled={!unsent.length} onClick={() => { app.sendNow(); toast(t("sending", { n: unsent.length })); }}><Icon name="sending" />{t("sendNow")}</button>
      </div>}>
      <div class="stack">
        <p class={`sync sync--${state.tone} sync--wide`}><Icon name={state.icon} /><span class="sync__text">{state.text}</span></p>
        {trouble && <p class="small">{trouble}</p>}
        {app.storage.value === "memory" && <p class="notice notice--warn"><Icon name="warn" />{t("storageSmall")}</p>}
        {app.storage.value === "broken" && <p class="alert" role="alert"><Icon name="warn" />{t("storageMemory")}</p>}
        {conflictCount.value > 0 && <p class="row"><span class="grow">{t("conflicts", { n: conflictCount.value })}</span><button class="btn btn--small" type="button" onClick={() => { narrow({ conflict: true }); stepBack(); }}>{t("filterConflict")}</button></p>}
        <section>
          <h3>{unsent.length ? t("unsentTitle", { n: unsent.length }) : t("unsentNone")}</h3>
          {unsent.length > 0 && <p class="hint">{t("unsentHint")}</p>}
          <ul class="edits">{unsent.map((edit) => <EditLine key={edit.edit} edit={edit} />)}</ul>
        </section>
        <Kept />
      </div>
    </LayerSheet>
  );
}

/** What I wrote that waits for a decision, or was declined, with the reason: my words stay until I put them away. */
export function Kept() {
  const app = useApp();
  const kept = app.kept.value;
  if (kept.length === 0) return null;
  return (
    <section>
      <h3>{t("keptTitle")}</h3>
      <p class="hint">{t("keptHint")}</p>
      <ul class="edits">{kept.map((edit) => <EditLine key={edit.edit} edit={edit} kept />)}</ul>
    </section>
  );
}

function EditLine({ edit, kept }: { edit: OwnEdit; kept?: boolean }) {
  const app = useApp();
  const view = app.peek(edit.sheet, edit.row);
  const state = edit.state === "device" ? (app.storage.value === "broken" ? "memory" : "local") : edit.state === "accepted" ? "sent" : edit.state;
  const withdraw = async () => {
    try { toast(t(await app.withdraw(edit.edit) ? "withdrawn" : "withdrawnLate")); } catch (error) { fail(error); }
  };
  return (
    <li>
      <p class="small">
        {say(sheetOf(edit.sheet).label)} · {view ? `${rowNumber(view)} ${headline(view)}` : t("newRow")} · {clock(edit.atMs, now.value)}
      </p>
      {Object.keys(edit.writes).map((path) => {
        const field = fieldOf(edit.sheet, path);
        const element = path.includes(":") ? path.slice(path.indexOf(":") + 1) : "";
        const value = edit.writes[path]!;
        const text = field ? showValue(field, value, element) : String(value);
        const current = kept && view && field ? showCell(view, field) : "";
        return (
          <p key={path}>
            <span class="small">{field ? say(field.label) : path}：</span><strong lang="zh-CN">{text || t("emptyCell")}</strong>
            {current && current !== text && <span class="small"> · {t("theirs", { value: current })}</span>}
          </p>
        );
      })}
      <p class="row">
        <span class={`grow sent${state === "local" || state === "memory" ? " sent--device" : ""}`}>
          <Icon name={state === "sending" ? "sending" : state === "suggested" ? "clock" : state === "refused" ? "warn" : "device"} small />
          {word(`stage_${state}`, state)}{edit.reason && `：${reasonWords(edit.reason)}`}
        </span>
        {view && <button class="btn btn--small" type="button" onClick={() => leaveToRow(edit.sheet, edit.row)}>{t("openRow")}</button>}
        {kept
          ? <button class="btn btn--small" type="button" onClick={() => void app.dismiss(edit.edit).catch(fail)}>{t("forget")}</button>
          : edit.state === "device" && <button class="btn btn--small" type="button" onClick={() => void withdraw()}>{t("withdraw")}</button>}
      </p>
    </li>
  );
}
