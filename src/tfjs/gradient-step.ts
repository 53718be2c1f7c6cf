import type { NamedTensor, StepTimings } from "../contract/index.js";
import { clipGradients, type GradientClip } from "./gradient-clip.js";
import type { GradientEntry } from "./gradient-entry.js";
import type { GradientSum } from "./gradient-sum.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsOptimizer, TfjsTensor, TfjsVariable } from "./types.js";
import { namedTensor, type NamedVariable } from "./weights.js";

type Differentiated = ReturnType<TfjsOps["variableGrads"]>;

/** What a model does with the loss of a batch in training. */
export interface BatchStep {
  /** Minimizes `loss`, the mean over `samples`, and returns its value, which the caller disposes. */
  run(loss: () => TfjsTensor, samples: number, keepGradients: boolean): TfjsTensor;
  /** False where the last run only collected its gradients. */
  readonly updated: boolean;
  /** Updates by what is collected, however much it is. Returns false where nothing is. */
  flush(): boolean;
  /** Seconds of the last run. They measure the work only where operations are synchronous. */
  timings(): StepTimings;
  /** The gradients kept in the last run, by the names of their variables. */
  gradients(): Iterable<NamedTensor>;
  /** Frees the gradients of the last run. */
  release(): void;
  /** Frees all that is kept, also what is collected. */
  dispose(): void;
}

/** What is done to the gradients before the optimizer gets them. */
export interface GradientOptions {
  readonly clip: GradientClip | undefined;
  readonly sum: GradientSum;
}

/**
 * Backward and update of one loss; with `sum`, the update of several.
 * - Gradients: what `gradients` shows of a batch that updates is the mean over all samples of the update, before it is clipped; of a batch
 *   that is only collected, its own.
 * - Memory: of everything the step made, the loss stays, and until the next step the gradients, where they are wanted; of a step that
 *   throws in its loss, nothing.
 * - Order: the optimizer gets every trained variable in one fixed order, also those without a gradient in this step.
 *   Given gradients by name, TensorFlow.js would mix up its moments when a variable drops out of a step.
 */
export class GradientStep implements BatchStep {
  readonly #ops: TfjsOps;
  readonly #optimizer: { applyGradients(gradients: GradientEntry[]): void };
  readonly #clip: GradientClip | undefined;
  readonly #sum: GradientSum;
  readonly #parameters: readonly NamedVariable[];
  readonly #variables: readonly TfjsVariable[];
  readonly #entries: GradientEntry[];
  #loss: (() => TfjsTensor) | null = null;
  #failure: { thrown: unknown } | null = null;
  #keepGradients = false;
  #samples = 0;
  #updated = true;
  #value: TfjsTensor | null = null;
  #gradients: { name: string; tensor: TfjsTensor }[] = [];
  #startedMs = 0;
  #forwardMs = 0;
  #backwardMs = 0;
  #doneMs = 0;

  constructor(ops: TfjsOps, optimizer: TfjsOptimizer, parameters: readonly NamedVariable[], { clip, sum }: GradientOptions) {
    this.#ops = ops;
    this.#optimizer = optimizer as unknown as { applyGradients(gradients: GradientEntry[]): void };
    this.#clip = clip;
    this.#sum = sum;
    this.#parameters = parameters;
    this.#variables = parameters.map(({ variable }) => variable);
    this.#entries = parameters.map(({ variable }) => ({ name: variable.name, tensor: null }));
  }

  run(loss: () => TfjsTensor, samples: number, keepGradients: boolean): TfjsTensor {
    this.release();
    this.#loss = loss;
    this.#samples = samples;
    this.#keepGradients = keepGradients;
    this.#startedMs = performance.now();
    this.#ops.tidy(this.#body);
    return this.#value as TfjsTensor;
  }

  get updated(): boolean {
    return this.#updated;
  }

  flush(): boolean {
    if (this.#sum.isEmpty) return false;
    this.release();
    this.#keepGradients = false;
    this.#ops.tidy(this.#applySum);
    this.#forget();
    return true;
  }

  timings(): StepTimings {
    return {
      forwardSeconds: (this.#forwardMs - this.#startedMs) / 1000,
      backwardSeconds: (this.#backwardMs - this.#forwardMs) / 1000,
      optimizerSeconds: (this.#doneMs - this.#backwardMs) / 1000,
    };
  }

  *gradients(): Iterable<NamedTensor> {
    for (const { name, tensor } of this.#gradients) yield namedTensor(this.#ops, name, tensor);
  }

  release(): void {
    for (const { tensor } of this.#gradients) tensor.dispose();
    if (this.#gradients.length > 0) this.#gradients = [];
  }

  dispose(): void {
    this.release();
    this.#sum.clear();
  }

  /** A loss that throws gives 0 here: TensorFlow.js frees what it holds for the gradients only where there is a loss. */
  readonly #forward = (): TfjsTensor => {
    try {
      const loss = (this.#loss as () => TfjsTensor)();
      this.#forwardMs = performance.now();
      return loss;
    } catch (thrown) {
      this.#failure = { thrown };
      return this.#ops.tensor(Float32Array.of(0), [], "float32");
    }
  };

  readonly #body = (): void => {
    const { value, grads } = this.#differentiated();
    this.#backwardMs = performance.now();
    for (const entry of this.#entries) entry.tensor = Object.hasOwn(grads, entry.name) ? (grads[entry.name] ?? null) : null;
    if (this.#sum.isUsed) this.#collect();
    else this.#apply();
    this.#doneMs = performance.now();
    this.#forget();
    this.#value = this.#ops.keep(value);
  };

  #collect(): void {
    this.#updated = this.#sum.add(this.#entries, this.#samples);
    if (this.#updated) this.#applySum();
    else if (this.#keepGradients) this.#keep();
  }

  readonly #applySum = (): void => {
    this.#sum.take(this.#entries);
    this.#apply();
  };

  #apply(): void {
    this.#updated = true;
    if (this.#keepGradients) this.#keep();
    if (this.#clip !== undefined) clipGradients(this.#ops, this.#entries, this.#clip);
    this.#optimizer.applyGradients(this.#entries);
  }

  #forget(): void {
    for (const entry of this.#entries) entry.tensor = null;
  }

  #differentiated(): Differentiated {
    let result: Differentiated | null = null;
    try {
      result = this.#ops.variableGrads(this.#forward, this.#variables);
    } catch (error) {
      this.#failure ??= { thrown: error }; // what the loss threw comes first
    }
    const failure = this.#failure;
    this.#failure = null;
    if (result !== null && failure === null) return result;
    throw failure?.thrown;
  }

  #keep(): void {
    for (const [index, { tensor }] of this.#entries.entries()) {
      const name = this.#parameters[index]?.name;
      if (tensor !== null && name !== undefined) this.#gradients.push({ name, tensor: this.#ops.keep(tensor) });
    }
  }
}
