import type { RunState, RunStatus, StateValue, TrainerView } from "../../contract/index.js";
import { LearningRateScheduleConfig, parseConfig } from "../../config/index.js";
import { learningRateAt, needsTotalSteps } from "../../decisions/index.js";
import type { LearningRateSchedule } from "../../decisions/index.js";
import { rateProblem, shortRunProblem } from "../../decisions/schedule-problems.js";
import { placeInSchedule, spannedSteps } from "../../decisions/schedule-span.js";
import type { RunLimits } from "../../decisions/schedule-span.js";
import { TrainscopeError } from "../../support/errors.js";
import { BaseRates } from "../support/base-rates.js";
import { requireRates } from "../support/optimizers.js";
import { savedFields } from "../support/saved-state.js";
import { TrainerHooks } from "../trainer-hooks.js";

const SECTION = "hooks.learningRateScheduleConfig";

/**
 * Sets the learning rate of every optimizer before each batch, from the place in the run alone (`learningRateAt`).
 * - Base rate: the rate that an optimizer has when the run starts. A saved state keeps it by the optimizer's name; a rate that is set in
 *   `onTrainStart` of a hook after a checkpoint was loaded becomes the new base rate.
 * - Length: `totalSteps` of the config, else the batches that will be: the shorter of `maxSteps` and `maxEpochs` × batches of an epoch.
 *   The rate is at its end value at the last of them, also where only some batches update the weights (`updated: false`).
 *
 * Throws `ERR_CONFIG` where the length is not known, or the rates or the warm-up do not fit the optimizers and the run.
 */
export class LearningRateScheduleHook extends TrainerHooks {
  override readonly key: string = "learningRateSchedule";
  #schedule: LearningRateSchedule;
  readonly #base: BaseRates = new BaseRates(this.key);
  /** Found when the first batch starts, for the kinds that need it. */
  #limits: RunLimits | null = null;
  /** Batches that the warm-up took; null while it lasts. */
  #warmupBatches: number | null = null;
  #warnedOfWarmup = false;
  readonly #lastRates: number[] = [];

  constructor(config: LearningRateScheduleConfig = {}) {
    super();
    this.#schedule = parseConfig(LearningRateScheduleConfig, config, SECTION);
  }

  override onTrainStart(trainer: TrainerView): void {
    requireRates(trainer, this.key);
    if (trainer.config.hooks.enableReduceLROnPlateau) {
      const message =
        "A schedule sets the learning rate at every step and would undo each cut.\nEnable either enableLearningRateSchedule or enableReduceLROnPlateau.";
      throw new TrainscopeError("ERR_CONFIG", message, { path: "hooks.enableReduceLROnPlateau" });
    }
    this.#base.start(trainer);
    for (const [i, { name }] of trainer.optimizers.entries()) {
      const problem = rateProblem(this.#schedule, name, this.#base.rates[i] ?? 0);
      if (problem !== null) throw new TrainscopeError("ERR_CONFIG", problem.message, { path: `${SECTION}.${problem.option}` });
    }
    this.#checkLength(trainer);
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    const { optimizers } = trainer;
    const place = this.#place(trainer);
    for (let i = 0; i < optimizers.length; i++) {
      const optimizer = optimizers[i];
      const base = this.#base.rates[i];
      if (optimizer === undefined || base === undefined) continue;
      const rate = learningRateAt(this.#schedule, base, place);
      if (rate === this.#lastRates[i]) continue;
      this.#lastRates[i] = rate;
      optimizer.learningRate = rate;
    }
  }

  override onTrainEnd(trainer: TrainerView, status: RunStatus): void {
    const { step } = trainer.state;
    const { warmupSteps } = this.#schedule;
    if (status !== "completed" || step >= warmupSteps || this.#warnedOfWarmup) return;
    warn(
      trainer,
      `the run ended after ${step} steps, inside the warm-up of ${warmupSteps}: the whole learning rate was never reached`,
    );
  }

  override state(): StateValue {
    const warmup = this.#warmupBatches === null ? null : [this.#schedule.warmupSteps, this.#warmupBatches];
    return { ...this.#base.state(), warmup };
  }

  override loadState(state: StateValue): void {
    const { warmup, ...base } = savedFields(state, ["names", "base", "rates", "warmup"], this.key);
    this.#base.loadState(base);
    if (Array.isArray(warmup) && warmup[0] === this.#schedule.warmupSteps) this.#warmupBatches = Number(warmup[1]);
  }

  /** The completed steps as the schedule counts them. */
  #place(trainer: TrainerView): number {
    const { step } = trainer.state;
    const batch = Math.max(trainer.state.batch, step); // a step takes a batch at least
    const { warmupSteps } = this.#schedule;
    if (!needsTotalSteps(this.#schedule)) return step;
    if (this.#limits === null) {
      this.#limits = limitsOf(trainer, this.#schedule.totalSteps, trainer.state.batchInEpoch);
      this.#schedule = { ...this.#schedule, totalSteps: spannedSteps(this.#limits) };
    }
    if (step < warmupSteps) return step;
    this.#warmupBatches ??= step === 0 ? 0 : Math.round((batch * warmupSteps) / step); // exact in the first batch after the warm-up
    return placeInSchedule(this.#schedule, this.#limits, this.#warmupBatches, step, batch);
  }

  #checkLength(trainer: TrainerView): void {
    const { kind, totalSteps } = this.#schedule;
    const unknown = totalSteps === undefined && needsTotalSteps(this.#schedule) ? unknownLength(trainer) : null;
    if (unknown !== null) {
      const message = `The run's length is not known: ${unknown}.\nA ${kind} schedule needs it: set totalSteps to the steps it should take, or trainLoaderConfig.batchesPerEpoch.`;
      throw new TrainscopeError("ERR_CONFIG", message, { path: `${SECTION}.totalSteps` });
    }
    const problem = shortRunProblem(this.#schedule, spannedSteps(limitsOf(trainer, totalSteps, 0)));
    if (problem === null) return;
    if (problem.isError) throw new TrainscopeError("ERR_CONFIG", problem.message, { path: `${SECTION}.${problem.option}` });
    this.#warnedOfWarmup = problem.option === "warmupSteps";
    warn(trainer, problem.message);
  }
}

/** What ends the schedule. `batchInEpoch`: how many batches of the current epoch are done. */
function limitsOf({ config, state }: TrainerView, totalSteps: number | undefined, batchInEpoch: number): RunLimits {
  if (totalSteps !== undefined) return { steps: totalSteps, batches: Infinity };
  const { maxSteps = Infinity, maxEpochs } = config;
  return { steps: maxSteps, batches: maxEpochs === undefined ? Infinity : batchesUntil(maxEpochs, state, batchInEpoch) };
}

/** Batches of the whole run, counted from where it is: the loaders may have had another length before a resume. */
function batchesUntil(maxEpochs: number, { batch, batchesPerEpoch, epochsCompleted }: RunState, batchInEpoch: number): number {
  if (batchesPerEpoch === null) return Infinity;
  return batch + Math.max(0, (maxEpochs - epochsCompleted) * batchesPerEpoch - batchInEpoch);
}

/** Why it is not known how long the run will be, or null where it is. */
function unknownLength({ config: { maxSteps, maxEpochs }, state: { batchesPerEpoch } }: TrainerView): string | null {
  if (maxEpochs === undefined || (batchesPerEpoch !== null && Number.isFinite(batchesPerEpoch))) return null;
  const silent = "the loaders do not say how many batches an epoch has";
  return maxSteps === undefined ? `there is no maxSteps, and ${silent}` : `${silent}, so maxEpochs may end it before maxSteps`;
}

function warn(trainer: TrainerView, problem: string): void {
  const message = `learningRateSchedule: ${problem}`;
  trainer.logger.logEvent("warning", { message, hook: "learningRateSchedule" }, trainer.state.step);
}
