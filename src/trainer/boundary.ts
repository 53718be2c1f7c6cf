import type { Run } from "./run.js";
import type { LoopPhase } from "./saved-run.js";
import type { Next } from "./schedule.js";
import { validate } from "./validation.js";

/** Everything that can be due between two steps, in the order of the design. */
export async function atBoundary<Batch>(run: Run<Batch>): Promise<Next> {
  const { progress, requests, schedule, stop } = run;
  requests.attention = false;
  await run.checkpoints.settle();
  if (schedule.consumeLogDue(progress.step)) await logInterval(run);
  if (schedule.consumeValidationDue(progress.step)) await validate(run);
  if (canCapture(run)) await checkpoint(run, "batch");
  if (await stop.afterStep(progress)) return "stop";
  progress.clock.resume();
  return schedule.next(progress.step);
}

/** Drains deferred scalars and hands the interval to the hooks that log it. */
export async function logInterval<Batch>(run: Run<Batch>): Promise<void> {
  const { train, progress, hooks, trainer, events } = run;
  await train.metrics.drain();
  const { loaderIdx, names } = train.loader;
  const values = train.metrics.lastValues();
  const interval = progress.consumeInterval(loaderIdx, names[loaderIdx] as string, values, train.metrics.takeNonFinite());
  await hooks.methods.onLogInterval.fire(trainer, interval);
  events.emit("interval", interval);
}

/** A checkpoint was asked for, and nothing speaks against it: what may wait does so while another one is written. */
function canCapture<Batch>({ requests, checkpoints }: Run<Batch>): boolean {
  return requests.checkpoint !== null && (requests.checkpoint.keep || !checkpoints.isBusy);
}

/** The hooks' moment to ask for a checkpoint; what they asked for is captured after the dispatch. */
export async function checkpoint<Batch>(run: Run<Batch>, phase: LoopPhase): Promise<void> {
  const { progress, requests, hooks, trainer, board, group } = run;
  await run.train.metrics.drain();
  await hooks.methods.onCheckpoint.fire(trainer, progress.epoch, board.latest);
  const asked = requests.checkpoint;
  if (asked === null || !canCapture(run)) return;
  requests.checkpoint = null;
  if (group.worldSize === 1) await run.checkpoints.capture(run, phase, asked.keep);
  else run.warnings.warn(`A checkpoint was asked for (${asked.reason}); this version saves none where there are several ranks.`);
}

/** Where checkpoints are on, or one is still asked for, a run that ends leaves one of where it ended, unless it was abandoned. */
export async function checkpointAtEnd<Batch>(run: Run<Batch>, phase: LoopPhase): Promise<void> {
  const { requests } = run;
  const { hooks } = run.config;
  await run.train.metrics.drain();
  const wanted = requests.checkpoint !== null || (hooks.enableModelCheckpointHook && hooks.modelCheckpointConfig.saveLast);
  if (!wanted || run.interruption.isAbandoned || run.group.worldSize > 1) return;
  requests.checkpoint = null;
  if (run.checkpoints.isBehind(run.progress.step)) await run.checkpoints.capture(run, phase, true);
}
