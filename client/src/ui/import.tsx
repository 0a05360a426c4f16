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
import { say, t } from "./words";

interface Column { readonly header: string; readonly path: string; readonly sample: string }
interface Doubt { readonly line: number; readonly header: string; readonly text: string; readonly why: string }
interface Found {
  readonly name: string; readonly sheet: string; readonly header_line: number; readonly columns: readonly Column[];
  readonly rows: number; readonly remarks: readonly string[]; readonly doubts: readonly Doubt[];
}
type Mapping = Record<string, Record<string, string>>;
interface Report { readonly sheets: readonly Found[]; readonly map: Mapping; readonly added: number; readonly known: number }

const MOST_DOUBTS = 50;

export function Import() {
  const app = useApp();
  const file = useRef<File | null>(null);
  const mapping = useRef<Mapping>({});
  const targets = useRef<Record<string, string>>({});
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
    if (withMap) form.append("map", JSON.stringify(sendable(mapping.current, targets.current)));
    if (dry) form.append("dry_run", "1");
    try {
      const answer = await ask<Report>(app, `import${dry ? "?dry_run=1" : ""}`, form);
      if (dry) {
        report.value = answer;
        mapping.current = answer.map ?? {};
        targets.current = Object.fromEntries(answer.sheets.map((one) => [one.name, one.sheet]));
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
    targets.current = {};
    void send(true, false);
  };
  const rows = (report.value?.sheets ?? []).filter((one) => targets.current[one.name]).reduce((sum, one) => sum + one.rows, 0);

  return (
    <LayerSheet title={t("importTitle")} broad
      foot={done.value ? (
        <div class="row row--even">
          <button class="btn" type="button" onClick={() => { done.value = null; report.value = null; file.current = null; }}>{t("importAgain")}</button>
          <button class="btn btn--act" type="button" onClick={() => { const first = done.value?.sheets.find((one) => one.sheet); stepBack(); if (first) chooseSheet(first.sheet); }}>{t("receiptDone")}</button>
        </div>
      ) : report.value ? (
        <div class="row row--even">
          <button class="btn" type="button" disabled={!dirty.value} aria-busy={busy.value} onClick={() => void send(true, true)}>{t("importCheck")}</button>
          <button class="btn btn--act" type="button" disabled={rows === 0 || dirty.value} aria-busy={busy.value} onClick={() => void send(false, true)}><Icon name="upload" />{t("importGo", { n: rows })}</button>
        </div>
      ) : undefined}>
      <div class="stack">
        {failed.value && <p class="error" role="alert">{failed.value}</p>}
        {done.value ? (
          <div class="big-state is-good" role="status"><Icon name="check" /><b>{t("importDone")}</b><p>{t("importReport", { added: done.value.added, known: done.value.known })}</p></div>
        ) : !report.value ? (
          <>
            <label class="btn btn--act btn--wide"><Icon name="upload" />{t(busy.value ? "importReading" : "importPick")}
              <input class="sr" type="file" accept=".xlsx,.csv,.tsv,.xls,text/csv" onChange={choose} /></label>
            <p class="hint">{t("importMapHint")}</p>
          </>
        ) : (
          <>
            <p class="hint">{t("importMap")}。{t("importMapHint")}</p>
            {report.value.sheets.map((found) => (
              <FoundSheet key={`${found.name}/${found.sheet}`} found={found} mapping={mapping.current}
                onTarget={(sheet) => { targets.current[found.name] = sheet; mapping.current[found.name] ??= {}; dirty.value = true; report.value = { ...report.value! }; }}
                target={targets.current[found.name] ?? ""}
                onPath={(header, path) => { (mapping.current[found.name] ??= {})[header] = path; dirty.value = true; }} />
            ))}
          </>
        )}
      </div>
    </LayerSheet>
  );
}

/** The map as the server takes it: sheets that are not wanted map nothing. */
function sendable(mapping: Mapping, targets: Record<string, string>): Mapping {
  const out: Mapping = {};
  for (const name of Object.keys(mapping)) {
    const target = targets[name];
    out[name] = target === "" ? {} : { ...mapping[name], ...(target ? { "": target } : {}) };
  }
  return out;
}

function FoundSheet({ found, mapping, target, onTarget, onPath }: { found: Found; mapping: Mapping; target: string; onTarget: (sheet: string) => void; onPath: (header: string, path: string) => void }) {
  const app = useApp();
  const open = useSignal(false);
  const fields = target ? fieldsOf(target).filter((field) => !field.derived && field.kind !== "claim") : [];
  return (
    <section class="box pad">
      <div class="row">
        <h3 class="grow">{found.name} <small>{t("importCount", { n: found.rows })} · {t("importHeaderLine", { n: found.header_line })}</small></h3>
        <label>{t("importSheetTo")} <select class="input input--flex" onChange={(event) => onTarget(event.currentTarget.value)}>
          <option value="" selected={target === ""}>{t("importSkipSheet")}</option>
          {app.sheets.value.map((id) => <option key={id} value={id} selected={target === id}>{say(sheetOf(id).label)}</option>)}
        </select></label>
      </div>
      {found.remarks.length > 0 && <ul class="small">{found.remarks.map((one) => <li key={one}>{one}</li>)}</ul>}
      {target !== "" && (
        <table class="table">
          <thead><tr><th scope="col">{t("importColumn")}</th><th scope="col">{t("importField")}</th></tr></thead>
          <tbody>
            {found.columns.map((column) => (
              <tr key={column.header}>
                <th scope="row">{column.header}{column.sample && <p class="small">{t("importSample", { text: column.sample })}</p>}</th>
                <td><select class="input" aria-label={`${column.header} ${t("importField")}`} onChange={(event) => onPath(column.header, event.currentTarget.value)}>
                  <option value="" selected={!(mapping[found.name]?.[column.header] ?? column.path)}>{t("importSkip")}</option>
                  {known(fields, mapping[found.name]?.[column.header] ?? column.path).map(([path, label]) => <option key={path} value={path} selected={(mapping[found.name]?.[column.header] ?? column.path) === path}>{label}</option>)}
                </select></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.doubts.length > 0 && (
        <div>
          <button class="btn btn--small" type="button" aria-expanded={open.value} onClick={() => { open.value = !open.value; }}><Icon name="warn" small />{t("importDoubts", { n: found.doubts.length })}</button>
          {open.value && (
            <ul class="log">{found.doubts.slice(0, MOST_DOUBTS).map((doubt, i) => (
              <li key={i}><span class="small">{t("importLine", { n: doubt.line })} · {doubt.header}</span> <strong lang="zh-CN">{doubt.text}</strong> <span class="small">{doubt.why}</span></li>
            ))}</ul>
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
