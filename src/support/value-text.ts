import { isPromise } from "./promises.js";

const MAX_LENGTH = 80;

/**
 * What `value` is, in a few words for an error message: `"abc"`, `5`, `a list of 3`, `a Float32Array of 10`, `the class Adam`,
 * `an object with the keys a, b`. Cut at 80 characters. Never throws. Of an object only the keys are shown;
 * a string is shown as it is, so redact what may be a secret.
 */
export function valueText(value: unknown): string {
  const text = textOf(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return String(value);
  try {
    return typeof value === "function" ? functionText(value) : objectText(value);
  } catch {
    return `${typeof value === "function" ? "a function" : "an object"} that cannot be read`;
  }
}

function functionText(value: { readonly name: string }): string {
  const kind = isClass(value) ? "class" : "function";
  return value.name === "" ? `a ${kind} without a name` : `the ${kind} ${value.name}`;
}

/** True for a class, false for any other function. */
export function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isPromise(value)) return "a promise";
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === "Generator") return "a generator object";
  if (tag === "AsyncGenerator") return "an async generator object";
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name ?? "Object";
  if (name === "" || name === "Object") return keysText(Object.keys(value));
  const length = ArrayBuffer.isView(value) && "length" in value ? ` of ${String(value.length)}` : "";
  return `${/^[AEIOU]/i.test(name) ? "an" : "a"} ${name}${length}`;
}

function keysText(keys: readonly string[]): string {
  if (keys.length === 0) return "an object without keys";
  return `an object with the key${keys.length === 1 ? "" : "s"} ${keys.join(", ")}`;
}
