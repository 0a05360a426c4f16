/**
 * One row, whole: what it says, what can be done about it, who did what. Beside the grid on a wide screen, over the list on a phone.
 */
import { useComputed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { RowId, RowView, SheetId } from "../core/api";
import { AfterCall, useReturn } from "./aftercall";
import { Claims, DoubleClaim } from "./claims";
import { Closing, ReopenButton } from "./closing";
import { CallButtons, Contact } from "./contact";
import { called, useApp } from "./context";
import { lastSeen, recheckDue, accountOf } from "./account";
import { fieldOf, fieldsOf, placeLine, showCell, statusOf, type Field } from "./definition";
import { FieldRow } from "./field";
import { Icon } from "./icon";
import { HISTORY, Later, SHARE } from "./later";
import { neighbour } from "./list";
import { Flags, rowNumber, StatusMark, UrgencyMark, urgencyField } from "./marks";
import { Notes } from "./notes";
import { CALLERS, QUEUE } from "./office/parts";
import { mayCheckCode, mayDecide, maySeeShowings, mayWrite, whyNot } from "./rights";
import { toast, told } from "./toast";
import { Duplicate, DuplicateLink, UrgencyPicker, Verify } from "./verify";
import { now, openRow, showLayer, showRow, stepBack, wide } from "./view";
import { ago, say, t } from "./words";

const GROUPS = ["state", "what", "where", "who", "work", "source"] as const;

type Act = "" | "verify" | "urgency" | "duplicate" | "close" | "share" | "history" | "showings" | "caller";

export function Panel({ sheet, row, field }: { sheet: SheetId; row: RowId; field: string | undefined }) {
  const app = useApp();
  const shown = useComputed(() => app.row(sheet, row).value);
  const box = useRef<HTMLElement>(null);
  const missing = useSignal(false);
  /** The row whose telephone was dialled, by whichever of its links. */
  const dialled = useSignal<RowId>("");

  useLayoutEffect(() => {
    box.current?.focus({ preventScroll: true });
    if (box.current) box.current.querySelector(".panel__body")!.scrollTop = 0;
  }, [sheet, row]);
  useEffect(() => {
    app.here(sheet, row, "viewing");
    missing.value = false;
    if (!app.peek(sheet, row)) app.fetchRow(sheet, row).then((view) => { missing.value = !view; }, () => { missing.value = true; });
    return () => app.here("", "", "");
  }, [sheet, row]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.key === "Escape") { event.stopPropagation(); stepBack(); }
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === "j" || event.key === "J" ? 1 : event.key === "k" || event.key === "K" ? -1 : 0;
    const next = step ? neighbour(step) : null;
    if (next) { event.preventDefault(); showRow(sheet, next); }
  };

  const view = shown.value;
  return (
    <aside class="panel" ref={box} tabIndex={-1} aria-label={view ? t("rowTitle", { no: rowNumber(view) }) : t("loading")} onKeyDown={onKeyDown}>
      <header class="panel__head">
        {!wide.value && <button class="btn btn--icon panel__back" type="button" aria-label={t("back")} onClick={stepBack}><Icon name="back" /></button>}
        <h2 class="grow">{view ? t("rowTitle", { no: rowNumber(view) }) : t("loading")}</h2>
        {wide.value && <>
          <button class="btn btn--icon" type="button" aria-label={t("prevRow")} title="K" onClick={() => { const to = neighbour(-1); if (to) showRow(sheet, to); }}><Icon name="up" /></button>
          <button class="btn btn--icon" type="button" aria-label={t("nextRow")} title="J" onClick={() => { const to = neighbour(1); if (to) showRow(sheet, to); }}><Icon name="down" /></button>
          <button class="btn btn--icon" type="button" aria-label={t("closePanel")} onClick={stepBack}><Icon name="close" /></button>
        </>}
      </header>
      <div class="panel__body" onClick={(event) => { if ((event.target as Element).closest("a[href^='tel:']")) { dialled.value = row; app.here(sheet, row, "calling"); } }}>
        {view ? <Body key={row} view={view} field={field} dialled={dialled} /> : <p class="empty">{missing.value ? t("rowMissing") : t("loading")}</p>}
      </div>
    </aside>
  );
}

function Body({ view, field, dialled }: { view: RowView; field: string | undefined; dialled: Signal<RowId> }) {
  const app = useApp();
  const act = useSignal<Act>("");
  const editing = useSignal(field ?? "");
  const at = now.value;
  const status = statusOf(view, at);
  const has = (id: string) => !!fieldOf(view.sheet, id);
  const others = app.presence.value.filter((one) => one.row === view.row && one.actor !== app.me.value.actor);
  const text = accountOf(view);
  const toggle = (next: Act) => { act.value = act.value === next ? "" : next; };
  const done = () => { act.value = ""; };
  const logs = has("contact_log") && mayWrite(app, view, "contact_log") !== "-";
  const returned = useSignal(false);
  useReturn(logs && dialled.value === view.row, () => { returned.value = true; });
  const notOffered = (path: string, value?: string) => (mayWrite(app, view, path, value) === "-" ? whyNot(app, view, path, value) : "");

  // A field asked for by name (from the grid) is opened and brought into view.
  useSignalEffect(() => {
    const wanted = openRow.value?.field;
    if (!wanted || openRow.value?.row !== view.row) return;
    editing.value = wanted;
    requestAnimationFrame(() => document.getElementById(`f-${view.row}-${wanted}`)?.scrollIntoView({ block: "center" }));
  });

  return (
    <>
      <DuplicateLink view={view} />
      <div class={`lead${status.over ? " is-over" : ""}`}>
        <p class="lead__marks"><UrgencyMark view={view} at={at} /><StatusMark view={view} at={at} />{showState(view)}<Flags view={view} words /></p>
        {placeLine(view) && <p class="lead__place" lang="zh-CN">{placeLine(view)}</p>}
        {text && <p class="lead__text" lang="zh-CN">{text}</p>}
        {status.over && <p class="small">{t("closedRow")}</p>}
        <p class="small">
          {t("firstAt")} {ago(view.createdMs, at)}{app.who(view.author).name && ` · ${app.who(view.author).name}`} · {lastSeen(view) ? t("agoSeen", { age: ago(lastSeen(view), at) }) : t("neverSeen")}
          {!status.over && recheckDue(view, at) && <> · <span class="flag is-urgent"><Icon name="history" small />{t("recheckDue")}</span></>}
        </p>
        {others.length > 0 && <p class="small"><Icon name="user" small /> {others.map((one) => t(one.doing === "editing" ? "presentEdit" : one.doing === "calling" ? "contactCalling" : "present", { who: called(app, one.actor) })).join("；")}</p>}
        {!status.over && <DoubleClaim view={view} />}
        {!status.over && <CallButtons view={view} onCalled={() => { dialled.value = view.row; }} />}
        <div class="row">
          {has("verify_state") && <ActButton on={act.value === "verify"} not={notOffered("verify_state", "verified")} onClick={() => toggle("verify")}>{t("verify")}</ActButton>}
          {urgencyField(view.sheet) && !status.over && <ActButton on={act.value === "urgency"} not={notOffered(urgencyField(view.sheet)!.id)} onClick={() => toggle("urgency")}>{say(urgencyField(view.sheet)!.label)}</ActButton>}
          {has("still_needed_at") && has("outcome") && !status.over && <ActButton on={false} onClick={() => void told(app, app.stillNeeded(view.sheet, view.row), t("stillNeededDone"))}>{t("stillNeeded")}</ActButton>}
          {has("outcome") && !status.over && <ActButton on={act.value === "close"} not={notOffered("outcome", "rescued")} onClick={() => toggle("close")}>{t("closing")}</ActButton>}
          {has("duplicate_of") && <ActButton on={act.value === "duplicate"} not={notOffered("duplicate_of")} onClick={() => toggle("duplicate")}>{t("duplicate")}</ActButton>}
          <ActButton on={act.value === "share"} onClick={() => toggle("share")}>{t("share")}</ActButton>
          {has("contact_log") && mayCheckCode(app) && <ActButton on={act.value === "caller"} onClick={() => toggle("caller")}>{t("caller")}</ActButton>}
          {Object.keys(view.masked).length > 0 && maySeeShowings(app, view) && <ActButton on={act.value === "showings"} onClick={() => toggle("showings")}>{t("showings")}</ActButton>}
          {view.held && <ActButton on={false} onClick={() => showLayer({ kind: "mine", row: view.row })}>{t("mineTitle")}</ActButton>}
        </div>
        {act.value === "verify" && <Verify view={view} onDone={done} />}
        {act.value === "urgency" && <UrgencyPicker view={view} onDone={done} />}
        {act.value === "duplicate" && <Duplicate view={view} onDone={done} />}
        {act.value === "close" && <Closing view={view} onDone={done} />}
        {act.value === "caller" && <Later part={CALLERS} pick={(m) => <m.Caller view={view} />} />}
        {act.value === "showings" && <Later part={CALLERS} pick={(m) => <m.Showings view={view} />} />}
        {act.value === "share" && <Later part={SHARE} pick={(m) => <m.Share view={view} />} />}
        {status.over && has("outcome") && <ReopenButton view={view} />}
      </div>
      {mayDecide(app) && app.pendingSuggestions.value > 0 && <Later part={QUEUE} quiet pick={(m) => <m.RowSuggestions view={view} />} />}
      {has("claim") && <Claims view={view} over={status.over} />}
      {returned.value && <AfterCall view={view} onDone={(safe) => { returned.value = false; dialled.value = ""; app.here(view.sheet, view.row, "viewing"); if (safe && has("outcome")) act.value = "close"; }} />}
      {logs && <Contact view={view} ask={dialled.value === view.row && !returned.value} onAsked={() => { dialled.value = ""; }} />}
      {GROUPS.map((group) => <Group key={group} group={group} view={view} editing={editing.value} onEdit={(id) => { editing.value = id; }} />)}
      {has("sightings") && <Notes view={view} field="sightings" title={say(fieldOf(view.sheet, "sightings")!.label)} />}
      {has("notes") && <Notes view={view} title={t("notes")} />}
      <section class="section">
        <div class="section__head"><h3>{t("history")}</h3>
          <button class="btn btn--plain" type="button" aria-expanded={act.value === "history"} onClick={() => toggle("history")}><Icon name={act.value === "history" ? "up" : "history"} />{t(act.value === "history" ? "close" : "historyShow")}</button></div>
        {act.value === "history" && <div class="section__body"><Later part={HISTORY} pick={(m) => <m.History view={view} />} /></div>}
      </section>
    </>
  );
}

/** `not` says why it is not offered: the button is grey, and tells when it is pressed all the same. */
function ActButton({ on, not, onClick, children }: { on: boolean; not?: string; onClick: () => void; children: preact.ComponentChildren }) {
  return <button class={`btn btn--small${on ? " is-on" : ""}`} type="button" aria-expanded={on} aria-disabled={not ? true : undefined} title={not || undefined} onClick={() => { if (not) toast(not, { bad: true }); else onClick(); }}>{children}</button>;
}

/** Verification in its own word beside the status, which mixes all four questions. */
function showState(view: RowView) {
  const field = fieldOf(view.sheet, "verify_state");
  const said = field ? showCell(view, field) : "";
  const code = view.cells["verify_state"]?.[0]?.[1];
  // "待核实 · 未核实" says one thing twice.
  return said && code !== "unverified" ? <span class="tag"><Icon name="shield" small />{said}</span> : null;
}

/** Fields of one group; empty ones are folded away until asked for, so that a row is read without scrolling past gaps. */
function Group({ group, view, editing, onEdit }: { group: (typeof GROUPS)[number]; view: RowView; editing: string; onEdit: (id: string) => void }) {
  const all = useSignal(false);
  const fields = fieldsOf(view.sheet).filter((field) => field.group === group && !SEPARATE.has(field.id) && !(field.derived && !showCell(view, field)));
  if (!fields.length) return null;
  const full = fields.filter((field) => isFull(view, field) || field.id === editing);
  const empty = fields.length - full.length;
  const list = all.value ? fields : full;
  if (!list.length && !empty) return null;
  return (
    <section class="section" aria-labelledby={`group-${group}`}>
      <div class="section__head"><h3 id={`group-${group}`}>{t(`group_${group}`)}</h3>
        {empty > 0 && <button class="btn btn--plain" type="button" aria-expanded={all.value} onClick={() => { all.value = !all.value; }}>{all.value ? t("fewer") : t("emptyN", { n: empty })}</button>}</div>
      {list.map((field) => <FieldRow key={field.id} view={view} field={field} open={editing === field.id} onOpen={() => onEdit(field.id)} onDone={() => onEdit("")} />)}
    </section>
  );
}

/** Shown by parts of the panel of their own. */
const SEPARATE = new Set(["claim", "contact_log", "notes", "sightings", "photos", "duplicate_of", "no", "created_at", "created_by", "updated_at", "seen_count", "last_confirmed_at"]);

function isFull(view: RowView, field: Field): boolean {
  return !!showCell(view, field) || !!view.masked[field.id]?.length || view.conflicts.some((path) => path === field.id || path.startsWith(`${field.id}:`)) || Object.keys(view.proposed).some((path) => path === field.id || path.startsWith(`${field.id}:`));
}
