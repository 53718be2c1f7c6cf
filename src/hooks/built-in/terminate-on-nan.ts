import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogInterval, MaybePromise, Metrics, NamedTensor, NonFiniteValue, TrainerView } from "../../contract/index.js";
import { parseConfig, TerminateOnNaNConfig } from "../../config/index.js";
import { messageOf } from "../../support/errors.js";
import { isPromise } from "../../support/promises.js";
import { BatchHold } from "../support/batch-dump.js";
import { readTensors } from "../support/read-tensors.js";
import { TensorStats } from "../support/tensor-stats.js";
import { TrainerHooks } from "../trainer-hooks.js";

/**
 * Stops the run, also before `minEpochs`, when a training value is NaN or infinite. The reason says which value, at which
 * step, of which loader and batch (zero-based).
 * - `check: "boundary"` looks at every value since the last log boundary and costs nothing between boundaries.
 * - `check: "everyStep"` reads the loss after each step too (which waits for the device), keeps the gradients of each step
 *   where the model has them, and names the first parameter and the first gradient that are not finite. With `dumpBatch`
 *   the batch is written to `nan-batch-step-<n>.json` in the run directory.
 */
export class TerminateOnNaNHook extends TrainerHooks {
  override readonly key: string = "terminateOnNaN";
  override readonly reads: readonly string[] | undefined = undefined;
  readonly #hold: BatchHold | null;
  #done = false;

  constructor(config: TerminateOnNaNConfig = {}) {
    super();
    const { check, dumpBatch } = parseConfig(TerminateOnNaNConfig, config, "hooks.terminateOnNaNConfig");
    this.#hold = dumpBatch ? new BatchHold() : null;
    if (check === "boundary") return;
    this.reads = ["loss"];
    // Set here, so that with "boundary" the hook has no hook methods for batches at all.
    this.onTrainBatchStart = (trainer, batch) => this.#beforeStep(trainer, batch);
    this.onTrainBatchEnd = (trainer, _batch, _loaderIdx, loaderName, metrics) => this.#afterStep(trainer, loaderName, metrics);
  }

  override onLogInterval(trainer: TrainerView, interval: LogInterval): void {
    if (interval.nonFinite !== null && !this.#done) this.#stop(trainer, interval.nonFinite, []);
  }

  override onTrainEnd(): void {
    this.#hold?.release();
  }

  #beforeStep(trainer: TrainerView, batch: unknown): void {
    if (typeof trainer.model.gradients === "function") trainer.wantGradients();
    this.#hold?.hold(batch);
  }

  #afterStep(trainer: TrainerView, loaderName: string, metrics: Metrics): MaybePromise<void> {
    const { loss } = metrics;
    if (loss === undefined || Number.isFinite(loss) || this.#done) {
      this.#hold?.release();
      return;
    }
    const { step, batch } = trainer.state;
    return this.#examine(trainer, { metric: "loss", value: loss, step, batch: batch - 1, loaderName });
  }

  /** Only reached once, so that an `await` costs nothing that matters. */
  async #examine(trainer: TrainerView, found: NonFiniteValue): Promise<void> {
    const notes: string[] = [];
    const note = (text: string | null): void => {
      if (text !== null) notes.push(text);
    };
    note(await firstBad("gradient", () => trainer.model.gradients?.()));
    note(await firstBad("parameter", () => trainer.model.parameters?.()));
    note(await this.#dump(trainer, found, notes));
    this.#hold?.release();
    this.#stop(trainer, found, notes);
  }

  #stop(trainer: TrainerView, found: NonFiniteValue, notes: readonly string[]): void {
    this.#done = true;
    const { metric, value, step, batch, loaderName } = found;
    const where = `${metric} is ${value} at step ${step} (loader "${loaderName}", batch ${batch + 1})`;
    trainer.requestStop(`${this.key}: ${[where, ...notes].join("; ")}`, { force: true });
  }

  async #dump(trainer: TrainerView, found: NonFiniteValue, notes: readonly string[]): Promise<string | null> {
    if (this.#hold === null) return null;
    const name = `nan-batch-step-${found.step}.json`;
    try {
      const { metric, value, step, batch: batchIndex, loaderName } = found;
      const text = await this.#hold.toJson({ metric, value, step, batchIndex, loaderName, notes: notes.join("; ") });
      mkdirSync(trainer.run.dir, { recursive: true });
      writeFileSync(join(trainer.run.dir, name), text);
      return `the batch is in ${name}`;
    } catch (error) {
      return `the batch could not be written (${messageOf(error)})`;
    }
  }
}

/** Names the first tensor with a value that is not finite, or why it could not be determined. */
async function firstBad(what: string, tensors: () => Iterable<NamedTensor> | undefined): Promise<string | null> {
  let bad: string | null = null;
  try {
    const found = tensors();
    if (found === undefined) return null;
    const done = readTensors(found, ({ name }, values) => {
      const { nonFinite } = new TensorStats().add(values);
      if (nonFinite > 0) bad = `first bad ${what} "${name}" (${nonFinite} of ${values.length} values)`;
      return nonFinite === 0;
    });
    if (isPromise(done)) await done;
    return bad ?? `every ${what} is finite`;
  } catch (error) {
    return `the ${what}s could not be read (${messageOf(error)})`;
  }
}
