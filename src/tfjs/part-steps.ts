import type { NamedTensor, StepTimings } from "../contract/index.js";
import { messageOf, TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { valueText } from "../support/value-text.js";
import type { BatchStep } from "./gradient-step.js";
import { checkRank } from "./loss-result.js";
import { isTensor, type TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";

/**
 * The step of several models: whatever `minimize` is called for is updated, in this order.
 * - Memory: the losses that `minimize` returns are freed after the step, also where it throws; gradients, where they are wanted, at the next.
 */
export class PartSteps implements BatchStep {
  readonly #ops: TfjsOps;
  readonly #parts: ReadonlyMap<string, BatchStep>;
  #step: (() => TfjsTensor) | null = null;
  #losses: TfjsTensor[] = [];
  #inUpdate = false;
  #samples = 0;
  #keepGradients = false;
  #updated = false;
  #timings: Required<{ [Key in keyof StepTimings]: number }> = { forwardSeconds: 0, backwardSeconds: 0, optimizerSeconds: 0 };

  /** `parts`: those that have an optimizer. */
  constructor(ops: TfjsOps, parts: ReadonlyMap<string, BatchStep>) {
    this.#ops = ops;
    this.#parts = parts;
  }

  get updated(): boolean {
    return this.#updated;
  }

  run(step: () => TfjsTensor, samples: number, keepGradients: boolean): TfjsTensor {
    this.release();
    this.#samples = samples;
    this.#keepGradients = keepGradients;
    this.#updated = false;
    this.#timings = { forwardSeconds: 0, backwardSeconds: 0, optimizerSeconds: 0 };
    this.#step = step;
    try {
      return this.#ops.tidy(this.#body);
    } finally {
      this.#step = null;
      for (const loss of this.#losses) loss.dispose();
      this.#losses = [];
    }
  }

  /**
   * Updates a part; `training` false: only computes its loss. Throws `ERR_STEP_RESULT` for an unknown part, and where an update would come
   * outside of a step or inside of another one, whose gradients it would change.
   */
  minimize(part: string, loss: () => TfjsTensor, training: boolean): TfjsTensor {
    const step = this.#parts.get(part);
    if (step === undefined) throw unknownPart(part, [...this.#parts.keys()]);
    if (typeof loss !== "function") throw noFunction(part, loss);
    const mean = (): TfjsTensor => this.#meanOf(loss(), part);
    if (!training) return mean();
    if (this.#step === null || this.#inUpdate) throw misplaced(part, this.#inUpdate);
    const value = this.#run(step, mean, part);
    this.#losses.push(value);
    this.#updated = true;
    const { forwardSeconds = 0, backwardSeconds = 0, optimizerSeconds = 0 } = step.timings();
    this.#timings.forwardSeconds += forwardSeconds;
    this.#timings.backwardSeconds += backwardSeconds;
    this.#timings.optimizerSeconds += optimizerSeconds;
    return value;
  }

  flush(): boolean {
    return false;
  }

  timings(): StepTimings {
    return this.#timings;
  }

  *gradients(): Iterable<NamedTensor> {
    for (const step of this.#parts.values()) yield* step.gradients();
  }

  release(): void {
    for (const step of this.#parts.values()) step.release();
  }

  dispose(): void {
    for (const step of this.#parts.values()) step.dispose();
  }

  readonly #body = (): TfjsTensor => {
    const loss = (this.#step as () => TfjsTensor)();
    return this.#ops.keep(this.#ops.clone(loss)); // it may be one that is freed after the step
  };

  #run(step: BatchStep, loss: () => TfjsTensor, part: string): TfjsTensor {
    this.#inUpdate = true;
    try {
      return step.run(loss, this.#samples, this.#keepGradients);
    } catch (error) {
      throw messageOf(error).includes(UNCONNECTED) ? unconnected(part, error) : error;
    } finally {
      this.#inUpdate = false;
    }
  }

  #meanOf(loss: unknown, part: string): TfjsTensor {
    if (!isTensor(loss))
      throw new TrainscopeError(
        "ERR_STEP_RESULT",
        `The loss of minimize("${part}", …) is ${valueText(loss)}. Return a tensor: a scalar, or one value a sample.`,
        { path: "tfjsModel.step" },
      );
    checkRank(loss, "step", `a loss of "${part}"`);
    return loss.shape.length > 0 ? this.#ops.mean(loss) : loss;
  }
}

/** How the message of TensorFlow.js for a loss without gradients begins. */
const UNCONNECTED = "Cannot find a connection between any variable";

function unconnected(part: string, cause: unknown): TrainscopeError {
  return new TrainscopeError(
    "ERR_STEP_RESULT",
    `The loss of minimize("${part}", …) depends on no variable that the part "${part}" trains.\n` +
      "Compute inside of the function what depends on them, the outputs of the part's model too.",
    { path: "tfjsModel.step", cause },
  );
}

function misplaced(part: string, isNested: boolean): TrainscopeError {
  const text = isNested
    ? `minimize("${part}", …) was called inside of the loss of another minimize. Call one after the other.`
    : `minimize("${part}", …) was called outside of a step. Call it in step itself, before it returns.`;
  return new TrainscopeError("ERR_STEP_RESULT", text, { path: "tfjsModel.step" });
}

function noFunction(part: string, found: unknown): TrainscopeError {
  return new TrainscopeError(
    "ERR_STEP_RESULT",
    `minimize("${part}", …) takes a function that computes the loss; found ${valueText(found)}. Write minimize("${part}", () => loss).`,
    { path: "tfjsModel.step" },
  );
}

function unknownPart(part: string, known: readonly string[]): TrainscopeError {
  return new TrainscopeError(
    "ERR_STEP_RESULT",
    `minimize was called for ${valueText(part)}, which is no part with an optimizer. ${suggest(part, known)}`,
    { path: "tfjsModel.step" },
  );
}
