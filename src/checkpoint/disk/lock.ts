/**
 * One writer for a directory: the file `.lock`, made by whoever saves there first.
 * - A lock whose owner is dead is taken over: on the same host a process that is gone, or another one under its number.
 * - A lock appears whole, with its owner in it: a process that dies while it takes one leaves none.
 * - A process on another host cannot be asked. It counts as alive while it touches its lock, which every owner does
 *   each 10 s; a lock of another host that was not touched for 60 s is taken over.
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { isTrainscopeError, messageOf, TrainscopeError } from "../../support/errors.js";
import { errorCode } from "./files.js";

const LOCK = ".lock";
const TOUCH_MS = 10_000;
const SILENT_MS = 60_000;
/** Where a file system has no links, a lock that is being written is empty for a moment; one that stays so is nobody's. */
const EMPTY_MS = 5000;
/** A lock on its way in or out, behind which its process may have died. */
const ASIDE = /^\.lock-[0-9a-f-]{36}$/;

interface Owner {
  pid: number;
  host: string;
  /** When the process started, as the system tells it; with the number it is one process and no other. */
  processStart: string;
  lockedAt: string;
  token: string;
}

export class DirectoryLock {
  readonly #path: string;
  readonly #dir: string;
  readonly #token: string = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #made: string | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    this.#path = join(dir, LOCK);
  }

  get held(): boolean {
    return this.#timer !== undefined;
  }

  /** Directories whose new entries must be synced, because taking the lock made some of them. */
  get unsynced(): string[] {
    const directories: string[] = [];
    for (let path = this.#dir; this.#made !== undefined; path = dirname(path)) {
      directories.push(dirname(path));
      if (path === this.#made || path === dirname(path)) break;
    }
    return directories;
  }

  /** Takes the lock, or sees that it is still ours. Throws `ERR_CHECKPOINT_LOCKED` when someone else has it. */
  acquire(): void {
    try {
      this.#acquire();
    } catch (error) {
      if (isTrainscopeError(error)) throw error;
      const message = `${this.#path} could not be taken: ${messageOf(error)}.`;
      throw new TrainscopeError("ERR_CHECKPOINT_SAVE", message, { path: this.#path, cause: error });
    }
  }

  #acquire(): void {
    for (let attempt = 0; attempt < 10; attempt++) {
      const owner = readOwner(this.#path);
      if (owner?.token === this.#token) return this.#keep();
      if (owner !== null && isAlive(owner, this.#path)) throw this.#locked(owner);
      if (owner !== null) this.#takeAway(owner);
      else if (this.#create()) return this.#keep();
    }
    throw new TrainscopeError("ERR_CHECKPOINT_LOCKED", `Several processes are taking ${this.#path} at this moment.`);
  }

  release(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      if (readOwner(this.#path)?.token === this.#token) unlinkSync(this.#path);
    } catch {
      // what stays is a dead owner's lock as soon as this process ends
    }
  }

  #keep(): void {
    this.#timer ??= setInterval(() => {
      try {
        const now = new Date();
        utimesSync(this.#path, now, now);
      } catch {
        // the next save looks whether the lock is still ours
      }
    }, TOUCH_MS).unref();
  }

  #create(): boolean {
    const owner: Owner = {
      pid: process.pid,
      host: hostname(),
      processStart: processStart(process.pid),
      lockedAt: new Date().toISOString(),
      token: this.#token,
    };
    try {
      this.#made ??= mkdirSync(this.#dir, { recursive: true });
      this.#put(`${JSON.stringify(owner)}\n`);
      this.#sweep();
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST" && existsSync(this.#path)) return false; // not for a file in the place of a directory
      throw error;
    }
  }

  /** Written aside, then linked: that fails where there is a lock already. */
  #put(text: string): void {
    const aside = this.#aside();
    try {
      writeNew(aside, text);
      linkSync(aside, this.#path);
    } catch (error) {
      if (!hasNoLinks(error)) throw error;
      writeNew(this.#path, text);
    } finally {
      rmSync(aside, { force: true });
    }
  }

  #aside(): string {
    return `${this.#path}-${this.#token}`;
  }

  /** What dead processes left beside the lock; never throws. */
  #sweep(): void {
    try {
      for (const name of readdirSync(this.#dir).filter((entry) => ASIDE.test(entry))) {
        const path = join(this.#dir, name);
        const owner = readOwner(path);
        if (owner !== null && !isAlive(owner, path)) rmSync(path, { force: true });
      }
    } catch {
      // tried again with the next lock
    }
  }

  /** Away with a dead owner's lock. If another process was faster, what was moved is its new lock: it goes back. */
  #takeAway(dead: Owner): void {
    const aside = this.#aside();
    try {
      renameSync(this.#path, aside);
      if (readOwner(aside)?.token !== dead.token) linkSync(aside, this.#path);
      unlinkSync(aside);
    } catch (error) {
      if (errorCode(error) !== "ENOENT" && errorCode(error) !== "EEXIST") throw error;
    }
  }

  #locked(owner: Owner): TrainscopeError {
    const ours = owner.pid === process.pid && owner.host === hostname();
    if (owner.pid === 0) {
      const message = `A process is taking ${this.#path} at this moment, or died while it did. Try again in ${EMPTY_MS / 1000} s.`;
      return new TrainscopeError("ERR_CHECKPOINT_LOCKED", message, { path: this.#dir });
    }
    const who = ours
      ? `another checkpoint manager of this process (pid ${owner.pid}, host ${owner.host})`
      : `process ${owner.pid} on host ${owner.host}`;
    const silent = owner.host === hostname() ? "" : ` It is taken over when it was silent for ${SILENT_MS / 1000} s.`;
    return new TrainscopeError(
      "ERR_CHECKPOINT_LOCKED",
      `Checkpoints in ${this.#dir} are kept by ${who}, since ${owner.lockedAt}.${silent}\nGive this run a directory of its own, or end that process. If it is gone for certain, delete ${this.#path}.`,
      { path: this.#dir },
    );
  }
}

/** True when nobody who is alive holds the lock of `dir`. */
export function isUnlocked(dir: string): boolean {
  const path = join(dir, LOCK);
  const owner = readOwner(path);
  return owner === null || !isAlive(owner, path);
}

/** All of it or nothing: on a full disk no lock is better than one of nobody. */
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

/** Null when there is no lock; an owner that nobody is for a lock that cannot be read. */
function readOwner(path: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as Partial<Owner> | null;
    if (typeof owner?.pid === "number" && typeof owner.host === "string" && typeof owner.token === "string")
      return owner as Owner;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { pid: 0, host: "", processStart: "", lockedAt: "an unknown time", token: "" };
}

function isAlive(owner: Owner, path: string): boolean {
  if (owner.pid === 0) return silentMs(path) < EMPTY_MS;
  if (owner.host !== hostname()) return silentMs(path) < SILENT_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
  }
  const start = processStart(owner.pid);
  return start === "" || start === owner.processStart;
}

function silentMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return Infinity;
  }
}

/** Boot and start of a process, where the system has /proc; of this process its own start elsewhere; else "". */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${ticks}`;
  } catch {
    return pid === process.pid ? String(Math.round(performance.timeOrigin)) : "";
  }
}
