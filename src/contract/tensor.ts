/** The typed arrays that a tensor or a saved state may hold. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Element types by their names in the safetensors format (https://github.com/huggingface/safetensors): F float, I signed and U unsigned
 * integer with their bits; BOOL is one byte, 0 or 1.
 */
export type DType = "F32" | "F64" | "I64" | "I32" | "I16" | "I8" | "U8" | "U16" | "U32" | "BOOL";

/** A dense tensor in row-major order. */
export interface Tensor {
  /** The size of each dimension, the slowest first; empty for a scalar. */
  shape: readonly number[];
  /** The type of its elements. */
  dtype: DType;
  /** The elements: as many as the product of `shape`, in the typed array of `dtype` (BOOL in a Uint8Array). */
  data: TypedArray;
}

/** A parameter or gradient whose values are read only when they are needed. */
export interface NamedTensor {
  /** Its name in the model: `dense_1/kernel`. */
  name: string;
  /** The size of each dimension, the slowest first. */
  shape: readonly number[];
  /** The type of its elements. */
  dtype: DType;
  /** Its elements now, in row-major order; waits for the device, or returns a promise. The caller does not change them. */
  read(): TypedArray | Promise<TypedArray>;
}

/** Weights or optimizer state by name, as a checkpoint holds them. */
export type StateTree = Readonly<Record<string, Tensor>>;

/**
 * What a hook, loader or decider may store in a checkpoint: null, booleans, numbers, strings, typed arrays, and lists and objects of them.
 * It comes back equal to the bit: NaN, infinities, -0 and the kind of a typed array survive.
 */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | TypedArray
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };

/**
 * Pixels in rows from top to bottom, channels last. The type of `data` says what its values mean: integers are 0 to 255, floats 0 to 1.
 * An image with a value outside of that range, or NaN, is refused.
 */
export interface ImageData {
  /** Pixels in a row. */
  width: number;
  /** How many rows of pixels the image has. */
  height: number;
  /** Values per pixel: 1 grey, 3 RGB, 4 RGB and alpha. */
  channels: 1 | 3 | 4;
  /**
   * `height × width × channels` values: integers 0 to 255 in an array of any integer type (a mask of 0 and 1 in a Uint8Array is black), or
   * floats 0 to 1 in a Float32Array or Float64Array. Of pixels from -1 to 1, give `(x + 1) / 2`; of floats to 255, `Uint8Array.from(x)`.
   */
  data: Exclude<TypedArray, BigInt64Array | BigUint64Array>;
}
