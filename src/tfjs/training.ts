import type { GradientClip } from "./gradient-clip.js";
import { GradientStep } from "./gradient-step.js";
import { GradientSum } from "./gradient-sum.js";
import type { TfjsOps } from "./ops.js";
import { TfjsOptimizerAdapter } from "./optimizer.js";
import type { TfjsOptimizer } from "./types.js";
import type { NamedVariable } from "./weights.js";

/** What updates one group of variables, and what is saved of it. */
export interface Training {
  readonly step: GradientStep;
  readonly optimizer: TfjsOptimizerAdapter;
}

/** Variables that belong together. */
export interface Group {
  /** What is saved. */
  readonly variables: readonly NamedVariable[];
  /** Those of `variables` that the optimizer updates. */
  readonly trained: readonly NamedVariable[];
}

/** How one group of variables is trained. */
export interface TrainingOptions {
  readonly optimizer: TfjsOptimizer;
  readonly gradientClip?: GradientClip | undefined;
  readonly accumulateSteps?: number | undefined;
  /** What the optimizer is called. @default its class name in lower case */
  readonly name?: string;
}

/** The update of `trained`, which are some of `variables`, and its optimizer as a trainer sees it. */
export function trainingOf(ops: TfjsOps, { variables, trained }: Group, options: TrainingOptions): Training {
  const { optimizer, gradientClip: clip, accumulateSteps = 1, name } = options;
  const sum = new GradientSum(ops, trained, accumulateSteps);
  return {
    step: new GradientStep(ops, optimizer, trained, { clip, sum }),
    optimizer: new TfjsOptimizerAdapter(ops, { optimizer, parameters: trained, variables, sum, name }),
  };
}
