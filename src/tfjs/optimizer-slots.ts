/**
 * Where the optimizers of TensorFlow.js 4 keep what they have learned. Their own `getWeights` and `setWeights` cannot
 * be used: Adam's recomputes its bias correction by `pow`, which is not bitwise what it had, and Adamax has none.
 */
export interface OptimizerSlots {
  /** Field with one entry per variable, and the suffix its tensors are stored under. */
  readonly perVariable: readonly { readonly field: string; readonly suffix: string }[];
  /** Fields with one variable. */
  readonly single: readonly string[];
}

function slots(perVariable: Readonly<Record<string, string>>, single: readonly string[] = []): OptimizerSlots {
  return { perVariable: Object.entries(perVariable).map(([field, suffix]) => ({ field, suffix })), single };
}

/** The slots of every optimizer that TensorFlow.js 4 has, by class name. */
export const OPTIMIZER_SLOTS: Readonly<Record<string, OptimizerSlots>> = {
  SGD: slots({}),
  Momentum: slots({ accumulations: "momentum" }),
  Adagrad: slots({ accumulatedGrads: "accumulator" }),
  Adadelta: slots({ accumulatedGrads: "accum_grad", accumulatedUpdates: "accum_var" }),
  RMSProp: slots({ accumulatedMeanSquares: "rms", accumulatedMoments: "momentum", accumulatedMeanGrads: "mg" }),
  Adam: slots({ accumulatedFirstMoment: "m", accumulatedSecondMoment: "v" }, ["accBeta1", "accBeta2"]),
  Adamax: slots({ accumulatedFirstMoment: "m", accumulatedWeightedInfNorm: "v" }, ["accBeta1", "iteration"]),
};
