import type { RunClock, StepTimings } from "../contract/index.js";

/** What a checkpoint stores of the clock. */
export type SavedClock = Pick<
  RunClock,
  "trainSeconds" | "dataWaitSeconds" | "validationSeconds" | "forwardSeconds" | "backwardSeconds" | "optimizerSeconds"
>;

/**
 * The run's clock: two readings a batch, shared by everything that wants the time. Only train batches count as training;
 * `resume()` after anything else (logging, validation, a yield to the event loop) leaves that out.
 */
export class TrainClock implements RunClock {
  nowMs: number = performance.now();
  trainSeconds = 0;
  dataWaitSeconds = 0;
  validationSeconds = 0;
  forwardSeconds = 0;
  backwardSeconds = 0;
  optimizerSeconds = 0;
  /** Seconds of the last batch: waiting, stepping, hooks. */
  batchSeconds = 0;
  #batchStartMs = 0;

  /** Training continues now. */
  resume(): void {
    this.nowMs = performance.now();
    this.#batchStartMs = this.nowMs;
  }

  dataReady(): void {
    this.nowMs = performance.now();
    this.dataWaitSeconds += (this.nowMs - this.#batchStartMs) / 1000;
  }

  batchDone(): void {
    this.nowMs = performance.now();
    this.batchSeconds = (this.nowMs - this.#batchStartMs) / 1000;
    this.trainSeconds += this.batchSeconds;
    this.#batchStartMs = this.nowMs;
  }

  addTimings(timings: StepTimings): void {
    this.forwardSeconds += timings.forwardSeconds ?? 0;
    this.backwardSeconds += timings.backwardSeconds ?? 0;
    this.optimizerSeconds += timings.optimizerSeconds ?? 0;
  }

  save(): SavedClock {
    const { trainSeconds, dataWaitSeconds, validationSeconds, forwardSeconds, backwardSeconds, optimizerSeconds } = this;
    return { trainSeconds, dataWaitSeconds, validationSeconds, forwardSeconds, backwardSeconds, optimizerSeconds };
  }

  restore(saved: SavedClock): void {
    Object.assign(this, saved);
  }
}
