/**
 * Calls to the person: who called, what came of it, when to call again. One tap after hanging up is enough.
 * Many volunteers ringing one telephone emptied its battery in 2021: whoever calls is shown while calling.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { CallOutcome, RowView } from "../core/api";
import { called, useApp } from "./context";
import { callsOf, phonesKnown } from "./account";
import { fieldOf } from "./definition";
import { isoUtc, Radio, Radios } from "./editor";
import { Icon } from "./icon";
import { SentMark } from "./marks";
import { RevealButton } from "./reveal";
import { maySee, mayWrite } from "./rights";
import { told } from "./toast";
import { now } from "./view";
import { clock, say, t, word } from "./words";

const OUTCOMES: CallOutcome[] = ["confirmed_need", "safe", "rescued", "no_answer", "busy", "phone_off", "wrong_number", "refused", "call_back"];
const CHANNELS = ["call", "sms", "wechat", "onsite"] as const;
const NEXT_MIN = [0, 15, 60, 180];

/** The telephone, big and apart from editing; after the call, one tap says what came of it. */
export function CallButtons({ view, onCalled }: { view: RowView; onCalled: () => void }) {
  const app = useApp();
  const phones = phonesKnown(view);
  const masked = Object.keys(view.masked).filter((path) => fieldOf(view.sheet, path)?.kind === "phone" && view.masked[path]!.length);
  const smsOnly = view.cells["sms_only"]?.some(([, value]) => value === true);
  const others = app.presence.value.filter((one) => one.row === view.row && one.doing === "calling" && one.actor !== app.me.value.actor);
  const dialled = () => { app.here(view.sheet, view.row, "calling"); onCalled(); };
  if (!phones.length && !masked.length) return null;
  return (
    <div class="stack">
      {others.length > 0 && <p class="mark is-urgent"><Icon name="phone" small />{t("contactCalling", { who: others.map((one) => called(app, one.actor)).join("、") })}</p>}
      <div class="row row--even calls">
        {phones.map(({ phone, label }) => (
          smsOnly
            ? <a key={phone} class="btn btn--act" href={`sms:${phone}`} onClick={dialled}><Icon name="note" />{t("sms")} {phone}</a>
            : <a key={phone} class="btn btn--act" href={`tel:${phone}`} onClick={dialled} aria-label={`${t("call")} ${label} ${phone}`}><Icon name="phone" />{phone}</a>
        ))}
        {!phones.length && maySee(app, view) && <RevealButton view={view} big />}
        {!phones.length && <span class="small"><Icon name="lock" small />{masked.flatMap((path) => view.masked[path]!).join("，")}</span>}
      </div>
      {smsOnly && <p class="mark is-urgent"><Icon name="battery" small />{say(fieldOf(view.sheet, "sms_only")?.meaning)}</p>}
    </div>
  );
}

export function Contact({ view, ask, onAsked }: { view: RowView; ask: boolean; onAsked: () => void }) {
  const app = useApp();
  const open = useSignal(false);
  const calls = callsOf(view);
  const may = mayWrite(app, view, "contact_log");
  useEffect(() => { open.value = ask; }, [ask]);
  const done = () => { open.value = false; onAsked(); app.here(view.sheet, view.row, "viewing"); };
  return (
    <section class="section" aria-labelledby="contact-head">
      <div class="section__head">
        <h3 id="contact-head">{t("contact")}</h3>
        {may !== "-" && !open.value && <button class="btn btn--plain" type="button" onClick={() => { open.value = true; }}><Icon name="plus" />{t("contactLog")}</button>}
      </div>
      <div class="section__body stack">
        {open.value && may !== "-" && <CallForm view={view} asked={ask} onDone={done} />}
        {calls.length === 0 && <p class="small">{t("contactNone")}</p>}
        <ul class="log">
          {calls.map((call) => (
            <li key={call.edit}>
              <strong>{word(`outcome_${call.outcome}`, call.outcome)}</strong> <span class="small">· {word(`channel_${call.channel}`, call.channel)}</span>
              {call.note && <p class="log__text" lang="zh-CN">{call.note}</p>}
              <p class="small">{t("by", { who: called(app, call.actor), time: clock(call.atMs, now.value) })}
                {call.nextMs > 0 && ` · ${t("contactNext")} ${clock(call.nextMs, now.value)}`} <SentMark mark={view.marks[call.edit]} /></p>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function CallForm({ view, asked, onDone }: { view: RowView; asked: boolean; onDone: () => void }) {
  const app = useApp();
  const channel = useSignal<string>("call");
  const next = useSignal(0);
  const note = useRef<HTMLInputElement>(null);
  const log = async (outcome: CallOutcome) => {
    const call = {
      channel: channel.value, outcome,
      ...(note.current?.value.trim() ? { note: note.current.value.trim() } : {}),
      ...(next.value ? { nextAt: isoUtc(app.now() + next.value * 60_000) } : {}),
    };
    if (await told(app, app.logCall(view.sheet, view.row, call))) onDone();
  };
  return (
    <div class="offer">
      {asked && <p><strong>{t("contactDid")}</strong></p>}
      <input ref={note} class="input" placeholder={t("notes")} aria-label={t("notes")} maxLength={400} autocomplete="off" />
      <Radios label={t("contact")}>
        {CHANNELS.map((one) => <Radio key={one} on={channel.value === one} onChoose={() => { channel.value = one; }}>{t(`channel_${one}`)}</Radio>)}
      </Radios>
      <label class="label">{t("contactNext")}</label>
      <Radios label={t("contactNext")}>
        {NEXT_MIN.map((n) => <Radio key={n} on={next.value === n} onChoose={() => { next.value = n; }}>{n ? word(`next_${n}`, String(n)) : t("next_none")}</Radio>)}
      </Radios>
      <p class="label">{t("contactOutcome")}</p>
      <div class="row row--even">
        {OUTCOMES.map((outcome) => (
          <button key={outcome} class={`btn${outcome === "confirmed_need" ? " btn--act" : ""}`} type="button" onClick={() => void log(outcome)}>{t(`outcome_${outcome}` as "outcome_safe")}</button>
        ))}
      </div>
      <button class="btn btn--plain" type="button" onClick={onDone}>{t("cancel")}</button>
    </div>
  );
}
