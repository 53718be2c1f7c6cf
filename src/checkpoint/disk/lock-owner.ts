import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { errorCode } from "./files.js";

/** The lock of another host is taken over when its owner did not touch it for this long. */
export const SILENT_MS = 60_000;
/** On a file system without links a lock is empty while it is written; one that stays empty belongs to no process. */
export const EMPTY_MS = 5000;

/** The process and the manager that hold a lock, as the lock file has them. */
export interface LockOwner {
  /** 0 for a lock that cannot be read. */
  pid: number;
  host: string;
  /** When the process started, by the system's account. The same pid with another start is another process. */
  processStart: string;
  /** ISO 8601. */
  lockedAt: string;
  /** Tells apart the managers of one process. */
  token: string;
}

/** This process, as the owner of a lock that it takes now. */
export function ownerNow(token: string): LockOwner {
  const { pid } = process;
  return { pid, host: hostname(), processStart: processStart(pid), lockedAt: new Date().toISOString(), token };
}

/** Null when there is no lock; an owner with the pid 0 for a lock that cannot be read. */
export function readOwner(path: string): LockOwner | null {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as Partial<LockOwner> | null;
    if (typeof owner?.pid === "number" && typeof owner.host === "string" && typeof owner.token === "string")
      return owner as LockOwner;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { pid: 0, host: "", processStart: "", lockedAt: "an unknown time", token: "" };
}

/**
 * True while the owner of the lock at `path` may still be saving. On this host the system is asked whether its process exists. A
 * process of another host counts as alive while it touches its lock.
 */
export function isAlive(owner: LockOwner, path: string): boolean {
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

/** Boot and start of a process where the system has /proc; elsewhere the start of this process, and "" for another. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${ticks}`;
  } catch {
    return pid === process.pid ? String(Math.round(performance.timeOrigin)) : "";
  }
}
