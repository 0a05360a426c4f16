/**
 * The small layers of the frame: the menu, who I am, other workbooks, the keys, the filters.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { SheetId } from "../core/api";
import { labelOf, STATUS_CODES } from "../schema/definitions";
import { useApp } from "./context";
import { sheetOf } from "./definition";
import { ChipButton } from "./tick";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { districts, shownRows, statuses } from "./list";
import { urgencyField } from "./marks";
import { asUrgency, URGENCIES } from "./order";
import { isSteward, mayDecide } from "./rights";
import { Kept } from "./sync";
import { fail, toast } from "./toast";
import { asList, filters, narrow, NO_FILTERS, replaceLayer, sheet, stepBack, wide } from "./view";
import { language, say, t, word, type Label } from "./words";

export { Join } from "./join";
export { SyncList } from "./sync";

export function Menu() {
  const app = useApp();
  const me = app.me.value;
  return (
    <LayerSheet title={t("menu")} low>
      <div class="menu-list">
        <button class="btn" type="button" onClick={() => replaceLayer({ kind: "me" })}><Icon name="user" /><span class="grow">{me.name || t("noName")}<br /><span class="small">{word(`role_${me.role}`, me.role)}</span></span></button>
        {app.links.value.length > 0 && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "mineList" })}><Icon name="pin" />{t("mineRows")}（{app.links.value.length}）</button>}
        {app.kept.value.length > 0 && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "sync" })}><Icon name="clock" />{t("ownWaiting", { n: app.kept.value.length })}</button>}
        {mayDecide(app) && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "suggestions" })}><Icon name="note" />{t("suggestions")}（{app.pendingSuggestions.value}）</button>}
        {wide.value && <button class="btn" type="button" onClick={() => { asList.value = !asList.value; stepBack(); }}><Icon name="menu" />{t(asList.value ? "gridView" : "listView")}</button>}
        {wide.value && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "keys" })}><Icon name="help" />{t("keysTitle")}</button>}
        {isSteward(app) && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "office" })}><Icon name="shield" />{t("officeTitle")}{app.alarms.value.length > 0 && `（${app.alarms.value.length}）`}</button>}
        {isSteward(app) && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "import" })}><Icon name="upload" />{t("importTitle")}</button>}
        {isSteward(app) && <button class="btn" type="button" onClick={() => replaceLayer({ kind: "invites" })}><Icon name="link" />{t("invitesTitle")}</button>}
        <a class="btn" href={`/w/${encodeURIComponent(app.workbook)}/export/${sheet.value}.csv`} download><Icon name="download" />{t("exportCsv", { sheet: say(sheetOf(sheet.value).label) })}</a>
        <button class="btn" type="button" onClick={() => replaceLayer({ kind: "workbooks" })}><Icon name="pair" />{t("switchWorkbook")}</button>
        <button class="btn" type="button" onClick={() => { app.setLanguage(language.value === "zh" ? "en" : "zh"); stepBack(); }}><Icon name="globe" /><span lang={language.value === "zh" ? "en" : "zh-CN"}>{t("language")}</span></button>
      </div>
    </LayerSheet>
  );
}

export function MeLayer() {
  const app = useApp();
  const me = app.me.value;
  const box = useRef<HTMLInputElement>(null);
  const save = async () => {
    try { await app.rename(box.current?.value.trim() ?? ""); toast(t("saved")); stepBack(); } catch (error) { fail(error); }
  };
  return (
    <LayerSheet title={t("me")} low>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <p><span class="small">{t("yourRole")}</span><br /><strong>{word(`role_${me.role}`, me.role)}</strong></p>
        <p class="hint">{t("roleHow")}</p>
        <div><label class="label" for="me-name">{t("yourName")}</label>
          <input id="me-name" ref={box} class="input" defaultValue={me.name} maxLength={40} autocomplete="nickname" />
          <p class="hint">{t("nameHint")}</p></div>
        <button class="btn btn--act" type="submit">{t("save")}</button>
      </form>
      <hr class="rule" />
      <div class="stack">
        {app.links.value.length > 0 && <button class="btn btn--wide" type="button" onClick={() => replaceLayer({ kind: "mineList" })}><Icon name="pin" />{t("mineRows")}（{app.links.value.length}）</button>}
        <button class="btn btn--wide" type="button" onClick={() => replaceLayer({ kind: "devices" })}><Icon name="device" />{t("devicesTitle")} · {t("clearPhone")}</button>
        <Kept />
      </div>
    </LayerSheet>
  );
}

export function Workbooks() {
  const app = useApp();
  const list = useSignal<readonly { id: string; title: string; drill: boolean }[] | null>(null);
  useEffect(() => {
    fetch("/workbooks.json", { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((found: { workbooks: { id: string; title: string; drill: boolean }[] }) => { list.value = found.workbooks; })
      .catch(() => { list.value = []; });
  }, []);
  return (
    <LayerSheet title={t("otherWorkbooks")} low>
      <ul class="menu-list">
        {(list.value ?? []).map((one) => (
          <li key={one.id}><a class="btn" href={`/w/${encodeURIComponent(one.id)}/`} aria-current={one.id === app.workbook ? "page" : undefined}>
            <Icon name={one.id === app.workbook ? "check" : "pair"} /><span class="grow">{one.title}</span>{one.drill && <span class="tag">{t("drill")}</span>}</a></li>
        ))}
        <li><a class="btn" href="/"><Icon name="link" />{t("allWorkbooks")}</a></li>
      </ul>
    </LayerSheet>
  );
}

export function Keys() {
  const keys: [string, string][] = [
    [t("keyArrows"), t("keysMove")], ["PgUp PgDn", t("keysPage")], ["Home End", t("keysEnds")], [t("keyEnter"), t("keysEdit")], ["Esc", t("keysCancel")],
    [t("keySpace"), t("keysOpen")], ["J K", `${t("nextRow")} / ${t("prevRow")}`], ["/", t("keysSearch")], ["Ctrl Z", t("keysUndo")], ["Tab", t("keysLeave")], ["?", t("keysHelp")],
  ];
  return (
    <LayerSheet title={t("keysTitle")}>
      <dl class="keys">{keys.map(([key, what]) => [<dt key={key}><kbd>{key}</kbd></dt>, <dd key={`${key}-what`}>{what}</dd>])}</dl>
      <p class="hint mt">{t("keysType")}</p>
    </LayerSheet>
  );
}

interface StatusOption { readonly code: string; readonly label: Label }

/** All states rows of this sheet can be shown in, for the filter. */
function statusOptions(sheet: SheetId): StatusOption[] {
  const definition = sheetOf(sheet);
  const axis = definition.fields[definition.axis];
  const codes = new Map<string, Label>();
  if (definition.fields["claim"]) for (const code of STATUS_CODES) { const option = labelOf(code, definition); if (option) codes.set(code, option.label); }
  for (const option of axis?.options ?? []) codes.set(option.code, option.label);
  return [...codes].map(([code, label]) => ({ code, label }));
}

export function FilterLayer() {
  return (
    <LayerSheet title={t("filters")} low
      foot={<div class="row row--even">
        <button class="btn" type="button" onClick={() => { filters.value = NO_FILTERS; }}>{t("filterReset")}</button>
        <button class="btn btn--act" type="button" onClick={stepBack}>{t("showN", { n: shownRows.value.length })}</button>
      </div>}>
      <Filters />
    </LayerSheet>
  );
}

/** What the list can be narrowed to; counts say what each choice would leave. */
export function Filters() {
  const f = filters.value;
  const id = sheet.value;
  const urgency = urgencyField(id);
  const counts = statuses.value;
  const flip = (list: readonly string[], code: string) => (list.includes(code) ? list.filter((one) => one !== code) : [...list, code]);
  const states = statusOptions(id).filter((one) => counts.get(one.code) || f.status.includes(one.code));
  return (
    <div class="stack">
      <div class="row">
        <ChipButton on={f.mine} onToggle={() => narrow({ mine: !f.mine })}>{t("filterMine")}</ChipButton>
        <ChipButton on={f.unverified} onToggle={() => narrow({ unverified: !f.unverified })}>{t("filterUnverified")}</ChipButton>
        <ChipButton on={f.conflict} onToggle={() => narrow({ conflict: !f.conflict })}>{t("filterConflict")}</ChipButton>
        <ChipButton on={f.unsent} onToggle={() => narrow({ unsent: !f.unsent })}>{t("filterUnsent")}</ChipButton>
        <ChipButton on={f.over} onToggle={() => narrow({ over: !f.over })}>{t("filterOver")}</ChipButton>
      </div>
      {urgency && (
        <fieldset><legend class="label">{say(urgency.label)}</legend><div class="row">
          {URGENCIES.map((code) => {
            const names = (urgency.options ?? []).filter((one) => one.code !== "other" && asUrgency(one.code) === code);
            return names.length > 0 && <ChipButton key={code} on={f.urgency.includes(code)} onToggle={() => narrow({ urgency: flip(f.urgency, code) })}>{names.map((one) => say(one.label)).join("、")}</ChipButton>;
          })}
        </div></fieldset>
      )}
      {states.length > 0 && (
        <fieldset><legend class="label">{t("filterStatus")}</legend><div class="row">
          {states.map((one) => <ChipButton key={one.code} on={f.status.includes(one.code)} onToggle={() => narrow({ status: flip(f.status, one.code) })}>{say(one.label)} {counts.get(one.code) ?? 0}</ChipButton>)}
        </div></fieldset>
      )}
      {districts.value.length > 0 && (
        <label><span class="label">{t("filterDistrict")}</span>
          <select class="input" onChange={(event) => narrow({ district: event.currentTarget.value })}>
            <option value="" selected={f.district === ""}>{t("filterAll")}</option>
            {districts.value.map((name) => <option key={name} value={name} selected={f.district === name}>{name}</option>)}
          </select></label>
      )}
    </div>
  );
}

