/**
 * The one event file that a run directory is written to, behind a buffer.
 * - Order: records reach the disk in the order of `open`. None is split over two files.
 * - Durability: what waits is written when `flushIntervalMs` have passed (looked at with every record, and by a timer that
 *   keeps no process alive), at 256 KiB, at `flush` and at `close`. A write survives the death of this process, not of the
 *   machine.
 * - Errors: nothing throws. A failing disk is reported once and tried again; meanwhile records are kept up to
 *   `maxQueueBytes`, then new ones are dropped and counted. When the file was deleted, a new one goes on, and the records
 *   that went with it are counted.
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { messageOf, TrainscopeError } from "../../../support/errors.js";
import { maskedCrc32c } from "./crc32c.js";
import { nodeFs, type EventFs } from "./event-fs.js";
import { fileVersionEvent, sessionStartEvent } from "./events.js";
import { isEventFile, nextFileName } from "./file-name.js";
import { FOOTER_BYTES, frameRecord, HEADER_BYTES, sealRecord } from "./record.js";

export interface EventFileOptions {
  dir: string;
  flushIntervalMs: number;
  maxQueueBytes: number;
  /** Written with the session's start: set when points at this step and later are to be forgotten. */
  resumeStep: number | undefined;
  onError: (error: TrainscopeError) => void;
  fs?: EventFs | undefined;
}

const WRITE_AT_BYTES = 256 * 1024;
const RETRY_INTERVAL_MS = 1000;
let filesOpened = 0;

export class EventFile {
  /** The buffer that `open` made room in. Read it after `open`: it may have been replaced. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(WRITE_AT_BYTES + 4096);
  view: DataView = new DataView(this.bytes.buffer);
  readonly #options: EventFileOptions;
  readonly #fs: EventFs;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#write(Date.now());
    if (this.#length > 0) this.#arm(RETRY_INTERVAL_MS);
  };
  #length = 0;
  /** Bytes at the buffer's start that the disk has taken: less than one record, after a failure. */
  #taken = 0;
  #waiting = 0;
  #inFile = 0;
  #dropped = 0;
  #written = 0;
  #fd = -1;
  #path: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writtenAt = 0;
  #failedAt = 0;
  #failing = false;
  #error: string | undefined;
  #sessions = 0;
  #closed = false;

  constructor(options: EventFileOptions) {
    this.#options = options;
    this.#fs = options.fs ?? nodeFs;
  }

  /** The current file, once there is one. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Records in the file. */
  get written(): number {
    return this.#written;
  }

  get pending(): number {
    return this.#waiting;
  }

  /** Records that were lost. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why the disk fails, or what it cost when it did. */
  get error(): string | undefined {
    return this.#failing || this.#dropped > 0 ? this.#error : undefined;
  }

  /** Makes room for a record with `size` bytes of data; where the data begins in `bytes`, or -1 when it is dropped. */
  open(size: number): number {
    const end = this.#length + HEADER_BYTES + size + FOOTER_BYTES;
    if (end > this.bytes.length || this.#closed) return this.#openInMore(size);
    return this.#length + HEADER_BYTES;
  }

  /** Frames the record whose data ends at `end` and has the masked CRC `crc`, and writes what waits when it is time. */
  seal(end: number, now: number, crc: number): void {
    sealRecord(this.view, this.#length, end, crc);
    this.#length = end + FOOTER_BYTES;
    this.#waiting++;
    const sinceMs = now - this.#writtenAt;
    if (this.#length >= WRITE_AT_BYTES || sinceMs >= this.#options.flushIntervalMs || sinceMs < 0) this.#write(now);
    if (this.#timer === undefined && this.#length > 0) this.#arm(this.#options.flushIntervalMs);
  }

  /** Adds one record. */
  append(data: Uint8Array, now: number): void {
    const start = this.open(data.length);
    if (start === -1) return;
    this.bytes.set(data, start);
    this.seal(start + data.length, now, maskedCrc32c(data, 0, data.length));
  }

  /** Counts records that were lost before they got here, and says so. */
  lose(records: number, message: string): void {
    this.#dropped += records;
    this.#report(message, undefined);
  }

  /** Writes what waits, also when the disk failed a moment ago; false when it did not take all of it. */
  flush(): boolean {
    this.#failedAt = 0;
    this.#write(Date.now());
    return this.#length === 0;
  }

  /** Flushes and closes; records that the disk still refuses are counted as dropped. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#dropped += this.#waiting;
    this.#waiting = 0;
    this.#length = 0;
    this.#closeFd();
  }

  #openInMore(size: number): number {
    const record = HEADER_BYTES + size + FOOTER_BYTES;
    if (!this.#closed && this.#length > 0) this.#write(Date.now());
    const end = this.#length + record;
    if (this.#closed || (this.#length > 0 && end > this.#options.maxQueueBytes)) {
      this.#dropped++;
      return -1;
    }
    if (end > this.bytes.length) this.#grow(Math.max(end, Math.min(this.bytes.length * 2, this.#options.maxQueueBytes)));
    return this.#length + HEADER_BYTES;
  }

  #grow(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.#length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  #arm(afterMs: number): void {
    this.#timer = setTimeout(this.#onTimer, afterMs);
    this.#timer.unref();
  }

  #write(now: number): void {
    if (this.#closed || this.#length === 0) return;
    if (this.#failing && now >= this.#failedAt && now - this.#failedAt < RETRY_INTERVAL_MS) return;
    this.#writtenAt = now;
    try {
      this.#leaveDeleted();
      if (this.#fd === -1) this.#create(now);
      while (this.#taken < this.#length) {
        this.#taken += this.#fs.writeSync(this.#fd, this.bytes, this.#taken, this.#length - this.#taken);
      }
      this.#failing = false;
    } catch (error) {
      this.#fail(error, now);
    }
    this.#forgetTaken();
  }

  /** When the file is gone, what it held is lost; the record that was cut off in it goes into the next one. */
  #leaveDeleted(): void {
    if (this.#fd === -1 || this.#fs.fstatSync(this.#fd).nlink > 0) return;
    const lost = this.#inFile;
    this.#written -= lost;
    this.#dropped += lost;
    this.#taken = 0;
    this.#closeFd();
    this.#report(`${this.#path} was deleted, and ${lost} records with it. A new file goes on.`, undefined);
  }

  /** Opens a file that sorts after those there are, and writes how it begins: all of it, or there is no file. */
  #create(now: number): void {
    const { dir, resumeStep } = this.#options;
    this.#fs.mkdirSync(dir, { recursive: true });
    const existing = this.#fs.readdirSync(dir).filter(isEventFile);
    filesOpened++;
    const name = nextFileName(existing, { nowSeconds: now / 1000, hostname: hostname(), pid: process.pid, count: filesOpened });
    const path = join(dir, name);
    const head = this.#head(now / 1000, existing.length, resumeStep);
    const fd = this.#fs.openSync(path, "ax", 0o644);
    try {
      let written = 0;
      while (written < head.length) written += this.#fs.writeSync(fd, head, written, head.length - written);
    } catch (error) {
      this.#fs.closeSync(fd);
      this.#fs.unlinkSync(path);
      throw error;
    }
    this.#fd = fd;
    this.#path = path;
    this.#inFile = 0;
    this.#sessions++;
  }

  /**
   * The file's version, then the session's start. The Python loader heeds the second start of a run and those after it,
   * so a resumed file holds two; where a session goes on in a further file, none.
   */
  #head(wallTime: number, existing: number, resumeStep: number | undefined): Uint8Array {
    const records = [frameRecord(fileVersionEvent(wallTime))];
    const isResumed = this.#sessions === 0 && resumeStep !== undefined;
    const starts = isResumed ? 2 : Number(existing === 0);
    const start = frameRecord(sessionStartEvent(wallTime, isResumed ? resumeStep : 0));
    for (let index = 0; index < starts; index++) records.push(start);
    return Buffer.concat(records);
  }

  /** Drops whole records that the disk has taken from the buffer; one that it took in part stays. */
  #forgetTaken(): void {
    const { records, end: start } =
      this.#taken === this.#length ? { records: this.#waiting, end: this.#length } : this.#wholeTaken();
    if (records === 0) return;
    this.#waiting -= records;
    this.#inFile += records;
    this.#written += records;
    this.bytes.copyWithin(0, start, this.#length);
    this.#length -= start;
    this.#taken -= start;
    if (this.#length === 0 && this.bytes.length > WRITE_AT_BYTES * 8) this.#grow(WRITE_AT_BYTES + 4096);
  }

  #wholeTaken(): { records: number; end: number } {
    for (let records = 0, start = 0; ; records++) {
      const end = start + HEADER_BYTES + this.view.getUint32(start, true) + FOOTER_BYTES;
      if (end > this.#taken) return { records, end: start };
      start = end;
    }
  }

  #fail(error: unknown, now: number): void {
    this.#failedAt = now;
    if (this.#failing) return;
    this.#failing = true;
    this.#report(`The event file in ${this.#options.dir} could not be written: ${messageOf(error)}. It is tried again.`, error);
  }

  #report(message: string, cause: unknown): void {
    this.#error = message;
    this.#options.onError(new TrainscopeError("ERR_LOG", message, { cause }));
  }

  #closeFd(): void {
    const fd = this.#fd;
    this.#fd = -1;
    try {
      if (fd !== -1) this.#fs.closeSync(fd);
    } catch (error) {
      this.#error = messageOf(error);
    }
  }
}
