import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { isTrainscopeError, messageOf, TrainscopeError } from "../../support/errors.js";
import { errorCode } from "./files.js";
import { EMPTY_MS, isAlive, ownerNow, readOwner, SILENT_MS, type LockOwner } from "./lock-owner.js";

const LOCK = ".lock";
const TOUCH_MS = 10_000;
/** A lock that is being taken or removed, or was when its process died. */
const TEMPORARY = /^\.lock-[0-9a-f-]{36}$/;

/**
 * One writer for a directory: the file `.lock`, made by the first manager that saves there.
 * - A lock whose owner is dead is taken over: on the same host when its process does not exist, or is another one under the
 *   same pid.
 * - A lock appears whole, with its owner in it: a process that dies while it takes one leaves none.
 * - A process on another host counts as alive while it touches its lock, which every owner does each 10 s. A lock of another
 *   host that was not touched for 60 s is taken over.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #dir: string;
  readonly #token: string = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  /** The topmost directory that had to be made. */
  #made: string | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    this.#path = join(dir, LOCK);
  }

  get held(): boolean {
    return this.#timer !== undefined;
  }

  /** Directories with new entries that must be synced, because `acquire` made directories in them. */
  get unsynced(): string[] {
    const directories: string[] = [];
    for (let path = this.#dir; this.#made !== undefined; path = dirname(path)) {
      directories.push(dirname(path));
      if (path === this.#made || path === dirname(path)) break;
    }
    return directories;
  }

  /**
   * Takes the lock, or checks that this still is its owner. Throws `ERR_CHECKPOINT_LOCKED` when another living owner has it, and
   * `ERR_CHECKPOINT_SAVE` when it cannot be written.
   */
  acquire(): void {
    try {
      this.#acquire();
    } catch (error) {
      if (isTrainscopeError(error)) throw error;
      const message = `${this.#path} could not be written: ${messageOf(error)}.`;
      throw new TrainscopeError("ERR_CHECKPOINT_SAVE", message, { path: this.#path, cause: error });
    }
  }

  release(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      if (readOwner(this.#path)?.token === this.#token) unlinkSync(this.#path);
    } catch {
      // when this process ends, what stays is the lock of a dead owner
    }
  }

  #acquire(): void {
    for (let attempt = 0; attempt < 10; attempt++) {
      const owner = readOwner(this.#path);
      if (owner?.token === this.#token) return this.#keepAlive();
      if (owner !== null && isAlive(owner, this.#path)) throw lockedError(this.#dir, this.#path, owner);
      if (owner !== null) this.#removeDead(owner);
      else if (this.#create()) return this.#keepAlive();
    }
    const message = `Several processes are writing ${this.#path} right now. Try again.`;
    throw new TrainscopeError("ERR_CHECKPOINT_LOCKED", message, { path: this.#dir });
  }

  #keepAlive(): void {
    this.#timer ??= setInterval(() => {
      try {
        const now = new Date();
        utimesSync(this.#path, now, now);
      } catch {
        // the next save checks whether the lock is still ours
      }
    }, TOUCH_MS).unref();
  }

  #create(): boolean {
    try {
      this.#made ??= mkdirSync(this.#dir, { recursive: true });
      this.#put(`${JSON.stringify(ownerNow(this.#token))}\n`);
      this.#removeTemporaries();
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST" && existsSync(this.#path)) return false; // not for a file where the directory should be
      throw error;
    }
  }

  /** Written beside, then linked: linking fails where a lock exists. */
  #put(text: string): void {
    const temporary = this.#temporary();
    try {
      writeNew(temporary, text);
      linkSync(temporary, this.#path);
    } catch (error) {
      if (!hasNoLinks(error)) throw error;
      writeNew(this.#path, text);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  #temporary(): string {
    return `${this.#path}-${this.#token}`;
  }

  /** Removes what dead processes left beside the lock; never throws. */
  #removeTemporaries(): void {
    try {
      for (const name of readdirSync(this.#dir).filter((entry) => TEMPORARY.test(entry))) {
        const path = join(this.#dir, name);
        const owner = readOwner(path);
        if (owner !== null && !isAlive(owner, path)) rmSync(path, { force: true });
      }
    } catch {
      // tried again with the next lock
    }
  }

  /** Removes a dead owner's lock. When another process was faster, what was moved is its new lock: it is put back. */
  #removeDead(dead: LockOwner): void {
    const temporary = this.#temporary();
    try {
      renameSync(this.#path, temporary);
      if (readOwner(temporary)?.token !== dead.token) linkSync(temporary, this.#path);
      unlinkSync(temporary);
    } catch (error) {
      if (errorCode(error) !== "ENOENT" && errorCode(error) !== "EEXIST") throw error;
    }
  }
}

/** True when no living process holds the lock of `dir`. */
export function isUnlocked(dir: string): boolean {
  const path = join(dir, LOCK);
  const owner = readOwner(path);
  return owner === null || !isAlive(owner, path);
}

function lockedError(dir: string, path: string, owner: LockOwner): TrainscopeError {
  if (owner.pid === 0) {
    const message = `${path} has no owner: a process is writing it right now, or died while it did. Try again in ${EMPTY_MS / 1000} s.`;
    return new TrainscopeError("ERR_CHECKPOINT_LOCKED", message, { path: dir });
  }
  const isHere = owner.host === hostname();
  const who =
    isHere && owner.pid === process.pid
      ? `another checkpoint manager of this process (pid ${owner.pid}, host ${owner.host})`
      : `process ${owner.pid} on host ${owner.host}`;
  const takeover = isHere ? "" : ` The lock is taken over once that process has been silent for ${SILENT_MS / 1000} s.`;
  return new TrainscopeError(
    "ERR_CHECKPOINT_LOCKED",
    `The directory ${dir} is locked by ${who}, since ${owner.lockedAt}.${takeover}\nUse another directory for this run, or end that process. If it certainly does not exist any more, delete ${path}.`,
    { path: dir },
  );
}

/** All of it or nothing: on a full disk no lock is better than one without an owner. */
function writeNew(path: string, text: string): void {
  const fd = openSync(path, "wx");
  try {
    writeFileSync(fd, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function hasNoLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(errorCode(error) ?? "");
}
