/**
 * HTTP calls of the stewards' screens, with the session's token; failures come back as the server's own words.
 * Imported by the lazy chunks only.
 */
import type { App } from "../core/api";

export interface Refusal { code: string; message: string; hint: string }

export async function ask<T>(app: App, route: string, body?: object | FormData): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/w/${encodeURIComponent(app.workbook)}/${route}`, {
      method: body ? "POST" : "GET",
      headers: {
        Accept: "application/json",
        ...(app.bearer() ? { Authorization: `Bearer ${app.bearer()}` } : {}),
        ...(body && !(body instanceof FormData) ? { "Content-Type": "application/json" } : {}),
      },
      ...(body ? { body: body instanceof FormData ? body : JSON.stringify(body) } : {}),
    });
  } catch {
    throw refusal({ code: "offline", message: "", hint: "" });
  }
  const told = (await answer.json().catch(() => null)) as (T & { error?: Refusal }) | null;
  if (!answer.ok || !told) throw refusal(told?.error ?? { code: `http_${answer.status}`, message: answer.statusText, hint: "" });
  return told;
}

function refusal({ code, message, hint }: Refusal): Error {
  return Object.assign(new Error(hint ? `${message} (${hint})` : message), { code, hint });
}
