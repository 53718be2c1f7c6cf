import { z } from "zod";
import { agreeing, field, instance, levelField, withFallback } from "../../config/fields.js";
import type { LogLevel, WithDefaults } from "../../contract/index.js";
import type { LineStream } from "../../support/text-output.js";

/** Where a `ConsoleBackend` writes its lines, and which of them. */
export interface ConsoleBackendOptions {
  /**
   * The stream that lines are written to. It is never ended; when it breaks, lines are dropped and counted.
   * @default process.stdout
   */
  stream?: LineStream | undefined;
  /** Whether lines are colored. Left out: on a terminal, unless the environment variable NO_COLOR is set. */
  color?: boolean | undefined;
  /**
   * The least level that is shown: "debug" adds every metric, params, tags, artifacts and events to "info"; "warn" shows warnings
   * and errors only.
   * @default "info"
   */
  level?: LogLevel | undefined;
}

/** @internal */
type ResolvedConsoleBackendOptions = WithDefaults<ConsoleBackendOptions, "stream" | "level">;

const schema = () =>
  z.strictObject({
    stream: withFallback(
      instance<LineStream>(
        isStream,
        "an object with a `write` method",
        "The stream that lines are written to. It is never ended; when it breaks, lines are dropped and counted.",
        { default: "process.stdout" },
      ),
      () => process.stdout,
    ),
    color: field(
      z.boolean().optional(),
      "Whether lines are colored. Left out: on a terminal, unless the environment variable NO_COLOR is set.",
    ),
    level: levelField(
      'The least level that is shown: "debug" adds every metric, params, tags, artifacts and events to "info"; "warn" shows warnings and errors only.',
    ),
  });

/** @internal */
export const ConsoleBackendOptions: z.ZodType<ResolvedConsoleBackendOptions, ConsoleBackendOptions> = agreeing<
  ResolvedConsoleBackendOptions,
  ConsoleBackendOptions
>()("What a ConsoleBackend takes.", schema);

function isStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { write?: unknown }).write === "function";
}
