/**
 * One editor per kind of field: what a person types or taps, turned into writes of cells.
 * Uncontrolled: no render ever writes the value of an input that somebody is typing into (a composing input method loses
 * its syllable when that happens). Imported by the panel and the forms.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { SheetId, Value, Writes } from "../core/api";
import { normalPhones, readPhones } from "../schema/phones";
import { optionsOf, unitOf, type Field } from "./definition";
import { Icon } from "./icon";
import { ChipButton, useFocus } from "./tick";
import { Place } from "./place";
import { RowPicker } from "./rowpicker";
import { readText } from "./typed";
import { say, t } from "./words";

export interface EditorProps {
  field: Field;
  sheet: SheetId;
  /** The values of the field's paths when the editor opened; later ones from elsewhere do not reach a live editor. */
  values: Readonly<Record<string, Value>>;
  onChange: (writes: Writes) => void;
  /** Words typed where a number is wanted, and not wholly one; "" once they are. Whoever saves must keep them or not save. */
  onUnread?: (words: string) => void;
  id: string;
  autoFocus?: boolean;
  describedBy?: string;
}

/** Texts that are told in sentences get more than one line. */
const LONG = new Set(["summary", "body", "directions", "equipment_note", "medical_need", "closed_note", "access_note", "extent_note", "detour"]);
/** Up to this many options are all on screen; more become a list to choose from. */
const ALL_ON_SCREEN = 8;

export function isLong(field: Field): boolean {
  return LONG.has(field.id) || (field.id === "needs" && field.kind === "text");
}

export function Editor(props: EditorProps) {
  switch (props.field.kind) {
    case "int": return <Stepper {...props} />;
    case "bool": return <YesNo {...props} />;
    case "enum": return <Choice {...props} />;
    case "multi": return <Chips {...props} />;
    case "geo": return <Place {...props} />;
    case "time": return <Time {...props} />;
    case "ref": return <Ref {...props} />;
    default: return <Text {...props} />;
  }
}

function Text({ field, values, onChange, id, autoFocus, describedBy }: EditorProps) {
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useFocus(box, autoFocus);
  const start = values[field.id];
  const common = {
    id, ref: box, class: "input", defaultValue: typeof start === "string" ? start : start == null ? "" : String(start),
    "aria-describedby": describedBy, autocomplete: "off",
    onInput: (event: { currentTarget: { value: string } }) => onChange({ [field.id]: (field.kind === "phone" ? telephone(event.currentTarget.value) : event.currentTarget.value.trim()) || null }),
  };
  if (isLong(field)) return <textarea {...common} rows={3} maxLength={1300} />;
  const kind = field.kind === "phone" ? { type: "tel", inputMode: "tel" } as const : field.kind === "url" ? { type: "url", inputMode: "url" } as const : { type: "text" } as const;
  return <input {...common} {...kind} enterkeyhint="done" maxLength={600} />;
}

/** Numbers are written the one way everybody can compare; with words beside them (whose it is, when to ring) they stay as they were typed. */
function telephone(text: string): string {
  return readPhones(text).words ? text.trim() : normalPhones(text);
}

function Stepper({ field, values, onChange, onUnread, id, autoFocus, describedBy }: EditorProps) {
  const why = useSignal("");
  const box = useRef<HTMLInputElement>(null);
  useFocus(box, autoFocus);
  const start = values[field.id];
  const min = field.min ?? 0, max = field.max ?? 1_000_000;
  const words = () => (box.current?.value ?? "").trim();
  const read = () => {
    const { value } = readText(field, words());
    return typeof value === "number" ? value : null;
  };
  const tell = () => {
    const n = read();
    const unread = n === null ? words() : "";
    why.value = unread && readText(field, unread).why || "";
    onChange({ [field.id]: n === null ? null : Math.min(max, Math.max(min, n)) });
    onUnread?.(unread);
  };
  const step = (by: number) => {
    if (!box.current) return;
    const n = read();
    // The first tap on "+" of an unknown number means one; on "−" it means none.
    box.current.value = String(Math.min(max, Math.max(min, n === null ? (by > 0 ? Math.max(1, min) : Math.max(0, min)) : n + by)));
    tell();
  };
  const by = max > 400 && field.unit === "cm" ? 10 : field.unit === "%" ? 5 : 1;
  const unit = unitOf(field);
  return (
    <><div class="stepper">
      <button class="btn" type="button" aria-label={`${say(field.label)} ${t("ed_minus")}`} onClick={() => step(-by)}>−</button>
      <input id={id} ref={box} class="input" type="text" inputMode={min < 0 ? "text" : "numeric"} autocomplete="off" enterkeyhint="done"
        defaultValue={typeof start === "number" ? String(start) : String(values[`unread:${field.id}`] ?? "")} aria-describedby={describedBy} aria-invalid={!!why.value} onInput={tell} maxLength={60} />
      {unit && <span class="small stepper__unit">{unit}</span>}
      <button class="btn" type="button" aria-label={`${say(field.label)} ${t("ed_plus")}`} onClick={() => step(by)}>+</button>
    </div>
    {why.value && <p class="error" role="status">{why.value}</p>}</>
  );
}

function YesNo({ field, values, onChange, id, autoFocus }: EditorProps) {
  const chosen = useSignal<Value>(values[field.id] ?? null);
  const choose = (value: Value) => { chosen.value = value; onChange({ [field.id]: value }); };
  return (
    <Radios id={id} label={say(field.label)} autoFocus={autoFocus}>
      {([true, false, null] as const).map((value) => (
        <Radio key={String(value)} on={chosen.value === value} onChoose={() => choose(value)}>
          {value === null ? t("ed_unset") : t(value ? "yes" : "no")}
        </Radio>
      ))}
    </Radios>
  );
}

function Choice({ field, values, onChange, id, autoFocus, describedBy }: EditorProps) {
  const start = values[field.id];
  const other = typeof start === "string" && start.startsWith("other:") ? start.slice(6) : "";
  const chosen = useSignal(typeof start === "string" ? (start.startsWith("other:") ? "other" : start) : "");
  const select = useRef<HTMLSelectElement>(null);
  useFocus(select, autoFocus);
  const options = optionsOf(field);
  const choose = (code: string) => {
    chosen.value = code;
    onChange({ [field.id]: code === "" || (code === "other" && !other) ? null : code === "other" ? `other:${other}` : code });
  };
  return (
    <>
      {options.length <= ALL_ON_SCREEN ? (
        <Radios id={id} label={say(field.label)} autoFocus={autoFocus}>
          {options.map((option) => (
            <Radio key={option.code} on={chosen.value === option.code} title={say(option.meaning)} onChoose={() => choose(option.code)}>{say(option.label)}</Radio>
          ))}
        </Radios>
      ) : (
        <select id={id} ref={select} class="input" aria-describedby={describedBy} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="" selected={chosen.peek() === ""}>{t("ed_choose")}</option>
          {options.map((option) => (
            <option key={option.code} value={option.code} selected={chosen.peek() === option.code}>
              {say(option.label)}{option.meaning ? ` — ${say(option.meaning)}` : ""}
            </option>
          ))}
        </select>
      )}
      {chosen.value === "other" && (
        <Other field={field} start={other} onText={(text) => onChange({ [field.id]: text ? `other:${text}` : null })} />
      )}
    </>
  );
}

function Chips({ field, values, onChange, id, autoFocus }: EditorProps) {
  const on = useSignal<ReadonlySet<string>>(new Set(optionsOf(field).map((o) => o.code).filter((code) => {
    const value = values[`${field.id}:${code}`];
    return value === true || (code === "other" && typeof value === "string" && value !== "");
  })));
  const startOther = values[`${field.id}:other`];
  const toggle = (code: string) => {
    const next = new Set(on.value);
    const now = !next.delete(code);
    if (now) next.add(code);
    on.value = next;
    if (code !== "other") onChange({ [`${field.id}:${code}`]: now });
    else if (!now) onChange({ [`${field.id}:other`]: null });
  };
  return (
    <>
      <div class="row" role="group" aria-label={say(field.label)} id={id}>
        {optionsOf(field).map((option, i) => (
          <ChipButton key={option.code} on={on.value.has(option.code)} autoFocus={!!autoFocus && i === 0} onToggle={() => toggle(option.code)}>
            {say(option.label)}
          </ChipButton>
        ))}
      </div>
      {on.value.has("other") && (
        <Other field={field} start={typeof startOther === "string" ? startOther : ""} onText={(text) => onChange({ [`${field.id}:other`]: text || null })} />
      )}
    </>
  );
}

function Other({ field, start, onText }: { field: Field; start: string; onText: (text: string) => void }) {
  return (
    <input class="input mt" type="text" defaultValue={start} placeholder={t("otherText")} aria-label={`${say(field.label)} ${t("otherText")}`}
      maxLength={300} onInput={(event) => onText(event.currentTarget.value.trim())} />
  );
}

/** One of several, as buttons: arrows move, as in every group of radio buttons. */
export function Radios({ id, label, children, autoFocus }: { id?: string; label: string; children: ComponentChildren; autoFocus?: boolean | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (autoFocus) box.current?.querySelector<HTMLElement>("[tabindex='0'],[role=radio]")?.focus(); }, []);
  useEffect(() => {
    // Where nothing is chosen yet, the first one takes the keyboard.
    const radios = box.current ? [...box.current.querySelectorAll<HTMLElement>("[role=radio]")] : [];
    const chosen = radios.find((radio) => radio.getAttribute("aria-checked") === "true") ?? radios[0];
    for (const radio of radios) radio.tabIndex = radio === chosen ? 0 : -1;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    if (!by || !box.current) return;
    const radios = [...box.current.querySelectorAll<HTMLElement>("[role=radio]")];
    const next = radios[(radios.indexOf(document.activeElement as HTMLElement) + by + radios.length) % radios.length];
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
    next?.click();
  };
  return <div class="row" role="radiogroup" aria-label={label} id={id} ref={box} onKeyDown={onKeyDown}>{children}</div>;
}

export function Radio({ on, onChoose, children, title }: { on: boolean; onChoose: () => void; children: ComponentChildren; title?: string }) {
  return (
    <button class="chip" type="button" role="radio" aria-checked={on} title={title || undefined} onClick={onChoose}>
      <Icon name="dot" small solid={on} />{children}
    </button>
  );
}

function Time({ field, values, onChange, id, autoFocus, describedBy }: EditorProps) {
  const box = useRef<HTMLInputElement>(null);
  useFocus(box, autoFocus);
  const start = values[field.id];
  const tell = () => {
    const at = box.current?.value ? new Date(box.current.value) : null;
    onChange({ [field.id]: at && !Number.isNaN(at.getTime()) ? isoUtc(at.getTime()) : null });
  };
  const now = () => { if (box.current) { box.current.value = localStamp(Date.now()); tell(); } };
  return (
    <div class="row">
      <input id={id} ref={box} class="input input--flex" type="datetime-local" aria-describedby={describedBy}
        defaultValue={typeof start === "string" ? localStamp(Date.parse(start)) : ""} onInput={tell} onChange={tell} />
      <button class="btn" type="button" onClick={now}>{t("ed_now")}</button>
    </div>
  );
}

function Ref({ field, sheet, values, onChange, id }: EditorProps) {
  const start = values[field.id];
  return <RowPicker id={id} sheet={field.id === "consult_ref" ? "consult" : sheet} start={typeof start === "string" ? start : ""} onPick={(row) => onChange({ [field.id]: row })} />;
}

/** `2021-07-20T12:59:00Z`: the one form of a time in a cell. */
export function isoUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19) + "Z";
}

function localStamp(ms: number): string {
  if (Number.isNaN(ms)) return "";
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}
