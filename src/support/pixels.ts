import type { ImageData } from "../contract/index.js";

/** True for an array that can hold pixels: of integers that are 0 to 255, or of floats that are 0 to 1. */
export function isPixels(data: unknown): data is ImageData["data"] {
  if (!ArrayBuffer.isView(data) || data instanceof DataView) return false;
  return !(data instanceof BigInt64Array || data instanceof BigUint64Array);
}

/**
 * True for floats, which are 0 to 1; integers are 0 to 255, also where all of them are 0 or 1. The array's type decides, not its values.
 */
export function isFloatPixels(data: ImageData["data"]): boolean {
  return data[Symbol.toStringTag].startsWith("Float");
}
