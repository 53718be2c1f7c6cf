import type { CheckpointBundle, LoadedCheckpoint, Optimizer, ParamValue, StateTree, StateValue } from "../contract/index.js";
import { flattenParams } from "../config/params.js";
import { redactConfig } from "../config/redact.js";
import { TrainscopeError } from "../support/errors.js";
import type { SavedBoard } from "./metric-board.js";
import type { SavedProgress } from "./progress.js";
import type { Run } from "./run.js";
import type { StopRequest } from "./stop.js";

/**
 * Where in the loop a checkpoint was taken, and so where a resume goes on: between two batches; after an epoch's
 * validation, before its `onEpochEnd`; or between two epochs.
 */
export type LoopPhase = "batch" | "epochEnd" | "epochStart";

/** What `run.json` holds. */
export interface SavedRun {
  readonly version: 1;
  readonly runId: string;
  readonly runName: string;
  readonly phase: LoopPhase;
  readonly progress: SavedProgress;
  readonly learningRates: Readonly<Record<string, number>>;
  readonly train: { readonly loader: StateValue; readonly metrics: StateValue; readonly loaderIdx: number };
  readonly validation: { readonly loader: StateValue } | null;
  readonly board: SavedBoard;
  readonly hooks: Readonly<Record<string, StateValue>>;
  /** A stop that was asked for or agreed on; an interruption is none. */
  readonly stop: { readonly request: StopRequest; readonly isAgreed: boolean } | null;
  readonly config: Readonly<Record<string, ParamValue>>;
}

/** The whole state of a run, copied by whoever saves it. */
export async function saveRunState<Batch>(run: Run<Batch>, phase: LoopPhase): Promise<CheckpointBundle> {
  const { model, trainer, progress, train, validation, board, hooks, stop, config } = run;
  await train.metrics.drain();
  const optimizers = keyed(trainer.optimizers);
  const request = stop.agreed ?? stop.pending;
  const saved: SavedRun = {
    version: 1,
    runId: trainer.run.runId,
    runName: trainer.run.runName,
    phase,
    progress: progress.save(),
    learningRates: Object.fromEntries(optimizers.map(([key, { learningRate }]) => [key, learningRate])),
    train: { loader: train.loader.state(), metrics: train.metrics.state(), loaderIdx: train.loader.loaderIdx },
    validation: validation === null ? null : { loader: validation.loader.state() },
    board: board.save(),
    hooks: hooks.state(),
    stop: request === null || request.kind === "interrupted" ? null : { request, isAgreed: stop.agreed !== null },
    config: flattenParams(redactConfig(config)),
  };
  const states: Record<string, StateTree> = {};
  for (const [key, optimizer] of optimizers) states[key] = await optimizer.state();
  return { model: await model.state(), optimizers: states, run: saved as unknown as StateValue };
}

/** `run.json` of a checkpoint, or `ERR_RESUME` where it is not one of a run. */
export function readSavedRun({ run, info }: LoadedCheckpoint): SavedRun {
  const saved = run as unknown as SavedRun | undefined;
  if (saved?.version === 1 && saved.progress !== undefined && saved.train !== undefined) return saved;
  throw new TrainscopeError(
    "ERR_RESUME",
    `The checkpoint ${info.name} holds no run to go on with: it was saved by a loop of its own, or by another version.`,
    { path: info.path },
  );
}

/** Puts a saved state in place of the fresh one of `run`. Returns what the user should know. */
export async function restoreRun<Batch>(run: Run<Batch>, loaded: LoadedCheckpoint, saved: SavedRun): Promise<string[]> {
  const { model, trainer, progress, train, validation, board, hooks } = run;
  const warnings: string[] = [];
  await model.loadState(loaded.model);
  for (const [key, optimizer] of keyed(trainer.optimizers)) {
    const state = loaded.optimizers[key];
    if (state === undefined) warnings.push(`The checkpoint has no state for the optimizer "${key}": it starts afresh.`);
    else await optimizer.loadState(state);
    const rate = saved.learningRates[key];
    if (rate !== undefined) optimizer.learningRate = rate;
  }
  progress.restore(saved.progress);
  await train.loader.loadState(saved.train.loader);
  train.loader.loaderIdx = saved.train.loaderIdx;
  train.metrics.loadState(saved.train.metrics);
  if (validation !== null && saved.validation !== null) await validation.loader.loadState(saved.validation.loader);
  board.restore(saved.board);
  for (const key of hooks.loadState(saved.hooks))
    warnings.push(`The checkpoint has a state for the hook "${key}", which this run has not.`);
  const replayed = [...train.loader.replayed, ...(validation?.loader.replayed ?? [])];
  if (replayed.length > 0)
    warnings.push(
      `These loaders cannot save where they stand, so their batches up to there are read again and passed over: ${replayed.join(", ")}.`,
    );
  return warnings;
}

/** Optimizers under the names their state is stored by; a second one of a name is `name#2`. */
function keyed(optimizers: readonly Optimizer[]): [string, Optimizer][] {
  const seen = new Map<string, number>();
  return optimizers.map((optimizer) => {
    const count = (seen.get(optimizer.name) ?? 0) + 1;
    seen.set(optimizer.name, count);
    return [count === 1 ? optimizer.name : `${optimizer.name}#${count}`, optimizer];
  });
}
