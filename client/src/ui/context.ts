/**
 * Hands the app to every screen below it.
 * No state of its own.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ActorId, App } from "../core/api";
import { t, word } from "./words";

export const AppContext = createContext<App | null>(null);

/** What a person is called: you, their name, or their role with the first letters of their id, so that two strangers are not one. */
export function called(app: App, actor: ActorId): string {
  if (actor === app.me.value.actor) return t("you");
  const { name, role } = app.who(actor);
  return name || `${word(`role_${role || "visitor"}`, t("unknownActor"))} ${actor.slice(0, 3)}`;
}

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("a screen was rendered outside the app");
  return app;
}
