import type { GenericTrainerConfig as GenericTrainerInput } from "../contract/index.js";
import { FORBIDDEN_KEYS, forbidden } from "./forbidden-keys.js";
import { GenericTrainerConfig } from "./generic-trainer.js";
import { notBuilt } from "./not-built.js";
import { parseText } from "./parse-text.js";
import type { Problem } from "./problem.js";
import { errorOf, unknownKey, wrongValue } from "./problems.js";
import { redactText } from "./secret-text.js";
import { show } from "./show.js";
import { allowedOf, childOf, isSection, keysOf, treeOf, type ConfigNode } from "./tree.js";

/** One parsed override. */
export interface Assignment {
  path: readonly string[];
  value: unknown;
}

/**
 * `config` with `key=value` overrides set, in order. `config` is not changed; what is not overridden stays the same objects.
 * A key is a dotted path; the schema says how its value is read: `runName=123` is a string, `logging.logEveryNSteps=10` a number,
 * `trainLoaderConfig.dataloaderWeights=[0.7,0.3]` a list. Throws one `TrainscopeError` that lists every problem.
 */
export function applyOverrides(config: GenericTrainerInput, overrides: readonly string[]): GenericTrainerInput {
  const { assignments, problems } = parseOverrides(overrides);
  if (problems.length > 0) throw errorOf(problems);
  const applied = assignAll(config, assignments);
  if (applied.problems.length > 0) throw errorOf(applied.problems);
  return applied.config;
}

/** `config` with what the assignments set, in order, and the problems of those that would replace something other than an object. */
export function assignAll(
  config: GenericTrainerInput,
  assignments: readonly Assignment[],
): { config: GenericTrainerInput; problems: Problem[] } {
  const problems: Problem[] = [];
  let current: unknown = config;
  const copies = new Set<unknown>();
  for (const { path, value } of assignments) {
    const problem = blocking(current, path);
    if (problem === null) current = assign(current, path, value, copies);
    else problems.push(problem);
  }
  return { config: current as GenericTrainerInput, problems };
}

/** What the overrides set, and what is wrong with them. */
export function parseOverrides(overrides: readonly string[]): { assignments: Assignment[]; problems: Problem[] } {
  const tree = treeOf(GenericTrainerConfig);
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  for (const override of overrides) {
    const parsed = parseOverride(override, tree);
    if ("message" in parsed)
      problems.push({ ...parsed, message: `${parsed.message}\nIn the override ${quoted(parsed, override)}.` });
    else assignments.push(parsed);
  }
  return { assignments, problems };
}

const MAX_SHOWN = 200;

/** The key of an override for its error. The error shows the value itself, without secrets. */
function quoted(problem: Problem, override: string): string {
  const key = redactText(override.split("=", 1)[0] ?? "");
  if (key.length > MAX_SHOWN) return JSON.stringify(`${key.slice(0, MAX_SHOWN)}…`);
  return JSON.stringify(problem.path.length === 0 ? key : `${key}=…`);
}

function parseOverride(override: string, tree: ConfigNode): Assignment | Problem {
  const equals = override.indexOf("=");
  const segments = override.slice(0, Math.max(equals, 0)).trim().split(".");
  if (equals <= 0 || segments.includes("")) {
    return {
      code: "ERR_CONFIG",
      path: [],
      message: "An override is key=value, with a dotted path as key: logging.logEveryNSteps=10.",
    };
  }
  const text = override.slice(equals + 1).trim();
  const place = locate(segments, tree);
  if ("message" in place) return place;
  const refused = notBuilt(place.path, text);
  if (refused !== null) return { code: "ERR_NOT_BUILT", path: place.path, message: refused };
  if (place.node.codeOnly === true) {
    return { code: "ERR_CONFIG", path: place.path, message: `Only code can give this. Allowed: ${allowedOf(place.node)}.` };
  }
  const parsed = parseText(text, place.node);
  return parsed === null ? wrongValue(text, place.node, place.path) : { path: place.path, value: parsed.value };
}

function locate(segments: readonly string[], tree: ConfigNode): { path: readonly string[]; node: ConfigNode } | Problem {
  let node = tree;
  for (const [index, key] of segments.entries()) {
    const path = segments.slice(0, index + 1);
    if (FORBIDDEN_KEYS.includes(key)) return forbidden(key, path);
    const child = childOf(node, key);
    if (child === null)
      return segments.length > 1 && index > 0 && keysOf(node).length === 0
        ? noKeys(node, path)
        : unknownKey(key, node, tree, path);
    if (node.nests === true) return nestedKey(segments, index);
    // In an object with free keys the rest of the path is one key: loader and metric names may have dots.
    if (!keysOf(node).includes(key)) return freeKey(segments, index, child);
    node = child;
  }
  return { path: segments, node };
}

/** A key in an object of objects with free keys: each part of the path is a key. */
function nestedKey(segments: readonly string[], from: number): { path: readonly string[]; node: ConfigNode } | Problem {
  const reserved = segments.slice(from).find((segment) => FORBIDDEN_KEYS.includes(segment));
  return reserved === undefined ? { path: segments, node: {} } : forbidden(reserved, segments);
}

function freeKey(
  segments: readonly string[],
  from: number,
  node: ConfigNode,
): { path: readonly string[]; node: ConfigNode } | Problem {
  const reserved = segments.slice(from).find((segment) => FORBIDDEN_KEYS.includes(segment));
  if (reserved !== undefined) return forbidden(reserved, segments);
  return { path: [...segments.slice(0, from), segments.slice(from).join(".")], node };
}

function noKeys(node: ConfigNode, path: readonly string[]): Problem {
  const above = path.slice(0, -1).join(".");
  return {
    code: "ERR_CONFIG",
    path,
    message: `${above} has no keys in it. Allowed: ${allowedOf(node)}. Set it as a whole: ${above}=…`,
  };
}

/** The problem of a value above the end of `path` that has no keys: an override of a key in it would drop the value itself. */
function blocking(target: unknown, path: readonly string[]): Problem | null {
  let value = target;
  for (const [index, key] of path.entries()) {
    if (value === undefined) return null;
    if (!isSection(value)) {
      const at = path.slice(0, index);
      const message = `Found ${show(value, at)}, where the override of ${path.join(".")} needs an object.\nMake it an object, or override it as a whole.`;
      return { code: "ERR_CONFIG", path: at, message };
    }
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return null;
}

/** A copy of `target` with `value` at `path`; everything off the path is shared with the original. What is in `copies` is no original, and is changed itself. */
function assign(target: unknown, path: readonly string[], value: unknown, copies: Set<unknown>): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: Record<string, unknown> = copies.has(target)
    ? (target as Record<string, unknown>)
    : isSection(target)
      ? { ...target }
      : {};
  copies.add(copy);
  copy[key] = assign(Object.hasOwn(copy, key) ? copy[key] : undefined, rest, value, copies);
  return copy;
}
