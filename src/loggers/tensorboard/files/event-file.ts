import { messageOf, type TrainscopeError } from "../../../support/errors.js";
import { uptime } from "../../../support/uptime.js";
import { maskedCrc32c } from "./crc32c.js";
import { DiskFile } from "./disk-file.js";
import { nodeFs, type EventFs } from "./event-fs.js";
import { logError } from "./log-error.js";
import { FOOTER_BYTES, HEADER_BYTES, sealRecord } from "./record.js";

interface EventFileOptions {
  dir: string;
  flushIntervalMs: number;
  maxQueueBytes: number;
  /** Set when readers must drop their points from this step on. */
  resumeStep: number | undefined;
  onError: (error: TrainscopeError) => void;
  fs?: EventFs | undefined;
}

const WRITE_AT_BYTES = 256 * 1024;
const RETRY_INTERVAL_MS = 1000;

/**
 * The one event file that a run directory is written to, behind a buffer.
 * - Order: records reach the disk in the order of `open`. None is split over two files.
 * - Durability: buffered records are written when `flushIntervalMs` have passed (checked with every record, and by a timer that
 *   keeps no process alive), at 256 KiB, at `flush` and at `close`. A write survives the death of this process, not of the
 *   machine.
 * - Errors: nothing throws. A failing disk is reported once and retried each second; meanwhile records are kept up to
 *   `maxQueueBytes`, then new ones are dropped and counted. When the file was deleted, moved or cut by others (looked for at each
 *   write, at `flush` and at `close`), a new one is created for further records, and those that were lost with it are counted.
 * - Intervals are measured by a monotonic clock.
 */
export class EventFile {
  /** The buffer in which `open` reserved space. Read it after `open`, which may replace it. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(WRITE_AT_BYTES + 4096);
  /** A view of `bytes`. */
  view: DataView = new DataView(this.bytes.buffer);
  readonly #options: EventFileOptions;
  readonly #disk: DiskFile;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#write(uptime());
    if (this.#length > 0) this.#startTimer(RETRY_INTERVAL_MS);
  };
  /** Bytes in the buffer. */
  #length = 0;
  /** Bytes at the buffer's start that are on the disk: after a failure, less than one record. */
  #writtenBytes = 0;
  /** Of each record in the buffer, how many points it holds; what is behind the last of them is of earlier ones. */
  #points: number[] = [];
  #records = 0;
  #pending = 0;
  #delivered = 0;
  #dropped = 0;
  /** Delivered points that are in the open file. */
  #pointsInFile = 0;
  #timer: NodeJS.Timeout | undefined;
  #writtenAt = -Infinity;
  #failedAt = -Infinity;
  #isFailing = false;
  #error: string | undefined;
  #isClosed = false;

  constructor(options: EventFileOptions) {
    this.#options = options;
    this.#disk = new DiskFile(options.dir, options.resumeStep, options.fs ?? nodeFs);
  }

  /** Points on the disk; a record that holds no scalars is one. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Points in the buffer. */
  get pending(): number {
    return this.#pending;
  }

  /** Points that were lost. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why the disk fails, or why records were lost. */
  get error(): string | undefined {
    return this.#isFailing || this.#dropped > 0 ? this.#error : undefined;
  }

  /** Reserves space for a record of `points` with `size` bytes of data; where the data begins in `bytes`, or -1 when it is dropped. */
  open(size: number, points: number = 1): number {
    const end = this.#length + HEADER_BYTES + size + FOOTER_BYTES;
    if (end > this.bytes.length || this.#isClosed) return this.#openInMore(size, points);
    return this.#length + HEADER_BYTES;
  }

  /** Frames the record of `points` whose data ends at `end` and has the masked CRC `crc`, and writes the buffer when that is due. */
  seal(end: number, crc: number, points: number = 1): void {
    sealRecord(this.view, this.#length, end, crc);
    this.#length = end + FOOTER_BYTES;
    this.#points[this.#records++] = points;
    this.#pending += points;
    const now = uptime();
    if (this.#length >= WRITE_AT_BYTES || now - this.#writtenAt >= this.#options.flushIntervalMs) this.#write(now);
    if (this.#timer === undefined && this.#length > 0) this.#startTimer(this.#options.flushIntervalMs);
  }

  /** Adds one record. */
  append(data: Uint8Array): void {
    const start = this.open(data.length);
    if (start === -1) return;
    this.bytes.set(data, start);
    this.seal(start + data.length, maskedCrc32c(data, 0, data.length));
  }

  /** Counts records that were lost before they were added, and reports why. */
  countLost(records: number, message: string): void {
    this.#dropped += records;
    this.#report(message, undefined);
  }

  /** Writes the buffer, also right after a failure of the disk; what the disk does not accept stays pending. */
  flush(): void {
    this.#failedAt = -Infinity;
    if (this.#length > 0) return this.#write(uptime());
    try {
      this.#countDamage();
    } catch (error) {
      this.#fail(error, uptime());
    }
  }

  /** Flushes and closes; records that the disk still refuses are counted as dropped. */
  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#dropped += this.#pending;
    this.#pending = 0;
    this.#records = 0;
    this.#length = 0;
    this.#closeFile();
  }

  #openInMore(size: number, points: number): number {
    const record = HEADER_BYTES + size + FOOTER_BYTES;
    if (!this.#isClosed && this.#length > 0) this.#write(uptime());
    const end = this.#length + record;
    if (this.#isClosed || (this.#length > 0 && end > this.#options.maxQueueBytes)) {
      this.#dropped += points;
      return -1;
    }
    if (end > this.bytes.length) this.#resize(Math.max(end, Math.min(this.bytes.length * 2, this.#options.maxQueueBytes)));
    return this.#length + HEADER_BYTES;
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.#length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  #startTimer(afterMs: number): void {
    this.#timer = setTimeout(this.#onTimer, afterMs);
    this.#timer.unref();
  }

  #write(now: number): void {
    if (this.#isClosed || this.#length === 0) return;
    if (this.#isFailing && now - this.#failedAt < RETRY_INTERVAL_MS) return;
    this.#writtenAt = now;
    try {
      this.#countDamage();
      if (!this.#disk.isOpen) this.#disk.create();
      while (this.#writtenBytes < this.#length) {
        this.#writtenBytes += this.#disk.write(this.bytes, this.#writtenBytes, this.#length - this.#writtenBytes);
      }
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error, now);
    }
    this.#discardWritten();
  }

  /** The records of a damaged file are lost; one that was written in part is written whole to the next file. */
  #countDamage(): void {
    const damage = this.#disk.damage();
    if (damage === null) return;
    const lost = this.#pointsInFile;
    this.#delivered -= lost;
    this.#dropped += lost;
    this.#pointsInFile = 0;
    this.#writtenBytes = 0;
    this.#closeFile();
    this.#report(`${this.#disk.path} ${damage}, and ${lost} records with it. Records continue in a new file.`, undefined);
  }

  /** Removes whole records that are on the disk from the buffer; one that is there in part stays. */
  #discardWritten(): void {
    const { records, end: start } =
      this.#writtenBytes === this.#length ? { records: this.#records, end: this.#length } : this.#wholeWritten();
    if (records === 0) return;
    const points = this.#takePoints(records);
    this.#pending -= points;
    this.#pointsInFile += points;
    this.#delivered += points;
    this.bytes.copyWithin(0, start, this.#length);
    this.#length -= start;
    this.#writtenBytes -= start;
    if (this.#length > 0 || this.bytes.length <= WRITE_AT_BYTES * 8) return;
    this.#resize(WRITE_AT_BYTES + 4096);
    this.#points = [];
  }

  /** The points of the first `records` of the buffer, which leave it. */
  #takePoints(records: number): number {
    let points = 0;
    for (let record = 0; record < records; record++) points += this.#points[record] as number;
    this.#points.copyWithin(0, records, this.#records);
    this.#records -= records;
    return points;
  }

  #wholeWritten(): { records: number; end: number } {
    for (let records = 0, start = 0; ; records++) {
      const end = start + HEADER_BYTES + this.view.getUint32(start, true) + FOOTER_BYTES;
      if (end > this.#writtenBytes) return { records, end: start };
      start = end;
    }
  }

  #fail(error: unknown, now: number): void {
    this.#failedAt = now;
    if (this.#isFailing) return;
    this.#isFailing = true;
    const found = `The event file in ${this.#options.dir} could not be written: ${messageOf(error)}.`;
    this.#report(`${found} Records are kept in memory, and the write is retried each second.`, error);
  }

  #report(message: string, cause: unknown): void {
    const error = logError(message, { cause });
    this.#error = error.detail;
    this.#options.onError(error);
  }

  #closeFile(): void {
    const problem = this.#disk.close();
    if (problem !== null) this.#error = problem;
  }
}
