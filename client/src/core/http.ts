/**
 * The calls that are not on the socket: login, join, and the cold open. docs/protocol.md, "Login" and "Cold open".
 * I/O: fetch. Imported by app.ts and wire.ts.
 */
import type { ActorId, Protection, Role, SheetId } from "./api";
import type { Entry, Names } from "./frames";
import type { Event } from "./session";

export interface Login {
  readonly session: string;
  readonly actor: ActorId;
  readonly role: Role;
  readonly team: string;
  readonly name: string;
  readonly epoch: string;
}

export interface Workbook {
  readonly id: string;
  readonly title: string;
  readonly epoch: string;
  readonly drill: boolean;
  readonly sheets: readonly SheetId[];
  readonly protection: Readonly<Record<SheetId, Protection>>;
  readonly notice: unknown;
  readonly server_time: string | number;
}

export interface Page {
  readonly epoch: string;
  readonly cursor: number;
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly Entry[];
  readonly names: Names;
}

/** A call that failed: `event` is what it means to the session, the rest what it means to a person. */
export class CallFailed extends Error {
  constructor(
    readonly event: Extract<Event, "lost" | "unauthorised" | "busy" | "barred">,
    readonly code: string,
    message: string,
    readonly hint = "",
  ) {
    super(message);
    this.name = "CallFailed";
  }
}

/** A page of a snapshot may take this long on 150 kbit/s; a captive portal that answers nothing takes no longer. */
const CALL_MS = 40_000;

export class Http {
  constructor(
    private readonly workbook: string,
    private readonly fetchIt: typeof fetch = (...args) => fetch(...args),
  ) {}

  login(device: string, name: string): Promise<Login> {
    return this.call("login", "POST", { device, ...(name ? { name } : {}) });
  }

  join(device: string, invite: string, name: string): Promise<Login> {
    return this.call("join", "POST", { device, invite, ...(name ? { name } : {}) });
  }

  workbookOf(): Promise<Workbook> {
    return this.call("workbook.json", "GET");
  }

  /** `cursor` is the first page's: pages of one open belong together. */
  page(page: number, cursor?: number, over = false): Promise<Page> {
    return this.call(`snapshot.json?page=${page}${cursor === undefined ? "" : `&cursor=${cursor}`}${over ? "&over=1" : ""}`, "GET");
  }

  private async call<T>(path: string, method: "GET" | "POST", body?: unknown): Promise<T> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), CALL_MS);
    try {
      const answer = await this.fetchIt(`/w/${encodeURIComponent(this.workbook)}/${path}`, {
        method,
        signal: abort.signal,
        credentials: "same-origin",
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      });
      if (answer.ok) return (await answer.json()) as T;
      const error = await errorOf(answer);
      throw new CallFailed(meaning(answer.status), error.code, error.message, error.hint);
    } catch (error) {
      if (error instanceof CallFailed) throw error;
      // No answer, half an answer, or the login page of a hotel's Wi-Fi in place of JSON.
      throw new CallFailed("lost", "offline", "the server was not reached");
    } finally {
      clearTimeout(timer);
    }
  }
}

function meaning(status: number): CallFailed["event"] {
  if (status === 401) return "unauthorised";
  if (status === 403) return "barred";
  if (status === 429 || status === 503) return "busy";
  return "lost";
}

async function errorOf(answer: Response): Promise<{ code: string; message: string; hint: string }> {
  try {
    const { error } = (await answer.json()) as { error: { code?: string; message?: string; hint?: string } };
    return { code: error.code ?? "failed", message: error.message ?? "", hint: error.hint ?? "" };
  } catch {
    return { code: "failed", message: `the server answered ${answer.status}`, hint: "" };
  }
}
