/**
 * A log of lines in files that rotate by size and age.
 * - Order: lines reach the disk in the order of `append`. No line is split over two files; a line larger than
 *   `maxBytes` gets a file of its own.
 * - Durability: while lines are few (200 a second, and 200 in reserve) a line survives the death of this process when
 *   `append` returns. In a burst lines are gathered, and written at the next turn of the event loop; in a loop that
 *   never turns, with the first line after 5 ms; at `maxBufferedLines`; with an urgent line; at `flush` and `close`.
 *   Lines are not synced: the death of the machine may take the last ones.
 * - A reopened log begins on a new line, also after a line that was cut off.
 * - Errors: a failing disk never throws into training. It is reported once, lines are kept up to `maxPendingBytes` and
 *   tried again; past that the oldest go, and are counted. Only the constructor throws.
 */
import { join } from "node:path";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { fileIndices, fileName, nodeFs, type LogFs } from "./files.js";
import { LineBuffer } from "./line-buffer.js";
import { TokenBucket } from "./token-bucket.js";

export interface RotatingFileOptions {
  dir: string;
  /** Default "training". */
  prefix?: string | undefined;
  /** Default 64 MiB. */
  maxBytes?: number | undefined;
  /** Default 24 h. */
  maxAgeMs?: number | undefined;
  /** Older files are deleted. Default: all are kept. */
  maxFiles?: number | undefined;
  /** Lines gathered in a burst. Default 1000. */
  maxBufferedLines?: number | undefined;
  /** How long a failing disk is left alone before it is tried again. Default 1000. */
  retryIntervalMs?: number | undefined;
  /** Lines kept while the disk fails. Default 8 MiB. */
  maxPendingBytes?: number | undefined;
  /** Called once, at the first error. */
  onError?: ((error: TrainscopeError) => void) | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
  fs?: LogFs | undefined;
}

const DAY_MS = 86_400_000;
/** Lines a second that are written at once, each with what waits before it; a write takes about 2 µs. */
const DIRECT_LINES_PER_SECOND = 200;

export class RotatingFile {
  readonly #dir: string;
  readonly #prefix: string;
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;
  readonly #maxFiles: number;
  readonly #maxBufferedLines: number;
  readonly #retryIntervalMs: number;
  readonly #onError: ((error: TrainscopeError) => void) | undefined;
  readonly #now: () => number;
  readonly #fs: LogFs;
  readonly #buffer: LineBuffer;
  readonly #direct: TokenBucket;
  readonly #onTurn = (): void => {
    this.#turn = undefined;
    this.flush();
  };
  #turn: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #fd = -1;
  #index = 0;
  #fileBytes = 0;
  #openedAt = 0;
  /** What is left of a line that the disk took only in part: it must follow in the same file. */
  #rest: Buffer | null = null;
  #restIsLine = false;
  #failedAt = 0;
  #failing = false;
  #written = 0;
  #dropped = 0;
  #error: string | undefined;
  #closed = false;

  /** Opens the newest file, or a first one. Throws `ERR_LOG` when that fails. */
  constructor(options: RotatingFileOptions) {
    this.#dir = options.dir;
    this.#prefix = options.prefix ?? "training";
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#maxAgeMs = options.maxAgeMs ?? DAY_MS;
    this.#maxFiles = options.maxFiles ?? Infinity;
    this.#maxBufferedLines = options.maxBufferedLines ?? 1000;
    this.#retryIntervalMs = options.retryIntervalMs ?? 1000;
    this.#onError = options.onError;
    this.#now = options.now ?? Date.now;
    this.#fs = options.fs ?? nodeFs;
    this.#buffer = new LineBuffer(options.maxPendingBytes ?? 8 * 1024 * 1024);
    this.#direct = new TokenBucket(DIRECT_LINES_PER_SECOND, this.#now());
    try {
      this.#fs.mkdirSync(this.#dir, { recursive: true });
      this.#openNewest();
    } catch (error) {
      throw this.#logError(`The training log in ${this.#dir} could not be opened: ${messageOf(error)}.`, error);
    }
  }

  /** The current file. */
  get path(): string {
    return join(this.#dir, fileName(this.#prefix, this.#index));
  }

  get written(): number {
    return this.#written;
  }

  get pending(): number {
    return this.#buffer.lines;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get error(): string | undefined {
    return this.#error;
  }

  /** Takes one line, with its line feed. An urgent one is written at once, and what waits before it. */
  append(line: string, urgent: boolean): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    const now = this.#now();
    this.#dropped += this.#buffer.push(line);
    if (this.#failing) {
      if (now - this.#failedAt >= this.#retryIntervalMs || now < this.#failedAt) this.flush();
      return;
    }
    if (urgent || this.#direct.take(now) || this.#buffer.lines >= this.#maxBufferedLines) this.flush();
    else this.#turn ??= setImmediate(this.#onTurn);
  }

  /** Writes what waits. Returns false when the disk did not take all of it. */
  flush(): boolean {
    this.#cancelTurn();
    if (this.#fd === -1) return this.#buffer.lines === 0;
    try {
      this.#writeRest();
      while (this.#buffer.lines > 0) this.#writeSome();
      this.#failing = false;
    } catch (error) {
      this.#fail(error);
    }
    return this.#buffer.lines === 0 && this.#rest === null;
  }

  /** Flushes and closes; lines that the disk still refuses are counted as dropped. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#cancelTurn();
    clearTimeout(this.#retry);
    this.#dropped += this.#buffer.lines + (this.#rest !== null && this.#restIsLine ? 1 : 0);
    this.#buffer.drop(this.#buffer.lines);
    try {
      this.#fs.closeSync(this.#fd);
    } catch (error) {
      this.#fail(error);
    }
    this.#fd = -1;
  }

  /** Finishes a line that was cut off. Short counts come without an error: the next call tells what is wrong. */
  #writeRest(): void {
    while (this.#rest !== null) {
      const written = this.#fs.writeSync(this.#fd, this.#rest, 0, this.#rest.length);
      this.#fileBytes += written;
      this.#rest = written >= this.#rest.length ? null : this.#rest.subarray(written);
      if (this.#rest === null && this.#restIsLine) this.#written++;
    }
  }

  /** Writes the lines that fit into the current file, after rotating where it is full or old. */
  #writeSome(): void {
    const isOld = this.#fileBytes > 0 && this.#now() - this.#openedAt >= this.#maxAgeMs;
    let batch = isOld ? null : this.#buffer.peek(this.#maxBytes - this.#fileBytes, this.#fileBytes === 0);
    if (batch === null || batch.lines === 0) {
      this.#rotate();
      batch = this.#buffer.peek(this.#maxBytes - this.#fileBytes, true);
    }
    const written = this.#fs.writeSync(this.#fd, batch.bytes, 0, batch.bytes.length);
    this.#fileBytes += written;
    if (written >= batch.bytes.length) this.#advance(batch.lines);
    else this.#advancePartly(batch.bytes, written);
  }

  #advance(lines: number): void {
    this.#buffer.drop(lines);
    this.#written += lines;
  }

  #advancePartly(bytes: Buffer, written: number): void {
    let lines = 0;
    let end = 0;
    while (end < written) {
      end = bytes.indexOf(10, end) + 1;
      lines++;
    }
    this.#buffer.drop(lines);
    this.#written += end > written ? lines - 1 : lines;
    this.#rest = end > written ? Buffer.from(bytes.subarray(written, end)) : null;
    this.#restIsLine = true;
    this.#writeRest();
  }

  /** Goes on in a new file. Where none can be made, the old one goes on and the error is reported. */
  #rotate(): void {
    const index = this.#index + 1;
    let fd: number;
    try {
      fd = this.#fs.openSync(join(this.#dir, fileName(this.#prefix, index)), "a", 0o644);
    } catch (error) {
      this.#report(error);
      this.#openedAt = this.#now();
      return;
    }
    const old = this.#fd;
    this.#use(fd, index);
    this.#fs.closeSync(old);
    this.#deleteOld();
  }

  #deleteOld(): void {
    if (this.#maxFiles === Infinity) return;
    try {
      const indices = fileIndices(this.#fs.readdirSync(this.#dir), this.#prefix);
      for (const index of indices.slice(0, Math.max(0, indices.length - this.#maxFiles))) {
        if (index !== this.#index) this.#fs.unlinkSync(join(this.#dir, fileName(this.#prefix, index)));
      }
    } catch (error) {
      this.#report(error);
    }
  }

  #openNewest(): void {
    const newest = fileIndices(this.#fs.readdirSync(this.#dir), this.#prefix).at(-1) ?? 1;
    this.#use(this.#fs.openSync(join(this.#dir, fileName(this.#prefix, newest)), "a+", 0o644), newest);
    if (this.#fileBytes === 0) return;
    const last = new Uint8Array(1);
    this.#fs.readSync(this.#fd, last, 0, 1, this.#fileBytes - 1);
    if (last[0] !== 10) this.#rest = Buffer.from("\n"); // ends what a crash cut off
  }

  #use(fd: number, index: number): void {
    const { size, birthtimeMs, mtimeMs } = this.#fs.fstatSync(fd);
    this.#fd = fd;
    this.#index = index;
    this.#fileBytes = size;
    this.#openedAt = size === 0 ? this.#now() : birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
  }

  #fail(error: unknown): void {
    this.#failing = true;
    this.#failedAt = this.#now();
    this.#report(error);
    if (this.#closed || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.flush();
    }, this.#retryIntervalMs);
    this.#retry.unref();
  }

  #report(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = messageOf(error);
    const message = `The training log ${this.path} could not be written: ${this.#error}.\nLines are kept and tried again; training goes on.`;
    try {
      this.#onError?.(this.#logError(message, error));
    } catch {
      // The listener's own fault must not reach the caller of a log method.
    }
  }

  #logError(message: string, cause: unknown): TrainscopeError {
    return new TrainscopeError("ERR_LOG", message, { path: this.#dir, cause });
  }

  #cancelTurn(): void {
    if (this.#turn === undefined) return;
    clearImmediate(this.#turn);
    this.#turn = undefined;
  }
}
