import type { StateValue, TrainerView } from "../../contract/index.js";
import { LearningRateScheduleConfig, parseConfig } from "../../config/index.js";
import { learningRateAt, needsTotalSteps } from "../../decisions/index.js";
import type { LearningRateSchedule } from "../../decisions/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { requireOptimizers } from "../support/optimizers.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SECTION = "hooks.learningRateScheduleConfig";

/**
 * Sets the learning rate of every optimizer before each step, from the completed steps alone (`learningRateAt`). The rate that an
 * optimizer has when the run starts is its base rate; a saved state keeps it.
 * `totalSteps` is taken from the config, else `maxSteps`, else `maxEpochs` × batches of an epoch. Throws `ERR_CONFIG`.
 */
export class LearningRateScheduleHook extends TrainerHooks {
  override readonly key: string = "learningRateSchedule";
  #schedule: LearningRateSchedule;
  #base: readonly number[] | null = null;
  #lastStep = -1;
  readonly #lastRates: number[] = [];

  constructor(config: LearningRateScheduleConfig = {}) {
    super();
    this.#schedule = parseConfig(LearningRateScheduleConfig, config, SECTION);
  }

  override onTrainStart(trainer: TrainerView): void {
    requireOptimizers(trainer, this.key);
    if (trainer.config.hooks.enableReduceLROnPlateau) {
      const message =
        "A schedule sets the learning rate at every step and would undo each cut.\nEnable either enableLearningRateSchedule or enableReduceLROnPlateau.";
      throw new TrainscopeError("ERR_CONFIG", message, { path: "hooks.enableReduceLROnPlateau" });
    }
    this.#base ??= trainer.optimizers.map((optimizer) => optimizer.learningRate);
    if (this.#base.length !== trainer.optimizers.length) {
      throw new TrainscopeError(
        "ERR_STATE",
        `${this.key} was saved with ${this.#base.length} optimizers; this run has ${trainer.optimizers.length}.`,
      );
    }
    if (!needsTotalSteps(this.#schedule)) return;
    const total = this.#findTotal(trainer);
    const { kind, warmupSteps } = this.#schedule;
    if (total !== null && total > warmupSteps) {
      this.#schedule = { ...this.#schedule, totalSteps: total };
      return;
    }
    const problem =
      total === null
        ? `The run's length is not known: there is no maxSteps, and the loaders do not say how many batches an epoch has.`
        : `The run has ${total} steps, and the warm-up alone takes ${warmupSteps}.`;
    const message = `${problem}\nA ${kind} schedule needs it: set totalSteps to the steps it should take.`;
    throw new TrainscopeError("ERR_CONFIG", message, { path: `${SECTION}.totalSteps` });
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    const { step } = trainer.state;
    if (step === this.#lastStep) return;
    this.#lastStep = step;
    const { optimizers } = trainer;
    for (let i = 0; i < optimizers.length; i++) {
      const optimizer = optimizers[i];
      const base = this.#base?.[i];
      if (optimizer === undefined || base === undefined) continue;
      const rate = learningRateAt(this.#schedule, base, step);
      if (rate === this.#lastRates[i]) continue;
      this.#lastRates[i] = rate;
      optimizer.learningRate = rate;
    }
  }

  override state(): StateValue {
    return { base: this.#base };
  }

  override loadState(state: StateValue): void {
    const { base } = savedFields(state, ["base"], this.key);
    this.#base = Array.isArray(base) ? base.map(Number) : null;
  }

  #findTotal({ config: { maxSteps, maxEpochs }, state: { batchesPerEpoch } }: TrainerView): number | null {
    const known = this.#schedule.totalSteps ?? maxSteps;
    if (known !== undefined) return known;
    return maxEpochs === undefined || batchesPerEpoch === null || !Number.isFinite(batchesPerEpoch)
      ? null
      : maxEpochs * batchesPerEpoch;
  }
}
