/**
 * One field of a row in the panel: its value with who wrote it, its editor, its conflict.
 * A form that stays open while others write passes what it showed, so that their change becomes a conflict and not a loss.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Live, Path, RowView, Seen, Value } from "../core/api";
import { sameValue } from "../core/row";
import { called, useApp } from "./context";
import { ConflictBox } from "./conflict";
import { pathsOf, showCell, showValue, type Field } from "./definition";
import { Editor, isLong } from "./editor";
import { Icon } from "./icon";
import { SentMark } from "./marks";
import { maySee, mayWrite, whyNot } from "./rights";
import { RevealButton } from "./reveal";
import { toast, told } from "./toast";
import { clock, say, t } from "./words";
import { phonesOf } from "./phones";

export function FieldRow({ view, field, open, onOpen, onDone }: { view: RowView; field: Field; open: boolean; onOpen: () => void; onDone: () => void }) {
  const app = useApp();
  const cells = field.tier === "private" ? view.private : view.cells;
  const conflicted = field.kind !== "multi" && isApart(cells[field.id]);
  const text = showCell(view, field);
  const known = field.tier === "public" || !!cells[field.id]?.length || field.kind === "multi" && pathsOf(field).some((p) => cells[p]?.length);
  const masked = field.tier === "private" && !known ? view.masked[field.id] ?? [] : [];
  const may = mayWrite(app, view, field.id);

  if (conflicted) return <ConflictBox view={view} field={field} live={cells[field.id]!} />;
  const apart = field.kind === "multi" ? pathsOf(field).filter((path) => isApart(cells[path])) : [];
  if (apart.length) return <>{apart.map((path) => <ConflictBox key={path} view={view} field={field} live={cells[path]!} path={path} />)}</>;
  if (open) return <FieldEditor view={view} field={field} onDone={onDone} />;

  const proposed = pathsOf(field).map((path) => view.proposed[path]?.[0]).find(Boolean);
  const label = say(field.label);
  return (
    <div class="field">
      <span class="field__label">{label}</span>
      <div class={`field__value${text || masked.length ? "" : " is-empty"}`}>
        {masked.length ? <><Icon name="lock" small /> {masked.join("，")}</> : text ? <ValueText field={field} text={text} cells={cells} /> : t("emptyCell")}
        <FieldNote view={view} field={field} live={cells[field.id]} />
        {proposed && <p class="field__note"><Icon name="clock" small /> {t("stage_suggested")}：{showValue(field, proposed[1])}</p>}
      </div>
      <div class="field__acts">
        {masked.length > 0 && maySee(app, view) && <RevealButton view={view} />}
        {!field.derived && field.kind !== "log" && field.kind !== "claim" && (
          <button class="btn btn--icon" type="button" aria-label={`${text ? t("edit") : t("fillIn")} ${label}`} aria-disabled={may === "-" || undefined} title={whyNot(app, view, field.id) || undefined}
            onClick={() => { if (may === "-") toast(whyNot(app, view, field.id), { bad: true }); else onOpen(); }}>
            <Icon name={text || masked.length ? "edit" : "plus"} />
          </button>
        )}
      </div>
    </div>
  );
}

function ValueText({ field, text, cells }: { field: Field; text: string; cells: Readonly<Record<Path, Live>> }) {
  if (field.kind === "url" && /^https?:\/\//i.test(text)) return <a href={text} target="_blank" rel="noopener noreferrer nofollow">{text}</a>;
  if (field.kind === "phone") {
    return <>{phonesOf(text).map((one) => <a key={one} class="btn btn--small" href={`tel:${one}`}><Icon name="phone" small />{one}</a>)}</>;
  }
  if (field.kind === "geo") {
    const value = cells[field.id]?.[0]?.[1];
    const [lat, lon] = Array.isArray(value) ? (value as readonly string[]) : [];
    return <>{text}{lat && lon && <> <a href={`geo:${lat},${lon}`}>{t("mapOpen")}</a></>}</>;
  }
  return <span lang="zh-CN">{text}</span>;
}

/** Who wrote the value and when; where my own edit is. */
function FieldNote({ view, field, live }: { view: RowView; field: Field; live: Live | undefined }) {
  const app = useApp();
  const paths = field.kind === "multi" ? pathsOf(field) : [field.id];
  const marks = paths.flatMap((path) => (view.cells[path] ?? view.private[path] ?? []).map(([edit]) => view.marks[edit])).filter(Boolean);
  const last = live?.[live.length - 1];
  return (
    <>
      {last && last[2] !== view.author && (
        <p class="field__note">{t("by", { who: called(app, last[2]), time: clock(last[3]) })}</p>
      )}
      {marks[0] && <p class="field__note"><SentMark mark={marks[0]} /></p>}
    </>
  );
}

function FieldEditor({ view, field, onDone }: { view: RowView; field: Field; onDone: () => void }) {
  const app = useApp();
  const draft = useRef<Record<Path, Value>>({});
  const opened = useRef<{ seen: Seen; values: Record<Path, Value>; live: Readonly<Record<Path, Live>> } | null>(null);
  const busy = useSignal(false);
  const unread = useRef("");
  const paths = pathsOf(field);
  const cells = field.tier === "private" ? view.private : view.cells;
  if (!opened.current) {
    const values: Record<Path, Value> = {};
    const seen: Record<Path, readonly string[]> = {};
    const live: Record<Path, Live> = {};
    for (const path of paths) {
      const at = cells[path];
      if (at?.length) { values[path] = at[at.length - 1]![1]; live[path] = at; }
      seen[path] = (at ?? []).map(([edit]) => edit);
    }
    opened.current = { seen, values, live };
  }
  const start = opened.current;
  const may = mayWrite(app, view, field.id);
  const id = `f-${view.row}-${field.id}`;

  const save = async () => {
    if (unread.current) return; // the editor says what is wanted; the words stay in it
    const writes: Record<Path, Value> = {};
    const seen: Record<Path, readonly string[]> = {};
    for (const path of Object.keys(draft.current)) {
      const value = draft.current[path]!;
      const before = start.values[path] ?? null;
      if (sameValue(value, before) || (value === false && before === null)) continue;
      writes[path] = value;
      seen[path] = start.seen[path] ?? [];
    }
    if (!Object.keys(writes).length) { onDone(); return; }
    busy.value = true;
    // The editor closes only when the words are kept; after a failure they still stand in it.
    if (await told(app, app.write(view.sheet, view.row, writes, { seen, together: field.kind === "multi" ? false : true }), t(may === "s" ? "savedSuggest" : "saved"))) onDone();
    busy.value = false;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    const target = event.target as HTMLElement;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); onDone(); }
    if (event.key === "Enter" && (target.tagName === "INPUT" || ((event.ctrlKey || event.metaKey) && target.tagName === "TEXTAREA"))) { event.preventDefault(); void save(); }
  };
  const changed = paths.flatMap((path) => {
    const known = new Set(start.seen[path]);
    return (cells[path] ?? []).filter(([edit, , actor]) => !known.has(edit) && actor !== app.me.value.actor);
  });
  const last = changed[changed.length - 1];
  return (
    <div class="field is-editing" onKeyDown={onKeyDown}>
      <label class="field__label" for={id}>{say(field.label)}{field.meaning && <small class="small"> {say(field.meaning)}</small>}</label>
      <Editor field={field} sheet={view.sheet} values={start.values} id={id} autoFocus describedBy={`${id}-hint`} onChange={(writes) => { Object.assign(draft.current, writes); }} onUnread={(words) => { unread.current = words; }} />
      <div id={`${id}-hint`} role="status">
        {last && <p class="hint notice--warn">{t("changedNow", { who: called(app, last[2]), value: showValue(field, last[1]) })}</p>}
        {may === "s" && <p class="hint">{whyNot(app, view, field.id)}</p>}
        {field.kind === "phone" && <p class="hint">{t("ed_several")}</p>}
        {field.free_text && isLong(field) && <p class="hint">{t("noteHint")}</p>}
      </div>
      <div class="row mt">
        <button class="btn btn--act" type="button" aria-busy={busy.value} onClick={() => void save()}>{t("save")}</button>
        <button class="btn" type="button" onClick={onDone}>{t("cancel")}</button>
      </div>
    </div>
  );
}

function isApart(live: Live | undefined): boolean {
  return !!live && live.some((one) => !sameValue(one[1], live[0]![1]));
}
