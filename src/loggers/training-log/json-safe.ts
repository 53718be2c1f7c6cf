/**
 * Values as JSON can hold them, without losing what JSON cannot say: non-finite numbers and big integers become
 * strings, errors their name, message, code, stack and cause, typed arrays lists. Secrets are hidden. Cycles end, and
 * a value that would fill the log is cut off.
 */
import { isSecretKey, redactText } from "../../config/redact.js";

export type JsonSafe = null | boolean | number | string | JsonSafe[] | { [key: string]: JsonSafe };

const HIDDEN = "***";
const MAX_DEPTH = 12;
/** Values that one record may hold in all. */
const MAX_VALUES = 5000;

/** What is known on the way down: the objects above, and how many values may still come. */
interface Walk {
  above: object[];
  left: number;
}

export function jsonSafe(value: unknown): JsonSafe {
  return safe(value, { above: [], left: MAX_VALUES });
}

function safe(value: unknown, walk: Walk): JsonSafe {
  walk.left--;
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "string":
      return redactText(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : descend(value, walk);
    case "undefined":
      return null;
    default:
      return typeof value === "function" ? `(function ${value.name})` : String(value);
  }
}

function descend(value: object, walk: Walk): JsonSafe {
  if (walk.above.includes(value)) return "(circular)";
  if (walk.above.length >= MAX_DEPTH) return "(nested too deep)";
  walk.above.push(value);
  const result = objectSafe(value, walk);
  walk.above.pop();
  return result;
}

function objectSafe(value: object, walk: Walk): JsonSafe {
  if (value instanceof Error) return errorSafe(value, walk);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof DataView || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  if (ArrayBuffer.isView(value)) return listSafe(value as unknown as ArrayLike<unknown>, walk);
  if (Array.isArray(value)) return listSafe(value, walk);
  if (value instanceof Set) return listSafe([...value], walk);
  if (value instanceof Map)
    return recordSafe(
      [...value].map(([key, item]): [string, unknown] => [String(key), item]),
      walk,
    );
  return recordSafe(Object.entries(value), walk);
}

function errorSafe(error: Error, walk: Walk): JsonSafe {
  const record: { [key: string]: JsonSafe } = { name: error.name, message: redactText(error.message) };
  if ("code" in error) record["code"] = safe(error.code, walk);
  if (error.stack !== undefined) record["stack"] = redactText(error.stack);
  if (error.cause !== undefined) record["cause"] = safe(error.cause, walk);
  return record;
}

function listSafe(list: ArrayLike<unknown>, walk: Walk): JsonSafe {
  const kept: JsonSafe[] = [];
  for (let i = 0; i < list.length; i++) {
    if (walk.left <= 0) return [...kept, `(${list.length - i} more)`];
    kept.push(safe(list[i], walk));
  }
  return kept;
}

function recordSafe(entries: readonly [string, unknown][], walk: Walk): JsonSafe {
  const record: { [key: string]: JsonSafe } = {};
  for (const [key, item] of entries) {
    if (item === undefined || walk.left <= 0) continue;
    const isHidden = typeof item === "string" && isSecretKey(key);
    // Defined, not assigned: a key `__proto__` is data here.
    const value = isHidden ? HIDDEN : safe(item, walk);
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return record;
}
