import { parseConfig, ThroughputConfig } from "../config/index.js";
import type { LogInterval, StepTimings } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { valueText } from "../support/value-text.js";
import { isAmount, timingsProblem } from "./timings.js";

/** Parts of a batch's time in seconds, where they are known. */
export interface BatchTimings extends StepTimings {
  /** Seconds that training waited for the batch. */
  dataWaitSeconds?: number | undefined;
}

/** Sums over several batches, as `onLogInterval` gets them at a log boundary. */
export type ThroughputInterval = Pick<
  LogInterval,
  "batches" | "samples" | "tokens" | "seconds" | "dataWaitSeconds" | "forwardSeconds" | "backwardSeconds" | "optimizerSeconds"
>;

/** Rates over the window, and mean seconds per batch. Null: not known. */
export interface Throughput {
  /** Mean rate over the window; null before the first batch. */
  samplesPerSecond: number | null;
  /** Tokens per second, over the batches whose tokens are known. */
  tokensPerSecond: number | null;
  /** Seconds per batch, all in all. */
  batchSeconds: number | null;
  /** Seconds per batch that training waited for data. */
  dataWaitSeconds: number | null;
  /** Seconds per batch of the forward pass. */
  forwardSeconds: number | null;
  /** Seconds per batch of the backward pass. */
  backwardSeconds: number | null;
  /** Seconds per batch of the optimizer's update. */
  optimizerSeconds: number | null;
  /** Batches that the window holds; 0 before any. */
  batches: number;
}

const TIMING_KEYS: readonly string[] = [
  "dataWaitSeconds",
  "forwardSeconds",
  "backwardSeconds",
  "optimizerSeconds",
] satisfies (keyof BatchTimings)[];

function checkAmount(name: string, value: unknown): void {
  if (value !== undefined && !isAmount(value))
    throw batchError(`${name} is ${valueText(value)}: it must be a number of at least 0`);
}

function batchError(problem: string): TrainscopeError {
  return new TrainscopeError("ERR_METRIC_VALUE", `The batch is refused: ${problem}.`, { path: "ThroughputMeter" });
}

/** What a `ThroughputMeter` takes: the config of the throughput hook. */
export type ThroughputMeterOptions = ThroughputConfig;

const FIELDS = ["batches", "samples", "tokens", "seconds", "dataWait", "forward", "backward", "optimizer"] as const;
const BATCHES = 0;
const SAMPLES = 1;
const TOKENS = 2;
const SECONDS = 3;
const DATA_WAIT = 4;
const FORWARD = 5;
const BACKWARD = 6;
const OPTIMIZER = 7;

/**
 * Rates over a window of recent batches, by a monotonic clock.
 * - Only time inside training counts: what passes between `pause` and `resume`, and between two epochs, is left out.
 * - What was never given (tokens, data wait, parts of a step) is null, not zero.
 */
export class ThroughputMeter {
  readonly #windowSize: number;
  /** Entries of `FIELDS.length` numbers, a ring; NaN: not known. */
  readonly #entries: Float64Array;
  readonly #row: Float64Array = new Float64Array(FIELDS.length);
  #first = 0;
  #count = 0;
  #batches = 0;
  #mark: number | null = null;
  #pausedAt: number | null = null;

  /** Throws `ERR_CONFIG` for options that are unknown or out of range. */
  constructor(options: ThroughputMeterOptions = {}) {
    const { windowSize } = parseConfig(ThroughputConfig, options, "ThroughputMeter");
    this.#windowSize = windowSize;
    this.#entries = new Float64Array(windowSize * FIELDS.length);
  }

  /** Starts the clock of the next batch: what passed since the last one is not counted. */
  startEpoch(): void {
    this.#mark = performance.now();
    this.#pausedAt = null;
  }

  /** Stops the clock, for validation or saving; a second call changes nothing. */
  pause(): void {
    this.#pausedAt ??= performance.now();
  }

  /** Starts the clock again; without a `pause` before it changes nothing. */
  resume(): void {
    if (this.#pausedAt === null) return;
    if (this.#mark !== null) this.#mark += performance.now() - this.#pausedAt;
    this.#pausedAt = null;
  }

  /**
   * Adds a batch of `samples` samples that is done, and resumes a paused clock. Without `seconds` it took the time since the batch
   * before, or since `startEpoch`; a first batch with neither is left out, as its time is not known. Throws `ERR_METRIC_VALUE` for what
   * is no number of at least 0, and for an unknown key of `timings`.
   */
  updateBatch(samples: number, tokens?: number, seconds?: number, timings?: BatchTimings): void {
    checkAmount("samples", samples);
    checkAmount("tokens", tokens);
    checkAmount("seconds", seconds);
    const problem = timings === undefined ? null : timingsProblem(timings, TIMING_KEYS);
    if (problem !== null) throw batchError(problem);
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
    const now = performance.now();
    const spent = this.#mark === null ? null : (now - this.#mark) / 1000;
    this.#mark = now;
    return spent;
  }

  /** Adds several batches at once. Tokens and parts of a step that sum to 0 count as not known; no batches add nothing. */
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

  /** Adds an entry and drops old ones that the window does not need. */
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

  /** The rates over the window: at least the last `windowSize` batches, where there were as many. Costs a pass over the window. */
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
