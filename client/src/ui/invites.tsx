/**
 * Invitations: a link that gives a role, made, listed and taken back by stewards.
 * A chunk of its own. The secret is shown once; the server keeps only its hash.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { copyText, sharePage } from "./clipboard";
import { TeamPicker } from "./claims";
import { useApp } from "./context";
import { Radio, Radios } from "./editor";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { Qr } from "./qr";
import { ask } from "./steward";
import { fail, toast, why } from "./toast";
import { now } from "./view";
import { clock, t, word } from "./words";

interface Invite {
  readonly id: string; readonly role: string; readonly team?: string; readonly uses?: number; readonly used?: number; readonly left?: number;
  readonly expires_ms?: number; readonly revoked?: boolean; readonly created_ms?: number;
}

const ROLES = ["volunteer", "verifier", "team", "matcher"] as const;
const USES = [1, 10, 50, 200];
const DAYS = [1, 3, 7, 30];

export function Invites() {
  const app = useApp();
  const role = useSignal<string>("volunteer");
  const uses = useSignal(10);
  const days = useSignal(7);
  const team = useRef("");
  const made = useSignal<string>("");
  const list = useSignal<readonly Invite[] | null>(null);
  const failed = useSignal("");
  const roles = app.me.value.role === "owner" ? [...ROLES, "steward" as const] : ROLES;

  const load = () => ask<{ invites: Invite[] }>(app, "invites").then((answer) => { list.value = answer.invites; failed.value = ""; }, (error: unknown) => { failed.value = why(error); });
  useEffect(() => { void load(); }, []);

  const make = async () => {
    if (role.value === "team" && !team.current) { toast(t("inviteTeamNeeded"), { bad: true }); return; }
    try {
      const body = { role: role.value, uses: uses.value, days: days.value, ...(role.value === "team" ? { team: team.current } : {}) };
      const answer = await ask<{ id: string; url: string }>(app, "invites", body);
      made.value = new URL(answer.url, location.href).href;
      await load();
    } catch (error) { fail(error); }
  };
  const revoke = async (id: string) => {
    try { await ask(app, `invites/${encodeURIComponent(id)}/revoke`, {}); toast(t("inviteRevoked")); await load(); } catch (error) { fail(error); }
  };

  return (
    <LayerSheet title={t("invitesTitle")}>
      <div class="stack">
        <span class="label">{t("inviteRole")}</span>
        <Radios label={t("inviteRole")}>{roles.map((one) => <Radio key={one} on={role.value === one} onChoose={() => { role.value = one; }}>{word(`role_${one}`, one)}</Radio>)}</Radios>
        {role.value === "team" && <><span class="label">{t("inviteTeam")}</span><TeamPicker onPick={(picked) => { team.current = picked; }} /></>}
        <span class="label">{t("inviteUses")}</span>
        <Radios label={t("inviteUses")}>{USES.map((n) => <Radio key={n} on={uses.value === n} onChoose={() => { uses.value = n; }}>{n}</Radio>)}</Radios>
        <span class="label">{t("inviteDays")}</span>
        <Radios label={t("inviteDays")}>{DAYS.map((n) => <Radio key={n} on={days.value === n} onChoose={() => { days.value = n; }}>{n}</Radio>)}</Radios>
        <button class="btn btn--act btn--wide" type="button" onClick={() => void make()}>{t("inviteMake")}</button>
        {made.value && (
          <div class="offer" role="status">
            <p><strong>{t("inviteMade")}</strong></p>
            <Qr text={made.value} label={t("qr")} />
            <code class="secret">{made.value}</code>
            <div class="row"><button class="btn" type="button" onClick={() => void copyText(made.value)}><Icon name="copy" />{t("copy")}</button>
              <button class="btn" type="button" onClick={() => void sharePage(made.value)}><Icon name="link" />{t("share")}</button></div>
            <p class="hint">{t("inviteSecret")}</p>
          </div>
        )}
        <h3>{t("inviteList")}</h3>
        {failed.value && <p class="error">{failed.value}</p>}
        {list.value?.length === 0 && <p class="small">{t("inviteNone")}</p>}
        <ul class="log">
          {(list.value ?? []).map((one) => {
            const left = one.left ?? (one.uses !== undefined ? one.uses - (one.used ?? 0) : undefined);
            const gone = one.revoked || left === 0 || (one.expires_ms !== undefined && one.expires_ms < now.value);
            return (
              <li key={one.id} class="row">
                <span class="grow"><strong>{word(`role_${one.role}`, one.role)}</strong>
                  <span class="small"> {one.revoked ? t("inviteRevoked") : left === 0 ? t("inviteSpent") : <>{left !== undefined && t("inviteLeft", { n: left })}{one.expires_ms !== undefined && ` · ${t("inviteUntil", { time: clock(one.expires_ms, now.value) })}`}</>}</span></span>
                {!gone && <button class="btn btn--small" type="button" onClick={() => void revoke(one.id)}>{t("inviteRevoke")}</button>}
              </li>
            );
          })}
        </ul>
      </div>
    </LayerSheet>
  );
}
