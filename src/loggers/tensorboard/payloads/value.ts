/** What the payloads share: the `tensorflow.Summary.Value` of a plugin (TensorFlow's `summary.proto`), and the tensors in it. */
import { ProtoWriter } from "../files/protobuf.js";

/** The `dtype` numbers of TensorFlow. */
const DataType = { float: 1, double: 2, int32: 3, uint8: 4, string: 7 } as const;

/** How TensorBoard stores the values of a plugin: each as a tensor, or as a list of byte strings. */
export const DataClass = { tensor: 2, blobs: 3 } as const;

interface PluginValue {
  tag: string;
  plugin: string;
  /** The plugin's own metadata, where it has any. */
  content?: Uint8Array | undefined;
  dataClass: (typeof DataClass)[keyof typeof DataClass];
  /** From `stringTensor` or `numberTensor`. */
  tensor: Uint8Array;
}

/** The bytes of the Summary.Value. */
export function pluginValue({ tag, plugin, content, dataClass, tensor }: PluginValue): Uint8Array<ArrayBuffer> {
  const value = new ProtoWriter(tensor.length + tag.length * 3 + 128);
  value.string(1, tag).bytes(8, tensor);
  value.message(9, (metadata) => {
    metadata.message(1, (data) => {
      data.string(1, plugin);
      if (content !== undefined) data.bytes(2, content);
    });
    metadata.varint(4, dataClass);
  });
  return value.finish();
}

/** A tensor of strings, given as text or bytes; one with the shape [] holds a single string. */
export function stringTensor(shape: readonly number[], strings: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const size = strings.reduce((sum, item) => sum + item.length * (typeof item === "string" ? 3 : 1) + 12, 64);
  const tensor = tensorOf(DataType.string, shape, size);
  for (const item of strings) {
    if (typeof item === "string") tensor.string(8, item);
    else tensor.bytes(8, item);
  }
  return tensor.finish();
}

/** A tensor of numbers in row-major order; its type is that of the array. */
export function numberTensor(
  shape: readonly number[],
  values: Float32Array | Float64Array | Int32Array | Uint8Array,
): Uint8Array<ArrayBuffer> {
  return tensorOf(dataTypeOf(values), shape, values.byteLength + 64)
    .bytes(4, littleEndian(values))
    .finish();
}

function tensorOf(dataType: number, shape: readonly number[], capacity: number): ProtoWriter {
  return new ProtoWriter(capacity).varint(1, dataType).message(2, shapeOf(shape));
}

/** A TensorShapeProto; null is an unknown size. */
export function shapeOf(shape: readonly (number | null)[]): Uint8Array<ArrayBuffer> {
  const proto = new ProtoWriter(shape.length * 8 + 8);
  for (const size of shape) proto.message(2, (dimension) => dimension.varint(1, size ?? -1));
  return proto.finish();
}

function dataTypeOf(values: Float32Array | Float64Array | Int32Array | Uint8Array): number {
  if (values instanceof Float32Array) return DataType.float;
  if (values instanceof Float64Array) return DataType.double;
  return values instanceof Int32Array ? DataType.int32 : DataType.uint8;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(values: Float32Array | Float64Array | Int32Array | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (IS_LITTLE_ENDIAN || values.BYTES_PER_ELEMENT === 1) return bytes;
  const swapped = Buffer.from(bytes);
  return values.BYTES_PER_ELEMENT === 8 ? swapped.swap64() : swapped.swap32();
}
