/**
 * Two people wrote one cell apart: both values, each with who and when, and ways to settle it.
 * Nobody is blocked meanwhile: either number can be called now.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Live, Path, RowView, Value } from "../core/api";
import { sameValue } from "../core/row";
import { useApp } from "./context";
import { phonesOf, showValue, type Field } from "./definition";
import { Editor } from "./editor";
import { Icon } from "./icon";
import { SentMark } from "./marks";
import { mayWrite } from "./rights";
import { told } from "./toast";
import { clock, say, t, word } from "./words";

export function ConflictBox({ view, field, live }: { view: RowView; field: Field; live: Live }) {
  const app = useApp();
  const writing = useSignal(false);
  const draft = useRef<Value>(null);
  const may = mayWrite(app, view, field.id);
  const sides = distinct(live);
  const id = `x-${view.row}-${field.id}`;
  const settle = (value: Value) => told(app, app.pick(view.sheet, view.row, field.id, value), t(may === "s" ? "savedSuggest" : "saved"));
  const both = field.kind === "phone" ? [...new Set(sides.flatMap((side) => phonesOf(String(side[0][1]))))].join(", ") : "";

  return (
    <section class="conflict" aria-labelledby={id}>
      <div class="conflict__head" id={id}><Icon name="fork" />{t("conflictTitle", { field: say(field.label), n: sides.length })}</div>
      {sides.map((side) => {
        const [edit, value] = side[0];
        const text = showValue(field, value) || t("emptyCell");
        return (
          <div class="conflict__side" key={edit}>
            <p class="conflict__value">{text}</p>
            {side.map(([one, , actor, atMs]) => {
              const who = app.who(actor);
              return (
                <p class="small" key={one}>
                  {actor === app.me.value.actor ? t("you") : who.name || t("unknownActor")}{who.role && ` · ${word(`role_${who.role}`, "")}`} · {clock(atMs)} <SentMark mark={view.marks[one]} />
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
              <Editor field={field} sheet={view.sheet} values={{}} id={`${id}-new`} autoFocus onChange={(writes) => { draft.current = writes[field.id as Path] ?? null; }} />
              <div class="row">
                <button class="btn btn--act" type="button" onClick={() => void settle(draft.current)}>{t("save")}</button>
                <button class="btn" type="button" onClick={() => { writing.value = false; }}>{t("cancel")}</button>
              </div>
            </div>
          ) : (
            <div class="row">
              {both && <button class="btn" type="button" onClick={() => void settle(both)}>{t("keepBoth")}</button>}
              <button class="btn" type="button" onClick={() => { writing.value = true; }}>{t("writeNew")}</button>
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
