/**
 * A caller's word: the short code checked before anybody acts on it, a lost link issued anew; and who has seen a row's telephone.
 * A chunk of its own, for the QR code's sake.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RowView, Showing } from "../../core/api";
import { called, useApp } from "../context";
import { Icon } from "../icon";
import { RowKey } from "../share";
import { keyAddress } from "../sharing";
import { fail, why } from "../toast";
import { now } from "../view";
import { clock, t, word } from "../words";
import { mayReissue } from "../rights";
import { EraseRow } from "./forget";
import { Why } from "./people";

export function Showings({ view }: { view: RowView }) {
  const app = useApp();
  const list = useSignal<readonly Showing[] | null>(null);
  const failed = useSignal("");
  useEffect(() => {
    app.office().then((office) => office.showings(view.sheet, view.row)).then((found) => { list.value = found; }, (error: unknown) => { failed.value = why(error); });
  }, [view.row]);
  return (
    <div class="offer">
      <p class="label">{t("showings")}</p>
      <p class="hint">{t("showingsHint")}</p>
      {failed.value ? <p class="error" role="alert">{failed.value}</p> : !list.value ? <p role="status">{t("loading")}</p> : list.value.length === 0 ? <p class="small">{t("showingsNone")}</p> : (
        <ul class="log">
          {list.value.map((one, i) => (
            <li key={i}><strong>{called(app, one.actor)}</strong> {one.role && <span class="tag">{word(`role_${one.role}`, one.role)}</span>} <span class="small">{clock(one.atMs, now.value)}</span>
              {one.reason && <p class="small" lang="zh-CN">{one.reason}</p>}</li>
          ))}
        </ul>
      )}
      <EraseRow view={view} />
    </div>
  );
}

const KNOWN = ["reissue_code", "reissue_question", "reissue_met", "reissue_leaked"] as const;

export function Caller({ view }: { view: RowView }) {
  const app = useApp();
  const code = useRef<HTMLInputElement>(null);
  const busy = useSignal(false);
  const said = useSignal<"" | "right" | "wrong">("");
  const failed = useSignal("");
  const asking = useSignal(false);
  const made = useSignal<{ readonly secret: string; readonly code: string } | null>(null);
  const check = async () => {
    busy.value = true;
    failed.value = "";
    said.value = "";
    try {
      await (await app.office()).checkCode(view.sheet, view.row, (code.current?.value ?? "").replace(/\D/g, ""));
      said.value = "right";
    } catch (error) {
      if ((error as { code?: string }).code === "wrong-code") said.value = "wrong"; else failed.value = why(error);
    }
    busy.value = false;
  };
  const reissue = async (reason: string) => {
    busy.value = true;
    try { made.value = await (await app.office()).reissue(view.sheet, view.row, reason); asking.value = false; } catch (error) { fail(error); }
    busy.value = false;
  };
  return (
    <div class="offer">
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void check(); }}>
        <label class="label" for={`code-${view.row}`}>{t("callerCode")}</label>
        <p class="hint" id={`code-hint-${view.row}`}>{t("callerHint")}</p>
        <div class="row">
          <input id={`code-${view.row}`} ref={code} class="input input--flex code" inputMode="numeric" autocomplete="off" maxLength={9} required pattern="[0-9 ]*" aria-describedby={`code-hint-${view.row}`} />
          <button class="btn btn--act" type="submit" aria-busy={busy.value}>{t("callerCheck")}</button>
        </div>
        <div role="status">
          {said.value === "right" && <p class="mark is-good"><Icon name="check" small />{t("callerRight")}</p>}
          {said.value === "wrong" && <p class="error">{t("callerWrong")}</p>}
          {failed.value && <p class="error">{failed.value}</p>}
        </div>
        {said.value !== "right" && <p class="small">{t("callerAsk")}</p>}
      </form>
      {mayReissue(app) && (made.value ? (
        <div class="stack">
          <p class="alert" role="alert"><Icon name="warn" />{t("reissued")}</p>
          <RowKey secret={made.value.secret} code={made.value.code} address={keyAddress(app.workbook, { sheet: view.sheet, row: view.row, secret: made.value.secret })} />
        </div>
      ) : asking.value ? (
        <div class="stack"><p class="label">{t("reissueWhy")}</p><Why codes={said.value === "right" ? KNOWN : KNOWN.slice(1)} act={t("reissue")} onSay={(reason) => void reissue(reason)} /></div>
      ) : (
        <div><button class="btn" type="button" onClick={() => { asking.value = true; }}><Icon name="link" />{t("reissue")}</button><p class="hint">{t("reissueHint")}</p></div>
      ))}
    </div>
  );
}
