import { TrainscopeError } from "../support/errors.js";

/** Batches without an update after which the loop is taken to be endless: where an epoch ends, and where it does not. */
const ENDLESS = { atEpochEnd: 1000, inEpoch: 10_000 };

/** Where the run is, as `Progress` counts it after a batch. */
interface Place {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
  readonly batchInEpoch: number;
}

/**
 * Watches the batches that update no weights (`updated: false`).
 * - A whole epoch without an update, or 1,000 batches of one, is one warning: gradients may be accumulated over more batches than that.
 * - Where only `maxSteps` ends the run, 1,000 batches without an update are an error when an epoch has ended among them, 10,000 always: the
 *   run would never end.
 */
export class UpdateWatch {
  readonly #maxSteps: number | null;
  readonly #warn: (message: string) => void;
  /** The first batch without an update since the last one that had one. */
  #first: Place | null = null;
  #epoch = 0;
  #warned = false;

  /** `maxSteps`: null where something else ends the run. */
  constructor(maxSteps: number | null, warn: (message: string) => void) {
    this.#maxSteps = maxSteps;
    this.#warn = warn;
  }

  /** After a batch that updated nothing. Throws `ERR_STEP_RESULT` where the run would never end. */
  noteIdle(now: Place): void {
    if (this.#first?.step !== now.step) this.#first = placeOf(now);
    const first = this.#first;
    const batches = now.batch - first.batch + 1;
    const wholeEpochs = now.epoch - first.epoch - (first.batchInEpoch === 1 ? 0 : 1);
    const epochEnded = now.epoch !== this.#epoch && wholeEpochs > 0;
    this.#epoch = now.epoch;
    if (this.#maxSteps !== null && batches > (epochEnded ? ENDLESS.atEpochEnd : ENDLESS.inEpoch))
      throw endlessError(this.#maxSteps, now.step, batches - 1);
    if (epochEnded || batches > ENDLESS.atEpochEnd) this.#warnOnce(batches - 1);
  }

  /** After the last batch of an epoch: a run that ends with it is told too. */
  noteEpochEnd({ step, epoch, batch }: Place): void {
    const first = this.#first;
    if (first === null || first.step !== step || (first.epoch === epoch && first.batchInEpoch !== 1)) return;
    this.#warnOnce(batch - first.batch + 1);
  }

  #warnOnce(batches: number): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(
      `model.trainStep has updated no weights in ${batches} batches: it returned updated: false for all of them, so no optimizer step was counted.\nThat is right where gradients are accumulated over more batches than these. Otherwise leave updated out in the batch that updates.`,
    );
  }
}

function placeOf({ step, epoch, batch, batchInEpoch }: Place): Place {
  return { step, epoch, batch, batchInEpoch };
}

function endlessError(maxSteps: number, step: number, batches: number): TrainscopeError {
  return new TrainscopeError(
    "ERR_STEP_RESULT",
    `The run would never end: it ends after maxSteps (${maxSteps}) optimizer steps, is at ${step}, and the last ${batches} batches made none: each returned updated: false.\nLeave updated out, or return true, for the batch that updates the weights. Or set maxEpochs, which ends the run whatever updates.`,
    { path: "model.trainStep" },
  );
}
