/**
 * Taking in somebody else's spreadsheet: choose a file, look at what each column would become, correct it, count, import.
 * A chunk of its own, for stewards. Nothing is written before the last button; a file imported twice adds nothing.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "./context";
import { fieldsOf, sheetOf } from "./definition";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { applyUpdates } from "./list";
import { ask } from "./steward";
import { why } from "./toast";
import { chooseSheet, stepBack } from "./view";
import { say, t, word } from "./words";

interface Column { readonly header: string; readonly path: string | null; readonly sample: string }
interface Doubt { readonly line: number; readonly header: string; readonly text: string; readonly code: string; readonly message: string }
interface Remark { readonly line: number; readonly text: string; readonly kind: string }
interface Found {
  readonly name: string; readonly sheet: string | null; readonly why: string; readonly header_line: number; readonly columns: readonly Column[];
  readonly rows: number; readonly remarks: readonly Remark[]; readonly doubts: readonly Doubt[]; readonly notes: readonly string[];
}
/** Sheet → header → path, with the sheet it becomes under `@sheet`; null for a sheet that is left out. */
type Mapping = Record<string, Record<string, string | number | null> | null>;
interface Refused { readonly sheet: string; readonly line: number; readonly verdict: string; readonly reason: string }
interface Report {
  readonly sheets: readonly Found[]; readonly map: Mapping; readonly rows: number; readonly notes: readonly string[];
  readonly added?: number; readonly known?: number; readonly filled?: number; readonly refusals?: readonly Refused[];
}

const MOST_DOUBTS = 50;

export function Import() {
  const app = useApp();
  const file = useRef<File | null>(null);
  const mapping = useRef<Mapping>({});
  const report = useSignal<Report | null>(null);
  const done = useSignal<Report | null>(null);
  const busy = useSignal(false);
  const failed = useSignal("");
  const dirty = useSignal(false);

  const send = async (dry: boolean, withMap: boolean) => {
    if (!file.current) return;
    busy.value = true;
    failed.value = "";
    const form = new FormData();
    form.append("file", file.current);
    if (withMap) form.append("map", JSON.stringify(mapping.current));
    if (dry) form.append("dry_run", "1");
    try {
      const answer = await ask<Report>(app, "import", form);
      if (dry) {
        report.value = answer;
        mapping.current = { ...answer.map };
        for (const one of answer.sheets) if (!one.sheet) mapping.current[one.name] = null;
        dirty.value = false;
      } else {
        done.value = answer;
        applyUpdates();
      }
    } catch (error) { failed.value = why(error); }
    busy.value = false;
  };
  const choose = (event: { currentTarget: HTMLInputElement }) => {
    file.current = event.currentTarget.files?.[0] ?? null;
    report.value = null;
    mapping.current = {};
    void send(true, false);
  };
  /** Another sheet has other columns: the server is asked again at once how they would map. */
  const retarget = (found: Found, sheet: string) => {
    mapping.current[found.name] = sheet ? { "@sheet": sheet, "@header": found.header_line } : null;
    void send(true, true);
  };
  const rows = (report.value?.sheets ?? []).filter((one) => one.sheet).reduce((sum, one) => sum + one.rows, 0);

  return (
    <LayerSheet title={t("importTitle")} broad
      foot={done.value ? (
        <div class="row row--even">
          <button class="btn" type="button" onClick={() => { done.value = null; report.value = null; file.current = null; }}>{t("importAgain")}</button>
          <button class="btn btn--act" type="button" onClick={() => { const first = done.value?.sheets.find((one) => one.sheet)?.sheet; stepBack(); if (first) chooseSheet(first); }}>{t("receiptDone")}</button>
        </div>
      ) : report.value ? (
        <div class="row row--even">
          <button class="btn" type="button" disabled={!dirty.value} aria-busy={busy.value} onClick={() => void send(true, true)}>{t("importCheck")}</button>
          <button class="btn btn--act" type="button" disabled={rows === 0 || dirty.value || busy.value} aria-busy={busy.value} onClick={() => void send(false, true)}><Icon name="upload" />{t("importGo", { n: rows })}</button>
        </div>
      ) : undefined}>
      <div class="stack">
        {failed.value && <p class="error" role="alert">{failed.value}</p>}
        {busy.value && <p role="status">{t("importReading")}</p>}
        {done.value ? (
          <>
            <div class="big-state is-good" role="status"><Icon name="check" /><b>{t("importDone")}</b><p>{t("importReport", { added: done.value.added ?? 0, known: done.value.known ?? 0 })}</p></div>
            {(done.value.refusals ?? []).length > 0 && <><h3>{t("importRefused", { n: done.value.refusals!.length })}</h3>
              <ul class="log">{done.value.refusals!.slice(0, MOST_DOUBTS).map((one, i) => <li key={i}>{one.sheet} · {t("importLine", { n: one.line })} · {word(`reason_${one.reason.replace(/-/g, "_")}`, one.reason)}</li>)}</ul></>}
          </>
        ) : !report.value ? (
          <>
            <label class="btn btn--act btn--wide"><Icon name="upload" />{t("importPick")}
              <input class="sr" type="file" accept=".xlsx,.csv,.tsv,.txt,text/csv" onChange={choose} /></label>
            <p class="hint">{t("importMapHint")}</p>
          </>
        ) : (
          <>
            <p class="hint">{t("importMap")}。{t("importMapHint")}</p>
            {report.value.notes.map((note) => <p key={note} class="small">{note}</p>)}
            {report.value.sheets.map((found) => (
              <FoundSheet key={`${found.name}/${found.sheet}/${found.columns.length}`} found={found} onTarget={(sheet) => retarget(found, sheet)}
                onPath={(header, path) => { mapping.current[found.name] = { ...mapping.current[found.name], [header]: path || null }; dirty.value = true; }} />
            ))}
          </>
        )}
      </div>
    </LayerSheet>
  );
}

function FoundSheet({ found, onTarget, onPath }: { found: Found; onTarget: (sheet: string) => void; onPath: (header: string, path: string) => void }) {
  const app = useApp();
  const open = useSignal(false);
  const fields = found.sheet ? fieldsOf(found.sheet).filter((field) => !field.derived && field.kind !== "claim") : [];
  return (
    <section class="box pad stack">
      <div class="row">
        <h3 class="grow">{found.name} <small>{t("importCount", { n: found.rows })}{found.header_line > 0 && ` · ${t("importHeaderLine", { n: found.header_line })}`}</small></h3>
        <label>{t("importSheetTo")} <select class="input input--flex" onChange={(event) => onTarget(event.currentTarget.value)}>
          <option value="" selected={!found.sheet}>{t("importSkipSheet")}</option>
          {app.sheets.value.map((id) => <option key={id} value={id} selected={found.sheet === id}>{say(sheetOf(id).label)}</option>)}
        </select></label>
      </div>
      {found.notes.map((note) => <p key={note} class="small">{note}</p>)}
      {found.sheet && (
        <table class="table">
          <thead><tr><th scope="col">{t("importColumn")}</th><th scope="col">{t("importField")}</th></tr></thead>
          <tbody>
            {found.columns.map((column) => (
              <tr key={column.header}>
                <th scope="row">{column.header}{column.sample && <p class="small" lang="zh-CN">{t("importSample", { text: column.sample })}</p>}</th>
                <td><select class="input" aria-label={`${column.header} ${t("importField")}`} onChange={(event) => onPath(column.header, event.currentTarget.value)}>
                  <option value="" selected={!column.path}>{t("importSkip")}</option>
                  {known(fields, column.path ?? "").map(([path, label]) => <option key={path} value={path} selected={column.path === path}>{label}</option>)}
                </select></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.doubts.length + found.remarks.length > 0 && (
        <div>
          <button class="btn btn--small" type="button" aria-expanded={open.value} onClick={() => { open.value = !open.value; }}><Icon name="warn" small />{t("importDoubts", { n: found.doubts.length + found.remarks.length })}</button>
          {open.value && (
            <ul class="log">
              {found.remarks.slice(0, MOST_DOUBTS).map((remark) => <li key={`r${remark.line}`}><span class="small">{t("importLine", { n: remark.line })} · {word(`remark_${remark.kind}`, t("importRemark"))}</span> <span lang="zh-CN">{remark.text}</span></li>)}
              {found.doubts.slice(0, MOST_DOUBTS).map((doubt, i) => (
                <li key={i}><span class="small">{t("importLine", { n: doubt.line })} · {doubt.header}</span> <strong lang="zh-CN">{doubt.text}</strong> <span class="small">{word(`doubt_${doubt.code.replace(/-/g, "_")}`, doubt.message)}</span></li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}

/** The fields of the sheet, and whatever path the server proposed that is none of them (a part of a record). */
function known(fields: readonly { id: string; label: { zh: string; en: string } }[], path: string): [string, string][] {
  const list: [string, string][] = fields.map((field) => [field.id, say(field.label)]);
  if (path && !list.some(([id]) => id === path)) list.unshift([path, path]);
  return list;
}
