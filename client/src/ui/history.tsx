/**
 * What happened to a row, in plain words: grouped by person and five minutes, each old value can be put back.
 * A chunk of its own; offline it tells what this device knows.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { HistoryEntry, Path, RowView, Value } from "../core/api";
import { called, useApp } from "./context";
import { fieldOf, showValue, teamName } from "./definition";
import { Icon } from "./icon";
import { mayWrite } from "./rights";
import { told, why } from "./toast";
import { clock, say, t, word } from "./words";

const TOGETHER_MS = 5 * 60_000;

interface Line { readonly edit: string; readonly path: Path; readonly value: Value; readonly old: Value | undefined; readonly tier: string }
export interface Group { readonly actor: string; readonly origin: string; readonly atMs: number; lines: Line[] }

/** Groups of one person's changes within five minutes, newest first; each change knows the value it replaced. */
export function groupHistory(entries: readonly HistoryEntry[]): Group[] {
  const before = new Map<Path, Value>();
  const byEdit = new Map<string, Value>();
  const groups: Group[] = [];
  for (const entry of [...entries].sort((a, b) => a.seq - b.seq)) {
    let group = groups[groups.length - 1];
    if (!group || group.actor !== entry.actor || group.origin !== entry.origin || entry.receivedMs - group.atMs > TOGETHER_MS) {
      group = { actor: entry.actor, origin: entry.origin, atMs: entry.receivedMs, lines: [] };
      groups.push(group);
    }
    for (const path of Object.keys(entry.writes)) {
      const value = entry.writes[path]!;
      // Words with a number in them are one act in two tiers: the raw ones, where they may be seen, stand for both.
      if (entry.tier === "private") group.lines = group.lines.filter((line) => line.edit !== entry.edit || line.path !== path);
      const replaced = entry.seen[path]?.map((edit) => byEdit.get(`${entry.tier}/${path}/${edit}`)).filter((old) => old !== undefined);
      const old = replaced?.length ? replaced[replaced.length - 1] : before.get(`${entry.tier}/${path}`);
      group.lines.push({ edit: entry.edit, path, value, old, tier: entry.tier });
      before.set(`${entry.tier}/${path}`, value);
      byEdit.set(`${entry.tier}/${path}/${entry.edit}`, value);
    }
  }
  return groups.reverse();
}

export function History({ view }: { view: RowView }) {
  const app = useApp();
  const groups = useSignal<Group[] | null>(null);
  const failed = useSignal("");
  useEffect(() => {
    app.history(view.sheet, view.row).then(
      (entries) => { groups.value = groupHistory(entries); },
      (error: unknown) => { failed.value = why(error); groups.value = groupHistory(known(view)); },
    );
  }, [view.row, view.updatedMs]);
  if (!groups.value) return <p class="small" role="status">{t("loading")}</p>;
  return (
    <div class="stack">
      {failed.value && <p class="small">{t("historyLocal")}</p>}
      {groups.value.length === 0 && <p class="small">{t("historyNone")}</p>}
      <ol class="log">
        {groups.value.map((group, i) => {
          const who = app.who(group.actor);
          return (
            <li key={`${group.atMs}-${i}`}>
              <p><strong>{called(app, group.actor)}</strong> <span class="small">{[who.name && who.role ? word(`role_${who.role}`, "") : "", clock(group.atMs), word(`origin_${group.origin}`, "")].filter(Boolean).join(" · ")}</span></p>
              <ul>{group.lines.map((line, n) => <HistoryLine key={`${line.edit}-${n}`} view={view} line={line} />)}</ul>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function HistoryLine({ view, line }: { view: RowView; line: Line }) {
  const app = useApp();
  const field = fieldOf(view.sheet, line.path);
  const element = line.path.includes(":") ? line.path.slice(line.path.indexOf(":") + 1) : "";
  if (!field) return null;
  const tell = (value: Value | undefined) => (value === undefined || value === null ? "" : showValue(field, value, element));
  const name = element && field.kind === "multi" ? `${say(field.label)} · ${say(field.options?.find((one) => one.code === element)?.label, element)}`
    : field.kind === "claim" ? `${say(field.label)} · ${teamName(app, element)}` : say(field.label);
  const [now_, old] = [tell(line.value), tell(line.old)];
  const text = line.value === null ? t("historyCleared", { field: name, old }) : old && old !== now_ ? t("historyChanged", { field: name, old, value: now_ }) : t("historySet", { field: name, value: now_ });
  const backable = line.old !== undefined && line.tier === "public" && field.kind !== "log" && field.kind !== "claim" && mayWrite(app, view, line.path) !== "-";
  return (
    <li class="row">
      <span class="grow">{text}</span>
      {backable && <button class="btn btn--small" type="button" title={`${t("historyPutBack")}: ${old}`} onClick={() => void told(app, app.pick(view.sheet, view.row, line.path, line.old ?? null))}><Icon name="undo" small />{t("historyPutBack")}</button>}
    </li>
  );
}

/** What the live values alone tell: who wrote what stands now. */
function known(view: RowView): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const path of Object.keys(view.cells)) {
    for (const [edit, value, actor, atMs] of view.cells[path]!) {
      entries.push({ seq: atMs, tier: "public", edit, actor, receivedMs: atMs, writes: { [path]: value }, seen: {}, origin: "" });
    }
  }
  return entries;
}
