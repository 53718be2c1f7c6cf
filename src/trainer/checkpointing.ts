import type { CheckpointInfo, CheckpointOptions, DeliveryReport, SaveTicket } from "../contract/index.js";
import { join } from "node:path";
import type { CheckpointManager } from "../checkpoint/index.js";
import { resolveMonitor } from "../decisions/index.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../support/errors.js";
import type { Run } from "./run.js";
import { saveRunState, type LoopPhase } from "./saved-run.js";

/**
 * The run's checkpoints.
 * - Training goes on as soon as the state is copied; `settle` tells at the next boundary what became of a save.
 * - A failed save is a warning (`onSaveError: "continue"`) or ends the run ("stop"); either way the result counts it.
 * - What is in flight when the run ends is waited for.
 */
export class Checkpointing<Batch> {
  /** The last one that is durable. */
  last: CheckpointInfo | null = null;
  #run: Run<Batch> | null = null;
  #manager: CheckpointManager | null = null;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #saved: CheckpointInfo[] = [];
  readonly #failed: TrainscopeError[] = [];
  #committed = 0;
  #superseded = 0;
  #failures: TrainscopeError[] = [];
  /** The step of the last capture: a run that ends there needs no other. */
  #capturedStep = -1;

  /** The manager, made on first use: a run without checkpoints pays nothing for them. */
  async manager(run: Run<Batch>): Promise<CheckpointManager> {
    this.#run = run;
    if (this.#manager !== null) return this.#manager;
    const { CheckpointManager } = await import("../checkpoint/index.js");
    this.#manager = new CheckpointManager(managerOptions(run));
    return this.#manager;
  }

  /** Takes the directory now. Throws `ERR_CHECKPOINT_LOCKED`; what else is wrong with it is told by the first save. */
  async lock(run: Run<Batch>): Promise<void> {
    const manager = await this.manager(run);
    await manager.lock().catch((error: unknown) => {
      if (isTrainscopeError(error) && error.code === "ERR_CHECKPOINT_LOCKED") throw error;
    });
  }

  /** Copies the run's state and lets it be written. `keep`: never replaced by a newer request. */
  async capture(run: Run<Batch>, phase: LoopPhase, keep: boolean): Promise<void> {
    const { progress, board, config } = run;
    const { monitor } = config.hooks.modelCheckpointConfig;
    this.#capturedStep = progress.step;
    try {
      const manager = await this.manager(run);
      const metrics = board.consumeMeasured(resolveMonitor(monitor, board.latest) ?? monitor);
      const bundle = await saveRunState(run, phase);
      const epoch = phase === "epochStart" ? Math.max(0, progress.epoch - 1) : progress.epoch; // the epoch that was trained last
      const ticket = manager.save(bundle, { epoch, step: progress.step, metrics, important: keep });
      this.#follow(ticket);
      await ticket.captured;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A save is under way: another one would have to wait. */
  get isBusy(): boolean {
    return this.#manager?.busy ?? false;
  }

  /** True when the run's state is not in any checkpoint yet. */
  isBehind(step: number): boolean {
    return step > 0 && step !== this.#capturedStep;
  }

  /** Tells hooks and listeners which saves are durable by now, and what failed. */
  async settle(): Promise<void> {
    const run = this.#run;
    if (run === null || (this.#saved.length === 0 && this.#failed.length === 0)) return;
    for (const error of this.#failed.splice(0)) {
      run.warnings.warn(error.message);
      if (run.config.hooks.modelCheckpointConfig.onSaveError === "stop")
        run.trainer.requestStop(`a checkpoint failed: ${error.message}`, { force: true });
    }
    for (const info of this.#saved.splice(0)) {
      run.events.emit("checkpointSaved", info);
      await run.hooks.methods.onCheckpointSaved.fire(run.trainer, info);
    }
  }

  /** The run went on from `info`: it need not save the same state again. */
  resumedFrom(info: CheckpointInfo): void {
    this.last = info;
    this.#capturedStep = info.step;
  }

  /** Waits for what is in flight. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async close(): Promise<void> {
    await this.#manager?.close();
  }

  /** What became of all saves, for the result; nothing where there were none. */
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

  #follow({ committed }: SaveTicket): void {
    const followed = committed.then(
      (info) => {
        if (info === "superseded") {
          this.#superseded++;
          return;
        }
        this.#committed++;
        this.last = info;
        this.#saved.push(info);
      },
      (error: unknown) => this.#fail(error),
    );
    const done = followed.finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
  }

  #fail(thrown: unknown): void {
    const error = isTrainscopeError(thrown)
      ? thrown
      : new TrainscopeError("ERR_CHECKPOINT_SAVE", messageOf(thrown), { cause: thrown });
    this.#failures.push(error);
    this.#failed.push(error);
  }
}

function managerOptions<Batch>({ config, trainer, warnings: notices }: Run<Batch>): CheckpointOptions {
  const {
    dir,
    everyNEpochs: _e,
    everyNSteps: _s,
    everyMinutes: _m,
    onSaveError: _o,
    ...options
  } = config.hooks.modelCheckpointConfig;
  const { run } = trainer;
  const shared = process.env["TRAINSCOPE_CHECKPOINT_DIR"];
  const byEnvironment = shared === undefined || shared === "" ? join(run.dir, "checkpoints") : join(shared, run.runName);
  return { ...options, dir: dir ?? byEnvironment, onWarning: (message) => notices.warn(message) };
}
