/**
 * Who is going: a row's claims, taken with a time of arrival and a lease, renewed, given up, done.
 * Several living claims on one row are an alarm: boats would go to one address and none to the next.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RowView } from "../core/api";
import { useApp } from "./context";
import { claimsOf, sheetName, type Claim } from "./definition";
import { isoUtc, Radio, Radios } from "./editor";
import { Icon } from "./icon";
import { SentMark } from "./marks";
import { mayWrite } from "./rights";
import { RowPicker } from "./rowpicker";
import { told } from "./toast";
import { now } from "./view";
import { clock, t, word } from "./words";

const ETAS_MIN = [15, 30, 60, 120];
const LEASES_MIN = [60, 120, 240];

/** Several teams on their way to one row: said first, above everything. */
export function DoubleClaim({ view }: { view: RowView }) {
  const app = useApp();
  const going = claimsOf(app, view, now.value).filter((claim) => claim.living && claim.state !== "offered");
  if (going.length < 2) return null;
  return <div class="alert" role="alert"><Icon name="warn" /><span>{t("claimDouble", { n: going.length })}<br /><span class="small">{going.map((claim) => claim.name).join("、")}</span></span></div>;
}

export function Claims({ view, over }: { view: RowView; over: boolean }) {
  const app = useApp();
  const taking = useSignal(false);
  const offering = useSignal(false);
  const claims = claimsOf(app, view, now.value);
  const me = app.me.value;
  const team = me.team.slice(me.team.indexOf("/") + 1);
  const mine = team ? claims.find((claim) => claim.team === team) : undefined;
  const mayClaim = me.role === "team" && team !== "";
  const mayOffer = me.role === "matcher" || me.role === "steward" || me.role === "owner";

  return (
    <section class="section" aria-labelledby="claims-head">
      <div class="section__head"><h3 id="claims-head">{t("claims")}</h3></div>
      <div class="section__body stack">
        {claims.length === 0 && <p class="small">{t("claimNone")}</p>}
        <ul class="log">
          {claims.map((claim) => <ClaimLine key={claim.team} view={view} claim={claim} own={claim.team === team} mayAct={claim.team === team ? mayClaim : mayOffer} />)}
        </ul>
        {!over && mayClaim && !mine?.living && !taking.value && (
          <button class="btn btn--act btn--wide" type="button" onClick={() => { taking.value = true; }}><Icon name="flag" />{t("claim")}</button>
        )}
        {taking.value && <ClaimForm view={view} onDone={() => { taking.value = false; }} />}
        {!over && mayOffer && (
          offering.value ? <OfferForm view={view} onDone={() => { offering.value = false; }} />
            : <button class="btn" type="button" onClick={() => { offering.value = true; }}><Icon name="flag" />{t("claimOffer")}</button>
        )}
      </div>
    </section>
  );
}

function ClaimLine({ view, claim, own, mayAct }: { view: RowView; claim: Claim; own: boolean; mayAct: boolean }) {
  const app = useApp();
  const finishing = useSignal(false);
  const go = (act: Promise<readonly string[]>) => void told(app, act);
  const late = claim.eta !== 0 && claim.eta < now.value;
  const state = claim.expired ? "expired" : claim.state;
  return (
    <li class="stack">
      <div>
        <strong>{claim.name}</strong>{" "}
        <span class={`mark ${claim.living ? "is-normal" : "is-unknown"}`}><Icon name={claim.state === "on_scene" ? "pin" : claim.state === "en_route" ? "go" : "flag"} small />{word(`claim_${state}`, state)}</span>
        <p class="small">
          {claim.living && [
            claim.eta !== 0 ? t(late ? "etaPast" : "etaAt", { time: clock(claim.eta, now.value) }) : "",
            claim.leaseUntil !== 0 ? t("leaseTo", { time: clock(claim.leaseUntil, now.value) }) : "",
          ].filter(Boolean).join(" · ")}
        </p>
        <SentMark mark={claim.mark} />
      </div>
      {mayAct && claim.living && !finishing.value && (
        <div class="row row--even">
          {claim.state === "offered" && own && <button class="btn btn--act" type="button" onClick={() => go(app.claim(view.sheet, view.row, {}))}>{t("claimAccept")}</button>}
          {own && claim.state === "active" && <button class="btn btn--act" type="button" onClick={() => go(app.progress(view.sheet, view.row, "en_route"))}><Icon name="go" />{t("claimEn_route")}</button>}
          {own && (claim.state === "en_route" || claim.state === "active") && <button class="btn" type="button" onClick={() => go(app.progress(view.sheet, view.row, "on_scene"))}><Icon name="pin" />{t("claimOn_scene")}</button>}
          {own && claim.state !== "offered" && <button class="btn btn--good" type="button" onClick={() => { finishing.value = true; }}><Icon name="check" />{t("claimDone")}</button>}
          {own && claim.state !== "offered" && <button class="btn" type="button" onClick={() => go(app.claim(view.sheet, view.row, { leaseMinutes: 120 }))}>{t("claimRenew")}</button>}
          <button class="btn" type="button" onClick={() => go(own ? app.release(view.sheet, view.row) : app.release(view.sheet, view.row, claim.team))}>{t("claimRelease")}</button>
        </div>
      )}
      {mayAct && own && claim.expired && <button class="btn" type="button" onClick={() => go(app.claim(view.sheet, view.row, { leaseMinutes: 120 }))}>{t("claimRenew")}</button>}
      {finishing.value && <DoneForm view={view} onDone={() => { finishing.value = false; }} />}
    </li>
  );
}

function ClaimForm({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const eta = useSignal(30);
  const lease = useSignal(120);
  const minutes = (n: number) => (n % 60 ? t("min", { n }) : t("hour", { n: n / 60 }));
  const submit = async () => {
    if (await told(app, app.claim(view.sheet, view.row, { eta: isoUtc(app.now() + eta.value * 60_000), leaseMinutes: lease.value }))) onDone();
  };
  return (
    <div class="offer">
      <p class="hint">{t("claimHint")}</p>
      <span class="label">{t("claimEta")}</span>
      <Radios label={t("claimEta")} autoFocus>
        {ETAS_MIN.map((n) => <Radio key={n} on={eta.value === n} onChoose={() => { eta.value = n; }}>{minutes(n)}</Radio>)}
      </Radios>
      <span class="label">{t("claimLease")}</span>
      <Radios label={t("claimLease")}>
        {LEASES_MIN.map((n) => <Radio key={n} on={lease.value === n} onChoose={() => { lease.value = n; }}>{minutes(n)}</Radio>)}
      </Radios>
      <div class="row">
        <button class="btn btn--act" type="button" onClick={() => void submit()}>{t("claim")}</button>
        <button class="btn" type="button" onClick={onDone}>{t("cancel")}</button>
      </div>
    </div>
  );
}

function OfferForm({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const picked = useSignal<string>("");
  const submit = async () => {
    if (picked.value && await told(app, app.claim(view.sheet, view.row, { team: picked.value }))) onDone();
  };
  return (
    <div class="offer">
      <span class="label">{t("claimPick")}</span>
      <TeamPicker onPick={(team) => { picked.value = team; }} />
      <div class="row">
        <button class="btn btn--act" type="button" disabled={!picked.value} onClick={() => void submit()}>{t("claimOffer")}</button>
        <button class="btn" type="button" onClick={onDone}>{t("cancel")}</button>
      </div>
    </div>
  );
}

/** Picks a team of either team sheet; gives `sheet/row`. */
export function TeamPicker({ onPick }: { onPick: (team: string) => void }) {
  const kind = useSignal<"civil_team" | "official_team">("civil_team");
  return (
    <div class="stack">
      <Radios label={t("claimPick")}>
        {(["civil_team", "official_team"] as const).map((one) => <Radio key={one} on={kind.value === one} onChoose={() => { kind.value = one; onPick(""); }}>{sheetName(one)}</Radio>)}
      </Radios>
      <RowPicker key={kind.value} sheet={kind.value} onPick={(row) => onPick(row ? `${kind.value}/${row}` : "")} />
    </div>
  );
}

function DoneForm({ view, onDone }: { view: RowView; onDone: () => void }) {
  const app = useApp();
  const saved = useRef<HTMLInputElement>(null);
  const submit = async () => {
    const n = Number.parseInt(saved.current?.value ?? "", 10);
    const note = Number.isFinite(n) ? t("claimRescuedNote", { n }) : "";
    const act = async () => {
      const edits = [...await app.done(view.sheet, view.row)];
      if (note) edits.push(...await app.append(view.sheet, view.row, "notes", note));
      return edits;
    };
    if (await told(app, act())) onDone();
  };
  return (
    <div class="offer">
      <label><span class="label">{t("claimRescued")}</span>
        <input ref={saved} class="input" inputMode="numeric" maxLength={5} autocomplete="off" /></label>
      <div class="row">
        <button class="btn btn--good" type="button" onClick={() => void submit()}><Icon name="check" />{t("claimDone")}</button>
        <button class="btn" type="button" onClick={onDone}>{t("cancel")}</button>
      </div>
      {mayWrite(app, view, "outcome", "rescued") === "y" && <p class="hint">{t("claimDoneHint")}</p>}
    </div>
  );
}
