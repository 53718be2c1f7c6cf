import { isPromise } from "./promises.js";

/** True for an object of values by name: no list, map, set or typed array, and neither a promise nor a date, whose keys are not its content. */
export function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) return false;
  return !ArrayBuffer.isView(value) && !(value instanceof Date) && !isPromise(value);
}
