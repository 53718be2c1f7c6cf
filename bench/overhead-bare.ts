/** Hand-written loops: draw a loader by weight, take its next batch, step, add up the loss. */
import type { DeferredScalar, Scalar, StepContext, TrainableModel } from "trainscope";
import { makeRandom } from "./lib/random.js";
import { LOADERS, WEIGHTS, type Batch } from "./overhead-work.js";

class BarePicker {
  readonly #random = makeRandom(7);
  readonly #loaders = Object.values(LOADERS);
  readonly #positions = this.#loaders.map(() => 0);

  next(): Batch {
    const index = this.#random() < (WEIGHTS[0] ?? 1) ? 0 : 1;
    const batches = this.#loaders[index] ?? [];
    const position = this.#positions[index] ?? 0;
    this.#positions[index] = position + 1 === batches.length ? 0 : position + 1;
    return batches[position] ?? { x: 0, y: 0 };
  }
}

const context = {} as StepContext;

/** Steps of a model that returns numbers. Returns the sum of losses, so that the compiler cannot remove the work. */
export function bareSync(model: TrainableModel<Batch>, steps: number): number {
  const picker = new BarePicker();
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const result = model.trainStep(picker.next(), context);
    if (!(result instanceof Promise)) sum += result.loss as number;
  }
  return sum;
}

/** Steps of a model that returns promises. */
export async function bareAsync(model: TrainableModel<Batch>, steps: number): Promise<number> {
  const picker = new BarePicker();
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const result = await model.trainStep(picker.next(), context);
    sum += result.loss as number;
  }
  return sum;
}

/** Steps of a model that returns deferred scalars, which this loop reads and disposes. */
export function bareDeferred(model: TrainableModel<Batch>, steps: number): number {
  const picker = new BarePicker();
  let sum = 0;
  const take = (scalar: Scalar | undefined): void => {
    const deferred = scalar as DeferredScalar;
    sum += deferred.read() as number;
    deferred.dispose();
  };
  for (let step = 0; step < steps; step++) {
    const result = model.trainStep(picker.next(), context);
    if (result instanceof Promise) continue;
    take(result.loss);
    take(result.metrics?.accuracy);
  }
  return sum;
}
