import { hostname } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../../support/error-code.js";
import { messageOf } from "../../../support/errors.js";
import type { EventFs } from "./event-fs.js";
import { fileVersionEvent, sessionStartEvent } from "./events.js";
import { isEventFile, nextFileName } from "./file-name.js";
import { frameRecord } from "./record.js";

let filesOpened = 0;

/**
 * An event file on the disk.
 * - `create` makes a file that sorts after those in the directory, with its head: the file's version and, where needed, the
 *   session's start. It makes the whole head, or no file.
 * - Errors of the disk are thrown, except by `close`.
 */
export class DiskFile {
  readonly #dir: string;
  readonly #resumeStep: number | undefined;
  readonly #fs: EventFs;
  #fd = -1;
  #path = "";
  #created = 0;
  /** Bytes that were written to the open file. */
  #size = 0;

  /** Writes to a new file in `dir`. With a `resumeStep`, the first one makes readers drop their points from that step on. */
  constructor(dir: string, resumeStep: number | undefined, fs: EventFs) {
    this.#dir = dir;
    this.#resumeStep = resumeStep;
    this.#fs = fs;
  }

  /** The file that was created last; "" before the first. */
  get path(): string {
    return this.#path;
  }

  /** True while a file is open. */
  get isOpen(): boolean {
    return this.#fd !== -1;
  }

  /** What others did to the open file, so that records in it are lost: "was deleted"; null where it is whole. */
  damage(): string | null {
    if (this.#fd === -1) return null;
    try {
      const { nlink, size } = this.#fs.fstatSync(this.#fd);
      if (nlink === 0) return "was deleted";
      if (size < this.#size) return `was cut to ${size} bytes`;
      return this.#fs.existsSync(this.#path) ? null : "was moved or deleted";
    } catch (error) {
      if (errorCode(error) === "ESTALE") return "was deleted"; // on a file server
      throw error;
    }
  }

  /** Creates a file and opens it. */
  create(): void {
    const now = Date.now();
    const dir = this.#dir;
    this.#fs.mkdirSync(dir, { recursive: true });
    const existing = this.#fs.readdirSync(dir).filter(isEventFile);
    filesOpened++;
    const name = nextFileName(existing, { nowSeconds: now / 1000, hostname: hostname(), pid: process.pid, count: filesOpened });
    const path = join(dir, name);
    const head = this.#head(now / 1000, existing.length);
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
    this.#size = head.length;
    this.#created++;
  }

  /** Writes to the open file; how many bytes the disk accepted. */
  write(bytes: Uint8Array, offset: number, length: number): number {
    const written = this.#fs.writeSync(this.#fd, bytes, offset, length);
    this.#size += written;
    return written;
  }

  /** Closes the open file; why that failed, or null. */
  close(): string | null {
    const fd = this.#fd;
    this.#fd = -1;
    try {
      if (fd !== -1) this.#fs.closeSync(fd);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  /**
   * The file's version, then the session's starts. TensorBoard's Python loader drops earlier points only at the second start
   * that it reads and those after it, so a resumed file has two. A file that continues a session has none.
   */
  #head(wallTime: number, existing: number): Uint8Array {
    const resumeStep = this.#created === 0 ? this.#resumeStep : undefined;
    const starts = resumeStep === undefined ? Number(existing === 0) : 2;
    const start = frameRecord(sessionStartEvent(wallTime, resumeStep ?? 0));
    return Buffer.concat([frameRecord(fileVersionEvent(wallTime)), ...Array.from({ length: starts }, () => start)]);
  }
}
