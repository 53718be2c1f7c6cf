/**
 * The framing of event files, TensorFlow's TFRecord: u64 length, masked CRC-32C of the length, data, masked CRC-32C of the data;
 * little-endian (https://www.tensorflow.org/tutorials/load_data/tfrecord).
 */
import { fstatSync, readSync } from "node:fs";
import { maskedCrc32c } from "./crc32c.js";

/** Bytes before the data. */
export const HEADER_BYTES = 12;
/** Bytes after the data. */
export const FOOTER_BYTES = 4;
const CHUNK_BYTES = 1 << 20;
/** A larger record is not held in memory, and its checksum is not compared: both take seconds for hundreds of megabytes. */
const LARGE_BYTES = 16 << 20;
/** What is read of a large one: its step and its tag are at the beginning. */
const BEGINNING_BYTES = 64 << 10;

/** The masked CRC of short lengths, computed on first use: scalars have few different lengths. */
const lengthCrcs = new Float64Array(1024).fill(-1);
const lengthBytes = new Uint8Array(8);
const lengthView = new DataView(lengthBytes.buffer);

/** Frames the data at `start + HEADER_BYTES` to `end`, whose masked CRC is `crc`; the record ends at `end + FOOTER_BYTES`. */
export function sealRecord(view: DataView, start: number, end: number, crc: number): void {
  const length = end - start - HEADER_BYTES;
  view.setUint32(start, length, true);
  view.setUint32(start + 4, 0, true); // a record is never larger than 4 GiB
  let lengthCrc = length < lengthCrcs.length ? (lengthCrcs[length] as number) : -1;
  if (lengthCrc === -1) lengthCrc = crcOfLength(length);
  view.setUint32(start + 8, lengthCrc, true);
  view.setUint32(end, crc, true);
}

function crcOfLength(length: number): number {
  lengthView.setUint32(0, length, true);
  const crc = maskedCrc32c(lengthBytes, 0, 8);
  if (length < lengthCrcs.length) lengthCrcs[length] = crc;
  return crc;
}

/** The bytes of one record: `data` with its frame. */
export function frameRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + data.length + FOOTER_BYTES);
  bytes.set(data, HEADER_BYTES);
  sealRecord(new DataView(bytes.buffer), 0, HEADER_BYTES + data.length, maskedCrc32c(data, 0, data.length));
  return bytes;
}

/** A record that is whole in its file: views of a buffer that the next record overwrites. */
interface RawRecord {
  /** The record with its frame; null for a large one. */
  raw: Uint8Array | null;
  /** Of a large one, the beginning. */
  data: Uint8Array;
  /** False when the data does not match its checksum. */
  intact: boolean;
  /** Where the record begins in the file, and its size with its frame. */
  at: number;
  size: number;
}

/** Reads the whole records of an open file in order, a megabyte at a time, and stops where no whole one follows. */
export class RecordReader {
  readonly #fd: number;
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;
  #position = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** True when bytes follow the last whole record: a record was cut off, or its length is damaged. */
  get hasTail(): boolean {
    return this.#end > this.#start;
  }

  /** The next whole record, or null where there is none. */
  next(): RawRecord | null {
    if (!this.#has(HEADER_BYTES)) return null;
    const length = this.#view.getUint32(this.#start, true) + this.#view.getUint32(this.#start + 4, true) * 2 ** 32;
    const lengthCrc = this.#view.getUint32(this.#start + 8, true);
    if (lengthCrc !== maskedCrc32c(this.#bytes, this.#start, this.#start + 8)) return null;
    const size = HEADER_BYTES + length + FOOTER_BYTES;
    const at = this.#position - (this.#end - this.#start);
    if (length > LARGE_BYTES) return this.#nextLarge(at, size);
    if (!this.#has(size)) return null;
    const data = this.#bytes.subarray(this.#start + HEADER_BYTES, this.#start + HEADER_BYTES + length);
    const crc = this.#view.getUint32(this.#start + HEADER_BYTES + length, true);
    const raw = this.#bytes.subarray(this.#start, this.#start + size);
    this.#start += size;
    return { raw, data, intact: crc === maskedCrc32c(data, 0, length), at, size };
  }

  #nextLarge(at: number, size: number): RawRecord | null {
    if (at + size > fstatSync(this.#fd).size || !this.#has(HEADER_BYTES + BEGINNING_BYTES)) return null;
    const data = this.#bytes.subarray(this.#start + HEADER_BYTES, this.#start + HEADER_BYTES + BEGINNING_BYTES);
    this.#start = this.#end; // what is buffered is less than a large record
    this.#position = at + size;
    return { raw: null, data, intact: true, at, size };
  }

  /** Reads until `size` bytes are in the buffer; false at the end of the file. */
  #has(size: number): boolean {
    while (this.#end - this.#start < size) {
      if (this.#bytes.length - this.#start < size) this.#makeRoom(size);
      const count = readSync(this.#fd, this.#bytes, this.#end, this.#bytes.length - this.#end, this.#position);
      if (count === 0) return false;
      this.#position += count;
      this.#end += count;
    }
    return true;
  }

  /** Moves the unread bytes to the start of the buffer, which grows where a record is larger. */
  #makeRoom(size: number): void {
    const left = this.#bytes.subarray(this.#start, this.#end);
    const wanted = Math.min(Math.max(size, CHUNK_BYTES), left.length + CHUNK_BYTES * 64);
    const bytes = wanted > this.#bytes.length ? new Uint8Array(wanted) : this.#bytes;
    if (bytes === this.#bytes) bytes.copyWithin(0, this.#start, this.#end);
    else bytes.set(left);
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
