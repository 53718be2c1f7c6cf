import { messageOf } from "../support/errors.js";
import { jsonNumber } from "../support/json-number.js";
import { setOwn } from "../support/own.js";
import { functionName, hasToJson, nameOfInstance, type HasToJson } from "./instance-names.js";
import { redactText } from "./secret-text.js";
import { HIDDEN, secrecyOf, type Secrecy } from "./secrets.js";

export { redactText } from "./secret-text.js";

/** A tree that JSON can hold. */
export type PlainTree = null | boolean | number | string | readonly PlainTree[] | { readonly [key: string]: PlainTree };

const MAX_DEPTH = 20;
/** Values that a record or a config may hold in all. */
const MAX_VALUES = 100_000;

/** The state of one walk through a value. */
interface Walk {
  /** The objects that the current value is in, so that a cycle ends. */
  readonly above: object[];
  /** How many values may still come. */
  left: number;
  /** True where something was hidden or not searched: the original must not be written. */
  differs: boolean;
  /** How many of the keys above hide texts, and leave numbers (`tokens`). */
  hidesText: number;
  /** Instances are named (a config is compared and read back); else their fields are written (a log is read by people). */
  readonly namesInstances: boolean;
  /** How many errors the current value is in: their requests and sockets are named, not written. */
  inErrors: number;
}

function newWalk(namesInstances: boolean): Walk {
  return { above: [], left: MAX_VALUES, differs: false, hidesText: 0, namesInstances, inErrors: 0 };
}

/**
 * `config` as a tree that can be written down. Values of secret keys and secrets inside of texts are `***`, numbers that JSON lacks are
 * strings, functions and instances are their names: `[class LossAlarm]`, `[LoggerBackend memory]`. Never throws.
 */
export function redactConfig(config: unknown): PlainTree {
  return plain(config, newWalk(true));
}

/**
 * A record of a log as JSON can hold it, without secrets (as `redactConfig` hides them).
 * - Errors keep name, message, code, stack, cause, `errors` and their own fields; instances of classes in these are named.
 * - Typed arrays and sets are lists; maps are objects, or lists of pairs where a key is no text or number; what has `toJSON` is what that
 *   gives; other instances are objects of their fields.
 * - At most 100,000 values in 20 levels are kept; a mark says how many more there were.
 * - Never throws: what cannot be read is a mark too, and leaves the rest as it is.
 */
export function redactRecord(record: unknown): PlainTree {
  return plain(record, newWalk(false));
}

/** `record` itself where nothing in it is secret; else, and where it is too large to be searched, a copy as `redactRecord` makes it. */
export function withoutSecrets<T>(record: T): T {
  const walk = newWalk(false);
  const tree = plain(record, walk);
  return walk.differs ? (tree as T) : record;
}

function plain(value: unknown, walk: Walk): PlainTree {
  walk.left--;
  switch (typeof value) {
    case "string":
      return textValue(value, walk);
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
      return textValue(String(value), walk);
  }
}

function textValue(text: string, walk: Walk): string {
  return walk.hidesText > 0 && text !== "" ? hidden(text, walk) : plainText(text, walk);
}

function hidden(value: unknown, walk: Walk): string {
  if (value !== HIDDEN) walk.differs = true;
  return HIDDEN;
}

function plainText(text: string, walk: Walk): string {
  const shown = redactText(text);
  if (shown !== text) walk.differs = true;
  return shown;
}

function enter(value: object, walk: Walk): PlainTree {
  if (walk.above.includes(value)) return "[circular]";
  if (walk.above.length >= MAX_DEPTH) return skipped(`[nested deeper than ${MAX_DEPTH} levels]`, walk);
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
  if (value instanceof URL) return textValue(value.href, walk);
  if (value instanceof Error) return errorRecord(value, walk);
  const name = walk.namesInstances ? nameOfInstance(value) : null;
  if (name !== null) return name;
  if (value instanceof DataView || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Uint8Array && walk.hidesText > 0) return hidden(value, walk); // the bytes of a text
  if (ArrayBuffer.isView(value) && walk.inErrors > 0) return skipped(`[${value.byteLength} bytes]`, walk);
  if (ArrayBuffer.isView(value)) return list(value as unknown as ArrayLike<number>, walk);
  if (value instanceof Set) return list(firstOf(value, walk.left), walk, value.size);
  if (value instanceof Map) return mapRecord(value, walk);
  if (!walk.namesInstances && hasToJson(value)) return jsonOf(value, walk);
  return instanceMark(value, walk) ?? objectRecord(value, walk);
}

function list(items: ArrayLike<unknown>, walk: Walk, length = items.length): PlainTree {
  const kept: PlainTree[] = [];
  let before: unknown = null;
  for (let i = 0; i < length; i++) {
    if (walk.left <= 0) {
      kept.push(skipped(`[${length - i} more]`, walk));
      break;
    }
    const item = fieldOf(items, i, walk);
    kept.push(typeof item === "string" && isNamedSecret(before, item, length, walk) ? hidden(item, walk) : plain(item, walk));
    before = item;
  }
  return kept;
}

/** At most `count` of the values: a set may be too large to be copied. */
function firstOf(values: ReadonlySet<unknown>, count: number): unknown[] {
  const kept: unknown[] = [];
  for (const value of values) {
    if (kept.length >= count) break;
    kept.push(value);
  }
  return kept;
}

const HEADER_NAME = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?(?:api-key|auth-token|access-token))$/i;

/** True for a text whose name comes before it in the list: `["--token", x]`, `["Authorization", x]`, `["-u", "me:x"]`, `[["password", x]]`. */
function isNamedSecret(name: unknown, item: string, length: number, walk: Walk): boolean {
  if (typeof name !== "string" || name.length > 100 || (item.startsWith("-") && name.startsWith("-"))) return false;
  if (HEADER_NAME.test(name)) return true;
  if (name.startsWith("-"))
    // `--token=x` has its value in it
    return (
      !name.includes("=") && (secrecyOf(name) !== "none" || (/^(?:-u|--user|--proxy-user)$/.test(name) && item.includes(":")))
    );
  return length === 2 && Array.isArray(walk.above.at(-2)) && secrecyOf(name) === "all";
}

type Tree = Record<string, PlainTree>;

function objectRecord(value: object, walk: Walk): PlainTree {
  const tree: Tree = {};
  const keys = Object.keys(value);
  const valueSecrecy = secrecyOfValue(value as Record<string, unknown>);
  for (let i = 0; i < keys.length; i++) {
    if (isFull(tree, keys.length - i, walk)) break;
    const key = keys[i] as string;
    put(tree, key, fieldOf(value, key, walk), walk, key === "value" ? valueSecrecy : "none");
  }
  return tree;
}

/** What is hidden of the `value` beside a secret `name` or `key`: `{ name: "API_TOKEN", value: … }`. */
function secrecyOfValue(holder: Record<string, unknown>): Secrecy {
  if (!Object.hasOwn(holder, "value")) return "none";
  const isSecret = ["name", "key"].some((label) => {
    const name: unknown = Object.getOwnPropertyDescriptor(holder, label)?.value;
    return typeof name === "string" && secrecyOf(name) !== "none";
  });
  return isSecret ? "text" : "none";
}

/** One value of an object or a list: a getter that throws leaves the others as they are. */
function fieldOf(holder: object, key: string | number, walk: Walk): unknown {
  try {
    return (holder as Record<string | number, unknown>)[key];
  } catch (error) {
    return skipped(unreadable(error), walk);
  }
}

/** What `toJSON` gives, to every backend: the fields of the object itself are not searched. */
function jsonOf(value: HasToJson, walk: Walk): PlainTree {
  const json = value.toJSON();
  walk.differs = true;
  return json === value ? objectRecord(value, walk) : plain(json, walk);
}

/** An instance of which nothing, or, in an error, too much would be written: its name, or its text. */
function instanceMark(value: object, walk: Walk): PlainTree | null {
  if (walk.namesInstances) return null;
  if (value instanceof RegExp) return textValue(String(value), walk);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return plain(value.valueOf(), walk);
  const name = walk.inErrors > 0 || Object.keys(value).length === 0 ? nameOfInstance(value) : null;
  return name === null ? null : skipped(name, walk);
}

function mapRecord(map: ReadonlyMap<unknown, unknown>, walk: Walk): PlainTree {
  for (const key of map.keys()) if (typeof key !== "string" && typeof key !== "number") return pairsOf(map, walk);
  const tree: Tree = {};
  let left = map.size;
  for (const [key, item] of map) {
    if (isFull(tree, left--, walk)) break;
    put(tree, String(key), item, walk);
  }
  return tree;
}

const ERROR_FIELDS = ["name", "message", "code", "stack", "cause", "errors"] as const;

function pairsOf(map: ReadonlyMap<unknown, unknown>, walk: Walk): PlainTree {
  const pairs: PlainTree[] = [];
  let left = map.size;
  for (const [key, item] of map) {
    if (walk.left <= 0) {
      pairs.push(skipped(`[${left} more]`, walk));
      break;
    }
    left--;
    pairs.push([plain(key, walk), typeof key === "string" ? valueBelow(key, item, walk, "none") : plain(item, walk)]);
  }
  return pairs;
}

/** An error has fields that it does not enumerate. Its own (`errno`, `path`, a request with its headers) follow them. */
function errorRecord(error: Error, walk: Walk): PlainTree {
  const tree: Tree = {};
  const own = Object.keys(error).filter((key) => !(ERROR_FIELDS as readonly string[]).includes(key));
  const keys = [...ERROR_FIELDS, ...own];
  let left = keys.length;
  walk.inErrors++;
  for (const key of keys) {
    if (isFull(tree, left--, walk)) break;
    put(tree, key, fieldOf(error, key, walk), walk);
  }
  walk.inErrors--;
  return tree;
}

/** `atLeast`: what is hidden whatever the key says. */
function put(tree: Tree, key: string, item: unknown, walk: Walk, atLeast: Secrecy = "none"): void {
  if (item === undefined) return;
  const value = valueBelow(key, item, walk, atLeast);
  const name = plainText(key, walk);
  setOwn(tree, Object.hasOwn(tree, name) ? `${name}#${walk.left}` : name, value); // keys that differ in a secret, or in their type
}

function valueBelow(key: string, item: unknown, walk: Walk, atLeast: Secrecy): PlainTree {
  const secrecy = secrecyOf(key);
  const isMeasured = typeof item === "number" && !Number.isInteger(item); // `loss_token: 0.5`: no secret is a fraction
  if (secrecy === "all" && item !== null && !isMeasured) return hidden(item, walk);
  if ((secrecy === "none" && atLeast === "none") || isMeasured) return plain(item, walk);
  walk.hidesText++;
  const value = plain(item, walk);
  walk.hidesText--;
  return value;
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
