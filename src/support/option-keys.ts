import { TrainscopeError } from "./errors.js";
import { suggest } from "./nearest.js";
import { valueText } from "./value-text.js";

/** What a value may be. */
export interface OptionCheck {
  /** In words, for the message: `Allowed: an integer of at least 1.` */
  readonly allowed: string;
  /** True for a value that is allowed; called for `undefined` only where the option must be given. */
  readonly accepts: (value: unknown) => boolean;
}

/** What one option may be, and its fallback where it is left out; without a fallback it must be given. */
type OptionRule<Fallback> = OptionCheck &
  ([Fallback] extends [never] ? { readonly fallback?: never } : { readonly fallback: Fallback });

/**
 * One rule for each key of `Options`: `withDefault` for those that `Filled` always has, `optional` or `required` for the others. One that
 * is missing or of the wrong kind does not compile.
 */
export type OptionRules<Options, Filled extends Options> = {
  readonly [Key in keyof Options]-?: OptionRule<FallbackOf<Options[Key], Filled[Key]>>;
};

type FallbackOf<Given, Filled> = undefined extends Given ? (undefined extends Filled ? undefined : Filled) : never;

/** A boolean. */
export const aFlag: OptionCheck = { allowed: "true or false", accepts: (value) => typeof value === "boolean" };

/** A text, which may be empty. */
export const aText: OptionCheck = { allowed: "a text", accepts: (value) => typeof value === "string" };

/** Any number, NaN and infinities too. */
export const aNumber: OptionCheck = { allowed: "a number", accepts: (value) => typeof value === "number" };

/** A function, whatever it takes. */
export const aFunction: OptionCheck = { allowed: "a function", accepts: (value) => typeof value === "function" };

/** A number of things: 1, 2, 3, … */
export const aCount: OptionCheck = {
  allowed: "an integer of at least 1",
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};

/** A number of things that were counted. */
export const aWholeNumber: OptionCheck = {
  allowed: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** An option that must be given. */
export function required(check: OptionCheck): OptionRule<never> {
  return check;
}

/** An option that is undefined where it is left out. */
export function optional(check: OptionCheck): OptionRule<undefined> {
  return { ...check, fallback: undefined };
}

/** An option that is `fallback` where it is left out. */
export function withDefault<Value>(check: OptionCheck, fallback: Value): OptionCheck & { readonly fallback: Value } {
  return { ...check, fallback };
}

/** What to do instead of giving a key that is known from other libraries, by the key in camel case. */
export type Instead = ReadonlyMap<string, string>;

/** What `instead` says of `key`, also where it is written in snake case; undefined where it is a `known` key in snake case. */
export function insteadOf(key: string, known: readonly string[], instead: Instead): string | undefined {
  const camelCase = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return known.includes(camelCase) ? undefined : instead.get(camelCase);
}

/** What `instead` says of `key`; else the nearest of the `known` keys. */
export function unknownKeyAdvice(key: string, known: readonly string[], instead: Instead): string {
  const advice = insteadOf(key, known, instead);
  return advice === undefined ? suggest(key, known) : `${advice}\nAvailable: ${known.join(", ")}.`;
}

/**
 * The options with their defaults, for rooms that may not import the schemas of the config. Throws `ERR_CONFIG` at `<path>.<key>` for an
 * unknown key (with what `instead` says of it), a value that is not allowed, and a missing one that must be given; `undefined` counts as
 * left out.
 */
export function checkedOptions<Options extends object, Filled extends Options>(
  given: Options,
  rules: OptionRules<Options, Filled>,
  path: string,
  instead: Instead = new Map(),
): Filled {
  const known = Object.keys(rules);
  if (Object.prototype.toString.call(given) !== "[object Object]")
    throw optionError(`${found(given)} Allowed: an object with the keys ${known.join(", ")}.`, path);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw optionError(`There is no key "${unknown}" here.\n${unknownKeyAdvice(unknown, known, instead)}`, `${path}.${unknown}`);
  const filled = Object.entries<OptionCheck & { fallback?: unknown }>(rules).map(([key, rule]) => {
    const value: unknown = (given as Record<string, unknown>)[key];
    if (value === undefined && "fallback" in rule) return [key, rule.fallback];
    if (rule.accepts(value)) return [key, value];
    throw optionError(`${found(value)} Allowed: ${rule.allowed}.`, `${path}.${key}`);
  });
  return Object.fromEntries(filled) as Filled;
}

function found(value: unknown): string {
  return value === undefined ? "Nothing is given." : `Found ${valueText(value)}.`;
}

function optionError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}
