/**
 * The person's own request, opened by its link: in large letters how it stands, and the few things that change.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RowId, RowView } from "../core/api";
import { called, useApp } from "./context";
import { callsOf } from "./account";
import { claimsOf, fieldOf, headline, statusOf, type Field } from "./definition";
import { Editor } from "./editor";
import { Icon, type IconName } from "./icon";
import { Later, SHARE } from "./later";
import { CALLERS } from "./office/parts";
import { LayerSheet } from "./layer";
import { rowNumber, SentMark, StatusMark } from "./marks";
import { Notes } from "./notes";
import { Kept } from "./sync";
import { told } from "./toast";
import { leaveToRow, now, replaceLayer, stepBack } from "./view";
import { ago, clock, say, t, word } from "./words";
import { keyAddress } from "./sharing";

const UPDATES = ["water_depth_cm", "battery_pct", "people_total"];

export function Mine({ row }: { row: RowId }) {
  const app = useApp();
  const sheet = app.links.value.find((one) => one.row === row)?.sheet ?? "help";
  const shown = useComputed(() => app.row(sheet, row).value);
  useEffect(() => { if (!app.peek(sheet, row)) app.fetchRow(sheet, row).catch(() => undefined); }, [row, app.link.value]);
  const view = shown.value;
  return (
    <LayerSheet title={view ? `${t("mineTitle")} · ${rowNumber(view)}` : t("mineTitle")}
      foot={<button class="btn btn--wide" type="button" onClick={() => (view ? leaveToRow(sheet, row) : stepBack())}>{t("openRow")}</button>}>
      {view ? <Own view={view} /> : <p role="status">{t("mineWaiting")}</p>}
    </LayerSheet>
  );
}

function Own({ view }: { view: RowView }) {
  const app = useApp();
  const sure = useSignal(false);
  const shareOpen = useSignal(false);
  const status = statusOf(view, now.value);
  const claims = claimsOf(app, view, now.value).filter((claim) => claim.living);
  const calls = callsOf(view);
  const link = app.links.value.find((one) => one.row === view.row);
  const waiting = app.unsent.value.some((edit) => edit.row === view.row);
  const icon: IconName = status.over ? "check" : claims.length ? "go" : "clock";
  return (
    <div class="stack">
      <div class={`big-state ${status.over ? "is-good" : claims.length ? "is-normal" : "is-urgent"}`}>
        <Icon name={icon} /><b>{say(status.label)}</b>
        <span class="small">{headline(view)} · {ago(view.createdMs, now.value)}</span>
      </div>
      {waiting && <p class="notice notice--warn"><Icon name="device" />{t(app.storage.value === "broken" ? "receiptMemory" : "receiptLocal")}</p>}
      {claims.map((claim) => <p key={claim.team} class="h3"><Icon name="flag" small /> {claim.name} · {word(`claim_${claim.state}`, claim.state)}{claim.eta ? ` · ${t("etaAt", { time: clock(claim.eta, now.value) })}` : ""}</p>)}
      {status.over ? (
        <>
          <p>{t("closedRow")}。{t("reopenHint")}</p>
          <button class="btn btn--sos btn--wide btn--huge" type="button" onClick={() => void told(app, app.reopen(view.sheet, view.row))}>{t("mineStill")}</button>
        </>
      ) : sure.value ? (
        <div class="offer">
          <p>{t("mineSafeSure")}</p>
          <div class="row row--even">
            <button class="btn btn--good btn--huge" type="button" onClick={async () => { if (await told(app, app.close(view.sheet, view.row, { outcome: "self_safe", by: "self" }))) sure.value = false; }}><Icon name="check" />{t("mineSafeYes")}</button>
            <button class="btn btn--huge" type="button" onClick={() => { sure.value = false; }}>{t("cancel")}</button>
          </div>
        </div>
      ) : (
        <div class="row row--even">
          <button class="btn btn--sos btn--huge" type="button" onClick={() => void told(app, app.stillNeeded(view.sheet, view.row), t("stillNeededDone"))}>{t("mineStill")}</button>
          <button class="btn btn--good btn--huge" type="button" onClick={() => { sure.value = true; }}><Icon name="check" />{t("mineSafe")}</button>
        </div>
      )}
      {!status.over && (
        <section class="stack">
          <h3>{t("mineUpdate")}</h3>
          {UPDATES.map((id) => { const field = fieldOf(view.sheet, id); return field && <Quick key={id} view={view} field={field} />; })}
        </section>
      )}
      <section class="stack">
        <h3>{t("mineSeenBy")}</h3>
        {calls.length === 0 ? <p class="small">{t("mineSeenNone")}</p> : (
          <ul class="log">{calls.map((call) => <li key={call.edit}>{called(app, call.actor)} · {word(`outcome_${call.outcome}`, call.outcome)} · {clock(call.atMs, now.value)}</li>)}</ul>
        )}
      </section>
      <Notes view={view} title={t("notes")} />
      {link && (
        <>
          <button class="btn btn--wide" type="button" aria-expanded={shareOpen.value} onClick={() => { shareOpen.value = !shareOpen.value; }}><Icon name="qr" />{t("rowKey")}</button>
          {shareOpen.value && <Later part={SHARE} pick={(m) => <m.RowKey secret={link.secret} code={link.code} address={keyAddress(app.workbook, link)} />} />}
        </>
      )}
      <ShownTo view={view} />
      <StatusLine view={view} />
    </div>
  );
}

/** Whoever holds a row's link may know who was shown its telephone. */
function ShownTo({ view }: { view: RowView }) {
  const open = useSignal(false);
  return (
    <>
      <button class="btn btn--wide" type="button" aria-expanded={open.value} onClick={() => { open.value = !open.value; }}><Icon name="eye" />{t("showings")}</button>
      {open.value && <Later part={CALLERS} pick={(m) => <m.Showings view={view} />} />}
    </>
  );
}

function StatusLine({ view }: { view: RowView }) {
  return <p class="small"><StatusMark view={view} at={now.value} /></p>;
}

/** One number with its own save button: nothing is sent by the first tap of a stepper. */
function Quick({ view, field }: { view: RowView; field: Field }) {
  const app = useApp();
  const typed = useRef<number | null>(null);
  const dirty = useSignal(false);
  const unread = useSignal("");
  const live = view.cells[field.id];
  const value = live?.[live.length - 1]?.[1];
  const id = `mine-${field.id}`;
  return (
    <div>
      <label class="label" for={id}>{say(field.label)}{field.unit && <small class="small"> {field.unit}</small>}</label>
      <div class="row" key={live?.map(([edit]) => edit).join()}>
        <div class="grow"><Editor field={field} sheet={view.sheet} values={value === undefined ? {} : { [field.id]: value }} id={id} onChange={(writes) => { typed.current = writes[field.id] as number | null; dirty.value = true; }} onUnread={(words) => { unread.value = words; }} /></div>
        <button class="btn" type="button" disabled={!dirty.value || !!unread.value} onClick={async () => { if (await told(app, app.write(view.sheet, view.row, { [field.id]: typed.current }))) dirty.value = false; }}>{t("save")}</button>
      </div>
      {live?.map(([edit]) => <SentMark key={edit} mark={view.marks[edit]} />)}
    </div>
  );
}

/** All requests whose links this device holds. */
export function MineList() {
  const app = useApp();
  return (
    <LayerSheet title={t("mineRows")}>
      <ul class="menu-list">
        {app.links.value.map((link) => {
          const view = app.row(link.sheet, link.row).value;
          return (
            <li key={link.row}><button class="btn" type="button" onClick={() => replaceLayer({ kind: "mine", row: link.row })}>
              <Icon name="user" />{view ? `${rowNumber(view)} ${headline(view)}` : link.row.slice(0, 4)}
            </button></li>
          );
        })}
      </ul>
      <Kept />
    </LayerSheet>
  );
}
