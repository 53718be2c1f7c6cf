import type { RunState, RunStatus, StateValue, TrainerView } from "../../contract/index.js";
import { LearningRateScheduleConfig, parseConfig } from "../../config/index.js";
import { learningRateAt, needsTotalSteps } from "../../decisions/index.js";
import type { LearningRateSchedule } from "../../decisions/index.js";
import { rateProblem, shortRunProblem, type ScheduleProblem } from "../../decisions/schedule-problems.js";
import { placeInSchedule, spannedSteps, stepsToBe } from "../../decisions/schedule-span.js";
import type { RunLimits } from "../../decisions/schedule-span.js";
import { TrainscopeError, isTrainscopeError, messageOf } from "../../support/errors.js";
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
 *   The rate is at its end value at the last of them, also where only some batches update the weights (`updated: false`). A function is
 *   given optimizer steps: their number is then found from the batches that those so far have taken.
 *
 * Throws `ERR_CONFIG` where the length is not known, or the rates or the warm-up do not fit the optimizers and the run: before anything is
 * written, where the run is a new one; and where `rate` of kind "function" returns no learning rate.
 */
export class LearningRateScheduleHook extends TrainerHooks {
  override readonly key: string = "learningRateSchedule";
  #schedule: LearningRateSchedule;
  readonly #base: BaseRates = new BaseRates(this.key);
  /** Found when the first batch starts, for the kinds that span a length. */
  #limits: RunLimits | null = null;
  /** Batches that the warm-up took; null while it lasts. */
  #warmupBatches: number | null = null;
  /** The last step, and the batches that it and those before it took; kept for kind "function". */
  #counted: readonly [step: number, batches: number] = [0, 0];
  #warnedOfWarmup = false;
  readonly #lastRates: number[] = [];

  constructor(config: LearningRateScheduleConfig = {}) {
    super();
    this.#schedule = parseConfig(LearningRateScheduleConfig, config, SECTION);
  }

  /** A resumed run is checked when its state is there: `onTrainStart`. */
  override checkRun(trainer: TrainerView): void {
    checkCompany(trainer, this.key);
    if (trainer.config.resume !== "never") return;
    const rates = trainer.optimizers.map(({ learningRate }) => learningRate);
    this.#checkRates(trainer, rates);
    this.#lengthProblem(trainer);
    if (this.#schedule.kind === "function") this.#tryRate(trainer, rates);
  }

  override onTrainStart(trainer: TrainerView): void {
    checkCompany(trainer, this.key); // also of a hook that was registered during the run
    this.#base.start(trainer);
    this.#checkRates(trainer, this.#base.rates);
    const problem = this.#lengthProblem(trainer);
    if (problem === null) return;
    this.#warnedOfWarmup = problem.option === "warmupSteps";
    warn(trainer, problem.message);
  }

  override onTrainBatchStart(trainer: TrainerView): void {
    const { optimizers } = trainer;
    const place = this.#schedule.kind === "function" ? this.#countSteps(trainer) : this.#place(trainer);
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
    return { ...this.#base.state(), warmup, counted: [...this.#counted] };
  }

  override loadState(state: StateValue): void {
    const { warmup, counted, ...base } = savedFields(state, ["names", "base", "rates", "warmup"], this.key);
    this.#base.loadState(base);
    // left out by earlier versions
    if (Array.isArray(counted)) this.#counted = [Number(counted[0]), Number(counted[1])];
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
    if (step < warmupSteps || this.#schedule.totalSteps === Infinity) return step;
    this.#warmupBatches ??= step === 0 ? 0 : Math.round((batch * warmupSteps) / step); // exact in the first batch after the warm-up
    return placeInSchedule(this.#schedule, this.#limits, this.#warmupBatches, step, batch);
  }

  /** The completed steps; how many there will be goes into the schedule. */
  #countSteps(trainer: TrainerView): number {
    const { step, batch } = trainer.state;
    this.#limits ??= limitsOf(trainer, this.#schedule.totalSteps, trainer.state.batchInEpoch);
    if (step !== this.#counted[0]) this.#counted = [step, Math.max(batch, step)];
    const totalSteps = stepsToBe(this.#limits, this.#counted);
    if (totalSteps !== this.#schedule.totalSteps) this.#schedule = { ...this.#schedule, totalSteps };
    return step;
  }

  #checkRates(trainer: TrainerView, rates: readonly number[]): void {
    for (const [i, { name }] of trainer.optimizers.entries()) {
      const problem = rateProblem(this.#schedule, name, rates[i] ?? 0);
      if (problem !== null) throw scheduleError(problem.option, problem.message);
    }
  }

  /** The user's function for the first step: what it returns by mistake is found out before the run begins. */
  #tryRate(trainer: TrainerView, rates: readonly number[]): void {
    const totalSteps = spannedSteps(limitsOf(trainer, this.#schedule.totalSteps, 0));
    try {
      for (const rate of rates) learningRateAt({ ...this.#schedule, totalSteps }, rate, 0);
    } catch (error) {
      throw scheduleError("rate", isTrainscopeError(error) ? error.detail : `It threw: ${messageOf(error)}`, error);
    }
  }

  /** What a warning should say of a run of this length. Throws where the schedule cannot be what it says. */
  #lengthProblem(trainer: TrainerView): ScheduleProblem | null {
    const { kind, totalSteps } = this.#schedule;
    const unknown = totalSteps === undefined && needsTotalSteps(this.#schedule) ? unknownLength(trainer) : null;
    if (unknown !== null) {
      const message = `The run's length is not known: ${unknown}.\nThis ${kind} schedule needs it: set totalSteps to the steps it should take, or trainLoaderConfig.batchesPerEpoch.`;
      throw scheduleError("totalSteps", message);
    }
    const problem = shortRunProblem(this.#schedule, spannedSteps(limitsOf(trainer, totalSteps, 0)));
    if (problem?.isError === true) throw scheduleError(problem.option, problem.message);
    return problem;
  }
}

/** A schedule needs optimizers, and no other hook may set their rates. */
function checkCompany(trainer: TrainerView, key: string): void {
  requireRates(trainer, key);
  if (!trainer.config.hooks.enableReduceLROnPlateau) return;
  const message =
    "A schedule sets the learning rate at every step and would undo each cut.\nEnable either enableLearningRateSchedule or enableReduceLROnPlateau.";
  throw new TrainscopeError("ERR_CONFIG", message, { path: "hooks.enableReduceLROnPlateau" });
}

function scheduleError(option: string, message: string, cause?: unknown): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path: `${SECTION}.${option}`, cause });
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
