/** The slow side of reading a step result: new shapes, and what is wrong with one. */
import type { DeferredScalar, StepResult, StepTimings } from "../contract/index.js";
import { TrainscopeError } from "../support/errors.js";
import { suggest } from "../support/nearest.js";
import { checkName } from "../support/metric-names.js";
import { isRecord } from "../support/records.js";
import { valueText } from "../support/value-text.js";
import { isAmount, timingsProblem } from "./timings.js";

/** True for something with `read` and `dispose`. */
export function isDeferred(value: unknown): value is DeferredScalar {
  if (typeof value !== "object" || value === null) return false;
  const scalar = value as Partial<DeferredScalar>;
  return typeof scalar.read === "function" && typeof scalar.dispose === "function";
}

const RESULT_KEYS: readonly string[] = [
  "loss",
  "metrics",
  "batchSize",
  "tokens",
  "timings",
  "updated",
  "outputs",
] satisfies (keyof StepResult)[];

/** `loss` and the names of the metrics, in the order of a result's keys. Checks the names, and the keys of the result itself. */
export function namesOf(result: StepResult, where: string): string[] {
  const unknown = Object.keys(result).find((key) => !RESULT_KEYS.includes(key));
  if (unknown !== undefined)
    throw stepResultError(`it has the key "${unknown}". ${suggest(unknown, RESULT_KEYS).slice(0, -1)}`, where);
  const names = ["loss"];
  const metrics: unknown = result.metrics;
  if (metrics === undefined) return names;
  if (!isRecord(metrics)) {
    throw stepResultError(`metrics is ${valueText(metrics)}: it must be an object of numbers or deferred scalars by name`, where);
  }
  for (const name in metrics) {
    if (name === "loss")
      throw stepResultError('metrics has a "loss", which is reported beside metrics already: name it otherwise', where);
    checkName(name, "metric");
    names.push(name);
  }
  return names;
}

const TIMING_KEYS: readonly string[] = ["forwardSeconds", "backwardSeconds", "optimizerSeconds"] satisfies (keyof StepTimings)[];

/** What is wrong with the values of a result that are no metrics; null where nothing is. Allocates nothing then. */
export function extrasProblem(result: StepResult): string | null {
  const { tokens, updated, timings } = result;
  if (tokens !== undefined && !isAmount(tokens)) return `tokens is ${valueText(tokens)}: it must be a number of at least 0`;
  if (updated !== undefined && typeof updated !== "boolean") return `updated is ${valueText(updated)}: it must be true or false`;
  return timings === undefined ? null : timingsProblem(timings, TIMING_KEYS);
}

/** Throws what is wrong with the frame of a result: no object, no loss, no batch size. */
export function refuseFrame(result: unknown, where: string): never {
  if (typeof result !== "object" || result === null) {
    throw stepResultError(`the step returned ${valueText(result)}: it must be { loss, batchSize, metrics? }`, where);
  }
  const { loss, batchSize } = result as Partial<StepResult>;
  if (typeof (result as { then?: unknown }).then === "function")
    throw stepResultError("the step result is a promise: await it first", where);
  if (loss === undefined)
    throw stepResultError(`there is no loss; found the keys ${Object.keys(result).join(", ") || "(none)"}`, where);
  throw stepResultError(
    `batchSize is ${valueText(batchSize)}: it must be the number of samples in the batch, positive and finite`,
    where,
  );
}

/** Throws what is wrong with one value of a result. */
export function refuseValue(name: string, value: unknown, where: string): never {
  throw stepResultError(`${name} is ${valueText(value)}: it must be a number or a deferred scalar { read, dispose }`, where);
}

export function stepResultError(message: string, where: string): TrainscopeError {
  return new TrainscopeError("ERR_STEP_RESULT", `The step result is refused: ${message}.`, { path: where });
}
