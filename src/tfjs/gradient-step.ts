import type { NamedTensor, StepTimings } from "../contract/index.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsOptimizer, TfjsTensor, TfjsVariable } from "./types.js";
import { namedTensor, type NamedVariable } from "./weights.js";

type Differentiated = ReturnType<TfjsOps["variableGrads"]>;

interface Entry {
  name: string;
  tensor: TfjsTensor | null;
}

/**
 * Backward and update of one loss.
 * - Memory: of everything the step made, the loss stays, and until the next step the gradients, where they are wanted; of a step that
 *   throws in its loss, nothing.
 * - Order: the optimizer gets every trained variable in one fixed order, also those without a gradient in this step.
 *   Given gradients by name, TensorFlow.js would mix up its moments when a variable drops out of a step.
 */
export class GradientStep {
  readonly #ops: TfjsOps;
  readonly #optimizer: { applyGradients(gradients: Entry[]): void };
  readonly #parameters: readonly NamedVariable[];
  readonly #variables: readonly TfjsVariable[];
  readonly #entries: Entry[];
  #loss: (() => TfjsTensor) | null = null;
  #failure: { thrown: unknown } | null = null;
  #keepGradients = false;
  #value: TfjsTensor | null = null;
  #gradients: { name: string; tensor: TfjsTensor }[] = [];
  #startedMs = 0;
  #forwardMs = 0;
  #backwardMs = 0;
  #doneMs = 0;

  constructor(ops: TfjsOps, optimizer: TfjsOptimizer, parameters: readonly NamedVariable[]) {
    this.#ops = ops;
    this.#optimizer = optimizer as unknown as { applyGradients(gradients: Entry[]): void };
    this.#parameters = parameters;
    this.#variables = parameters.map(({ variable }) => variable);
    this.#entries = parameters.map(({ variable }) => ({ name: variable.name, tensor: null }));
  }

  /** Minimizes `loss` by one step and returns its value, which the caller disposes. */
  run(loss: () => TfjsTensor, keepGradients: boolean): TfjsTensor {
    this.release();
    this.#loss = loss;
    this.#keepGradients = keepGradients;
    this.#startedMs = performance.now();
    this.#ops.tidy(this.#body);
    return this.#value as TfjsTensor;
  }

  /** Seconds of the last step. They measure the work only where operations are synchronous. */
  timings(): StepTimings {
    return {
      forwardSeconds: (this.#forwardMs - this.#startedMs) / 1000,
      backwardSeconds: (this.#backwardMs - this.#forwardMs) / 1000,
      optimizerSeconds: (this.#doneMs - this.#backwardMs) / 1000,
    };
  }

  /** The gradients kept in the last step, by the names of their variables. */
  *gradients(): Iterable<NamedTensor> {
    for (const { name, tensor } of this.#gradients) yield namedTensor(this.#ops, name, tensor);
  }

  /** Frees the gradients of the last step. */
  release(): void {
    for (const { tensor } of this.#gradients) tensor.dispose();
    if (this.#gradients.length > 0) this.#gradients = [];
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
    this.#optimizer.applyGradients(this.#entries);
    this.#doneMs = performance.now();
    if (this.#keepGradients) this.#keep();
    for (const entry of this.#entries) entry.tensor = null;
    this.#value = this.#ops.keep(value);
  };

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
