import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunIdentity, RunInfo } from "../contract/index.js";
import { DirectoryLock } from "../checkpoint/disk/lock.js";
import { broadcastJson } from "../ranks/index.js";
import { makeDirectories, namesIn } from "../support/directories.js";
import { errorCode } from "../support/error-code.js";
import { TrainscopeError, messageOf } from "../support/errors.js";
import { readOwner, writeOwner } from "../support/run-identity.js";
import { earlierParts, identityIn, type EarlierPart } from "./earlier-parts.js";
import { ambiguousError, noSuchRunError, runExistsError } from "./open-run-errors.js";
import type { RunPaths } from "./paths.js";
import { placesOf } from "./places.js";
import { notWritableError, writing } from "./run-directory.js";

/** The run with its directory. */
export interface OpenedRun {
  info: RunInfo;
  /** Held by rank 0 until the run has ended; null on the other ranks. */
  lock: DirectoryLock | null;
}

/** What is told while the run is opened. */
export interface OpenListener {
  /** The directory is locked by a process that gives no sign of life. */
  onWait(message: string): void;
  /** The lock was lost while the run trained. */
  onLost(): void;
  /** True once the user has abandoned the run: the lock is waited for no longer. */
  isAbandoned(): boolean;
}

/**
 * Makes the run's directory on rank 0, locks it, finds out which run it is, and sends that to the other ranks.
 * - The id stands in the directory (`owner.json`); where that is gone, checkpoints of the run's name give it back.
 * - A named run that exists, as a directory or as checkpoints of its name elsewhere, throws `ERR_RUN_EXISTS`, unless it is to be resumed.
 * - A run that another process trains throws `ERR_RUN_LOCKED`. An unnamed run gets the next free name.
 */
export async function openRun(run: RunInfo, paths: RunPaths, listener: OpenListener): Promise<OpenedRun> {
  const { config } = run;
  const group = config.ranks.group;
  const opened = run.rank === 0 ? await settled(open(run, paths, listener)) : null;
  if (group === undefined || group.worldSize === 1) return unwrap(opened);
  const told = await broadcastJson(group, describe(opened), 0, { timeoutMs: config.ranks.timeoutMs });
  if (run.rank === 0) return unwrap(opened);
  if ("error" in told) throw new TrainscopeError("ERR_RUN_DIR", `Rank 0 could not open the run: ${told.error}`);
  return { info: { ...run, ...told }, lock: null };
}

async function open(run: RunInfo, paths: RunPaths, listener: OpenListener): Promise<OpenedRun> {
  const runsDir = dirname(run.dir);
  writing(runsDir, () => makeDirectories(runsDir));
  if (run.config.runName === undefined) return own(firstFree(run, runsDir), listener);
  if (existsSync(run.dir)) {
    if (run.config.resume === "never") throw runExistsError(run, []);
    return ownNamed(run, await earlierParts(paths, run), listener);
  }
  const parts = await earlierParts(paths, run);
  if (run.config.resume === "never" && parts.length > 0) throw runExistsError(run, parts);
  if (run.config.resume === "must" && parts.length === 0) throw noSuchRunError(run, await placesOf(paths, run));
  if (identityIn(parts) === "ambiguous") throw ambiguousError(run, parts);
  const isNew = makeDirectory(run) && parts.length === 0;
  return ownNamed(run, parts, listener, isNew);
}

/** False where another process made it just now. */
function makeDirectory(run: RunInfo): boolean {
  try {
    mkdirSync(run.dir);
    return true;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw notWritableError(run.dir, error);
    if (run.config.resume === "never") throw runExistsError(run, []);
    return false;
  }
}

function firstFree(run: RunInfo, runsDir: string): RunInfo {
  for (let n = 1; ; n++) {
    const runName = n === 1 ? run.runName : `${run.runName}-${n}`;
    const dir = join(runsDir, runName);
    try {
      mkdirSync(dir);
      return { ...run, runName, dir };
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw notWritableError(dir, error);
    }
  }
}

/** Locks the directory of a named run, which may have been started before, or by another process just now. */
async function ownNamed(run: RunInfo, parts: readonly EarlierPart[], listener: OpenListener, isNew = false): Promise<OpenedRun> {
  for (;;) {
    const owner = readOwner(run.dir);
    const found = owner ?? identityIn(parts);
    if (found === "ambiguous") throw ambiguousError(run, parts);
    const opened = await own({ ...run, runId: found?.runId ?? run.runId }, listener);
    const now = readOwner(run.dir); // another process may have started the run while this one waited for the lock
    if (now?.runId === opened.info.runId) return { ...opened, info: { ...opened.info, attempt: attemptIn(run.dir, isNew) } };
    opened.lock?.release();
  }
}

/** Locks the run's directory, and writes into it whose it is, where that is not there. */
async function own(run: RunInfo, listener: OpenListener): Promise<OpenedRun> {
  const identity: RunIdentity = { runId: run.runId, runName: run.runName };
  const lock = new DirectoryLock(run.dir, { kind: "run", run: identity, ...listener });
  await lock.acquire();
  try {
    if (readOwner(run.dir) === null) writing(run.dir, () => writeOwner(run.dir, identity, "w"));
    return { info: run, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The number of this process start: the next one for which there is no config. One that was deleted leaves a gap. */
function attemptIn(dir: string, isNew: boolean): number {
  const configs = namesIn(dir).filter((name) => /^config(\.resume-\d{1,9})?\.yaml$/.test(name));
  if (isNew && configs.length === 0) return 1;
  return 2 + Math.max(0, ...configs.map((name) => Number(/\d+/.exec(name)?.[0] ?? 0)));
}

type Settled<T> = { value: T } | { thrown: unknown };

async function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work };
  } catch (thrown) {
    return { thrown };
  }
}

function unwrap<T>(opened: Settled<T> | null): T {
  if (opened !== null && "value" in opened) return opened.value;
  throw opened === null ? new TrainscopeError("ERR_RUN_DIR", "Only rank 0 makes the run's directory.") : opened.thrown;
}

function describe(opened: Settled<OpenedRun> | null): { runId: string; runName: string; dir: string } | { error: string } {
  if (opened === null) return { error: "" };
  if ("thrown" in opened) return { error: messageOf(opened.thrown) };
  const { runId, runName, dir } = opened.value.info;
  return { runId, runName, dir };
}
