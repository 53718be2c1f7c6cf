/**
 * State values as JSON text, exactly: NaN, infinities, -0 and typed arrays survive, keys keep their order. What JSON has
 * no word for is an object with the key `$`: `{ "$": "number", "value": "NaN" }`, `{ "$": "Float32Array", "base64": "…" }`;
 * an object that has such a key itself is `{ "$": "object", "entries": [[key, value], …] }`.
 */
import type { StateValue, TypedArray } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";

type Constructor = { new (buffer: ArrayBuffer): TypedArray };

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

/** Throws `ERR_STATE` for anything that is not a `StateValue`, naming where it is. */
export function encodeState(value: StateValue): string {
  return JSON.stringify(encode(value, "run", new Set()));
}

/** Throws `ERR_CHECKPOINT_DAMAGED` for what `encodeState` did not write. */
export function decodeState(text: string): StateValue {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", "it is not JSON", { cause: error });
  }
  return decode(parsed);
}

/** A number as JSON can hold it: itself, or its name. */
export function encodeNumber(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function encode(value: unknown, path: string, above: Set<object>): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    const encoded = encodeNumber(value);
    return typeof encoded === "number" ? encoded : { $: "number", value: encoded };
  }
  if (typeof value !== "object") throw refused(path, typeof value);
  if (ArrayBuffer.isView(value)) return encodeArray(value, path);
  if (above.has(value)) throw refused(path, "a value that holds itself");
  above.add(value);
  const encoded = Array.isArray(value)
    ? Array.from(value, (item, index) => encode(item, `${path}[${index}]`, above))
    : encodeObject(value, path, above);
  above.delete(value);
  return encoded;
}

function encodeArray(value: ArrayBufferView, path: string): unknown {
  const type = (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "";
  if (!Object.hasOwn(ARRAYS, type)) throw refused(path, type);
  return { $: type, base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
}

function encodeObject(value: object, path: string, above: Set<object>): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw refused(path, `a ${value.constructor.name}`);
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, encode(item, `${path}.${key}`, above)]);
  return Object.hasOwn(value, "$") ? { $: "object", entries } : Object.fromEntries(entries);
}

function refused(path: string, found: string): TrainscopeError {
  return new TrainscopeError(
    "ERR_STATE",
    `Found ${found}.\nA state is made of null, booleans, numbers, strings, typed arrays, lists and plain objects.`,
    { path },
  );
}

function decode(value: unknown): StateValue {
  if (value === null || typeof value !== "object") return value as StateValue;
  if (Array.isArray(value)) return value.map(decode);
  const object = value as Record<string, unknown>;
  if (Object.hasOwn(object, "$")) return decodeTagged(object);
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decode(item)]));
}

function decodeTagged(object: Record<string, unknown>): StateValue {
  const { $: type, value, base64, entries } = object;
  if (type === "number" && typeof value === "string") return Number(value);
  if (type === "object" && Array.isArray(entries)) {
    return Object.fromEntries((entries as [string, unknown][]).map(([key, item]) => [key, decode(item)]));
  }
  const array = typeof type === "string" && Object.hasOwn(ARRAYS, type) ? ARRAYS[type] : undefined;
  if (array === undefined || typeof base64 !== "string") {
    throw new TrainscopeError("ERR_CHECKPOINT_DAMAGED", `it has a value of the unknown kind ${JSON.stringify(type)}`);
  }
  const bytes = Buffer.from(base64, "base64");
  return new array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}
