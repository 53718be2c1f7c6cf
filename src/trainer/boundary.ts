import type { LoopPhase } from "./loop-phase.js";
import type { Run } from "./run.js";
import type { Next } from "./schedule.js";
import { validate } from "./validation.js";

/** Everything that can be due between two steps, in its order. */
export async function atBoundary<Batch>(run: Run<Batch>): Promise<Next> {
  const { progress, requests, schedule, stop } = run;
  requests.attention = false;
  run.lock?.check();
  await run.checkpoints.settle();
  if (schedule.consumeLogDue(progress.step)) await logInterval(run);
  if (schedule.consumeValidationDue(progress.step)) progress.validationDue = !(await validate(run));
  if (canCapture(run) && !endsEpoch(run)) await checkpoint(run, "batch");
  heedModel(run); // a hook of the validation may have set it
  if (await stop.afterStep(progress)) return "stop";
  progress.clock.resume();
  return schedule.next(progress.step);
}

/** Passes on that the model asks for the run's end, once. */
export function heedModel<Batch>({ model, stop, requestStop }: Run<Batch>): void {
  const reason = model.stopRequested;
  if (reason && stop.pending === null && stop.agreed === null) requestStop({ reason, kind: "forced" });
}

/** Drains deferred scalars and hands the interval to the hooks that log it. */
export async function logInterval<Batch>(run: Run<Batch>): Promise<void> {
  const { train, progress, hooks, trainer, events } = run;
  await train.metrics.drain();
  const { loaderIdx, names } = train.loader;
  const values = train.metrics.lastValues();
  const interval = progress.consumeInterval(loaderIdx, names[loaderIdx] as string, values, train.metrics.consumeNonFinite());
  await hooks.methods.onLogInterval.fire(trainer, interval);
  events.emit("interval", interval);
}

/** True where a checkpoint is requested. One that may be replaced by a newer request waits while another is being written. */
function canCapture<Batch>({ requests, checkpoints }: Run<Batch>): boolean {
  return requests.checkpoint !== null && (requests.checkpoint.keep || !checkpoints.isBusy);
}

/** True after the last batch of an epoch, as far as it is known: a checkpoint that is due there waits for the epoch's validation. */
function endsEpoch<Batch>({ progress, schedule, requests }: Run<Batch>): boolean {
  const { batchInEpoch, batchesPerEpoch, step } = progress;
  const ends = batchInEpoch === batchesPerEpoch || schedule.next(step) === "endEpoch";
  if (ends) requests.attention = true; // where the epoch goes on after all, the next step saves it
  return ends;
}

/**
 * Lets the hooks request a checkpoint, and captures it when all of them have returned. A state that was captured before it was measured is
 * saved again with its score.
 */
export async function checkpoint<Batch>(run: Run<Batch>, phase: LoopPhase): Promise<void> {
  const { progress, requests, hooks, trainer, board, group } = run;
  await run.train.metrics.drain();
  await hooks.methods.onCheckpoint.fire(trainer, progress.epoch, board.latest);
  if (phase === "epochEnd" && run.checkpoints.lacksScore(progress.step))
    requests.checkpoint ??= { reason: "its score was measured after it was saved", keep: true };
  const request = requests.checkpoint;
  if (request === null || !canCapture(run)) return;
  requests.checkpoint = null;
  if (group.worldSize === 1) await run.checkpoints.capture(phase, request.keep);
  else run.warnings.warn(`A checkpoint was requested (${request.reason}), but this version saves none with several ranks.`);
}

/** Saves the state in which a run ends, where checkpoints are enabled or one is still requested, unless the run was abandoned. */
export async function checkpointAtEnd<Batch>(run: Run<Batch>, phase: LoopPhase): Promise<void> {
  const { requests } = run;
  const { hooks } = run.config;
  await run.train.metrics.drain();
  const isDue = requests.checkpoint !== null || (hooks.enableModelCheckpointHook && hooks.modelCheckpointConfig.saveLast);
  if (!isDue || run.interruption.isAbandoned || run.group.worldSize > 1) return;
  requests.checkpoint = null;
  await run.checkpoints.drain(); // a save that fails is no save
  if (run.checkpoints.isBehind(run.progress)) await run.checkpoints.capture(phase, true);
}
