import type { LoggerBackend, WithDefaults } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { guardedListener } from "../support/guarded-listener.js";
import {
  aCount,
  aFunction,
  aWholeNumber,
  checkedOptions,
  optional,
  type OptionRules,
  required,
  withDefault,
} from "../support/option-keys.js";
import { valueText } from "../support/value-text.js";
import { FitLog, type FitLogs, type FitParams } from "./fit-log.js";
import { TRAINING_INSTEAD } from "./instead.js";
import type { TfjsLayersModel } from "./types.js";

/** Where `tfjsCallback` writes, and how often. */
export interface TfjsCallbackOptions {
  /**
   * A backend, such as `new TensorBoardBackend({ dir })`, several as `new CompositeLogger([…])`, or one of your own. It is flushed when the
   * training ends, and is yours to close.
   */
  logger: LoggerBackend;
  /** Batches between two points of the curves by step; the last batch of an epoch is always logged. @default 50 */
  logEveryNSteps?: number | undefined;
  /**
   * The batches that were trained before, by another process: the first step is the next one.
   * @default those of the epochs before `initialEpoch`, where `model.fit` knows how many an epoch has; else 0
   */
  initialStep?: number | undefined;
  /** Called with the first failure of the logger, and with the number of failures at the end. @default a warning of the process */
  onError?: ((error: TrainscopeError) => void) | undefined;
}

/** The class of a `tf` that callbacks of `model.fit` are made of; `@tensorflow/tfjs` and `tfjs-node` have it. */
export interface TfjsCallbacks {
  /** Takes an object with functions such as `onEpochEnd`, and makes of it what `model.fit` calls. */
  CustomCallback: new (args: never) => object;
}

/** What `new tf.CustomCallback()` makes, in the types of the `tf` that the program imports. */
export type CallbackOf<T extends TfjsCallbacks> = T["CustomCallback"] extends new (args: never) => infer Made ? Made : never;

type Filled = WithDefaults<TfjsCallbackOptions, "logEveryNSteps">;

const RULES: OptionRules<TfjsCallbackOptions, Filled> = {
  logger: required({
    allowed:
      "an object with a `name` and a `logMetrics` method, such as new TensorBoardBackend({ dir }) of trainscope/tensorboard, " +
      "new TrainingLogBackend({ dir }) of trainscope/log, or new CompositeLogger([…]) of trainscope/loggers for several",
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      "name" in value &&
      "logMetrics" in value &&
      typeof value.logMetrics === "function",
  }),
  logEveryNSteps: withDefault(aCount, 50),
  initialStep: optional(aWholeNumber),
  onError: optional(aFunction),
};

/** The functions that `model.fit` calls, as an object that it takes where no `tf` was given. */
export interface TfjsFitCallback {
  /** Takes what is known of the training. */
  setParams(params: FitParams): void;
  /** Takes what is trained. */
  setModel(model: TfjsLayersModel): void;
  /** Called before the first epoch. */
  onTrainBegin(logs?: FitLogs): Promise<void>;
  /** Called after the last epoch: flushes the logger. */
  onTrainEnd(logs?: FitLogs): Promise<void>;
  /** Called before the batches of an epoch, which count from 0. */
  onEpochBegin(epoch: number, logs?: FitLogs): Promise<void>;
  /** Called after the validation of an epoch. */
  onEpochEnd(epoch: number, logs?: FitLogs): Promise<void>;
  /** Does nothing: TensorFlow.js calls it of every callback. */
  onBatchBegin(batch: number, logs?: FitLogs): Promise<void>;
  /** Called after each update of the weights. */
  onBatchEnd(batch: number, logs?: FitLogs): Promise<void>;
}

/** TensorFlow.js's own interval where there is no callback. */
const YIELD_EVERY_MS = 125;

/**
 * A callback that gives `model.fit` and `model.fitDataset` the logging of a trainer: `callbacks: tfjsCallback(tf, { logger })`, or in a
 * list with others. A loop that stays with `model.fit` gets the curves, nothing else of a trainer.
 * - Series: `train/<metric>_step` and `train/learning_rate` every `logEveryNSteps` batches, `epoch/train_<metric>`, `epoch/val_<metric>` and
 *   `epoch/duration_seconds` (validation included) at the end of an epoch. Metrics are called as in a trainer: `accuracy`, not `acc`. The
 *   values of a model with several outputs are put under their right names, which those of a validation do not have in TensorFlow.js 4.
 * - Axes: steps are completed batches and epochs count from 0, both over all calls of `fit` with this callback. Use one for each model.
 * - Errors: what the logger throws never reaches `fit`; see `onError`.
 * - Yielding: as without callbacks, the event loop runs every 125 ms, so that files are written during the training.
 *
 * In a list, objects with functions become `new tf.CustomCallback({ … })`: TensorFlow.js takes no list of both kinds.
 * Throws `ERR_CONFIG` for an unknown, missing or wrong option.
 */
export function tfjsCallback<T extends TfjsCallbacks>(tf: T, options: TfjsCallbackOptions): CallbackOf<T>;
/**
 * The same without the `tf`. TensorFlow.js wraps what this returns and tells it nothing of the model: there is no learning rate, and metrics are
 * called as in its logs. In a list with `tf.callbacks.earlyStopping` it works behind it only.
 */
export function tfjsCallback(options: TfjsCallbackOptions): TfjsFitCallback;
export function tfjsCallback(first: TfjsCallbacks | TfjsCallbackOptions, second?: TfjsCallbackOptions): object {
  if (second === undefined && !isTf(first)) return callbackTo(first);
  if (!isTf(first)) throw noTfError(first);
  return Object.assign(new first.CustomCallback({} as never), callbackTo(second));
}

/** Own functions that need no `this`: TensorFlow.js takes them off the object where plain objects are in the list. */
function callbackTo(options: TfjsCallbackOptions | undefined): TfjsFitCallback {
  const {
    onError = processWarning,
    initialStep,
    ...rest
  } = checkedOptions<TfjsCallbackOptions, Filled>(options as TfjsCallbackOptions, RULES, "tfjsCallback", TRAINING_INSTEAD);
  const log = new FitLog({ ...rest, initialStep, onError: guardedListener(onError) });
  let yieldedMs = performance.now();
  const yieldWhenDue = async (): Promise<void> => {
    if (performance.now() - yieldedMs < YIELD_EVERY_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    yieldedMs = performance.now();
  };
  return {
    setParams: (params) => log.setParams(params),
    setModel: (model) => log.setModel(model),
    onTrainBegin: async () => log.trainBegin(),
    onTrainEnd: async () => log.trainEnd(),
    onEpochBegin: async (epoch) => log.epochBegin(epoch),
    onEpochEnd: async (_epoch, logs = {}) => log.epochEnd(logs),
    onBatchBegin: async () => {},
    async onBatchEnd(batch, logs = {}) {
      await log.batchEnd(batch, logs);
      await yieldWhenDue();
    },
  };
}

function processWarning(error: TrainscopeError): void {
  process.emitWarning(error.message, "TrainscopeWarning", error.code);
}

function isTf(value: unknown): value is TfjsCallbacks {
  return typeof value === "object" && value !== null && "CustomCallback" in value;
}

function noTfError(found: unknown): TrainscopeError {
  return new TrainscopeError(
    "ERR_CONFIG",
    `Found ${valueText(found)}. Allowed: the tf that your program imports, of @tensorflow/tfjs or tfjs-node.\n` +
      "Write model.fit(xs, ys, { callbacks: tfjsCallback(tf, { logger }) }).",
    { path: "tf" },
  );
}
