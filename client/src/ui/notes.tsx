/**
 * Notes of a row: only ever added to, so that they cannot conflict.
 */
import { useRef } from "preact/hooks";
import type { RowView } from "../core/api";
import { called, useApp } from "./context";
import { notesOf } from "./account";
import { SentMark } from "./marks";
import { told } from "./toast";
import { now } from "./view";
import { clock, t, word } from "./words";

export function Notes({ view, field = "notes", title }: { view: RowView; field?: string; title: string }) {
  const app = useApp();
  const box = useRef<HTMLTextAreaElement>(null);
  const notes = notesOf(view, field);
  const add = async () => {
    const text = box.current?.value.trim();
    if (!text || !box.current) return;
    if (await told(app, app.append(view.sheet, view.row, field, text)) && box.current) box.current.value = "";
  };
  return (
    <section class="section" aria-labelledby={`${field}-head`}>
      <div class="section__head"><h3 id={`${field}-head`}>{title}</h3></div>
      <div class="section__body stack">
        <ul class="log">
          {notes.map((note) => {
            const who = app.who(note.actor);
            return (
              <li key={note.edit}>
                <p class="log__text" lang="zh-CN">{note.text}</p>
                <p class="small">{called(app, note.actor)}{who.role && ` · ${word(`role_${who.role}`, "")}`} · {clock(note.atMs, now.value)} <SentMark mark={view.marks[note.edit]} /></p>
              </li>
            );
          })}
        </ul>
        <textarea ref={box} class="input" rows={2} aria-label={t("noteAdd")} placeholder={t("noteHint")} maxLength={1300}
          onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); void add(); } }} />
        <button class="btn" type="button" onClick={() => void add()}>{t("noteAdd")}</button>
      </div>
    </section>
  );
}
