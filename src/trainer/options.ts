import { z } from "zod";
import { agreeing, field, flag, instance, milliseconds } from "../config/fields.js";
import type {
  CheckpointRequestOptions as SaveInput,
  OutputRequestOptions as OutputInput,
  StopOptions as StopInput,
} from "../contract/index.js";

/** What `fit` takes beside the data. */
export interface FitOptions {
  /**
   * Aborting it ends the run after the current step, as a first SIGINT does: `fit` resolves with the status "interrupted" and
   * with the message of the signal's reason as `reason`.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds after the abort of `signal` until a step, hook or loader that has not returned is abandoned, as by a second
   * SIGINT; the end of the run (hooks, checkpoints, backends) has as long again. Infinity waits for as long as it takes.
   * @default 30000
   */
  abandonAfterMs?: number | undefined;
}

/** `FitOptions` with the defaults filled in. */
export interface ResolvedFitOptions extends FitOptions {
  abandonAfterMs: number;
}

const fitOptions = () =>
  z.strictObject({
    signal: instance<AbortSignal>(
      isAbortSignal,
      "an AbortSignal",
      'Aborting it ends the run after the current step, as a first SIGINT does: `fit` resolves with the status "interrupted" and with the message of the signal\'s reason as `reason`.',
    ).optional(),
    abandonAfterMs: field(
      z.union([milliseconds(0), z.literal(Infinity)]).default(30_000),
      "Milliseconds after the abort of `signal` until a step, hook or loader that has not returned is abandoned, as by a second SIGINT; the end of the run (hooks, checkpoints, backends) has as long again. Infinity waits for as long as it takes.",
      { allowed: "an integer of milliseconds from 0 to 2147483647, or Infinity" },
    ),
  });

/** By its shape: a polyfill has a class of its own. */
function isAbortSignal(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function" && typeof removeEventListener === "function";
}

export const FitOptions: z.ZodType<ResolvedFitOptions, FitOptions> = agreeing<ResolvedFitOptions, FitOptions>()(
  "What `fit` takes beside the data.",
  fitOptions,
);

export const StopOptions: z.ZodType<{ force: boolean }, StopInput> = agreeing<{ force: boolean }, StopInput>()(
  "What `requestStop` takes beside the reason.",
  () =>
    z.strictObject({
      force: field(
        flag(false),
        "False: a request before `minEpochs` and `minSteps` is dropped with a warning; the hook repeats it at its next check. True: the run stops there too.",
      ),
    }),
);

export const OutputRequestOptions: z.ZodType<{ images: boolean }, OutputInput> = agreeing<{ images: boolean }, OutputInput>()(
  "What `wantOutputs` takes.",
  () =>
    z.strictObject({
      images: field(
        flag(true),
        "False: the images of the batch, which are the largest part, are not copied off the device unless another hook requests them.",
      ),
    }),
);

export const CheckpointRequestOptions: z.ZodType<{ keep: boolean }, SaveInput> = agreeing<{ keep: boolean }, SaveInput>()(
  "What `requestCheckpoint` takes beside the reason.",
  () =>
    z.strictObject({
      keep: field(
        flag(false),
        "True: this checkpoint is written in any case, and training waits for the one that is being written.",
      ),
    }),
);
