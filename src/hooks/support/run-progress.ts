import type { Metrics, RunState, TrainerView } from "../../contract/index.js";
import type { Progress } from "./progress-line.js";

/** Where the run was when its progress began to be shown: rates are measured from here, not from the first attempt. */
export interface ProgressStart {
  readonly samples: number;
  readonly batch: number;
  readonly trainSeconds: number;
  /** After the first batch, null before: the time left is measured from there, for the first batch may compile what the others use. */
  readonly first: { readonly batch: number; readonly ms: number } | null;
}

export function progressStart({ samples, batch, clock }: RunState): ProgressStart {
  return { samples, batch, trainSeconds: clock.trainSeconds, first: null };
}

/** `start` after the first batch. */
export function afterFirstBatch(start: ProgressStart, { batch, clock }: RunState): ProgressStart {
  return { ...start, first: { batch, ms: clock.nowMs } };
}

/** Where the run is now: `start` is where it was when its progress began to be shown. */
export function runProgress(trainer: TrainerView, start: ProgressStart, metrics: Metrics): Progress {
  const { state, config } = trainer;
  const seconds = state.clock.trainSeconds - start.trainSeconds;
  const batches = state.batchesPerEpoch !== null && Number.isFinite(state.batchesPerEpoch) ? state.batchesPerEpoch : null;
  const left = batchesLeft(trainer, batches);
  const perBatch = secondsPerBatch(state, start);
  return {
    epoch: state.epoch,
    epochs: config.maxEpochs ?? null,
    batch: state.batchInEpoch,
    batches,
    share: left === null || left.ofEpoch ? null : state.batch / Math.max(1, state.batch + left.count),
    samplesPerSecond: seconds > 0 ? (state.samples - start.samples) / seconds : null,
    etaSeconds: left === null || perBatch === null || perBatch === 0 ? null : left.count * perBatch,
    isEtaOfEpoch: left?.ofEpoch ?? false,
    metrics,
  };
}

/**
 * Of the time that has passed, not of the training alone: validations, checkpoints and what is logged come again as training goes on. The
 * first batch is left out as soon as there is another. Null: not known yet.
 */
function secondsPerBatch({ batch, clock }: RunState, { first, ...start }: ProgressStart): number | null {
  if (first !== null && batch > first.batch) return (clock.nowMs - first.ms) / 1000 / (batch - first.batch);
  return batch > start.batch ? (clock.trainSeconds - start.trainSeconds) / (batch - start.batch) : null;
}

/** Batches that are left: of the run by `maxEpochs` and `maxSteps`, whichever comes first, else of this epoch. */
function batchesLeft({ state, config }: TrainerView, batches: number | null): { count: number; ofEpoch: boolean } | null {
  const byEpochs =
    config.maxEpochs === undefined || batches === null
      ? Infinity
      : config.maxEpochs * batches - (state.epoch * batches + state.batchInEpoch);
  // Micro-batches make a step longer than a batch: scale what is left by what it took so far.
  const batchesPerStep = state.step > 0 ? state.batch / state.step : 1;
  const bySteps = config.maxSteps === undefined ? Infinity : (config.maxSteps - state.step) * batchesPerStep;
  const count = Math.max(0, Math.min(byEpochs, bySteps));
  if (Number.isFinite(count)) return { count, ofEpoch: false };
  return batches === null ? null : { count: Math.max(0, batches - state.batchInEpoch), ofEpoch: true };
}
