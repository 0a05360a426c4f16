/**
 * The frame around everything: title, tabs, search, the sync chip, banners; the list and the open row between them; layers on top.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Cards } from "./cards";
import { SyncChip } from "./chip";
import { useApp } from "./context";
import { sheetOf } from "./definition";
import { Icon } from "./icon";
import { FORMS, GRID, LAYERS, Later, OFFICE, OWN, PANEL, RECEIPT, type Part } from "./later";
import { applyUpdates, shownRows, tally, updatesWaiting, warmSearch } from "./list";
import { ChipButton } from "./tick";
import { Toasts } from "./toast";
import { undoLast } from "./undo";
import { asList, chooseSheet, filterCount, filters, layer, narrow, now, openRow, search, sheet, showLayer, wide } from "./view";
import { language, say, span, t, word } from "./words";

export function Frame() {
  const app = useApp();
  const open = openRow.value;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || layer.value) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !typing) { event.preventDefault(); void undoLast(app); }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); document.getElementById("search")?.focus(); }
    if (event.key === "?") { event.preventDefault(); showLayer({ kind: "keys" }); }
  };
  const covered = !!layer.value || (!wide.value && !!open);
  return (
    <div class="frame" onKeyDown={onKeyDown}>
      <div class="frame" aria-hidden={layer.value ? true : undefined}>
        <a class="btn skip" href="#main">{t("skip")}</a>
        <div class="frame" aria-hidden={covered && !layer.value ? true : undefined}>
          <header class="frame__top">
            {app.drill.value && <div class="stripe"><span>{t("drill")} · {t("drillLong")}</span></div>}
            <Bar />
            <Tabs />
            <Banners />
          </header>
          <main class="main" id="main" tabIndex={-1}>
            <div class="view" role="tabpanel" id="sheet-panel" aria-label={say(sheetOf(sheet.value).label)}>
              <Tools />
              <Pill />
              <List />
              {wide.value && <StatusLine />}
            </div>
            {wide.value && open && <Later part={PANEL} quiet pick={(m) => <m.Panel sheet={open.sheet} row={open.row} field={open.field} />} />}
          </main>
          {!wide.value && <Foot />}
        </div>
        {!wide.value && open && <Later part={PANEL} quiet pick={(m) => <m.Panel sheet={open.sheet} row={open.row} field={open.field} />} />}
      </div>
      <Layers />
      <Toasts />
    </div>
  );
}

function Bar() {
  const app = useApp();
  const me = app.me.value;
  const here = new Set(app.presence.value.map((one) => one.actor)).size;
  return (
    <div class="frame__bar">
      <button class="title grow" type="button" onClick={() => showLayer({ kind: "workbooks" })} title={t("switchWorkbook")}>
        <h1>{app.title.value || t("app")}</h1>{app.drill.value && wide.value && <span class="tag">{t("drill")}</span>}<span class="sr">{t("switchWorkbook")}</span><Icon name="down" small />
      </button>
      {wide.value && here > 1 && <span class="count"><Icon name="people" small /> {t("hereNow", { n: here })}</span>}
      {app.pendingSuggestions.value > 0 && <button class="btn btn--plain" type="button" aria-label={`${t("suggestions")} ${app.pendingSuggestions.value}`} onClick={() => showLayer({ kind: "suggestions" })}><Icon name="note" />{wide.value && t("suggestions")}&nbsp;<b>{app.pendingSuggestions.value}</b></button>}
      <SyncChip />
      {wide.value && <>
        <button class="btn btn--plain" type="button" lang={language.value === "zh" ? "en" : "zh-CN"} onClick={() => app.setLanguage(language.value === "zh" ? "en" : "zh")}><Icon name="globe" />{t("language")}</button>
        <button class="btn btn--plain" type="button" onClick={() => showLayer({ kind: "me" })}><Icon name="user" /><span>{me.name || t("noName")} · {word(`role_${me.role}`, me.role)}</span></button>
      </>}
      <button class="btn btn--icon" type="button" aria-label={t("menu")} onClick={() => showLayer({ kind: "menu" })}><Icon name="menu" /></button>
    </div>
  );
}

function Tabs() {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const sheets = app.sheets.value;
  useEffect(() => { box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [sheet.value]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    const next = sheets[(sheets.indexOf(sheet.value) + by + sheets.length) % sheets.length]!;
    chooseSheet(next);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  return (
    <div class="frame__tabs" role="tablist" aria-label={t("sheets")} ref={box} onKeyDown={onKeyDown}>
      {sheets.map((id) => (
        <button key={id} class="tab" type="button" role="tab" aria-selected={id === sheet.value} aria-controls="sheet-panel" tabIndex={id === sheet.value ? 0 : -1} onClick={() => chooseSheet(id)}>
          {say(sheetOf(id).label)} <small>{app.rows(id).value.length || ""}</small>
        </button>
      ))}
    </div>
  );
}

function Banners() {
  const app = useApp();
  const notice = app.notice.value;
  const closed = useSignal(0);
  const step = app.protection.value[sheet.value] ?? "open";
  return (
    <>
      {notice && notice.text && closed.value !== notice.atMs && (
        <div class="notice notice--calm" role="status"><Icon name="flag" /><span class="grow"><strong>{t("notice")}：</strong><span lang="zh-CN">{notice.text}</span></span>
          <button class="btn btn--plain btn--small" type="button" onClick={() => { closed.value = notice.atMs; }}>{t("ok")}</button></div>
      )}
      {(step !== "open" || app.alarms.value.length > 0) && <Later part={OFFICE} quiet pick={(m) => <m.Guards />} />}
      {app.storage.value === "broken" && <div class="notice notice--bad" role="alert"><Icon name="warn" /><span class="grow">{t("storageMemory")}</span><button class="btn btn--small" type="button" onClick={() => showLayer({ kind: "sync" })}>{t("exportText")}</button></div>}
      {app.updateWaiting.value && !layer.value && !openRow.value && <div class="notice notice--calm"><Icon name="download" /><span class="grow">{t("update")}</span><button class="btn btn--small" type="button" onClick={() => app.useUpdate()}>{t("updateNow")}</button></div>}
    </>
  );
}

/** Ten thousand rows are not searched for every letter of a word. */
const SEARCH_PAUSE_MS = 120;
const QUICK = [["mine", "filterMine"], ["unverified", "filterUnverified"], ["conflict", "filterConflict"], ["over", "filterOver"]] as const;

function Tools() {
  const app = useApp();
  const box = useRef<HTMLInputElement>(null);
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const searchNow = (text: string) => {
    clearTimeout(pause.current);
    if (!text) search.value = "";
    else pause.current = setTimeout(() => { search.value = text; }, SEARCH_PAUSE_MS);
  };
  const canAdd = sheet.value !== "notice" || app.me.value.role === "steward" || app.me.value.role === "owner";
  return (
    <div class="tools" role="search">
      <div class="searchbox">
        <Icon name="search" />
        {/* While a word is being composed the list stays: half a syllable finds nothing. */}
        <input id="search" ref={box} class="input" type="search" placeholder={t("searchHint")} aria-label={t("search")} autocomplete="off" enterkeyhint="search" onFocus={() => warmSearch(app)} defaultValue={search.peek()}
          onInput={(event) => { if (!event.isComposing) searchNow(event.currentTarget.value); }} onCompositionEnd={(event) => searchNow(event.currentTarget.value)}
          onKeyDown={(event) => { if (event.key === "Escape" && !event.isComposing) { event.currentTarget.value = ""; searchNow(""); event.currentTarget.blur(); } }} />
        {search.value && <button class="btn btn--icon" type="button" aria-label={t("clear")} onClick={() => { if (box.current) { box.current.value = ""; box.current.focus(); } searchNow(""); }}><Icon name="close" /></button>}
      </div>
      <button class={`btn${filterCount.value ? " is-on" : ""}`} type="button" onClick={() => showLayer({ kind: "filters" })}>
        <Icon name="filter" />{t("filter")}{filterCount.value ? ` ${filterCount.value}` : ""}
      </button>
      {wide.value && <>
        <div class="quick">
          {QUICK.map(([key, word_]) => <ChipButton key={key} on={filters.value[key]} onToggle={() => narrow({ [key]: !filters.value[key] })}>{t(word_)}</ChipButton>)}
        </div>
        <div class="tools__rest">
          {canAdd && <button class="btn" type="button" onClick={() => showLayer({ kind: "add", sheet: sheet.value })}><Icon name="plus" />{t("add")}</button>}
          <button class="btn btn--sos" type="button" onClick={() => showLayer({ kind: "ask" })}>{t("sos")}</button>
        </div>
      </>}
    </div>
  );
}

function Pill() {
  const n = updatesWaiting.value;
  if (!n) return null;
  return <div class="pill-rail"><button class="chip pill" type="button" onClick={() => { applyUpdates(); document.querySelector(".scroll")?.scrollTo?.(0, 0); }}>{t("updates", { n })}<Icon name="up" small /></button></div>;
}

function List() {
  const app = useApp();
  const empty = shownRows.value.length === 0;
  const any = tally.value.all > 0;
  if (empty) {
    const text = any ? t("emptyList") : app.phase.value === "empty" ? t(app.link.value === "offline" ? "emptyOffline" : "loading") : t("emptySheet");
    return (
      <div class="scroll"><div class="empty"><Icon name={any ? "search" : "note"} /><p>{text}</p>
        {search.value && !filters.value.over && <p class="mt"><button class="btn" type="button" onClick={() => narrow({ over: true })}>{t("filterOver")}</button></p>}
        {any && (filterCount.value > 0 || search.value) && <p class="mt"><button class="btn" type="button" onClick={() => { filters.value = { ...filters.value, status: [], urgency: [], district: "", mine: false, conflict: false, unverified: false, unsent: false }; search.value = ""; const box = document.getElementById("search") as HTMLInputElement | null; if (box) box.value = ""; }}>{t("filterReset")}</button></p>}
      </div></div>
    );
  }
  return wide.value && !asList.value ? <Later key={sheet.value} part={GRID} pick={(m) => <m.Grid />} /> : <Cards />;
}

function StatusLine() {
  const { all, waiting, over, oldestMs } = tally.value;
  const shown = shownRows.value.length;
  return (
    <footer class="status-line">
      <span>{shown === all ? t("rowsN", { n: all }) : t("rowsOf", { n: shown, all })}</span>
      {sheet.value === "help" && waiting > 0 && <span>{t("waitingN", { n: waiting })}</span>}
      {sheet.value === "help" && oldestMs > 0 && <span>{t("oldest", { age: span(now.value - oldestMs) })}</span>}
      {over > 0 && <span>{t("overN", { n: over })}</span>}
      <span class="grow" />
      <span><kbd>?</kbd> {t("keysTitle")}</span>
    </footer>
  );
}

function Foot() {
  const app = useApp();
  const canAdd = sheet.value !== "notice" || app.me.value.role === "steward" || app.me.value.role === "owner";
  const own = app.links.value;
  return (
    <nav class="frame__foot" aria-label={t("sos")}>
      <button class="btn btn--sos" type="button" onClick={() => showLayer({ kind: "ask" })}>{t("sos")}</button>
      {own.length > 0 ? <button class="btn" type="button" onClick={() => showLayer(own.length === 1 ? { kind: "mine", row: own[0]!.row } : { kind: "mineList" })}><Icon name="user" />{t("filterMine")}</button> : null}
      {canAdd && <button class="btn" type="button" onClick={() => showLayer({ kind: "add", sheet: sheet.value })}><Icon name="plus" />{t("add")}</button>}
    </nav>
  );
}

function Layers() {
  const shown = useComputed(() => layer.value);
  const top = shown.value;
  if (!top) return null;
  return <>{drawn(top)}</>;
}

function drawn(top: NonNullable<typeof layer.value>): ComponentChildren {
  switch (top.kind) {
    case "ask": return in_(FORMS, (m) => <m.Ask />);
    case "add": return in_(FORMS, (m) => <m.Add key={top.sheet} sheet={top.sheet} />);
    case "receipt": return in_(RECEIPT, (m) => <m.Receipt key={top.row} sheet={top.sheet} row={top.row} />);
    case "mine": return in_(OWN, (m) => <m.Mine key={top.row} row={top.row} />);
    case "mineList": return in_(OWN, (m) => <m.MineList />);
    case "sync": return in_(LAYERS, (m) => <m.SyncList />);
    case "filters": return in_(LAYERS, (m) => <m.FilterLayer />);
    case "menu": return in_(LAYERS, (m) => <m.Menu />);
    case "me": return in_(LAYERS, (m) => <m.MeLayer />);
    case "workbooks": return in_(LAYERS, (m) => <m.Workbooks />);
    case "keys": return in_(LAYERS, (m) => <m.Keys />);
    case "join": return in_(LAYERS, (m) => <m.Join invite={top.invite} />);
    default: return in_(OFFICE, (m) => <m.OfficeLayer top={top} />);
  }
}

/** A layer from a part that may still be on its way: the shade and the way back are there at once. */
function in_<T>(from: Part<T>, pick: (module: T) => ComponentChildren): ComponentChildren {
  return <Later key={layer.value?.kind} part={from} pick={pick} />;
}
