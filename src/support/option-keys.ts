import { TrainscopeError } from "./errors.js";
import { suggest } from "./nearest.js";
import { valueText } from "./value-text.js";

/** What a value may be: in words for the message, and as a test. */
export interface OptionCheck {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
}

/** What one option may be, and what stands for it where it is left out; without `fallback` it must be given. */
export interface OptionRule<out Fallback> extends OptionCheck {
  readonly fallback?: Fallback;
}

/** One rule for each key of `Options`. Where one is missing, the call does not compile. */
export type OptionRules<Options> = { readonly [Key in keyof Options]-?: OptionRule<unknown> };

/** The options as they are used: every key is there, those left out with their fallback. */
export type FilledOptions<Options, Rules extends OptionRules<Options>> = {
  readonly [Key in keyof Options]-?: Exclude<Options[Key], undefined> | FallbackOf<Rules[Key]>;
};

type FallbackOf<Rule> = Rule extends OptionRule<infer Fallback> ? Fallback : never;

export const aFlag: OptionCheck = { allowed: "true or false", accepts: (value) => typeof value === "boolean" };

export const aFunction: OptionCheck = { allowed: "a function", accepts: (value) => typeof value === "function" };

export const aCount: OptionCheck = {
  allowed: "an integer of at least 1",
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
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
export function withDefault<Value>(check: OptionCheck, fallback: Value): OptionRule<Value> {
  return { ...check, fallback };
}

/**
 * The options with their defaults, for rooms that may not import the schemas of the config. Throws `ERR_CONFIG` at `<path>.<key>` for an
 * unknown key, a value that is not allowed, and a missing one that must be given; `undefined` counts as left out.
 */
export function checkedOptions<Options extends object, Rules extends OptionRules<Options>>(
  given: Options,
  rules: Rules,
  path: string,
): FilledOptions<Options, Rules> {
  const known = Object.keys(rules);
  if (typeof given !== "object" || given === null)
    throw optionError(`${found(given)} Allowed: an object with the keys ${known.join(", ")}.`, path);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw optionError(`There is no key "${unknown}" here.\n${suggest(unknown, known)}`, `${path}.${unknown}`);
  const filled = Object.entries<OptionRule<unknown>>(rules).map(([key, rule]) => {
    const value: unknown = (given as Record<string, unknown>)[key];
    if (value === undefined && "fallback" in rule) return [key, rule.fallback];
    if (rule.accepts(value)) return [key, value];
    throw optionError(`${found(value)} Allowed: ${rule.allowed}.`, `${path}.${key}`);
  });
  return Object.fromEntries(filled) as FilledOptions<Options, Rules>;
}

function found(value: unknown): string {
  return value === undefined ? "Nothing is given." : `Found ${valueText(value)}.`;
}

function optionError(message: string, path: string): TrainscopeError {
  return new TrainscopeError("ERR_CONFIG", message, { path });
}
