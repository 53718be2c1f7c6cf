import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import type { RunIdentity } from "../../contract/index.js";
import { errorCode } from "../../support/error-code.js";
import { identityOf } from "../../support/run-identity.js";

/** Digits of the beat in a lock file: it is rewritten in place. */
const BEAT_DIGITS = 12;
/** Where the digits begin: after `{"beat":"`, the first key of the file. */
export const BEAT_OFFSET = 9;

/** Who holds a lock, as the lock file has it. */
export interface LockOwner {
  /** 0 for a lock that cannot be read. */
  pid: number;
  host: string;
  /** Random: no two locks have the same. */
  token: string;
  /** ISO 8601. */
  lockedAt: string;
  /** Which system gave the pid: equal only where equal pids mean the same process. "" where that is not known. */
  machine: string;
  /** When the process started, by the system's account; "" where that is not known. */
  processStart: string;
  /** The run that the owner trains; null for a manager without a run. */
  run: RunIdentity | null;
}

/** The text of a lock file of this process. */
export function lockText(token: string, run: RunIdentity | null): string {
  const { pid } = process;
  const owner: LockOwner = {
    token,
    pid,
    host: hostname(),
    lockedAt: new Date().toISOString(),
    machine: thisMachine(),
    processStart: processStart(pid),
    run,
  };
  return `${JSON.stringify({ beat: beatText(0), ...owner })}\n`;
}

/** The beat as it is written at `BEAT_OFFSET`. */
export function beatText(beat: number): string {
  return String(beat).padStart(BEAT_DIGITS, "0");
}

/** The owner that a lock file names; one with the pid 0 for a file that is none, or that is being written. */
export function parseOwner(text: string): LockOwner {
  const { pid, host, token, lockedAt, machine, processStart, run } = recordIn(text);
  const isOwner = typeof pid === "number" && typeof host === "string" && typeof token === "string";
  return {
    pid: isOwner ? pid : 0,
    host: isOwner ? host : "",
    token: isOwner ? token : "",
    lockedAt: typeof lockedAt === "string" ? lockedAt : "an unknown time",
    machine: typeof machine === "string" ? machine : "",
    processStart: typeof processStart === "string" ? processStart : "",
    run: identityOf(run),
  };
}

function recordIn(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

/**
 * True only where it is certain that the process of the owner has ended: it had its pid from this very system (the same boot and the
 * same pid namespace), which has no such process, or another one that started later. A host name and a pid prove nothing: two
 * containers may share both.
 */
export function isCertainlyDead(owner: LockOwner): boolean {
  if (owner.pid === 0 || owner.machine === "" || owner.machine !== thisMachine()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return true;
  }
  const start = processStart(owner.pid);
  return start !== "" && owner.processStart !== "" && start !== owner.processStart;
}

let known: string | undefined;

function thisMachine(): string {
  return (known ??= readMachine());
}

/** On Linux: boot and pid namespace. Elsewhere pids have no namespaces, and the addresses of the network cards tell machines apart. */
function readMachine(): string {
  try {
    if (process.platform === "linux") {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
    }
    const cards = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const macs = new Set(cards.filter(({ internal }) => !internal).map(({ mac }) => mac));
    if (macs.size === 0) return "";
    const hash = createHash("sha256")
      .update([...macs].sort().join())
      .digest("hex");
    return `${process.platform}/${hostname()}/${hash.slice(0, 16)}`;
  } catch {
    return "";
  }
}

/** In clock ticks since the boot, where the system has /proc; elsewhere "". */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
