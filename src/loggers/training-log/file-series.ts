import type { LogFs } from "./files.js";
import type { LineBuffer } from "./line-buffer.js";
import { LogDirectory, type OpenFile } from "./log-directory.js";

interface FileSeriesOptions {
  dir: string;
  prefix: string;
  maxBytes: number;
  maxAgeMs: number;
  maxFiles: number | undefined;
  /** The time in milliseconds since 1970. */
  now: () => number;
  /** A time in milliseconds that nothing sets back. */
  elapsed: () => number;
  fs: LogFs;
  /** Gets what fails without stopping the writes: a file that cannot be made or deleted. */
  onProblem: (error: unknown) => void;
  /** Gets the name of a file that was deleted while it was written. */
  onDeleted: (path: string) => void;
}

const NOTHING = Buffer.alloc(0);

/** A part of a line, or of the line feed that ends one which a crash cut off: it must follow in the same file. */
interface Rest {
  bytes: Buffer;
  /** The whole line, for another file; null for a line feed. */
  readonly line: Buffer | null;
  /** Records that the line holds. */
  readonly records: number;
}

/**
 * The files of one prefix in a directory: writes lines to the current one, begins the next, deletes the oldest.
 * - No line is split over two files; one that the disk took only in part is completed in its file.
 * - A file that was deleted, moved or replaced meanwhile is left, and the lines go on at its path; one that was cut, at its new end.
 * - Files of other names are neither counted nor deleted.
 * - Methods that write throw what the file system throws; what was written until then is counted.
 */
export class FileSeries {
  readonly #options: FileSeriesOptions;
  readonly #fs: LogFs;
  readonly #directory: LogDirectory;
  #file: OpenFile | null = null;
  #index = 1;
  #bytes = 0;
  #openedAt = 0;
  #rest: Rest | null = null;
  #written = 0;
  #reopened = 0;

  constructor(options: FileSeriesOptions) {
    this.#options = options;
    this.#fs = options.fs;
    this.#directory = new LogDirectory(options.dir, options.prefix, options.fs);
  }

  /** The current file. */
  get path(): string {
    return this.#directory.pathOf(this.#index);
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Records in the whole lines written so far. */
  get written(): number {
    return this.#written;
  }

  /** How often the current file was deleted, moved or replaced by others. */
  get reopened(): number {
    return this.#reopened;
  }

  /** True while the file ends in a part of a line, or of the line feed that ends one which a crash cut off. */
  get isMidLine(): boolean {
    return this.#rest !== null;
  }

  /** Records of a line of which only a part is written. */
  get unfinished(): number {
    return this.#rest?.records ?? 0;
  }

  /** Makes the directory, and opens the newest file or a first one. */
  open(): void {
    this.#use(this.#directory.openNewest(1));
  }

  /** Finds out what others did to the current file; opens it again where its path leads elsewhere. Called before lines are written. */
  follow(): void {
    const file = this.#file;
    const size = file === null ? undefined : this.#directory.sizeOf(file);
    if (file === null || size === undefined) return;
    if (size >= this.#bytes) {
      this.#bytes = size;
      return;
    }
    const { line = null, records = 0 } = this.#rest ?? {};
    if (size >= 0) this.#use({ ...file, size });
    else this.#reopen(file);
    if (line !== null) this.#rest = { bytes: Buffer.concat([this.#rest?.bytes ?? NOTHING, line]), line, records };
  }

  /** Completes a line that was cut off. A short count comes without an error: the next write throws what is wrong. */
  writeRest(): void {
    while (this.#rest !== null) {
      const { bytes, records } = this.#rest;
      const written = this.#write(bytes);
      if (written < bytes.length) this.#rest.bytes = bytes.subarray(written);
      else {
        this.#rest = null;
        this.#written += records;
      }
    }
  }

  /** Moves the lines of `buffer` that fit into the current file there, after beginning a new one where it is full or old. */
  writeSome(buffer: LineBuffer): void {
    const { maxBytes, maxAgeMs, elapsed } = this.#options;
    const isOld = this.#bytes > 0 && elapsed() - this.#openedAt >= maxAgeMs;
    let batch = isOld ? null : buffer.peek(maxBytes - this.#bytes, this.#bytes === 0);
    if (batch === null || batch.lines === 0) {
      this.#rotate();
      this.writeRest();
      batch = buffer.peek(maxBytes - this.#bytes, true);
    }
    const { lines, bytes } = batch;
    const written = this.#write(bytes);
    if (written >= bytes.length) this.#written += buffer.drop(lines);
    else this.#keepRest(buffer, bytes, written);
  }

  close(): void {
    const file = this.#file;
    this.#file = null;
    this.#rest = null;
    if (file !== null) this.#fs.closeSync(file.fd);
  }

  #write(bytes: Buffer): number {
    const written = this.#fs.writeSync((this.#file as OpenFile).fd, bytes, 0, bytes.length);
    this.#bytes += written;
    return written;
  }

  /** Takes the lines that `written` bytes reach into out of `buffer`, and completes the last of them. */
  #keepRest(buffer: LineBuffer, bytes: Buffer, written: number): void {
    let lines = 0;
    let begin = 0;
    let end = 0;
    while (end < written) {
      begin = end;
      end = bytes.indexOf(10, end) + 1;
      lines++;
    }
    this.#written += buffer.drop(end > written ? lines - 1 : lines);
    if (end === written) return;
    const line = Buffer.from(bytes.subarray(begin, end));
    this.#rest = { bytes: Buffer.from(bytes.subarray(written, end)), line, records: buffer.drop(1) };
    this.writeRest();
  }

  #reopen(file: OpenFile): void {
    const { path } = this;
    const isDeleted = this.#directory.isDeleted(file);
    this.#replace(this.#directory.openNewest(this.#index));
    this.#reopened++;
    if (isDeleted) this.#options.onDeleted(path);
  }

  /** Continues in a new file. Where none can be made, the old one is used for another `maxAgeMs` and the error is reported. */
  #rotate(): void {
    const { maxFiles, onProblem, elapsed } = this.#options;
    try {
      this.#replace(this.#directory.open(this.#index + 1));
    } catch (error) {
      onProblem(error);
      this.#openedAt = elapsed();
      return;
    }
    if (maxFiles === undefined) return;
    try {
      this.#directory.keepNewest(maxFiles, this.#index);
    } catch (error) {
      onProblem(error);
    }
  }

  #replace(file: OpenFile): void {
    const old = this.#file;
    this.#use(file);
    if (old !== null) this.#fs.closeSync(old.fd);
  }

  #use(file: OpenFile): void {
    const { now, elapsed } = this.#options;
    this.#file = file;
    this.#index = file.index;
    this.#bytes = file.size;
    this.#openedAt = elapsed() - (file.size === 0 ? 0 : Math.max(0, now() - file.bornAt));
    this.#rest = null;
    if (file.size === 0) return;
    const last = new Uint8Array(1);
    this.#fs.readSync(file.fd, last, 0, 1, file.size - 1);
    if (last[0] !== 10) this.#rest = { bytes: Buffer.from("\n"), line: null, records: 0 }; // ends what a crash cut off
  }
}
