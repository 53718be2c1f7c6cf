import type { CheckpointBundle, LoadedCheckpoint, Optimizer, ParamValue, StateTree, StateValue } from "../contract/index.js";
import { RUN_FORMAT, savedRunProblem } from "../checkpoint/format/run-shape.js";
import { flattenParams } from "../config/params.js";
import { redactConfig } from "../config/redact.js";
import { TrainscopeError } from "../support/errors.js";
import { numberText } from "../support/number-text.js";
import { ownValue, setOwn } from "../support/own.js";
import { optimizerKeys } from "../support/unique-names.js";
import type { DataSplit } from "./data-split.js";
import type { LoopPhase } from "./loop-phase.js";
import type { SavedBoard } from "./metric-board.js";
import type { SavedProgress } from "./progress.js";
import type { RunServices } from "./run-services.js";
import type { StopRequest } from "./stop.js";

/** What a checkpoint needs of a run: the trainer's services, and the data with what was measured on it. */
export interface SavableRun<Batch> extends RunServices<Batch> {
  readonly train: DataSplit<Batch>;
  readonly validation: DataSplit<Batch> | null;
  /** The learning rates that the optimizers had before the run, by their order: those of the user's code. */
  readonly startRates: readonly number[];
  /** The learning rates of the first step of the run, by the optimizers' keys; a resumed run has those of its first attempt. */
  firstRates: Readonly<Record<string, number>>;
}

/** What `run.json` holds. */
export interface SavedRun {
  readonly format: typeof RUN_FORMAT;
  readonly version: 1;
  readonly runId: string;
  readonly runName: string;
  readonly phase: LoopPhase;
  readonly progress: SavedProgress;
  readonly learningRates: Readonly<Record<string, number>>;
  /** The rates that the user's code gave the optimizers, in the process that saved it; left out by versions that did not store them. */
  readonly startRates?: Readonly<Record<string, number>>;
  /** The rates of the run's first step; left out by versions that did not store them. */
  readonly firstRates?: Readonly<Record<string, number>>;
  readonly train: { readonly loader: StateValue; readonly metrics: StateValue; readonly loaderIdx: number };
  readonly validation: { readonly loader: StateValue } | null;
  readonly board: SavedBoard;
  readonly hooks: Readonly<Record<string, StateValue>>;
  /** A stop that was requested or agreed; an interruption is not stored. */
  readonly stop: { readonly request: StopRequest; readonly isAgreed: boolean } | null;
  readonly config: Readonly<Record<string, ParamValue>>;
}

/** The whole state of a run. The checkpoint manager copies it. */
export async function saveRunState<Batch>(run: SavableRun<Batch>, phase: LoopPhase): Promise<CheckpointBundle> {
  const { model, info, progress, train, validation, board, hooks, stop, config } = run;
  await train.metrics.drain();
  const optimizers = withKeys(run.optimizers);
  const request = stop.agreed ?? stop.pending;
  const saved: SavedRun = {
    format: RUN_FORMAT,
    version: 1,
    runId: info.runId,
    runName: info.runName,
    phase,
    progress: progress.save(),
    learningRates: Object.fromEntries(optimizers.map(([key, { learningRate }]) => [key, learningRate])),
    startRates: Object.fromEntries(optimizers.map(([key], i) => [key, run.startRates[i] as number])),
    firstRates: run.firstRates,
    train: { loader: train.loader.state(), metrics: train.metrics.state(), loaderIdx: train.loader.loaderIdx },
    validation: validation === null ? null : { loader: validation.loader.state() },
    board: board.save(),
    hooks: hooks.state(),
    stop: request === null || request.kind === "interrupted" ? null : { request, isAgreed: stop.agreed !== null },
    config: flattenParams(redactConfig(config)),
  };
  const states: Record<string, StateTree> = {};
  for (const [key, optimizer] of optimizers) setOwn(states, key, await optimizer.state());
  return { model: await model.state(), optimizers: states, run: saved as unknown as StateValue };
}

/** `run.json` of a checkpoint, or `ERR_RESUME` where it is not one of a run. */
export function readSavedRun({ run, info }: LoadedCheckpoint): SavedRun {
  const saved = run as unknown as SavedRun | undefined;
  const problem = saved?.version === 1 ? savedRunProblem(saved) : "it was saved without a trainer, or by another version";
  if (problem === null) return saved as SavedRun;
  throw new TrainscopeError("ERR_RESUME", `The checkpoint ${info.name} holds no run that can be resumed: ${problem}.`, {
    path: info.path,
  });
}

/** Replaces the initial state of `run` by a saved one. Returns warnings for the user. */
export async function restoreRun<Batch>(run: SavableRun<Batch>, loaded: LoadedCheckpoint, saved: SavedRun): Promise<string[]> {
  const { model, progress, train, validation, board, hooks } = run;
  const warnings: string[] = changedRates(run, saved);
  await model.loadState(loaded.model);
  for (const [key, optimizer] of withKeys(run.optimizers)) {
    const state = ownValue(loaded.optimizers, key);
    if (state === undefined)
      warnings.push(`The checkpoint has no state of the optimizer "${key}", which keeps its initial state.`);
    else await optimizer.loadState(state);
    const rate = ownValue(saved.learningRates, key);
    if (rate !== undefined) optimizer.learningRate = rate;
  }
  run.firstRates = { ...run.firstRates, ...saved.firstRates };
  progress.restore(saved.progress);
  await train.loader.loadState(saved.train.loader);
  train.loader.loaderIdx = indexOf(saved.train.loaderIdx, train.loader.names);
  train.metrics.loadState(saved.train.metrics);
  if (validation !== null && saved.validation !== null) await validation.loader.loadState(saved.validation.loader);
  board.restore(saved.board, saved.progress.epochsCompleted);
  for (const key of hooks.loadState(saved.hooks))
    warnings.push(`The checkpoint has a state of the hook "${key}", but this run has no hook with that key.`);
  const replayed = [...train.loader.replayed, ...(validation?.loader.replayed ?? [])];
  if (replayed.length > 0)
    warnings.push(
      `These loaders cannot save their position, so the batches before it are read again and skipped: ${replayed.join(", ")}.`,
    );
  return warnings;
}

/** A learning rate that the code has changed since the checkpoint: the run continues with the checkpoint's. */
function changedRates<Batch>({ optimizers, startRates }: SavableRun<Batch>, saved: SavedRun): string[] {
  const before = new Map(Object.entries(saved.startRates ?? {}));
  const rates = new Map(Object.entries(saved.learningRates));
  return withKeys(optimizers).flatMap(([key], i) => {
    const made = startRates[i];
    const first = before.get(key);
    const rate = rates.get(key);
    if (made === undefined || first === undefined || rate === undefined) return [];
    if (Object.is(made, first) || made === rate) return [];
    return [
      `The optimizer "${key}" is given learning rate ${numberText(made)} now, and was given ${numberText(first)} before: the resumed run continues with ${numberText(rate)}, the rate in the checkpoint.\nFor another rate, set it in onTrainStart of a hook, which is called after the checkpoint is loaded: trainer.optimizers[${i}].learningRate = ${made}.`,
    ];
  });
}

/** Optimizers by the names that their states are stored under, no two alike: of two called `sgd` the second is `sgd#2`. */
function withKeys(optimizers: readonly Optimizer[]): [string, Optimizer][] {
  const keys = optimizerKeys(optimizers);
  return optimizers.map((optimizer, i) => [keys[i] as string, optimizer]);
}

function indexOf(saved: number, loaders: readonly string[]): number {
  if (saved < loaders.length) return saved;
  throw new TrainscopeError(
    "ERR_STATE",
    `train.loaderIdx is ${saved}, and there are ${loaders.length} loaders: ${loaders.join(", ")}.`,
  );
}
