/**
 * Everything a browser was sent: bodies, headers and WebSocket frames, kept so that a test can look for a secret in it.
 * Listens to one context from before its first page; service workers must be blocked there, or they would fetch unheard.
 */
import type { BrowserContext, Page, Response } from "@playwright/test";

export interface Heard {
  readonly from: string;
  readonly bytes: Buffer;
}

export class Ear {
  private readonly heard: Heard[] = [];
  private readonly pending: Promise<void>[] = [];
  /** Bodies the browser would not give up, other than redirects and cancelled loads, which have none. */
  readonly missed: string[] = [];

  constructor(private readonly context: BrowserContext) {
    // The browser asks for the tab's icon when it likes and drops its body at the next page; it says nothing of anybody.
    void context.route("**/icon.svg", (route) => route.abort());
    context.on("page", (page) => this.listen(page));
    context.on("response", (response) => this.pending.push(this.keep(response)));
  }

  /** Asks for an address as this person would, with their cookies, and keeps what comes; for files a page would only download. */
  async ask(address: string): Promise<number> {
    const response = await this.context.request.get(address);
    this.heard.push({ from: address, bytes: Buffer.concat([Buffer.from(JSON.stringify(response.headers())), await response.body()]) });
    return response.status();
  }

  /** Where any form of a text was heard: as it is, and as base64 would carry it at any of three offsets. */
  async find(text: string): Promise<string[]> {
    await Promise.all(this.pending);
    const needles = [Buffer.from(text), ...base64Forms(text)];
    return this.heard.filter(({ bytes }) => needles.some((needle) => bytes.includes(needle))).map(({ from }) => from);
  }

  /** How much was heard, so that a test can prove that it listened at all. */
  async size(): Promise<{ frames: number; responses: number; bytes: number }> {
    await Promise.all(this.pending);
    const frames = this.heard.filter(({ from }) => from.startsWith("ws")).length;
    const bytes = this.heard.reduce((sum, one) => sum + one.bytes.length, 0);
    return { frames, responses: this.heard.length - frames, bytes };
  }

  private listen(page: Page): void {
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        this.heard.push({ from: socket.url(), bytes: Buffer.from(payload) });
      });
    });
  }

  private async keep(response: Response): Promise<void> {
    const headers = JSON.stringify(await response.allHeaders().catch(() => ({})));
    this.heard.push({ from: `${response.url()} (headers)`, bytes: Buffer.from(headers) });
    if (response.status() === 304 || response.status() === 204) return;
    if (response.status() >= 300 && response.status() < 400) return;
    try {
      this.heard.push({ from: response.url(), bytes: await response.body() });
    } catch (error) {
      this.missed.push(`${response.url()}: ${String(error)}`);
    }
  }
}

function base64Forms(text: string): Buffer[] {
  return [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString("base64");
    // The first and last characters also hold bits of the neighbours.
    return Buffer.from(shifted.slice(offset ? offset + 1 : 0, -4));
  });
}
