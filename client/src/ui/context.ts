/**
 * Hands the app to every screen below it.
 * No state of its own.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App } from "../core/api";

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("a screen was rendered outside the app");
  return app;
}
