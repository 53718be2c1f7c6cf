/**
 * Rates over a window of recent batches.
 * - Only time inside training counts: what lies between `pause` and `resume`, and between two epochs, is left out.
 * - What was never told (tokens, data wait, parts of a step) is null, not zero.
 */
import type { LogInterval } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";

/** Parts of a batch's time, where known. */
export interface BatchTimings {
  dataWaitSeconds?: number | undefined;
  forwardSeconds?: number | undefined;
  backwardSeconds?: number | undefined;
  optimizerSeconds?: number | undefined;
}

/** Sums over several batches, as a log boundary has them. */
export type ThroughputInterval = Pick<
  LogInterval,
  "batches" | "samples" | "tokens" | "seconds" | "dataWaitSeconds" | "forwardSeconds" | "backwardSeconds" | "optimizerSeconds"
>;

/** Rates over the window, and seconds a batch. Null: not known. */
export interface Throughput {
  samplesPerSecond: number | null;
  tokensPerSecond: number | null;
  batchSeconds: number | null;
  dataWaitSeconds: number | null;
  forwardSeconds: number | null;
  backwardSeconds: number | null;
  optimizerSeconds: number | null;
  /** Batches that the window holds. */
  batches: number;
}

export interface ThroughputMeterOptions {
  /** Batches the rates are taken over. Default 100. */
  windowSize?: number | undefined;
  /** Milliseconds that only grow. Default `performance.now`. */
  now?: (() => number) | undefined;
}

const FIELDS = ["batches", "samples", "tokens", "seconds", "dataWait", "forward", "backward", "optimizer"] as const;
const BATCHES = 0;
const SAMPLES = 1;
const TOKENS = 2;
const SECONDS = 3;
const DATA_WAIT = 4;
const FORWARD = 5;
const BACKWARD = 6;
const OPTIMIZER = 7;

export class ThroughputMeter {
  readonly #windowSize: number;
  readonly #now: () => number;
  /** Entries of `FIELDS.length` numbers, a ring; NaN: not known. */
  readonly #entries: Float64Array;
  readonly #row: Float64Array = new Float64Array(FIELDS.length);
  #first = 0;
  #count = 0;
  #batches = 0;
  #mark: number | null = null;
  #pausedAt: number | null = null;

  constructor(options: ThroughputMeterOptions = {}) {
    const { windowSize = 100, now = () => performance.now() } = options;
    if (!Number.isSafeInteger(windowSize) || windowSize < 1) {
      throw new TrainscopeError("ERR_CONFIG", `windowSize is ${windowSize}: it must be an integer of at least 1.`, {
        path: "windowSize",
      });
    }
    this.#windowSize = windowSize;
    this.#now = now;
    this.#entries = new Float64Array(windowSize * FIELDS.length);
  }

  /** The clock of the next batch starts here. */
  startEpoch(): void {
    this.#mark = this.#now();
    this.#pausedAt = null;
  }

  /** Stops the clock: for validation, for saving. */
  pause(): void {
    this.#pausedAt ??= this.#now();
  }

  /** Lets the clock go on. */
  resume(): void {
    if (this.#pausedAt === null) return;
    if (this.#mark !== null) this.#mark += this.#now() - this.#pausedAt;
    this.#pausedAt = null;
  }

  /**
   * One batch is done. Without `seconds` it took the time since the batch before (or `startEpoch`); the very first one
   * without either is left out, as nothing is known of its time.
   */
  updateBatch(samples: number, tokens?: number, seconds?: number, timings?: BatchTimings): void {
    this.resume();
    const spent = seconds ?? this.#lap();
    if (spent === null) return;
    const row = this.#row;
    row[BATCHES] = 1;
    row[SAMPLES] = samples;
    row[TOKENS] = tokens ?? NaN;
    row[SECONDS] = spent;
    row[DATA_WAIT] = timings?.dataWaitSeconds ?? NaN;
    row[FORWARD] = timings?.forwardSeconds ?? NaN;
    row[BACKWARD] = timings?.backwardSeconds ?? NaN;
    row[OPTIMIZER] = timings?.optimizerSeconds ?? NaN;
    this.#push(row);
  }

  #lap(): number | null {
    const now = this.#now();
    const spent = this.#mark === null ? null : (now - this.#mark) / 1000;
    this.#mark = now;
    return spent;
  }

  /** Several batches at once. Tokens and parts of a step that sum to 0 are taken as not known. */
  add(interval: ThroughputInterval): void {
    if (interval.batches < 1) return;
    const row = this.#row;
    row[BATCHES] = interval.batches;
    row[SAMPLES] = interval.samples;
    row[TOKENS] = interval.tokens || NaN;
    row[SECONDS] = interval.seconds;
    row[DATA_WAIT] = interval.dataWaitSeconds;
    row[FORWARD] = interval.forwardSeconds || NaN;
    row[BACKWARD] = interval.backwardSeconds || NaN;
    row[OPTIMIZER] = interval.optimizerSeconds || NaN;
    this.#push(row);
  }

  /** Adds an entry; drops old ones that the window does not need. */
  #push(row: Float64Array): void {
    const added = row[BATCHES] as number;
    while (this.#count > 0 && (this.#count === this.#windowSize || this.#batches + added - this.#oldest() >= this.#windowSize)) {
      this.#batches -= this.#oldest();
      this.#first = (this.#first + 1) % this.#windowSize;
      this.#count--;
    }
    this.#entries.set(row, ((this.#first + this.#count) % this.#windowSize) * FIELDS.length);
    this.#count++;
    this.#batches += added;
  }

  #oldest(): number {
    return this.#entries[this.#first * FIELDS.length + BATCHES] as number;
  }

  /** The rates over the window. */
  getThroughput(): Throughput {
    const seconds = this.#sum(SECONDS, BATCHES).total;
    return {
      samplesPerSecond: this.#rate(SAMPLES),
      tokensPerSecond: this.#rate(TOKENS),
      batchSeconds: this.#batches === 0 ? null : seconds / this.#batches,
      dataWaitSeconds: this.#perBatch(DATA_WAIT),
      forwardSeconds: this.#perBatch(FORWARD),
      backwardSeconds: this.#perBatch(BACKWARD),
      optimizerSeconds: this.#perBatch(OPTIMIZER),
      batches: this.#batches,
    };
  }

  #rate(field: number): number | null {
    const { total, beside } = this.#sum(field, SECONDS);
    return beside > 0 ? total / beside : null;
  }

  #perBatch(field: number): number | null {
    const { total, beside } = this.#sum(field, BATCHES);
    return beside > 0 ? total / beside : null;
  }

  /** Sums of one field and of another beside it, over the entries where the first is known. */
  #sum(field: number, besideField: number): { total: number; beside: number } {
    let total = 0;
    let beside = 0;
    for (let i = 0; i < this.#count; i++) {
      const at = ((this.#first + i) % this.#windowSize) * FIELDS.length;
      const value = this.#entries[at + field] as number;
      if (Number.isNaN(value)) continue;
      total += value;
      beside += this.#entries[at + besideField] as number;
    }
    return { total, beside };
  }
}
