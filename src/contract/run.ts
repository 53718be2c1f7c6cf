import type { ResolvedGenericTrainerConfig } from "./config/index.js";
import type { DeliveryReport } from "./logger.js";
import type { Metrics } from "./scalar.js";

/**
 * How a run ended: `completed` reached `maxEpochs` or `maxSteps`; `stopped` was requested by a hook or a backend; `interrupted` by a signal
 * or the `AbortSignal`; `failed` threw.
 */
export type RunStatus = "completed" | "stopped" | "interrupted" | "failed";

/** Where the time of the run went, in seconds; a resumed run continues the sums. Validation, logging and saving are not train time. */
export interface RunClock {
  /** The last reading of `performance.now()`, in milliseconds, at most one batch old: hooks need not read the clock themselves. */
  readonly nowMs: number;
  /** Seconds in train batches: waiting for data, stepping, batch hooks. */
  readonly trainSeconds: number;
  /** Of `trainSeconds`, those spent waiting for the loaders. */
  readonly dataWaitSeconds: number;
  /** Seconds in validations, their hooks included. */
  readonly validationSeconds: number;
  /** Of `trainSeconds`, those in forward passes, as far as the model reports `StepResult.timings`. */
  readonly forwardSeconds: number;
  /** Of `trainSeconds`, those in backward passes, as far as the model reports them. */
  readonly backwardSeconds: number;
  /** Of `trainSeconds`, those in weight updates, as far as the model reports them. */
  readonly optimizerSeconds: number;
}

/** Where the run is. One object, updated by the loop; a resumed run continues the counts. */
export interface RunState {
  /** How many optimizer steps are completed; micro-batches do not count. */
  readonly step: number;
  /** Index of the current epoch, from 0. */
  readonly epoch: number;
  /** Epochs that ran to their end; counted after `onEpochEnd`. */
  readonly epochsCompleted: number;
  /** Completed train batches, micro-batches included. */
  readonly batch: number;
  /** How many of these are in the current epoch. */
  readonly batchInEpoch: number;
  /** Train batches an epoch will have; null where the loaders do not know their length. */
  readonly batchesPerEpoch: number | null;
  /** How many samples were trained on so far, summed over `StepResult.batchSize`. */
  readonly samples: number;
  /** Tokens trained on, as far as the model reports `StepResult.tokens`. */
  readonly tokens: number;
  /** The reason of a stop that was requested and not dropped; null where the run trains on. */
  readonly stopRequested: string | null;
  /** Where the time went. */
  readonly clock: RunClock;
}

/** What every part of a run says about whose it is: each checkpoint, lock and directory of event files. */
export interface RunIdentity {
  /** Unique identifier (UUID); a resumed run keeps it. */
  runId: string;
  /** The name of the run's directory, for people: two runs may have the same. */
  runName: string;
}

/** One loader of a run, as far as it is known before the first batch. */
export interface LoaderSetup {
  /** The loader's name; "default" where one unnamed loader was given. */
  readonly name: string;
  /** Batches in one pass; null where the loader does not know. */
  readonly batches: number | null;
  /** Samples in one pass; null where the loader does not know. */
  readonly samples: number | null;
  /** Samples in one full batch; null where the loader does not know. */
  readonly batchSize: number | null;
}

/** What a run trains, and with what, as far as it is known before the first step. */
export interface RunSetup {
  /** What the model calls itself; null where it does not say. */
  readonly modelName: string | null;
  /** How many numbers the model learns or keeps; null where it does not say. */
  readonly parameterCount: number | null;
  /** What computes the steps, in the model's words, such as "wasm" or "tensorflow"; null where it does not say. */
  readonly backend: string | null;
  /**
   * The optimizers in the order of the trainer, each with the learning rate of the first step of the run, in a resumed run too. With a
   * warm-up it is the rate that the warm-up leads to. One that a hook sets in `onTrainStart` is not known here.
   */
  readonly optimizers: readonly {
    /** The optimizer's name, such as "adam". */
    readonly name: string;
    /** The step size that the run starts with. */
    readonly learningRate: number;
  }[];
  /** The loaders of training, in their order. */
  readonly train: readonly LoaderSetup[];
  /** The loaders of validation, in their order; empty where the run does not validate. */
  readonly validation: readonly LoaderSetup[];
}

/** The state of the git working tree that a program was started in. */
export interface GitState {
  /** The commit that is checked out, as 40 or 64 hex digits; null in a repository without one. */
  readonly commit: string | null;
  /** The branch; null where none is checked out. */
  readonly branch: string | null;
  /** The address of the remote "origin", without credentials; null where there is none. */
  readonly remote: string | null;
  /** True where tracked files differ from the commit; null where that could not be found out in time. */
  readonly dirty: boolean | null;
}

/** What a process of a run was started in: enough to find out later why two runs differ. Holds no secret. */
export interface RunEnvironment {
  /** The command line, secrets redacted. */
  readonly command: readonly string[];
  /** Where the command was started, an absolute path. */
  readonly workingDirectory: string;
  /** The machine that the process runs on, as the operating system calls it. */
  readonly host: string;
  /** The operating system's user; null where it has no name. */
  readonly user: string | null;
  /** The operating system with its release and architecture, such as "linux 6.1.0 x64". */
  readonly os: string;
  /** The version of Node, or of what runs in its place. */
  readonly node: string;
  /** Versions by package: trainscope, and TensorFlow.js where it is used. */
  readonly packages: Readonly<Record<string, string>>;
  /** What computes the steps, in the model's words; null where it does not say. */
  readonly backend: string | null;
  /** The git working tree; null outside of one, or where git is not installed. */
  readonly git: GitState | null;
  /** The processor's model and how many cores this process may use. */
  readonly cpu: {
    /** As the operating system names it. */
    readonly model: string;
    /** Cores that this process may use. */
    readonly cores: number;
  };
  /** Memory of the machine in bytes, or the limit of the container where it is lower. */
  readonly memoryBytes: number;
  /** The names of the NVIDIA GPUs that CUDA may use (`CUDA_VISIBLE_DEVICES`), and of the Gaudi HPUs of the machine. */
  readonly accelerators: readonly string[];
  /** The container image, or the container's id; null outside of one, or where neither is known. */
  readonly container: string | null;
}

/** Which run this is, where its files are, and which attempt and rank this process is. */
export interface RunInfo {
  /** Unique identifier (UUID); a resumed run keeps it. The first one is replaced when `fit` finds earlier parts of the run. */
  runId: string;
  /** The name of its directory: `runName` of the config, else a timestamp. */
  runName: string;
  /** The run's directory, absolute. */
  dir: string;
  /** Process starts of this run, from 1. */
  attempt: number;
  /** The step of the checkpoint this process started from; null where it started at step 0. */
  resumedFromStep: number | null;
  /** This process's rank, from 0. */
  rank: number;
  /** How many ranks train together. */
  worldSize: number;
  /** The config with every default filled in. */
  config: ResolvedGenericTrainerConfig;
  /** What the run trains, and with what. Known when backends are started, and from `onTrainStart` on. */
  setup?: RunSetup | undefined;
  /** What this process was started in. Known when backends are started, and from `onTrainStart` on. */
  environment?: RunEnvironment | undefined;
}

/** The best value a metric has had, and where. */
export interface BestValue {
  /** The value; of equal ones the first. */
  value: number;
  /** Completed optimizer steps when it was measured. */
  step: number;
  /** Index of the epoch, from 0. */
  epoch: number;
}

/** The last value of a metric, and the weights that it was measured on. */
export interface Measurement {
  /** The value, as it was reported or logged. */
  value: number;
  /** Completed optimizer steps of the weights that it belongs to. */
  step: number;
  /** How often the metric has been measured in this run, resumes included: a higher count than before means a new value. */
  times: number;
}

/** What `fit` resolves with; `summary.json` holds it too. On a failed run it is the error's `result`. */
export interface FitResult {
  /** How the run ended. */
  status: RunStatus;
  /** Why it ended: the limit it reached, the reason of the stop, or the error's message. */
  reason: string;
  /** How many epochs were completed, in all attempts of this run. */
  epochs: number;
  /** How many optimizer steps were completed, in all attempts of this run. */
  steps: number;
  /** The best values by monitor name, of the metrics whose better direction is known by name or by `metrics.directions`. */
  best: Record<string, BestValue>;
  /** The last values by monitor name. */
  metrics: Metrics;
  /**
   * The values of each epoch by monitor name, from epoch 0, in all attempts of this run: the names of `metrics`, and the learning rate of
   * each epoch's last step. All are of one length; NaN where a metric was not measured in an epoch. An epoch that a stop ended in the
   * middle is the last one, with its means so far.
   */
  history: Readonly<Record<string, readonly number[]>>;
  /** The folder of the last committed checkpoint, absolute; null where there is none. */
  checkpoint: string | null;
  /** What each backend did with its records, and how the saves went. */
  delivery: DeliveryReport[];
  /** The run's directory, absolute. */
  dir: string;
}

/** A checkpoint that is complete on disk: where it is stored, and what was measured on its weights. */
export interface CheckpointInfo {
  /** The name of its folder, made from `filename`. */
  name: string;
  /** Its folder, absolute. */
  path: string;
  /** Index of the epoch it was captured in, from 0. */
  epoch: number;
  /** Completed optimizer steps at the capture. */
  step: number;
  /** The last values by monitor name at the capture; without the monitored one where that was not measured since the checkpoint before. */
  metrics: Metrics;
  /** True for the one with the best value of `monitor` among those that exist. */
  isBest: boolean;
  /** Bytes of its files on disk. */
  bytes: number;
  /** When it was committed: ISO 8601, UTC. */
  savedAt: string;
  /** The run that it belongs to; null for one that was saved without a run. */
  run: RunIdentity | null;
}

/**
 * What is known at a log boundary, when deferred scalars have been read: the last step's values, and sums over the steps since the
 * boundary before.
 */
export interface LogInterval {
  /** How many optimizer steps are completed: the x axis of what is logged here. */
  readonly step: number;
  /** Index of the epoch, from 0. */
  readonly epoch: number;
  /** The position of the last step's loader in `fit`'s data. */
  readonly loaderIdx: number;
  /** The name of the last step's loader. */
  readonly loaderName: string;
  /** The last step's `loss` and metrics, by bare name. */
  readonly values: Metrics;
  /** Seconds of the last batch: waiting, stepping, hooks. */
  readonly batchSeconds: number;
  /** Optimizer steps since the boundary before. */
  readonly steps: number;
  /** Train batches since the boundary before, micro-batches included. */
  readonly batches: number;
  /** Samples since the boundary before. */
  readonly samples: number;
  /** Tokens since the boundary before. */
  readonly tokens: number;
  /** Seconds in train batches since the boundary before. */
  readonly seconds: number;
  /** Of `seconds`, those spent waiting for the loaders. */
  readonly dataWaitSeconds: number;
  /** Of `seconds`, those in forward passes, as far as the model reports them. */
  readonly forwardSeconds: number;
  /** Of `seconds`, those in backward passes, as far as the model reports them. */
  readonly backwardSeconds: number;
  /** Of `seconds`, those in weight updates, as far as the model reports them. */
  readonly optimizerSeconds: number;
  /** The first value since the boundary before that was NaN or infinite; null where all were finite. */
  readonly nonFinite: NonFiniteValue | null;
}

/** Where a NaN or an infinity first appeared. */
export interface NonFiniteValue {
  /** The metric's bare name. */
  metric: string;
  /** NaN, Infinity or -Infinity. */
  value: number;
  /** The optimizer step that reported it, from 1. */
  step: number;
  /** The train batch that reported it, from 0. */
  batch: number;
  /** Which loader that batch came from, by its name. */
  loaderName: string;
}
