import { messageOf } from "../support/errors.js";
import { jsonNumber } from "../support/json-number.js";
import { isLoggerBackend, isProcessGroup } from "./instances.js";
import { HIDDEN, isSecretKey, redactText } from "./secrets.js";

export { redactText } from "./secrets.js";

/** A tree that JSON can hold. */
export type PlainTree = null | boolean | number | string | readonly PlainTree[] | { readonly [key: string]: PlainTree };

const MAX_DEPTH = 20;
/** Values that one line of a log may hold in all. */
const MAX_LOGGED = 5000;
/** Values that a config may hold, and that are searched for secrets before a record goes to the backends. */
const MAX_SEARCHED = 100_000;

/** The state of one walk through a value. */
interface Walk {
  /** The objects that the current value is in, so that a cycle ends. */
  readonly above: object[];
  /** How many values may still come. */
  left: number;
  /** True where something was hidden or not searched: the original must not be written. */
  differs: boolean;
  /** Instances are named (a config is compared and read back); else their fields are written (a log is read by people). */
  readonly namesInstances: boolean;
}

/**
 * `config` as a tree that can be written down. Values of secret keys and secrets inside of texts are `***`, numbers that JSON lacks are
 * strings, functions and instances are their names: `[class LossAlarm]`, `[LoggerBackend memory]`. Never throws.
 */
export function redactConfig(config: unknown): PlainTree {
  return plain(config, { above: [], left: MAX_SEARCHED, differs: false, namesInstances: true });
}

/**
 * A record of a log as JSON can hold it, without secrets (as `redactConfig` hides them). Errors keep name, message, code, stack, cause
 * and `errors`; typed arrays and sets are lists, maps and instances are objects. At most 5000 values in 20 levels are kept; a mark
 * says how many more there were. Never throws: what cannot be read is a mark too.
 */
export function redactRecord(record: unknown): PlainTree {
  return plain(record, { above: [], left: MAX_LOGGED, differs: false, namesInstances: false });
}

/** `record` itself where nothing in it is secret; else, and where it is too large to be searched, a copy as `redactRecord` makes it. */
export function withoutSecrets<T>(record: T): T {
  const walk: Walk = { above: [], left: MAX_SEARCHED, differs: false, namesInstances: false };
  const tree = plain(record, walk);
  return walk.differs ? (tree as T) : record;
}

function plain(value: unknown, walk: Walk): PlainTree {
  walk.left--;
  switch (typeof value) {
    case "string":
      return plainText(value, walk);
    case "number":
      return jsonNumber(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : enter(value, walk);
    case "undefined":
      return null;
    case "function":
      return functionName(value);
    default:
      return String(value);
  }
}

function plainText(text: string, walk: Walk): string {
  const shown = redactText(text);
  if (shown !== text) walk.differs = true;
  return shown;
}

function enter(value: object, walk: Walk): PlainTree {
  if (walk.above.includes(value)) return "[circular]";
  if (walk.above.length >= MAX_DEPTH) return skipped("[nested too deep]", walk);
  walk.above.push(value);
  try {
    return contents(value, walk);
  } catch (error) {
    return skipped(unreadable(error), walk);
  } finally {
    walk.above.pop();
  }
}

function contents(value: object, walk: Walk): PlainTree {
  if (Array.isArray(value)) return list(value, walk);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof URL) return plainText(value.href, walk);
  if (value instanceof Error) return errorRecord(value, walk);
  const name = walk.namesInstances ? nameOfInstance(value) : null;
  if (name !== null) return name;
  if (value instanceof DataView || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (ArrayBuffer.isView(value)) return list(value as unknown as ArrayLike<number>, walk);
  if (value instanceof Set) return list([...value], walk);
  if (value instanceof Map) return mapRecord(value, walk);
  return objectRecord(value, walk);
}

function list(items: ArrayLike<unknown>, walk: Walk): PlainTree {
  const kept: PlainTree[] = [];
  for (let i = 0; i < items.length; i++) {
    if (walk.left <= 0) {
      kept.push(skipped(`[${items.length - i} more]`, walk));
      break;
    }
    kept.push(plain(items[i], walk));
  }
  return kept;
}

type Tree = Record<string, PlainTree>;

function objectRecord(value: object, walk: Walk): PlainTree {
  const tree: Tree = {};
  const keys = Object.keys(value);
  for (let i = 0; i < keys.length; i++) {
    if (isFull(tree, keys.length - i, walk)) break;
    const key = keys[i] as string;
    let item: unknown;
    try {
      item = (value as Record<string, unknown>)[key];
    } catch (error) {
      item = skipped(unreadable(error), walk);
    }
    put(tree, key, item, walk);
  }
  return tree;
}

function mapRecord(map: ReadonlyMap<unknown, unknown>, walk: Walk): PlainTree {
  const tree: Tree = {};
  let left = map.size;
  for (const [key, item] of map) {
    if (isFull(tree, left--, walk)) break;
    put(tree, String(key), item, walk);
  }
  return tree;
}

const ERROR_FIELDS = ["name", "message", "code", "stack", "cause", "errors"] as const;

function errorRecord(error: Error & { code?: unknown; errors?: unknown }, walk: Walk): PlainTree {
  const tree: Tree = {};
  for (const field of ERROR_FIELDS) put(tree, field, error[field], walk);
  searchRest(error, walk);
  return tree;
}

/** Fields that an error has besides (a request with its headers) are not written; where they may hold a secret, the error itself must not be either. */
function searchRest(error: Error, walk: Walk): void {
  for (const [key, item] of Object.entries(error)) {
    if ((ERROR_FIELDS as readonly string[]).includes(key)) continue;
    if (typeof item === "object" && item !== null) walk.differs = true;
    else put({}, key, item, walk);
  }
}

function put(tree: Tree, key: string, item: unknown, walk: Walk): void {
  if (item === undefined) return;
  let value: PlainTree;
  if (item !== null && typeof item !== "boolean" && isSecretKey(key)) {
    value = HIDDEN;
    if (item !== HIDDEN) walk.differs = true;
  } else value = plain(item, walk);
  const name = plainText(key, walk);
  // Defined, not assigned: the key is data, whatever it means in JavaScript.
  if (name === "__proto__") Object.defineProperty(tree, name, { value, enumerable: true, configurable: true, writable: true });
  else tree[name] = value;
}

/** True, with a mark in `tree`, where no more values may come; `more` is how many keys are left. */
function isFull(tree: Tree, more: number, walk: Walk): boolean {
  if (walk.left > 0) return false;
  tree["[more]"] = more;
  walk.differs = true;
  return true;
}

function skipped(mark: string, walk: Walk): string {
  walk.differs = true;
  return mark;
}

function unreadable(error: unknown): string {
  return `[could not be read: ${redactText(messageOf(error))}]`;
}

function functionName(value: { readonly name: unknown }): string {
  const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
  return typeof value.name === "string" && value.name !== "" ? `[${kind} ${value.name}]` : `[${kind}]`;
}

/** `[LoggerBackend memory]`, `[LossAlarm]`, or null for a plain object. */
function nameOfInstance(value: object): string | null {
  if (isLoggerBackend(value)) return `[LoggerBackend ${value.name}]`;
  if (isProcessGroup(value)) return `[ProcessGroup rank ${value.rank} of ${value.worldSize}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return null;
  const name = (prototype as { constructor?: { name?: string } }).constructor?.name ?? "";
  return name === "Object" ? null : `[${name === "" ? "object" : name}]`;
}
