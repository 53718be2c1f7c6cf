import type { LogInterval, Metrics, NonFiniteValue, RunState, StepResult } from "../contract/index.js";
import { TrainClock, type SavedClock } from "./clock.js";
import type { UpdateWatch } from "./updates.js";

/** Where the run is. The loop writes it; hooks and backends read it as `RunState`. */
export class Progress implements RunState {
  step = 0;
  epoch = 0;
  epochsCompleted = 0;
  batch = 0;
  batchInEpoch = 0;
  batchesPerEpoch: number | null = null;
  samples = 0;
  tokens = 0;
  stopRequested: string | null = null;
  readonly clock: TrainClock = new TrainClock();
  /** The last step that was logged. */
  loggedStep = 0;
  /** An interruption cut a validation by steps short: a resumed run begins with it. */
  validationDue = false;
  /** Told of every batch that updates no weights. */
  updates: UpdateWatch | null = null;
  #since: Totals = { step: 0, batch: 0, samples: 0, tokens: 0, seconds: 0, dataWait: 0, forward: 0, backward: 0, optimizer: 0 };

  /** Counts one train batch. */
  count(result: StepResult): void {
    this.batch++;
    this.batchInEpoch++;
    if (result.updated !== false) this.step++;
    else this.updates?.noteIdle(this);
    this.samples += result.batchSize;
    if (result.tokens !== undefined) this.tokens += result.tokens;
    if (result.timings !== undefined) this.clock.addTimings(result.timings);
  }

  startEpoch(): void {
    this.batchInEpoch = 0;
    this.clock.resume();
  }

  /** What happened since the last call, for a log boundary. */
  consumeInterval(loaderIdx: number, loaderName: string, values: Metrics, nonFinite: NonFiniteValue | null): LogInterval {
    const before = this.#since;
    const now = this.#totals();
    this.#since = now;
    this.loggedStep = this.step;
    return {
      step: this.step,
      epoch: this.epoch,
      loaderIdx,
      loaderName,
      values,
      nonFinite,
      batchSeconds: this.clock.batchSeconds,
      steps: now.step - before.step,
      batches: now.batch - before.batch,
      samples: now.samples - before.samples,
      tokens: now.tokens - before.tokens,
      seconds: now.seconds - before.seconds,
      dataWaitSeconds: now.dataWait - before.dataWait,
      forwardSeconds: now.forward - before.forward,
      backwardSeconds: now.backward - before.backward,
      optimizerSeconds: now.optimizer - before.optimizer,
    };
  }

  save(): SavedProgress {
    const { step, epoch, epochsCompleted, batch, batchInEpoch, samples, tokens, loggedStep, validationDue, clock } = this;
    return {
      step,
      epoch,
      epochsCompleted,
      batch,
      batchInEpoch,
      samples,
      tokens,
      loggedStep,
      validationDue,
      clock: clock.save(),
      since: { ...this.#since },
    };
  }

  restore({ clock, since, ...counts }: SavedProgress): void {
    Object.assign(this, counts);
    this.clock.restore(clock);
    this.#since = { ...since };
  }

  #totals(): Totals {
    const { clock } = this;
    return {
      step: this.step,
      batch: this.batch,
      samples: this.samples,
      tokens: this.tokens,
      seconds: clock.trainSeconds,
      dataWait: clock.dataWaitSeconds,
      forward: clock.forwardSeconds,
      backward: clock.backwardSeconds,
      optimizer: clock.optimizerSeconds,
    };
  }
}

/** What a checkpoint stores of it. */
export interface SavedProgress {
  readonly step: number;
  readonly epoch: number;
  readonly epochsCompleted: number;
  readonly batch: number;
  readonly batchInEpoch: number;
  readonly samples: number;
  readonly tokens: number;
  readonly loggedStep: number;
  readonly validationDue: boolean;
  readonly clock: SavedClock;
  readonly since: Totals;
}

interface Totals {
  step: number;
  batch: number;
  samples: number;
  tokens: number;
  seconds: number;
  dataWait: number;
  forward: number;
  backward: number;
  optimizer: number;
}
