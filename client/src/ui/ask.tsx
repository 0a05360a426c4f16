/**
 * "我要求助" and "添加": a row filled in by hand, on one screen, with nothing mandatory but a place or a telephone.
 * Kept at every stroke; what is sent is first kept on this device, and the receipt says where it is.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Path, SheetId, Value, Writes } from "../core/api";
import { useApp } from "./context";
import { fieldOf, headline, sheetOf, type Field } from "./definition";
import { useDraft, type Draft } from "./draft";
import { Editor } from "./editor";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { applyUpdates } from "./list";
import { rowNumber, StatusMark } from "./marks";
import { sameRows } from "./same";
import { fail } from "./toast";
import { splitPlace } from "../schema/texts";
import { leaveToRow, now, replaceLayer } from "./view";
import { say, t } from "./words";

/** Words where a number was wanted are kept in the draft under this, and sent as part of the story. */
const UNREAD = "unread:";
const unread = (id: string) => UNREAD + id;
const COUNTS = ["elderly", "children", "pregnant", "injured"];
const FIRST = ["place", "place_exact", "geo", "contact_phone", "people_total", ...COUNTS, "needs", "summary"];

/** The request of a person in need: few questions, in the order in which help needs the answers. */
export function Ask() {
  const app = useApp();
  const draft = useDraft(app, "ask");
  const missing = useSignal(false);
  const more = useSignal(false);
  const forOther = useSignal(false);
  const busy = useSignal(false);
  const sheet = "help";

  const submit = async () => {
    const values = draft.values();
    if (!values["place"] && !values["contact_phone"] && !values["geo"] && !values["place_exact"] && !values["reporter_phone"]) {
      missing.value = true;
      document.getElementById("ask-place")?.focus();
      return;
    }
    busy.value = true;
    const told = [values["summary"], ...sheetOf(sheet).form.map((id) => values[unread(id)] && `${say(fieldOf(sheet, id)!.label)}：${String(values[unread(id)])}`)].filter(Boolean).join("\n");
    const source: Writes = forOther.value ? { is_for_other: true, source: values["source"] ?? "volunteer" } : { source: values["source"] ?? "self" };
    const cells = Object.fromEntries(Object.entries(values).filter(([path]) => !path.startsWith(UNREAD)));
    await add(app, sheet, { ...cells, ...apart(values), ...(told && { summary: told }), ...source }, draft);
    busy.value = false;
  };

  if (!draft.start.value) return <LayerSheet title={t("sosTitle")}><p>{t("loading")}</p></LayerSheet>;
  const f = (id: string) => fieldOf(sheet, id)!;
  const one = (id: string, label: string, hint?: string) => <Question field={f(id)} sheet={sheet} draft={draft} prefix="ask" label={label} hint={hint} />;
  const rest = sheetOf(sheet).form.filter((id) => !FIRST.includes(id) && !REPORTER.includes(id) && id !== "is_for_other" && id !== "urgency" && id !== "province");
  return (
    <LayerSheet title={t("sosTitle")}
      foot={<div class="stack">
        {missing.value && <p class="error" role="alert">{t("sosNeedOne")}</p>}
        <button class="btn btn--sos btn--wide btn--big" type="button" aria-busy={busy.value} onClick={() => void submit()}>{t("sosSubmit")}</button>
      </div>}>
      <div class="form" key={draft.resumed.value ? "resumed" : "new"}>
        <div class="stack">
          <p>{t("sosCall")}</p>
          <div class="sos-call">
            {(["119", "110", "120"] as const).map((number) => (
              <a key={number} class="btn" href={`tel:${number}`}><b>{number}</b><span>{t(number === "119" ? "sosFire" : number === "110" ? "sosPolice" : "sosAmbulance")}</span></a>
            ))}
          </div>
          <p class="hint">{t("sosPlain")}</p>
          {app.drill.value && <p class="notice notice--warn"><Icon name="warn" />{t("drillLong")}</p>}
          {draft.resumed.value && <p class="row"><span class="small grow">{t("sosDraftBack")}</span><button class="btn btn--small" type="button" onClick={() => draft.clear()}>{t("sosDraftClear")}</button></p>}
        </div>
        {one("place", t("sosPlace"), t("sosPlaceHint"))}
        {one("geo", say(f("geo").label))}
        {one("place_exact", say(f("place_exact").label), t("sosExactHint"))}
        {one("contact_phone", t("sosPhone"), t("sosPhoneHint"))}
        <SameRows sheet={sheet} draft={draft} />
        {one("people_total", t("sosPeople"))}
        <div class="counts">{COUNTS.map((id) => <Question key={id} field={f(id)} sheet={sheet} draft={draft} prefix="ask" label={say(f(id).label)} />)}</div>
        {one("needs", t("sosNeeds"))}
        {one("summary", t("sosNote"), t("sosNoteHint"))}
        <div class="stack">
          <button class="chip" type="button" aria-pressed={forOther.value} onClick={() => { forOther.value = !forOther.value; }}>{forOther.value && <Icon name="check" small />}{t("sosForOther")}</button>
          {forOther.value && <><p class="hint">{t("sosForOtherHint")}</p>{REPORTER.map((id) => <Question key={id} field={f(id)} sheet={sheet} draft={draft} prefix="ask" label={say(f(id).label)} />)}</>}
        </div>
        <button class="btn btn--wide" type="button" aria-expanded={more.value} onClick={() => { more.value = !more.value; }}><Icon name={more.value ? "up" : "down"} />{t("sosMore")}</button>
        {more.value && rest.map((id) => <Question key={id} field={f(id)} sheet={sheet} draft={draft} prefix="ask" label={say(f(id).label)} hint={say(f(id).meaning)} />)}
        <p class="hint">{t("sosDraft")}</p>
      </div>
    </LayerSheet>
  );
}

const REPORTER = ["reporter_name", "reporter_phone", "relation"];

/** A row of any sheet, from its definition's form. */
export function Add({ sheet }: { sheet: SheetId }) {
  const app = useApp();
  const draft = useDraft(app, `add/${sheet}`);
  const busy = useSignal(false);
  const missing = useSignal(false);
  const definition = sheetOf(sheet);
  const fields = definition.form.map((id) => fieldOf(sheet, id)).filter((field): field is Field => !!field && !field.derived);
  const stars = fields.filter((field) => field.star);
  const title = t("addTitle", { sheet: say(definition.label) });

  const submit = async () => {
    const values = draft.values();
    const words = Object.keys(values).find((path) => path.startsWith(UNREAD));
    if (words) { document.getElementById(`add-${words.slice(UNREAD.length)}`)?.focus(); return; }
    if (!Object.keys(values).length) { missing.value = true; return; }
    busy.value = true;
    await add(app, sheet, sheet === "help" ? { source: "volunteer", ...values } : values, draft);
    busy.value = false;
  };
  if (!draft.start.value) return <LayerSheet title={title}><p>{t("loading")}</p></LayerSheet>;
  return (
    <LayerSheet title={title}
      foot={<div class="stack">
        {missing.value && <p class="error" role="alert">{t("addNothing")}</p>}
        <button class="btn btn--act btn--wide" type="button" aria-busy={busy.value} onClick={() => void submit()}>{t("add")}</button>
      </div>}>
      <div class="form" key={draft.resumed.value ? "resumed" : "new"}>
        {draft.resumed.value && <p class="row"><span class="small grow">{t("sosDraftBack")}</span><button class="btn btn--small" type="button" onClick={() => draft.clear()}>{t("sosDraftClear")}</button></p>}
        {fields.map((field, i) => (
          <>
            <Question key={field.id} field={field} sheet={sheet} draft={draft} prefix="add" label={say(field.label)} hint={say(field.meaning)} star={stars.includes(field)} autoFocus={i === 0 && !field.options?.length} />
            {field.id === (definition.contact ?? "place") && <SameRows sheet={sheet} draft={draft} />}
          </>
        ))}
      </div>
    </LayerSheet>
  );
}

/** The door is nobody's but the rescuers': building and flat typed into the place go where they are hidden, as the page without JavaScript has it. */
function apart(values: Writes): Writes {
  const [place, exact] = splitPlace(String(values["place"] ?? ""));
  return exact && !values["place_exact"] ? { place, place_exact: exact } : {};
}

async function add(app: ReturnType<typeof useApp>, sheet: SheetId, writes: Writes, draft: Draft): Promise<void> {
  try {
    const row = await app.addRow(sheet, writes);
    draft.clear();
    applyUpdates();
    replaceLayer({ kind: "receipt", sheet, row: row.row });
  } catch (error) {
    fail(error);
  }
}

function Question({ field, sheet, draft, prefix, label, hint, star, autoFocus }: { field: Field; sheet: SheetId; draft: Draft; prefix: string; label: string; hint?: string | undefined; star?: boolean; autoFocus?: boolean }) {
  const id = `${prefix}-${field.id}`;
  const grouped = field.kind === "multi" || field.kind === "geo" || (field.kind === "enum" && (field.options?.length ?? 0) <= 8) || field.kind === "bool";
  const start = useRef<Readonly<Record<Path, Value>>>(draft.start.peek() ?? {});
  const heading = <>{label}{star && <span class="is-critical" aria-hidden="true"> *</span>}{field.tier === "private" && <small class="small"> <Icon name="lock" small /></small>}</>;
  return (
    <div>
      {grouped ? <span class="label">{heading}</span> : <label class="label" for={id}>{heading}</label>}
      <Editor field={field} sheet={sheet} values={start.current} id={id} autoFocus={!!autoFocus} describedBy={hint ? `${id}-hint` : ""} onChange={(writes) => draft.set(writes)} onUnread={(words) => draft.set({ [unread(field.id)]: words || null })} />
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** "同一求助？打开它" */
function SameRows({ sheet, draft }: { sheet: SheetId; draft: Draft }) {
  const app = useApp();
  const same = useComputed(() => {
    void draft.version.value;
    const values = draft.values();
    const phonePath = sheetOf(sheet).contact ?? "";
    return sameRows(app, sheet, { phonePath, phone: String(values[phonePath] ?? ""), place: String(values["place"] ?? "") });
  });
  if (!same.value.length) return null;
  return (
    <div class="offer" role="status">
      <p><strong><Icon name="pair" small /> {t("same")}</strong></p>
      <p class="hint">{t("sameHint")}</p>
      <ul class="log">
        {same.value.map(({ row, why }) => {
          const view = app.peek(sheet, row);
          if (!view) return null;
          return (
            <li key={row} class="row">
              <span class="grow"><strong>{rowNumber(view)}</strong> {headline(view)} <StatusMark view={view} at={now.value} /> <span class="tag">{t(why === "phone" ? "sameWhyPhone" : "sameWhyPlace")}</span></span>
              <button class="btn" type="button" onClick={() => leaveToRow(sheet, row)}>{t("sameOpen")}</button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

