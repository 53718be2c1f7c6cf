/**
 * The loop. The code below follows these lines:
 *
 *     onTrainStart
 *     for each epoch (a resumed run enters the first one where its checkpoint was taken)
 *       onEpochStart
 *       for each batch (the sampling strategy chooses the loader)
 *         onTrainBatchStart → model.trainStep → metrics.update → onTrainBatchEnd · stop requested by the model?
 *         yield to the event loop when yieldEveryMs have passed
 *         at a boundary: drain deferred scalars and log · validate by steps · onCheckpoint · stop agreed? → leave
 *       model.endEpoch: an update there is one more step, with its boundary
 *       onLogInterval for the last step · onTrainEpochEnd
 *       if validation is due: onValidationStart → every batch of every loader → onValidationEnd
 *       onCheckpoint
 *       stop agreed by all ranks?
 *       onEpochEnd · stop requested there?
 *     on a stop: onStop(reason)
 *
 * A stop in mid-epoch runs `onStop` and no epoch-end hooks or validation; one at the epoch's end runs `onEpochEnd` first; `maxSteps`
 * ends the epoch as its last batch does. A hook, step or loader that returns no promise costs no `await`.
 */
import type { StepResult } from "../contract/index.js";
import { disposeResult } from "../metrics/step-slot.js";
import { isPromise } from "../support/promises.js";
import { atBoundary, checkpoint, checkpointAtEnd, heedModel, logInterval } from "./boundary.js";
import { keepPartialEpoch, publishTraining, recordEpoch } from "./epoch-values.js";
import type { LoopPhase } from "./loop-phase.js";
import type { Run } from "./run.js";
import type { Next } from "./schedule.js";
import { validate } from "./validation.js";

/** Trains until the config's end, a stop, or an interruption. */
export async function trainLoop<Batch>(run: Run<Batch>): Promise<void> {
  const { trainer, hooks, stop } = run;
  await hooks.methods.onTrainStart.fire(trainer);
  let entry: LoopPhase = run.resumed ?? "epochStart";
  while (stop.agreed === null && (entry !== "epochStart" || hasNextEpoch(run))) {
    await trainEpoch(run, entry);
    entry = "epochStart";
  }
  if (stop.agreed === null) await checkpointAtEnd(run, "epochStart");
  await fireOnStop(run);
}

function hasNextEpoch<Batch>({ schedule, progress, stop }: Run<Batch>): boolean {
  return !schedule.isOver(progress.epochsCompleted, stop.furthestStep(progress));
}

/** One epoch, from `entry` on. Where the run stops in it, the state that it stops in is saved. */
async function trainEpoch<Batch>(run: Run<Batch>, entry: LoopPhase): Promise<void> {
  const { loader } = run.train;
  if (!isAfterBatches(run, entry)) await loader.startEpoch();
  if (entry === "epochStart") await startEpoch(run);
  const phase = await restOfEpoch(run, entry);
  if (phase !== "epochStart" || run.stop.agreed !== null) await checkpointAtEnd(run, phase);
  await loader.endEpoch();
}

/** True where a resumed run enters an epoch behind its last batch: in its validation, or at its end. */
function isAfterBatches<Batch>({ train }: Run<Batch>, entry: LoopPhase): boolean {
  return entry === "epochEnd" || entry === "validation" || (entry === "batch" && train.loader.isEpochOver);
}

/** What is left of an epoch from `entry` on. Returns where the run is then: before the next epoch, unless a stop cuts this one short. */
async function restOfEpoch<Batch>(run: Run<Batch>, entry: LoopPhase): Promise<LoopPhase> {
  if (entry === "epochEnd") return leaveEpoch(run);
  if (entry === "validation") return validateEpoch(run);
  if (!(await trainBatches(run))) {
    await keepPartialEpoch(run);
    return "batch";
  }
  await endTraining(run);
  return validateEpoch(run);
}

async function startEpoch<Batch>({ train, progress, hooks, trainer }: Run<Batch>): Promise<void> {
  train.metrics.reset();
  progress.startEpoch();
  await hooks.methods.onEpochStart.fire(trainer, progress.epoch);
}

/** One epoch's batches. Returns false when the run stops before the last of them. */
async function trainBatches<Batch>(run: Run<Batch>): Promise<boolean> {
  const { model, progress, context, requests, schedule, stop, interruption } = run;
  const { loader, metrics } = run.train;
  const { reads } = run.hooks;
  let next: Next = requests.attention ? await atBoundary(run) : schedule.next(progress.step);
  let boundaryAt = Math.min(schedule.nextStep, stop.nextVote);
  progress.clock.resume();
  while (next === "train") {
    const pulled = loader.next();
    if (!(isPromise(pulled) ? interruption.throwIfAbandoned(await pulled) : pulled)) break;
    const starting = startBatch(run);
    if (isPromise(starting)) interruption.throwIfAbandoned(await starting);
    const stepping = model.trainStep(loader.batch, context);
    const result = isPromise(stepping) ? acceptResult(run, await stepping) : stepping;
    const measuring = measure(run, result);
    if (isPromise(measuring)) await measuring;
    if (reads.length > 0) await metrics.awaitReads(reads);
    const ending = endBatch(run);
    if (isPromise(ending)) await ending;
    progress.clock.batchDone();
    if (model.stopRequested) heedModel(run);
    if (schedule.isYieldDue(progress.clock.nowMs)) await yieldToEventLoop(run);
    if (requests.attention || progress.step >= boundaryAt) {
      next = await atBoundary(run);
      boundaryAt = Math.min(schedule.nextStep, stop.nextVote);
    }
  }
  if (next !== "stop") next = await endUpdates(run);
  return next !== "stop" && !(await stop.afterLastBatch(progress));
}

// The parts of a step are functions of their own, so that they stay compiled while the loop around them awaits.

function startBatch<Batch>(run: Run<Batch>): void | Promise<void> {
  const { trainer, train, hooks, progress, context, requests } = run;
  progress.clock.dataReady();
  run.outputs.current = null;
  const { batch, loaderIdx, names } = train.loader;
  const loaderName = names[loaderIdx] as string;
  context.move(progress.step, progress.epoch, progress.batch, loaderIdx, loaderName);
  context.calling = "trainStep";
  const starting = hooks.methods.onTrainBatchStart.fire(trainer, batch, loaderIdx, loaderName);
  if (isPromise(starting)) return starting.then(() => context.consumeRequests(requests));
  context.consumeRequests(requests);
}

/** The result of a step that was awaited. One that comes after the run was abandoned is disposed of. */
function acceptResult<Batch>({ interruption }: Run<Batch>, result: StepResult): StepResult {
  if (interruption.isAbandoned && typeof result === "object" && result !== null) disposeResult(result);
  return interruption.throwIfAbandoned(result);
}

function measure<Batch>({ train, progress, context, outputs }: Run<Batch>, result: StepResult): void | Promise<void> {
  const measuring = train.metrics.update(context.loaderIdx, result, context.step, progress.batch);
  if (context.wantsOutputs) outputs.current = result.outputs ?? null;
  if (isPromise(measuring)) return measuring.then(() => progress.count(result)); // what either of them throws is awaited
  progress.count(result);
}

function endBatch<Batch>({ trainer, train, hooks, context }: Run<Batch>): void | Promise<void> {
  const { batch } = train.loader;
  return hooks.methods.onTrainBatchEnd.fire(trainer, batch, context.loaderIdx, context.loaderName, train.metrics.view());
}

/**
 * Lets the model apply what is left of an accumulation, with the learning rate of the last batch. It is a step like any other, so that none
 * is made behind `maxSteps`.
 */
async function endUpdates<Batch>(run: Run<Batch>): Promise<Next> {
  const { model, context, progress, requests, schedule, stop, interruption } = run;
  if (model.endEpoch === undefined || schedule.next(progress.step) === "endEpoch") return "endEpoch";
  context.calling = "endEpoch";
  const updated = interruption.throwIfAbandoned(await model.endEpoch());
  if (updated !== true) return "endEpoch";
  progress.step++;
  const isDue = requests.attention || progress.step >= Math.min(schedule.nextStep, stop.nextVote);
  return isDue ? atBoundary(run) : "endEpoch";
}

/** Lets signals, timers and delivery run beside a model that never waits. */
async function yieldToEventLoop<Batch>({ schedule, progress }: Run<Batch>): Promise<void> {
  await schedule.yieldToEventLoop();
  progress.clock.resume();
}

/** What follows the last batch of an epoch. */
async function endTraining<Batch>(run: Run<Batch>): Promise<void> {
  const { trainer, progress, board, hooks } = run;
  await run.checkpoints.settle();
  progress.updates?.noteEpochEnd(progress);
  if (progress.loggedStep !== progress.step) await logInterval(run);
  await publishTraining(run);
  await board.whileOpen("train", () => hooks.methods.onTrainEpochEnd.fire(trainer, progress.epoch, board.latest));
}

/** An epoch's validation, where one is due, and its checkpoint. A run that was interrupted in the validation continues here. */
async function validateEpoch<Batch>(run: Run<Batch>): Promise<LoopPhase> {
  const { progress, schedule, stop } = run;
  if (schedule.validatesAfterEpoch(progress.epoch) && !(await validate(run))) {
    await stop.afterStep(progress);
    return "validation";
  }
  await checkpoint(run, "epochEnd");
  return leaveEpoch(run);
}

/** What follows an epoch's checkpoint: here a run continues that is resumed from it. */
async function leaveEpoch<Batch>(run: Run<Batch>): Promise<LoopPhase> {
  const { trainer, progress, stop, board, events, hooks } = run;
  const { epoch } = progress;
  heedModel(run);
  await stop.afterEpoch(progress);
  await hooks.methods.onEpochEnd.fire(trainer, epoch, board.latest);
  events.emit("epochEnd", { epoch, step: progress.step, metrics: board.latest });
  recordEpoch(run);
  progress.epochsCompleted++;
  progress.epoch++;
  heedModel(run);
  stop.afterEpochHooks(progress);
  return "epochStart";
}

/** Calls `onStop` where the run was stopped. */
export async function fireOnStop<Batch>({ trainer, hooks, progress, stop }: Run<Batch>): Promise<void> {
  if (stop.agreed === null) return;
  progress.stopRequested = stop.agreed.reason;
  await hooks.methods.onStop.fire(trainer, stop.agreed.reason);
}
