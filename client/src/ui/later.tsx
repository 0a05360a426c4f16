/**
 * Parts of the page whose code comes after the first paint, or when first asked for: the panel, the forms, history, import.
 * What people need offline is fetched when the page is idle; a part that is here already is drawn at once.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { fetchWords, t } from "./words";

export interface Part<T> { now: T | null; fetch(): Promise<T> }

export function part<T>(load: () => Promise<T>): Part<T> {
  let coming: Promise<T> | null = null;
  const self: Part<T> = {
    now: null,
    fetch() {
      coming ??= Promise.all([load(), fetchWords()]).then(([loaded]) => (self.now = loaded), (error: unknown) => { coming = null; throw error; });
      return coming;
    },
  };
  return self;
}

export const PANEL = part(() => import("./panel"));
export const FORMS = part(() => import("./ask"));
export const LAYERS = part(() => import("./about"));
export const OWN = part(() => import("./mine"));
export const GRID = part(() => import("./grid"));
export const RECEIPT = part(() => import("./receipt"));
export const HISTORY = part(() => import("./history"));
export const SHARE = part(() => import("./share"));
/** What those who answer for the sheet open, and the banners that are not everyday: its own parts are in office/parts.ts. */
export const OFFICE = part(() => import("./office/layers"));

/** Whatever must work when the network is gone, in the order of need. */
const NEEDED_OFFLINE: readonly Part<unknown>[] = [FORMS, PANEL, LAYERS, OWN, RECEIPT, SHARE, HISTORY, OFFICE];

/** Fetches them one after the other, so that the feed and the rows are not kept waiting. */
export async function fetchParts(): Promise<void> {
  for (const one of NEEDED_OFFLINE) await one.fetch().catch(() => undefined);
}

export function Later<T>({ part: wanted, pick, quiet }: { part: Part<T>; pick: (module: T) => ComponentChildren; quiet?: boolean }) {
  const shown = useSignal(wanted.now !== null);
  const failed = useSignal(false);
  const fetchIt = () => {
    if (wanted.now !== null) return;
    failed.value = false;
    wanted.fetch().then(() => { shown.value = true; }, () => { failed.value = true; });
  };
  useEffect(fetchIt, [wanted]);
  if (shown.value && wanted.now !== null) return <>{pick(wanted.now)}</>;
  if (failed.value) return <p class="later">{t("laterFailed")} <button class="btn btn--small" type="button" onClick={fetchIt}>{t("again")}</button></p>;
  return quiet ? null : <p class="later" role="status">{t("loading")}</p>;
}
