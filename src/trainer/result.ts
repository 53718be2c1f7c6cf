import type { FitResult, RunEnd, RunStatus } from "../contract/index.js";
import { tagsOf } from "../config/params.js";
import { withoutSecrets } from "../config/redact.js";
import { messageOf, type TrainscopeError } from "../support/errors.js";
import { paramsOf } from "./run-params.js";
import type { Run } from "./run.js";
import type { Summary } from "./run-directory.js";

/** How the run ended. */
export function statusOf<Batch>({ stop }: Run<Batch>, failures: readonly TrainscopeError[]): RunStatus {
  if (failures.length > 0) return "failed";
  if (stop.agreed === null) return "completed";
  return stop.agreed.kind === "interrupted" ? "interrupted" : "stopped";
}

/** The metrics that are logged once, at the end: `final/…`. */
export function finalMetrics<Batch>({ board, progress, stop }: Run<Batch>): Record<string, number> {
  const metrics: Record<string, number> = {
    "final/total_epochs": progress.epochsCompleted,
    "final/total_steps": progress.step,
    "final/early_stopped": stop.agreed?.kind === "decider" ? 1 : 0,
  };
  for (const [name, { value }] of Object.entries(board.best())) {
    if (/^(train|val)\//.test(name)) metrics[`final/best_${name.replace("/", "_")}`] = value;
  }
  for (const [name, value] of Object.entries(board.lasts())) metrics[`final/${name.replace("/", "_")}`] = value;
  return metrics;
}

/** What `fit` resolves with, or sets as `result` of the error it rejects with. */
export function resultOf<Batch>(
  run: Run<Batch>,
  status: RunStatus,
  error: TrainscopeError | null,
  delivery: FitResult["delivery"],
): FitResult {
  const { progress, board, stop, schedule } = run;
  const ended =
    stop.furthestStep(progress) >= schedule.maxSteps
      ? `maxSteps ${schedule.maxSteps} reached`
      : `maxEpochs ${schedule.maxEpochs} reached`;
  return {
    status,
    reason: error?.message ?? stop.agreed?.reason ?? ended,
    epochs: progress.epochsCompleted,
    steps: progress.step,
    best: board.best(),
    metrics: { ...board.latest },
    history: board.history.values(),
    checkpoint: run.checkpoints.last?.path ?? null,
    delivery,
    dir: run.info.dir,
  };
}

/** The data of the event that is logged before the backends are closed. */
export function runEnd<Batch>({ checkpoints }: Run<Batch>, { status, reason, epochs, steps, best }: FitResult): RunEnd {
  const { last } = checkpoints;
  const checkpoint = last === null ? null : { path: last.path, epoch: last.epoch, step: last.step };
  const failedSaves = checkpoints.report()[0]?.dropped ?? 0;
  return { message: `${status}: ${reason}`, status, reason, epochs, steps, best, checkpoint, failedSaves };
}

/** When `fit` was called: `ms` by `performance.now()`, which nothing sets back. */
export interface StartTime {
  readonly date: Date;
  readonly ms: number;
}

/** What `summary.json` holds: the result, the identity of the run, how long it took, and the error. */
export function summaryOf<Batch>(
  run: Run<Batch>,
  result: FitResult,
  error: TrainscopeError | null,
  startedAt: StartTime,
): Summary {
  const { runId, runName, attempt, worldSize, setup, environment } = run.info;
  const { config } = run;
  return {
    runId,
    runName,
    attempt,
    worldSize,
    ...result,
    project: config.project ?? null,
    params: paramsOf(config, setup),
    tags: withoutSecrets(tagsOf(config)),
    notes: config.notes ?? null,
    samples: run.progress.samples,
    startedAt: startedAt.date.toISOString(),
    finishedAt: new Date().toISOString(),
    durationSeconds: (performance.now() - startedAt.ms) / 1000,
    trainSeconds: run.progress.clock.trainSeconds,
    error: error === null ? null : { code: error.code, path: error.path ?? null, message: error.message, cause: causeOf(error) },
    setup: setup ?? null,
    environment: environment ?? null,
  };
}

function causeOf(error: Error): string | null {
  return error.cause === undefined ? null : messageOf(error.cause);
}
