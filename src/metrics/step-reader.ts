import type { StepResult } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { isRecord } from "../support/records.js";
import { Shape } from "./shape.js";
import { extrasProblem, isDeferred, namesOf, refuseFrame, refuseValue, stepResultError } from "./step-result.js";
import type { StepSlot } from "./step-slot.js";

/** Shapes that are remembered: steps alternate between a few, or have new keys without end. */
const MAX_SHAPES = 100;

/**
 * Reads step results into slots.
 * - A step with the keys of its loader's step before is compared with that one's shape and allocates nothing.
 * - Errors: what is not a step result throws `ERR_STEP_RESULT`, a name that backends refuse `ERR_METRIC_NAME`.
 */
export class StepReader {
  readonly #loaders: readonly string[];
  readonly #columnOf: (name: string) => number;
  readonly #readLast: (name: string) => number;
  /** The shape of each loader's last step. */
  readonly #shapeOf: (Shape | null)[];
  readonly #shapes: Map<string, Shape> = new Map();

  /** `columnOf`: the accumulator's column of a metric. `readLast`: the value of a metric in the last step, for views. */
  constructor(loaders: readonly string[], columnOf: (name: string) => number, readLast: (name: string) => number) {
    this.#loaders = loaders;
    this.#columnOf = columnOf;
    this.#readLast = readLast;
    this.#shapeOf = loaders.map(() => null);
  }

  /** Fills `slot` with one step's values; deferred scalars are taken over. */
  fill(slot: StepSlot, loaderIdx: number, result: StepResult, step: number, batch: number): void {
    const loaderName = this.#loaders[loaderIdx];
    if (loaderName === undefined) {
      throw new TrainscopeError("ERR_LOADER_DATA", `There is no loader ${loaderIdx}: ${this.#loaders.join(", ")}.`);
    }
    if (typeof result !== "object" || result === null) return refuseFrame(result, where(loaderName, step));
    const { loss, batchSize, metrics } = result;
    if (loss === undefined || typeof batchSize !== "number" || !(batchSize > 0 && batchSize < Infinity)) {
      return refuseFrame(result, where(loaderName, step));
    }
    if (result.tokens !== undefined || result.updated !== undefined || result.timings !== undefined) {
      const problem = extrasProblem(result);
      if (problem !== null) throw stepResultError(problem, where(loaderName, step));
    }
    slot.reuse(loaderIdx, loaderName, step, batch, batchSize);
    const known = this.#shapeOf[loaderIdx];
    if (known && this.#fillAs(known, slot, result)) return;
    const shape = this.#shapeFor(result, loaderName, step);
    this.#shapeOf[loaderIdx] = shape;
    slot.reuse(loaderIdx, loaderName, step, batch, batchSize);
    if (!this.#fillAs(shape, slot, result)) refuseValue("metrics", metrics, where(loaderName, step));
  }

  /** Fills the slot when the result has exactly the keys of `shape`; returns whether it had. */
  #fillAs(shape: Shape, slot: StepSlot, result: StepResult): boolean {
    const names = shape.names;
    slot.shape = shape;
    slot.fit(names.length);
    const loss = result.loss;
    if (typeof loss === "number") slot.values[0] = loss;
    else this.#defer(slot, 0, "loss", loss);
    const metrics = result.metrics;
    let position = 1;
    for (const name in metrics) {
      if (name !== names[position]) return false;
      const value = metrics[name];
      if (typeof value === "number") slot.values[position] = value;
      else this.#defer(slot, position, name, value);
      position++;
    }
    return position === names.length && (position > 1 || metrics === undefined || isRecord(metrics));
  }

  #defer(slot: StepSlot, position: number, name: string, value: unknown): void {
    if (!isDeferred(value)) refuseValue(name, value, where(slot.loaderName, slot.step));
    slot.defer(position, value);
  }

  #shapeFor(result: StepResult, loaderName: string, step: number): Shape {
    const names = namesOf(result, where(loaderName, step));
    const key = names.join("\n");
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      shape = new Shape(names, names.map(this.#columnOf), this.#readLast);
      if (this.#shapes.size >= MAX_SHAPES) this.#shapes.clear();
      this.#shapes.set(key, shape);
    }
    return shape;
  }
}

function where(loaderName: string, step: number): string {
  return `step ${step}, loader ${loaderName}`;
}
