import type { TfjsTensor } from "./types.js";

/** The gradient of one variable, as `applyGradients` takes it; null where the loss did not use the variable. */
export interface GradientEntry {
  readonly name: string;
  tensor: TfjsTensor | null;
}
