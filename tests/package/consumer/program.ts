// A program as users write it. Compiled against the packed tarball with several versions of TypeScript; never run.
import {
  EARLY_STOP_START,
  ERROR_CODES,
  GenericTrainer,
  TrainerHooks,
  after,
  arrayLoader,
  defineHook,
  every,
  isTrainscopeError,
  judgeEarlyStopping,
  type EarlyStoppingConfig,
  type ErrorCode,
  type FitResult,
  type GenericTrainerConfig,
  type HookMethodName,
  type LoggerBackend,
  type Metrics,
  type Optimizer,
  type RunStatus,
  type StateTree,
  type StepContext,
  type StepResult,
  type TrainableModel,
  type TrainerView,
} from "trainscope";
import { CheckpointManager, keepBest } from "trainscope/checkpoint";
import { MultiDataLoader } from "trainscope/data";
import { EarlyStoppingHook } from "trainscope/hooks";
import { TrainingLogger } from "trainscope/log";
import { CompositeLogger, ConsoleBackend } from "trainscope/loggers";
import { MetricsManager, ThroughputMeter } from "trainscope/metrics";
import { SystemMetricsLogger } from "trainscope/system";
import { SummaryWriter, TensorBoardBackend } from "trainscope/tensorboard";

interface Batch {
  x: Float64Array;
  y: Float64Array;
}

class Linear implements TrainableModel<Batch> {
  readonly metricNames = ["error"];
  readonly #weights = new Float64Array(2);

  trainStep(batch: Batch, context: StepContext): StepResult {
    const loss = (this.#weights[0] ?? 0) * (batch.x[0] ?? 0) + context.stepSeed;
    return { loss, metrics: { error: { read: () => loss, dispose: () => {} } }, batchSize: batch.x.length };
  }

  async evalStep(batch: Batch): Promise<StepResult> {
    return { loss: 0, metrics: { error: 0 }, batchSize: batch.y.length };
  }

  state(): StateTree {
    return { weights: { shape: [2], dtype: "F64", data: this.#weights } };
  }

  loadState(state: StateTree): void {
    const saved = state["weights"]?.data;
    if (saved instanceof Float64Array) this.#weights.set(saved);
  }
}

// Parameters are inferred: `batch` is a Batch, `metrics` is Metrics, `loaderName` a string.
const alarm = defineHook<Batch>("lossAlarm", {
  reads: ["loss"],
  onTrainBatchEnd(trainer, batch, loaderIdx, loaderName, metrics) {
    const loss: number | undefined = metrics["loss"];
    const size: number = batch.x.length + loaderIdx;
    if ((loss ?? 0) > 10)
      trainer.logger.logText("alarm", `loss ${loss} on ${loaderName.toUpperCase()} of ${size}`, trainer.state.step);
  },
  async onEpochEnd(trainer, epoch, metrics) {
    if (epoch > 3 && metrics["val/loss"] === undefined) trainer.requestStop("no validation", { force: true });
  },
});

class LossAlarm extends TrainerHooks<Batch> {
  override readonly key = "alarm";
  readonly #limit: number;
  #seen = 0;

  constructor(config: { limit?: number } = {}) {
    super();
    this.#limit = config.limit ?? 10;
  }

  override onTrainBatchEnd(trainer: TrainerView, batch: Batch, loaderIdx: number, loaderName: string, metrics: Metrics): void {
    if ((metrics["loss"] ?? 0) > this.#limit) this.#seen += loaderIdx + batch.x.length + loaderName.length;
    if (this.#seen > 3) trainer.requestStop("too many alarms");
  }

  override onTrainEnd(_trainer: TrainerView, status: RunStatus): void {
    if (status === "failed") this.#seen = 0;
  }
}

const memory: LoggerBackend & { rows: string[] } = {
  name: "memory",
  rows: [],
  logMetrics(metrics, step, at) {
    this.rows.push(`${step} ${at?.epoch ?? 0} ${Object.keys(metrics).join()}`);
  },
};

const earlyStoppingConfig: EarlyStoppingConfig = {
  monitor: "val/loss",
  patience: 5,
  minDelta: 1e-4,
  stoppingThreshold: undefined,
};
const config: GenericTrainerConfig = {
  maxEpochs: 20,
  seed: 7,
  trainLoaderConfig: { samplingStrategy: "weighted", dataloaderWeights: [0.7, 0.3] },
  logging: { loggerType: "composite", compositeLoggers: ["console"], loggers: [memory], logLoaderProportions: true },
  hooks: {
    enableGradientMonitor: true,
    gradientMonitorConfig: { logFrequency: 100, paramFilter: ["encoder"] },
    enableEarlyStoppingHook: true,
    earlyStoppingConfig,
    hookClasses: [LossAlarm, "./hooks.js#MyHook", { hook: "my-package/hooks#Other", key: "other", config: { every: 10 } }],
  },
  validation: { earlyStoppingSource: "hook" },
};

const optimizer: Optimizer = { name: "sgd", learningRate: 0.1, state: () => ({}), loadState: () => {} };
const loader = arrayLoader([1, 2, 3], {
  batchSize: 2,
  shuffle: true,
  collate: (samples: number[]): Batch => ({ x: Float64Array.from(samples), y: Float64Array.from(samples) }),
});

export async function main(signal: AbortSignal): Promise<FitResult | undefined> {
  const trainer = new GenericTrainer(config, new Linear(), optimizer);
  const unregister: () => void = trainer.hookManager.registerHook(alarm);
  trainer.hookManager.registerHook(every(100, after(10, new LossAlarm({ limit: 3 }))));
  unregister();
  await trainer.prepare();
  try {
    const result = await trainer.fit({ train: { clean: loader, shifted: [] }, validation: { clean: loader } }, { signal });
    const best: number | undefined = result.best["val/loss"]?.value;
    const status: "completed" | "stopped" | "interrupted" | "failed" = result.status;
    return best === undefined || status === "failed" ? undefined : result;
  } catch (error) {
    if (isTrainscopeError(error) && error.code === "ERR_HOOK") return error.result;
    throw error;
  }
}

export const method: HookMethodName = "onTrainBatchEnd";
export const advice = (code: ErrorCode): string => ERROR_CODES[code];
export const manager = (dir: string): CheckpointManager => new CheckpointManager({ dir, keep: keepBest(3, "min") });
export const stopper: EarlyStoppingHook = new EarlyStoppingHook({ patience: 3 });
export const decide: typeof judgeEarlyStopping = judgeEarlyStopping;

// Mistakes are errors.
// @ts-expect-error a misspelt option of a hook
new EarlyStoppingHook({ patiense: 3 });
// @ts-expect-error a misspelt option of a writer
new SummaryWriter("dir", { flushInterval: 3 });
// @ts-expect-error a misspelt key
export const misspelt: GenericTrainerConfig = { maxEpoch: 3 };
// @ts-expect-error a strategy that does not exist
export const unknown: GenericTrainerConfig = { trainLoaderConfig: { samplingStrategy: "random" } };
const others = defineHook<string>("others", { onTrainBatchEnd() {} });
// @ts-expect-error a hook for batches of another type
new GenericTrainer(config, new Linear(), optimizer).hookManager.registerHook(others);
// @ts-expect-error an event that does not exist
defineHook("wrong", { onBatchFinished() {} });

export const parts: readonly unknown[] = [
  TrainingLogger,
  ThroughputMeter,
  SystemMetricsLogger,
  MetricsManager,
  MultiDataLoader,
  CompositeLogger,
  ConsoleBackend,
  TensorBoardBackend,
  EARLY_STOP_START,
];
