/**
 * The marks a row carries: how urgent, what state, whether it has left this device. A shape and a word each; the colour only adds.
 * Pure. Imported by the lists and the panel.
 */
import type { EditId, Mark, RowView } from "../core/api";
import { fieldOf, statusOf } from "./definition";
import { Icon, type IconName } from "./icon";
import type { Urgency } from "./order";
import { asUrgency } from "./order";
import { say, t } from "./words";

const URGENCY_ICON: Record<Urgency, IconName> = { critical: "stop", urgent: "triangle", normal: "diamond", unknown: "dot" };

export function UrgencyIcon({ urgency }: { urgency: Urgency }) {
  return <span class={`is-${urgency}`}><Icon name={URGENCY_ICON[urgency]} small solid={urgency !== "unknown"} /></span>;
}

/** The urgency in the words of its own sheet (紧急程度, 严重度 or 紧缺程度). */
export function UrgencyMark({ view, at }: { view: RowView; at: number }) {
  const code = statusOf(view, at).urgency;
  const urgency = asUrgency(code);
  const field = urgencyField(view.sheet);
  if (!field) return null;
  const option = field.options?.find((one) => one.code === code);
  return <span class={`mark is-${urgency}`}><Icon name={URGENCY_ICON[urgency]} small solid={urgency !== "unknown"} />{say(option?.label) || t("ed_unset")}</span>;
}

export function urgencyField(sheet: string) {
  return fieldOf(sheet, "urgency") ?? fieldOf(sheet, "severity") ?? fieldOf(sheet, "priority");
}

const STATUS_ICON: Record<string, IconName> = {
  to_check: "warn", unverified: "help", verifying: "phone", waiting: "clock", recheck: "history", unreachable: "offline", doubted: "help",
  offered: "flag", claimed: "flag", en_route: "go", on_scene: "pin", to_close: "check", duplicate: "pair", partial: "half", lost_contact: "offline", not_found: "search",
};
const TONE: Record<string, string> = { red: "is-critical", orange: "is-urgent", blue: "is-normal", green: "is-good", grey: "is-unknown" };

export function StatusMark({ view, at }: { view: RowView; at: number }) {
  const status = statusOf(view, at);
  return (
    <span class={`mark ${TONE[status.tone] ?? "is-unknown"}`}>
      <Icon name={STATUS_ICON[status.code] ?? (status.over ? "check" : "dot")} small />{say(status.label)}
    </span>
  );
}

/** `1437`, or what stands for it until the server has counted: the first letters of the row's id. */
export function rowNumber(view: Pick<RowView, "no" | "row">): string {
  return view.no === null ? t("offlineNo", { code: view.row.slice(0, 4) }) : String(view.no);
}

/** Where one of my own edits is: only here, on its way, with the server. Nothing for what everybody has. */
export function SentMark({ mark }: { mark: Mark | undefined }) {
  if (!mark) return null;
  return mark === "device"
    ? <span class="sent sent--device"><Icon name="device" small />{t("stage_local")}</span>
    : <span class="sent"><Icon name={mark === "sent" ? "sent" : "sending"} small />{t(mark === "sent" ? "stage_sent" : "stage_sending")}</span>;
}

export function markOf(view: RowView, edit: EditId): Mark | undefined {
  return view.marks[edit];
}

/** Small flags at the end of a card or a row: a conflict, something unsent, my own row. */
export function Flags({ view, words }: { view: RowView; words?: boolean }) {
  const flags: { icon: IconName; text: string; tone: string }[] = [];
  if (view.conflicts.length) flags.push({ icon: "fork", text: words ? t("flagConflict") : "", tone: "is-urgent" });
  if (view.unsent) flags.push({ icon: "device", text: words ? t("filterUnsent") : "", tone: "is-urgent" });
  if (view.held) flags.push({ icon: "user", text: words ? t("filterMine") : "", tone: "is-normal" });
  if (!flags.length) return null;
  const title = (flag: { icon: IconName }) => t(flag.icon === "fork" ? "flagConflict" : flag.icon === "device" ? "filterUnsent" : "filterMine");
  return (
    <span class="flags">
      {flags.map((flag) => (
        <span key={flag.icon} class={`flag ${flag.tone}`} title={title(flag)}>
          <Icon name={flag.icon} small />{flag.text || <span class="sr">{title(flag)}</span>}
        </span>
      ))}
    </span>
  );
}
