import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunIdentity } from "../../contract/index.js";
import { makeDirectories } from "../../support/directories.js";
import { diskRemedy } from "../../support/disk-remedy.js";
import { isTrainscopeError, messageOf, TrainscopeError } from "../../support/errors.js";
import { DIRECTORY } from "../errors.js";
import { errorCode } from "../../support/error-code.js";
import { contendedError, lockedError, lostError, waitingText, type LockKind, type LockPlace } from "./lock-errors.js";
import { claimPath, LOCK, mayHoldLock, putNew, readLock, removeDead, writeBeat, type FoundLock, type Link } from "./lock-file.js";
import { isCertainlyDead, lockText } from "./lock-owner.js";
import { judgeLook, type LockWatch, type WatchLimits } from "./lock-watch.js";

/** A lock that is being taken or removed, or was when its process died. */
const TEMPORARY = /^\.lock-([0-9a-f-]{36}|claim-[0-9a-f]{16})$/;
/** Looks in a row that find the lock gone and cannot make it. */
const MAX_RACES = 10;

/** The times of locks, and what tests put in place of the clock and of hard links. */
export interface LockParts extends WatchLimits {
  /** Milliseconds between two signs of life. */
  beatMs: number;
  /** Monotonic, in milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
  link?: Link | undefined;
}

const PARTS: LockParts = { beatMs: 2000, pollMs: 250, silentMs: 60_000, now: () => performance.now(), sleep };

export interface LockOptions {
  kind?: LockKind | undefined;
  /** Stands in the lock, for those that are refused. */
  run?: RunIdentity | null | undefined;
  /** Gets one sentence where a lock is waited for. */
  onWait?: ((message: string) => void) | undefined;
  /** Called when a beat notices that the lock was lost. */
  onLost?: (() => void) | undefined;
  /** True where nobody waits for the lock any more. */
  isAbandoned?: (() => boolean) | undefined;
  parts?: Partial<LockParts> | undefined;
}

/** Of the locks that this thread holds. */
const heldHere = new Set<string>();

/**
 * One writer for a directory: the file `.lock`.
 * - It has a random token, and a beat that its owner rewrites every 2 s. A lock is judged by what the waiting process sees: one that
 *   changes has a living owner, who is named in the error; one that did not change for 60 s of the waiter's own time is taken over.
 *   Clocks, host names and pids of two machines are never compared.
 * - Where it is certain that the owner's process has ended (`isCertainlyDead`), the lock is taken over at once.
 * - A lock appears whole, with its owner in it; on a file system without hard links it may be empty for a moment.
 * - Of several processes that find a lock dead, one removes it, and no process removes the lock that comes after it.
 * - An owner that has lost its lock is told by `verify`, which precedes every change in the directory, and never gets it back.
 * - When the directory itself was deleted, the owner makes directory and lock again.
 */
export class DirectoryLock {
  readonly #place: LockPlace;
  readonly #run: RunIdentity | null;
  readonly #onWait: ((message: string) => void) | undefined;
  readonly #onLost: (() => void) | undefined;
  readonly #isAbandoned: () => boolean;
  #isReleased = false;
  readonly #parts: LockParts;
  /** Random; it stands in the lock. */
  readonly token: string = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #beat = 0;
  #isBeating = false;
  /** When the lock was last seen to be this one's. */
  #seenAtMs = 0;
  #lost: TrainscopeError | null = null;
  /** The topmost directory that had to be made. */
  #made: string | undefined;
  /** Tells whether the directory was deleted and made again. */
  #inode: number | undefined;

  constructor(dir: string, { kind = "checkpoints", run = null, onWait, onLost, isAbandoned, parts }: LockOptions = {}) {
    this.#place = { kind, dir, path: join(dir, LOCK) };
    this.#run = run;
    this.#onWait = onWait;
    this.#onLost = onLost;
    this.#isAbandoned = () => this.#isReleased || isAbandoned?.() === true;
    this.#parts = { ...PARTS, ...parts };
  }

  /** True from the first `acquire` to `release`, also when the lock was lost meanwhile. */
  get held(): boolean {
    return this.#timer !== undefined;
  }

  /** True once this owner knows that it has lost the lock. */
  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Directories with new entries that must be synced, because `acquire` made directories in them. */
  get unsynced(): string[] {
    const directories: string[] = [];
    for (let path = this.#place.dir; this.#made !== undefined; path = dirname(path)) {
      directories.push(dirname(path));
      if (path === this.#made || path === dirname(path)) break;
    }
    return directories;
  }

  /**
   * Takes the lock, or checks that this still is its owner: true where the directory was deleted, and is made again with its lock. It waits
   * while it is not known whether the owner lives. Rejects with `ERR_CHECKPOINT_LOCKED` (a run's: `ERR_RUN_LOCKED`) when another living owner has it or this one has lost it, and with
   * `ERR_CHECKPOINT_SAVE` (`ERR_RUN_DIR`) when it cannot be written.
   */
  async acquire(): Promise<boolean> {
    this.#isReleased = false;
    try {
      if (this.held) return this.#verify();
      await this.#wait();
      return false;
    } catch (error) {
      throw this.#asError(error);
    }
  }

  /** Throws when the lock was lost. Reads the file only when the last look is older than a beat: cheap enough for every boundary. */
  check(): void {
    if (this.#lost !== null) throw this.#lost;
    if (!this.held || this.#parts.now() - this.#seenAtMs < 2 * this.#parts.beatMs) return;
    try {
      this.#verify();
    } catch (error) {
      if (error === this.#lost) throw error;
    }
  }

  /** Removes the lock, if it still is this one's, and waits for it no longer. */
  release(): void {
    this.#isReleased = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    heldHere.delete(this.token);
    try {
      if (this.#lost === null && readLock(this.#place.path)?.owner.token === this.token) unlinkSync(this.#place.path);
    } catch {
      // when this process ends, what stays is the lock of a dead owner
    }
  }

  async #wait(): Promise<void> {
    const { path } = this.#place;
    const { now, sleep: pause, pollMs, silentMs, beatMs } = this.#parts;
    let watch: LockWatch | null = null;
    let isSaid = false;
    for (let races = 0; races < MAX_RACES;) {
      const found = readLock(path);
      if (found === null) {
        if (this.#create()) return this.#hold();
        races++;
        continue;
      }
      if (heldHere.has(found.owner.token)) throw lockedError(this.#place, found.owner, true);
      const isDead = isCertainlyDead(found.owner);
      const look = judgeLook(watch, { sign: found.sign, nowMs: now() }, { pollMs, silentMs });
      watch = look.watch;
      if ((!isDead && look.verdict === "alive") || this.#isAbandoned()) throw lockedError(this.#place, found.owner, false);
      if ((isDead || look.verdict === "dead") && (await this.#remove(found))) continue;
      if (!isSaid && watch.silentMs > 3 * beatMs) {
        isSaid = true;
        this.#onWait?.(waitingText(this.#place, found.owner, silentMs));
      }
      await pause(pollMs);
    }
    throw contendedError(this.#place);
  }

  /** Removes a dead lock, where no other process is about to. */
  async #remove(found: FoundLock): Promise<boolean> {
    const { path } = this.#place;
    const claim = claimPath(path, found);
    try {
      putNew(claim, lockText(this.token, this.#run), this.#temporary(), this.#parts.link);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      return this.#dropDeadClaim(claim);
    }
    try {
      removeDead(path, found, this.#temporary());
      return true;
    } finally {
      rmSync(claim, { force: true });
    }
  }

  /** Removes a claim whose process died, or that has stood for as long as a silent lock may. */
  async #dropDeadClaim(claim: string): Promise<boolean> {
    const { now, sleep: pause, pollMs, silentMs } = this.#parts;
    let watch: LockWatch | null = null;
    for (let first = readLock(claim); first !== null;) {
      const look = judgeLook(watch, { sign: first.sign, nowMs: now() }, { pollMs, silentMs });
      if (look.verdict === "alive") return false;
      if (look.verdict === "dead" || isCertainlyDead(first.owner)) {
        rmSync(claim, { force: true });
        return true;
      }
      watch = look.watch;
      await pause(pollMs);
      first = readLock(claim);
    }
    return true;
  }

  #create(): boolean {
    const { dir, path } = this.#place;
    try {
      const made = makeDirectories(dir);
      this.#made = made ?? this.#made;
      putNew(path, lockText(this.token, this.#run), this.#temporary(), this.#parts.link);
    } catch (error) {
      if (errorCode(error) === "EEXIST" && mayHoldLock(dir, path)) return false;
      throw error;
    }
    this.#inode = inodeOf(dir);
    this.#removeTemporaries();
    return true;
  }

  #hold(): void {
    heldHere.add(this.token);
    this.#seenAtMs = this.#parts.now();
    this.#timer = setInterval(() => void this.#giveSign(), this.#parts.beatMs).unref();
  }

  /** Throws when the lock is another one or gone. True where the whole directory was deleted: both are made again. */
  #verify(): boolean {
    const { dir, path } = this.#place;
    if (this.#lost !== null) throw this.#lost;
    const found = readLock(path);
    const isOwn = found?.owner.token === this.token;
    const isDeleted = found === null && (this.#inode === undefined || inodeOf(dir) !== this.#inode);
    if (isOwn || (isDeleted && this.#create())) {
      this.#seenAtMs = this.#parts.now();
      return isDeleted;
    }
    this.#lost = lostError(this.#place, found === null ? null : found.owner);
    throw this.#lost;
  }

  async #giveSign(): Promise<void> {
    if (this.#isBeating || this.#lost !== null) return;
    this.#isBeating = true;
    try {
      if (await writeBeat(this.#place.path, this.token, ++this.#beat)) this.#seenAtMs = this.#parts.now();
      else if (this.held && inodeOf(this.#place.dir) !== undefined) this.#verify();
    } catch {
      if (this.#lost !== null) this.#onLost?.(); // else an error of the disk: tried again with the next beat
    } finally {
      this.#isBeating = false;
    }
  }

  #temporary(): string {
    return `${this.#place.path}-${this.token}`;
  }

  /** Removes what dead processes left beside the lock; never throws. */
  #removeTemporaries(): void {
    const { dir } = this.#place;
    try {
      for (const name of readdirSync(dir).filter((entry) => TEMPORARY.test(entry))) {
        const left = readLock(join(dir, name));
        if (left !== null && isCertainlyDead(left.owner)) rmSync(join(dir, name), { force: true });
      }
    } catch {
      // tried again with the next lock
    }
  }

  #asError(error: unknown): unknown {
    if (isTrainscopeError(error)) return error;
    const { kind, path } = this.#place;
    const [code, place] = kind === "run" ? (["ERR_RUN_DIR", "runsDir"] as const) : (["ERR_CHECKPOINT_SAVE", DIRECTORY] as const);
    const message = `${path} could not be written: ${messageOf(error)}.\n${diskRemedy(error, place)}`;
    return new TrainscopeError(code, message, { path, cause: error });
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}
