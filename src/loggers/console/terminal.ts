import { messageOf } from "../../support/errors.js";

/** What the console needs of a stream: `process.stdout`, any `Writable`. */
export interface LineStream {
  /** Writes `text`; calls `done` when it was written, or with the error. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** Adds the listener that keeps an error of the stream from ending the process. */
  on?(event: "error", listener: (error: Error) => void): unknown;
  /** Removes the listener for errors when the backend is closed. */
  off?(event: "error", listener: (error: Error) => void): unknown;
  /** True for a terminal: lines are colored, and clear a progress bar that they are written over. */
  readonly isTTY?: boolean | undefined;
  /** True when the stream is closed: lines are dropped and counted. */
  readonly destroyed?: boolean | undefined;
  /** True when the stream was ended: lines are dropped and counted. */
  readonly writableEnded?: boolean | undefined;
}

const CLEAR_LINE = "\r\u001b[K";

/**
 * Writes lines to a stream that may break.
 * - A broken stream (EPIPE: the reader has left) never throws, neither here nor as an uncaught `error` event: lines are
 *   dropped and counted from then on.
 * - The listener that this needs is removed by `close`.
 * - On a terminal each line clears the line it is written over, so that a progress bar there is not mixed in.
 */
export class Terminal {
  readonly isTTY: boolean;
  readonly #stream: LineStream;
  readonly #onError = (error: Error): void => {
    this.#error ??= messageOf(error);
  };
  #listening = false;
  #error: string | undefined;
  #dropped = 0;

  constructor(stream: LineStream) {
    this.#stream = stream;
    this.isTTY = stream.isTTY === true;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get error(): string | undefined {
    return this.#error;
  }

  line(text: string): void {
    if (!this.#isOpen()) {
      this.#dropped++;
      return;
    }
    this.#listen();
    try {
      this.#stream.write(this.isTTY ? `${CLEAR_LINE}${text}\n` : `${text}\n`);
    } catch (error) {
      this.#error ??= messageOf(error);
      this.#dropped++;
    }
  }

  /** Resolves when the stream has accepted what was written so far. */
  async drain(): Promise<void> {
    if (!this.#isOpen()) return;
    await new Promise<void>((resolve) => {
      try {
        this.#stream.write("", () => resolve());
      } catch (error) {
        this.#error ??= messageOf(error);
        resolve();
      }
    });
  }

  /** Drains and removes the listener; the stream itself stays open, it is the caller's. */
  async close(): Promise<void> {
    if (!this.#listening) return;
    await this.drain();
    await new Promise((resolve) => setImmediate(resolve)); // an error event follows its write's callback
    this.#stream.off?.("error", this.#onError);
    this.#listening = false;
  }

  #isOpen(): boolean {
    if (this.#error !== undefined) return false;
    if (this.#stream.destroyed !== true && this.#stream.writableEnded !== true) return true;
    this.#error = "the stream is closed";
    return false;
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#stream.on?.("error", this.#onError);
  }
}
