import { join } from "node:path";
import { fileIndices, fileName, type LogFs } from "./files.js";
import type { LineBuffer } from "./line-buffer.js";

interface FileSeriesOptions {
  dir: string;
  prefix: string;
  maxBytes: number;
  maxAgeMs: number;
  maxFiles: number | undefined;
  now: () => number;
  fs: LogFs;
  /** Gets what fails without stopping the writes: a file that cannot be made or deleted. */
  onProblem: (error: unknown) => void;
}

/**
 * The files of one prefix in a directory: writes lines to the current one, begins the next, deletes the oldest.
 * - No line is split over two files; one that the disk took only in part is completed in its file.
 * - Files of other names are neither counted nor deleted.
 * - Methods that write throw what the file system throws; what was written until then is counted.
 */
export class FileSeries {
  readonly #options: FileSeriesOptions;
  readonly #fs: LogFs;
  #fd = -1;
  #index = 0;
  #bytes = 0;
  #openedAt = 0;
  /** What is left of a line that the disk took only in part: it must follow in the same file. */
  #rest: Buffer | null = null;
  #restIsLine = false;
  #written = 0;

  constructor(options: FileSeriesOptions) {
    this.#options = options;
    this.#fs = options.fs;
  }

  /** The current file. */
  get path(): string {
    return this.#pathOf(this.#index);
  }

  get isOpen(): boolean {
    return this.#fd !== -1;
  }

  /** Whole lines written so far. */
  get written(): number {
    return this.#written;
  }

  /** True while the file ends in a part of a line, or of the line feed that ends one which a crash cut off. */
  get isMidLine(): boolean {
    return this.#rest !== null;
  }

  /** Lines of which only a part is written: 0 or 1. */
  get unfinishedLines(): number {
    return this.#rest !== null && this.#restIsLine ? 1 : 0;
  }

  /** Makes the directory, and opens the newest file or a first one. */
  open(): void {
    const { dir, prefix } = this.#options;
    this.#fs.mkdirSync(dir, { recursive: true });
    const newest = fileIndices(this.#fs.readdirSync(dir), prefix).at(-1) ?? 1;
    this.#use(this.#fs.openSync(this.#pathOf(newest), "a+", 0o644), newest);
    if (this.#bytes === 0) return;
    const last = new Uint8Array(1);
    this.#fs.readSync(this.#fd, last, 0, 1, this.#bytes - 1);
    if (last[0] !== 10) this.#rest = Buffer.from("\n"); // ends what a crash cut off
  }

  /** Completes a line that was cut off. A short count comes without an error: the next write throws what is wrong. */
  writeRest(): void {
    while (this.#rest !== null) {
      const written = this.#fs.writeSync(this.#fd, this.#rest, 0, this.#rest.length);
      this.#bytes += written;
      this.#rest = written >= this.#rest.length ? null : this.#rest.subarray(written);
      if (this.#rest === null && this.#restIsLine) this.#written++;
    }
  }

  /** Moves the lines of `buffer` that fit into the current file there, after beginning a new one where it is full or old. */
  writeSome(buffer: LineBuffer): void {
    const { maxBytes, maxAgeMs, now } = this.#options;
    const isOld = this.#bytes > 0 && now() - this.#openedAt >= maxAgeMs;
    let batch = isOld ? null : buffer.peek(maxBytes - this.#bytes, this.#bytes === 0);
    if (batch === null || batch.lines === 0) {
      this.#rotate();
      batch = buffer.peek(maxBytes - this.#bytes, true);
    }
    const { lines, bytes } = batch;
    const written = this.#fs.writeSync(this.#fd, bytes, 0, bytes.length);
    this.#bytes += written;
    if (written >= bytes.length) {
      buffer.drop(lines);
      this.#written += lines;
    } else this.#keepRest(buffer, bytes, written);
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    this.#rest = null;
    this.#fs.closeSync(fd);
  }

  /** Takes the lines that `written` bytes reach into out of `buffer`, and completes the last of them. */
  #keepRest(buffer: LineBuffer, bytes: Buffer, written: number): void {
    let lines = 0;
    let end = 0;
    while (end < written) {
      end = bytes.indexOf(10, end) + 1;
      lines++;
    }
    buffer.drop(lines);
    this.#written += end > written ? lines - 1 : lines;
    this.#rest = end > written ? Buffer.from(bytes.subarray(written, end)) : null;
    this.#restIsLine = true;
    this.writeRest();
  }

  /** Continues in a new file. Where none can be made, the old one is used for another `maxAgeMs` and the error is reported. */
  #rotate(): void {
    const index = this.#index + 1;
    let fd: number;
    try {
      fd = this.#fs.openSync(this.#pathOf(index), "a", 0o644);
    } catch (error) {
      this.#options.onProblem(error);
      this.#openedAt = this.#options.now();
      return;
    }
    const old = this.#fd;
    this.#use(fd, index);
    this.#fs.closeSync(old);
    this.#deleteOld();
  }

  #deleteOld(): void {
    const { dir, prefix, maxFiles, onProblem } = this.#options;
    if (maxFiles === undefined) return;
    try {
      const indices = fileIndices(this.#fs.readdirSync(dir), prefix);
      for (const index of indices.slice(0, Math.max(0, indices.length - maxFiles))) {
        if (index !== this.#index) this.#fs.unlinkSync(this.#pathOf(index));
      }
    } catch (error) {
      onProblem(error);
    }
  }

  #use(fd: number, index: number): void {
    const { size, birthtimeMs, mtimeMs } = this.#fs.fstatSync(fd);
    this.#fd = fd;
    this.#index = index;
    this.#bytes = size;
    this.#openedAt = size === 0 ? this.#options.now() : birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
  }

  #pathOf(index: number): string {
    return join(this.#options.dir, fileName(this.#options.prefix, index));
  }
}
