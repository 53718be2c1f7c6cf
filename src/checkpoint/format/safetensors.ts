/**
 * The safetensors format (https://github.com/huggingface/safetensors): 8 bytes header length (little-endian), a JSON header
 * padded with spaces, the tensors. Tensors with larger elements come first, so that each is aligned and can be read in
 * place; the header keeps the order in which they were given.
 */
import type { DType, StateTree, Tensor, TypedArray } from "../../contract/index.js";
import { TrainscopeError } from "../../support/errors.js";
import { suggest } from "../../support/nearest.js";
import { aText, recordOf } from "../../support/shape.js";
import { valueText } from "../../support/value-text.js";

type Constructor = { new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray; readonly name: string };

interface ElementType {
  bytes: number;
  /** The array that is read. */
  array: Constructor;
  /** Names of the arrays that may be written. */
  accepts: readonly string[];
}

const TYPES: Readonly<Record<DType, ElementType>> = {
  F64: { bytes: 8, array: Float64Array, accepts: ["Float64Array"] },
  I64: { bytes: 8, array: BigInt64Array, accepts: ["BigInt64Array"] },
  F32: { bytes: 4, array: Float32Array, accepts: ["Float32Array"] },
  I32: { bytes: 4, array: Int32Array, accepts: ["Int32Array"] },
  U32: { bytes: 4, array: Uint32Array, accepts: ["Uint32Array"] },
  I16: { bytes: 2, array: Int16Array, accepts: ["Int16Array"] },
  U16: { bytes: 2, array: Uint16Array, accepts: ["Uint16Array"] },
  I8: { bytes: 1, array: Int8Array, accepts: ["Int8Array"] },
  U8: { bytes: 1, array: Uint8Array, accepts: ["Uint8Array", "Uint8ClampedArray"] },
  BOOL: { bytes: 1, array: Uint8Array, accepts: ["Uint8Array", "Uint8ClampedArray", "Int8Array"] },
};

/** As the safetensors library: a header is never larger. */
const MAX_HEADER_BYTES = 100_000_000;

/** One file before it is written: its size, its header, and the offset of each tensor. */
export interface Layout {
  bytes: number;
  header: Uint8Array;
  tensors: readonly { data: TypedArray; offset: number }[];
}

/** Lays out a file. Throws `ERR_STATE` for a value that is not a tensor, with its name. */
export function layOut(state: StateTree, metadata?: Readonly<Record<string, string>>): Layout {
  const names = Object.keys(state);
  for (const name of names) checkTensor(name, state[name]);
  const placed = names
    .map((name) => ({ name, tensor: state[name] as Tensor }))
    .sort((a, b) => TYPES[b.tensor.dtype].bytes - TYPES[a.tensor.dtype].bytes);
  const offsets = new Map<string, number>();
  let end = 0;
  for (const { name, tensor } of placed) {
    offsets.set(name, end);
    end += tensor.data.byteLength;
  }
  const entries = names.map((name): [string, unknown] => {
    const { dtype, shape, data } = state[name] as Tensor;
    const start = offsets.get(name) ?? 0;
    return [name, { dtype, shape, data_offsets: [start, start + data.byteLength] }];
  });
  if (metadata !== undefined) entries.unshift(["__metadata__", metadata]);
  const header = headerBytes(JSON.stringify(Object.fromEntries(entries)));
  const tensors = placed.map(({ name, tensor }) => ({
    data: tensor.data,
    offset: header.byteLength + (offsets.get(name) ?? 0),
  }));
  return { bytes: header.byteLength + end, header, tensors };
}

/** Copies a laid-out file into `target`: one memcpy a tensor. */
export function fill(layout: Layout, target: Uint8Array): void {
  target.set(layout.header, 0);
  for (const { data, offset } of layout.tensors) {
    target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  }
}

function headerBytes(json: string): Uint8Array {
  const text = Buffer.from(json, "utf8");
  if (text.byteLength > MAX_HEADER_BYTES - 64)
    throw new TrainscopeError(
      "ERR_STATE",
      `The names and shapes of the tensors take ${text.byteLength} bytes; the format allows ${MAX_HEADER_BYTES}.`,
    );
  const padded = Math.ceil((8 + text.byteLength) / 64) * 64 - 8;
  const bytes = Buffer.alloc(8 + padded, " ");
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(bytes, 8);
  return bytes;
}

function checkTensor(name: string, tensor: Partial<Tensor> | undefined): void {
  const problem = name === "__metadata__" ? "the format reserves this name" : tensorProblem(tensor);
  if (problem !== null) throw new TrainscopeError("ERR_STATE", `The tensor "${name}" cannot be saved: ${problem}.`);
}

function tensorProblem(tensor: Partial<Tensor> | undefined): string | null {
  if (typeof tensor !== "object" || tensor === null) return "it is not { shape, dtype, data }";
  const { shape, dtype, data } = tensor;
  if (typeof dtype !== "string" || !Object.hasOwn(TYPES, dtype)) {
    return `its dtype is ${JSON.stringify(dtype)}. ${suggest(String(dtype), Object.keys(TYPES)).replace(/\.$/, "")}`;
  }
  const found = ArrayBuffer.isView(data) ? data[Symbol.toStringTag] : typeof data;
  if (!TYPES[dtype].accepts.includes(found)) return `its dtype is ${dtype} and its data is ${found}`;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    return `its shape is ${JSON.stringify(shape)}`;
  }
  const count = elements(shape as readonly number[]);
  const length = (data as TypedArray).length;
  return count === length ? null : `its shape [${shape.join(", ")}] is ${count} elements and its data has ${length}`;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The contents of a file. The tensors are views on its bytes. */
interface DecodedFile {
  tensors: StateTree;
  metadata: Readonly<Record<string, string>>;
}

/** Reads a file back. Throws `ERR_CHECKPOINT_DAMAGED` with the reason. */
export function decode(bytes: Uint8Array): DecodedFile {
  const header = parseHeader(bytes);
  const data = bytes.subarray(header.end);
  const { __metadata__: given = {}, ...entries } = header.entries;
  const metadata = metadataOf(given);
  const tensors = Object.entries(entries).map(([name, entry]) => ({ name, ...decodeTensor(name, entry, data) }));
  checkPlaces(tensors, data.byteLength);
  checkUnique(header.text, entries, metadata);
  return { tensors: Object.fromEntries(tensors.map(({ name, tensor }) => [name, tensor])), metadata };
}

/** The size of a file up to the end of its header, from its first 8 bytes. Throws `ERR_CHECKPOINT_DAMAGED` for an impossible one. */
export function headerEnd(start: Uint8Array): number {
  const length = Buffer.from(start.buffer, start.byteOffset, 8).readBigUInt64LE(0);
  if (length > BigInt(MAX_HEADER_BYTES)) throw formatError(`its header would have ${length} bytes`);
  return 8 + Number(length);
}

/** The size of a whole file, from its beginning up to the end of its header or further. Throws `ERR_CHECKPOINT_DAMAGED`. */
export function declaredBytes(start: Uint8Array): number {
  const { entries, end } = parseHeader(start);
  const ends = Object.values(entries).map((entry) => (entry as { data_offsets?: [unknown, unknown] } | null)?.data_offsets?.[1]);
  return end + Math.max(0, ...ends.filter((place) => Number.isSafeInteger(place)).map(Number));
}

function parseHeader(bytes: Uint8Array): { entries: Record<string, unknown>; text: string; end: number } {
  if (bytes.byteLength < 8) throw formatError(`it has ${bytes.byteLength} bytes and no header`);
  const end = headerEnd(bytes);
  if (end > bytes.byteLength) throw formatError(`its header would have ${end - 8} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + 8, end - 8).toString("utf8");
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw formatError("its header is not JSON", error);
  }
  if (typeof entries !== "object" || entries === null || Array.isArray(entries))
    throw formatError("its header is not a JSON object");
  return { entries: entries as Record<string, unknown>, text, end };
}

/**
 * `JSON.parse` keeps the last of several equal names. Each tensor has one key "data_offsets", so that there are as many of these as
 * tensors; in a name or text the quotation mark before it is escaped.
 */
function checkUnique(text: string, tensors: object, metadata: object): void {
  const key = "data_offsets";
  const named = [tensors, metadata].filter((record) => Object.hasOwn(record, key)).length;
  const found = text.match(/[{,]\s*"data_offsets"\s*:/g)?.length ?? 0;
  if (found !== Object.keys(tensors).length + named) throw formatError("its header has two tensors of one name");
}

function metadataOf(metadata: unknown): Readonly<Record<string, string>> {
  const found = recordOf(aText)(metadata, "__metadata__");
  if (found !== null) throw formatError(found);
  return metadata as Readonly<Record<string, string>>;
}

/** A tensor, and where its data begins. */
interface Placed {
  tensor: Tensor;
  start: number;
}

function decodeTensor(name: string, entry: unknown, data: Uint8Array): Placed {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== "string" || !Object.hasOwn(TYPES, dtype)) {
    const known = suggest(String(dtype), Object.keys(TYPES));
    throw formatError(`the tensor ${JSON.stringify(name)} has the dtype ${valueText(dtype)}. ${known}`);
  }
  const type = TYPES[dtype as DType];
  const [start, end, ...more] = sizes(offsets);
  const dimensions = sizes(shape);
  const count = elements(dimensions);
  const fits = start !== undefined && end !== undefined && more.length === 0 && end <= data.byteLength;
  if (!fits || end - start !== count * type.bytes) {
    const found = `${dtype} [${dimensions.join(", ")}]`;
    throw formatError(`the tensor ${JSON.stringify(name)} (${found}) does not match its offsets ${JSON.stringify(offsets)}`);
  }
  const place = data.subarray(start, end);
  const aligned = place.byteOffset % type.bytes === 0 ? place : new Uint8Array(place);
  const array = new type.array(aligned.buffer, aligned.byteOffset, count);
  return { tensor: { dtype: dtype as DType, shape: dimensions, data: array }, start };
}

/** The tensors lie one behind the other, from the first byte to the last: none shares bytes with another, and none is left out. */
function checkPlaces(tensors: readonly (Placed & { name: string })[], bytes: number): void {
  let end = 0;
  for (const { name, tensor, start } of tensors.toSorted(
    (a, b) => a.start - b.start || a.tensor.data.length - b.tensor.data.length,
  )) {
    if (start !== end)
      throw formatError(`the tensor ${JSON.stringify(name)} begins at byte ${start}, and the one before it ends at ${end}`);
    end += tensor.data.byteLength;
  }
  if (end !== bytes) throw formatError(`the header describes ${end} bytes of tensors, the file has ${bytes}`);
}

function sizes(value: unknown): number[] {
  const good = Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (!good) throw formatError(`its header has ${valueText(value)} where sizes are expected`);
  return value as number[];
}

function formatError(problem: string, cause?: unknown): TrainscopeError {
  return new TrainscopeError("ERR_CHECKPOINT_DAMAGED", problem, { cause });
}
