import { z } from "zod";
import { agreeing, callback, startTimeoutField, withFallback } from "../../config/fields.js";
import type { Metrics, WithDefaults } from "../../contract/index.js";
import { uptime } from "../../support/uptime.js";
import type { BackendFailure } from "./guarded-backend.js";
import type { RefusedPoint } from "./points.js";

/** What a `CompositeLogger` takes beside its backends. */
export interface CompositeLoggerOptions {
  /**
   * Milliseconds that all backends together may take to start; the run then begins, and those that are late join when they are
   * ready.
   * @default 5000
   */
  startTimeoutMs?: number | undefined;
  /** Called once for each backend, at its first failure. What it throws is ignored. */
  onBackendFailed?: ((failure: BackendFailure) => void) | undefined;
  /** Called with a record that no backend gets, once for each name and reason. What it throws is ignored. */
  onPointRefused?: ((refused: RefusedPoint) => void) | undefined;
  /**
   * Called with the valid points of every `logMetrics` call, after the backends. The object belongs to the caller of
   * `logMetrics`: copy what is kept. What it throws is ignored.
   */
  onMetrics?: ((metrics: Metrics, step: number) => void) | undefined;
  /** The time in milliseconds since 1970. @internal */
  now?: (() => number) | undefined;
  /** A time in milliseconds that nothing sets back, for intervals. @internal */
  elapsed?: (() => number) | undefined;
}

/** @internal */
type ResolvedCompositeLoggerOptions = WithDefaults<CompositeLoggerOptions, "startTimeoutMs" | "now" | "elapsed">;

const schema = () =>
  z.strictObject({
    startTimeoutMs: startTimeoutField(),
    onBackendFailed: callback<(failure: BackendFailure) => void>(
      "Called once for each backend, at its first failure. What it throws is ignored.",
    ).optional(),
    onPointRefused: callback<(refused: RefusedPoint) => void>(
      "Called with a record that no backend gets, once for each name and reason. What it throws is ignored.",
    ).optional(),
    onMetrics: callback<(metrics: Metrics, step: number) => void>(
      "Called with the valid points of every `logMetrics` call, after the backends. The object belongs to the caller of `logMetrics`: copy what is kept. What it throws is ignored.",
    ).optional(),
    now: withFallback(callback<() => number>("The time in milliseconds since 1970.", { internal: true }), () => Date.now),
    elapsed: withFallback(
      callback<() => number>("A time in milliseconds that nothing sets back, for intervals.", { internal: true }),
      () => uptime,
    ),
  });

/** @internal */
export const CompositeLoggerOptions: z.ZodType<ResolvedCompositeLoggerOptions, CompositeLoggerOptions> = agreeing<
  ResolvedCompositeLoggerOptions,
  CompositeLoggerOptions
>()("What a CompositeLogger takes beside its backends.", schema);
