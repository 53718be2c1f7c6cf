/** What an epoch comes to: its means, its learning rates, and its place in the history. */
import { learningRateNames } from "../support/unique-names.js";
import { MAX_HISTORY_VALUES } from "./history.js";
import { monitorValues, ownSeries } from "./metric-board.js";
import { reduced } from "./reduce.js";
import type { Run } from "./run.js";

/** The epoch's means: merged over steps by now, reduced over ranks here. */
export async function publishTraining<Batch>(run: Run<Batch>): Promise<void> {
  const { loader, metrics } = run.train;
  await metrics.drain();
  const epoch = (await reduced(run, metrics)).compute();
  run.board.publish("train", epoch, loader.names, run.progress);
  run.board.history.note(learningRates(run));
  if (!run.config.logging.logLoaderProportions || ownSeries(loader.names).length === 0) return;
  const shares: Record<string, number> = {};
  for (const [name, { batches, divergence }] of Object.entries(epoch.proportions)) {
    shares[`loader_proportions/${name}_batches`] = batches;
    if (divergence !== null) shares[`loader_proportions/${name}_divergence`] = divergence;
  }
  run.board.add(shares, run.progress.step);
}

/** The rates of the epoch's last step, as the learning-rate monitor names them. */
function learningRates<Batch>({ optimizers }: Run<Batch>): Record<string, number> {
  const names = learningRateNames(optimizers.map(({ name }) => name));
  return Object.fromEntries(optimizers.map(({ learningRate }, i) => [names[i] as string, learningRate]));
}

/** Adds the epoch that ends to the history. */
export function recordEpoch<Batch>({ board, progress, warnings }: Run<Batch>): void {
  if (!board.history.endEpoch()) return;
  warnings.warn(
    `result.history holds ${MAX_HISTORY_VALUES} values, the most that it may, and ends with epoch ${progress.epochsCompleted} of the run. The backends have all values; the metric tracker (hooks.enableMetricTracker) keeps the last ones of each metric.`,
  );
}

/** What a stop in mid-epoch leaves of that epoch: its means so far, for the result. Nothing with several ranks, which would have to wait for each other. */
export async function keepPartialEpoch<Batch>(run: Run<Batch>): Promise<void> {
  const { loader, metrics } = run.train;
  if (run.progress.batchInEpoch === 0 || run.group.worldSize > 1) return;
  await metrics.drain();
  const values = monitorValues("train", metrics.compute(), loader.names);
  run.board.history.stopInEpoch({ ...values, ...learningRates(run) });
}
