/**
 * Who has which role; a role taken away, a lost phone logged out, each with a reason.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ActorId } from "../../core/api";
import { useApp } from "../context";
import { teamName } from "../definition";
import { Icon } from "../icon";
import { Popup } from "../popup";
import { ask } from "../steward";
import { fail, toast, why } from "../toast";
import { now } from "../view";
import { clock, t, word } from "../words";

interface Person {
  readonly actor: ActorId; readonly name: string; readonly role: string; readonly team: string; readonly granted_ms: number; readonly logins: number; readonly below: boolean;
}

const WHYS = ["why_left", "why_lost", "why_abuse", "why_mistake"] as const;

export function People() {
  const app = useApp();
  const list = useSignal<readonly Person[] | null>(null);
  const failed = useSignal("");
  const asking = useSignal<{ readonly act: "revoke" | "log-out"; readonly person: Person } | null>(null);
  const load = () => ask<{ people: Person[] }>(app, "people").then((answer) => { list.value = answer.people; failed.value = ""; }, (error: unknown) => { failed.value = why(error); });
  useEffect(() => { void load(); }, []);
  const nameOf = (person: Person) => person.name || `${word(`role_${person.role}`, person.role)} ${person.actor.slice(0, 3)}`;
  const go = async (reason: string) => {
    const { act, person } = asking.value!;
    asking.value = null;
    try {
      const answer = await ask<{ ended?: number }>(app, `people/${person.actor}/${act}`, { reason });
      toast(act === "revoke" ? t("peopleRevoked") : t("peopleLoggedOut", { n: answer.ended ?? 0 }));
      await load();
    } catch (error) { fail(error); }
  };
  return (
    <>
      {failed.value && <p class="error" role="alert">{failed.value}</p>}
      {!list.value && !failed.value && <p role="status">{t("loading")}</p>}
      {list.value?.length === 0 && <p class="empty">{t("peopleNone")}</p>}
      <ul class="log">
        {(list.value ?? []).map((person) => (
          <li key={person.actor} class="row">
            <span class="grow"><strong>{nameOf(person)}</strong> <span class="tag"><Icon name="user" small />{word(`role_${person.role}`, person.role)}</span>
              <p class="small">{person.team && `${teamName(app, person.team.slice(person.team.indexOf("/") + 1))} · `}{t("peopleSince", { time: clock(person.granted_ms, now.value) })} · {t("peopleLogins", { n: person.logins })}</p></span>
            {person.below && person.logins > 0 && <button class="btn btn--small" type="button" onClick={() => { asking.value = { act: "log-out", person }; }}>{t("peopleLogOut")}<span class="sr"> {nameOf(person)}</span></button>}
            {person.below && <button class="btn btn--small" type="button" onClick={() => { asking.value = { act: "revoke", person }; }}>{t("peopleRevoke")}<span class="sr"> {nameOf(person)}</span></button>}
          </li>
        ))}
      </ul>
      {asking.value && (
        <Popup title={`${t(asking.value.act === "revoke" ? "peopleRevoke" : "peopleLogOut")} · ${nameOf(asking.value.person)}`} onClose={() => { asking.value = null; }}>
          <p class="small">{t(asking.value.act === "revoke" ? "peopleRevokeHint" : "peopleLogOutHint")}</p>
          <Why onSay={(reason) => void go(reason)} codes={WHYS} act={t(asking.value.act === "revoke" ? "peopleRevoke" : "peopleLogOut")} />
        </Popup>
      )}
    </>
  );
}

/** A reason in one tap, or in own words. */
export function Why({ codes, act, onSay }: { codes: readonly string[]; act: string; onSay: (reason: string) => void }) {
  return (
    <>
      <div class="row">{codes.map((code) => <button key={code} class="btn btn--small" type="button" onClick={() => onSay(word(code, code))}>{word(code, code)}</button>)}</div>
      <form class="row" onSubmit={(event) => { event.preventDefault(); const text = new FormData(event.currentTarget).get("why"); if (typeof text === "string" && text.trim()) onSay(text.trim()); }}>
        <input class="input input--flex" name="why" placeholder={t("revealOther")} aria-label={t("reason")} maxLength={200} autocomplete="off" required />
        <button class="btn" type="submit">{act}</button>
      </form>
    </>
  );
}
