import { writeSync } from "node:fs";
import { Socket } from "node:net";
import type { Bounds } from "../contract/index.js";
import { within } from "./bounded-wait.js";
import { errorCode } from "./error-code.js";
import { messageOf } from "./errors.js";
import { isTerminal } from "./terminal.js";

/** What the console needs of a stream: `process.stdout`, any `Writable`. */
export interface LineStream {
  /** Writes `text`; calls `done` when it was written, or with the error. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Adds the listener that keeps an error of the stream from ending the process. */
  on?(event: "error", listener: (error: Error) => void): unknown;
  /** Removes the listener for errors when the backend is closed. */
  off?(event: "error", listener: (error: Error) => void): unknown;
  /** True for a terminal, unless TERM is "dumb": lines are colored, and clear a progress bar that they are written over. */
  readonly isTTY?: boolean | undefined;
  /** Cells of a line of a terminal, read at each write; left out or 0: the environment variable COLUMNS, else 80. */
  readonly columns?: number | undefined;
  /** True when the stream is closed: lines are dropped and counted. */
  readonly destroyed?: boolean | undefined;
  /** True when the stream was ended: lines are dropped and counted. */
  readonly writableEnded?: boolean | undefined;
  /** What waits in the stream: beyond a million characters lines are dropped and counted. */
  readonly writableLength?: number | undefined;
}

/** Bytes that may wait for a reader who is slow, or has stopped. */
const MAX_WAITING = 1_000_000;
/** How often a full pipe is tried again. */
const RETRY_MS = 20;
/** How long `drain` and `close` wait for a reader, where the caller allows that much. */
const PATIENCE_MS = 1000;

/**
 * Lines to a stream that may break, or whose reader may stop.
 * - Nothing throws, neither here nor as an `error` event of the stream: when it breaks, `error` says why, and lines are dropped and
 *   counted from then on.
 * - At most a megabyte waits. Lines that come while it is full are dropped and counted, and a line says how many when there is room.
 * - A pipe at standard output or error is written without Node's own queue: that would have no bound, and would keep the process alive
 *   until the reader had read it.
 * - `close` removes the listener that this needs and drops what still waits in such a pipe. The stream stays open.
 */
export class TextOutput {
  readonly isTTY: boolean;
  readonly #stream: LineStream;
  readonly #fd: number | null;
  readonly #onError = (error: Error): void => this.#break(error);
  #queue: Uint8Array[] = [];
  #queued = 0;
  #retry: NodeJS.Timeout | undefined;
  #listening = false;
  #error: string | undefined;
  #dropped = 0;
  /** Lines that were dropped since the last that was written. */
  #skipped = 0;
  /** How much waited when a wait for the reader was in vain; null: none was. */
  #stalledAt: number | null = null;

  constructor(stream: LineStream) {
    this.#stream = stream;
    this.isTTY = isTerminal(stream);
    this.#fd = pipeOf(stream);
  }

  /** Lines that were not written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why lines were dropped, or undefined where none was. */
  get error(): string | undefined {
    return this.#error ?? (this.#dropped > 0 ? "the reader of the output was too slow, or had stopped" : undefined);
  }

  /** Writes `text`, or counts it as dropped. */
  write(text: string): void {
    if (!this.#isOpen()) {
      this.#dropped++;
    } else if (this.#isFull()) {
      this.#dropped++;
      this.#skipped++;
    } else {
      this.#put(`${this.#noteOfSkipped()}${text}`);
    }
  }

  /** Waits, at most a second, until the stream has accepted what was written so far. A reader that had stopped before is not waited for. */
  async drain(bounds: Bounds = {}): Promise<void> {
    if (!this.#isOpen()) return;
    const waiting = this.#waiting();
    if (this.#stalledAt !== null && waiting >= this.#stalledAt) return;
    const timeoutMs = Math.min(bounds.timeoutMs ?? PATIENCE_MS, PATIENCE_MS);
    const outcome = await within(this.#accepted(timeoutMs), { timeoutMs, signal: bounds.signal }, "drain");
    this.#stalledAt = outcome.done && this.#queue.length === 0 ? null : this.#waiting();
  }

  /** Removes the listener, and drops what a reader has not taken from a pipe in a second. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) await this.drain();
    if (this.#skipped > 0 && this.#isOpen() && !this.#isFull()) this.#put(this.#noteOfSkipped());
    this.#dropQueue();
    if (!this.#listening) return;
    await new Promise((resolve) => setImmediate(resolve)); // an error event follows its write's callback
    this.#stream.off?.("error", this.#onError);
    this.#listening = false;
  }

  #put(text: string): void {
    this.#listen();
    // A `write` of its own belongs to a program that catches the output.
    if (this.#fd === null || Object.hasOwn(this.#stream, "write")) {
      try {
        this.#stream.write(text);
      } catch (error) {
        this.#dropped++;
        this.#break(error);
      }
      return;
    }
    const bytes = Buffer.from(text);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    this.#pump(this.#fd);
  }

  /** Writes what waits, as far as the pipe takes it now. */
  #pump(fd: number): void {
    clearTimeout(this.#retry);
    try {
      // What others wrote through the stream comes first.
      while ((this.#stream.writableLength ?? 0) === 0) {
        const [first] = this.#queue;
        if (first === undefined) return;
        const written = writeSync(fd, first);
        this.#queued -= written;
        if (written === first.length) this.#queue.shift();
        else this.#queue[0] = first.subarray(written);
      }
    } catch (error) {
      const code = errorCode(error);
      if (code !== "EAGAIN" && code !== "EINTR") return this.#break(error);
    }
    this.#retry = setTimeout(() => this.#pump(fd), RETRY_MS);
    this.#retry.unref();
  }

  /** Resolves when what waits is written, at the latest after `timeoutMs`. */
  async #accepted(timeoutMs: number): Promise<void> {
    if (this.#fd === null) {
      await new Promise<void>((resolve) => {
        try {
          this.#stream.write("", () => resolve());
        } catch (error) {
          this.#break(error);
          resolve();
        }
      });
      return;
    }
    const endMs = performance.now() + timeoutMs;
    while (this.#queue.length > 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // it keeps the process alive, unlike the retry
      this.#pump(this.#fd);
    }
  }

  #noteOfSkipped(): string {
    if (this.#skipped === 0) return "";
    const lines = this.#skipped === 1 ? "1 line was" : `${this.#skipped} lines were`;
    this.#skipped = 0;
    return `[${lines} not shown: the reader of this output was too slow]\n`;
  }

  #waiting(): number {
    return this.#queued + (this.#stream.writableLength ?? 0);
  }

  /** Once lines were dropped, there is room when half of it is free: else a note would come with each line. */
  #isFull(): boolean {
    return this.#waiting() > (this.#skipped === 0 ? MAX_WAITING : MAX_WAITING / 2);
  }

  #isOpen(): boolean {
    if (this.#error !== undefined) return false;
    if (this.#stream.destroyed !== true && this.#stream.writableEnded !== true) return true;
    this.#error = "the stream is closed";
    return false;
  }

  #break(error: unknown): void {
    this.#error ??= messageOf(error);
    this.#dropQueue();
  }

  #dropQueue(): void {
    clearTimeout(this.#retry);
    this.#dropped += this.#queue.length;
    this.#queue = [];
    this.#queued = 0;
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#stream.on?.("error", this.#onError);
  }
}

/** The file descriptor of a pipe at this process's standard output or error; null for all other streams. */
function pipeOf(stream: LineStream): number | null {
  if (process.platform === "win32" || stream.isTTY === true || !(stream instanceof Socket)) return null;
  if (stream !== process.stdout && stream !== process.stderr) return null;
  const { fd } = stream as { fd?: unknown };
  return typeof fd === "number" ? fd : null;
}
