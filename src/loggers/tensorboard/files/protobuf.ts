const encoder = new TextEncoder();
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) into a buffer that grows.
 * Fields are written in the order of the calls, zero values like any other.
 */
export class ProtoWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** `capacity`: the expected number of bytes. */
  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** A safe integer (a negative one as int64) or a boolean. */
  varint(field: number, value: number | boolean): this {
    this.#tag(field, VARINT);
    this.#varint(Number(value));
    return this;
  }

  /** A 64-bit float. */
  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    this.#tag(field, FIXED32);
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  /** A packed list of 32-bit floats. */
  packedFloats(field: number, values: ArrayLike<number>): this {
    this.#header(field, values.length * 4);
    for (let index = 0; index < values.length; index += 1) {
      this.#view.setFloat32(this.#length, values[index] as number, true);
      this.#length += 4;
    }
    return this;
  }

  /** A packed list of 64-bit floats. */
  packedDoubles(field: number, values: ArrayLike<number>): this {
    this.#header(field, values.length * 8);
    for (let index = 0; index < values.length; index += 1) {
      this.#view.setFloat64(this.#length, values[index] as number, true);
      this.#length += 8;
    }
    return this;
  }

  /** A packed list of integers. */
  packedVarints(field: number, values: ArrayLike<number>): this {
    const packed = new ProtoWriter(values.length + 16);
    for (let index = 0; index < values.length; index += 1) packed.#varint(values[index] as number);
    return this.bytes(field, packed.finish());
  }

  /** A text, in UTF-8. */
  string(field: number, text: string): this {
    return this.bytes(field, encoder.encode(text));
  }

  /** Bytes. */
  bytes(field: number, data: Uint8Array): this {
    this.#header(field, data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
    return this;
  }

  /** A nested message: its bytes, or a function that writes it. */
  message(field: number, content: Uint8Array | ((writer: ProtoWriter) => void)): this {
    if (content instanceof Uint8Array) return this.bytes(field, content);
    const inner = new ProtoWriter();
    content(inner);
    return this.bytes(field, inner.finish());
  }

  /** The bytes so far, a view of the buffer: write nothing afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #header(field: number, length: number): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(length);
    this.#reserve(length);
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0) {
      this.#negative(value);
      return;
    }
    let rest = value;
    while (rest >= 0x80000000) {
      this.#bytes[this.#length] = (rest % 128) | 128;
      this.#length += 1;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#length] = (rest & 127) | 128;
      this.#length += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#bytes[this.#length] = Number(rest & 127n) | 128;
      this.#length += 1;
      rest >>= 7n;
    }
    this.#bytes[this.#length] = Number(rest);
    this.#length += 1;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
