/** Checks of JSON that was stored: what is read back may have been written by another program. */
import * as checks from "./option-keys.js";
import { valueText } from "./value-text.js";

/** What is wrong with a value, as the end of a sentence with its path in it, or null. */
export type Shape = (value: unknown, path: string) => string | null;

/** One value that `check` accepts. */
export function is({ allowed, accepts }: checks.OptionCheck): Shape {
  return (value, path) => (accepts(value) ? null : problem(value, path, allowed));
}

/** An object that has these keys; others are not looked at. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  const keys = Object.keys(shapes);
  return (value, path) => {
    if (!isObject(value)) return problem(value, path, `an object with the keys ${keys.join(", ")}`);
    return first(keys, (key) => (shapes[key] as Shape)(own(value, key), path === "" ? key : `${path}.${key}`));
  };
}

/** An object with any keys, whose values have the same shape. */
export function recordOf(shape: Shape): Shape {
  return (value, path) => {
    if (!isObject(value)) return problem(value, path, "an object");
    return first(Object.keys(value), (key) => shape(value[key], `${path}[${JSON.stringify(key)}]`));
  };
}

/** A list whose items have the same shape. */
export function listOf(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return problem(value, path, "a list");
    return first([...value.keys()], (index) => shape(value[index], `${path}[${index}]`));
  };
}

/** A value that may also be null. */
export function orNull(shape: Shape): Shape {
  return (value, path) => (value === null ? null : shape(value, path));
}

/** A value that may also be missing: earlier versions did not store it. */
export function orMissing(shape: Shape): Shape {
  return (value, path) => (value === undefined ? null : shape(value, path));
}

/** Whatever JSON can hold: who reads it checks it. */
export const anything: Shape = is({ allowed: "a value", accepts: (value) => value !== undefined });

export const aText: Shape = is(checks.aText);

export const aFlag: Shape = is(checks.aFlag);

export const aNumber: Shape = is(checks.aNumber);

export const aWholeNumber: Shape = is(checks.aWholeNumber);

/** A finite number of at least 0: a duration, an amount. */
export const anAmount: Shape = is({
  allowed: "a number of at least 0",
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
});

/** One of these texts. */
export function oneOf(texts: readonly string[]): Shape {
  return is({ allowed: texts.map((text) => `"${text}"`).join(", "), accepts: (value) => texts.includes(value as string) });
}

function problem(value: unknown, path: string, allowed: string): string {
  const subject = path === "" ? "its content" : path;
  return value === undefined ? `${subject} is missing` : `${subject} is ${valueText(value)}; allowed: ${allowed}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function first<T>(items: readonly T[], problemOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = problemOf(item);
    if (found !== null) return found;
  }
  return null;
}
