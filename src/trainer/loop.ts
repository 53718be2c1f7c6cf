/**
 * The loop, which the code below matches line by line:
 *
 *     onTrainStart
 *     for each epoch
 *       onEpochStart
 *       for each batch (loader chosen by the sampling strategy)
 *         onTrainBatchStart → model.trainStep → metrics.update → onTrainBatchEnd
 *         the event loop gets a turn when it has waited for yieldEveryMs
 *         at a boundary: drain deferred scalars and log · validate by steps · onCheckpoint · stop agreed? → leave
 *       onLogInterval for the last step · onTrainEpochEnd
 *       if validation is due: onValidationStart → every batch of every loader → onValidationEnd
 *       onCheckpoint
 *       stop agreed by all ranks?
 *       onEpochEnd
 *     on a stop: onStop(reason)
 *
 * A stop in mid-epoch runs `onStop` and no epoch-end hooks or validation; one at the epoch's end runs `onEpochEnd`
 * first; `maxSteps` ends the epoch as its last batch does. A hook, step or loader that returns no promise costs no `await`.
 */
import { isPromise } from "../promises.js";
import { atBoundary, checkpoint, logInterval, type Next } from "./boundary.js";
import { ownSeries } from "./metric-board.js";
import { reduced } from "./reduce.js";
import type { Run } from "./run.js";
import { validate } from "./validation.js";

/** Trains until the config's end, a stop, or an interruption. */
export async function trainLoop<Batch>(run: Run<Batch>): Promise<void> {
  const { moments } = run.hooks;
  const { trainer, progress, schedule, stop } = run;
  await moments.onTrainStart.fire(trainer);
  while (!schedule.isOver(progress) && stop.agreed === null) {
    await run.train.loader.startEpoch();
    run.train.metrics.reset();
    progress.startEpoch(run.train.loader.batchesPerEpoch);
    await moments.onEpochStart.fire(trainer, progress.epoch);
    const whole = (await trainBatches(run)) && (await endEpoch(run));
    if (!whole) await run.train.metrics.drain();
    await run.train.loader.endEpoch();
  }
  if (stop.agreed === null) return;
  progress.stopRequested = stop.agreed.reason;
  await moments.onStop.fire(trainer, stop.agreed.reason);
}

/** One epoch's batches. Returns false when the run stops before the last of them. */
async function trainBatches<Batch>(run: Run<Batch>): Promise<boolean> {
  const { trainer, model, progress, context, requests, schedule, stop, interruption } = run;
  const { loader, metrics } = run.train;
  const { onTrainBatchStart, onTrainBatchEnd } = run.hooks.moments;
  const { reads } = run.hooks;
  const { clock } = progress;
  let lookUpAt = Math.min(schedule.nextStep, stop.nextVote);
  let next: Next = requests.attention ? await atBoundary(run) : "train";
  clock.resume();
  while (next === "train") {
    const pulled = loader.next();
    if (!(isPromise(pulled) ? await pulled : pulled)) break;
    clock.dataReady();
    const { batch, loaderIdx } = loader;
    const loaderName = loader.names[loaderIdx] as string;

    const starting = onTrainBatchStart.fire(trainer, batch, loaderIdx, loaderName);
    if (isPromise(starting)) await starting;
    context.move(progress.step, progress.epoch, progress.batch, loaderIdx, loaderName);
    context.wantsGradients = requests.gradients;
    requests.gradients = false;
    const stepping = model.trainStep(batch, context);
    const result = isPromise(stepping) ? interruption.still(await stepping) : stepping;
    const measuring = metrics.update(loaderIdx, result, context.step, progress.batch);
    if (isPromise(measuring)) await measuring;
    progress.count(result);
    if (reads.length > 0) await metrics.awaitReads(reads);
    const ending = onTrainBatchEnd.fire(trainer, batch, loaderIdx, loaderName, metrics.view());
    if (isPromise(ending)) await ending;
    clock.batchDone();

    if (schedule.isTurnDue(clock.nowMs)) {
      await schedule.turn();
      clock.resume();
    }
    if (requests.attention || progress.step >= lookUpAt) {
      next = await atBoundary(run);
      lookUpAt = Math.min(schedule.nextStep, stop.nextVote);
    }
  }
  return next !== "stop" && !(await stop.afterLastBatch(progress));
}

/** What follows the last batch of an epoch. Returns false when an interruption cut it short. */
async function endEpoch<Batch>(run: Run<Batch>): Promise<boolean> {
  const { trainer, progress, schedule, stop, board, events } = run;
  const { moments } = run.hooks;
  const { epoch } = progress;
  if (progress.loggedStep !== progress.step) await logInterval(run);
  await publishTraining(run);
  await moments.onTrainEpochEnd.fire(trainer, epoch, board.latest);
  if (schedule.validatesAfterEpoch(epoch) && !(await validate(run))) {
    await stop.afterStep(progress);
    return false;
  }
  await checkpoint(run);
  await stop.afterEpoch(progress);
  await moments.onEpochEnd.fire(trainer, epoch, board.latest);
  events.emit("epochEnd", { epoch, step: progress.step, metrics: board.latest });
  progress.epochsCompleted++;
  progress.epoch++;
  return true;
}

/** The epoch's means: merged over steps by now, reduced over ranks here. */
async function publishTraining<Batch>(run: Run<Batch>): Promise<void> {
  const { loader, metrics } = run.train;
  await metrics.drain();
  const epoch = (await reduced(run, metrics)).compute();
  run.board.publish("train", epoch, loader.names, run.progress);
  if (!run.config.logging.logLoaderProportions || ownSeries(loader.names).length === 0) return;
  const shares: Record<string, number> = {};
  for (const [name, { batches, divergence }] of Object.entries(epoch.proportions)) {
    shares[`loader_proportions/${name}_batches`] = batches;
    if (divergence !== null) shares[`loader_proportions/${name}_divergence`] = divergence;
  }
  run.board.add(shares);
}
