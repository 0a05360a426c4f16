/**
 * Changes that right did not allow at once: what somebody proposed, for those who may decide.
 * A chunk of its own, fetched by verifiers and stewards only.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RowView, Suggestion } from "../core/api";
import { called, useApp } from "./context";
import { fieldOf, headline, showCell, showValue } from "./definition";
import { LayerSheet } from "./layer";
import { rowNumber } from "./marks";
import { fail, toast, why } from "./toast";
import { leaveToRow } from "./view";
import { clock, say, t, word } from "./words";

export function RowSuggestions({ view }: { view: RowView }) {
  const { list, failed, drop } = useSuggestions(view);
  if (failed || !list?.length) return null;
  return (
    <section class="section" aria-labelledby="suggestions-head">
      <div class="section__head"><h3 id="suggestions-head">{t("suggestions")}（{list.length}）</h3></div>
      <div class="section__body stack">{list.map((one) => <One key={one.id} suggestion={one} onDecided={() => drop(one.id)} />)}</div>
    </section>
  );
}

export function SuggestionLayer() {
  return <LayerSheet title={t("suggestionsAll")}><AllSuggestions /></LayerSheet>;
}

function AllSuggestions() {
  const app = useApp();
  const { list, failed, drop } = useSuggestions(null);
  if (failed) return <p class="error">{failed}</p>;
  if (!list) return <p role="status">{t("loading")}</p>;
  return (
    <div class="stack">
      {list.length === 0 && <p class="empty">{t("suggestionsNone")}</p>}
      {list.map((one) => {
        const view = app.peek(one.sheet, one.row);
        return (
          <div key={one.id}>
            <button class="btn btn--plain" type="button" onClick={() => leaveToRow(one.sheet, one.row)}>{view ? `${rowNumber(view)} ${headline(view)}` : one.row.slice(0, 4)}</button>
            <One suggestion={one} onDecided={() => drop(one.id)} />
          </div>
        );
      })}
    </div>
  );
}

function useSuggestions(view: RowView | null) {
  const app = useApp();
  const list = useSignal<readonly Suggestion[] | null>(null);
  const failed = useSignal("");
  const count = app.pendingSuggestions.value;
  useEffect(() => {
    const asked = view ? app.suggestions(view.sheet, view.row) : app.suggestions();
    asked.then((all) => { list.value = all.filter((one) => one.state === "pending"); failed.value = ""; }, (error: unknown) => { failed.value = why(error); });
  }, [view?.row, count]);
  return { list: list.value, failed: failed.value, drop: (id: string) => { list.value = list.value?.filter((one) => one.id !== id) ?? null; } };
}

function One({ suggestion, onDecided }: { suggestion: Suggestion; onDecided: () => void }) {
  const app = useApp();
  const declining = useSignal(false);
  const busy = useSignal(false);
  const view = app.row(suggestion.sheet, suggestion.row).value;
  const who = app.who(suggestion.actor);
  const decide = async (accept: boolean, reason = "") => {
    busy.value = true;
    try {
      await app.decide(suggestion, accept, reason);
      toast(t(accept ? "accepted" : "declined"));
      onDecided();
    } catch (error) {
      fail(error);
      busy.value = false;
    }
  };
  return (
    <div class="offer">
      {Object.keys(suggestion.writes).map((path) => {
        const field = fieldOf(suggestion.sheet, path);
        const element = path.includes(":") ? path.slice(path.indexOf(":") + 1) : "";
        const value = suggestion.writes[path]!;
        const nowText = view && field ? showCell(view, field) : "";
        return (
          <p key={path}>
            <span class="small">{field ? say(field.label) : path}</span><br />
            {nowText && <><s>{nowText}</s> → </>}<strong lang="zh-CN">{field ? showValue(field, value, element) || t("emptyCell") : String(value)}</strong>
          </p>
        );
      })}
      <p class="small">{called(app, suggestion.actor)}{who.role && ` · ${word(`role_${who.role}`, "")}`} · {clock(suggestion.receivedMs)}{suggestion.reason && ` · ${word(`reason_${suggestion.reason.replace(/-/g, "_")}`, suggestion.reason)}`}</p>
      {declining.value ? (
        <form class="row" onSubmit={(event) => { event.preventDefault(); const text = new FormData(event.currentTarget).get("why"); void decide(false, typeof text === "string" ? text.trim() : ""); }}>
          <input class="input input--flex" name="why" aria-label={t("declineWhy")} placeholder={t("declineWhy")} maxLength={200} />
          <button class="btn" type="submit" aria-busy={busy.value}>{t("decline")}</button>
        </form>
      ) : (
        <div class="row">
          <button class="btn btn--good" type="button" aria-busy={busy.value} onClick={() => void decide(true)}>{t("accept")}</button>
          <button class="btn" type="button" onClick={() => { declining.value = true; }}>{t("decline")}</button>
        </div>
      )}
    </div>
  );
}
