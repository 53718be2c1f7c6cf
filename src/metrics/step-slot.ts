import type { DeferredScalar, MaybePromise, StepResult } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { isPromise } from "../support/promises.js";
import type { Shape } from "./shape.js";

const NOT_AN_ALIAS = -1;

/**
 * The values of one step, deferred ones included.
 * - Each deferred scalar is read at most once and disposed exactly once: after its read, after a failed read, or by
 *   `disposeAll`. A scalar under two names is one scalar.
 * - Slots are reused: a read that ends after its slot was reused for another step touches nothing but its own scalar.
 */
export class StepSlot {
  shape: Shape | null = null;
  loaderIdx = 0;
  loaderName = "";
  step = 0;
  batch = 0;
  batchSize = 0;
  /** By position in `shape.names`. */
  values: Float64Array = new Float64Array(8);
  /** Deferred scalars in this step whose read has not begun. */
  unread = 0;
  readonly #deferred: (DeferredScalar | null)[] = [];
  readonly #reading: (Promise<number> | null)[] = [];
  readonly #alias: number[] = [];
  /** Positions that `#deferred`, `#reading` and `#alias` were used for. */
  #used = 0;
  #generation = 0;

  /** Empties the slot for another step. */
  reuse(loaderIdx: number, loaderName: string, step: number, batch: number, batchSize: number): void {
    this.loaderIdx = loaderIdx;
    this.loaderName = loaderName;
    this.step = step;
    this.batch = batch;
    this.batchSize = batchSize;
    if (this.#used === 0) return;
    for (let position = 0; position < this.#used; position++) {
      this.#deferred[position] = null;
      this.#reading[position] = null;
      this.#alias[position] = NOT_AN_ALIAS;
    }
    this.#used = 0;
    this.unread = 0;
    this.#generation++;
  }

  /** Makes room for `count` values. */
  fit(count: number): void {
    if (count > this.values.length) this.values = new Float64Array(2 * count);
  }

  /** Takes over a deferred scalar. */
  defer(position: number, scalar: DeferredScalar): void {
    while (this.#used <= position) {
      this.#deferred[this.#used] = null;
      this.#reading[this.#used] = null;
      this.#alias[this.#used] = NOT_AN_ALIAS;
      this.#used++;
    }
    for (let other = 0; other < position; other++) {
      if (this.#deferred[other] !== scalar) continue;
      this.#alias[position] = other;
      return;
    }
    this.#deferred[position] = scalar;
    this.unread++;
  }

  /** The value at `position`; a promise only while its `read()` is one. */
  read(position: number): MaybePromise<number> {
    if (position >= this.#used) return this.values[position] as number;
    const alias = this.#alias[position] as number;
    if (alias !== NOT_AN_ALIAS) return this.read(alias);
    const reading = this.#reading[position];
    if (reading) return reading;
    const scalar = this.#deferred[position];
    if (!scalar) return this.values[position] as number;
    this.#deferred[position] = null;
    this.unread--;
    return this.#readOnce(scalar, position);
  }

  #readOnce(scalar: DeferredScalar, position: number): MaybePromise<number> {
    let value: unknown;
    try {
      value = scalar.read();
    } catch (error) {
      disposeQuietly(scalar);
      throw this.#readError(position, error);
    } finally {
      this.values[position] = NaN; // until it is known; stays where the read failed
    }
    if (!isPromise(value)) {
      this.values[position] = this.#finish(scalar, position, value);
      return this.values[position] as number;
    }
    const reading = this.#settle(scalar, position, value);
    reading.catch(() => {}); // reported to the caller that awaits it
    this.#reading[position] = reading;
    return reading;
  }

  async #settle(scalar: DeferredScalar, position: number, pending: Promise<unknown>): Promise<number> {
    const generation = this.#generation;
    let value: unknown;
    try {
      value = await pending;
    } catch (error) {
      disposeQuietly(scalar);
      throw this.#readError(position, error);
    }
    const settled = this.#finish(scalar, position, value);
    if (generation === this.#generation) {
      this.values[position] = settled;
      this.#reading[position] = null;
    }
    return settled;
  }

  #finish(scalar: DeferredScalar, position: number, value: unknown): number {
    try {
      scalar.dispose();
    } catch (error) {
      throw this.#readError(position, error);
    }
    if (typeof value === "number") return value;
    throw new TrainscopeError(
      "ERR_STEP_RESULT",
      `Metric "${this.#name(position)}"${this.#where()} was read as ${typeof value}: read() must give a number.`,
    );
  }

  #readError(position: number, error: unknown): TrainscopeError {
    return new TrainscopeError(
      "ERR_STEP",
      `Metric "${this.#name(position)}"${this.#where()} could not be read: ${messageOf(error)}`,
      { cause: error },
    );
  }

  #name(position: number): string {
    return this.shape?.names[position] ?? String(position);
  }

  #where(): string {
    return ` of step ${this.step} (loader ${this.loaderName})`;
  }

  /** Disposes what was not read. A read that has begun disposes its own scalar. */
  disposeAll(): void {
    for (let position = 0; position < this.#used; position++) {
      const scalar = this.#deferred[position];
      this.#deferred[position] = null;
      if (scalar) disposeQuietly(scalar);
    }
    this.unread = 0;
  }
}

/** Cleans up after an error, which an error of `dispose` would hide. */
function disposeQuietly(scalar: DeferredScalar): void {
  try {
    scalar.dispose();
  } catch {
    // the error that led here is the one that is reported
  }
}

/** Disposes every deferred scalar of a result that is refused. Never throws. */
export function disposeResult(result: StepResult): void {
  const seen = new Set<unknown>();
  const dispose = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (typeof (value as Partial<DeferredScalar>).dispose === "function") disposeQuietly(value as DeferredScalar);
  };
  const { loss, metrics } = result as Partial<StepResult>;
  dispose(loss);
  if (typeof metrics === "object" && metrics !== null) for (const name of Object.keys(metrics)) dispose(metrics[name]);
}
