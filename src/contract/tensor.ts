/** Any typed array a tensor or a state may hold. */
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

/** Element types by their safetensors names. */
export type DType = "F32" | "F64" | "I64" | "I32" | "I16" | "I8" | "U8" | "U16" | "U32" | "BOOL";

/** A dense tensor in row-major order. */
export interface Tensor {
  shape: readonly number[];
  dtype: DType;
  data: TypedArray;
}

/** A parameter or gradient whose values are read only when someone asks. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  dtype: DType;
  read(): TypedArray | Promise<TypedArray>;
}

/** Weights or optimizer state by name. */
export type StateTree = Readonly<Record<string, Tensor>>;

/** What a hook, loader or decider may store in a checkpoint. NaN, infinities and -0 survive. */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | TypedArray
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };

/** Pixels in rows from top to bottom, channels last; floats are 0..1. */
export interface ImageData {
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  data: Uint8Array | Float32Array;
}
