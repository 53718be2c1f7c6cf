import { z } from "zod";
import type { AggregationStrategy, LogLevel, MinDelta, Mode, TensorBoardLayout } from "../contract/index.js";
import { printable } from "../support/printable.js";
import { homeProblem } from "../support/user-path.js";

/** What a schema cannot express: read by errors, the JSON Schema, the reference and the generated types. */
export interface FieldDoc {
  description?: string;
  /** A default that depends on other keys, so that the schema does not fill it in by itself. */
  default?: unknown;
  /** What is allowed, in words, where it cannot be derived from the schema. */
  allowed?: string;
  /** True where only code can give the value, so that no file has it. */
  codeOnly?: true;
  /** A seam for this package's own tests: in no declaration, no reference and no list of available keys. */
  internal?: true;
  /** True for an object whose free keys hold objects again: a dotted path leads through them. */
  nests?: true;
  /** Its TypeScript type, where the public types have a name for it. */
  tsType?: string;
}

type More = Omit<FieldDoc, "description">;

/** Descriptions are kept beside the schemas: zod's own `.describe` would clone each schema at import. */
export const fieldDocs: z.core.$ZodRegistry<FieldDoc> = z.registry<FieldDoc>();

/** `schema` with its one-line description, and more where the schema cannot say it. */
export function field<S extends z.ZodType>(schema: S, description: string, more: More = {}): S {
  fieldDocs.add(schema, { ...more, description } as never);
  return schema;
}

type Same<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;
type Agreement<S, Out, In> =
  Same<z.output<S>, Out> extends true
    ? Same<z.input<S>, In> extends true
      ? unknown
      : { "the schema and the interface differ in what they take": z.input<S> }
    : { "the schema and the interface differ in what they give": z.output<S> };

/**
 * A schema typed by its interfaces. It does not compile where schema and interface differ, in either direction.
 * It is built on first use: building all schemas would take half of the time that importing this package takes.
 */
export function agreeing<Out, In>(): <S extends z.ZodType>(
  description: string,
  build: () => S & Agreement<S, Out, In>,
) => z.ZodType<Out, In> {
  return (description, build) => z.lazy(() => field(build(), description)) as unknown as z.ZodType<Out, In>;
}

/** A function of the user's: a listener, a factory, a clock. Only code can give it. */
export function callback<F extends (...args: never[]) => unknown>(description: string, more: More = {}): z.ZodType<F, F> {
  const isFunction = z.custom<F>((value) => typeof value === "function");
  return field(isFunction, description, { allowed: "a function", codeOnly: true, ...more });
}

/** An object of the user's that is passed on as it is. `allowed` says in words what `is` looks for. Only code can give it. */
export function instance<T>(
  is: (value: unknown) => boolean,
  allowed: string,
  description: string,
  more: More = {},
): z.ZodType<T, T> {
  return field(z.custom<T>(is), description, { allowed, codeOnly: true, ...more });
}

/**
 * `schema`, or `fallback()` where nothing is given. For functions and instances: a default of zod's own would be written into the
 * JSON Schema, which cannot hold them. The field's `default` says it in words.
 */
export function withFallback<T>(
  schema: z.ZodType<T, T>,
  fallback: () => T,
): z.ZodPipe<z.ZodOptional<z.ZodType<T, T>>, z.ZodTransform<T, T | undefined>> {
  return schema.optional().transform((given) => given ?? fallback());
}

/** An integer of at least `min`. */
export function count(min = 1): z.ZodInt {
  return z.int().min(min);
}

/** An integer of milliseconds of at least `min`, and at most what a timer of Node counts: a longer one would fire at once. */
export function milliseconds(min = 1): z.ZodInt {
  return count(min).max(2 ** 31 - 1);
}

export function flag(fallback: boolean): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(fallback);
}

export function text(): z.ZodString {
  return z.string().min(1);
}

/** A user's directory or file. It is not resolved here, so that a config can be shown and compared: `userPath` does it in constructors. */
export function directory(): z.ZodString {
  return text().refine((path) => homeProblem(path) === null, { error: ({ input }) => homeProblem(String(input)) ?? undefined });
}

export function mode(): z.ZodEnum<{ [M in Mode]: M }> {
  return z.enum(["min", "max"]);
}

export function aggregation(): z.ZodEnum<{ [A in AggregationStrategy]: A }> {
  return z.enum(["weightedAverage", "simpleAverage", "sum", "max", "min"]);
}

/** A text of one line, without characters that a terminal or a page would not show. */
export function line(max: number): z.ZodString {
  return text().refine((value) => value.length <= max && printable(value) === value, {
    error: () => `Allowed: one line of at most ${max} characters that can be shown.`,
  });
}

// Fields that several configs share.

export function monitorField(fallback: string): z.ZodDefault<z.ZodString> {
  return field(
    text().default(fallback),
    "The metric to watch, by its monitor name: val/loss, train/accuracy, val/<loader>/loss.",
  );
}

export function modeField(): z.ZodDefault<z.ZodEnum<{ [M in Mode]: M }>> {
  return field(
    mode().default("min"),
    'Whether lower ("min") or higher ("max") is better. Must be given for a metric named like accuracy, or, in the config of a trainer, declared "max" in metrics.directions.',
  );
}

export function minDeltaField(fallback: number): z.ZodDefault<z.ZodType<MinDelta, MinDelta>> {
  const relative = field(z.number().min(0).lt(1), "The share of the best value's absolute value, from 0 to below 1.");
  const given = z.union([z.number().min(0), z.strictObject({ relative })]) as unknown as z.ZodType<MinDelta, MinDelta>;
  return field(
    given.default(fallback),
    "A change counts as an improvement only when it is larger than this: a number, or { relative: 0.01 } for 1 % of the best value's absolute value.",
    { allowed: "a number of at least 0, or { relative: a number of at least 0 and below 1 }", tsType: "MinDelta" },
  );
}

export function windowField(fallback: number, description: string): z.ZodDefault<z.ZodInt> {
  return field(count(2).default(fallback), description);
}

export function maxPendingScalarsField(): z.ZodDefault<z.ZodInt> {
  return field(count().default(256), "Steps whose deferred scalars may wait to be read; the next step drains them.");
}

export function paramFilterField(): z.ZodDefault<z.ZodReadonly<z.ZodArray<z.ZodString>>> {
  return field(
    z.array(text()).readonly().default([]),
    "Substrings of parameter names: only parameters whose name contains one of them are read; empty: all of them.",
  );
}

export function levelField(description: string): z.ZodDefault<z.ZodEnum<{ [L in LogLevel]: L }>> {
  return field(z.enum(["debug", "info", "warn", "error", "silent"]).default("info"), description);
}

export function startTimeoutField(): z.ZodDefault<z.ZodInt> {
  return field(
    milliseconds().default(5000),
    "Milliseconds that all backends together may take to start; the run then begins, and those that are late join when they are ready.",
  );
}

export function tensorboardLayoutField(): z.ZodDefault<z.ZodEnum<{ [L in TensorBoardLayout]: L }>> {
  return field(
    z.enum(["one", "phases", "loaders"]).default("one"),
    'How curves are split into TensorBoard runs: all in one, a run each for train and validation ("phases"), or below these one for each loader too.',
  );
}
