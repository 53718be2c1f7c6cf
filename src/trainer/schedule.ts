import type { ResolvedGenericTrainerConfig } from "../contract/index.js";

/** What the loop does after a boundary. */
export type Next = "train" | "endEpoch" | "stop";

/** When the loop has something to do beside stepping. A step costs one comparison (`nextStep`). */
export class Schedule {
  readonly maxSteps: number;
  readonly maxEpochs: number;
  readonly #logEvery: number;
  readonly #validateEverySteps: number;
  readonly #validateEveryEpochs: number;
  readonly #yieldEveryMs: number;
  #nextLog: number;
  #nextValidation: number;
  #nextYieldMs: number = performance.now();

  constructor(config: ResolvedGenericTrainerConfig) {
    const { everyNSteps, everyNEpochs } = config.validation;
    this.maxSteps = config.maxSteps ?? Infinity;
    this.maxEpochs = config.maxEpochs ?? Infinity;
    this.#logEvery = config.logging.logEveryNSteps;
    this.#validateEverySteps = everyNSteps ?? Infinity;
    this.#validateEveryEpochs = everyNSteps === undefined ? everyNEpochs : Infinity;
    this.#yieldEveryMs = config.yieldEveryMs;
    this.#nextLog = this.#logEvery;
    this.#nextValidation = this.#validateEverySteps;
  }

  /** `maxSteps` ends the epoch. */
  next(step: number): Next {
    return step >= this.maxSteps ? "endEpoch" : "train";
  }

  /** For a resumed run, which continues after `step`. `validationDue`: its validation there was cut short. */
  resumeAt(step: number, validationDue: boolean): void {
    this.#nextLog = nextMultiple(step, this.#logEvery);
    this.#nextValidation = validationDue ? step : nextMultiple(step, this.#validateEverySteps);
  }

  /** The next step after which something is due; the votes of several ranks are not counted. */
  get nextStep(): number {
    return Math.min(this.#nextLog, this.#nextValidation, this.maxSteps);
  }

  /** True where a log boundary is due; the next one is then scheduled. */
  consumeLogDue(step: number): boolean {
    if (step < this.#nextLog) return false;
    this.#nextLog = nextMultiple(step, this.#logEvery);
    return true;
  }

  /** True where a validation by steps is due; the next one is then scheduled. */
  consumeValidationDue(step: number): boolean {
    if (step < this.#nextValidation) return false;
    this.#nextValidation = nextMultiple(step, this.#validateEverySteps);
    return true;
  }

  /** `epoch` counts from 0. */
  validatesAfterEpoch(epoch: number): boolean {
    return (epoch + 1) % this.#validateEveryEpochs === 0;
  }

  /** `step`: that of the furthest rank, so that ranks with uneven data end together. */
  isOver(epochsCompleted: number, step: number): boolean {
    return epochsCompleted >= this.maxEpochs || step >= this.maxSteps;
  }

  /** True when `yieldEveryMs` have passed since timers, signals and delivery could last run. */
  isYieldDue(nowMs: number): boolean {
    return nowMs >= this.#nextYieldMs;
  }

  /** Lets every callback that waits in the event loop run once. */
  async yieldToEventLoop(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#nextYieldMs = performance.now() + this.#yieldEveryMs;
  }
}

function nextMultiple(step: number, every: number): number {
  if (every === Infinity) return Infinity;
  return (Math.floor(step / every) + 1) * every;
}
