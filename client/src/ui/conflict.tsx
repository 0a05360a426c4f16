/**
 * Two people wrote one cell apart: both values, each with who and when, and ways to settle it.
 * Nobody is blocked meanwhile: either number can be called now.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Live, Path, RowView, Value } from "../core/api";
import { sameValue } from "../core/row";
import { called, useApp } from "./context";
import { showValue, type Field } from "./definition";
import { Editor } from "./editor";
import { Icon } from "./icon";
import { SentMark } from "./marks";
import { mayWrite } from "./rights";
import { told } from "./toast";
import { clock, say, t, word } from "./words";
import { phonesOf } from "./phones";

/** `path` is the field, or one member of a set. */
export function ConflictBox({ view, field, live, path = field.id }: { view: RowView; field: Field; live: Live; path?: Path }) {
  const app = useApp();
  const writing = useSignal(false);
  const draft = useRef<Value>(null);
  const unread = useRef("");
  const element = path.includes(":") ? path.slice(path.indexOf(":") + 1) : "";
  const label = element ? `${say(field.label)} · ${say(field.options?.find((one) => one.code === element)?.label, element)}` : say(field.label);
  const may = mayWrite(app, view, path);
  const sides = distinct(live);
  const id = `x-${view.row}-${path}`;
  const settle = (value: Value) => told(app, app.pick(view.sheet, view.row, path, value), t(may === "s" ? "savedSuggest" : "saved"));
  const both = field.kind === "phone" ? [...new Set(sides.flatMap((side) => phonesOf(String(side[0][1]))))].join(", ") : "";

  return (
    <section class="conflict" aria-labelledby={id}>
      <div class="conflict__head" id={id}><Icon name="fork" />{t("conflictTitle", { field: label, n: sides.length })}</div>
      {sides.map((side) => {
        const [edit, value] = side[0];
        const text = showValue(field, value, element) || t("emptyCell");
        return (
          <div class="conflict__side" key={edit}>
            <p class="conflict__value">{text}</p>
            {side.map(([one, , actor, atMs]) => {
              const who = app.who(actor);
              return (
                <p class="small" key={one}>
                  {called(app, actor)}{who.role && ` · ${word(`role_${who.role}`, "")}`} · {clock(atMs)} <SentMark mark={view.marks[one]} />
                </p>
              );
            })}
            <div class="row">
              {field.kind === "phone" && phonesOf(String(value)).map((phone) => <a key={phone} class="btn" href={`tel:${phone}`}><Icon name="phone" />{t("call")}</a>)}
              {may !== "-" && <button class="btn btn--act" type="button" aria-label={`${t("adopt")}: ${text}`} onClick={() => void settle(value)}>{t("adopt")}</button>}
            </div>
          </div>
        );
      })}
      {may !== "-" && (
        <div class="conflict__foot">
          {writing.value ? (
            <div class="stack">
              <Editor field={field} sheet={view.sheet} values={{}} id={`${id}-new`} autoFocus onChange={(writes) => { draft.current = writes[path] ?? null; }} onUnread={(words) => { unread.current = words; }} />
              <div class="row">
                <button class="btn btn--act" type="button" onClick={() => { if (!unread.current) void settle(draft.current); }}>{t("save")}</button>
                <button class="btn" type="button" onClick={() => { writing.value = false; }}>{t("cancel")}</button>
              </div>
            </div>
          ) : (
            <div class="row">
              {both && <button class="btn" type="button" onClick={() => void settle(both)}>{t("keepBoth")}</button>}
              {!element && <button class="btn" type="button" onClick={() => { writing.value = true; }}>{t("writeNew")}</button>}
            </div>
          )}
          <p class="hint">{may === "s" ? t("suggests") : `${t("conflictHint")} ${t("conflictWait")}`}</p>
        </div>
      )}
    </section>
  );
}

/** Live values put together where they are equal: the same word from two people is no dispute. */
function distinct(live: Live): [Live[number], ...Live[number][]][] {
  const sides: [Live[number], ...Live[number][]][] = [];
  for (const one of live) {
    const same = sides.find((side) => sameValue(side[0][1], one[1]));
    if (same) same.push(one);
    else sides.push([one]);
  }
  return sides;
}
