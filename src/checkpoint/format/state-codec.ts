import type { StateValue, TypedArray } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { exactJsonNumber, NOT_IN_JSON } from "../../support/json-number.js";
import { valueText } from "../../support/value-text.js";

type Constructor = { new (buffer: ArrayBuffer): TypedArray; readonly BYTES_PER_ELEMENT: number };

const ARRAYS: Readonly<Record<string, Constructor>> = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};

/** Deeper than any state is, and far from where the stack ends. */
const MAX_DEPTH = 500;

/**
 * A state value as JSON text, exactly: NaN, infinities, -0 and typed arrays survive, keys keep their order. A value that JSON
 * does not have is an object with the key `$`: `{ "$": "number", "value": "NaN" }`, `{ "$": "Float32Array", "base64": "…" }`;
 * an object that has such a key itself is `{ "$": "object", "entries": [[key, value], …] }`.
 * Throws `ERR_STATE` for anything that is not a `StateValue`, with its path.
 */
export function encodeState(value: StateValue): string {
  return JSON.stringify(encode(value, "run", new Set()));
}

/** The reverse of `encodeState`. Throws `ERR_CHECKPOINT_DAMAGED` for text that it did not write. */
export function decodeState(text: string): StateValue {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", "it is not JSON", { cause: error });
  }
  return decode(parsed, 0);
}

function encode(value: unknown, path: string, above: Set<object>): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    const encoded = exactJsonNumber(value);
    return typeof encoded === "number" ? encoded : { $: "number", value: encoded };
  }
  if (typeof value !== "object") throw stateError(path, typeof value);
  if (ArrayBuffer.isView(value)) return encodeArray(value, path);
  if (above.has(value)) throw stateError(path, "a value that contains itself");
  if (above.size >= MAX_DEPTH) throw stateError(path, `more than ${MAX_DEPTH} objects, one inside the other`);
  above.add(value);
  const encoded = Array.isArray(value)
    ? Array.from(value, (item, index) => encode(item, `${path}[${index}]`, above))
    : encodeObject(value, path, above);
  above.delete(value);
  return encoded;
}

function encodeArray(value: ArrayBufferView, path: string): unknown {
  const type = (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "";
  if (!Object.hasOwn(ARRAYS, type)) throw stateError(path, type);
  return { $: type, base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
}

function encodeObject(value: object, path: string, above: Set<object>): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw stateError(path, `a ${value.constructor.name}`);
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, encode(item, `${path}.${key}`, above)]);
  return Object.hasOwn(value, "$") ? { $: "object", entries } : Object.fromEntries(entries);
}

function stateError(path: string, found: string): TrainscopeError {
  return new TrainscopeError(
    "ERR_STATE",
    `Found ${found}.\nA state consists of null, booleans, numbers, strings, typed arrays, lists and plain objects.`,
    { path },
  );
}

function decode(value: unknown, depth: number): StateValue {
  if (value === null || typeof value !== "object") return value as StateValue;
  if (depth >= MAX_DEPTH) throw damaged(`it has more than ${MAX_DEPTH} objects, one inside the other`);
  if (Array.isArray(value)) return value.map((item) => decode(item, depth + 1));
  const object = value as Record<string, unknown>;
  if (Object.hasOwn(object, "$")) return decodeTagged(object, depth + 1);
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decode(item, depth + 1)]));
}

function decodeTagged(object: Record<string, unknown>, depth: number): StateValue {
  const { $: type, value, base64, entries } = object;
  if (type === "number" && NOT_IN_JSON.includes(value as string)) return Number(value);
  if (type === "object" && Array.isArray(entries) && entries.every(isEntry))
    return Object.fromEntries(entries.map(([key, item]) => [key, decode(item, depth)]));
  const array = typeof type === "string" && Object.hasOwn(ARRAYS, type) ? ARRAYS[type] : undefined;
  if (array === undefined || typeof base64 !== "string") throw damaged(`it has a value of an unknown kind, ${valueText(type)}`);
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength % array.BYTES_PER_ELEMENT !== 0) throw damaged(`it has a ${String(type)} of ${bytes.byteLength} bytes`);
  return new array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}

function isEntry(entry: unknown): entry is [string, unknown] {
  return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string";
}

function damaged(problem: string): TrainscopeError {
  return new TrainscopeError("ERR_CHECKPOINT_DAMAGED", problem);
}
