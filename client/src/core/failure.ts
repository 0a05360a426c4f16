/**
 * What an action of the person failed with: a stable code, a message, a hint.
 * Pure. Imported by every file of the core that answers an action.
 */
import type { ActionError } from "./api";

export function failure(code: string, message: string, hint = ""): ActionError {
  return Object.assign(new Error(message), { name: "ActionError", code, hint });
}
