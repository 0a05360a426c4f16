/**
 * The sync chip: in one word and one shape, whether what was written has reached the server.
 * Reads the core's signals. "Online" is what the feed's heartbeat says, never an empty queue.
 */
import { useComputed, useSignalEffect, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { App } from "../core/api";
import { Icon, type IconName } from "./icon";
import { useApp } from "./context";
import { conflictCount } from "./list";
import { now, showLayer } from "./view";
import { clock, t } from "./words";

type Tone = "good" | "calm" | "warn" | "bad";
export interface ChipState { icon: IconName; tone: Tone; text: string }

/** A silent feed is not yet a dead one; from here on the reader is told how old the view is. */
const AGE_SHOWN_AFTER_MS = 60_000;
const ANNOUNCE_EVERY_MS = 10_000;

/** The worst news wins: words that may be lost, then words not delivered, then what only wants a look. */
export function chipState(app: Pick<App, "storage" | "link" | "unsent" | "kept" | "lastHeard">, conflicts: number, at: number): ChipState {
  const unsent = app.unsent.value.length;
  if (app.storage.value === "broken") {
    return { icon: "warn", tone: "bad", text: unsent ? t("storageLong", { n: unsent }) : t("storageOut") };
  }
  if (app.link.value === "live") {
    if (unsent) return { icon: "sending", tone: "calm", text: t("sending", { n: unsent }) };
    const refused = app.kept.value.filter((edit) => edit.state === "refused").length;
    if (refused) return { icon: "warn", tone: "warn", text: t("refusedChip", { n: refused }) };
    if (conflicts) return { icon: "fork", tone: "warn", text: t("conflicts", { n: conflicts }) };
    const heard = app.lastHeard.value;
    if (at - heard > AGE_SHOWN_AFTER_MS) return { icon: "clock", tone: "warn", text: t("asOf", { time: clock(heard, at) }) };
    return { icon: "sent", tone: "good", text: t("synced", { time: clock(heard, at) }) };
  }
  if (unsent) return { icon: "device", tone: "warn", text: t("offlineKept", { n: unsent }) };
  if (app.link.value === "connecting") return { icon: "clock", tone: "calm", text: t("connecting") };
  const heard = app.lastHeard.value;
  return { icon: "offline", tone: "warn", text: heard ? `${t("offlineNone")} · ${t("asOf", { time: clock(heard, at) })}` : t("offlineNone") };
}

export function SyncChip() {
  const app = useApp();
  // The link is timed by this device's own clock; `now` is the server's and only says when to look again.
  const state = useComputed(() => { void now.value; return chipState(app, conflictCount.value, Date.now()); });
  const said = useSignal("");
  const saidAt = useRef(0);
  // Read out at most every ten seconds: a busy queue would otherwise talk without end.
  useSignalEffect(() => {
    const text = state.value.text;
    const wait = Math.max(0, saidAt.current + ANNOUNCE_EVERY_MS - Date.now());
    const timer = setTimeout(() => { saidAt.current = Date.now(); said.value = text; }, wait);
    return () => clearTimeout(timer);
  });
  const { icon, tone, text } = state.value;
  return (
    <>
      <button class={`sync sync--${tone}`} type="button" onClick={() => showLayer({ kind: "sync" })} aria-label={`${t("sync")}: ${text}`}>
        <Icon name={icon} /><span class="sync__text">{text}</span>
      </button>
      <span class="sr" role="status">{said.value}</span>
    </>
  );
}
