/**
 * What was done, by whom, why: the audit, searched by act and row; and what of it is an alarm. Never a cell's value.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ActorId, RowId } from "../../core/api";
import { called, useApp } from "../context";
import { sheetName } from "../definition";
import { Icon } from "../icon";
import { rowNumber } from "../marks";
import { ask } from "../steward";
import { toast, why } from "../toast";
import { leaveToRow, now, sheet } from "../view";
import { clock, t, word } from "../words";
import { alarmWords } from "./alarms";

interface Line {
  readonly at_ms: number; readonly actor: ActorId; readonly role: string; readonly act: string; readonly sheet: string; readonly row: RowId; readonly reason: string; readonly detail: string;
}
interface Answer { readonly lines: readonly Line[]; readonly names: Readonly<Record<ActorId, readonly [string, string]>> }

const ACTS = ["reveal", "accept", "decline", "protect", "notice", "invite", "grant", "revoke-role", "revoke-invite", "log-out", "reissue-link", "code", "export", "erase", "alarm"] as const;

export function Audit() {
  const app = useApp();
  const answer = useSignal<Answer | null>(null);
  const failed = useSignal("");
  const act = useSignal("");
  const no = useRef<HTMLInputElement>(null);
  const find = () => {
    const typed = no.current?.value.trim() ?? "";
    const row = !typed ? "" : /^\d+$/.test(typed) ? app.byNumber(sheet.peek(), Number(typed)) : typed;
    if (row === null) { toast(t("error_unknown_row"), { bad: true }); return; }
    ask<Answer>(app, `audit?act=${encodeURIComponent(act.value)}&row=${encodeURIComponent(row)}`).then((found) => { answer.value = found; failed.value = ""; }, (error: unknown) => { failed.value = why(error); });
  };
  useEffect(find, [act.value]);
  return (
    <>
      <form class="row" onSubmit={(event) => { event.preventDefault(); find(); }}>
        <label class="grow"><span class="label">{t("auditAct")}</span>
          <select class="input" onChange={(event) => { act.value = event.currentTarget.value; }}>
            <option value="">{t("auditEvery")}</option>
            {ACTS.map((one) => <option key={one} value={one}>{actWords(one)}</option>)}
          </select></label>
        <label class="grow"><span class="label">{t("auditRow")} <small>{sheetName(sheet.value)}</small></span>
          <input ref={no} class="input" inputMode="numeric" autocomplete="off" placeholder={t("auditRowHint")} /></label>
        <button class="btn btn--act" type="submit"><Icon name="search" />{t("auditFind")}</button>
      </form>
      {failed.value && <p class="error" role="alert">{failed.value}</p>}
      {answer.value && <Lines answer={answer.value} />}
      {(answer.value?.lines.length ?? 0) >= 200 && <p class="hint">{t("auditLast")}</p>}
    </>
  );
}

function Lines({ answer }: { answer: Answer }) {
  const app = useApp();
  if (answer.lines.length === 0) return <p class="empty">{t("auditNone")}</p>;
  return (
    <ul class="log">
      {answer.lines.map((line, i) => {
        const view = line.row ? app.peek(line.sheet, line.row) : null;
        return (
          <li key={i}>
            <strong>{actWords(line.act)}</strong> <span class="small">{clock(line.at_ms, now.value)} · {nameOf(answer, line)}</span>
            {line.row && <button class="btn btn--plain" type="button" onClick={() => leaveToRow(line.sheet, line.row)}>{sheetName(line.sheet)} {view ? rowNumber(view) : line.row.slice(0, 4)}</button>}
            {(line.reason || line.detail) && <p class="small"><span lang="zh-CN">{line.reason}</span>{line.reason && line.detail && " · "}{detailWords(app, line)}</p>}
          </li>
        );
      })}
    </ul>
  );
}

export function Alarms({ onPeople }: { onPeople: () => void }) {
  const app = useApp();
  const answer = useSignal<Answer | null>(null);
  const failed = useSignal("");
  useEffect(() => { ask<Answer>(app, "audit?act=alarm").then((found) => { answer.value = found; failed.value = ""; }, (error: unknown) => { failed.value = why(error); }); }, [app.alarms.value.length]);
  return (
    <>
      {failed.value && <p class="error" role="alert">{failed.value}</p>}
      {answer.value?.lines.length === 0 && <p class="empty">{t("alarmsNone")}</p>}
      <ul class="log">
        {(answer.value?.lines ?? []).map((line, i) => {
          const [kind = "", n = "0"] = line.detail.split(" ");
          return (
            <li key={i} class="row">
              <span class="grow"><strong>{alarmWords(kind, nameOf(answer.value!, line), Number(n) || 0)}</strong><p class="small">{clock(line.at_ms, now.value)}</p></span>
              <button class="btn btn--small" type="button" onClick={onPeople}>{t("office_people")}</button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Details are ids and codes; the ones a person asks about are said in words. */
function detailWords(app: ReturnType<typeof useApp>, line: Line): string {
  const [first = "", second = ""] = line.detail.split(" ");
  switch (line.act) {
    case "protect": return [word(`step_${first}`, first), Number(second) > 0 ? t("guardUntil", { time: clock(Number(second), now.value) }) : ""].filter(Boolean).join(" · ");
    case "accept": case "decline": return t("auditBy", { who: called(app, line.detail.split(" ").pop() ?? "") });
    case "revoke-role": return `${called(app, first)} · ${word(`role_${second}`, second)}`;
    case "log-out": return called(app, first);
    case "invite": return word(`role_${second}`, second);
    case "code": return word(`code_${first}`, first);
    case "alarm": return alarmWords(first, "", Number(second) || 0);
    default: return line.detail;
  }
}

function actWords(act: string): string {
  return word(`act_${act.replace(/-/g, "_")}`, act);
}

function nameOf(answer: Answer, line: Line): string {
  const role = word(`role_${line.role || "visitor"}`, line.role);
  return answer.names[line.actor]?.[0] || `${role} ${line.actor.slice(0, 3)}`;
}
