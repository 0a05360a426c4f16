/**
 * A form's words while they are typed: kept on the device at every stroke, so that a call, a closed page or an empty battery loses nothing.
 * One per form; imported by the forms.
 */
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { App, Path, Value, Writes } from "../core/api";

const KEEP_AFTER_MS = 400;

export interface Draft {
  /** Null until the device has been asked for an earlier draft. */
  readonly start: Signal<Readonly<Record<Path, Value>> | null>;
  /** There was something to go on with. */
  readonly resumed: Signal<boolean>;
  /** Changes with every stroke; read it to follow the values. */
  readonly version: Signal<number>;
  values(): Readonly<Record<Path, Value>>;
  set(writes: Writes): void;
  clear(): void;
}

export function useDraft(app: App, key: string): Draft {
  const start = useSignal<Readonly<Record<Path, Value>> | null>(null);
  const resumed = useSignal(false);
  const version = useSignal(0);
  const values = useRef<Record<Path, Value>>({});
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const keep = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    void app.keepDraft(key, Object.keys(values.current).length ? values.current : null).catch(() => undefined);
  };
  useEffect(() => {
    app.draft<Record<Path, Value>>(key).then(
      (kept) => {
        values.current = { ...kept, ...values.current };
        resumed.value = !!kept && Object.keys(kept).length > 0;
        start.value = { ...values.current };
        version.value++;
      },
      () => { start.value = {}; },
    );
    const leave = () => { if (timer.current !== undefined) keep(); };
    addEventListener("pagehide", leave);
    return () => { removeEventListener("pagehide", leave); leave(); };
  }, [key]);
  return {
    start, resumed, version,
    values: () => values.current,
    set(writes) {
      for (const path of Object.keys(writes)) {
        const value = writes[path]!;
        if (value === null || value === false) delete values.current[path];
        else values.current[path] = value;
      }
      version.value++;
      clearTimeout(timer.current);
      timer.current = setTimeout(keep, KEEP_AFTER_MS);
    },
    clear() {
      values.current = {};
      resumed.value = false;
      start.value = {};
      version.value++;
      clearTimeout(timer.current);
      timer.current = undefined;
      void app.keepDraft(key, null).catch(() => undefined);
    },
  };
}
