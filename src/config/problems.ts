import type { z } from "zod";
import { TrainscopeError } from "../support/errors.js";
import { ELSEWHERE } from "../support/elsewhere.js";
import { suggest } from "../support/nearest.js";
import { insteadOf } from "../support/option-keys.js";
import { modeProblems } from "./modes.js";
import { notBuilt } from "./not-built.js";
import type { Problem } from "./problem.js";
import { show } from "./show.js";
import { allowedOf, keysOf, nodeAt, pathText, placesOf, treeOf, type ConfigNode, type ConfigPath } from "./tree.js";

/** What a schema says of a value: the value with its defaults, or everything that is wrong with it. */
export type Checked<Out> = { value: Out; problems?: undefined } | { value?: undefined; problems: readonly Problem[] };

/** `value` checked by `schema`. `base` is the path of the value in the whole config; the paths of problems begin with it. */
export function check<Out, In>(schema: z.ZodType<Out, In>, value: unknown, base: ConfigPath = []): Checked<Out> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const tree = treeOf(schema);
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, tree, value, base)) };
}

/**
 * `value` by `schema`, with defaults filled in: what constructors and rules for one's own loop take. Left out, it is `{}`.
 * Throws one `TrainscopeError` that lists every problem: `ERR_CONFIG`, or `ERR_MODE_REQUIRED` for a `mode` that must be given.
 * The paths of the problems begin with `path`.
 */
export function parseConfig<Out, In>(schema: z.ZodType<Out, In>, value: NoInfer<In> | undefined, path = ""): Out {
  const given: unknown = value === undefined ? {} : value;
  const base = path === "" ? [] : path.split(".");
  const checked = check(schema, given, base);
  const problems = checked.problems ?? modeProblems(given, checked.value, base);
  if (checked.problems !== undefined || problems.length > 0) throw errorOf(problems);
  return checked.value;
}

const CODES: readonly Problem["code"][] = ["ERR_NOT_BUILT", "ERR_CONFIG", "ERR_MODE_REQUIRED"];

/** All problems as one error: parts that are not built first, then wrong values, then missing modes, each sorted by path. */
export function errorOf(problems: readonly Problem[]): TrainscopeError {
  const sorted = problems.map(({ code, path, message }) => ({ code, path: pathText(path), message })).toSorted(byCodeAndPath);
  const first = sorted[0] ?? { code: "ERR_CONFIG" as const, path: "", message: "The config is not valid." };
  const others = sorted
    .slice(1)
    .map(({ path, message }) => `at ${path === "" ? "the top" : path}\n  ${message.replaceAll("\n", "\n  ")}`);
  const more =
    others.length === 0 ? [] : [`${others.length} more problem${others.length === 1 ? "" : "s"} in this config:`, ...others];
  return new TrainscopeError(first.code, [first.message, ...more].join("\n"), {
    path: first.path === "" ? undefined : first.path,
  });
}

type Listed = Omit<Problem, "path"> & { path: string };

function byCodeAndPath(a: Listed, b: Listed): number {
  if (a.code !== b.code) return CODES.indexOf(a.code) - CODES.indexOf(b.code);
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.message < b.message ? -1 : 1;
}

/** For those who give the trainer what `model.compile` takes. */
const METRICS =
  '\nThe model computes its metrics: tfjsModel(tf, { model, metrics: ["accuracy"] }), or trainStep of a model of your own.';

/** The problem of a value that is not allowed at `path`. */
export function wrongValue(value: unknown, node: ConfigNode | null, path: ConfigPath): Problem {
  const refused = notBuilt(path, value);
  if (refused !== null) return { code: "ERR_NOT_BUILT", path, message: refused };
  const found = value === undefined ? "Nothing is given." : `Found ${show(value, path)}.`;
  const near = typeof value === "string" && node?.enum !== undefined ? `\n${suggest(value, node.enum).split("\n")[0]}` : "";
  const inText = node?.codeOnly === true && typeof value === "string" ? "\nA text cannot be one: give it in code." : "";
  const hint = near.startsWith("\nNearest") ? near : Array.isArray(value) && pathText(path) === "metrics" ? METRICS : inText;
  return { code: "ERR_CONFIG", path, message: `${found} Allowed: ${allowedOf(node)}.${hint}` };
}

/** The problem of a key that `node` does not have. `tree` is searched for the places that have it. */
export function unknownKey(key: string, node: ConfigNode | null, tree: ConfigNode, path: ConfigPath): Problem {
  const refused = notBuilt(path);
  if (refused !== null) return { code: "ERR_NOT_BUILT", path, message: refused };
  return {
    code: "ERR_CONFIG",
    path,
    message: `There is no key "${key}" here.\n${unknownKeyText(key, keysOf(node), placesOf(tree, key))}`,
  };
}

/** What other tools' keys are here is said without the list of all keys, which would hide it. */
function unknownKeyText(key: string, known: readonly string[], places: readonly string[]): string {
  if (places.length > 0) return `It exists at ${places.join(" and at ")}.\n${suggest(key, known)}`;
  return insteadOf(key, known, ELSEWHERE) ?? suggest(key, known);
}

/** Unknown keys of one object that are named, each with its nearest: a file of something else has thousands. */
const MAX_UNKNOWN = 100;

function problemsOf(issue: z.core.$ZodIssue, tree: ConfigNode, root: unknown, base: ConfigPath): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const node = nodeAt(tree, issue.path);
    const at = [...base, ...issue.path];
    const more = issue.keys.length - MAX_UNKNOWN;
    const rest: Problem[] =
      more <= 0 ? [] : [{ code: "ERR_CONFIG", path: at, message: `There are ${more} more keys that do not exist.` }];
    return [...issue.keys.slice(0, MAX_UNKNOWN).map((key) => unknownKey(key, node, tree, [...at, key])), ...rest];
  }
  if (issue.code === "invalid_union") {
    const form = isPlain(valueAt(root, issue.path)) ? closestForm(issue.errors) : null;
    if (form !== null) {
      return form.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, tree, root, base));
    }
  }
  const path = [...base, ...issue.path];
  const value = valueAt(root, issue.path);
  if (issue.code === "custom" && issue.message !== "Invalid input") {
    const found = value === undefined ? "" : `Found ${show(value, path)}. `;
    return [{ code: "ERR_CONFIG", path, message: `${found}${issue.message}` }];
  }
  return [wrongValue(value, nodeAt(tree, issue.path), path)];
}

/** Of the forms that a value may have, the one it nearly has: the only one whose problems are all inside of it. */
function closestForm(forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  const inner = forms.filter((issues) => issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"));
  return inner.length === 1 ? (inner[0] ?? null) : null;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
