import type { ResolvedGenericTrainerConfig } from "../contract/index.js";

/** How the loop goes on after a boundary. */
export type Next = "train" | "endEpoch" | "stop";

/** When the loop has something to do beside stepping: one comparison a step finds out. */
export class Schedule {
  readonly maxSteps: number;
  readonly maxEpochs: number;
  readonly #logEvery: number;
  readonly #validateEverySteps: number;
  readonly #validateEveryEpochs: number;
  readonly #yieldEveryMs: number;
  #nextLog: number;
  #nextValidation: number;
  #nextTurnMs: number = performance.now();

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

  /** Where the last step ended the epoch, nothing more is trained. */
  next(step: number): Next {
    return step >= this.maxSteps ? "endEpoch" : "train";
  }

  /** A resumed run goes on behind `step`. */
  resumeAt(step: number): void {
    this.#nextLog = nextMultiple(step, this.#logEvery);
    this.#nextValidation = nextMultiple(step, this.#validateEverySteps);
  }

  /** The step at which the loop must look up, votes of several ranks left aside. */
  get nextStep(): number {
    return Math.min(this.#nextLog, this.#nextValidation, this.maxSteps);
  }

  consumeLogDue(step: number): boolean {
    if (step < this.#nextLog) return false;
    this.#nextLog = nextMultiple(step, this.#logEvery);
    return true;
  }

  consumeValidationDue(step: number): boolean {
    if (step < this.#nextValidation) return false;
    this.#nextValidation = nextMultiple(step, this.#validateEverySteps);
    return true;
  }

  validatesAfterEpoch(epoch: number): boolean {
    return (epoch + 1) % this.#validateEveryEpochs === 0;
  }

  /** `step`: that of the furthest rank, so that ranks with uneven data end together. */
  isOver(epochsCompleted: number, step: number): boolean {
    return epochsCompleted >= this.maxEpochs || step >= this.maxSteps;
  }

  /** True when the event loop has waited for `yieldEveryMs`: timers, signals and delivery need a turn. */
  isTurnDue(nowMs: number): boolean {
    return nowMs >= this.#nextTurnMs;
  }

  /** Lets everything that waits in the event loop run once. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#nextTurnMs = performance.now() + this.#yieldEveryMs;
  }
}

function nextMultiple(step: number, every: number): number {
  if (every === Infinity) return Infinity;
  return (Math.floor(step / every) + 1) * every;
}
