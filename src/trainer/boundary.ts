import type { Run } from "./run.js";
import { validate } from "./validation.js";

/** How the loop goes on after a boundary. */
export type Next = "train" | "endEpoch" | "stop";

/** Everything that can be due between two steps, in the order of the design. */
export async function atBoundary<Batch>(run: Run<Batch>): Promise<Next> {
  const { progress, requests, schedule, stop } = run;
  requests.attention = false;
  if (schedule.takeLog(progress.step)) await logInterval(run);
  if (schedule.takeValidation(progress.step)) await validate(run);
  if (requests.checkpoint !== null) await checkpoint(run);
  if (await stop.afterStep(progress)) return "stop";
  progress.clock.resume();
  return progress.step >= schedule.maxSteps ? "endEpoch" : "train";
}

/** Drains deferred scalars and hands the interval to the hooks that log it. */
export async function logInterval<Batch>(run: Run<Batch>): Promise<void> {
  const { train, progress, hooks, trainer, events } = run;
  await train.metrics.drain();
  const { loaderIdx, names } = train.loader;
  const values = train.metrics.lastValues();
  const interval = progress.takeInterval(loaderIdx, names[loaderIdx] as string, values, train.metrics.takeNonFinite());
  await hooks.moments.onLogInterval.fire(trainer, interval);
  events.emit("interval", interval);
}

/** The hooks' moment to ask for a checkpoint; what they asked for is captured after the dispatch. */
export async function checkpoint<Batch>(run: Run<Batch>): Promise<void> {
  const { progress, requests, hooks, trainer, board } = run;
  await run.train.metrics.drain();
  await hooks.moments.onCheckpoint.fire(trainer, progress.epoch, board.latest);
  if (requests.checkpoint === null) return;
  run.notices.warn(`A checkpoint was asked for (${requests.checkpoint}), but this version of trainscope saves none.`);
  requests.checkpoint = null;
}
