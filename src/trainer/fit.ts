import { join } from "node:path";
import type { FitResult } from "../contract/index.js";
import { tagsOf } from "../config/params.js";
import { TrainscopeError, isTrainscopeError, messageOf, stackOf } from "../support/errors.js";
import { closeLoaders } from "./close-loaders.js";
import { fireOnStop, trainLoop } from "./loop.js";
import { finalMetrics, resultOf, runEnd, statusOf, summaryOf, type StartTime } from "./result.js";
import { configFile, writeSummary, type Summary } from "./run-directory.js";
import { paramsOf } from "./run-params.js";
import type { Run } from "./run.js";
import { sanityCheck } from "./validation.js";

/**
 * One run from its checks to its summary.
 * - `onTrainEnd` and every backend's `close` run, whatever happened before.
 * - A failure rejects with a `TrainscopeError` that names the place, keeps the original as `cause` and carries `.result`.
 * - A stop or an interruption resolves.
 */
export async function fit<Batch>(run: Run<Batch>): Promise<FitResult> {
  const startedAt = { date: new Date(), ms: performance.now() };
  const { interruption } = run;
  let failure: TrainscopeError | null = null;
  try {
    await interruption.guard(train(run));
  } catch (thrown) {
    failure = asFailure(run, thrown);
  }
  interruption.ending();
  if (interruption.isAbandoned) {
    run.hooks.silence();
    run.warnings.warn(
      `What the run was waiting for (model.${run.context.calling}, a hook or a loader) was abandoned before it had ended.`,
    );
  }
  try {
    return await finish(run, failure, startedAt);
  } finally {
    await interruption.beforeDeadline(run.checkpoints.close()); // also where the end itself failed: no lock stays
    interruption.restore();
  }
}

async function train<Batch>(run: Run<Batch>): Promise<void> {
  const { interruption, stop } = run;
  try {
    await start(run);
    await trainLoop(interruption.throwIfAbandoned(run));
  } catch (thrown) {
    if (!isOwnAbort(run, thrown)) throw thrown;
    stop.agreed = stop.pending ?? stop.agreed;
    await fireOnStop(run);
  }
}

/** True when a step gave up because the run is being interrupted: that is no failure. */
function isOwnAbort<Batch>({ interruption, stop }: Run<Batch>, thrown: unknown): boolean {
  if (interruption.isAbandoned) return false;
  const interrupted = stop.pending?.kind === "interrupted" || stop.agreed?.kind === "interrupted";
  return interrupted && (thrown === interruption.stepSignal.reason || nameOf(thrown) === "AbortError");
}

/** Opens the backends, logs what identifies the run, then runs the sanity validation. */
async function start<Batch>(run: Run<Batch>): Promise<void> {
  const { logger, trainer, config, info, interruption } = run;
  const control = { requestStop: (reason: string): void => trainer.requestStop(reason, { force: true }) };
  interruption.throwIfAbandoned(await logger.start(info, control));
  run.warnings.open(logger);
  const unseeded = run.hasSeed && info.resumedFromStep === null ? await run.model.unseeded?.() : undefined;
  for (const warning of [...(run.model.warnings ?? []), ...(unseeded ?? [])]) run.warnings.warn(warning);
  logger.logParams(paramsOf(config, info.setup));
  if (info.rank === 0) logger.logArtifact({ name: configFile(info), path: join(info.dir, configFile(info)), type: "config" });
  const tags = { ...tagsOf(config), ...run.tags };
  if (Object.keys(tags).length > 0) logger.setTags(tags);
  if (config.notes !== undefined) logger.setNotes(config.notes);
  const step = info.resumedFromStep;
  if (step !== null) logger.logEvent("rewind", { message: `resumed from step ${step}`, toStep: step }, step);
  await sanityCheck(run);
}

/** The error that `fit` rejects with, for what the loop threw; null when the run was abandoned. */
function asFailure<Batch>(run: Run<Batch>, thrown: unknown): TrainscopeError | null {
  const { interruption, stop, context } = run;
  if (interruption.isAbandoned) {
    stop.agreed = stop.pending ?? stop.agreed;
    return null;
  }
  if (isTrainscopeError(thrown)) return thrown;
  const at = context.calling === "trainStep" ? `step ${context.step}` : `after step ${context.step - 1}`;
  const path = `model.${context.calling}, ${at}, loader "${context.loaderName}"`;
  return new TrainscopeError("ERR_STEP", `The model threw: ${messageOf(thrown)}`, { path, cause: thrown });
}

async function finish<Batch>(run: Run<Batch>, first: TrainscopeError | null, startedAt: StartTime): Promise<FitResult> {
  const { hooks, trainer, logger, interruption, progress } = run;
  const wait = (work: Promise<unknown>): Promise<unknown> => interruption.beforeDeadline(work);
  const failures = first === null ? [] : [first];
  run.train.metrics.dispose();
  run.validation?.metrics.dispose();
  if (first !== null) {
    logger.logEvent(
      "error",
      { code: first.code, message: first.message, stack: stackOf(first.cause ?? first), cause: first.cause },
      progress.step,
    );
    failures.push(...(await hooks.methods.onException.fireAllWithin(wait, trainer, first)));
  }
  if (run.config.hooks.enableLoggingHook)
    logger.logMetrics(finalMetrics(run), progress.step, { epoch: Math.max(0, progress.epochsCompleted - 1) });
  let status = statusOf(run, failures);
  failures.push(...(await hooks.methods.onTrainEnd.fireAllWithin(wait, trainer, status)));
  failures.push(...(await closeLoaders(run)));
  failures.push(...((await interruption.beforeDeadline(finishSaves(run))) ?? []));
  status = statusOf(run, failures);
  for (const later of failures.slice(first === null ? 0 : 1))
    logger.logEvent("error", { code: later.code, message: later.message, cause: later.cause }, progress.step);
  const failure = failures[0] ?? null;
  logger.logEvent("runEnd", { ...runEnd(run, resultOf(run, status, failure, [])) }, progress.step);
  const delivery = [...(await logger.close(status, { signal: interruption.deadline })), ...run.checkpoints.report()];
  const result = resultOf(run, status, failure, delivery);
  const unwritten =
    run.info.rank === 0 && run.lock?.isLost !== true ? trySummary(result.dir, summaryOf(run, result, failure, startedAt)) : null;
  const error = failure ?? unwritten;
  if (error === null) return result;
  error.result = result;
  throw error;
}

/** Writes `summary.json`, or returns the error; the error that `fit` rejects with then carries the result all the same. */
function trySummary(dir: string, summary: Summary): TrainscopeError | null {
  try {
    writeSummary(dir, summary);
    return null;
  } catch (error) {
    if (isTrainscopeError(error)) return error;
    return new TrainscopeError("ERR_RUN_DIR", `summary.json could not be written: ${messageOf(error)}`, {
      path: "runsDir",
      cause: error,
    });
  }
}

/** Waits for the saves in flight and reports how they ended. */
async function finishSaves<Batch>({ checkpoints }: Run<Batch>): Promise<TrainscopeError[]> {
  try {
    await checkpoints.drain();
    await checkpoints.settle();
    return [];
  } catch (error) {
    return [isTrainscopeError(error) ? error : new TrainscopeError("ERR_CHECKPOINT_SAVE", messageOf(error), { cause: error })];
  } finally {
    await checkpoints.close();
  }
}

function nameOf(thrown: unknown): unknown {
  try {
    return (thrown as Partial<Error> | null)?.name;
  } catch {
    return undefined;
  }
}
