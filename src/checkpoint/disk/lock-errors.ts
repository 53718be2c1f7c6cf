import { TrainscopeError } from "../../support/errors.js";
import { printable } from "../../support/printable.js";
import { runText } from "../../support/run-identity.js";
import type { LockOwner } from "./lock-owner.js";

/** What a lock protects: the checkpoints in a directory, or the directory of a run. */
export type LockKind = "checkpoints" | "run";

const WORDS = {
  checkpoints: {
    code: "ERR_CHECKPOINT_LOCKED",
    holder: "another checkpoint manager",
    lost: "Nothing more is saved or deleted here: make another manager, or end this process.",
    way: "Use another directory for this run, or end that process.",
  },
  run: {
    code: "ERR_RUN_LOCKED",
    holder: "another trainer",
    lost: "This run ends without another checkpoint: another process may have resumed it.",
    way: "Wait until it has ended, end it, or choose another runName.",
  },
} as const;

/** A lock: what it protects, and where. */
export interface LockPlace {
  kind: LockKind;
  dir: string;
  path: string;
}

/** For a lock with a living owner, whom it names. `isHere`: it is one of this process. */
export function lockedError({ kind, dir, path }: LockPlace, owner: LockOwner, isHere: boolean): TrainscopeError {
  const { code, holder, way } = WORDS[kind];
  const who = isHere ? `${holder} of this process, ${describe(owner)}` : describe(owner);
  const message = `The directory ${dir} is locked by ${who}, since ${printable(owner.lockedAt)}.\n${way} A lock whose owner has ended is taken over; ${path} need not be deleted.`;
  return new TrainscopeError(code, message, { path: dir });
}

/** For a lock that this process held. */
export function lostError({ kind, dir, path }: LockPlace, owner: LockOwner | null): TrainscopeError {
  const { code, lost } = WORDS[kind];
  const now =
    owner === null
      ? `${path} is gone: another process took it over and has ended, or it was deleted`
      : `${describe(owner)} has it now`;
  const why =
    "A process that gives no sign of life for a minute, because it was stopped or its event loop was blocked, loses its lock.";
  return new TrainscopeError(code, `The lock of ${dir} was lost: ${now}.\n${why}\n${lost}`, { path: dir });
}

/** For several processes that want a lock, when none of them gets it. */
export function contendedError({ kind, dir, path }: LockPlace): TrainscopeError {
  return new TrainscopeError(WORDS[kind].code, `Several processes are writing ${path} right now. Try again.`, { path: dir });
}

/** What a user reads while this process waits to see whether the owner of a lock lives. */
export function waitingText({ dir }: LockPlace, owner: LockOwner, limitMs: number): string {
  return `The directory ${dir} is locked by ${describe(owner)}, which gives no sign of life. Its lock is taken over when that lasts for ${limitMs / 1000} s.`;
}

function describe({ pid, host, run }: LockOwner): string {
  if (pid === 0) return "a process that is writing the lock, or died while it did";
  return `process ${pid} on host ${printable(host)}${run === null ? "" : `, ${runText(run)}`}`;
}
