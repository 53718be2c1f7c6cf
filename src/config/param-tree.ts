import type { ParamValue } from "../contract/index.js";
import { isPromise } from "../support/promises.js";
import { setOwn } from "../support/own.js";
import { printable } from "../support/printable.js";
import { redactConfig } from "./redact.js";

type Path = readonly (string | number)[];

/** What is wrong with one value of a tree of params. */
interface ParamProblem {
  /** The keys and positions that lead to it. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** What is allowed, and what to give in its place. */
  readonly message: string;
  /** True for a key without a value. */
  readonly isMissing: boolean;
}

/** Params by their flat names, and what of the tree is none. */
interface FlatParams {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly problems: readonly ParamProblem[];
}

const MAX_NAME = 250;
const MAX_DEPTH = 20;
/** Values in all, those in lists too: more are data. */
const MAX_VALUES = 10_000;
const ALLOWED = "Allowed: a string, a number, true, false, null, and lists and objects of these.";

interface Walk {
  readonly params: Record<string, ParamValue>;
  readonly problems: ParamProblem[];
  readonly above: object[];
  left: number;
}

/**
 * A tree of params as flat ones: nested keys are joined with dots, a list becomes JSON without secrets. What is no param is a problem of its
 * own, and leaves the others as they are. Secrets under a key's name are hidden by whoever writes the params.
 */
export function flatParams(tree: Readonly<Record<string, unknown>>): FlatParams {
  const walk: Walk = { params: {}, problems: [], above: [tree], left: MAX_VALUES };
  addEntries(tree, [], walk);
  return walk;
}

function addEntries(tree: Readonly<Record<string, unknown>>, path: Path, walk: Walk): void {
  for (const key of Object.keys(tree)) {
    const at = [...path, key];
    const problem = keyProblem(key, at);
    if (problem !== null) note(at, undefined, problem, walk);
    else add(tree[key], at, walk);
  }
}

function add(value: unknown, path: Path, walk: Walk): void {
  if (isList(value)) {
    if (isValid(value, path, walk)) put(JSON.stringify(redactConfig(value)), path, walk);
  } else if (isPlain(value) && Object.keys(value).length > 0) within(value, path, walk, () => addEntries(value, path, walk));
  else if (isPlain(value)) put("{}", path, walk);
  else if (isValid(value, path, walk)) put(value as ParamValue, path, walk);
}

function put(value: ParamValue, path: Path, walk: Walk): void {
  const name = path.join(".");
  if (Object.hasOwn(walk.params, name)) {
    const message = `There are two params called "${name}": one with dots in its key, and one in an object. Rename one of them.`;
    note(path, undefined, message, walk);
  } else setOwn(walk.params, name, value);
}

/** True for a scalar, and for a list of which each value is valid; else the problems are noted. */
function isValid(value: unknown, path: Path, walk: Walk): boolean {
  if (walk.left-- === 0) {
    const message = `The params hold more than ${MAX_VALUES} values. Params are settings: give data to the loaders, or log it as an artifact.`;
    note(path.slice(0, 1), undefined, message, walk);
  }
  if (walk.left < 0) return false;
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (isList(value)) return within(value, path, walk, () => areValid(value.entries(), path, walk)) ?? false;
  if (isPlain(value)) return within(value, path, walk, () => areValid(Object.entries(value), path, walk)) ?? false;
  note(path, value, `${ALLOWED}${insteadOf(value)}`, walk, value === undefined);
  return false;
}

function areValid(entries: Iterable<[string | number, unknown]>, path: Path, walk: Walk): boolean {
  let valid = true;
  for (const [key, value] of entries) valid = isValid(value, [...path, key], walk) && valid;
  return valid;
}

/** What `visit` gives inside of `holder`; undefined, with a problem, where it is in itself or too deep. */
function within<T>(holder: object, path: Path, walk: Walk, visit: () => T): T | undefined {
  const isCycle = walk.above.includes(holder);
  if (isCycle || walk.above.length > MAX_DEPTH) {
    const problem = isCycle ? "It holds itself, so it has no end." : `It is nested more than ${MAX_DEPTH} levels deep.`;
    note(path.slice(0, 3), undefined, `${problem} Make it flatter.`, walk);
    return undefined;
  }
  walk.above.push(holder);
  const result = visit();
  walk.above.pop();
  return result;
}

function note(path: Path, value: unknown, message: string, walk: Walk, isMissing = false): void {
  walk.problems.push({ path, value, message, isMissing });
}

function keyProblem(key: string, path: Path): string | null {
  if (key === "") return "A key of the params is empty. Give it a name.";
  if (key === "__proto__") return 'The key "__proto__" is never allowed: it reaches the prototype of an object. Rename it.';
  if (printable(key) !== key) return `The key "${printable(key)}" has characters that cannot be shown. Rename it.`;
  if (path.join(".").length <= MAX_NAME) return null;
  return `The name of this param has more than ${MAX_NAME} characters, with the keys that it is below. Shorten it.`;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null; // of another realm
}

function insteadOf(value: unknown): string {
  if (value === undefined) return " Leave the key out.";
  if (typeof value === "bigint") return " Give Number(value), or String(value).";
  if (typeof value === "function" || typeof value === "symbol") return " Give a name for it.";
  if (value instanceof Date) return " Give date.toISOString().";
  if (value instanceof Map) return " Give Object.fromEntries(map).";
  if (value instanceof Set) return " Give [...set].";
  if (isPromise(value)) return " Await it first.";
  if (ArrayBuffer.isView(value)) return " Give Array.from(values), or what says how they were made.";
  if ("dataSync" in (value as object)) return " Give the number in it: tensor.dataSync()[0].";
  return " Of an instance, give those of its values that tell runs apart.";
}
