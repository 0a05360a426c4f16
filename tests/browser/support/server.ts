/**
 * A real server process with its own data folder: started, killed as a power cut would, started again.
 * Runs `.venv/bin/rescue-sheet`; knows nothing of what the server does.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START_MS = 20_000;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class Server {
  private process: ChildProcess | null = null;
  private said = "";

  private constructor(
    readonly data: string,
    readonly port: number,
    private readonly drill: boolean,
  ) {}

  /** A folder and a port; nothing runs yet, so that a workbook can be imported first. With `drill`, the first start makes 演练. */
  static async prepare({ drill = false } = {}): Promise<Server> {
    return new Server(await mkdtemp(join(tmpdir(), "sheet-")), await freePort(), drill);
  }

  /** localhost, not an address: only there does plain http count as secure, so only there is a service worker. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** What the running process has printed, for a failing test. */
  get log(): string {
    return this.said;
  }

  async start(): Promise<void> {
    const child = spawn(join(ROOT, ".venv/bin/rescue-sheet"), ["serve"], {
      env: this.environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    child.stdout.on("data", (bytes: Buffer) => (this.said += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (this.said += bytes.toString()));
    const until = Date.now() + START_MS;
    while (Date.now() < until) {
      if (child.exitCode !== null) throw new Error(`the server ended at start:\n${this.said}`);
      if (await this.answers()) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`the server did not answer within ${START_MS} ms:\n${this.said}`);
  }

  /** kill -9: no shutdown code runs, as when the battery of the laptop dies. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  async remove(): Promise<void> {
    if (this.process) await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  /** One `rescue-sheet` command on this server's data. */
  async command(...words: string[]): Promise<Ran> {
    return run(join(ROOT, ".venv/bin/rescue-sheet"), words, this.environment());
  }

  /** The same, which must succeed; its output. */
  async must(...words: string[]): Promise<string> {
    const ran = await this.command(...words);
    if (ran.code !== 0) throw new Error(`rescue-sheet ${words.join(" ")} ended with ${ran.code}:\n${ran.out}${ran.err}`);
    return ran.out;
  }

  /** An invitation's link, as `rescue-sheet invite` prints it. */
  async invite(workbook: string, role: string, ...more: string[]): Promise<string> {
    return linkIn(await this.must("invite", "--workbook", workbook, "--role", role, ...more));
  }

  private environment(): NodeJS.ProcessEnv {
    const outer = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SHEET_")));
    return {
      ...outer,
      SHEET_DATA: this.data,
      SHEET_PORT: String(this.port),
      SHEET_HOST: "127.0.0.1",
      SHEET_PUBLIC_URL: this.url,
      SHEET_DRILL: this.drill ? "yes" : "no",
    };
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/`)).status < 500;
    } catch {
      return false;
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** Runs a Python file of this folder in the project's environment. */
export async function python(file: string, ...words: string[]): Promise<string> {
  const script = join(ROOT, "tests/browser", file);
  const ran = await run(join(ROOT, ".venv/bin/python"), [script, ...words], process.env);
  if (ran.code !== 0) throw new Error(`${file} ended with ${ran.code}:\n${ran.out}${ran.err}`);
  return ran.out;
}

export function linkIn(printed: string): string {
  const link = /https?:\/\/\S+#\S+/.exec(printed)?.[0];
  if (!link) throw new Error(`no link in:\n${printed}`);
  return link;
}

function run(file: string, words: string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((done) => {
    execFile(file, words, { env, cwd: ROOT, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) => {
      done({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, out, err });
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  if (!address || typeof address === "string") throw new Error("no port");
  probe.close();
  await once(probe, "close");
  return address.port;
}
