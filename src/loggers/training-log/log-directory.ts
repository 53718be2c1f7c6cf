import { join } from "node:path";
import { fileIndices, fileName, type LogFs } from "./files.js";

/** A log file that is open. */
export interface OpenFile {
  readonly fd: number;
  readonly index: number;
  readonly dev: number;
  readonly ino: number;
  /** Bytes that it has; negative where its path leads to another file, or to none. */
  readonly size: number;
  /** Milliseconds since 1970 of its making, or of the last change where that is earlier or all that is known. */
  readonly bornAt: number;
}

/** What opening a name that cannot be a log file fails with: a directory of that name, a file of another user. */
const NOT_OURS: ReadonlySet<unknown> = new Set(["EISDIR", "EACCES", "EPERM", "ELOOP", "ENXIO"]);

/** The directory of the files of one prefix: opens them, finds out what became of one that is open, deletes old ones. */
export class LogDirectory {
  readonly #dir: string;
  readonly #prefix: string;
  readonly #fs: LogFs;

  constructor(dir: string, prefix: string, fs: LogFs) {
    this.#dir = dir;
    this.#prefix = prefix;
    this.#fs = fs;
  }

  pathOf(index: number): string {
    return join(this.#dir, fileName(this.#prefix, index));
  }

  /** Makes the directory, and opens the newest file, or one of `index` where there is none that is newer. */
  openNewest(index: number): OpenFile {
    this.#fs.mkdirSync(this.#dir, { recursive: true });
    return this.open(Math.max(index, this.#indices().at(-1) ?? 1));
  }

  /** Opens the file of `index`, or makes it; where its name is no file that can be written, that of the first index that is free. */
  open(index: number): OpenFile {
    try {
      return this.#open(index);
    } catch (error) {
      if (!NOT_OURS.has(codeOf(error))) throw error;
      return this.#open(Math.max(index, this.#indices().at(-1) ?? 0) + 1);
    }
  }

  /** The bytes of an open file; -1 where its path leads to another file by now, or to none. Undefined where that cannot be found out. */
  sizeOf({ index, dev, ino }: OpenFile): number | undefined {
    try {
      const found = this.#fs.statSync(this.pathOf(index), { throwIfNoEntry: false });
      return found !== undefined && found.ino === ino && found.dev === dev ? found.size : -1;
    } catch (error) {
      return codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP" ? -1 : undefined;
    }
  }

  /** True for an open file that is nowhere any more: what it holds is lost when it is closed. */
  isDeleted({ fd }: OpenFile): boolean {
    return this.#fs.fstatSync(fd).nlink === 0;
  }

  /** Deletes the oldest files, so that `maxFiles` are left; never that of `current`. Throws the first failure after it tried them all. */
  keepNewest(maxFiles: number, current: number): void {
    const indices = this.#indices();
    const failures: unknown[] = [];
    for (const index of indices.slice(0, Math.max(0, indices.length - maxFiles))) {
      try {
        if (index !== current) this.#fs.unlinkSync(this.pathOf(index));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #indices(): number[] {
    return fileIndices(this.#fs.readdirSync(this.#dir), this.#prefix);
  }

  #open(index: number): OpenFile {
    const fd = this.#fs.openSync(this.pathOf(index), "a+", 0o644);
    const { dev, ino, size, birthtimeMs, mtimeMs } = this.#fs.fstatSync(fd);
    return { fd, index, dev, ino, size, bornAt: birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs };
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
