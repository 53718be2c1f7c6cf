import type { FitData, FitResult, RunEnvironment } from "../contract/index.js";
import { runEnvironment } from "../system/environment/index.js";
import { Checkpointing } from "./checkpointing.js";
import { checkRun } from "./checks.js";
import { closeLoaders } from "./close-loaders.js";
import { Context } from "./context.js";
import { makeSplit } from "./data-split.js";
import { fit } from "./fit.js";
import { Interruption } from "./interruption.js";
import { ownSeries } from "./metric-board.js";
import type { ResolvedFitOptions } from "./options.js";
import { resume } from "./resume.js";
import { openRun } from "./open-run.js";
import { writeConfig } from "./run-directory.js";
import type { RunServices } from "./run-services.js";
import type { Run } from "./run.js";
import { Schedule } from "./schedule.js";
import { firstRatesOf, setupOf } from "./setup.js";
import { UpdateWatch } from "./updates.js";

/** Checks the data, makes and locks the run's directory, resumes the run where the config says so, and trains. */
export async function composeAndFit<Batch>(
  services: RunServices<Batch>,
  data: FitData<Batch>,
  options: ResolvedFitOptions,
): Promise<FitResult> {
  const run = compose(services, data, options);
  const environment = runEnvironment(services.model, services.paths.cwd); // found out while the directory is opened
  run.interruption.watch();
  try {
    await run.interruption.guard(open(run, environment));
  } catch (error) {
    run.interruption.restore();
    await closeLoaders(run);
    await run.checkpoints.close();
    run.lock?.release();
    throw error;
  }
  try {
    return await fit(run);
  } finally {
    run.lock?.release();
  }
}

/** What comes before the first step. A loader or a model that hangs here can be abandoned too. */
async function open<Batch>(run: Run<Batch>, environment: Promise<RunEnvironment>): Promise<void> {
  const { interruption, warnings } = run;
  await checkRun(run);
  interruption.throwIfAbandoned(run);
  warnings.urgent = true; // what is said while a lock is waited for
  const { info, lock } = await openRun(run.info, run.paths, {
    onWait: (message) => warnings.warn(message),
    onLost: () => (run.requests.attention = true),
    isAbandoned: () => interruption.stepSignal.aborted,
  });
  if (interruption.isAbandoned) return lock?.release(); // while the lock of another process was waited for
  Object.assign(run, { info, lock });
  if (run.config.hooks.enableModelCheckpointHook) interruption.throwIfAbandoned(await run.checkpoints.lock());
  warnings.urgent = false;
  if (run.info.attempt > 1) interruption.throwIfAbandoned(await resume(run));
  const [setup, environmentOfRun] = interruption.throwIfAbandoned(await Promise.all([setupOf(run), environment]));
  run.info = { ...run.info, setup, environment: environmentOfRun };
  if (run.info.rank === 0) await writeConfig(run.info);
}

/** Extends `services` to a run. They are one object: what changes in the services is never stale in the run. */
function compose<Batch>(services: RunServices<Batch>, data: FitData<Batch>, options: ResolvedFitOptions): Run<Batch> {
  const { config, group, progress, warnings } = services;
  const train = makeSplit(services, data.train, "train");
  const validation = data.validation === undefined ? null : makeSplit(services, data.validation, "validation");
  services.loaders = {
    train: ownSeries(train.loader.names),
    validation: validation === null ? [] : ownSeries(validation.loader.names),
  };
  progress.batchesPerEpoch = train.loader.batchesPerEpoch;
  const stepsAlone = config.maxEpochs === undefined ? (config.maxSteps ?? null) : null;
  progress.updates = new UpdateWatch(stepsAlone, (message) => warnings.warn(message));
  const interruption = new Interruption((reason) => services.requestStop({ reason, kind: "interrupted" }), options);
  const startRates = services.optimizers.map(({ learningRate }) => learningRate);
  const savable = Object.assign(services, { train, validation, startRates, firstRates: firstRatesOf(services) });
  return Object.assign(savable, {
    context: new Context(config.seed, group, interruption.stepSignal),
    schedule: new Schedule(config),
    interruption,
    checkpoints: new Checkpointing(savable),
    lock: null,
    resumed: null,
    tags: {},
  });
}
