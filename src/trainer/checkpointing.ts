import type { CheckpointInfo, CheckpointOptions, DeliveryReport, Metrics, SaveTicket } from "../contract/index.js";
import type { CheckpointManager } from "../checkpoint/index.js";
import { resolveMonitor } from "../decisions/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import type { LoopPhase } from "./loop-phase.js";
import { checkpointDir } from "./places.js";
import { saveRunState, type SavableRun } from "./saved-run.js";

/** A state that was copied, and whether its score was known. */
interface Captured {
  readonly step: number;
  /** A micro-batch changes the state and leaves the step where it was. */
  readonly batch: number;
  readonly ranked: boolean;
}

const NOTHING: Captured = { step: -1, batch: -1, ranked: false };

/** So many saves without a score are no accident. */
const UNRANKED_IN_A_ROW = 3;

/**
 * The run's checkpoints.
 * - Training continues as soon as the state is copied; `settle`, at the next boundary, reports which saves were committed.
 * - A failed save is a warning (`onSaveError: "continue"`) or ends the run ("stop"); in both cases the result counts it.
 * - `drain` waits for the saves in flight when the run ends.
 */
export class Checkpointing<Batch> {
  /** The last checkpoint that was committed, or that the run was resumed from. */
  last: CheckpointInfo | null = null;
  readonly #run: SavableRun<Batch>;
  #manager: CheckpointManager | null = null;
  readonly #inFlight = new Set<Promise<void>>();
  /** Not reported by `settle` yet. */
  readonly #newlyCommitted: CheckpointInfo[] = [];
  readonly #newFailures: TrainscopeError[] = [];
  readonly #failures: TrainscopeError[] = [];
  #committed = 0;
  #superseded = 0;
  /** The last capture: a run that ends at its step needs no other, unless it was taken before its score was measured. */
  #captured: Captured = NOTHING;
  /** Captures in a row without a score, since the monitor was measured first. */
  #unranked = 0;

  constructor(run: SavableRun<Batch>) {
    this.#run = run;
  }

  /** The manager, made on first use: a run without checkpoints does not import it. */
  async manager(): Promise<CheckpointManager> {
    if (this.#manager !== null) return this.#manager;
    const { CheckpointManager } = await import("../checkpoint/index.js");
    this.#manager = new CheckpointManager(managerOptions(this.#run));
    return this.#manager;
  }

  /** Locks the directory now. Throws `ERR_CHECKPOINT_LOCKED`; any other problem with it is reported by the first save. */
  async lock(): Promise<void> {
    const manager = await this.manager();
    await manager.lock().catch((error: unknown) => {
      if (isTrainscopeError(error) && error.code === "ERR_CHECKPOINT_LOCKED") throw error;
    });
  }

  /** Copies the run's state and starts to write it. `keep`: never replaced by a newer request. */
  async capture(phase: LoopPhase, keep: boolean): Promise<void> {
    const { progress, board } = this.#run;
    const { step } = progress;
    const captured = { step, batch: progress.batch, ranked: this.#isMeasured(step) };
    this.#captured = captured;
    this.#warnUnranked();
    try {
      const manager = await this.manager();
      const metrics = board.measuredAt(step); // a score belongs to the weights that it was measured on
      const bundle = await saveRunState(this.#run, phase);
      const epoch = phase === "epochStart" ? Math.max(0, progress.epoch - 1) : progress.epoch; // the epoch that was trained last
      const ticket = manager.save(bundle, { epoch, step, metrics, important: keep });
      this.#follow(ticket, captured);
      await ticket.captured;
    } catch (error) {
      this.#fail(error, captured);
    }
  }

  /** A save is being written: another one would have to wait. */
  get isBusy(): boolean {
    return this.#manager?.busy ?? false;
  }

  /** True when no checkpoint holds the run's state after a step and batch, or one that was captured before this state was measured. */
  isBehind({ step, batch }: { step: number; batch: number }): boolean {
    const captured = step === this.#captured.step && batch === this.#captured.batch;
    return batch > 0 && (!captured || this.lacksScore(step));
  }

  /** True when the state at `step` was captured before the monitored metric was measured on it. */
  lacksScore(step: number): boolean {
    return step === this.#captured.step && !this.#captured.ranked && this.#isMeasured(step);
  }

  /** Reports to hooks and listeners which saves were committed and which failed since the last call. */
  async settle(): Promise<void> {
    if (this.#newlyCommitted.length === 0 && this.#newFailures.length === 0) return;
    const { config, warnings, trainer, events, hooks } = this.#run;
    for (const error of this.#newFailures.splice(0)) {
      warnings.warn(error.message);
      if (config.hooks.modelCheckpointConfig.onSaveError === "stop")
        trainer.requestStop(`a checkpoint could not be saved: ${messageOf(error)}`, { force: true });
    }
    for (const info of this.#newlyCommitted.splice(0)) {
      events.emit("checkpointSaved", info);
      await hooks.methods.onCheckpointSaved.fire(trainer, info);
    }
  }

  /** The run was resumed from `info`: the same state need not be saved again. */
  resumedFrom(info: CheckpointInfo): void {
    this.last = info;
    this.#captured = {
      step: info.step,
      batch: this.#run.progress.batch,
      ranked: this.#monitored(info.metrics) !== null,
    };
  }

  /** Waits for the saves in flight. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async close(): Promise<void> {
    await this.#manager?.close();
  }

  /** How many saves were committed and failed, for the result; empty where nothing was saved. */
  report(): DeliveryReport[] {
    if (this.#committed + this.#failures.length + this.#superseded === 0) return [];
    const [first] = this.#failures;
    const report = {
      backend: "checkpoints",
      delivered: this.#committed,
      pending: this.#inFlight.size,
      refused: 0,
      dropped: this.#failures.length,
    };
    return [first === undefined ? report : { ...report, error: first.message }];
  }

  /** The name that the monitor has among `metrics`, or null. */
  #monitored(metrics: Metrics): string | null {
    return resolveMonitor(this.#run.config.hooks.modelCheckpointConfig.monitor, metrics);
  }

  #isMeasured(step: number): boolean {
    return this.#monitored(this.#run.board.measuredAt(step)) !== null;
  }

  /** Says once, after some saves, that none of them can be the best. */
  #warnUnranked(): void {
    const { board, config, warnings } = this.#run;
    const { monitor, saveTopK } = config.hooks.modelCheckpointConfig;
    if (this.#captured.ranked || this.#monitored(board.latest) === null) {
      this.#unranked = this.#captured.ranked ? -Infinity : this.#unranked;
      return;
    }
    if (++this.#unranked !== UNRANKED_IN_A_ROW || saveTopK === 0) return;
    warnings.warn(
      `${UNRANKED_IN_A_ROW} checkpoints in a row were saved at steps where ${monitor} was not measured, so none of them can be the best. ` +
        "Save where it is measured: everyNEpochs with validation by epochs, or an everyNSteps that is a multiple of validation.everyNSteps.",
    );
  }

  #follow({ committed }: SaveTicket, captured: Captured): void {
    const followed = committed.then(
      (info) => {
        if (info === "superseded") {
          this.#superseded++;
          return;
        }
        this.#committed++;
        this.last = info;
        this.#newlyCommitted.push(info);
      },
      (error: unknown) => this.#fail(error, captured),
    );
    const done = followed.finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
  }

  #fail(thrown: unknown, captured: Captured): void {
    if (this.#captured === captured) this.#captured = NOTHING; // the run's end tries once more
    const error = isTrainscopeError(thrown)
      ? thrown
      : new TrainscopeError("ERR_CHECKPOINT_SAVE", messageOf(thrown), { cause: thrown });
    this.#failures.push(error);
    this.#newFailures.push(error);
  }
}

function managerOptions<Batch>({ config, paths, info, warnings }: SavableRun<Batch>): CheckpointOptions {
  const {
    dir: _d,
    rootDir: _r,
    everyNEpochs: _e,
    everyNSteps: _s,
    everyMinutes: _m,
    onSaveError: _o,
    ...options
  } = config.hooks.modelCheckpointConfig;
  const { runId, runName } = info;
  return {
    ...options,
    dir: checkpointDir(paths, info),
    backupDir: paths.backupDir,
    run: { runId, runName },
    onWarning: (message) => warnings.warn(message),
  };
}
