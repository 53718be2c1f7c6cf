import type { LogDestination, MaybePromise, RunControl, RunInfo } from "../../contract/index.js";
import { isPromise } from "../../support/promises.js";
import type { GuardedBackend } from "./guarded-backend.js";

/** Starts every backend at once, each in `timeoutMs` at most. Fails with the first definite refusal, after all have settled. */
export function startAll(
  backends: readonly GuardedBackend[],
  run: RunInfo,
  control: RunControl,
  timeoutMs: number,
): MaybePromise<void> {
  const waits: Promise<void>[] = [];
  const refusals: unknown[] = [];
  const ofAll: RunControl = {
    requestStop: (reason) => control.requestStop(reason),
    destinations: () => control.destinations?.() ?? destinationsOf(backends),
  };
  for (const backend of backends) {
    try {
      const started = backend.start(run, ofAll, timeoutMs);
      if (isPromise(started)) waits.push(started);
    } catch (refusal) {
      refusals.push(refusal);
    }
  }
  if (waits.length > 0) return settleStarts(waits, refusals);
  if (refusals.length > 0) throw refusals[0];
  return undefined;
}

/** Where the backends say that their records are, in their order. */
export function destinationsOf(backends: readonly GuardedBackend[]): readonly LogDestination[] {
  return backends.flatMap((backend) => backend.destinations());
}

/** Waits for every start, so that each backend can be closed, then throws the first refusal. */
async function settleStarts(waits: readonly Promise<void>[], refusals: readonly unknown[]): Promise<void> {
  const outcomes = await Promise.allSettled(waits);
  const rejected = outcomes.find((outcome) => outcome.status === "rejected");
  if (refusals.length > 0) throw refusals[0];
  if (rejected !== undefined) throw rejected.reason;
}
