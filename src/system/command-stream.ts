import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { printableLines } from "../support/printable.js";

/** How the wait for a stream's first line ended. */
export type StreamStart = "running" | "ended" | "silent";

/** Lines of one printed table come together; after this long without one the table is complete. */
const QUIET_MS = 20;
/** Of what it prints besides, the end. */
const KEPT_TEXT = 400;
/** A longer line is none. */
const MAX_LINE = 100_000;

/**
 * A command that prints lines for as long as it runs.
 * - It is started once: a start costs the main thread up to 20 ms for each GB this process holds, a line costs nothing.
 * - It never keeps this process alive, and ends with it: of a broken pipe at its next line.
 * - `close` kills it without waiting.
 */
export class CommandStream {
  readonly #child: ChildProcess;
  readonly #onLine: (line: string) => boolean;
  #rest = "";
  #lastLineMs: number | null = null;
  #printed = "";
  #ending: string | null = null;
  #wake: (() => void) | null = null;

  /** `onLine` returns whether the line was an expected one; others are kept for `ending`. */
  constructor(file: string, args: readonly string[], onLine: (line: string) => boolean) {
    this.#onLine = onLine;
    const env = { ...process.env, LC_ALL: "C" }; // numbers with a point, messages in English
    this.#child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true, env });
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("close", (code, signal) =>
      this.#end(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
    );
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#readLines(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.#child.unref();
    for (const pipe of [this.#child.stdout, this.#child.stderr]) (pipe as Socket | null)?.unref();
  }

  /** When the last expected line came, by `performance.now()`, or null. */
  get lastLineMs(): number | null {
    return this.#lastLineMs;
  }

  /** The end of what it printed beside expected lines, safe for a terminal; empty: nothing. */
  get printed(): string {
    return printableLines(this.#printed.trim());
  }

  /** Why it no longer runs, with what it printed, or null while it runs. */
  get ending(): string | null {
    if (this.#ending === null) return null;
    return this.printed === "" ? this.#ending : `${this.#ending} and printed: ${this.printed}`;
  }

  /** Waits for the first table, at most `timeoutMs`. */
  async start(timeoutMs: number): Promise<StreamStart> {
    if (this.#lastLineMs === null && this.#ending === null) await this.#sleep(timeoutMs);
    if (this.#lastLineMs === null) return this.#ending === null ? "silent" : "ended";
    if (this.#ending === null) await this.#sleep(QUIET_MS);
    return "running";
  }

  close(): void {
    this.#end("it was closed");
    this.#child.kill("SIGKILL");
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Until the next line, the end, or `ms`. The timer keeps the process alive, so that an awaited sample arrives. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  #readLines(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(-MAX_LINE);
    for (const line of lines) {
      if (this.#onLine(line)) this.#lastLineMs = performance.now();
      else this.#keep(`${line}\n`);
    }
    if (this.#lastLineMs !== null) this.#wake?.();
  }

  /** A tool in its loop prints the same again and again. */
  #keep(text: string): void {
    if (text.trim() !== "" && !this.#printed.endsWith(text)) this.#printed = (this.#printed + text).slice(-KEPT_TEXT);
  }

  #end(reason: string): void {
    this.#ending ??= reason;
    this.#wake?.();
  }
}
