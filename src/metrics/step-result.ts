/** The slow side of reading a step result: new shapes, and what is wrong with one. */
import type { DeferredScalar, StepResult } from "../contract/index.js";
import { checkName } from "../data/index.js";
import { TrainscopeError } from "../support/errors.js";

/** True for something with `read` and `dispose`. */
export function isDeferred(value: unknown): value is DeferredScalar {
  if (typeof value !== "object" || value === null) return false;
  const scalar = value as Partial<DeferredScalar>;
  return typeof scalar.read === "function" && typeof scalar.dispose === "function";
}

/** `loss` and the names of the metrics, in the order of a result's keys. Checks the names. */
export function namesOf(result: StepResult, where: string): string[] {
  const names = ["loss"];
  const metrics: unknown = result.metrics;
  if (metrics === undefined) return names;
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics) || metrics instanceof Map) {
    throw stepFault(`metrics is ${shown(metrics)}: it must be an object of numbers or deferred scalars by name`, where);
  }
  for (const name in metrics) {
    if (name === "loss") throw stepFault('metrics has a "loss", which is reported beside metrics already', where);
    checkName(name, "metric");
    names.push(name);
  }
  return names;
}

/** Throws what is wrong with the frame of a result: no object, no loss, no batch size. */
export function refuseFrame(result: unknown, where: string): never {
  if (typeof result !== "object" || result === null) {
    throw stepFault(`the step returned ${shown(result)}: it must be { loss, batchSize, metrics? }`, where);
  }
  const { loss, batchSize } = result as Partial<StepResult>;
  if (typeof (result as { then?: unknown }).then === "function")
    throw stepFault("the step result is a promise: await it first", where);
  if (loss === undefined)
    throw stepFault(`there is no loss; found the keys ${Object.keys(result).join(", ") || "(none)"}`, where);
  throw stepFault(`batchSize is ${shown(batchSize)}: it must be the number of samples in the batch, positive and finite`, where);
}

export function refuseValue(name: string, value: unknown, where: string): never {
  throw stepFault(`${name} is ${shown(value)}: it must be a number or a deferred scalar { read, dispose }`, where);
}

function stepFault(message: string, where: string): TrainscopeError {
  return new TrainscopeError("ERR_STEP_RESULT", `The step result is refused: ${message}.`, { path: where });
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) return "an array";
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  if (name === undefined || name === "Object") return `an object with the keys ${Object.keys(value).join(", ") || "(none)"}`;
  return `a ${name}`;
}
