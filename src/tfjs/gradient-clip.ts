import type { OptionCheck } from "../support/option-keys.js";
import type { GradientEntry } from "./gradient-entry.js";
import type { TfjsOps } from "./ops.js";
import type { TfjsTensor } from "./types.js";

/** How gradients are limited before an update: by the norm of all of them together, or each element by itself. */
export type GradientClip =
  | {
      /**
       * The largest norm of all gradients of an update, taken as one vector: above it, all are scaled down to it. As `clip_grad_norm_` of
       * PyTorch: a NaN among them makes all of them NaN.
       */
      norm: number;
    }
  | {
      /** The largest absolute value of an element; others are set to it, with their sign. NaN stays NaN. */
      value: number;
    };

/** One key, one positive number. */
export const aGradientClip: OptionCheck = {
  allowed: "{ norm: 1 } or { value: 0.5 }, with a finite number above 0",
  accepts: (given) => {
    if (typeof given !== "object" || given === null) return false;
    const [[key, limit] = [], ...others] = Object.entries(given as Record<string, unknown>);
    return others.length === 0 && (key === "norm" || key === "value") && Number.isFinite(limit) && (limit as number) > 0;
  },
};

/** Replaces the gradients of `entries` by clipped ones. Runs inside `tf.tidy`. */
export function clipGradients(ops: TfjsOps, entries: readonly GradientEntry[], clip: GradientClip): void {
  if ("value" in clip) {
    // The gradient comes first: of two numbers the kernels of the wasm backend return the first where one of them is NaN.
    const within = (tensor: TfjsTensor): TfjsTensor => ops.maximum(ops.minimum(tensor, clip.value), -clip.value);
    for (const entry of entries) if (entry.tensor !== null) entry.tensor = within(entry.tensor);
    return;
  }
  const norm = globalNorm(ops, entries);
  if (norm === null) return;
  const scale = ops.where(ops.lessEqual(norm, clip.norm), 1, ops.div(clip.norm, norm)); // of NaN: NaN
  for (const entry of entries) if (entry.tensor !== null) entry.tensor = ops.mul(entry.tensor, scale);
}

function globalNorm(ops: TfjsOps, entries: readonly GradientEntry[]): TfjsTensor | null {
  let total: TfjsTensor | null = null;
  for (const { tensor } of entries) {
    if (tensor === null) continue;
    const squares = ops.sum(ops.square(tensor));
    total = total === null ? squares : ops.add(total, squares);
  }
  return total === null ? null : ops.sqrt(total);
}
