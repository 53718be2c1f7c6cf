import { parseConfig } from "../../config/problems.js";
import { messageOf, TrainscopeError } from "../../support/errors.js";
import { guardedListener } from "../../support/guarded-listener.js";
import { userPath } from "../../support/user-path.js";
import { FileSeries } from "./file-series.js";
import { LineBuffer } from "./line-buffer.js";
import { RotatingFileOptions } from "./options.js";
import { TokenBucket } from "./token-bucket.js";

/** Lines a second that are written at once, each with what waits before it; a write takes about 2 µs. */
const DIRECT_LINES_PER_SECOND = 200;

/**
 * A log of lines in files that rotate by size and age.
 * - Order: lines reach the disk in the order of `append`. No line is split over two files; a line larger than
 *   `maxBytes` has a file of its own.
 * - Durability: while lines are few (200 a second, and 200 in reserve) a line survives the death of this process when
 *   `append` returns. In a burst lines are gathered, and written at the next turn of the event loop; in a loop that
 *   never yields, with the first line after 5 ms; at `maxBufferedLines`; with an urgent line; at `flush` and `close`.
 *   Lines are not synced: the death of the machine may lose the last ones.
 * - A reopened log begins on a new line, also after a line that was cut off.
 * - A file that is deleted, moved or replaced while it is open is made again, with its directory, before the next lines are written;
 *   a deletion is reported once and counted in `error`. `reopened` counts all three.
 * - Errors: a failing disk never throws into training. It is reported once, lines are kept up to `maxPendingBytes` and
 *   retried; past that the oldest are dropped and counted. Only the constructor throws.
 */
export class RotatingFile {
  readonly #dir: string;
  readonly #maxBufferedLines: number;
  readonly #retryIntervalMs: number;
  readonly #onError: (error: TrainscopeError) => void;
  readonly #elapsed: () => number;
  readonly #files: FileSeries;
  readonly #buffer: LineBuffer;
  readonly #direct: TokenBucket;
  readonly #onTurn = (): void => {
    this.#turn = undefined;
    this.flush();
  };
  #turn: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failedAt = 0;
  #failing = false;
  #dropped = 0;
  #error: string | undefined;
  #deletions = 0;
  #firstDeleted = "";
  #closed = false;

  /** Opens the newest file, or a first one. Throws `ERR_CONFIG` for wrong options and `ERR_LOG` when the files cannot be opened. */
  constructor(options: RotatingFileOptions) {
    const parsed = parseConfig(RotatingFileOptions, options, "RotatingFile");
    const { prefix, maxBytes, maxAgeMs, maxFiles, now, elapsed, fs } = parsed;
    const dir = userPath(parsed.dir);
    this.#dir = dir;
    this.#maxBufferedLines = parsed.maxBufferedLines;
    this.#retryIntervalMs = parsed.retryIntervalMs;
    this.#onError = guardedListener(parsed.onError);
    this.#elapsed = elapsed;
    this.#buffer = new LineBuffer(parsed.maxPendingBytes);
    this.#direct = new TokenBucket(DIRECT_LINES_PER_SECOND, elapsed());
    const onProblem = (error: unknown): void => this.#report(error);
    const onDeleted = (path: string): void => this.#reportDeleted(path);
    this.#files = new FileSeries({ dir, prefix, maxBytes, maxAgeMs, maxFiles, now, elapsed, fs, onProblem, onDeleted });
    try {
      this.#files.open();
    } catch (error) {
      throw this.#logError(`The training log in ${this.#dir} could not be opened: ${messageOf(error)}.`, error);
    }
  }

  /** The absolute name of the file that is written now; it changes at each rotation. */
  get path(): string {
    return this.#files.path;
  }

  /** Records in the whole lines written so far. */
  get written(): number {
    return this.#files.written;
  }

  /** Records in the lines that wait in memory. */
  get pending(): number {
    return this.#buffer.records;
  }

  /** Records in the lines that were lost: the disk failed for too long, or they came after `close`. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How often the file was deleted, moved or replaced by others while it was open, and made again. */
  get reopened(): number {
    return this.#files.reopened;
  }

  /** The message of the first failure, else how often a file was deleted while it was written; undefined where neither was. */
  get error(): string | undefined {
    if (this.#error !== undefined || this.#deletions === 0) return this.#error;
    const times = this.#deletions === 1 ? "" : ` (${this.#deletions} deletions)`;
    return `${this.#firstDeleted} was deleted while it was written${times}`;
  }

  /**
   * Logs one line, which counts as `records`; a line feed is added where it has none at its end. An urgent one is written at once, with what
   * waits before it. Never throws.
   */
  append(line: string, urgent: boolean, records: number = 1): void {
    if (this.#closed) {
      this.#dropped += records;
      return;
    }
    const now = this.#elapsed();
    this.#dropped += this.#buffer.push(line.endsWith("\n") ? line : `${line}\n`, records);
    if (this.#failing) {
      if (now - this.#failedAt >= this.#retryIntervalMs) this.flush();
      return;
    }
    if (urgent || this.#direct.consume(now) || this.#buffer.lines >= this.#maxBufferedLines) this.flush();
    else this.#turn ??= setImmediate(this.#onTurn);
  }

  /** Writes what waits. Returns false when the disk did not accept all of it. */
  flush(): boolean {
    this.#cancelTurn();
    if (!this.#files.isOpen) return this.#buffer.lines === 0;
    if (this.#buffer.lines === 0 && !this.#files.isMidLine) return true;
    try {
      this.#files.follow();
      this.#files.writeRest();
      while (this.#buffer.lines > 0) this.#files.writeSome(this.#buffer);
      this.#failing = false;
    } catch (error) {
      this.#fail(error);
    }
    return this.#buffer.lines === 0 && !this.#files.isMidLine;
  }

  /** Flushes and closes the file; lines that the disk still refuses are counted as dropped. A second call changes nothing. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#cancelTurn();
    clearTimeout(this.#retry);
    this.#dropped += this.#buffer.drop(this.#buffer.lines) + this.#files.unfinished;
    try {
      this.#files.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failing = true;
    this.#failedAt = this.#elapsed();
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
    const message = `The training log ${this.path} could not be written: ${this.#error}.\nLines are kept and retried; training continues.`;
    this.#onError(this.#logError(message, error));
  }

  #reportDeleted(path: string): void {
    if (this.#deletions++ > 0) return;
    this.#firstDeleted = path;
    const message = `The training log ${path} was deleted while it was written: its lines are gone.\nIt is made again; training continues.`;
    this.#onError(this.#logError(message, undefined));
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
