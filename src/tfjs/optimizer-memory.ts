import type { MaybePromise, StateTree } from "../contract/index.js";

/** What an optimizer has learned, as it is saved. */
export interface OptimizerMemory {
  state(): MaybePromise<StateTree>;
  /** Restores what `state` returned. Throws `ERR_STATE` where a name, shape or type does not fit; nothing is changed then. */
  load(state: StateTree): MaybePromise<void>;
  /** Makes it fit the variables that are trained now, where others were trained before. */
  align(): void;
}

/** The field of a `tf.Optimizer` that counts its updates. */
export const ITERATIONS = "iterations";

/** The fields of a `tf.Optimizer` that TensorFlow.js keeps protected. */
export interface OptimizerFields {
  learningRate?: number;
  /** Absent before the first step. */
  iterations_?: number;
  setLearningRate?(learningRate: number): void;
  /** What Adagrad begins with. */
  initialAccumulatorValue?: number;
  [field: string]: unknown;
}

/** How often the optimizer has updated, as it is saved. */
export function iterationsOf({ iterations_ = 0 }: OptimizerFields): StateTree {
  return { [ITERATIONS]: { shape: [], dtype: "I64", data: BigInt64Array.of(BigInt(iterations_)) } };
}
