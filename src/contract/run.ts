import type { ResolvedGenericTrainerConfig } from "./config.js";
import type { DeliveryReport } from "./logger.js";
import type { Metrics } from "./scalar.js";

/** How a run ended. */
export type RunStatus = "completed" | "stopped" | "interrupted" | "failed";

/** Seconds of this process's training so far; validation and saving are kept apart. */
export interface RunClock {
  /** The last reading of `performance.now()`, in milliseconds: hooks need not read the clock themselves. */
  readonly nowMs: number;
  /** In train batches: waiting for data, stepping, batch hooks. */
  readonly trainSeconds: number;
  /** Of it, waiting for the loaders. */
  readonly dataWaitSeconds: number;
  readonly validationSeconds: number;
  readonly forwardSeconds: number;
  readonly backwardSeconds: number;
  readonly optimizerSeconds: number;
}

/** Where the run stands: numbers so far. */
export interface RunState {
  /** Completed optimizer steps. */
  readonly step: number;
  /** Zero-based index of the current epoch. */
  readonly epoch: number;
  readonly epochsCompleted: number;
  /** Completed train batches, micro-batches included. */
  readonly batch: number;
  /** Of these, in the current epoch. */
  readonly batchInEpoch: number;
  /** Train batches an epoch will have, where the loaders know. */
  readonly batchesPerEpoch: number | null;
  readonly samples: number;
  readonly tokens: number;
  readonly stopRequested: string | null;
  readonly clock: RunClock;
}

/** What identifies a run. */
export interface RunInfo {
  runId: string;
  runName: string;
  /** The run's directory, absolute. */
  dir: string;
  /** Process starts of this run, from 1. */
  attempt: number;
  resumedFromStep: number | null;
  rank: number;
  worldSize: number;
  config: ResolvedGenericTrainerConfig;
}

/** The best value a metric has had, and when. */
export interface BestValue {
  value: number;
  step: number;
  epoch: number;
}

/** What `fit` resolves with, and what `summary.json` holds. */
export interface FitResult {
  status: RunStatus;
  reason: string;
  /** Completed epochs. */
  epochs: number;
  /** Completed optimizer steps. */
  steps: number;
  best: Record<string, BestValue>;
  /** The last values by monitor name. */
  metrics: Metrics;
  checkpoint: string | null;
  delivery: DeliveryReport[];
  /** The run's directory, absolute. */
  dir: string;
}

/** One committed checkpoint. */
export interface CheckpointInfo {
  name: string;
  path: string;
  epoch: number;
  step: number;
  metrics: Metrics;
  isBest: boolean;
  bytes: number;
  savedAt: string;
}

/**
 * What is known at a log boundary, after deferred scalars were drained: the last step's values, and sums over the
 * steps since the boundary before.
 */
export interface LogInterval {
  readonly step: number;
  readonly epoch: number;
  /** The loader of the last step. */
  readonly loaderIdx: number;
  readonly loaderName: string;
  /** The last step's `loss` and metrics, bare names. */
  readonly values: Metrics;
  /** Seconds of the last batch: waiting, stepping, hooks. */
  readonly batchSeconds: number;
  /** Optimizer steps, batches, samples, tokens and seconds since the boundary before. */
  readonly steps: number;
  readonly batches: number;
  readonly samples: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly dataWaitSeconds: number;
  readonly forwardSeconds: number;
  readonly backwardSeconds: number;
  readonly optimizerSeconds: number;
  /** The first value in the interval that was not finite. */
  readonly nonFinite: NonFiniteValue | null;
}

/** Where a NaN or an infinity first appeared. */
export interface NonFiniteValue {
  metric: string;
  value: number;
  step: number;
  /** Zero-based count of train batches. */
  batch: number;
  loaderName: string;
}
