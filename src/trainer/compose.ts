import type { FitData, FitResult } from "../contract/index.js";
import { MultiDataLoader } from "../data/index.js";
import { MetricsManager } from "../metrics/index.js";
import { checkRun, checkShared } from "./checks.js";
import { Context } from "./context.js";
import { fit } from "./fit.js";
import { Interruption } from "./interruption.js";
import { ownSeries } from "./metric-board.js";
import { openRunDirectory, writeConfig } from "./run-directory.js";
import type { Parts, Phase, Run } from "./run.js";
import { Schedule } from "./schedule.js";

/** One run: the data is checked, the directory made, and then it trains. */
export async function composeAndFit<Batch>(
  parts: Parts<Batch>,
  data: FitData<Batch>,
  signal: AbortSignal | undefined,
): Promise<FitResult> {
  const run = compose(parts, data, new Interruption((reason) => parts.ask({ reason, kind: "interrupted" }), signal));
  await checkRun(run);
  parts.info = await openRunDirectory(parts.info);
  if (parts.info.rank === 0) await writeConfig(parts.info);
  return fit(run);
}

function compose<Batch>(parts: Parts<Batch>, data: FitData<Batch>, interruption: Interruption): Run<Batch> {
  checkShared(data);
  const train = phase(parts, data.train, "train");
  const validation = data.validation === undefined ? null : phase(parts, data.validation, "validation");
  parts.loaders = {
    train: ownSeries(train.loader.names),
    validation: validation === null ? [] : ownSeries(validation.loader.names),
  };
  const context = new Context(parts.config.seed, parts.group, interruption.stepSignal);
  return { ...parts, train, validation, context, schedule: new Schedule(parts.config), interruption };
}

function phase<Batch>(
  { config, group, notices }: Parts<Batch>,
  loaders: FitData<Batch>["train"],
  role: "train" | "validation",
): Phase<Batch> {
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
