import type { FitData, FitResult } from "../contract/index.js";
import { MultiDataLoader } from "../data/index.js";
import { MetricsManager } from "../metrics/index.js";
import { Checkpointing } from "./checkpointing.js";
import { checkRun, checkShared } from "./checks.js";
import { Context } from "./context.js";
import { fit } from "./fit.js";
import { Interruption } from "./interruption.js";
import { ownSeries } from "./metric-board.js";
import { resume } from "./resume.js";
import { openRunDirectory, writeConfig } from "./run-directory.js";
import type { DataSplit, RunServices, Run } from "./run.js";
import { Schedule } from "./schedule.js";

/** One run: the data is checked, the directory made, and then it trains. */
export async function composeAndFit<Batch>(
  parts: RunServices<Batch>,
  data: FitData<Batch>,
  signal: AbortSignal | undefined,
): Promise<FitResult> {
  const run = compose(parts, data, new Interruption((reason) => parts.requestStop({ reason, kind: "interrupted" }), signal));
  await checkRun(run);
  parts.info = await openRunDirectory(parts.info);
  try {
    if (parts.config.hooks.enableModelCheckpointHook) await run.checkpoints.lock(run);
    if (parts.info.attempt > 1) await resume(parts, run);
    if (parts.info.rank === 0) await writeConfig(parts.info);
  } catch (error) {
    await run.checkpoints.close();
    throw error;
  }
  return fit(run);
}

function compose<Batch>(parts: RunServices<Batch>, data: FitData<Batch>, interruption: Interruption): Run<Batch> {
  checkShared(data);
  const train = phase(parts, data.train, "train");
  const validation = data.validation === undefined ? null : phase(parts, data.validation, "validation");
  parts.loaders = {
    train: ownSeries(train.loader.names),
    validation: validation === null ? [] : ownSeries(validation.loader.names),
  };
  const context = new Context(parts.config.seed, parts.group, interruption.stepSignal);
  parts.progress.batchesPerEpoch = train.loader.batchesPerEpoch;
  const checkpoints = new Checkpointing<Batch>();
  return {
    ...parts,
    train,
    validation,
    context,
    schedule: new Schedule(parts.config),
    interruption,
    checkpoints,
    resumed: null,
    tags: {},
  };
}

function phase<Batch>(
  { config, group, warnings: notices }: RunServices<Batch>,
  loaders: FitData<Batch>["train"],
  role: "train" | "validation",
): DataSplit<Batch> {
  const loader = new MultiDataLoader<Batch>({
    loaders,
    config: config.trainLoaderConfig,
    seed: config.seed,
    rank: group.rank,
    role,
    onWarning: (message) => notices.warn(message),
  });
  const metrics = new MetricsManager({
    loaders: loader.names,
    config: config.metrics,
    expectedProportions: loader.expectedProportions,
    maxPendingScalars: config.logging.maxPendingScalars,
  });
  return { loader, metrics };
}
