/** The files of a lock: how one is read, made, moved away and kept alive. */
import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { errorCode } from "../../support/error-code.js";
import { READ_NOW } from "../../support/regular-file.js";
import { BEAT_OFFSET, beatText, parseOwner, type LockOwner } from "./lock-owner.js";

/** The name of a lock in its directory. */
export const LOCK = ".lock";

/** A lock as it was found. */
export interface FoundLock {
  owner: LockOwner;
  text: string;
  /** Differs after every sign of life of the owner. */
  sign: string;
}

/** How a name is given to a whole file at once. Tests pass one that a file system without hard links has. */
export type Link = (from: string, to: string) => void;

/** Null where there is no lock. Throws where something else is in its place; a pipe there does not block. */
export function readLock(path: string): FoundLock | null {
  let fd: number;
  try {
    fd = openSync(path, READ_NOW);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw Object.assign(new RangeError("it is a directory, a pipe or a device"), { code: "ENOTSUP" });
    const text = readFileSync(fd, "utf8");
    return { owner: parseOwner(text), text, sign: `${stats.mtimeMs} ${text}` };
  } finally {
    closeSync(fd);
  }
}

/** Makes the file `path` with `text`, whole; throws `EEXIST` where there is one. Without hard links it is empty for a moment. */
export function putNew(path: string, text: string, temporary: string, link: Link = linkSync): void {
  try {
    writeNew(temporary, text);
    link(temporary, path);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    writeNew(path, text);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * True where a lock stood in the way of a new one, also one that was released since. False for a file in the place of the directory `dir`,
 * and for a link to nothing in that of the lock.
 */
export function mayHoldLock(dir: string, path: string): boolean {
  const isDirectory = statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true;
}

/** Of all processes that find the lock `found` dead, the one that makes this file may remove it. */
export function claimPath(path: string, found: FoundLock): string {
  return `${path}-claim-${createHash("sha256").update(found.text).digest("hex").slice(0, 16)}`;
}

/**
 * Removes the dead lock `found`, unless there is another by now. The caller holds the claim, so that no other process removes it
 * meanwhile, or the one that comes after it.
 */
export function removeDead(path: string, found: FoundLock, temporary: string): void {
  if (readLock(path)?.text !== found.text) return;
  renameSync(path, temporary);
  rmSync(temporary, { force: true });
}

/** Writes a sign of life into the lock with this `token`; false when the lock is another one, or gone. */
export async function writeBeat(path: string, token: string, beat: number): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r+");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
  try {
    if (parseOwner(await file.readFile("utf8")).token !== token) return false;
    await file.write(beatText(beat), BEAT_OFFSET);
    return true;
  } finally {
    await file.close();
  }
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

/** True for the error of a file system that has no hard links, or no further one for this file. */
function hasNoLinks(error: unknown): boolean {
  const isLink = (error as { syscall?: unknown } | null)?.syscall === "link";
  return isLink && ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL", "EXDEV"].includes(errorCode(error) ?? "");
}
