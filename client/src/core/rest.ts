/**
 * The definitions made whole: until then a screen shows the help sheet in Chinese, and the other sheets' names (apart.ts).
 * I/O: one lazy chunk. Imported by main.tsx.
 */
import { signal } from "@preact/signals";

/** Becomes true when the definitions are whole; a screen that reads it is drawn again. */
export const definitionsWhole = signal(false);

let loading: Promise<void> | null = null;

/** Whole definitions. Rejects where the chunk cannot be had; the next one who asks tries again. */
export function loadRest(): Promise<void> {
  loading ??= import("./whole").then(
    ({ makeWhole }) => {
      makeWhole();
      definitionsWhole.value = true;
    },
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}
