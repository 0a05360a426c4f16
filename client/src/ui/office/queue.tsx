/**
 * Changes that right did not allow at once: what somebody proposed, beside what stands now, for those who may decide.
 * A chunk of its own, fetched by verifiers, matchers and stewards. One key accepts, two decline with a reason.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Path, RowView, Suggestion } from "../../core/api";
import { called, useApp } from "../context";
import { fieldOf, headline, showValue, sheetName } from "../definition";
import { Icon } from "../icon";
import { LayerSheet } from "../layer";
import { rowNumber } from "../marks";
import { fail, toast, why } from "../toast";
import { leaveToRow, now, wide } from "../view";
import { clock, say, t, word } from "../words";
import { reasonWords } from "../reasons";

/** The commonest answers; the author reads them. Digits choose them, once D has been pressed. */
const DECLINES = ["unconfirmed", "outdated", "wrong", "unclear", "advert"] as const;

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

export function Queue() {
  const app = useApp();
  const { list, failed, drop } = useSuggestions(null);
  const at = useSignal(0);
  const declining = useSignal("");
  const box = useRef<HTMLDivElement>(null);
  const last = Math.max(0, (list?.length ?? 0) - 1);
  const here = Math.min(at.value, last);
  const current = list?.[here];

  // The one in hand is in view and has the keyboard; it was the next one's place before it was decided.
  useEffect(() => { box.current?.querySelector<HTMLElement>("[aria-current=true]")?.focus(); }, [current?.id]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || !current) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") { at.value = Math.max(0, Math.min(last, here + (key === "j" ? 1 : -1))); declining.value = ""; }
    else if (key === "a") void decide(app, current, true, "").then((done) => { if (done) drop(current.id); });
    else if (key === "d") declining.value = current.id;
    else if (key === "o") leaveToRow(current.sheet, current.row);
    else if (declining.value === current.id && DECLINES[Number(key) - 1]) {
      void decide(app, current, false, t(`decline_${DECLINES[Number(key) - 1]!}`)).then((done) => { if (done) drop(current.id); });
    } else return;
    event.preventDefault();
  };

  return (
    <LayerSheet title={`${t("suggestions")}${list?.length ? `（${list.length}）` : ""}`} broad>
      <div class="stack" ref={box} onKeyDown={onKeyDown}>
        {failed && <p class="error" role="alert">{failed}</p>}
        {!list && !failed && <p role="status">{t("loading")}</p>}
        {list?.length === 0 && <p class="empty">{t("suggestionsNone")}</p>}
        {wide.value && !!list?.length && <p class="hint">{t("queueHint")}</p>}
        {list?.map((one, i) => {
          const view = app.row(one.sheet, one.row).value;
          return (
            <article key={one.id} class="waiting" tabIndex={-1} aria-current={i === here} aria-label={t("queueN", { n: i + 1, all: list.length })} onClick={() => { at.value = i; }} onFocusIn={(event) => { if (event.target !== event.currentTarget) at.value = i; }}>
              <button class="btn btn--plain" type="button" onClick={() => leaveToRow(one.sheet, one.row)}>
                <span class="small">{sheetName(one.sheet)}</span>&nbsp;{view ? `${rowNumber(view)} ${headline(view)}` : one.row.slice(0, 4)}
              </button>
              <One suggestion={one} asked={declining.value === one.id} onDecided={() => drop(one.id)} />
            </article>
          );
        })}
      </div>
    </LayerSheet>
  );
}

function useSuggestions(view: RowView | null) {
  const app = useApp();
  const list = useSignal<readonly Suggestion[] | null>(null);
  const failed = useSignal("");
  const count = app.pendingSuggestions.value;
  useEffect(() => {
    const asked = view ? app.suggestions(view.sheet, view.row) : app.suggestions();
    asked.then((all) => {
      list.value = all.filter((one) => one.state === "pending");
      failed.value = "";
      // A row that is over is not on this device: what stands now is asked for, so that nobody decides blindly.
      for (const one of list.value) if (!app.peek(one.sheet, one.row)) app.fetchRow(one.sheet, one.row).catch(() => undefined);
    }, (error: unknown) => { failed.value = why(error); });
  }, [view?.row, count, app.link.value]);
  return { list: list.value, failed: failed.value, drop: (id: string) => { list.value = list.value?.filter((one) => one.id !== id) ?? null; } };
}

/** True when it is decided. */
async function decide(app: ReturnType<typeof useApp>, suggestion: Suggestion, accept: boolean, reason: string): Promise<boolean> {
  try {
    await app.decide(suggestion, accept, reason);
    toast(t(accept ? "accepted" : "declined"));
    return true;
  } catch (error) {
    fail(error);
    // Somebody else was quicker: it waits no longer.
    return (error as { code?: string }).code === "not-pending";
  }
}

function One({ suggestion, asked, onDecided }: { suggestion: Suggestion; asked?: boolean; onDecided: () => void }) {
  const app = useApp();
  const opened = useSignal(false);
  const busy = useSignal(false);
  const view = app.row(suggestion.sheet, suggestion.row).value;
  const who = app.who(suggestion.actor);
  const go = async (accept: boolean, reason = "") => {
    busy.value = true;
    if (await decide(app, suggestion, accept, reason)) onDecided();
    else busy.value = false;
  };
  return (
    <div class="stack">
      {Object.keys(suggestion.writes).map((path) => <Change key={path} suggestion={suggestion} view={view} path={path} />)}
      <p class="small">{called(app, suggestion.actor)}{who.role && ` · ${word(`role_${who.role}`, "")}`} · {clock(suggestion.receivedMs, now.value)}
        {suggestion.reason && <><br />{t("queueWhy", { why: reasonWords(suggestion.reason) })}</>}</p>
      {opened.value || asked ? (
        <form class="stack" onSubmit={(event) => { event.preventDefault(); const text = new FormData(event.currentTarget).get("why"); void go(false, typeof text === "string" ? text.trim() : ""); }}
          onKeyDown={(event) => { if (event.key === "Escape" && !event.isComposing && opened.value) { event.stopPropagation(); opened.value = false; } }}>
          <p class="label">{t("declineWhy")}</p>
          <p class="hint">{t("declineBecause")}</p>
          <div class="row">
            {DECLINES.map((code, i) => <button key={code} class="btn btn--small" type="button" aria-busy={busy.value} onClick={() => void go(false, t(`decline_${code}`))}>{wide.value && asked ? <kbd>{i + 1}</kbd> : null}{t(`decline_${code}`)}</button>)}
          </div>
          <div class="row">
            <input class="input input--flex" name="why" aria-label={t("declineWhy")} placeholder={t("revealOther")} maxLength={200} autocomplete="off" required />
            <button class="btn" type="submit" aria-busy={busy.value}>{t("decline")}</button>
          </div>
        </form>
      ) : (
        <div class="row row--even">
          <button class="btn btn--good" type="button" aria-busy={busy.value} onClick={() => void go(true)}><Icon name="check" />{t("accept")}{wide.value && asked !== undefined && <>&nbsp;<kbd>A</kbd></>}</button>
          <button class="btn" type="button" onClick={() => { opened.value = true; }}><Icon name="close" />{t("decline")}{wide.value && asked !== undefined && <>&nbsp;<kbd>D</kbd></>}</button>
        </div>
      )}
    </div>
  );
}

/** One cell: what stands, with who wrote it, and what it would become. */
function Change({ suggestion, view, path }: { suggestion: Suggestion; view: RowView | null; path: Path }) {
  const app = useApp();
  const field = fieldOf(suggestion.sheet, path);
  const element = path.includes(":") ? path.slice(path.indexOf(":") + 1) : "";
  const live = (suggestion.tier === "private" ? view?.private : view?.cells)?.[path] ?? [];
  const hidden = suggestion.tier === "private" && live.length === 0 && !!view?.masked[path]?.length;
  const text = (value: Suggestion["writes"][string]) => (field ? showValue(field, value, element) : value === null ? "" : String(value)) || t("queueBefore");
  return (
    <div class="change">
      <p class="small">{field ? say(field.label) : path}</p>
      <dl>
        <dt>{t("queueNow")}</dt>
        <dd lang="zh-CN">{hidden ? <>{view!.masked[path]!.join("，")} <span class="small">{t("queueHidden")}</span></> : live.length === 0 ? t("queueBefore")
          : live.map(([edit, value, actor, atMs]) => <span key={edit} class="change__now">{text(value)} <span class="small">{t("by", { who: called(app, actor), time: clock(atMs, now.value) })}</span></span>)}</dd>
        <dt>{t("queueBecomes")}</dt>
        <dd lang="zh-CN"><strong>{text(suggestion.writes[path]!)}</strong></dd>
      </dl>
    </div>
  );
}
