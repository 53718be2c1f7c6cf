import { z } from "zod";
import { agreeing, instance } from "../config/fields.js";

/** What `fit` takes beside the data. */
export interface FitOptions {
  /**
   * Aborting it ends the run after the current step, as a first SIGINT does: `fit` resolves with the status "interrupted" and
   * with the message of the signal's reason as `reason`.
   */
  signal?: AbortSignal | undefined;
}

const fitOptions = () =>
  z.strictObject({
    signal: instance<AbortSignal>(
      isAbortSignal,
      "an AbortSignal",
      'Aborting it ends the run after the current step, as a first SIGINT does: `fit` resolves with the status "interrupted" and with the message of the signal\'s reason as `reason`.',
    ).optional(),
  });

/** By its shape: a polyfill has a class of its own. */
function isAbortSignal(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function" && typeof removeEventListener === "function";
}

export const FitOptions: z.ZodType<FitOptions, FitOptions> = agreeing<FitOptions, FitOptions>()(
  "What `fit` takes beside the data.",
  fitOptions,
);
